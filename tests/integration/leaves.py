"""What tests of statistics and validation beside a run share."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from zenlab.datasources import PandasDatasource
from zenlab.metadata import ClaimDone, ClaimWon, Holder
from zenlab.pipelines import TrainingPipeline
from zenlab.pipelines.running import specified_plan, specify
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import BaseTrainerStep
from zenlab.validation import worker

LEAVES = {"statistics", "validation"}


def ran(pipeline, **options):
    """Run it: how each step came to its result, and what was told."""
    heard: list[Any] = []
    pipeline.run(listener=heard.append, **options)
    return {slot: step.how for slot, step in pipeline.last.result.steps.items()}, heard


def of_kind(heard, kind):
    return [event for event in heard if isinstance(event, kind)]


def last_run(repository):
    return repository.metadata.runs(repository.project, None, limit=1)[0]


def executed(hows):
    return {slot for slot, how in hows.items() if how == "executed"}


def leaf_threads():
    return [t for t in threading.enumerate() if t.name == "zenlab-leaves"]


def planned(pipeline, repository):
    return specified_plan(specify(pipeline.declared, repository), repository)


def claims_are_free(repository, pipeline):
    """Whether somebody else may compute what is not computed yet."""
    holder = Holder("somebody", "grace", "elsewhere", 1)
    for step in planned(pipeline, repository):
        if step.work_key is None:
            continue
        claim = repository.metadata.claim(step.work_key, holder, 60_000)
        if isinstance(claim, ClaimWon):
            repository.metadata.release(step.work_key, "somebody", claim.fence)
        elif not isinstance(claim, ClaimDone):
            return False
    return True


def interrupt_when_busy():
    """Press Ctrl-C as soon as the worker has something to do."""

    def interrupt():
        end = time.monotonic() + 30
        while not worker()._waiting and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(0.05)  # until somebody waits for the answer
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()


class Slow(BaseTrainerStep):
    """Fits nothing, for as long as it is told; `then` it may be interrupted."""

    def __init__(self, seconds: float = 0.0, then: str = "") -> None:
        self.seconds = seconds
        self.then = then

    def fit(self, train, eval):  # noqa: A002 - the name of the split
        time.sleep(self.seconds)
        if self.then == "interrupt":
            raise KeyboardInterrupt
        if self.then == "fail":
            raise ValueError("no")
        return DummyRegressor().fit([[0]], [0])


@pytest.fixture
def slow(repository):
    """A pipeline whose statistics take seconds: 20 splits of as many rows."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({f"x{i}": rng.normal(size=200_000) for i in range(12)})
    source = PandasDatasource("big", rows)

    def make(name="Slow", **trainer):
        pipeline = TrainingPipeline(name)
        pipeline.add_datasource(source)
        pipeline.add_split(RandomSplit({"train": 0.5, "eval": 0.5}, by="position"))
        pipeline.add_trainer(Slow(**trainer))
        return pipeline

    return make
