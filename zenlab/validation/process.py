"""One process of the worker's program: lines to it, lines from it, and its end."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from zenlab.core.errors import WorkerError
from zenlab.validation.environment import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.validation.environment import WorkerEnvironment

_PROGRAM = Path(__file__).parent / "program" / "main.py"
_LOGS = 5
_TAIL_LINES = 12
_JOIN_SECONDS = 5
_PASSED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "USER")


class Process:
    """A running worker.

    Args:
        environment: whose Python runs it.
        answered: is called with each message of it, on a thread of its own.
        ended: is called when it is gone, on that thread, with its exit code.

    Raises:
        WorkerError: it cannot be started.
    """

    def __init__(
        self,
        environment: WorkerEnvironment,
        answered: Callable[[dict[str, Any]], None],
        ended: Callable[[Process, int], None],
    ) -> None:
        self.log = _new_log()
        self._answered, self._ended = answered, ended
        self._writing = threading.Lock()
        command = [str(environment.python), "-I", str(_PROGRAM)]
        if self.log is not None:
            command += ["--log", str(self.log)]
        try:
            with self.log.open("ab") if self.log else open(os.devnull, "ab") as errors:  # noqa: PTH123
                self._popen = subprocess.Popen(  # noqa: S603 - our own program
                    [*command, "--parent", str(os.getpid())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    bufsize=0,  # a buffer has a lock, which another thread may hold at a fork
                    start_new_session=True,  # Ctrl-C and Jupyter's interrupt go to a whole group
                    cwd="/",
                    env=_variables(),
                )
        except OSError as error:
            raise WorkerError(
                f"The TFDV worker cannot be started: {error.strerror}.",
                where=str(environment.python),
                hint="Make it anew: zenlab worker install --force",
            ) from error
        self._thread = threading.Thread(target=self._read, name="zenlab-worker", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._popen.pid

    def send(self, message: dict[str, Any]) -> None:
        """Write a message. If the process is gone, `ended` tells."""
        line = memoryview(json.dumps(message).encode() + b"\n")
        with self._writing, contextlib.suppress(OSError, ValueError):
            assert self._popen.stdin is not None
            while line:
                line = line[self._popen.stdin.write(line) or 0 :]

    def stop(self) -> None:
        """End the process; returns when it is gone."""
        with contextlib.suppress(OSError):
            self._popen.kill()
        self._popen.wait()
        self._close()
        if threading.current_thread() is not self._thread:
            self._thread.join(_JOIN_SECONDS)

    def forget(self) -> None:
        """In a forked child: let go of what belongs to the parent."""
        for pipe in (self._popen.stdin, self._popen.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        self._popen.returncode = 0  # it is not this process's child: nothing to wait for

    def tail(self) -> str:
        """The end of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace") if self.log else ""
        except OSError:
            text = ""
        return "\n".join(text.splitlines()[-_TAIL_LINES:])

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with io.BufferedReader(cast(io.RawIOBase, self._popen.stdout)) as lines:
            for line in lines:
                try:
                    message = json.loads(line)
                except ValueError:
                    continue  # it died in the middle of a line
                self._answered(message)
        code = self._popen.wait()
        self._close()
        self._ended(self, code)

    def _close(self) -> None:
        with self._writing, contextlib.suppress(OSError):
            assert self._popen.stdin is not None
            self._popen.stdin.close()


def _variables() -> dict[str, str]:
    """A clean environment: the user's Python variables are not the worker's."""
    found = {name: os.environ[name] for name in _PASSED if name in os.environ}
    # Arrow and numpy start threads by these; two cores are enough beside a training.
    return found | {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUTF8": "1"}


def _new_log() -> Path | None:
    """An empty log in the user's cache folder; only the last few are kept. None: not writable."""
    folder = cache_folder() / "log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logs = sorted(folder.glob("worker-*.log"), key=lambda log: log.stat().st_mtime)
        for old in logs[: max(len(logs) - _LOGS + 1, 0)]:
            old.unlink(missing_ok=True)
        log = folder / f"worker-{os.getpid()}-{os.urandom(3).hex()}.log"
        log.touch()
    except OSError:
        return None
    return log
