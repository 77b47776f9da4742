"""`env`: the environments in which pipelines were executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.repo import Repository

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface
    from zenlab.pipelines.environments import EnvironmentDifference

_SHOWN = 40


@click.group(cls=SuggestingGroup)
def env() -> None:
    """The environments in which pipelines were executed."""


@env.command("diff")
@click.argument("target", metavar="NAME")
@click.option("--all", "every", is_flag=True, help="Show all packages that differ.")
@click.pass_obj
def env_diff(surface: Surface, target: str, every: bool) -> None:
    """Show what differs between the environment in which NAME was executed and this one.

    NAME is a pipeline, or a revision of it, such as "Pipeline A#2". What its steps' code reaches
    comes first, marked with the steps; ! marks a version that counts in their keys, so that they
    would run again here.
    """
    from zenlab.pipelines.environments import environment_differences

    label, found = environment_differences(target, Repository())
    for difference in found:
        for line in _lines(label, difference, every):
            surface.say(line)


def _lines(label: str, found: EnvironmentDifference, every: bool) -> list[str]:
    from zenlab.cli.listing import table

    where = f", in {found.label}" if found.label != label else ""
    head = f"{label}: {', '.join(found.slots)} executed{where}"
    if not found.known:
        head += ", before environments were recorded: of packages only what keys have is known"
    if not found.differs:
        same = f" ({found.same} packages)" if found.known else ""
        return [f"{head}: nothing differs from here{same}."]
    rows = [("", "there", "here", "")]
    rows += [(name, there, here, "") for name, there, here in found.facts]
    most = len(found.packages) if every else _SHOWN
    rows += [
        (p.name, p.there, p.here, f"{'! ' if p.counts else ''}{', '.join(p.slots)}")
        for p in found.packages[:most]
    ]
    lines = [f"{head}:", *(f"  {line}" for line in table(rows))]
    if len(found.packages) > most:
        lines.append(f"  {len(found.packages) - most} more packages: --all")
    if found.known:
        lines.append(f"  {found.same} packages are the same.")
    return lines
