"""Small runs as training leaves them, for commands that read runs."""

from tests.generation.conftest import make_run

__all__ = ["make_run"]
