"""Several processes wait for each other's work however long it takes, and end together."""

from pathlib import Path

from tests.training.launcher import Launcher
from zerosum.records.run import RunFolder

TWO = (
    "train", "mlp", "--data", "digits", "--out", "run", "--device", "cpu", "--precision", "32",
    "--batch", 32, "--width", 8, "--latent", 4, "--network.generator.norm", "layer",
    "--schedule.log_every", 1, "--evaluation.images", 0,
)  # fmt: skip


def test_no_process_gives_up_while_another_works_alone(launcher: Launcher, tmp_path: Path) -> None:
    # Packing in the second; the first sheet, a comparison and the result in the first.
    words = ("--devices", 2, "--images", 64, "--schedule.evaluate_every", 32)
    code, done = launcher.run(tmp_path, *TWO, *words, "--evaluation.images", 100, fault="slow work")
    assert code == 0, done.stderr
    assert done.stderr == ""
    run = RunFolder(tmp_path / "run")
    assert run.state()["status"] == "finished"
    assert [line.kind for line in run.scores()] == ["selection"] * 2 + ["final"]
