"""`zerosum health RUN`: one verdict, what shows it, and what usually helps."""

from pathlib import Path

import click


@click.command(no_args_is_help=True)
@click.argument("run", type=click.Path(path_type=Path))
def health(run: Path) -> None:
    """Tell how the training of RUN is doing, or did.

    The first line is the verdict alone: learning, balanced, discriminator-ahead, generator-ahead,
    collapsed, oscillating, diverged, or too early to say. Then what shows it and since when, and
    what usually helps.
    """
    from zerosum.report.health import diagnose_run
    from zerosum.run import RunFolder

    folder = RunFolder(run)
    diagnosis = diagnose_run(folder)
    click.echo(diagnosis.verdict)
    for text in diagnosis.evidence:
        click.echo(f"  {text}")
    if diagnosis.verdict != "too early to say":
        click.echo(f"  so since {diagnosis.since:,} images")
    click.echo("what usually helps:" if diagnosis.failing else "what to know:")
    for text in diagnosis.remedies:
        click.echo(f"  {text}")
    changes = folder.health()
    if len(changes) > 1:
        click.echo("verdicts so far:")
        for line in changes:
            click.echo(f"  {line['images']:>10,} images  {line['verdict']}")
