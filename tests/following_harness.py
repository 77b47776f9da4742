"""A process that runs a plan of one of several kinds; others follow, stop, kill or cancel it.

It writes what it hears of the run into a file, a line an event, and what came of it as the last.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import runpy
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.engine_harness import Lab, node
from zenlab.core.errors import RunCancelledError, ZenlabError
from zenlab.core.step import Step
from zenlab.engine import going

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.engine.graph import Node


def run_kind(folder: Path, kind: str, ttl_ms: int, user: str, file: Path) -> None:
    """Run; what is said stands in the file afterwards."""
    if kind == "in_a_thread":
        thread = threading.Thread(target=_run, args=(folder, kind, ttl_ms, user, file))
        thread.start()
        thread.join()
    else:
        _run(folder, kind, ttl_ms, user, file)


def _run(folder: Path, kind: str, ttl_ms: int, user: str, file: Path) -> None:
    lab = Lab(folder, user, ttl_ms=ttl_ms)
    said: dict[str, Any]

    def say(event: Any) -> None:
        with file.open("a") as lines:
            lines.write(f"{type(event).__name__} {event}\n")

    lab.setting = dataclasses.replace(lab.setting, listener=say)
    try:
        if kind == "hammer":
            said = {"seen": hammer(lab)}
        else:
            result = lab.run(KINDS[kind](folder))
            said = {"hows": {slot: step.how for slot, step in result.steps.items()}}
            said["value"] = lab.value(result, "trainer")
    except ZenlabError as error:
        said = {"error": type(error).__name__, "message": error.message}
    except KeyboardInterrupt:
        said = {"error": "KeyboardInterrupt"}
    # A signal that was left behind would end the process here, and nothing would be said.
    time.sleep(0.2)
    said["handler"] = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with file.open("a") as lines:
        lines.write(json.dumps(said) + "\n")
    lab.metadata.dispose()


def hammer(lab: Lab) -> dict[str, int]:
    """Many short runs, each of which looks all the time whether it shall stop."""
    going.FIRST_SECONDS = going.LOOK_SECONDS = 0.002
    seen: collections.Counter[str] = collections.Counter()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        nodes = chain(lab.folder, lambda f, c: (time.sleep(0.01), {"value": {}})[1])
        try:
            lab.run(nodes, force={"transform", "trainer", "evaluator"})
        except RunCancelledError:
            seen["cancelled"] += 1
        else:
            seen["succeeded"] += 1
    return dict(seen)


def chain(folder: Path, work: Callable[[Path, Any], Any]) -> list[Node]:
    """A step that is done at once, one that takes its time, and one that follows."""
    return [
        node("transform", lambda i, c: {"value": {"n": 1}}),
        node("trainer", lambda i, c: work(folder, c), "transform"),
        node("evaluator", lambda i, c: {"value": {"after": True}}, "trainer"),
    ]


def sleeps(folder: Path, context: Any) -> Any:
    """Half an output is written, and the rest takes a minute."""
    context.progress(3, 10, "epochs")
    (context.output_dir / "half").write_text("half")
    writer = context.dataset_writer("rows")
    import pandas as pd

    writer.write(pd.DataFrame({"a": range(10)}))
    time.sleep(60)
    return {"value": {}}


def computes(folder: Path, context: Any) -> Any:
    """C code that hears no signal for about a second at a time."""
    import numpy as np

    matrix = np.random.default_rng(0).normal(size=(700, 700))
    context.progress(1)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        np.linalg.svd(matrix)
    return {"value": {}}


def catches(folder: Path, context: Any) -> Any:
    """As training loops do: Ctrl-C ends the training, and what there is is the model."""
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        return {"value": {"half": True}}
    return {"value": {}}


def translates(folder: Path, context: Any) -> Any:
    """As some libraries do."""
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        message = "aborted by the user"
        raise RuntimeError(message) from None
    return {"value": {}}


def has_a_handler(folder: Path, context: Any) -> Any:
    """A step that hears SIGINT by itself, finishes what it does, and puts the old handler back."""
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        until = time.monotonic() + 60
        while not stop.is_set() and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        signal.signal(signal.SIGINT, before)
    return {"value": {"stopped": stop.is_set()}}


def stalls(folder: Path, context: Any) -> Any:
    """Takes as long as a file is missing; what it says it is depends on who computes it."""
    while not (folder / "go").exists():
        time.sleep(0.02)
    return {"value": {"pid": os.getpid()}}


class Leaf(Step):
    """As the steps of the TFDV worker: waits in a thread, until it is cancelled."""

    KIND = "statistics"

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def run(self, inputs: Any, context: Any) -> Any:
        self._cancelled.wait(60)
        raise ZenlabError("It was stopped together with the run.")

    def cancel(self) -> None:
        self._cancelled.set()


def leaf(folder: Path) -> list[Node]:
    leaf = node("statistics", lambda i, c: {}, "trainer")
    return [
        node("trainer", lambda i, c: {"value": {"n": 1}}),
        dataclasses.replace(leaf, leaf=True, make=Leaf),
    ]


def in_a_thread(folder: Path) -> list[Node]:
    """The run is not on the main thread."""
    return chain(folder, lambda f, c: (time.sleep(2.5), {"value": {}})[1])


KINDS: dict[str, Any] = {
    work.__name__: lambda folder, work=work: chain(folder, work)
    for work in (sleeps, computes, catches, translates, has_a_handler, stalls)
} | {"leaf": leaf, "in_a_thread": in_a_thread}


SCRIPT = """
import time
from pathlib import Path
from zenlab.datasources import CSVDatasource
from zenlab.pipelines import DataPipeline

def first(rows):
    return rows.assign(a=rows["a"] + 1)

def second(rows, context):
    context.progress(3, 10, "epochs")
    while not Path("go").exists():
        time.sleep(0.05)
    return rows

if __name__ == "__main__":
    pipeline = DataPipeline("Pipeline B")
    pipeline.add_datasource(CSVDatasource("numbers", "data.csv"))
    pipeline.add_transform(first)
    pipeline.add_transform(second)
    pipeline.run()
"""
"""A pipeline whose second step waits for a file."""


def run_script(project: Path, home: str) -> None:
    """Run `script.py` of a repository, as a colleague does."""
    os.chdir(project)
    os.environ["HOME"] = home
    with contextlib.suppress(RunCancelledError):
        runpy.run_path("script.py", run_name="__main__")
