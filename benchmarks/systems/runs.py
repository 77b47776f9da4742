"""A repository with a history: many runs, written as a run writes them, without computing any."""

from __future__ import annotations

import pygit2

from benchmarks.harness import Case
from tests.runs_harness import record_run
from zenlab.core.ids import new_id
from zenlab.metadata import ClaimWon, ExecutionRecord, Holder, MetricRecord, Resolved
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec
from zenlab.repo import Repository

METRICS = ("roc_auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1", "mcc")
REVISIONS = 50
"""Of a pipeline."""


def listed(number: int) -> Case:
    """The list of all runs as a panel, with its text and HTML."""
    pygit2.init_repository(".")
    repository = Repository.init_repo()
    for i in range(number):
        _record(repository, f"Pipeline {i // REVISIONS}", 1 + i % REVISIONS)
    sent = 0

    def before() -> None:
        nonlocal sent
        sent = repository.metadata.statements

    def run() -> tuple[int, str]:
        panel = repository.compare_training_runs()
        return len(panel.comparison.runs), str(panel)

    def after(result: tuple[int, str]) -> dict[str, int]:
        if result[0] != number or "★" not in result[1]:
            raise AssertionError(f"{result[0]} runs, not {number}")
        return {"statements": repository.metadata.statements - sent}

    return Case(run, before, after)


def _record(repository: Repository, name: str, leaves: int) -> None:
    steps = {
        "split": StepSpec(
            "zenlab.steps.split.RandomSplit", {"split_map": {"train": 0.7, "eval": 0.3}}
        ),
        "preprocesser": StepSpec(
            "zenlab.steps.preprocesser.TabularPreprocesser",
            {"features": [f"column_{i}" for i in range(12)], "labels": ["late"]},
        ),
        "trainer": StepSpec(
            "zenlab.steps.trainer.SklearnTrainer",
            {"estimator": "HistGradientBoostingClassifier", "max_leaf_nodes": leaves, "salt": name},
        ),
        "evaluator": StepSpec("zenlab.steps.evaluator.Evaluator", {"metrics": list(METRICS)}),
    }
    source = DatasourceSpec("flights", "zenlab.datasources.CSVDatasource", {"path": "f.csv"})
    spec = PipelineSpec(name, "training", source, steps)
    store = repository.metadata
    run_id = new_id()
    resolved = []
    for slot in steps:
        # What stands before the trainer is the same for all, as it is with a cache.
        key = f"{slot}-{name}-{leaves}" if slot in ("trainer", "evaluator") else slot
        execution = ExecutionRecord(
            id=new_id(), run_id=run_id, slot=slot, kind=slot, title=slot, cache_key=key,
            work_key=key, status="succeeded", user=repository.user, host="bench", seconds=1.0,
        )  # fmt: skip
        holder = Holder("0" * 16, repository.user, "bench", 1)
        claimed = store.claim(key, holder, 60_000)
        if isinstance(claimed, ClaimWon):
            metrics = [MetricRecord(m, 0.5 + leaves / 1000) for m in METRICS]
            store.finish(
                key, holder.owner, claimed.fence, execution,
                metrics=metrics if slot == "evaluator" else (), cache_keys=(key,),
            )  # fmt: skip
            resolved.append(Resolved(slot, execution.id, key, key, "executed"))
        else:
            done = claimed.execution.execution_id  # type: ignore[union-attr]
            resolved.append(Resolved(slot, done, key, key, "hit"))
    record_run(repository, spec, run_id, resolved, user=repository.user)
