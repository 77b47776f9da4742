"""Leaves of runs that end early: interrupted, killed, in several processes at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.integration.conftest import ROOT
from tests.integration.leaves import (
    LEAVES,
    Slow,
    claims_are_free,
    executed,
    interrupt_when_busy,
    last_run,
    leaf_threads,
    of_kind,
    planned,
    ran,
)
from zenlab.core import events
from zenlab.core.errors import (
    StepError,
)
from zenlab.metadata import ClaimWon, Holder
from zenlab.validation import worker


@pytest.mark.parametrize(("then", "error"), [("interrupt", KeyboardInterrupt), ("fail", StepError)])
def test_a_run_that_ends_takes_its_leaves_with_it(repository, slow, then, error):
    worker().ping().result(60)
    pipeline = slow(seconds=0.3, then=then)
    started = time.perf_counter()
    with pytest.raises(error):
        pipeline.run()
    assert time.perf_counter() - started < 8, "it does not wait for the time that close() gives"
    assert not leaf_threads()
    assert not worker()._waiting, "what was computed for it is given up"
    assert claims_are_free(repository, pipeline)
    hows, _ = ran(slow(seconds=0.0))
    assert hows["statistics"] == "executed"


def test_an_interrupt_while_the_run_waits_for_a_leaf(repository, slow):
    """The trainer is done, and the main thread waits for statistics alone."""
    worker().ping().result(60)

    def listener(event):
        if isinstance(event, events.StepExecuted) and event.slot == "trainer":
            interrupt_when_busy()

    pipeline = slow()
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(listener=listener)
    assert not leaf_threads()
    assert claims_are_free(repository, pipeline)
    assert last_run(repository).status == "interrupted"


def test_a_leaf_that_waits_for_somebody_else_stops_with_the_run(repository, slow):
    """Its thread sits in a loop that asks for the claim; it must not compute later on."""
    warm = slow()
    warm.run()
    other = slow(name="Other")
    other.add_statistics(sample=1000)
    key = next(
        step.work_key for step in planned(other, repository) if step.node.slot == "statistics"
    )
    holder = Holder("somebody", "grace", "elsewhere", 1)
    claim = repository.metadata.claim(key, holder, 60_000)
    assert isinstance(claim, ClaimWon)
    other.add_trainer(Slow(seconds=0.5, then="fail"))
    started = time.perf_counter()
    with pytest.raises(StepError):
        other.run()
    assert time.perf_counter() - started < 8
    assert not leaf_threads()
    repository.metadata.release(key, "somebody", claim.fence)
    time.sleep(0.3)
    assert repository.metadata.find_done([key]) == []


def test_a_stopped_leaf_is_recorded_as_interrupted(repository, slow):
    worker().ping().result(60)
    pipeline = slow(seconds=0.3, then="fail")
    with pytest.raises(StepError):
        pipeline.run()
    found = repository.metadata.run_executions(last_run(repository).id)
    assert {e.slot: e.status for e in found if e.status != "succeeded"} == {
        "statistics": "interrupted",
        "trainer": "failed",
    }


def test_an_interrupted_look_is_given_up_in_the_worker(repository, slow, monkeypatch):
    """A panel that is computed on demand is waited for by the main thread itself."""
    source = slow().declared.datasource
    source.commit()
    worker().ping().result(60)
    interrupt_when_busy()
    with pytest.raises(KeyboardInterrupt):
        source.view_statistics()
    assert not worker()._waiting
    assert source.view_statistics(sample=100).to_frame() is not None


# ---------------------------------------------------------------------- several processes, crashes

SCRIPT = """
import sys
import numpy as np, pandas as pd
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline, TrainingPipeline
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer
from zenlab.steps.preprocesser import TabularPreprocesser

rng = np.random.default_rng(0)
rows = pd.DataFrame({"a": rng.normal(size=500), "y": rng.choice([0, 1], size=500)})
pipeline = TrainingPipeline("Both")
pipeline.add_datasource(PandasDatasource("rows", rows))
pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
pipeline.add_preprocesser(TabularPreprocesser(["a"], ["y"]))
pipeline.add_trainer(SklearnTrainer("LogisticRegression"))
print("ready", flush=True)
sys.stdin.readline()
pipeline.run()
print(*sorted(s for s, step in pipeline.last.result.steps.items() if step.how == "executed"))
"""


def test_two_processes_compute_each_leaf_once(repository):
    both = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout.readline() == "ready\n"
    for one in both:
        one.stdin.write("go\n")
        one.stdin.flush()
    done = [one.communicate(timeout=120) for one in both]
    assert [err for _, err in done] == ["", ""], "both ended cleanly, their threads with them"
    slots = sorted(slot for out, _ in done for slot in out.split())
    assert slots == sorted({"split", "preprocesser", "trainer"} | LEAVES)


def killed(times):
    """Kill the worker as often, each time one that is at work."""
    seen: set[int | None] = {None}
    end = time.monotonic() + 60
    while len(seen) <= times and time.monotonic() < end:
        pid = worker().pid
        if pid not in seen:
            time.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            seen.add(pid)
        time.sleep(0.01)


@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_is_killed(repository, slow, times):
    """Once is survived; twice over one request is a finding, and the run succeeds."""
    worker().close()
    killer = threading.Thread(target=killed, args=(times,))
    killer.start()
    try:
        hows, heard = ran(slow())
    finally:
        killer.join()
    assert ("statistics" in hows) == (times == 1)
    if times == 2:
        reasons = [e.reason for e in of_kind(heard, events.StepSkipped) if not e.needs]
        assert len(reasons) == 1
        assert "died twice" in reasons[0]
    assert executed(ran(slow())[0]) == (LEAVES if times == 2 else set())
