"""What a user asks of an evaluation: what is scored, against what, and how."""

from dataclasses import dataclass
from pathlib import Path

from zerosum.data.fit import Fit
from zerosum.evaluation.extractors import Precision, Resize
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import Part


@dataclass(frozen=True)
class Request:
    """What to score, against what, and how; what is empty or None is chosen to fit."""

    images: str
    """A run, one of its checkpoints, or a name, folder or archive of images."""
    against: str = ""
    """Data, or a reference file; empty: the images that the run was trained on."""
    part: Part = "auto"
    protocol: str = ""
    count: int = 0
    """Generated images; 0: what the recipe says, or all of a folder."""
    scores: tuple[str, ...] = ()
    extractor: str = ""
    layer: str = ""
    weights: Path | None = None
    resize: Resize | None = None
    precision: Precision | None = None
    checkpoint: str = "latest"
    average: bool | None = None
    seed: int = 0
    resolution: int = 0
    channels: int = 0
    fit: Fit | None = None
    """How pictures of a folder become squares; None: as a reference's, else "crop"."""
    range: str = ""
    """Black and white of folders of images with more than 8 bits, as `data.range`."""
    save_reference: Path | None = None
    device: str = "auto"
    data_root: Path | None = None
    array: Images | None = None
    """Images in memory, whose name `images` then is."""
