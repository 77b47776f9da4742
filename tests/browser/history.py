"""A repository with a thousand runs, written as runs write it, without computing any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tests.browser.hostile import HOSTILE
from tests.runs_harness import record_run
from tests.statistics_harness import statistics_of
from zenlab.artifacts import write_value
from zenlab.core.ids import new_id
from zenlab.engine.values import record_of
from zenlab.metadata import ClaimWon, ExecutionRecord, Holder, MetricRecord, Resolved
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec

if TYPE_CHECKING:
    from pathlib import Path

REVISIONS = 50
MEASURED = 20
"""Executions of the history: what the runs of a pipeline measured repeats."""
DAY = 86_400_000


def history(folder: Path, number: int) -> None:
    """A repository with so many runs.

    A pipeline has 50 revisions; every second one is Bob's, and of another datasource. The runs
    are a day apart. Odd revisions start from one commit of the data, even ones from another.
    """
    from zenlab.repo import Repository

    folder.mkdir()
    repository = Repository.init_repo(folder)
    measured = [_evaluated(repository, i) for i in range(MEASURED)]
    counted = [_counted(repository, i) for i in range(2)]
    for i in range(number):
        name, depth = f"Pipeline {i // REVISIONS:02}", 1 + i % REVISIONS
        user, source = (("ada", "flights"), ("bob", "trains"))[i // REVISIONS % 2]
        steps = {
            "trainer": StepSpec(
                "zenlab.steps.trainer.SklearnTrainer",
                {"estimator": "RandomForestClassifier", "max_depth": depth, "salt": name},
            ),
            "evaluator": StepSpec("zenlab.steps.evaluator.Evaluator", {"metrics": ["roc_auc"]}),
        }
        kind, commit = "zenlab.datasources.CSVDatasource", f"{depth % 2}" * 64
        data = DatasourceSpec(source, kind, {"path": f"{source}.csv"}, commit=commit)
        spec = PipelineSpec(name, "training", data, steps)
        came_to = {
            "evaluator": (f"evaluator-{i % MEASURED}", measured[i % MEASURED]),
            "statistics": (f"statistics-{depth % 2}", counted[depth % 2]),
        }
        resolved = [
            Resolved(slot, execution, key, key, "hit") for slot, (key, execution) in came_to.items()
        ]
        ended = (number - i) * DAY
        record_run(repository, spec, new_id(), resolved, user=user, started_ms=0, ended_ms=ended)


def rows(i: int) -> pd.DataFrame:
    """Data that was committed twice: the second time with another carrier, and later."""
    rng = np.random.default_rng(i)
    carriers, shares = ["UA", "B6", "EV"], [(0.5, 0.3, 0.2), (0.2, 0.2, 0.6)][i]
    return pd.DataFrame(
        {
            "dep_delay": rng.normal(10 + 20 * i, 40, 900).round(),
            "carrier": rng.choice(carriers, 900, p=shares),
            "tailnum": [f"N{k}" for k in range(900)],
            "passport": rng.choice(["P1", "P2"], 900),
            HOSTILE: rng.choice([HOSTILE, "plain"], 900),
        }
    )


def _counted(repository, i: int) -> int:
    uri = f"statistics/{i}/data"
    staged = repository.artifacts.stage(uri)
    made = statistics_of({"train": rows(i)}, sensitive=["passport"])
    stored = repository.artifacts.publish(uri, staged, write_value(made, staged))
    return _executed(repository, "statistics", i, artifacts=[record_of("statistics", stored)])


def _evaluated(repository, i: int) -> int:
    return _executed(repository, "evaluator", i, metrics=[MetricRecord("roc_auc", 0.6 + i / 100)])


def _executed(repository, slot: str, i: int, *, artifacts=(), metrics=()) -> int:
    key = f"{slot}-{i}"
    execution = ExecutionRecord(
        id=new_id(), run_id=new_id(), slot=slot, kind=slot, title=slot.capitalize(),
        cache_key=key, work_key=key, status="succeeded", user="ada", host="here", seconds=1.0,
    )  # fmt: skip
    holder = Holder("0" * 16, "ada", "here", 1)
    won = repository.metadata.claim(key, holder, 60_000)
    assert isinstance(won, ClaimWon)
    repository.metadata.finish(
        key, holder.owner, won.fence, execution, artifacts, metrics=metrics, cache_keys=(key,)
    )
    return execution.id
