"""Commands in processes of their own, which may be killed."""

import pytest

from tests.studies.warm_cells import forking
from tests.training.conftest import launcher
from tests.training.launcher import Launcher

__all__ = ["launcher"]


@pytest.fixture
def warm_cells(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies of this process have their cells forked."""
    monkeypatch.setattr("zerosum.studies.attempt.subprocess", forking(launcher.cells))
