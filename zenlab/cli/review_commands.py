"""`diff`: what a branch changes, for who reviews it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.repo import Repository

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


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
