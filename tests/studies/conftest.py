"""Commands in processes of their own, which may be killed."""

from tests.training.conftest import launcher

__all__ = ["launcher"]
