"""What `zerosum data check` prints of images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerosum.cli.terminal import echo
from zerosum.visible import visible
from zerosum.words import counted

if TYPE_CHECKING:
    from zerosum.data.inspection import Inspection
    from zerosum.data.sources.aside import Aside

BAR_WIDTH = 40
MOST_NAMED = 10
"""Things left out, of each kind: a disk of a Mac has a hidden file for every image."""


def print_inspection(inspection: "Inspection", *, accepted: bool) -> None:
    """Print what was found, file by file where something is wrong, and whether it is skipped."""
    # Of images that training refuses none are skipped.
    bad = "bad, skipped by training" if accepted else "bad"
    _print_files(bad, [(f.name, f.problem) for f in inspection.bad])
    _print_files("converted", [(f.name, ", ".join(f.conversions)) for f in inspection.converted])
    doubles = [(group[0], ", ".join(group[1:])) for group in inspection.duplicates]
    _print_files("with exact duplicates", doubles)
    _print_files("no images, ignored", [(name, "") for name in inspection.ignored])
    _print_asides("left out", inspection.left_out)
    _print_asides("folders that cannot be read", inspection.unreadable)
    _print_sizes(inspection)
    layout = inspection.layout
    if layout.labels is not None and not inspection.question:
        classes = counted(len(layout.class_names), "class", "classes")
        echo(f"{classes}: {', '.join(layout.class_names)}")
    if layout.test.any():
        echo(f"{int(layout.test.sum()):,} images are its own test split")
    for text in inspection.deep:
        echo(text)
    if 0 < inspection.grey < inspection.good:
        echo(f"{inspection.grey:,} of the images are grey, the others coloured")
    echo(
        f"{counted(inspection.files, 'image file')}: {inspection.good:,} usable "
        f"({len(inspection.converted):,} converted), {len(inspection.bad):,} bad"
    )


def _print_files(title: str, rows: Sequence[tuple[str, str]], most: int | None = None) -> None:
    """How many files there are of a kind, and the names, of `most` at most, with a remark each."""
    if not rows:
        return
    echo(f"{title}: {len(rows):,}")
    for name, remark in rows[:most]:
        echo(visible(f"  {name}" + (f": {remark}" if remark else "")))
    if most is not None and len(rows) > most:
        echo(f"  and {len(rows) - most:,} more")
    echo()


def _print_asides(title: str, asides: "Sequence[Aside]") -> None:
    for why in dict.fromkeys(aside.why for aside in asides):
        names = [(aside.name, "") for aside in asides if aside.why == why]
        _print_files(f"{title}, {why}", names, MOST_NAMED)


def _print_sizes(inspection: "Inspection") -> None:
    rows = inspection.histogram()
    if not rows:
        return
    echo("sizes (pixels of the shorter side):")
    most = max(count for _, count in rows)
    for title, count in rows:
        echo(f"  {title:>14} {'█' * -(-count * BAR_WIDTH // most)} {count:,}")
    (width, height), count = inspection.sizes.most_common(1)[0]
    echo(f"  most often {width}×{height}: {count / inspection.good:.0%}")
    echo()
