"""The pictures of analyses, each with the title that says of what."""

from zerosum.analysis.map import ClassifiedImage, MappedImages
from zerosum.analysis.modes import CountedClasses
from zerosum.analysis.neighbours import NeighbourSearch
from zerosum.analysis.opening import Source
from zerosum.analysis.projected import ProjectedPictures
from zerosum.analysis.stacked_modes import StackedModes
from zerosum.report.charts import png, printable
from zerosum.report.map_picture import map_figure, probabilities_figure
from zerosum.report.modes_picture import modes_figure
from zerosum.report.neighbours_picture import neighbours_figure
from zerosum.report.projection_picture import projection_figure


def modes_png(found: CountedClasses) -> bytes | None:
    """Images by class; None of 1,000 modes, of which there is no picture."""
    if isinstance(found.modes, StackedModes):
        return None
    return png(modes_figure(found.modes, f"Classes of {_place(found.source)}", found.examples))


def neighbours_png(search: NeighbourSearch) -> bytes:
    """Distances, and images beside those nearest to them."""
    return png(neighbours_figure(search, f"Neighbours of {_place(search.source)}"))


def map_png(found: MappedImages) -> bytes:
    """Real and generated images on a plane."""
    heading = f"Real and generated images of {_place(found.source)}"
    space = f"{found.plane.method} of features of {found.facts.features}"
    return png(map_figure(found.plane, heading, space))


def projection_png(found: ProjectedPictures) -> bytes:
    """Pictures beside those of a generator that come nearest."""
    return png(projection_figure(found, f"The nearest pictures of {_place(found.source)}"))


def probabilities_png(found: ClassifiedImage) -> bytes:
    """An image beside its class probabilities."""
    title = printable(found.name)
    if found.source is not None:
        title = f"Picture {found.number:,} of {_place(found.source)}"
    return png(probabilities_figure(found.pixels, found.chances, title))


def _place(source: Source) -> str:
    """The run and checkpoint of generated images, or the folder."""
    at = f" at {int(source.checkpoint):,} images" if source.checkpoint else ""
    return f"{printable(source.name)}{at}"
