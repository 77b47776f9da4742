"""The lines of `plan --all`: a pipeline each, and below it what would run and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.cli.listing import table
from zenlab.views.strings import SENTENCE_LENGTH, shorten, visible
from zenlab.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.pipelines.why.every import PipelinePlan
    from zenlab.repo import Repository


def every_plan(repository: Repository) -> Iterator[str]:
    """What all pipelines of the directory would execute, and what that comes to.

    Args:
        repository: whose pipelines are meant.
    """
    from zenlab.pipelines.why.every import explain_every, total

    specs, broken = repository.files.all()
    plans = explain_every(specs, repository)
    for plan in plans:
        yield from _lines(plan)
    for path, error in broken.items():
        yield f"! {path.name}: {shorten(error.message, SENTENCE_LENGTH)}"
    if not plans and not broken:
        yield "There is no pipeline yet."
        return
    files = (
        f"; {len(broken)} file{'' if len(broken) == 1 else 's'} cannot be read" if broken else ""
    )
    yield f"{total(plans)}{files}"


def _lines(plan: PipelinePlan) -> Iterator[str]:
    name = visible(plan.name)
    if plan.why is not None:
        yield f"{name}: {plan.why.total}"
        rows = [
            (s.slot, s.title, duration(s.seconds) if s.seconds is not None else "", s.short)
            for s in plan.why.steps
            if s.runs
        ]
        for line in table(rows):
            yield f"  {line}"
    if plan.problem:
        yield f"{'  ! it cannot run: ' if plan.why is not None else f'! {name}: '}" + shorten(
            plan.problem, SENTENCE_LENGTH
        )
