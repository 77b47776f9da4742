"""A run that somebody watches: live while it goes on, then the panel that stays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zenlab.core import events
from zenlab.engine.follow import follow
from zenlab.pipelines.outcome import outcome_of
from zenlab.pipelines.spec import from_document
from zenlab.pipelines.summary import summarise
from zenlab.views import RunPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import RunRecord
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


def follow_run(run_id: int, watcher: events.Watcher, workspace: Workspace) -> RunRecord:
    """Watch a run that goes on in another process, until it ends; then its panel stays.

    Args:
        run_id: the run.
        watcher: shows it, as if it were one's own. An interrupt ends the watching alone.
        workspace: the repository, whose store knows the run.

    Returns:
        The row of the run, which is over.
    """
    store = workspace.metadata
    try:
        run = follow(store, run_id, watcher, time.sleep)
        record = store.pipeline(run.project, run.pipeline_name, digest=run.pipeline_digest)
        spec = from_document(record.spec, run.pipeline_name)
        panel = RunPanel(summarise(spec, run, workspace))
    except BaseException:
        watcher.close(None)
        raise
    watcher.close(panel)
    return run


def _of_failed(name: str, workspace: Workspace) -> RunPanel | None:
    runs = workspace.metadata.runs(workspace.project, name, limit=1)
    spec = workspace.specification(name)
    return RunPanel(summarise(spec, runs[0], workspace)) if runs and spec is not None else None
