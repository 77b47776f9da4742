"""`diff`, `reproduce`, `eject`: for who reviews what a branch changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zenlab.cli.targets import find_pipeline
from zenlab.core.errors import (
    AlreadyExistsException,
    PipelineNotSucceededException,
    ZenlabError,
)
from zenlab.core.files import write_atomically
from zenlab.repo import Repository

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.pipelines.reproduce import Row


@click.command()
@click.argument("revisions", nargs=-1, metavar="[REVISIONS]")
@click.option("--markdown", is_flag=True, help="As Markdown, for a pull request.")
@click.pass_obj
def diff(surface: Surface, revisions: tuple[str, ...], markdown: bool) -> None:
    """Show how the pipelines of two Git revisions differ.

    REVISIONS is A..B or A B, A...B (from where B left A, to B), A (that and the work tree), or
    nothing (HEAD and the work tree): pipelines that were added, removed, renamed or changed, their
    parameters, data, code and schemas, and the metrics as far as the store knows runs of both.
    Nothing is checked out, and no file is changed.
    """
    from zenlab.repo.reviewing import diff as between

    if len(revisions) > 2:
        raise click.UsageError("Give at most two revisions, such as: diff main..HEAD")
    panel = between(Repository(), revisions)
    if markdown:
        surface.say(panel.markdown().rstrip("\n"))
    else:
        surface.show(panel)


_METRICS = 20


@click.command()
@click.argument("target", metavar="NAME")
@click.option("--commit", metavar="REV", help="Take the code of this commit.")
@click.pass_obj
def reproduce(surface: Surface, target: str, commit: str | None) -> None:
    """Run pipeline NAME again from its commit and its data, and compare.

    Every step is executed in a temporary work tree of Git, without the cache, and its results are
    compared with the recorded ones: equal, within a relative 1e-9, or different, and where first.
    It fails if they are different. Nothing that is here changes: neither files, index and branch,
    nor the stores.
    """
    from zenlab.cli.listing import table
    from zenlab.repo.reproducing import reproduce as run_again

    repository = Repository()
    pipeline = find_pipeline(target, surface, repository)
    if pipeline.last is None:
        raise PipelineNotSucceededException(
            f"Pipeline '{pipeline.name}' has not been run, so there is nothing to reproduce."
        )
    found = run_again(repository, pipeline.last.spec, commit=commit, say=surface.say)
    surface.say("")
    for line in table(_rows(found.verdict.rows)):
        surface.say(line)
    if found.verdict.outcome == "different":
        raise ZenlabError(
            f"{found.run.label} was not reproduced. {found.verdict.sentence}",
            where=f"commit {found.commit[:12]}",
            hint=f'See what differs in the environment: zenlab env diff "{found.run.label}"',
        )
    surface.say(f"{found.run.label} was reproduced. {found.verdict.sentence}")


def _rows(rows: tuple[Row, ...]) -> list[tuple[str, ...]]:
    """Outputs, and of the metrics those that differ and the first ones that do not."""
    shown: list[tuple[str, ...]] = [("step", "", "recorded", "here", "")]
    equal = 0
    for row in rows:
        if row.kind == "metric" and row.how == "equal":
            equal += 1
            if equal > _METRICS:
                continue
        told = f"{row.how}: {row.where}" if row.where else row.how
        shown.append((row.slot, row.what, row.old, row.new, told))
    if equal > _METRICS:
        shown.append(("", f"{equal - _METRICS} more metrics", "", "", "equal"))
    return shown


@click.command()
@click.argument("target", metavar="NAME")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.",
)
@click.option(
    "--data",
    type=click.Choice(["paths", "copy"]),
    default="paths",
    show_default=True,
    help="Read the Parquet files where they are, or copy them beside the script.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_obj
def eject(surface: Surface, target: str, file: Path | None, data: str, force: bool) -> None:
    """Write pipeline NAME as a plain Python script, which runs without zenlab.

    It reads the splits from their Parquet files, has your own functions by their source, and
    prints the metrics beside the recorded ones. What cannot be written is said in it. With -o
    the file is written (and with --data copy a folder beside it), else the script is printed.
    """
    from zenlab.pipelines.eject import copy_data
    from zenlab.pipelines.eject import eject as write

    repository = Repository()
    pipeline = find_pipeline(target, surface, repository)
    if pipeline.last is None:
        raise PipelineNotSucceededException(f"Pipeline '{pipeline.name}' has not been run.")
    if file is None and data == "copy":
        raise click.UsageError("--data copy needs a file beside which the data goes: -o FILE")
    folder = f"{file.stem}_data" if file is not None and data == "copy" else None
    taken = [p for p in (file, file and folder and file.with_name(folder)) if p and p.exists()]
    if taken and not force:
        raise AlreadyExistsException(
            f"'{taken[0].name}' is there already.",
            where=str(taken[0]),
            hint="Give another name, or replace it: --force",
        )
    found = write(pipeline.last.spec, repository, copy_to=folder)
    for note in found.notes:
        click.echo(note, err=True)
    if file is None:
        surface.say(found.text.rstrip("\n"))
        return
    try:
        copy_data(found, file.parent)
        write_atomically(file, found.text)
    except OSError as error:
        raise ZenlabError(
            f"The script cannot be written: {error.strerror or error}.",
            where=str(error.filename or file),
            hint="Give another place: -o FILE",
        ) from None
    surface.say(f"Wrote {file}" + (f" and {folder}/" if folder else ""))
