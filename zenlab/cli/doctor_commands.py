"""`zenlab doctor`: whether everything can be used from here, and what to do if not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from zenlab.core.errors import ZenlabError

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.command()
@click.pass_obj
def doctor(surface: Surface) -> None:
    """Check the stores, Git, the worker, and the kernel's and the Jupyter server's environment.

    It fails if there is a problem. A small artifact is written and deleted again; nothing stays.
    """
    from zenlab.repo import Repository
    from zenlab.repo.doctor import examine

    found: Counter[str] = Counter()
    last = ""
    for check in examine(Repository):
        found[check.state] += 1
        area = check.area if check.area != last else ""
        last = check.area
        surface.say(f"{area:<15} {check.state:<8} {check.text}".rstrip())
        if check.hint:
            head, *more = check.hint.splitlines()
            for line in [f"next: {head}", *(f"      {line}" for line in more)]:
                surface.say(f"{'':<24} {line}")
    if found["problem"]:
        raise ZenlabError(
            f"{_count(found['problem'], 'problem')}, {_count(found['notice'], 'notice')}.",
            hint="Do what stands below each problem, and call the doctor again.",
        )
    surface.say(f"No problem, {_count(found['notice'], 'notice')}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
