"""A server as a process of a test: on a free port, ended with the test run, whatever ends that."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START_S = 30.0
"""Only a server that does not start meets it."""

NOBODY = 65534
"""Who runs what refuses to run as root."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on right now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def new_folder(prefix: str, *, owner: int | None = None) -> Path:
    """A folder for a server's data: in memory where there is some, since nothing has to last.

    Not below `TMPDIR`, which a test changes, and whose path may be too long for a socket.
    """
    memory = Path("/dev/shm")
    roomy = (
        memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    )
    folder = Path(tempfile.mkdtemp(prefix=f"zenlab-{prefix}-", dir=memory if roomy else "/tmp"))
    folder.chmod(0o700)
    if owner is not None:
        os.chown(folder, owner, owner)
    return folder


class ServerProcess:
    """A program that serves until it is stopped.

    Args:
        command: the program and its arguments.
        log: where its output goes.
        ready: whether it answers; asked until it does.
        stop_signal: what ends it in order.
        user: as whom it runs.
        env: its environment.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        ready: Callable[[], bool],
        stop_signal: signal.Signals,
        user: int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._command = list(command)
        self._log = log
        self._ready = ready
        self._stop_signal = stop_signal
        self._user = user
        self._env = dict(env) if env is not None else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert self._process is None, "it runs already"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the tests
                # It is one system call, prepared before.
                preexec_fn=_ends_with_parent(self._stop_signal),  # noqa: PLW1509
            )
        give_up = time.monotonic() + START_S
        while not self._ready():
            code = self._process.poll()
            if code is not None or time.monotonic() > give_up:
                self.kill()
                said = self._log.read_text(errors="replace")[-3000:]
                raise RuntimeError(f"{self._command[0]} does not start ({code}):\n{said}")
            time.sleep(0.01)

    def stop(self, with_signal: signal.Signals | None = None) -> None:
        """End it, and wait."""
        self._end(with_signal or self._stop_signal)

    def kill(self) -> None:
        """End it as a crash does, and wait."""
        self._end(signal.SIGKILL)

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(with_signal)
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ends_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """A test run that is killed leaves no server behind: Linux tells it."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork

    def ask() -> None:
        libc.prctl(1, int(with_signal), 0, 0, 0)  # PR_SET_PDEATHSIG

    return ask
