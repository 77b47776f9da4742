"""How a run stops because somebody asked it to: like Ctrl-C, and only while a step of it executes.

The request comes in a thread (the heartbeat's). A run that waits looks by itself; a step of the
user's, on the main thread, is interrupted by a signal, since nothing else ends a sleep or a read.
The signal is SIGINT, with a handler of the run's own in front of the one that was there: the
handler knows the run's signal from the user's Ctrl-C, and whoever leaves the step waits until a
signal that was sent has come. So none is left to hit what comes after the run.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import FrameType

    from zenlab.metadata import CancelRequest

_MOST_SECONDS = 0.5
"""A signal that was sent comes within microseconds, unless a handler of the step's has had it."""


class Stopped(KeyboardInterrupt):
    """The run, or what needs this step, ends before it. To the code of a step it is Ctrl-C."""


class Stopping:
    """Whether a run shall stop; entered by the thread that runs it.

    Example:
        >>> with Stopping() as stopping:
        ...     with stopping.interruptible():
        ...         pass  # a step of the user's
        ...     stopping.check()
    """

    def __init__(self) -> None:
        self.request: CancelRequest | None = None
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._before: Any = None
        self._has_handler = False
        self._inside = False
        self._sent = False
        self._came = False
        self._raised = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            if self._before is not None:  # else it is not Python's, and could not be put back
                signal.signal(signal.SIGINT, self._on_signal)
                self._has_handler = True
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._leave()
        if self._is_ours():
            signal.signal(signal.SIGINT, self._before)
        self._has_handler = False

    def ask(self, request: CancelRequest) -> None:
        """Say that the run shall stop; from another thread, as often as one likes.

        Args:
            request: who asks.
        """
        with self._lock:
            if self.request is None:
                self.request = request
            self._asked.set()
            if not self._inside or not self._has_handler:
                return
            # Once, or the second would hit what the step does to end. Again only where the step
            # has a handler of its own, as training loops have: it may have missed its meaning.
            if not self._sent or not self._is_ours():
                self._sent = True
                _interrupt_main()

    def check(self) -> None:
        """Stop here, if the run was asked to.

        Raises:
            Stopped: it was.
        """
        if self._asked.is_set():
            raise Stopped(self._why())

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until the run is asked to stop.

        Args:
            seconds: how long.

        Raises:
            Stopped: it was.
        """
        self._asked.wait(seconds)
        self.check()

    def interruptible(self) -> AbstractContextManager[None]:
        """A block that is interrupted, in the thread that runs the run.

        Raises:
            Stopped: at its beginning, in it, or at its end, if the block caught the interrupt.
        """
        return _Interruptible(self)

    def _enter_block(self) -> None:
        with self._lock:
            self.check()
            self._inside = True

    def _leave_block(self, error: BaseException | None) -> None:
        self._leave()
        # A step that catches its interrupt returns half a result, which shall not be kept.
        if self._raised and not isinstance(error, Stopped):
            raise Stopped(self._why()) from error

    def _leave(self) -> None:
        with self._lock:
            self._inside = False
        give_up = time.monotonic() + _MOST_SECONDS
        while self._sent and not self._came and self._is_ours() and time.monotonic() < give_up:
            time.sleep(0.001)
        self._came = self._came or self._sent  # or the step's own handler has had it

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # On the main thread, between any two of its instructions: it must not take the lock.
        if self._sent and not self._came:
            self._came = True
            if self._inside:
                self._raised = True
                raise Stopped(self._why())
        elif callable(self._before):
            self._before(number, frame)
        elif self._before == signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)

    def _is_ours(self) -> bool:
        return self._has_handler and signal.getsignal(signal.SIGINT) == self._on_signal

    def _why(self) -> str:
        assert self.request is not None
        user = self.request.user.partition(" <")[0]
        return f"{user} on {self.request.host} cancelled the run."


class _Interruptible:
    """The block of `Stopping.interruptible`."""

    def __init__(self, stopping: Stopping) -> None:
        self._stopping = stopping

    def __enter__(self) -> None:
        self._stopping._enter_block()  # noqa: SLF001 - of this module

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._stopping._leave_block(error)  # noqa: SLF001 - of this module


def _interrupt_main() -> None:
    """SIGINT for the main thread itself: one that is sent to the process wakes no `sleep` there."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:  # Windows
        import _thread

        _thread.interrupt_main()
