"""The cells of a study: which runs it is made of, and what each sets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

from zerosum.comparing.setting_words import NAME, OWN_AXES, Value, setting_words, shown
from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.fields import SHORTHANDS
from zerosum.recipe.load import kept_recipe, override, parse_recipe
from zerosum.recipe.parts import kept_files
from zerosum.recipe.settings import Recipe
from zerosum.records.run import slug
from zerosum.studies.settings import BUDGETS, Longer, Range, Study, but_budget, by_field

LONGER = "longer"
"""The axis of the settings that are trained once more, with their budget as its value."""


@dataclass(frozen=True)
class Cell:
    """One run of a study."""

    name: str
    """Of its folder."""
    recipe: str
    data: str
    """A name, folder or archive; empty: the recipe's own."""
    seed: int
    axes: Mapping[str, Value]
    """What tells its setting from others: axis → value. Cells that differ in the seed alone have
    the same ones."""
    overrides: Mapping[str, object]
    """Every field that it sets, by dotted name or shorthand; the seed among them."""
    minutes: float = 0.0
    """Training time after which it is done; 0: its images or epochs decide."""
    published_axes: Mapping[str, Value] = field(default_factory=dict)
    """As `axes`, with recipe and data also where the study has one of each: what published numbers
    are matched with."""

    @property
    def setting(self) -> str:
        """Its axes in words: "learning-rate 0.002, optimizer adam"; "" where a study has none."""
        return setting_words(self.axes)

    def settings(self) -> Recipe:
        """All that it trains with. Raises ZerosumError where fields do not go together, and where
        its recipe names files of parts: whoever looks at a study that came from elsewhere would run
        them. A study names such files itself, in `with`, and keeps their texts."""
        kept_files(self.overrides.get("parts.files", ()), f"cell {self.name}")
        try:
            recipe = kept_recipe(parse_recipe(self.recipe), self.recipe)
            return override(recipe, self.overrides)
        except UsageError as error:
            raise ZerosumError(f"cell {self.name}: {error.what}", error.remedy) from error


def cells_of(study: Study) -> list[Cell]:
    """The cells of the grid and those beside it, in the order of the axes; seeds vary last.

    Raises ZerosumError for a range, which only a sampler can use, and for a cell whose settings do
    not go together.
    """
    for axis, values in study.grid.items():
        if isinstance(values, Range):
            raise UsageError(
                f"grid: {axis} is a range, and a grid needs values",
                f"draw from it with --sampler=random or tpe, or write {axis} = [a, b, c]",
            )
    cells = [cell for point in _points(study) for cell in cells_at(study, point)]
    cells += _beside_the_grid(study)
    for cell in cells:
        cell.settings()
    _require_names(cells)
    return cells


def cells_at(study: Study, point: Mapping[str, Value], name: str = "") -> list[Cell]:
    """A cell for each seed at one point: recipe, data and a value of each axis of the grid."""
    recipe, data = str(point["recipe"]), str(point["data"])
    overrides: dict[str, object] = study.settings | _budget(study.images, study.epochs)
    for change in study.change:
        if all(point.get(axis) == value for axis, value in change.where.items()):
            overrides = but_budget(overrides, change.set) | change.set
    values = {axis: point[axis] for axis in study.grid}
    overrides = but_budget(overrides, values) | values
    axes = {axis: point[axis] for axis in study.axes}
    return [
        Cell(
            name=_cell_name(axes, seed) if not name else f"{name}_seed-{seed}",
            recipe=recipe,
            data=data,
            seed=seed,
            axes=axes,
            overrides=overrides | {"seed": seed},
            minutes=study.minutes,
            published_axes=point,
        )
        for seed in study.seeds
    ]


def longer_cell(cell: Cell, longer: Longer) -> Cell:
    """A cell of the grid, with the budget of those that are trained once more."""
    budget = _budget(longer.images, longer.epochs)
    more: dict[str, Value] = {LONGER: longer.budget}
    return replace(
        cell,
        name=f"{LONGER}_{cell.name}",
        axes={**cell.axes, **more},
        overrides=but_budget(cell.overrides, budget) | budget,
        minutes=longer.minutes,
        published_axes={**cell.published_axes, **more},
    )


def minutes_of(study: Study, cell: str) -> float:
    """The training time of a study's cell, by its name; 0.0 where images or epochs decide."""
    if study.longer is not None and cell.startswith(f"{LONGER}_"):
        return study.longer.minutes
    return study.minutes


def with_budget(study: Study, *, images: int = 0, epochs: int = 0, minutes: float = 0.0) -> Study:
    """A study whose every cell has another budget, those that train longer in proportion.

    Raises UsageError where the budget is an axis.
    """
    if not (images or epochs or minutes):
        return study
    axes = [axis for axis in study.grid if axis in BUDGETS]
    if axes:
        raise UsageError(
            f"{axes[0]} is an axis of study {study.name}, so that no option may set it",
            f"change the study's file: `zerosum study show {study.name} --file > my.toml`",
        )
    budget = {"images": images, "epochs": epochs, "minutes": minutes}
    twice = {name: 2 * value for name, value in budget.items()}
    parts: dict[str, object] = {
        name: tuple(
            part.model_copy(update={"set": but_budget(part.set, budget)})
            for part in getattr(study, name)
        )
        for name in ("change", "also")
    }
    parts |= {
        "settings": but_budget(study.settings, budget),
        "longer": study.longer and study.longer.model_copy(update=twice),
    }
    return study.model_copy(update={**budget, **parts})


def with_settings(study: Study, overrides: Mapping[str, object], data: str = "") -> Study:
    """A study whose every cell sets these fields, and takes these images.

    Raises UsageError where one of them is an axis.
    """
    for name in overrides:
        targets = set(SHORTHANDS.get(name, (name,)))
        for axis in study.grid:
            if targets & set(SHORTHANDS.get(axis, (axis,))):
                raise UsageError(
                    f"{name} is an axis of study {study.name}, so that no option may set it",
                    "leave the option out, or choose cells with --only",
                )
    study = study.model_copy(update={"settings": study.settings | by_field(overrides)})
    if not data:
        return study
    layout = {
        side: tuple(axis for axis in getattr(study.table, side) if axis != "data")
        for side in ("rows", "columns")
    }
    table = study.table.model_copy(update=layout)
    return study.model_copy(update={"data": (data,), "table": table})


def only(cells: list[Cell], words: tuple[str, ...]) -> list[Cell]:
    """The cells whose name holds one of the words, or that match "axis=value".

    Raises UsageError when none is left.
    """
    if not words:
        return cells
    chosen = [cell for cell in cells if any(_matches(cell, word) for word in words)]
    if not chosen:
        raise UsageError(
            f"--only={','.join(words)} leaves no cell",
            f"the cells are: {', '.join(cell.name for cell in cells[:6])}"
            + (" …" if len(cells) > 6 else "")
            + "; `--dry-run` lists them all",
        )
    return chosen


def _matches(cell: Cell, word: str) -> bool:
    axis, equals, value = word.partition("=")
    if not equals:
        return word in cell.name
    if axis == "seed":
        return value == str(cell.seed)
    return axis in cell.published_axes and value in (
        shown(cell.published_axes[axis]),
        str(cell.published_axes[axis]),
    )


def _points(study: Study) -> Iterator[dict[str, Value]]:
    """Every combination of recipe, data and the grid's values."""
    lists = {axis: known for axis, known in study.choices.items() if not isinstance(known, Range)}
    for values in product(*lists.values()):
        yield dict(zip(lists, values, strict=True))


def _beside_the_grid(study: Study) -> list[Cell]:
    bare = study.model_copy(update={"grid": {}})
    cells = []
    for also in study.also:
        point = {
            "recipe": also.recipe or study.recipe[0],
            "data": also.data or (*study.data, "")[0],
        }
        for cell in cells_at(bare, point, name=slug(also.name)):
            overrides = but_budget(cell.overrides, also.set) | also.set
            axes: dict[str, Value] = {NAME: also.name}
            cells.append(
                replace(cell, axes=axes, overrides=overrides, published_axes={**point, **axes})
            )
    return cells


def _budget(images: int, epochs: int) -> dict[str, object]:
    return {"images": images} if images else {"epochs": epochs} if epochs else {}


def _cell_name(axes: Mapping[str, Value], seed: int) -> str:
    """Such as dcgan_learning-rate-0.002_optimizer-adam_seed-0."""
    parts = []
    for axis, value in axes.items():
        text = Path(str(value)).stem if axis in OWN_AXES else _plain(value)
        parts.append(slug(text if axis in OWN_AXES else f"{axis.rpartition('.')[2]}-{text}"))
    return "_".join([*parts, f"seed-{seed}"])


def _plain(value: Value) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else shown(value)


def _require_names(cells: list[Cell]) -> None:
    """Raise ZerosumError where two cells would share a folder."""
    seen: dict[str, Cell] = {}
    for cell in cells:
        if cell.name in seen:
            raise ZerosumError(
                f"two cells of the study are called {cell.name}",
                "a value stands twice in the grid, or two sets of images have the same name",
            )
        seen[cell.name] = cell
