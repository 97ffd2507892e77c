"""A training's curves, sheets and scores in experiment trackers, offline."""

import json
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import zerosum
from zerosum import api
from zerosum.listeners import MlflowListener, TrackioListener, WandbListener
from zerosum.listeners.tracker import Scalar, Tracker
from zerosum.records.run import RunFolder

TINY: dict[str, object] = {
    "network.kind": "mlp", "network.generator.norm": "none", "network.discriminator.norm": "none",
    "width": 4, "latent": 4, "batch": 16, "data.limit": 100, "schedule.log_every": 2,
    "evaluation.images": 60,
}  # fmt: skip
AT = [32, 64, 96, 128]
"""Images seen at the log lines of both trainings: the first ends at 64."""


def listeners(place: Path) -> list[zerosum.Listener]:
    found: list[zerosum.Listener] = []
    if find_spec("wandb"):
        found.append(WandbListener("p", dir=str(place)))
    if find_spec("mlflow"):
        found.append(MlflowListener("p", (place / "mlruns").as_uri()))
    if find_spec("trackio"):
        found.append(TrackioListener("p"))
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a run that ended, was made twice as long and went on, and what all trackers
    kept of it. Shared: tests change nothing in it."""
    place = tmp_path_factory.mktemp("trackers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "write_reports", lambda _run: None)
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("WANDB_SILENT", "true")
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        patch.setenv("TRACKIO_DIR", str(place / "trackio"))
        for images in (64, 128):
            zerosum.train(
                "digits", out=place / "run", overrides=TINY | {"images": images},
                listener=listeners(place), quiet=True,
            )  # fmt: skip
        yield place


def test_wandb_keeps_one_run_of_a_training_that_went_on(place: Path) -> None:
    pytest.importorskip("wandb")
    name = (place / "run" / "wandb.id").read_text().strip()
    kept = sorted(place.glob("wandb/offline-run-*"))
    assert [folder.name.rsplit("-", 1)[1] for folder in kept] == [name, name]
    content = (kept[1] / f"run-{name}.wandb").read_bytes()
    last = RunFolder(place / "run").metrics()[-1]["loss_generator"]
    assert json.dumps(last).encode() in content and b"final/fid" in content
    assert b"network.latent" in content
    assert list((kept[1] / "files" / "media" / "images").glob("samples_*.png"))


def test_mlflow_has_the_curves_over_images_seen_the_settings_and_the_sheets(place: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    client = mlflow.MlflowClient((place / "mlruns").as_uri())
    name = (place / "run" / "mlflow.id").read_text().strip()
    curve = client.get_metric_history(name, "loss_generator")
    assert [point.step for point in curve] == AT
    assert [point.value for point in curve] == pytest.approx(
        [line["loss_generator"] for line in RunFolder(place / "run").metrics()]
    )
    run = client.get_run(name)
    assert run.data.params["network.latent"] == "4" and run.info.status == "FINISHED"
    assert "final/fid" in run.data.metrics
    sheets = [file.path for file in client.list_artifacts(name, "samples")]
    assert "samples/000000128.png" in sheets and "samples/reals.png" not in sheets


def test_trackio_has_the_curves_over_images_seen(place: Path) -> None:
    pytest.importorskip("trackio", reason="trackio is not installed")
    import sqlite3

    with sqlite3.connect(place / "trackio" / "p.db") as base:
        rows = base.execute("select step, metrics from metrics order by step").fetchall()
    assert [step for step, text in rows if "loss_generator" in json.loads(text)] == AT


class Noting(Tracker):
    """A tracker that notes what it is asked."""

    service = "json"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def open(self, name: str, settings: Mapping[str, Scalar], known: str) -> str:  # noqa: ARG002
        self.asked.append(f"open {name}{known}")
        return "id"

    def numbers(self, values: Mapping[str, float], images: int) -> None:  # noqa: ARG002
        if images in (32, 64):
            self.asked.append(f"numbers {images}")

    def picture(self, path: Path, images: int) -> None: ...

    def close(self, status: str) -> None:
        self.asked.append(f"close {status}")


class Failing(zerosum.Listener):
    def logged(self, line: Mapping[str, Any]) -> None:  # noqa: ARG002
        raise ValueError


def test_a_tracker_of_two_trainings_keeps_them_apart_and_hears_that_one_failed(
    tmp_path: Path,
) -> None:
    noting, settings = Noting(), TINY | {"images": 32, "evaluation.images": 0}
    zerosum.train("digits", out=tmp_path / "a", overrides=settings, listener=noting, quiet=True)
    with pytest.raises(ValueError):
        zerosum.train(
            "digits", out=tmp_path / "b", overrides=settings, listener=[noting, Failing()],
            quiet=True,
        )  # fmt: skip
    assert noting.asked == [
        "open a", "numbers 32", "close finished", "open b", "numbers 32", "close failed",
    ]  # fmt: skip


def test_a_tracker_that_is_not_installed_is_said_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wandb", None)
    with pytest.raises(zerosum.UsageError) as refused:
        WandbListener()
    assert "pip install 'zerosum[wandb]'" in str(refused.value)
