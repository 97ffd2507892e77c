"""Settings, a cache and a few pictures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.files import noise
from zerosum.recipe.data import DataSettings

Settings = Callable[..., DataSettings]


@pytest.fixture
def settings() -> Settings:
    """Makes settings: 16 pixels, colour, crop, unless told otherwise."""

    def make(source: object, **fields: object) -> DataSettings:
        given = {"source": str(source), "resolution": 16, "channels": 3, **fields}
        return DataSettings.model_validate(given)

    return make


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where packs go: no test, and no process that one starts, may find the user's own."""
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def pictures() -> dict[str, bytes]:
    """Thirty different pictures by name, all in one folder."""
    return {f"all/{index:02d}.png": noise(index) for index in range(30)}
