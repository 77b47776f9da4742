"""Leaves: steps that nothing else reads, run beside the others in one thread.

Statistics, schema and anomalies are leaves. The work itself is done in another process, so that
the thread only waits; the user's own steps stay on the main thread, in order. A leaf that fails
is a finding of the run, unless a step has to wait for it (`Node.after`).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.engine.audit import leave_out_this_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from zenlab.core.events import Event
    from zenlab.engine.plan import PlannedStep
    from zenlab.engine.resolve import Resolution, Resolver
    from zenlab.metadata import CachedExecution
    from zenlab.metadata.records import Why

_LOOK_SECONDS = 0.25
"""So often a run that waits for its leaves looks whether it shall stop."""

_STOP_SECONDS = 10.0
"""How long an interrupted run waits for its leaves to stop."""


@dataclass(frozen=True)
class LeafResult:
    """How a leaf ended: with a result or an error; with neither if a leaf before it had none."""

    step: PlannedStep
    resolution: Resolution | None = None
    error: BaseException | None = None


class Leaves:
    """The leaves of one run.

    Args:
        new_resolver: makes what resolves them, given who is to be told of events.

    Example:
        >>> leaves.begin(step, chosen)  # doctest: +SKIP
        >>> for result in leaves.wait(tell):  # doctest: +SKIP
        ...     ...
    """

    def __init__(self, new_resolver: Callable[[Callable[[Event], None]], Resolver]) -> None:
        self._todo: queue.SimpleQueue[
            tuple[PlannedStep, Mapping[str, CachedExecution], Why] | None
        ] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[Event | LeafResult] = queue.SimpleQueue()
        self._resolver = new_resolver(self._news.put)
        self._thread: threading.Thread | None = None
        self._pending: set[str] = set()

    def begin(
        self, step: PlannedStep, chosen: Mapping[str, CachedExecution], forced: Why = ""
    ) -> None:
        """Have a leaf resolved as soon as those before it are.

        Args:
            step: whose upstream is in `chosen`, or is a leaf that was begun before.
            chosen: the execution that serves, by slot.
            forced: as in `Resolver.resolve`.
        """
        self._pending.add(step.node.slot)
        self._todo.put((step, dict(chosen), forced))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="zenlab-leaves", daemon=True)
            self._thread.start()

    def news(self, tell: Callable[[Event], None]) -> Iterator[LeafResult]:
        """The leaves that have ended since the last call; does not wait.

        Args:
            tell: is told the events of the leaves, here in the caller's thread.
        """
        with contextlib.suppress(queue.Empty):
            while True:
                yield from self._take(self._news.get_nowait(), tell)

    def wait(
        self, tell: Callable[[Event], None], check: Callable[[], None] = lambda: None
    ) -> Iterator[LeafResult]:
        """All leaves that were begun, as they end.

        Args:
            tell: as in `news`.
            check: raises what shall end the waiting.
        """
        while self._pending:
            check()
            try:
                item = self._news.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            yield from self._take(item, tell)

    def close(self) -> None:
        """Let the thread end, after what was begun; or right now, if that is not waited for."""
        if self._thread is None:
            return
        if self._pending:
            self._resolver.stop()
        self._todo.put(None)
        self._thread.join(_STOP_SECONDS)
        self._thread = None

    def _take(self, item: Event | LeafResult, tell: Callable[[Event], None]) -> list[LeafResult]:
        if isinstance(item, LeafResult):
            self._pending.discard(item.step.node.slot)
            return [item]
        tell(item)
        return []

    def _work(self) -> None:
        leave_out_this_thread()
        known: dict[str, CachedExecution] = {}
        while (task := self._todo.get()) is not None:
            step, chosen, forced = task
            try:
                chosen = {**known, **chosen}
                if any(slot not in chosen for slot in step.node.upstream):
                    self._news.put(LeafResult(step))
                    continue
                resolution = self._resolver.resolve(step, chosen, forced=forced)
            except BaseException as error:  # noqa: BLE001 - told to the run, which decides
                self._news.put(LeafResult(step, error=error))
            else:
                known[step.node.slot] = resolution.execution
                self._news.put(LeafResult(step, resolution))
