"""Trackio, on this machine or in a Space of Hugging Face (extra `trackio`)."""

from collections.abc import Mapping
from pathlib import Path

from zerosum.listeners.tracker import Scalar, Tracker


class TrackioListener(Tracker):
    """Curves over images seen, sample sheets and scores in a run of Trackio.

    `settings` are handed to `trackio.init`, such as `space_id`; without one nothing leaves this
    machine.
    """

    service = "trackio"

    def __init__(self, project: str = "zerosum", **settings: object) -> None:
        super().__init__()
        self.project, self.settings = project, settings

    def open(self, name: str, settings: Mapping[str, Scalar], known: str) -> str:
        words = {"config": dict(settings), "resume": "allow", "embed": False}
        self.run = self.module.init(self.project, known or name, **(words | self.settings))
        return str(self.run.name)

    def numbers(self, values: Mapping[str, float], images: int) -> None:
        self.run.log(dict(values), step=images)

    def picture(self, path: Path, images: int) -> None:
        self.run.log({"samples": self.module.Image(path)}, step=images)

    def close(self, status: str) -> None:  # noqa: ARG002
        self.run.finish()
