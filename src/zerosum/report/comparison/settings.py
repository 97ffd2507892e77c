"""How the trainings went, and the settings in which they differ: a column for each side."""

from collections.abc import Sequence
from typing import Any

from zerosum.comparing.sides import Side
from zerosum.recipe.changes import LENGTHS, differing_fields, same_images
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe, value_of
from zerosum.report.document import Points, Section, Table
from zerosum.report.run_facts import duration, status_in_words
from zerosum.studies.run_verdict import diagnose_run
from zerosum.studies.standing import Standing, ended_short, run_standing, verdict_in_words
from zerosum.visible import visible
from zerosum.words import listed

NONE = "—"
MANY = 6
"""Settings that are named in a sentence, at most."""
LUCK = (
    "one run of each setting cannot tell the luck of its seed from the setting: train each with "
    "several seeds before you believe a difference"
)
"""Below the settings, where some differ."""


def training_section(sides: Sequence[Side]) -> Section:
    """What was seen in what time, how each training stands, and the verdict on its health."""
    facts = [facts_of(side) for side in sides]
    names = list(dict.fromkeys(name for each in facts for name in each))
    machines = {each["machine"] for each in facts if each.get("machine")}
    lines = []
    if len(machines) < 2:
        names = [name for name in names if name != "machine"]
    else:
        lines.append("the runs were trained on different machines: time and speed are theirs, too")
    rows = [(name, *(each.get(name, NONE) for each in facts)) for name in names]
    lines += [
        f"{side.label} is {visible(side.path)}" for side in sides if side.label not in side.path
    ]
    return Section("Training", (_table(sides, rows), Points(lines)))


def facts_of(side: Side) -> dict[str, str]:
    """What is to be said of a side in a few words, by what it is called."""
    if side.run is None:
        assert side.images is not None
        kind = "grey" if side.images.shape[2] == 1 else "colour"
        size = ImageSize.of_shape(side.images.shape).in_words
        return {"status": "not trained here", "images": f"{len(side.images):,}, "
                f"{size}, {kind}"}  # fmt: skip
    state = side.run.state()
    images, seconds = int(state.get("images", 0)), float(state.get("seconds", 0.0))
    data = state.get("data", {})
    standing = run_standing(side.run)
    facts = {"status": _status(standing), "images seen": f"{images:,}"}
    if data.get("train"):
        facts["epochs"] = f"{images / data['train']:,.1f}"
    if side.checkpoint:
        facts["checkpoint"] = f"at {int(side.checkpoint):,} images"
    facts["training time"] = duration(seconds)
    if seconds > 0:
        facts["images/s"] = f"{images / seconds:,.0f}"
    short = bool(ended_short(standing.status, read_recipe(side.run.recipe_file), state))
    facts["health"] = verdict_in_words(diagnose_run(side.run).verdict, short=short)
    # Versions before had 1 threads, too.
    facts["machine"] = str(state.get("machine", "")).replace(" 1 threads", " 1 thread")
    return facts


def _status(standing: Standing) -> str:
    """As the summary says it, without its advice and without a reason that was no failure."""
    word = standing.status
    if word in ("failed", ""):
        return visible(status_in_words(standing))
    return "running, or ended without a word" if word == "running" else word


def settings_section(sides: Sequence[Side]) -> Section:
    """The fields of the recipes in which the runs differ."""
    runs = [side for side in sides if side.recipe is not None]
    recipes = [side.recipe for side in runs if side.recipe is not None]
    fields = differing_fields(recipes)
    rows = [
        (
            field,
            *(NONE if side.recipe is None else _setting(side.recipe, field) for side in sides),
        )
        for field in fields
    ]  # fmt: skip
    lines = [difference_sentence(fields, len(runs)), *data_notes(recipes)]
    if fields:
        lines.append(LUCK if fields != ["seed"] else
                     "the seed alone differs: what differs in the scores is luck")  # fmt: skip
    if len(runs) < len(sides):
        others = listed([side.label for side in sides if side.recipe is None])
        lines.append(f"how {others} came about is not known here")
    table = [_table(sides, rows)] if rows else []
    return Section("Settings", (*table, Points([line for line in lines if line])))


def _setting(recipe: Recipe, field: str) -> str:
    """A field as people write it; none where a length is given in the other unit."""
    value = value_of(recipe, field)
    return NONE if field in LENGTHS and not value else setting_text(value)


def data_notes(recipes: Sequence[Recipe]) -> list[str]:
    """What the place of the images does not tell: the same ones elsewhere, others at the place."""
    places = {recipe.data.source for recipe in recipes}
    prints = {recipe.data.fingerprint for recipe in recipes}
    if len(places) > 1 and same_images(recipes):
        return ["the images are the same, though they lie at different places"]
    fittings = {
        repr((recipe.data.resolution, recipe.data.channels, recipe.data.fit, recipe.data.box))
        for recipe in recipes
    }
    if len(places) == 1 and len(fittings) == 1 and len(prints - {""}) > 1:
        return [f"the images at {places.pop()} were not the same in all trainings"]
    return []


def difference_sentence(fields: Sequence[str], runs: int) -> str:
    """Which settings differ, in one sentence; "" for fewer than two runs."""
    if runs < 2:
        return ""
    if not fields:
        return "all settings are the same"
    if len(fields) <= MANY:
        return f"all settings are the same but {listed(fields)}"
    return f"{len(fields)} settings differ; all others are the same"


def setting_text(value: Any) -> str:
    """A setting as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ", ".join(map(setting_text, value))
    return str(value) if value not in ("", None) else NONE


def _table(sides: Sequence[Side], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(("", *(side.label for side in sides)), tuple(rows))
