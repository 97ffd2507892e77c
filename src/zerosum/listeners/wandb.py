"""Weights & Biases (extra `wandb`)."""

from collections.abc import Mapping
from pathlib import Path

from zerosum.listeners.tracker import Scalar, Tracker


class WandbListener(Tracker):
    """Curves over images seen, sample sheets and scores in a run of Weights & Biases.

    `settings` are handed to `wandb.init`, such as `entity`, `tags` or `mode="offline"`; its
    environment variables count as ever.
    """

    service = "wandb"

    def __init__(self, project: str = "zerosum", **settings: object) -> None:
        super().__init__()
        self.project, self.settings = project, settings

    def open(self, name: str, settings: Mapping[str, Scalar], known: str) -> str:
        words = {"name": name, "id": known or None, "resume": "allow", "config": dict(settings)}
        self.run = self.module.init(project=self.project, **(words | self.settings))
        self.run.define_metric("*", step_metric="images")
        return str(self.run.id)

    def numbers(self, values: Mapping[str, float], images: int) -> None:
        self.run.log({"images": images, **values})

    def picture(self, path: Path, images: int) -> None:
        self.run.log({"images": images, "samples": self.module.Image(str(path))})

    def close(self, status: str) -> None:
        self.run.finish(exit_code=int(status == "failed"))
