"""A study as its TOML file says it: recipes, images, a grid, seeds, a budget, a table."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zerosum.comparing.setting_words import OWN_AXES, Value
from zerosum.errors import UsageError
from zerosum.parts import owner
from zerosum.recipe.changes import budget_words
from zerosum.recipe.fields import SHORTHANDS, nearest, recipe_fields
from zerosum.recipe.scores import SCORES
from zerosum.recipe.sections import Settings
from zerosum.suggest import did_you_mean

SHORT = "with"
[FIELD] = SHORTHANDS[SHORT]
"""What files of parts are called in settings, however they were given."""
BUDGETS = ("images", "epochs", "schedule.images", "schedule.epochs")


def but_budget(fields: Mapping[str, Any], after: Collection[str]) -> dict[str, Any]:
    """Fields that others are to follow: without their budget, in whatever unit, where one of those
    is a budget too."""
    budgets = {*BUDGETS, "minutes"}
    replaced = budgets if budgets & {*after} else {}
    return {name: value for name, value in fields.items() if name not in replaced}


def _listed(value: Any) -> Any:
    """A list, where one value may stand for itself."""
    return value if isinstance(value, list | tuple) else [value]


def dotted(table: Any) -> Any:
    """Dotted names for the fields of nested tables; a range is a value."""
    if not isinstance(table, Mapping):
        return table
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping) and not {"low", "high"} & set(value):
            flat |= {f"{name}.{inner}": each for inner, each in dotted(value).items()}
        else:
            flat[name] = value
    return flat


def _one_of_ours(value: Any) -> Any:
    """Raise ValueError for another network, which cells have by a field of their recipes."""
    if value not in ("", "inception"):
        raise ValueError(
            "it is 'inception' or left out; for another network write "
            f'"evaluation.extractor" = "{value}" below [settings]'
        )
    return value


def by_field(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with files of parts under the name of their field alone. Raises UsageError where
    both names are used."""
    if SHORT in settings and FIELD in settings:
        raise UsageError(f"{SHORT} is short for {FIELD}, and both are set", "keep one of them")
    return {FIELD if name == SHORT else name: value for name, value in settings.items()}


Listed, Dotted = BeforeValidator(_listed), BeforeValidator(dotted)
Names = Annotated[tuple[str, ...], Listed]
Fields = Annotated[dict[str, Value], Dotted]


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

    where: Fields = Field(description="axes and their values, which all must hold")
    set: Fields = Field(description="fields and their values there")


class Also(Settings):
    """One setting outside of the grid, such as another kind of network beside it."""

    name: str = Field(description="what the tables call it")
    recipe: str = ""
    data: str = ""
    set: Fields = Field({}, description="fields and their values")


class Longer(Settings):
    """What is trained once more, for longer, when the grid is done."""

    best_of: Names = Field(
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

    rows: Names = Field((), description="axes down the side")
    columns: Names = Field((), description="axes along the top")
    score: str = Field("fid", description="the score in the table, by which settings are ranked")


class Published(Settings):
    """Numbers that somebody published for a setting, and how they were measured."""

    where: Fields = Field({}, description="the axes and values of the setting")
    name: str = Field("", description="what it is, where no setting of the study is like it")
    scores: dict[str, float] = Field({}, description="by score")
    minutes: float | None = None
    protocol: str = Field(description="how it was measured, and where ours differs, in half a line")
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _scores_beside_where(cls, table: Any) -> Any:
        """Scores may stand beside `where`, as `fid = 76.55`."""
        if not isinstance(table, Mapping) or not set(SCORES) & set(table):
            return table
        scores = {name: value for name, value in table.items() if name in SCORES}
        return {name: table[name] for name in table if name not in SCORES} | {"scores": scores}


class Study(Settings):
    """Many runs and what they are to tell."""

    name: str = Field(description="of its folder: the file's name without .toml")
    recipe: Names = Field(min_length=1, description="shipped names or .toml files")
    data: Names = Field((), description="names, folders or archives; none: the recipe's")
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Listed] = Field((0,), min_length=1)
    images: Annotated[int, Field(ge=0)] = Field(0, description="real images a cell")
    epochs: Annotated[int, Field(ge=0)] = Field(0, description="passes over the images a cell")
    minutes: Annotated[float, Field(ge=0)] = Field(0.0, description="training time a cell")
    extractor: Annotated[Literal["", "inception"], BeforeValidator(_one_of_ours)] = Field(
        "",
        description="feature network of all cells where its weights are on this machine; else that "
        "of the recipes, and the first lines say so",
    )
    settings: Annotated[Fields, AfterValidator(by_field)] = Field(
        {}, description="fields that all cells set"
    )
    grid: Annotated[dict[str, tuple[Value, ...] | Range], Dotted] = Field(
        {}, description="axes and their values"
    )
    change: tuple[Change, ...] = ()
    also: tuple[Also, ...] = ()
    longer: Longer | None = None
    table: Table = Table()
    preset: str = Field("", description="which of the file's presets it follows")
    published: tuple[Published, ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """What the cells differ by, seeds aside: recipe and data where there are several, then the
        grid's, in its order."""
        own = [axis for axis in OWN_AXES if len(getattr(self, axis)) > 1]
        return (*own, *self.grid)

    @property
    def choices(self) -> dict[str, tuple[Value, ...] | Range]:
        """All that a cell is chosen by: recipe, data, and the grid's lists and ranges."""
        return {"recipe": self.recipe, "data": self.data or ("",), **self.grid}

    @property
    def drawn(self) -> bool:
        """Whether an axis is a range, so that only a sampler can run the study."""
        return any(isinstance(values, Range) for values in self.grid.values())

    @property
    def budget(self) -> str:
        """In words, such as "25 epochs"; "as the recipe says" where the study says nothing."""
        return budget_words(self.images, self.epochs, self.minutes) or "as the recipe says"

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, tables: Any) -> Any:
        """`recipes` is understood as well."""
        if not isinstance(tables, Mapping) or "recipe" in tables or "recipes" not in tables:
            return tables
        return {{"recipes": "recipe"}.get(name, name): value for name, value in tables.items()}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if sum(map(bool, (self.images, self.epochs, self.minutes))) > 1:
            raise ValueError("images, epochs and minutes are three ways to say it; keep one")
        for name in self.grid:
            if name in BUDGETS and (self.images or self.epochs or self.minutes):
                raise ValueError(f"grid: {name} is a budget, and {self.budget} another; keep one")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds has a number twice; leave one of them out")
        fields = [*self.settings, *self.grid]
        fields += [name for change in self.change for name in change.set]
        fields += [name for also in self.also for name in also.set]
        for name in fields:
            _require_field(name)
        _require_score(self.table.score, self.settings)
        for name in fields[len(self.settings) :]:
            if name in (SHORT, FIELD):
                raise ValueError(
                    f"{name} is set for all cells alike; name all files in [settings], and let an "
                    "axis such as objective.loss choose among their parts"
                )
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


def _require_score(name: str, settings: Mapping[str, Any]) -> None:
    """Raise ValueError for a score that zerosum has not, where the settings name no files that
    could have it. These are not read: whoever looks at a study from elsewhere parses it."""
    if name not in SCORES and FIELD not in settings:
        raise ValueError(unknown_score(name))


def unknown_score(name: str) -> str:
    """What is said of a score that there is none of: what; what to do."""
    there = [score for score in SCORES if not owner("score", score)]
    return (
        f"table.score = {name!r} is no score; choose from: {', '.join(there)}; one of yours "
        "comes from a file that [settings] names as `with`"
    )


def _require_field(name: str) -> None:
    fields = list(recipe_fields())
    if name not in fields and name not in SHORTHANDS:
        raise ValueError(f"there is no field {name}; {nearest(name, [*fields, *SHORTHANDS])}")
    if name in ("seed", "data.source", "data.fingerprint", "data.classes"):
        instead = {"seed": "seeds = [0, 1, 2]"}.get(name, 'data = "…"')
        raise ValueError(f"{name} is not set here; write {instead} at the top of the study")
