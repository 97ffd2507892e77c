from tests.exporting.conftest import run_of
from tests.generation.conftest import make_run

__all__ = ["make_run", "run_of"]
