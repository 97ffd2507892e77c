"""What a user asks of an evaluation: what is scored, against what, and how."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zerosum import options
from zerosum.options import Threads, option

if TYPE_CHECKING:
    from zerosum.data.fit import Fit
    from zerosum.evaluation.extractors import Precision, Resize
    from zerosum.evaluation.images import Images
    from zerosum.evaluation.opening import Part


@dataclass(frozen=True)
class Request:
    """What to score, against what, and how; what is empty or None is chosen to fit."""

    images: str
    """A run, one of its checkpoints, or a name, folder or archive of images."""
    against: str = option(
        "",
        "Real images: a name, folder or archive, or a file of --save-reference.",
        "the images that the run was trained on",
    )
    part: "Part" = option(
        "auto",
        "Which of the real images; auto: test images where the data has them, else all.",
        name="split",
        choices={"auto": "auto", "train": "train", "test": "held out", "all": "all"},
    )
    protocol: str = option(
        "",
        "A named protocol; `--protocol list` shows them.",
        kind="protocol",
        metavar="TEXT",
        first=True,
    )
    count: int = option(
        0,
        "Generated images.",
        "the recipe's evaluation.images; all of a folder",
        name="images",
        least=10,
    )
    scores: tuple[str, ...] = option(
        (),
        "With commas between: fid,kid,precision,recall,coverage,density,fid-infinity,is,copying, "
        "and of classes class-fid,class-kid,class-accuracy,train-on-generated.",
        "the recipe's; the first five for folders",
        kind="scores",
    )
    parts: Path | None = option(
        None,
        "A Python file with parts of your own, beside those of the file that a run keeps.",
        name="with",
        kind="file",
    )
    extractor: str = options.extractor()
    layer: str = options.layer()
    weights: Path | None = options.weights()
    resize: "Resize | None" = option(
        None,
        "How images reach the extractor's size.",
        "tf1, as torch-fidelity",
        choices=("tf1", "clean"),
    )
    precision: "Precision | None" = option(
        None,
        "Of the extractor; bf16 is faster and a little off.",
        "float32",
        choices=("float32", "bf16"),
    )
    checkpoint: str = options.checkpoint()
    average: bool | None = options.average()
    seed: int = options.seed()
    resolution: int | str = option(
        0, "Bring folders of images to this size: 64, or width x height, 64x96.", "", kind="size"
    )
    channels: int = option(0, "Read folders as grey or colour.", "", choices=(1, 3))
    fit: "Fit | None" = option(
        None,
        "How folders of images are brought to one size.",
        "crop; that of a saved reference",
        choices=("crop", "pad", "squash"),
    )
    range: str = option(
        "",
        "Black and white of folders of images with more than 8 bits: 0-1, 0-4095.",
        "decided for each set",
    )
    save_reference: Path | None = option(
        None, "Write the real side as one .safetensors file, to score against without the images."
    )
    device: str = options.device()
    threads: Threads = options.threads()
    data_root: Path | None = options.data_root()
    array: "Images | None" = None
    """Images in memory, whose name `images` then is."""
