"""Listeners of a training that hand its curves, sample sheets and scores to experiment trackers.

    zerosum.train("digits", listener=WandbListener("my project"))

Each keeps to one run of its tracker, also where the training was stopped and goes on.
"""

from zerosum.listeners.mlflow import MlflowListener
from zerosum.listeners.trackio import TrackioListener
from zerosum.listeners.wandb import WandbListener

__all__ = ["MlflowListener", "TrackioListener", "WandbListener"]
