"""`zerosum data`: check, pack, show and clear up image data."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerosum import options
from zerosum.cli.known import DataName
from zerosum.cli.options import described
from zerosum.cli.pictures import progress_bar
from zerosum.cli.places import cache_root_option
from zerosum.cli.terminal import echo, open_console
from zerosum.cli.words import Group
from zerosum.options import Threads, option
from zerosum.recipe.image_size import parse_size
from zerosum.visible import visible
from zerosum.words import counted

if TYPE_CHECKING:
    from zerosum.data.cache import CachedPack

data_argument = click.argument("source", metavar="DATA", type=DataName())


@click.group(cls=Group, usual="check")
def data() -> None:
    """Check, pack, show and clear up image data.

    DATA is a name (digits, mnist, stacked-digits, stacked-mnist, fashion-mnist, cifar10, celeba,
    lsun-bedroom), a folder of images, a zip or tar, or a folder inside one (faces.zip/train).
    """


RANGE = option(
    None,
    "Black and white of images with more than 8 bits: 0-1, -1-1, 0-4095.",
    "auto",
    also="data.range",
)


DECODING = option(
    "auto", "Processes that decode many images; auto: one for each core.", kind="threads"
)


@data.command()
@data_argument
@described
def check(
    source: str,
    data_root: Path | None = options.data_root(),
    max_bad: float | None = option(
        None,
        "The share of bad files that is accepted.",
        "data.max_bad of the recipes, 0.01",
        least=0,
        most=1,
    ),
    range: str | None = RANGE,
    threads: Threads = DECODING,
) -> int:
    """Decode every file and list what is wrong with which.

    Exits with 0 when training would accept the images, with 1 when not.
    """
    from zerosum.cli.inspected import print_inspection
    from zerosum.data.inspection import inspect
    from zerosum.data.opening import enough_bad
    from zerosum.data.pool import decoding_with
    from zerosum.data.sources import find_source
    from zerosum.recipe.load import load_recipe

    chosen = load_recipe("dcgan", {} if range is None else {"data.range": range}).data
    found = find_source(source, data_root)
    with progress_bar("Checking") as progress, decoding_with(threads):
        inspection = inspect(found, progress, chosen.range)
    allowed = chosen.max_bad if max_bad is None else max_bad
    print_inspection(inspection, accepted=inspection.accepted(allowed))
    share = len(inspection.bad) / max(1, inspection.files)
    if inspection.accepted(allowed):
        echo(f"training accepts it: {share:.1%} is bad, {allowed:.1%} is allowed")
        return 0
    if not inspection.good:
        echo("training refuses it: there is no usable image")
        return 1
    if inspection.question:
        what, remedy = map(visible, inspection.question)
        echo(f"training refuses it: {what}\n  {remedy}")
        return 1
    if inspection.unreadable and allowed < 1:
        echo(
            "training refuses it: nobody knows how many images the unreadable folders hold. Make "
            "them readable for you, move them elsewhere, or train without them: --data.max_bad 1"
        )
        return 1
    enough = enough_bad(len(inspection.bad), inspection.good)
    echo(
        f"training refuses it: {share:.1%} is bad, {allowed:.1%} is allowed. Remove the bad files, "
        f"or allow them with --data.max_bad {enough}"
    )
    return 1


@data.command()
@data_argument
@described
def pack(
    source: str,
    data_root: Path | None = options.data_root(),
    recipe: str = option("dcgan", "Whose data settings to use.", kind="recipe"),
    resolution: int | str | None = option(
        None,
        "Instead of the recipe's: 64, or width x height, 64x96.",
        also="data.resolution",
        kind="size",
    ),
    channels: int | None = option(None, "1: grey, 3: colour.", also="data.channels"),
    fit: str | None = option(None, "crop, pad, squash or box.", also="data.fit"),
    box: int | None = option(None, "Source pixels of the box, for --fit box.", also="data.box"),
    range: str | None = RANGE,
    threads: Threads = DECODING,
) -> None:
    """Decode DATA once into the cache, as a training with the same settings would."""
    from zerosum.data.opening import fitting_of, require_few_bad, require_readable
    from zerosum.data.pack import open_pack
    from zerosum.data.pool import decoding_with
    from zerosum.data.sources import find_source
    from zerosum.recipe.load import load_recipe

    fields = {"resolution": resolution, "channels": channels, "fit": fit, "box": box}
    fields |= {"range": range, "source": source}
    given = {f"data.{name}": value for name, value in fields.items() if value is not None}
    chosen = load_recipe(recipe, given).data
    found = find_source(source, data_root)
    require_readable(found, chosen)
    with progress_bar("Packing") as progress, decoding_with(threads):
        packed = open_pack(found, fitting_of(chosen), progress=progress)
    require_few_bad(packed, chosen)
    _print_facts(packed.folder)


def _print_facts(folder: Path) -> None:
    from zerosum.data.pack import read_index

    index = read_index(folder)
    rows = {
        "images": f"{index['images']:,}" + (f", {index['test']:,} test" if index["test"] else ""),
        "fitted": _fitted(index["fitting"]),
        **({"depth": "; ".join(index["deep"])} if index.get("deep") else {}),
        "skipped": counted(index["bad"], "bad file"),
        "converted": f"{index['converted']:,}",
        "classes": ", ".join(index["class_names"]) or "none",
        "fingerprint": index["fingerprint"],
        "pack": str(folder),
    }
    echo(index["name"])
    for title, text in rows.items():
        echo(f"  {title:<12} {text}")


def _fitted(fitting: dict[str, Any]) -> str:
    size, box = parse_size(fitting["resolution"]), f" {fitting['box']}" if fitting["box"] else ""
    colour = "grey" if fitting["channels"] == 1 else "colour"
    return f"{size.in_words} {colour}, {fitting['fit']}{box}"


@data.command()
@click.argument("source", metavar="[DATA]", required=False, type=DataName())
@described
def show(source: str | None, data_root: Path | None = options.data_root()) -> None:
    """List what lies in the cache, packs of images and their features; or the packs of DATA with
    all that is known of them."""
    from zerosum.data.cache import cached_features, cached_packs
    from zerosum.data.cache_folder import features_folder
    from zerosum.data.pack import packs_folder
    from zerosum.data.sources import find_source

    packs = cached_packs()
    if source is not None:
        signature = find_source(source, data_root).signature
        known = [pack for pack in packs if pack.index and pack.index["signature"] == signature]
        for pack in known:
            _print_facts(pack.folder)
        if not known:
            echo(f"{source} is not packed; `zerosum data pack {source}` or a training does it")
        return
    if packs:
        _print_table(("data", "images", "fitted", "bad", "size"), [_row(pack) for pack in packs])
    total = sum(pack.size for pack in packs)
    echo(f"{counted(len(packs), 'pack')}, {_bytes(total)}, in {packs_folder()}")
    features = cached_features()
    if features:
        echo()
        rows = [(f.name, "" if f.finished else "unfinished", _bytes(f.size)) for f in features]
        _print_table(("features", "", "size"), rows)
    total = sum(found.size for found in features)
    echo(f"{counted(len(features), 'file')} of features, {_bytes(total)}, in {features_folder()}")


def _row(pack: "CachedPack") -> tuple[str, ...]:
    index = pack.index
    if index is None:
        return pack.folder.name, "", "damaged", "", _bytes(pack.size)
    fitted = _fitted(index["fitting"])
    return index["name"], f"{index['images']:,}", fitted, f"{index['bad']:,}", _bytes(pack.size)


def _print_table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """A table whose columns of numbers stand to the right."""
    from rich.table import Table

    table = Table(*titles, box=None)
    for column, title in zip(table.columns, titles, strict=True):
        column.justify = "right" if title in ("images", "bad", "size") else "left"
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    open_console().print(table)


@data.command()
@described
@cache_root_option
def clean(yes: bool = option(False, "Do not ask.")) -> None:
    """Empty the cache of packs and features. Nothing is lost but the time to make them again."""
    from zerosum.data.cache import cached_features, cached_packs, clean_cache
    from zerosum.data.cache_folder import cache_folder

    packs, features = cached_packs(), cached_features()
    if (packs or features) and not yes:
        size = _bytes(sum(pack.size for pack in packs) + sum(found.size for found in features))
        what = f"{counted(len(packs), 'pack')} and {counted(len(features), 'file')} of features"
        click.confirm(f"remove {what} ({size}) in {cache_folder()}?", abort=True)
    echo(f"freed {_bytes(clean_cache())}")


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
