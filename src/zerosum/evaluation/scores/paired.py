"""Scores of restored pictures, each against its original: PSNR and SSIM (Wang et al. 2004), by
torchmetrics in `zerosum.evaluation.restoration`."""

from zerosum.evaluation.scores.score import SHARE, Score

PAIR_SCORES: dict[str, Score] = {
    "psnr": Score(
        "PSNR (dB)",
        "higher",
        "of a mean over the pictures",
        digits=lambda value: f"{value:.2f}",
        missing="∞",
    ),
    "ssim": Score("SSIM", "higher", "of a mean over the pictures", bounds=SHARE),
}
"""Not among `SCORES`: no recipe chooses them, they are always given. No finite PSNR: of pictures
that equal their originals."""
