"""`LeafStep`: a step whose work is done by the TFDV worker, while the pipeline goes on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from zenlab.core.errors import StepError
from zenlab.steps.base import RunnableStep

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


class LeafStep(RunnableStep):
    """Waits for the worker; `cancel` ends the waiting from another thread."""

    def __init__(self) -> None:
        self._pending: Future[object] | None = None
        self._cancelled = threading.Event()

    def wait_for(self, future: Future[T]) -> T:
        """The result of a request to the worker.

        Args:
            future: what the worker's client gave.

        Raises:
            WorkerError: the worker refused, or died.
            StepError: the run was stopped meanwhile.
        """
        self._pending = future  # type: ignore[assignment]
        if self._cancelled.is_set():
            future.cancel()
        if future.cancelled():
            raise StepError("It was stopped together with the run.", where=self.title)
        return future.result()

    def cancel(self) -> None:
        """Give up: what the worker computes is not wanted any more."""
        self._cancelled.set()
        if self._pending is not None:
            self._pending.cancel()
