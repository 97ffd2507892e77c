"""Many runs: the grid, the runner, the results.

A study is a TOML file; each of its cells is a run as `zerosum train` makes it.
"""

from zerosum.studies.cells import Cell
from zerosum.studies.folder import StudyFolder, open_study
from zerosum.studies.load import load_study
from zerosum.studies.results import CellResult, SettingResult, by_setting, read_results
from zerosum.studies.settings import Study

__all__ = [
    "Cell",
    "CellResult",
    "SettingResult",
    "Study",
    "StudyFolder",
    "by_setting",
    "load_study",
    "open_study",
    "read_results",
]
