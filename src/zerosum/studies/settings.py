"""A study as its TOML file says it: recipes, images, a grid, seeds, a budget, a table."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe import SHORTHANDS, recipe_fields
from zerosum.recipe.fields import nearest
from zerosum.recipe.sections import ScoreName, Settings
from zerosum.studies.shipped import shipped_studies, shipped_text
from zerosum.suggest import did_you_mean

Value = str | int | float | bool | tuple[Any, ...]
"""What a field of a recipe may be set to."""
OWN_AXES = ("recipe", "data")
"""Axes that are no fields of a recipe."""
SCORES: tuple[str, ...] = get_args(ScoreName)
BUDGETS = ("images", "epochs", "schedule.images", "schedule.epochs")


class Range(Settings):
    """Values that a sampler draws from, instead of a list."""

    low: float
    high: float
    log: bool = Field(False, description="draw the logarithm evenly: for learning rates")
    whole: bool = Field(False, description="whole numbers only")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        if self.log and self.low <= 0:
            raise ValueError("log = true needs a low above 0")
        return self


class Change(Settings):
    """Fields that some of the cells set otherwise."""

    where: dict[str, Value] = Field(description="axes and their values, which all must hold")
    set: dict[str, Value] = Field(description="fields and their values there")


class Also(Settings):
    """One setting outside of the grid, such as another kind of network beside it."""

    name: str = Field(description="what the tables call it")
    recipe: str = ""
    data: str = ""
    set: dict[str, Value] = Field({}, description="fields and their values")


class Longer(Settings):
    """What is trained once more, for longer, when the grid is done."""

    best_of: tuple[str, ...] = Field(
        (), description="the best setting of each value of these axes; none: the best of all"
    )
    images: Annotated[int, Field(ge=0)] = 0
    epochs: Annotated[int, Field(ge=0)] = 0
    minutes: Annotated[float, Field(ge=0)] = 0.0

    @property
    def budget(self) -> str:
        """In words, such as "50 epochs"."""
        return budget_words(self.images, self.epochs, self.minutes)


class Table(Settings):
    """How the settings are laid out."""

    rows: tuple[str, ...] = Field((), description="axes down the side")
    columns: tuple[str, ...] = Field((), description="axes along the top")
    score: str = Field("fid", description="the score in the table, by which settings are ranked")

    @field_validator("score")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in SCORES:
            raise ValueError(f"is no score; choose from: {', '.join(SCORES)}")
        return value


class Published(Settings):
    """Numbers that somebody published for a setting, and how they were measured."""

    where: dict[str, Value] = Field({}, description="the axes and values of the setting")
    name: str = Field("", description="what it is, where no setting of the study is like it")
    scores: dict[str, float] = Field({}, description="by score")
    minutes: float | None = None
    protocol: str = Field(description="how it was measured, and where ours differs, in half a line")
    source: str = ""


class Study(Settings):
    """Many runs and what they are to tell."""

    name: str = Field(description="of its folder: the file's name without .toml")
    recipe: tuple[str, ...] = Field(min_length=1, description="shipped names or .toml files")
    data: tuple[str, ...] = Field((), description="names, folders or archives; none: the recipe's")
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field((0,), min_length=1)
    images: Annotated[int, Field(ge=0)] = Field(0, description="real images a cell")
    epochs: Annotated[int, Field(ge=0)] = Field(0, description="passes over the images a cell")
    minutes: Annotated[float, Field(ge=0)] = Field(0.0, description="training time a cell")
    settings: dict[str, Value] = Field({}, description="fields that all cells set")
    grid: dict[str, tuple[Value, ...] | Range] = Field({}, description="axes and their values")
    change: tuple[Change, ...] = ()
    also: tuple[Also, ...] = ()
    longer: Longer | None = None
    table: Table = Table()
    published: tuple[Published, ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """What the cells differ by, seeds aside: recipe and data where there are several, then the
        grid's, in its order."""
        own = [axis for axis in OWN_AXES if len(getattr(self, axis)) > 1]
        return (*own, *self.grid)

    @property
    def drawn(self) -> bool:
        """Whether an axis is a range, so that only a sampler can run the study."""
        return any(isinstance(values, Range) for values in self.grid.values())

    @property
    def budget(self) -> str:
        """In words, such as "25 epochs"; "as the recipe says" where the study says nothing."""
        return budget_words(self.images, self.epochs, self.minutes) or "as the recipe says"

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if sum(map(bool, (self.images, self.epochs, self.minutes))) > 1:
            raise ValueError("images, epochs and minutes are three ways to say it; keep one")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds has a number twice; leave one of them out")
        fields = [*self.settings, *self.grid]
        fields += [name for change in self.change for name in change.set]
        fields += [name for also in self.also for name in also.set]
        for name in fields:
            _require_field(name)
        for name, values in self.grid.items():
            if not values:
                raise ValueError(f"grid: {name} has no values; give a list such as [1, 2]")
            if name in self.settings:
                raise ValueError(f"{name} is in settings and in grid; keep one of them")
        for what, names in (
            ("table.rows", self.table.rows),
            ("table.columns", self.table.columns),
            ("change.where", [name for change in self.change for name in change.where]),
            ("longer.best_of", self.longer.best_of if self.longer else ()),
        ):
            for name in names:
                if name not in (*self.axes, *OWN_AXES):
                    hint = did_you_mean(name, list(self.axes))
                    there = f"the axes are: {', '.join(self.axes) or 'none'}"
                    raise ValueError(f"{what}: {name} is no axis of this study; {hint or there}")
        return self


def budget_words(images: int, epochs: int, minutes: float) -> str:
    """A budget as people say it; "" for none."""
    if images:
        return f"{images:,} images"
    if epochs:
        return f"{epochs} epochs"
    return f"{minutes:g} minutes" if minutes else ""


def load_study(name_or_path: str) -> Study:
    """A shipped study or a `.toml` file.

    Raises UsageError when there is none, ZerosumError when it says something wrong.
    """
    return parse_study(study_text(name_or_path), Path(name_or_path).stem, name_or_path)


def study_text(name_or_path: str) -> str:
    """The file of a study, with its comments."""
    if name_or_path in shipped_studies():
        return shipped_text(name_or_path)
    path = Path(name_or_path)
    if not path.is_file():
        hint = did_you_mean(name_or_path, shipped_studies())
        raise UsageError(
            f"there is no study {name_or_path!r}",
            hint or "`zerosum study list` lists the shipped ones; or give the path of a .toml file",
        )
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ZerosumError(
            f"cannot read {path}: {error.strerror or error}", "make the file readable for you"
        ) from error
    except UnicodeDecodeError as error:
        raise ZerosumError(f"{path} is not a text file: {error}", _START) from error


_START = "start from a shipped one: `zerosum study show bedroom-learning-rate --file > my.toml`"


def parse_study(text: str, name: str, origin: str) -> Study:
    """A study from its text; `origin` is what messages call it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ZerosumError(f"{origin} is not a TOML file: {error}", _START) from error
    try:
        return Study.model_validate({"name": name, **_normalised(content)})
    except ValidationError as error:
        raise ZerosumError(*_sentences(error, origin)) from error


def _normalised(content: Mapping[str, Any]) -> dict[str, Any]:
    """One name for a thing: lists where one value may stand, dotted names for nested tables."""
    tables = dict(content)
    if "recipes" in tables and "recipe" not in tables:
        tables["recipe"] = tables.pop("recipes")
    for key in ("recipe", "data", "seeds"):
        if key in tables and not isinstance(tables[key], list):
            tables[key] = [tables[key]]
    for key in ("settings", "grid"):
        if isinstance(tables.get(key), dict):
            tables[key] = _dotted(tables[key], ranges=key == "grid")
    for key in ("change", "also"):
        if isinstance(tables.get(key), list):
            tables[key] = [_with_dotted_set(each) for each in tables[key]]
    if isinstance(tables.get("published"), list):
        tables["published"] = [_published(each) for each in tables["published"]]
    if isinstance(tables.get("table"), dict):
        table = dict(tables["table"])
        for key in ("rows", "columns"):
            if isinstance(table.get(key), str):
                table[key] = [table[key]]
        tables["table"] = table
    longer = tables.get("longer")
    if isinstance(longer, dict) and isinstance(longer.get("best_of"), str):
        tables["longer"] = longer | {"best_of": [longer["best_of"]]}
    return tables


def _dotted(table: Mapping[str, Any], prefix: str = "", ranges: bool = False) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        is_range = ranges and isinstance(value, dict) and {"low", "high"} & set(value)
        if isinstance(value, dict) and not is_range:
            flat |= _dotted(value, f"{prefix}{name}.", ranges)
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _with_dotted_set(table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    return {
        key: _dotted(value) if key in ("set", "where") and isinstance(value, dict) else value
        for key, value in table.items()
    }


def _published(table: Any) -> Any:
    """Scores may stand beside `where`, as `fid = 76.55`."""
    if not isinstance(table, dict):
        return table
    scores = {name: value for name, value in table.items() if name in SCORES}
    others = {name: value for name, value in table.items() if name not in SCORES}
    others = _with_dotted_set(others)
    return others | {"scores": scores} if scores else others


def _require_field(name: str) -> None:
    fields = list(recipe_fields())
    if name not in fields and name not in SHORTHANDS:
        raise ValueError(f"there is no field {name}; {nearest(name, [*fields, *SHORTHANDS])}")
    if name in ("seed", "data.source", "data.fingerprint"):
        instead = {"seed": "seeds = [0, 1, 2]"}.get(name, 'data = "…"')
        raise ValueError(f"{name} is not set here; write {instead} at the top of the study")


def _sentences(error: ValidationError, origin: str) -> tuple[str, str]:
    """What is wrong with a study, and what to do."""
    errors = error.errors()
    # What is written as a table is meant as a range, not as a list that went wrong.
    ranges = (each for each in errors if isinstance(each["input"], dict) and _is_range(each))
    details = next(ranges, errors[0])
    parts = [str(part) for part in details["loc"]]
    name = ".".join(part for part in parts if "Range" not in part and "[" not in part)
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = message.replace("valid tuple", "list")
    if details["type"] == "extra_forbidden":
        last = str(details["loc"][-1])
        hint = did_you_mean(last, [*Study.model_fields, *Table.model_fields, *Longer.model_fields])
        return f"{origin}: there is no {name} in a study", hint or _START
    if details["type"] == "missing":
        return f"{origin} does not say {name}", f"{_example(name)}; or {_START}"
    what, _, remedy = message.partition("; ")
    if not name:
        return f"{origin}: {what}", remedy or _START
    return f"{origin}: {name} = {details['input']!r} is not allowed: {what}", remedy or _START


def _is_range(error: ErrorDetails) -> bool:
    return any("Range" in str(part) for part in error["loc"])


def _example(name: str) -> str:
    examples = {
        "recipe": 'add a line such as recipe = "dcgan"',
        "protocol": 'say how the published number was measured: protocol = "…"',
    }
    return examples.get(name.rpartition(".")[2], f"add {name}")
