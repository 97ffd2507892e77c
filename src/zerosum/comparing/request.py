"""What a user asks of a comparison: of which checkpoints, and whether and how all are scored."""

from dataclasses import dataclass
from pathlib import Path

from zerosum import options
from zerosum.errors import UsageError
from zerosum.evaluation.request import Request
from zerosum.options import Threads, option

ONLY_AGAIN = {
    "count": "images",
    "against": "against",
    "scores": "scores",
    "extractor": "extractor",
    "layer": "layer",
    "weights": "weights",
}
"""Fields that say how to score anew, and what their options are called."""


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """How to compare; what is empty is chosen to fit."""

    again: bool = option(
        False,
        "Score all of them now, under one protocol: the same real images, features, number and "
        "seed. The scores are kept with the runs.",
    )
    out: Path | None = options.out(
        "The folder to write to.", "comparisons/ and what differs, or A-vs-B"
    )
    checkpoint: str = options.checkpoint(
        default="",
        help="Of all runs: latest, best, or the images seen.",
        usual="that of the scores shown; best, else latest, with --again",
    )
    seed: int = options.seed()
    count: int = option(
        0,
        "With --again: generated images of each.",
        "the smallest evaluation.images of the runs; not more than a folder has",
        name="images",
        least=10,
    )
    against: str = option(
        "",
        "With --again: real images, or a file of `zerosum evaluate --save-reference`.",
        "the images that the first run was trained on",
    )
    scores: tuple[str, ...] = option(
        (),
        "With --again: names with commas between.",
        "those of the first run's recipe",
        kind="scores",
    )
    extractor: str = option("", "With --again.", "that of the first run's recipe")
    layer: str = options.layer(help="With --again: of inception.")
    weights: Path | None = options.weights(
        help="With --again: a file with the extractor's weights."
    )
    device: str = options.device()
    threads: Threads = options.threads()
    data_root: Path | None = options.data_root()

    def scoring(self) -> Request:
        """How everything is scored anew; each thing takes the place of its `images`."""
        return Request(
            "", self.against, count=self.count, scores=self.scores, extractor=self.extractor,
            layer=self.layer, weights=self.weights, checkpoint=self.checkpoint, seed=self.seed,
            device=self.device, threads=self.threads, data_root=self.data_root,
        )  # fmt: skip

    def require_again(self) -> None:
        """Raise UsageError where it is said how to score, and nothing is to be scored."""
        given = [word for name, word in ONLY_AGAIN.items() if getattr(self, name)]
        if given and not self.again:
            raise UsageError(
                f"--{given[0]} says how to score, and nothing is scored without --again",
                f"add --again, or leave --{given[0]} out",
            )
