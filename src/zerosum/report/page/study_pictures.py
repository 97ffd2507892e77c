"""The samples of a study's settings: a row of pictures each, of the same latent numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zerosum.data.grid import grid
from zerosum.report.page.pictures import Picture, picture
from zerosum.report.page.run_pictures import restoration
from zerosum.report.study.strips import MOST_SETTINGS, SEED, setting_strip
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import SettingResult
from zerosum.words import capital

ALL_BYTES = 3_000_000
"""Of all rows together; base64 makes four thirds of it."""


@dataclass(frozen=True)
class Row:
    """The pictures of one setting, or why there are none."""

    words: str
    picture: Picture | None
    told: str
    """Which cell they are of, or why there are none."""
    samples: bool = False
    """Whether they are samples of latents, not restored pictures."""


def sample_rows(folder: StudyFolder, settings: Sequence[SettingResult], device: str) -> list[Row]:
    """A row for each setting, of its first seed that has a checkpoint; MOST_SETTINGS at most.

    A study of restorations shows what its evaluations drew instead. Raises ZerosumError where a
    strip cannot be kept.
    """
    shown = settings[:MOST_SETTINGS]
    budget = ALL_BYTES // max(1, len(shown))
    return [_row(folder, setting, device, budget) for setting in shown]


def _row(folder: StudyFolder, setting: SettingResult, device: str, budget: int) -> Row:
    strip = setting_strip(folder, setting, device)
    if strip.pictures is not None:
        alt = f"{len(strip.pictures)} samples of {setting.words}, seed {strip.cell.cell.seed}"
        sheet = grid(strip.pictures, columns=len(strip.pictures))
        shown = picture(sheet, alt, budget=budget, pixels=True)
        return Row(setting.words, shown, capital(strip.told), samples=True)
    for cell in setting.cells:
        restored = restoration(cell.run, budget=budget)
        if restored is not None:
            shown = replace(restored, alt=f"{restored.alt}: {setting.words}")
            told = f"{restored.caption[:1].lower()}{restored.caption[1:]}"
            return Row(setting.words, shown, f"Seed {cell.cell.seed}: {told}")
    return Row(setting.words, None, strip.told)


def what_they_are(rows: Sequence[Row]) -> str:
    """One sentence over all rows; "" where there is no picture of samples."""
    if not any(row.samples for row in rows):
        return ""
    return (
        f"Pictures 0 to 9 of seed {SEED} of each setting's newest checkpoint: nobody chose them, "
        "and they are of the same latents where these are as long."
    )
