"""A run that somebody watches: live while it goes on, then the panel that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.pipelines.outcome import outcome_of
from zenlab.pipelines.summary import summarise
from zenlab.views import RunPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.running import LastRun


def run_watched(
    run: Callable[[Callable[[events.Event], None]], LastRun],
    watcher: events.Watcher,
    name: str | None,
    workspace: Workspace,
) -> LastRun:
    """Run, and close the watcher with the panel of the run, also of a failed one.

    Args:
        run: takes a listener, and runs.
        watcher: shows the run.
        name: the pipeline's, to find the row of a run that failed.
        workspace: the repository.
    """
    ended = False

    def listen(event: events.Event) -> None:
        nonlocal ended
        ended = ended or isinstance(event, events.RunEnded)
        watcher(event)

    try:
        last = run(listen)
    except BaseException:
        watcher.close(_of_failed(name, workspace) if ended and name else None)
        raise
    record = last.record
    if record is not None and watcher.tells_outcome:
        text = outcome_of(record, workspace)
        if text:
            watcher(events.RunOutcome(text))
    watcher.close(RunPanel(summarise(last.spec, record, workspace)) if record else None)
    return last


def _of_failed(name: str, workspace: Workspace) -> RunPanel | None:
    runs = workspace.metadata.runs(workspace.project, name, limit=1)
    spec = workspace.specification(name)
    return RunPanel(summarise(spec, runs[0], workspace)) if runs and spec is not None else None
