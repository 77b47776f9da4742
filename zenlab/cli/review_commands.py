"""`diff`, `reproduce`: for who reviews what a branch changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.cli.targets import find_pipeline
from zenlab.core.errors import PipelineNotSucceededException, ZenlabError
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
