"""MLflow (extra `mlflow`)."""

from collections.abc import Mapping
from pathlib import Path

from zerosum.listeners.tracker import Scalar, Tracker

STATUS = {"finished": "FINISHED", "failed": "FAILED"}


class MlflowListener(Tracker):
    """Curves over images seen and scores in a run of MLflow, sample sheets as its artifacts.

    `tracking_uri` is where: a server, or a file such as sqlite:///mlflow.db; None: as MLflow's
    environment says.
    """

    service = "mlflow"

    def __init__(self, experiment: str = "zerosum", tracking_uri: str | None = None) -> None:
        super().__init__()
        self.experiment = experiment
        self.client = self.module.MlflowClient(tracking_uri)

    def open(self, name: str, settings: Mapping[str, Scalar], known: str) -> str:
        if known:
            self.run = known
            self.client.update_run(known, status="RUNNING")
            return known
        found = self.client.get_experiment_by_name(self.experiment)
        place = found.experiment_id if found else self.client.create_experiment(self.experiment)
        self.run = str(self.client.create_run(place, run_name=name).info.run_id)
        for field, value in settings.items():
            self.client.log_param(self.run, field, value)
        return self.run

    def numbers(self, values: Mapping[str, float], images: int) -> None:
        for name, value in values.items():
            self.client.log_metric(self.run, name, value, step=images)

    def picture(self, path: Path, images: int) -> None:  # noqa: ARG002
        self.client.log_artifact(self.run, str(path), "samples")

    def close(self, status: str) -> None:
        self.client.set_terminated(self.run, STATUS.get(status, "KILLED"))
