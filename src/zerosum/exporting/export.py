"""An export: made, checked beside the run, and only then put in its place."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.exporting.exporter import Check, Made, checked, exporter_of
from zerosum.exporting.repository import push, require_pushing
from zerosum.exporting.request import FORMATS, ExportRequest, Format
from zerosum.exporting.subject import Subject
from zerosum.files import require_suffix, sync
from zerosum.generation.generator import load_generator
from zerosum.generation.output import staged_file, staged_folder
from zerosum.records.run import RunFolder, slug
from zerosum.suggest import did_you_mean
from zerosum.words import listed


@dataclass(frozen=True)
class Exported:
    """What was written, and how its pictures lie beside those of the run."""

    path: Path
    """A file, or a folder."""
    size: int
    """Bytes."""
    checkpoint: str
    """Images that the generator had seen, in nine digits."""
    weights: str
    """"average" or "last"."""
    check: Check
    repository: str = ""
    """The address on the Hub, where it was sent there."""


def export_run(run: RunFolder, asked: ExportRequest, stage: Stage = no_stage) -> Exported:
    """Write a generator of a run in a format.

    What is written lies beside its place until the program that its users read it with has made the
    same pictures of it as the run, to one grey level; after an error or Ctrl-C nothing is left,
    but where only the sending failed, the folder stays. Raises ZerosumError, which says what to do.
    """
    form = _required(asked)
    generator = load_generator(run, asked.checkpoint, averaged=asked.average, device="cpu")
    name = f"{slug(generator.run)}-{generator.checkpoint}{form.suffix}"
    out = asked.out or run.exports / name
    if form.suffix:
        require_suffix(out, (form.suffix,))
    subject, exporter = Subject(run, generator, asked.push), exporter_of(asked.format)
    stage(f"making {form.title}", 0, 1)
    made = exporter.make(subject)
    exporter.reader()  # imported before anything is written: an import ends without tidying up
    with staged_file(out) if form.suffix else staged_folder(out) as beside:
        size = write_files(made, beside)
        stage("comparing its pictures with the run's", 0, 1)
        check = checked(exporter, subject, beside)
    repository = ""
    if asked.push:
        stage(f"sending it to {asked.push}", 0, 1)
        repository = push(out, asked.push)
    return Exported(out, size, generator.checkpoint, generator.weights, check, repository)


def _required(asked: ExportRequest) -> Format:
    """The format. Raises a ZerosumError where it is none, or what it needs is missing."""
    form = FORMATS.get(asked.format)
    if form is None:
        hint = did_you_mean(asked.format, list(FORMATS))
        raise UsageError(
            f"there is no --format={asked.format}",
            f"{hint} choose from: {', '.join(FORMATS)}".strip(),
        )
    if missing := [name for name in form.packages if find_spec(name) is None]:
        is_not = "is not" if len(missing) == 1 else "are not"
        raise ZerosumError(
            f"{form.title} needs {listed(missing)}, which {is_not} installed",
            f"install the extra: pip install 'zerosum[{form.extra}]'",
        )
    if asked.push:
        if form.suffix:
            raise UsageError(
                f"--push sends a folder of the format hub, not {form.title}",
                "write --format=hub, or leave --push out",
            )
        require_pushing(asked.push)
    return form


def write_files(made: Made, path: Path) -> int:
    """Write the content of a file, or of each file of a folder; returns the bytes in all."""
    files = (
        {path: made} if isinstance(made, bytes) else {path / n: each for n, each in made.items()}
    )
    for file, content in files.items():
        file.write_bytes(content)
        sync(file)
    return sum(map(len, files.values()))
