"""The protocol: a JSON message a line, requests on stdin, answers on stdout.

    {"id": 1, "do": "statistics", ...}  ->  {"id": 1, "result": {...}}
                                            {"id": 1, "error": {"message": ..., ...}}
    {"cancel": 1}                           nobody waits for 1 any more

Requests are done one after the other. The process ends when stdin closes, or when the process that
started it is gone: another process that inherited the pipe may hold it open.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from .problems import CancelledError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WATCH_SECONDS = 1.0
_LOG_BYTES = 1_000_000
_KEPT_BYTES = 100_000


def main(args: Sequence[str]) -> int:
    """Serve until stdin closes; or say the version, for `--version`."""
    parser = argparse.ArgumentParser(prog="zenlab worker")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--parent", type=int, default=0)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args(args)
    if options.version:
        from .tfdv import load

        sys.stdout.write(load().name + "\n")
        return 0
    answers = _take_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the kernel's interrupt is not meant for it
    if options.parent:
        threading.Thread(target=_watch, args=(options.parent,), daemon=True).start()
    Server(answers, options.log).run()
    return 0


class Server:
    """Reads requests on a thread, so that it sees a cancel or the end; does them on this one.

    Args:
        answers: where they are written.
        log: the file that stderr goes to, kept short; None: elsewhere.
    """

    def __init__(self, answers: TextIO, log: Path | None = None) -> None:
        self._answers = answers
        self._log = log
        self._requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._cancelled: set[int] = set()

    def run(self) -> None:
        """Serve; does not return."""
        threading.Thread(target=self._read, daemon=True).start()
        from .tfdv import load

        try:
            load()  # before it is needed
        except Exception:  # noqa: BLE001 - each request will say so
            traceback.print_exc()
        while True:
            request = self._requests.get()
            number = request["id"]
            if number in self._cancelled:
                self._cancelled.discard(number)
                continue
            answer = self._answer(request)
            if answer is not None:
                line = json.dumps({"id": number, **answer}, allow_nan=False)
                self._answers.write(line + "\n")
                self._answers.flush()
            self._cancelled.discard(number)
            self._shorten_log()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        from .requests import REQUESTS

        def check() -> None:
            if request["id"] in self._cancelled:
                raise CancelledError

        try:
            do: Callable[[dict[str, Any], Callable[[], None]], Any] = REQUESTS[request["do"]]
            return {"result": do(request, check)}
        except CancelledError:
            return None
        except RefusedError as error:
            found = {"message": error.message, "where": error.where, "hint": error.hint}
            return {"error": found}
        except MemoryError:
            raise  # the process is not to be trusted any more
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            traceback.print_exc()
            text = " ".join(str(error).split())[:500]
            message = f"TFDV cannot do this: {type(error).__name__}: {text}"
            return {"error": {"message": message, "where": "", "hint": "", "unexpected": True}}

    def _read(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            else:
                self._requests.put(message)
        os._exit(0)  # the kernel is gone: whatever goes on here is for nobody

    def _shorten_log(self) -> None:
        """Keep the end of a log that has grown long. It is open for appending."""
        sys.stderr.flush()
        try:
            if self._log is None or self._log.stat().st_size <= _LOG_BYTES:
                return
            kept = self._log.read_bytes()[-_KEPT_BYTES:]
            with self._log.open("r+b") as file:
                file.truncate(0)
            os.write(2, b"...\n" + kept.partition(b"\n")[2])
        except OSError:
            return


def _take_stdout() -> TextIO:
    """Keep stdout for the answers: what libraries print there, C++ ones as well, goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answers


def _watch(parent: int) -> None:
    """End when the process that started this one is gone."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(0)
