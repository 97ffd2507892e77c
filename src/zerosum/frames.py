"""Rows of values as a table of pandas, for who has it installed (extra `pandas`)."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from zerosum.errors import ZerosumError

if TYPE_CHECKING:
    import pandas


def frame_of(rows: Sequence[Mapping[str, object]], index: str) -> "pandas.DataFrame":
    """A column for each name, in the order in which they come; `index` is one of them. What a row
    has not is NaN. Raises ZerosumError where pandas is not installed."""
    if find_spec("pandas") is None:
        raise ZerosumError(
            "a frame is a table of pandas, which is not installed",
            "install the extra: pip install 'zerosum[pandas]'",
        )
    import pandas

    columns = dict.fromkeys([index, *(name for row in rows for name in row)])
    return pandas.DataFrame(list(rows), columns=list(columns)).set_index(index)
