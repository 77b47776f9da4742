"""`zenlab step ...`: the steps of the pipelines, and what differs between two versions of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.repo import Repository
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.group(cls=SuggestingGroup)
def step() -> None:
    """Steps and their versions; `%%zen step FILE` writes a cell into a module."""


@step.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that zenlab brings.")
@click.pass_obj
def list_(surface: Surface, everything: bool) -> None:
    """List the steps of the pipelines, a version a line."""
    versions = Repository().step_versions()
    shown = [v for v in versions if everything or v.code is not None]
    if not shown:
        surface.say(
            "No pipeline has a step of your own; those of zenlab: zenlab step list --all"
            if versions
            else "There is no pipeline yet."
        )
        return
    width = max(len(version.label) for version in shown)
    for version in shown:
        note = "" if version.pin is not None else "  (not committed)"
        surface.say(visible(f"{version.label:{width}}  {', '.join(version.pipelines)}{note}"))


@step.command()
@click.argument("old")
@click.argument("new")
@click.pass_obj
def diff(surface: Surface, old: str, new: str) -> None:
    """Show what differs between two versions of a step.

    OLD and NEW are of `step list`: `trainers.my.MyTrainer@4f2a91c03b7d`. The first digits are
    enough.
    """
    from zenlab.engine.codediff import changed_code, unified
    from zenlab.repo.step_versions import find_version

    repository = Repository()
    versions = repository.step_versions()
    sides = [find_version(text, versions) for text in (old, new)]
    pairs = changed_code(*(repository.reached_by(side) for side in sides))
    if not pairs:
        surface.say(f"{sides[0].label} and {sides[1].label} do the same.")
        return
    surface.say(f"--- {sides[0].label}")
    surface.say(f"+++ {sides[1].label}")
    for pair in pairs:
        surface.say(f"{pair.entry.kind} {pair.entry.name}")
        for line in unified(pair):
            surface.say(visible(line))
