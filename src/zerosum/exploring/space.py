"""The page as a folder for a Space of the Hugging Face Hub, and the page of such a folder."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.exploring.explorer import Explorer
from zerosum.exploring.request import ExploreRequest
from zerosum.exporting import hub
from zerosum.exporting.card import told
from zerosum.exporting.config import parts_in
from zerosum.exporting.export import write_files
from zerosum.exporting.exporter import Check, checked
from zerosum.exporting.subject import Subject
from zerosum.generation.generator import load_generator, require_latents
from zerosum.generation.output import staged_folder
from zerosum.recipe.parts import PartsSettings
from zerosum.records.run import RunFolder
from zerosum.trust import trust
from zerosum.versions import versions

GRADIO = "6.31.0"
"""The version that the page was tried with."""
APP = '''\
"""The page of `zerosum explore`, as a Space of the Hugging Face Hub."""

from pathlib import Path

from zerosum.exploring.space import open_space

open_space(Path(__file__).parent{trusted})
'''


@dataclass(frozen=True)
class Saved:
    """What was written, and how its pictures lie beside those of the run."""

    path: Path
    size: int
    """Bytes."""
    check: Check


def save_space(
    run: RunFolder, folder: Path, asked: ExploreRequest, stage: Stage = no_stage
) -> Saved:
    """Write the page of a run as a folder for a Space: what `zerosum export --format hub` writes,
    an app.py and its requirements.txt.

    The folder has its name once its generator was read back and made the run's pictures; after an
    error or Ctrl-C nothing is left. Raises ZerosumError, which says what to do.
    """
    generator = load_generator(run, asked.checkpoint, averaged=asked.average, device="cpu")
    require_latents(generator)
    subject = Subject(run, generator)
    stage("making the Space", 0, 1)
    files = hub.make(subject) | {
        hub.CARD: (_head(generator.run) + told(subject, hub.SHEET)).encode(),
        "app.py": _app(generator.recipe.parts).encode(),
        "requirements.txt": f"zerosum[explore]>={versions()['zerosum']}\n".encode(),
    }
    with staged_folder(folder, "--save") as beside:
        size = write_files(files, beside)
        stage("comparing its pictures with the run's", 0, 1)
        check = checked(hub.EXPORTER, subject, beside)
    return Saved(folder, size, check)


def _head(name: str) -> str:
    """What the Hub reads of a Space in its README.md."""
    # A text of JSON is one of YAML too, whatever is in the name of a run.
    title = json.dumps(name, ensure_ascii=False)
    lines = (
        f"title: {title}", "emoji: 🎛️", "colorFrom: blue", "colorTo: gray", "sdk: gradio",
        f"sdk_version: {GRADIO}", 'python_version: "3.11"', "app_file: app.py",
    )  # fmt: skip
    return "\n".join(("---", *lines, "---", "", ""))


def _app(parts: PartsSettings) -> str:
    """The app.py of a Space. Whoever has it run runs what its author wrote, parts included: it says
    which texts these are."""
    trusted = ", ".join(f'"{each.sha256}"' for each in parts.files)
    names = ", ".join(each.name for each in parts.files)
    said = f", trusted=[{trusted}])  # {names}, in config.json" if names else ")"
    return APP.replace("{trusted})", said)


def open_space(folder: Path, trusted: Collection[str] = ()) -> None:
    """The page of such a folder, until the process is ended. There are no training pictures to
    search. `trusted` are the SHA-256 of its parts that may be run."""
    from zerosum.exploring.page import launch, make_page

    try:
        for each in parts_in(folder):
            if each.sha256 in trusted:
                trust(each.text)
        page = make_page(Explorer(hub.load_pretrained(folder)))
    except ZerosumError as error:
        raise SystemExit(f"zerosum: {error.what}\n  {error.remedy}") from error
    launch(page, host=None, port=None, browser=False)
    page.block_thread()
