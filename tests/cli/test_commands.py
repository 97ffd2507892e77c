"""The commands: exit codes, what is imported when, and what wrong words are told."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from zerosum import WINDOWS
from zerosum.cli.commands import COMMANDS, commands
from zerosum.cli.fields import HIDDEN
from zerosum.cli.main import main
from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.fields import SHORTHANDS, recipe_fields
from zerosum.recipe.load import load_recipe
from zerosum.records.run import RunFolder

Finished = subprocess.CompletedProcess[str]


def zerosum(*words: object, cwd: Path | None = None) -> Finished:
    command = [sys.executable, "-m", "zerosum", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def complaint(code: int, *words: object, cwd: Path | None = None) -> str:
    """What a command that must fail says; never a traceback."""
    finished = zerosum(*words, cwd=cwd)
    assert finished.returncode == code, finished.stderr
    assert "Traceback" not in finished.stderr
    return finished.stderr


def imported(words: Sequence[str]) -> set[str]:
    """The modules that a command has imported when it ends."""
    program = f"""
import sys
sys.argv = ["zerosum", *{list(words)!r}]
from zerosum.cli.main import main
try:
    main()
finally:
    print("MODULES", *sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    return set(output.rpartition("MODULES")[2].split())


def test_the_list_of_commands_needs_neither_torch_nor_pydantic() -> None:
    heavy = {"torch", "numpy", "PIL", "rich", "matplotlib", "pydantic"}
    modules = imported(["--help"])
    assert "zerosum.cli.main" in modules
    assert not heavy & modules


def test_listing_the_recipes_does_without_torch() -> None:
    assert not {"torch", "numpy", "PIL", "pydantic"} & imported(["recipes"])


def test_wrong_words_are_told_before_torch_is_imported() -> None:
    assert "torch" not in imported(["train", "digits", "--batch", "0"])


ONLY_WHERE_NEEDED = {
    "lightning_fabric", "torch._dynamo", "matplotlib", "scipy.stats", "tensorboard",
    "torchvision", "torchmetrics", "torch_fidelity",
}  # fmt: skip
"""Libraries that take up to two seconds each to import."""


def test_pictures_of_a_run_are_made_without_what_trains_draws_and_scores(
    make_run: Callable[..., RunFolder],
) -> None:
    run = make_run()
    modules = imported(["sample", str(run.path)])
    assert list(run.samples.rglob("*.png"))
    assert "torch" in modules
    assert not ONLY_WHERE_NEEDED & modules


def test_images_are_scored_without_what_trains_and_draws(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(12):
        pixels = random.integers(0, 255, (28, 28), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    words = ["evaluate", str(tmp_path), "--against", str(tmp_path), "--extractor", "digits"]
    modules = imported(words)
    assert "zerosum.evaluation.scores.fid" in modules
    assert not ONLY_WHERE_NEEDED & modules


def test_a_training_begins_without_what_draws_and_scores(tmp_path: Path) -> None:
    program = f"""
import os, sys
from zerosum.cli.display import TrainingDisplay
from zerosum.cli.main import main

def glimpsed(display, line):
    print("MODULES", *sys.modules, flush=True)
    os._exit(0)

TrainingDisplay.glimpsed = glimpsed
sys.argv = ["zerosum", "train", "digits", "--out", {str(tmp_path / "run")!r}]
main()
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    modules = set(output.rpartition("MODULES")[2].split())
    # torch's own optimisers import torch._dynamo when they are made.
    needed = {"lightning_fabric", "torch._dynamo", "tensorboard"}
    assert needed < modules
    assert not (ONLY_WHERE_NEEDED - needed) & modules


def test_importing_zerosum_does_not_import_torch() -> None:
    program = "import sys, zerosum; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    assert "zerosum" in output.split()
    assert not {"torch", "numpy", "pydantic"} & set(output.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_its_help_works(name: str) -> None:
    result = CliRunner().invoke(commands, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: commands {name}")
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    for subcommand in getattr(command, "commands", {}):
        assert CliRunner().invoke(commands, [name, subcommand, "--help"]).exit_code == 0


def test_every_field_is_an_option_with_help() -> None:
    from zerosum.cli.train import train

    options = [each for each in train.get_params(click.Context(train)) if each.opts]
    help_of = {name: each.help for each in options for name in each.opts}
    fields = set(recipe_fields()) - HIDDEN
    names = {name.replace("_", "-") for name in fields}
    for name in names | set(SHORTHANDS):
        assert help_of[f"--{name}"], name
    text = CliRunner().invoke(train, ["--help-all"]).output
    assert all(f"--{name} " in text for name in names)


def test_options_set_the_fields_of_their_name() -> None:
    from zerosum.cli.fields import overrides
    from zerosum.cli.train import train

    words = ["x", "--learning-rate", "0.5", "--data.flip", "yes"]
    words += ["--optimizer.generator.betas", "0.1", "0.2"]
    words += ["--evaluation.scores", "fid,kid", "--data.channels", "1"]
    recipe = load_recipe("dcgan", overrides(train.make_context("train", words).params))
    assert recipe.optimizer.discriminator.learning_rate == 0.5
    assert recipe.optimizer.generator.betas == (0.1, 0.2)
    assert (recipe.data.flip, recipe.data.channels) == (True, 1)
    assert recipe.evaluation.scores == ("fid", "kid")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trian"], "did you mean train?"),
        (["train", "digitz"], "did you mean digits?"),
        (["train", "digits", "--bacht", "3"], "did you mean --batch?"),
        (["train", "digits", "--schedule.bach", "3"], "--schedule.batch"),
        (["train", "digits", "--objective.loss", "wgan"], "did you mean wasserstein?"),
        (["train", "digits", "--batch", "0"], "schedule.batch = 0 is not allowed"),
        (["train", "digits", "--batch", "x"], "--batch x is not allowed"),
        (["train", "digits", "--data.resolution", "33"], "multiples of 16\n  take 32"),
        (["train", "digits", "--data.resolution", "64x78"], "take 64x80"),
        (["train", "digits", "--data.resolution", "64 by 78"], "write a side in pixels"),
        (["train", "digits", "--objective.penalty", "r1"], "mixes the images"),
        (["train", "digits", "--stop-after", "soon"], "90s, 10m"),
        (["train", "digits", "--devices", "0"], "--devices"),
        (["recipes", "show", "dcgn"], "did you mean dcgan"),
        (["recipes", "shw", "dcgan"], "did you mean show?"),
        (["sample", "--n", "0", "run"], "--n"),
        (["evaluate", "run", "--data", "mnist"], "give real images by --against mnist"),
    ],
)
def test_wrong_words_exit_with_2_and_the_right_ones(words: list[str], told: str) -> None:
    assert told in complaint(2, *words)


def refusal(*words: object) -> ZerosumError:
    """What a command raises, in this process: importing torch anew takes seconds."""
    result = CliRunner().invoke(commands, [str(word) for word in words], standalone_mode=False)
    assert isinstance(result.exception, ZerosumError), result.output
    return result.exception


@pytest.mark.parametrize("option", ["--compile", "--cuda-graph"])
def test_what_is_for_cuda_is_refused_on_the_processor(option: str, tmp_path: Path) -> None:
    words = ["--device", "cpu", "--out", tmp_path / "run"]
    error = refusal("train", "digits", option, *words)
    assert isinstance(error, UsageError) and f"{option} is for" in error.what
    assert error.remedy == f"leave {option} out"
    assert not (tmp_path / "run").exists()


def test_a_recipe_without_images_asks_for_them() -> None:
    error = refusal("train", "dcgan")
    assert isinstance(error, UsageError)
    assert "--data digits" in error.remedy


def test_data_that_is_not_there_exits_with_1_and_leaves_nothing(tmp_path: Path) -> None:
    assert "nothing at fotos" in complaint(1, "data", "check", "fotos", cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_data_that_is_empty_or_no_image_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    assert "has no images" in refusal("train", "dcgan", "--data", tmp_path / "empty").what
    assert "notes.txt" in refusal("train", "dcgan", "--data", tmp_path / "notes.txt").what


@pytest.mark.parametrize("command", ["sample", "interpolate", "film"])
def test_what_is_no_run_is_refused_by_its_path(tmp_path: Path, command: str) -> None:
    assert "there is no run at" in refusal(command, tmp_path / "missing").what
    assert "is not a run" in refusal(command, tmp_path).what


def test_a_shown_recipe_is_a_recipe(tmp_path: Path) -> None:
    shown = zerosum("recipes", "show", "sngan")
    assert shown.returncode == 0
    (tmp_path / "my.toml").write_text(shown.stdout)
    assert load_recipe(str(tmp_path / "my.toml")) == load_recipe("sngan")
    assert "# discriminator: " in shown.stdout


def test_the_recipes_are_listed_with_their_headlines() -> None:
    result = CliRunner().invoke(commands, ["recipes"])
    assert re.search(r"^wgan-gp +Wasserstein GAN with gradient penalty", result.output, re.M)


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"({sys.executable} -m zerosum train --help; echo rc=$? >&2) | true"
    finished = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert "Traceback" not in finished.stderr
    assert re.search(r"rc=141\n", finished.stderr)


SLEEPER = """
import sys, time, click
from zerosum.cli import commands as zerosum
from zerosum.cli.main import main
class Sleeping(zerosum.Commands):
    def get_command(self, ctx, name):
        def sleep():
            try:
                print("ready", flush=True)
                time.sleep(60)
            finally:
                print("unwound", flush=True)
        return click.Command("sleep", callback=sleep)
zerosum.commands = Sleeping("zerosum")
sys.argv = ["zerosum", "data"]
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_unwinds_the_command_and_is_the_exit_code(
    number: signal.Signals, code: int
) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert process.stdout.read() == b"unwound\n"
    assert process.returncode == code


def test_control_c_in_a_terminal_saves_and_says_how_to_continue(tmp_path: Path) -> None:
    words = ["train", "digits", "--out", "run", "--width", "4", "--schedule.log_every", "5"]
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "zerosum", *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TERM": "xterm", "COLUMNS": "200"}
    with subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, cwd=tmp_path, env=environment
    ) as process:
        os.close(follower)
        seen, began = b"", time.monotonic()
        pressed = False
        while time.monotonic() - began < 100:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            seen += part
            if not pressed and b"D(G(z))" in seen:
                process.send_signal(signal.SIGINT)
                pressed = True
    os.close(leader)
    text = seen.decode(errors="replace")
    assert process.returncode == 130, text
    assert "stopped: " in text
    assert "continue:    zerosum train" in text
    assert (tmp_path / "run" / "checkpoints" / "latest").is_dir()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["click", "zerosum.cli.evaluate", "pydantic", "torch", "numpy"])
def test_stopped_in_an_import_says_so_without_a_traceback(module: str, signal_number: int) -> None:
    program = f"""
import os, sys
class Stopper:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {int(signal_number)})
sys.meta_path.insert(0, Stopper())
sys.argv = ["zerosum", "evaluate", "digits"]
from zerosum.cli.main import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (128 + signal_number, "stopped\n")


def test_nothing_heavy_is_imported_before_signals_are_caught() -> None:
    program = "import sys, zerosum.cli.main; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    assert not {"click", "importlib.metadata", "pydantic"} & set(output.split())


def test_a_background_job_goes_on_ignoring_ctrl_c() -> None:
    program = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.argv = ["zerosum", "recipes"]
from zerosum.cli.main import main
import zerosum.cli.commands as commands
run = commands.commands.invoke
def invoke(context):
    os.kill(os.getpid(), signal.SIGINT)
    return run(context)
commands.commands.invoke = invoke
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "sngan" in ended.stdout


def test_on_windows_it_says_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("zerosum.cli.main.sys.platform", "win32")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "install it in WSL" in capsys.readouterr().err


def test_python_on_windows_says_where_it_runs() -> None:
    program = "import sys; sys.platform = 'win32'; import zerosum; zerosum.train"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stderr.endswith(f"ImportError: {WINDOWS}\n")


SPEAKING = """
import logging, sys, warnings
import click
from zerosum.cli import commands as zerosum
from zerosum.cli.main import main

class Noisy(click.Group):
    def get_command(self, ctx, name):
        def speak():
            MORE
            logging.getLogger("matplotlib.font_manager").warning("building the font cache")
            warnings.simplefilter("default")
            warnings.warn("deprecated", DeprecationWarning)
            logging.getLogger("zerosum.data.pack").warning("a pack is damaged")
            print("done")
        return click.Command("speak", callback=speak)
zerosum.commands = Noisy("zerosum")
sys.argv = ["zerosum", "data"]
main()
"""


def test_nothing_is_shown_of_what_libraries_log_and_warn_of() -> None:
    fabric = (
        "from lightning_fabric import Fabric; Fabric(accelerator='cpu', precision='bf16-mixed')"
    )
    noisy = SPEAKING.replace("MORE", fabric)
    done = subprocess.run([sys.executable, "-c", noisy], capture_output=True, text=True, check=True)
    assert done.stdout == "done\n"
    assert done.stderr == "zerosum: a pack is damaged\n"


def test_warnings_that_python_is_asked_for_are_shown() -> None:
    asked = [sys.executable, "-W", "default", "-c", SPEAKING.replace("MORE", "pass")]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert "DeprecationWarning: deprecated" in done.stderr
