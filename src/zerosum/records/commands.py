"""The commands that a run came from, and that go on with it."""

import shlex

from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.visible import shell_words

LENGTHS = ("--images", "--epochs", "--schedule.images", "--schedule.epochs")


def train_command(run: RunFolder, state: RunState, images: int = 0) -> str:
    """The command that trained the run, with the folder where it lies now; with `images`, the one
    that trains it on to so many.

    A run that Python code began is continued from its recipe file.
    """
    words = command_words(state)
    if words[:2] != ["zerosum", "train"]:
        words = ["zerosum", "train", str(run.recipe_file)]
    # To go back again would leave aside what came since; --stop-after was for that one time.
    for option in ("--out", "--from", "--stop-after", *(LENGTHS if images else ())):
        while option in words:
            place = words.index(option)
            words[place : place + 2] = []
        words = [word for word in words if not word.startswith(f"{option}=")]
    longer = ["--images", str(images)] if images else []
    return shell_words([*words, "--out", str(run.path), *longer])


def command_words(state: RunState) -> list[str]:
    """The words of the command that began a run; none where they are no command line, as those
    that Python code noted may be."""
    try:
        return shlex.split(str(state.get("command", "")))
    except ValueError:
        return []
