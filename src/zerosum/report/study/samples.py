"""STUDY/samples.png: the samples of every setting."""

from collections.abc import Sequence

import numpy as np

from zerosum.comparing.samples import PICTURES
from zerosum.data.grid import save_png
from zerosum.report.sample_sheet import sample_sheet
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import SettingResult
from zerosum.studies.strips import SEED, setting_strip
from zerosum.words import counted

MOST_SETTINGS = 48


def write_samples_sheet(
    folder: StudyFolder, settings: Sequence[SettingResult], device: str
) -> None:
    """Write samples.png: the strip of each setting under its name, at most MOST_SETTINGS; nothing
    where there is no setting.

    One generator is loaded at a time, and only for checkpoints that are new. Raises ZerosumError
    where a file cannot be written.
    """
    if not settings:
        return
    none = np.empty((0, 1, 1, 3), dtype=np.uint8)
    what = f"Pictures 0 to {PICTURES - 1} of seed {SEED}: the same latents where these are as long"
    rows = [(what, none)]
    for setting in settings[:MOST_SETTINGS]:
        strip = setting_strip(folder, setting, device)
        pictures = none if strip.pictures is None else strip.pictures
        rows.append((f"{setting.words}: {strip.words}", pictures))
    if (left_out := len(settings) - MOST_SETTINGS) > 0:
        rows.append((f"and {counted(left_out, 'more setting')}, not shown", none))
    save_png(sample_sheet(rows), folder.samples_file, {})
