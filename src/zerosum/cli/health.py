"""`zerosum health RUN`: one verdict, what shows it, and what usually helps."""

from pathlib import Path

import click

from zerosum.cli.pictures import run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
def health(run: Path) -> None:
    """Tell how the training of RUN is doing, or did.

    The first line is the verdict alone: learning, balanced, discriminator-ahead, generator-ahead,
    not-learning, faded, collapsed, memorising, oscillating, diverged, no-variety, or too early to
    say. Then, of a restoration, its phase; what shows it and since when, and what usually helps.
    """
    from zerosum.recipe.phases import PHASE_WORDS
    from zerosum.records.run import DIVERGED, RunFolder
    from zerosum.studies.run_verdict import diagnose_run, verdicts_so_far

    folder = RunFolder(run)
    diagnosis = diagnose_run(folder)
    echo(diagnosis.verdict)
    if diagnosis.phase:
        echo(f"  phase: {PHASE_WORDS[diagnosis.phase]}")
    for text in diagnosis.evidence:
        echo(f"  {text}")
    if diagnosis.verdict != "too early to say":
        echo(f"  so since {diagnosis.since:,} images")
        if diagnosis.verdict != DIVERGED:
            echo("  by medians of the newest log lines; summary.md has the last line's numbers")
    echo("what usually helps:" if diagnosis.failing else "what to know:")
    for text in diagnosis.remedies:
        echo(f"  {text}")
    changes = verdicts_so_far(folder, folder.metrics())
    if len(changes) > 1:
        echo("verdicts so far:")
        for images, verdict, phase in changes:
            where = f"  ({PHASE_WORDS[phase]})" if phase else ""
            echo(f"  {images:>10,} images  {verdict}{where}")
