"""The commands that repeat a study, for table.md and its page."""

from zerosum.errors import ZerosumError
from zerosum.recipe.fields import option_words
from zerosum.records.commands import command_words
from zerosum.studies.folder import StudyFolder
from zerosum.studies.load import parse_study
from zerosum.studies.own_parts import kept_at
from zerosum.studies.results import CellResult
from zerosum.studies.settings import FIELD, SHORT, Study
from zerosum.studies.table import Layout
from zerosum.visible import shell_word, shell_words


def steps_to_reproduce(folder: StudyFolder, layout: Layout) -> list[tuple[str, str]]:
    """The commands that go on, tell anew, or train one cell again: purpose and command of each.

    Without the study's file, as when it was begun from Python, no command can run it.
    """
    place = shell_word(str(folder.path))
    run = _run(folder, layout)
    steps = [
        ("its table and charts again, from the runs", f"zerosum study show {place}"),
        ("its page", f"zerosum report {place}"),
    ]
    if run:
        steps.insert(0, ("the study: goes on where it was", going_on(folder, layout)))
    for first in layout.results[:1]:
        if run:
            alone = f"{run} --only {shell_word(first.cell.name)} --out again"
            steps.append(("one cell elsewhere; other cells have their own --only", alone))
        if command := without_study(first):
            steps.append(("the same cell without the study", command))
    return steps


def going_on(folder: StudyFolder, layout: Layout) -> str:
    """The command with which a study goes on where it was; "" where it was begun without a file."""
    run = _run(folder, layout)
    return f"{run} --out {shell_word(str(folder.path))}" if run else ""


def _run(folder: StudyFolder, layout: Layout) -> str:
    """The command that runs the study, but for its folder; "" where it was begun without a file."""
    text = definition_text(folder)
    if not text:
        return ""
    words = [str(folder.definition_file), *options(layout.study, text)]
    if files := kept_at(folder, layout.study):
        # Paths in the study's file count from where that was.
        words += [f"--{SHORT}", ",".join(map(str, files))]
    return f"zerosum study run {shell_words(words)}"


def without_study(result: CellResult) -> str:
    """The command that trains a cell again by itself, as its run noted it, in a folder of its own;
    "" where that was not noted."""
    words = command_words(result.run.state())
    if words[:2] != ["zerosum", "train"]:
        return ""
    if "--out" in words:
        place = words.index("--out")
        words[place + 1 : place + 2] = [f"runs/{result.cell.name}"]
    return shell_words(words)


def options(study: Study, text: str) -> list[str]:
    """The options of `zerosum study run` that make the file's study the one that was run."""
    written = as_written(study, text)
    if written is None:
        return []
    words = ["--preset", study.preset] if study.preset else []
    for name in ("images", "epochs", "minutes"):
        value = getattr(study, name)
        if value and value != getattr(written, name):
            words += [f"--{name}", str(value) if isinstance(value, int) else f"{value:g}"]
    if study.data != written.data and len(study.data) == 1:
        words += ["--data", study.data[0]]
    if study.seeds != written.seeds and len(study.seeds) == 1:
        words += ["--seed", str(study.seeds[0])]
    for name, value in study.settings.items():
        if name != FIELD and (name not in written.settings or written.settings[name] != value):
            words += option_words(name, value)
    return words


def as_written(study: Study, text: str) -> Study | None:
    """The study of its file's text; None without one that can be read."""
    try:
        return parse_study(text, study.name, "study.toml", study.preset) if text else None
    except ZerosumError:
        return None


def definition_text(folder: StudyFolder) -> str:
    """The study's file as it was given; "" where it was given none."""
    try:
        return folder.definition_file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
