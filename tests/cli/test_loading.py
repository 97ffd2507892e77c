"""While PyTorch is imported a terminal says so, and nothing else does."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from zerosum.cli.loading import WORDS

PROGRAM = """
import sys
sys.argv = ["zerosum", *{words!r}]
from zerosum.cli.main import main
main()
"""
SLOW = """
import os
import signal
os.write(2, b"<torch>")
if {stopped}:
    os.kill(os.getpid(), signal.SIGINT)
raise SystemExit  # no more of it is needed here
"""


def on_terminal(folder: Path, *words: str, stopped: bool = False) -> str:
    """What a terminal is sent by a command, in which torch is a file that tells when it is run."""
    (folder / "torch.py").write_text(SLOW.format(stopped=stopped))
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(words=words)],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
    ):
        os.close(follower)
        seen = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
    os.close(leader)
    return seen.decode()


def test_a_terminal_says_that_pytorch_is_loaded_and_then_takes_it_away(tmp_path: Path) -> None:
    seen = on_terminal(tmp_path, "train", "digits")
    assert re.fullmatch(rf"{WORDS}<torch>\r {{{len(WORDS)},}}\r", seen)


def test_who_stops_it_there_reads_stopped_on_a_line_of_its_own(tmp_path: Path) -> None:
    seen = on_terminal(tmp_path, "train", "digits", stopped=True)
    assert seen.splitlines()[-1] == "stopped"


def test_commands_without_pytorch_say_nothing_of_it(tmp_path: Path) -> None:
    for words in (["runs"], ["recipes"], ["--help"], ["train", "digits", "--batch", "0"]):
        seen = on_terminal(tmp_path, *words)
        assert seen and "PyTorch …" not in seen and "<torch>" not in seen


def test_a_file_is_told_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(SLOW.format(stopped=False))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(words=["train", "digits"])],
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    assert b"<torch>" in done.stderr and WORDS.encode() not in done.stderr
