"""Runs that go on, in lines; and which of them a user means."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zenlab.core.errors import DoesNotExistException, ParameterError
from zenlab.engine.claims import counted
from zenlab.engine.gone import runs_going_on
from zenlab.pipelines import BasePipeline
from zenlab.views.strings import person, shorten
from zenlab.views.times import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.cli.surface import Surface
    from zenlab.metadata import GoingRun, RunRecord
    from zenlab.repo import Repository

_ID_DIGITS = 8
_LONG_SILENCE_MS = 30_000


def run_id(run: RunRecord) -> str:
    """The digits by which a run that goes on is shown and named.

    The last ones of its id, which are of the moment and of chance: two runs that go on at the same
    time do not share them.
    """
    return f"{run.id:016x}"[-_ID_DIGITS:]


def run_name(run: RunRecord) -> str:
    """What a run is called: its pipeline, and the revision."""
    return f"{run.pipeline_name}#{run.pipeline_revision}"


def going_lines(repository: Repository) -> list[str]:
    """A line for each run that goes on, in whichever process: who, where, since when, how far.

    Args:
        repository: whose runs count. Those whose process is gone are marked as lost.
    """
    return [going_line(going) for going in runs_going_on(repository.metadata, repository.project)]


def going_line(going: GoingRun) -> str:
    """A run that goes on: who runs it, where, since when, and how far it is."""
    run = going.run
    since = time.strftime("%H:%M", time.localtime(time.time() - going.elapsed_ms / 1000))
    if going.elapsed_ms > 12 * 3600 * 1000:
        since = (
            time.strftime("%Y-%m-%d ", time.localtime(time.time() - going.elapsed_ms / 1000))
            + since
        )
    parts = [
        shorten(run_name(run)),
        f"{shorten(person(run.user))} on {shorten(run.host)}",
        f"since {since} ({duration(going.elapsed_ms / 1000)})",
        _how_far(going),
        f"run {run_id(run)}",
    ]
    return "  ".join(part for part in parts if part)


def _how_far(going: GoingRun) -> str:
    doing = []
    for step in going.steps:
        if step.state == "running":
            lasts = duration(step.seconds + (going.silent_ms or 0) / 1000)
            said = counted(step.done, step.total, shorten(step.message)) or f"for {lasts}"
            doing.append(f"{step.slot} {said}")
        elif step.state == "waiting":
            doing.append(f"{step.slot} waits for {shorten(step.message)}")
    parts = [", ".join(doing)]
    if going.steps:
        done = sum(step.is_done for step in going.steps)
        parts.append(f"{done} of {len(going.steps)} steps done")
    if going.silent_ms is not None and going.silent_ms > _LONG_SILENCE_MS:
        parts.append(f"no sign of life for {duration(going.silent_ms / 1000)}")
    if going.cancel is not None:
        parts.append(f"asked to stop by {shorten(person(going.cancel.user))}")
    return "; ".join(part for part in parts if part)


def find_going(target: str | None, surface: Surface, repository: Repository) -> GoingRun:
    """The run that goes on and that a word of a command line means.

    Args:
        target: a variable of the notebook, a pipeline's name, with a revision or without
            (`Pipeline B`, `Pipeline B#3`), or a run's digits as `status` shows them. None means
            the one run that goes on.
        surface: whose variables count.
        repository: whose runs count.

    Raises:
        DoesNotExistException: no such run goes on.
        ParameterError: several do.
    """
    going = runs_going_on(repository.metadata, repository.project)
    if target is None:
        found = going
    else:
        value = surface.variable(target)
        name = value.name if isinstance(value, BasePipeline) else target
        found = [g for g in going if name in _names(g)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ParameterError(
            "Several runs go on.",
            where=target,
            hint="Name one by its digits:\n" + _listed(found),
        )
    what = f"No run of '{target}' goes on" if target else "No run goes on"
    hint = f"These go on:\n{_listed(going)}" if going else "`zenlab status` shows the last runs."
    last = repository.metadata.runs(repository.project, limit=1)
    if last and not going:
        hint = f"{run_name(last[0])} was the last: {last[0].status}. {hint}"
    raise DoesNotExistException(f"{what}.", where=str(repository.root), hint=hint)


def _names(going: GoingRun) -> tuple[str, ...]:
    run = going.run
    return run.pipeline_name, run_name(run), run_id(run), str(run.id)


def _listed(found: Sequence[GoingRun]) -> str:
    return "\n".join(going_line(going) for going in found)
