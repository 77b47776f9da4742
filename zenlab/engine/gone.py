"""Runs whose process is gone: who looks says so in the store, and removes what they have left.

A process of this machine is looked at itself; another is taken for gone when it has given no sign
for three of its intervals, by the database's clock. The first is certain, the second is not: a
run that was only stopped for a while says so at its next beat, and what it writes is not touched.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from zenlab.engine.going import parse_attempt_folder
from zenlab.engine.machine import is_dead

if TYPE_CHECKING:
    from zenlab.artifacts import ArtifactStore
    from zenlab.metadata import GoingRun, MetadataStore

WEEK_MS = 7 * 24 * 3600 * 1000
"""A process that has been silent for so long, on a machine that cannot be looked at, is gone."""

_SWEEP_SECONDS = 600.0
"""A process sweeps at most so often."""

_sweeping = threading.Lock()
_swept: tuple[int, float] | None = None


def runs_going_on(store: MetadataStore, project: str) -> list[GoingRun]:
    """The runs of a project that go on; those whose process is gone become `lost`.

    Args:
        store: the metadata store. One statement, and one more for each lost run.
        project: the project's id.

    Returns:
        The oldest first.
    """
    return [going for going in store.going(project) if not settle(store, going)]


def settle(store: MetadataStore, going: GoingRun) -> bool:
    """Mark a run as `lost` whose process is gone.

    Args:
        store: the metadata store.
        going: what it knows of the run.

    Returns:
        Whether the run goes on no longer.
    """
    dead = going.holder is not None and is_dead(going.holder)
    if not (dead or going.expired):
        return False
    if store.mark_lost(going.run.id, dead=dead):
        return True
    # It has ended meanwhile, or somebody else was faster, or it lives.
    now = store.going_run(going.run.id)
    return now is None or now.run.status != "running"


def clean_leftovers(store: MetadataStore, project: str, artifacts: ArtifactStore) -> int:
    """Remove what killed attempts have written: nobody will ever make it visible.

    Args:
        store: the metadata store.
        project: the project's id.
        artifacts: the project's artifact store.

    Returns:
        How many attempts had something to remove.
    """
    removed = 0
    for left in store.left_behind(project):
        if left.run.status == "lost":
            dead = left.holder is not None and is_dead(left.holder)
            if not dead and (left.silent_ms or left.elapsed_ms) < WEEK_MS:
                continue
            removed += _clean(left, store, artifacts)
        store.forget_progress(left.run.id)
    return removed


def _clean(left: GoingRun, store: MetadataStore, artifacts: ArtifactStore) -> int:
    recorded = {(e.work_key, e.fence) for e in store.run_executions(left.run.id)}
    removed = 0
    for step in left.steps:
        attempt = parse_attempt_folder(step.folder)
        if attempt is None or left.holder is None or attempt[2] != left.holder.owner:
            continue
        work_key, fence, owner = attempt
        # Freed first: from then on not even the owner itself could finish it.
        store.release(work_key, owner, fence)
        if (work_key, fence) not in recorded:
            artifacts.delete(step.folder)
            removed += 1
    return removed


def sweep(store: MetadataStore, project: str, artifacts: ArtifactStore) -> None:
    """Both of the above, now and then: called by runs that take their time, beside them.

    Args:
        store: the metadata store.
        project: the project's id.
        artifacts: the artifact store.
    """
    global _swept  # noqa: PLW0603 - of the process
    with _sweeping:
        before, _swept = _swept, (os.getpid(), time.monotonic())
        if before and before[0] == _swept[0] and _swept[1] - before[1] < _SWEEP_SECONDS:
            _swept = before
            return
    with contextlib.suppress(Exception):  # the next one does it
        runs_going_on(store, project)
        clean_leftovers(store, project, artifacts)
