"""Train, measure and compare generative adversarial networks on your own images.

    import zerosum
    run = zerosum.train("digits")          # a folder, runs/digits-digits-1
    zerosum.sample(run, 16)                # pictures: an array; in a notebook, a sheet
    zerosum.evaluate(run)["fid"]           # a score; without ["fid"], all with their errors

Train
    train(recipe, data, out)       a recipe on images; goes on with an unfinished run
    advise(data), estimate(recipe, data)   what to train on these pictures; how long it takes
    study(definition, out)         many trainings of one question, and their table
    Run.open(path), StudyRun.open(path)    what was trained before
    load_recipe(name, overrides)   the settings of a recipe, typed

Look and measure
    sample(run, count)             pictures of a generator
    interpolate(run, pairs)        the ways from one picture to another
    run.generator()                a function from picture numbers, or latents, to pictures
    export(run, format)            the generator for other programs: ONNX, Hugging Face, PyTorch
    from_pretrained(source)        a generator that was exported, from a folder or the Hub
    explore(run)                   a page on this machine to explore a generator
    health(run)                    how the training went, and what usually helps
    evaluate(images, against)      FID, KID, precision, recall, coverage of a run or any images
    modes(images)                  the classes that are covered
    neighbours(run)                did it copy its training images?
    project(run, pictures)         the latents whose pictures come nearest to these
    map(run)                       real and generated images on a plane
    compare([run, other])          settings, scores, curves and samples side by side
    report(run)                    all of it as one HTML page

Bring your own, in a file that train(…, overrides={"with": FILE}) names
    @loss(name), @penalty(name), @augmentation(name)    what the discriminator learns by, and sees
    @network, @damage, @images, @score, @extractor    players, damage, images, scores, features

What goes wrong is a ZerosumError that says what to do. help(zerosum.train) has all settings.
"""

# Names are imported when they are first used, so that `import zerosum` alone is immediate. They
# stand in no __all__, which would make help(zerosum) print the text of every one of them.

import sys
from types import ModuleType

# Not typing's: a command catches its signals before anything that takes time is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from zerosum.adversarial.register import augmentation as augmentation
    from zerosum.adversarial.register import loss as loss
    from zerosum.adversarial.register import penalty as penalty
    from zerosum.api import train as train
    from zerosum.api_advice import advise as advise
    from zerosum.api_advice import estimate as estimate
    from zerosum.api_analyses import map as map
    from zerosum.api_analyses import modes as modes
    from zerosum.api_analyses import neighbours as neighbours
    from zerosum.api_analyses import project as project
    from zerosum.api_compare import compare as compare
    from zerosum.api_evaluate import evaluate as evaluate
    from zerosum.api_explore import explore as explore
    from zerosum.api_export import export as export
    from zerosum.api_export import from_pretrained as from_pretrained
    from zerosum.api_pictures import interpolate as interpolate
    from zerosum.api_pictures import sample as sample
    from zerosum.api_report import health as health
    from zerosum.api_report import report as report
    from zerosum.api_run import Run as Run
    from zerosum.api_studies import StudyRun as StudyRun
    from zerosum.api_studies import study as study
    from zerosum.data.sources.register import images as images
    from zerosum.errors import UsageError as UsageError
    from zerosum.errors import ZerosumError as ZerosumError
    from zerosum.evaluation.extractors.register import extractor as extractor
    from zerosum.evaluation.scores.register import score as score
    from zerosum.evaluation.scoring import Scores as Scores
    from zerosum.networks.register import network as network
    from zerosum.recipe.load import load_recipe as load_recipe
    from zerosum.recipe.settings import Recipe as Recipe
    from zerosum.studies.settings import Study as Study
    from zerosum.tasks.register import damage as damage
    from zerosum.training.progress import Listener as Listener

_HOMES = {
    "Listener": "zerosum.training.progress",
    "Recipe": "zerosum.recipe.settings",
    "Run": "zerosum.api_run",
    "Scores": "zerosum.evaluation.scoring",
    "Study": "zerosum.studies.settings",
    "StudyRun": "zerosum.api_studies",
    "UsageError": "zerosum.errors",
    "ZerosumError": "zerosum.errors",
    "advise": "zerosum.api_advice",
    "augmentation": "zerosum.adversarial.register",
    "compare": "zerosum.api_compare",
    "damage": "zerosum.tasks.register",
    "estimate": "zerosum.api_advice",
    "evaluate": "zerosum.api_evaluate",
    "explore": "zerosum.api_explore",
    "export": "zerosum.api_export",
    "extractor": "zerosum.evaluation.extractors.register",
    "from_pretrained": "zerosum.api_export",
    "health": "zerosum.api_report",
    "images": "zerosum.data.sources.register",
    "interpolate": "zerosum.api_pictures",
    "loss": "zerosum.adversarial.register",
    "load_recipe": "zerosum.recipe.load",
    "map": "zerosum.api_analyses",
    "modes": "zerosum.api_analyses",
    "neighbours": "zerosum.api_analyses",
    "network": "zerosum.networks.register",
    "penalty": "zerosum.adversarial.register",
    "project": "zerosum.api_analyses",
    "report": "zerosum.api_report",
    "sample": "zerosum.api_pictures",
    "score": "zerosum.evaluation.scores.register",
    "study": "zerosum.api_studies",
    "train": "zerosum.api",
}

WINDOWS = (
    "zerosum runs on Linux and macOS, not on Windows itself\n"
    "  install it in WSL: `wsl --install` in PowerShell, then the same in its terminal"
)
"""Locks, links and signals of runs are those of POSIX."""


class _Package(ModuleType):
    """`zerosum.report` is the function. The room of that name would take its place as soon as
    something imports it; imports find the room all the same."""

    @property
    def report(self) -> object:
        return __getattr__("report")

    @report.setter
    def report(self, room: object) -> None: ...


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    if name in _HOMES:
        if sys.platform == "win32":
            raise ImportError(WINDOWS)
        from importlib import import_module

        if _HOMES[name].startswith("zerosum.api"):
            from zerosum.processor import WATCH

            WATCH.begin()  # what others use of the processor, while PyTorch is imported
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'zerosum' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_HOMES)
