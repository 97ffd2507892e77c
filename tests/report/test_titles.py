"""Long names of runs in the titles of pictures: nothing is cut off, nothing covers anything."""

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from zerosum.analysis.class_counts import count_modes
from zerosum.analysis.plane import Plane
from zerosum.evaluation.classes import RealClasses
from zerosum.evaluation.scores.classified import Labels
from zerosum.report.charts import png, printable
from zerosum.report.heading import new_figure
from zerosum.report.map_picture import map_figure
from zerosum.report.modes_picture import modes_figure

RUN = f"{printable('wgan-gp-BEDROOM-WWWW-' * 4)} at 1,033,152 images"


def labels_of_a_picture(figure: Figure, axes: Axes) -> list[Bbox]:
    """Where the title of a figure, that of its axes and their legend stand."""
    png(figure)
    legend = axes.get_legend()
    assert legend is not None
    own = next(text for text in axes.get_children() if text_of(text) == axes.get_title(loc="left"))
    return [title_of(figure), own.get_window_extent(), legend.get_window_extent()]


def title_of(figure: Figure) -> Bbox:
    """Where the title of a figure stands once it is drawn."""
    title = next(text for text in figure.texts if text.get_text() == figure.get_suptitle())
    return title.get_window_extent()


def text_of(artist: Artist) -> str:
    return artist.get_text() if isinstance(artist, Text) else ""


def apart_and_inside(boxes: list[Bbox], figure: Figure) -> bool:
    return all(
        box.x0 >= 0
        and box.x1 <= figure.bbox.x1
        and box.y1 <= figure.bbox.y1
        and not any(box.overlaps(other) for other in boxes[place + 1 :])
        for place, box in enumerate(boxes)
    )


@pytest.mark.parametrize("examples", [None, np.zeros((10, 8, 28, 28, 1), np.uint8)])
def test_the_legend_of_classes_stands_beside_neither_title(
    examples: NDArray[np.uint8] | None,
) -> None:
    names, one = tuple("0123456789"), np.ones(10, dtype=np.bool_)
    real = RealClasses(names, np.full(10, 1000), one, one, "by hand")
    found = count_modes(Labels(np.repeat(np.arange(5), 200), np.ones(1000)), real)
    figure = modes_figure(found, f"Classes of {RUN}", examples)
    assert apart_and_inside(labels_of_a_picture(figure, figure.axes[0]), figure)


def test_the_title_of_a_map_is_whole() -> None:
    points = np.random.default_rng(0).normal(size=(2, 1000, 2)).astype(np.float32)
    plane = Plane(points[0], points[1], ("x", "y"), "umap")
    space = "UMAP of features of InceptionV3 (pool3)"
    figure = map_figure(plane, f"Real and generated images of {RUN}", space)
    assert apart_and_inside(labels_of_a_picture(figure, figure.axes[0]), figure)


def test_the_title_of_a_chart_is_whole() -> None:
    name = printable("GROSSE-FOTOS-" * 8)
    figure = new_figure(f"Losses of {name}, trained on {name}", 4.6)
    figure.add_subplot()
    png(figure)
    assert title_of(figure).x1 <= figure.bbox.x1
