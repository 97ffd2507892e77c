"""zerosum: train, measure and compare generative adversarial networks on your own images.

    import zerosum
    run = zerosum.train("digits", out="runs/first")
    pictures = run.generator()(range(16))       # n×H×W×C uint8

Names are imported when they are first used, so that `import zerosum` alone is immediate.
"""

# Not typing's: a command catches its signals before anything that takes time is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from zerosum.api import Run, evaluate, train
    from zerosum.api_studies import StudyRun, study
    from zerosum.errors import UsageError, ZerosumError
    from zerosum.evaluation.scoring import Scores
    from zerosum.recipe import Recipe, load_recipe
    from zerosum.studies.settings import Study

__all__ = [
    "Recipe",
    "Run",
    "Scores",
    "Study",
    "StudyRun",
    "UsageError",
    "ZerosumError",
    "evaluate",
    "load_recipe",
    "study",
    "train",
]

_HOMES = {
    "Recipe": "zerosum.recipe",
    "Run": "zerosum.api",
    "Scores": "zerosum.evaluation.scoring",
    "Study": "zerosum.studies.settings",
    "StudyRun": "zerosum.api_studies",
    "UsageError": "zerosum.errors",
    "ZerosumError": "zerosum.errors",
    "evaluate": "zerosum.api",
    "load_recipe": "zerosum.recipe",
    "study": "zerosum.api_studies",
    "train": "zerosum.api",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'zerosum' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
