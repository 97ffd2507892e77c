"""Fields that name a part, of zerosum or of a file of the user's."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zerosum.suggest import did_you_mean

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True, eq=False)
class NameOf:
    """The values of a field that names a part: those of zerosum, and those of files."""

    kind: str
    names: Iterable[str]
    """A dictionary by name, in which files register theirs."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: "GetCoreSchemaHandler"
    ) -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self.names)}

    def _known(self, name: str) -> str:
        names = list(self.names)
        if name not in names:
            hint = did_you_mean(name, names)
            listed = f"choose from: {', '.join(names)}; one of " if names else ""
            raise ValueError(
                f"it is no {self.kind}; {hint + ' ' if hint else ''}{listed}"
                "yours comes from a file that --with names"
            )
        return name
