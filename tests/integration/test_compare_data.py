"""Comparisons of runs on other data, and of a thousand runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.compare_harness import differing, labels
from tests.runs_harness import record_run
from zenlab.artifacts import write_value
from zenlab.core.evaluation import Histogram
from zenlab.core.ids import new_id
from zenlab.core.statistics import (
    DatasetStatistics,
    FeatureStatistics,
    NumberSummary,
    Statistics,
    TextSummary,
    TopValue,
)
from zenlab.datasources import PandasDatasource
from zenlab.engine.values import record_of
from zenlab.metadata import (
    ExecutionRecord,
    Holder,
    MetricRecord,
    Resolved,
    RunRecord,
)
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec
from zenlab.views.panel import BUDGET, stored_size

if TYPE_CHECKING:
    import pandas as pd

    from zenlab.pipelines import TrainingPipeline


# ---------------------------------------------------------------------------------------- the data


def statistics_of(frame: pd.DataFrame) -> Statistics:
    """Statistics of a frame with a number `a` and a text `b`, as a statistics step leaves them."""
    numbers, texts = frame["a"].dropna(), frame["b"].dropna()
    edges = [-8.0 + i for i in range(17)]
    counts = [int(((numbers >= low) & (numbers < low + 1)).sum()) for low in edges[:-1]]
    quantiles = [float(numbers.quantile(i / 10)) for i in range(11)]
    summary = NumberSummary(
        float(numbers.mean()), 1.0, quantiles[0], quantiles[-1], 0, 0, quantiles,
        Histogram(edges, counts),
    )  # fmt: skip
    top = [TopValue(str(v), int(n)) for v, n in texts.value_counts().items()]
    return Statistics(
        [
            DatasetStatistics(
                "train",
                len(frame),
                [
                    FeatureStatistics(
                        "a", "number", "double", len(numbers), len(frame) - len(numbers), summary
                    ),
                    FeatureStatistics(
                        "b", "text", "string", len(texts), 0, text=TextSummary(len(top), 1.0, top)
                    ),
                ],
            )
        ]
    )


def add_statistics(repository: Any, pipeline: TrainingPipeline, statistics: Statistics) -> None:
    """Record a run of a pipeline once more, with a `statistics` leaf."""
    store, key = repository.metadata, f"statistics-{pipeline.name}"
    run = store.latest_run(repository.project, pipeline.name)
    holder = Holder("0" * 16, "ada", "here", 1)
    fence = store.claim(key, holder, 60_000).fence
    uri = f"statistics/{key}/data"
    staged = repository.artifacts.stage(uri)
    stored = repository.artifacts.publish(uri, staged, write_value(statistics, staged))
    execution = ExecutionRecord(
        id=new_id(), run_id=run.id, slot="statistics", kind="statistics", title="Statistics",
        cache_key=key, work_key=key, status="succeeded", user="ada", host="here",
    )  # fmt: skip
    store.finish(key, holder.owner, fence, execution, [record_of("statistics", stored)])
    others = [r for r in run.resolved if r.slot != "statistics"]  # there may be a real one
    resolved = (*others, Resolved("statistics", execution.id, key, key, "executed"))
    values = {f: getattr(run, f) for f in RunRecord.__dataclass_fields__}
    store.record_run(RunRecord(**(values | {"id": new_id(), "resolved": resolved})))


def test_the_same_snapshot_is_said(repository, declare):
    declare("Pipeline A", C=1.0).run()
    declare("Pipeline B", C=2.0).run()
    panel = repository.compare("Pipeline A", "Pipeline B")
    assert [d.same for d in panel.comparison.data] == [True]
    assert "Pipeline B#1: same data, from one snapshot." in str(panel)


def test_statistics_of_other_data_stand_side_by_side(repository, declare, frame):
    later = frame.assign(a=frame.a + 2, b=frame.b.where(frame.b != "z", "x"))
    one, two = declare("Pipeline A"), declare("Pipeline B")
    two._datasource = PandasDatasource("toy", later)
    one.run()
    two.run()
    add_statistics(repository, one, statistics_of(frame))
    add_statistics(repository, two, statistics_of(later))
    panel = repository.compare("Pipeline A", "Pipeline B")
    (data,) = panel.comparison.data
    assert (data.split, data.base_rows, data.rows) == ("train", 600, 600)
    by_name = {f.name: f for f in data.features}
    shares = [set_.b.value_counts(normalize=True) for set_ in (frame, later)]
    assert by_name["b"].distance == pytest.approx((shares[1] - shares[0]).abs().max(), abs=1e-9)
    assert by_name["a"].distance > 0.3
    assert by_name["a"].drifted
    assert by_name["a"].mean - by_name["a"].base_mean == pytest.approx(2)
    assert by_name["a"].missing == pytest.approx(12 / 600)
    assert "⚠ above 0.1" in str(panel)
    assert "statistics" in [row.slot for row in panel.comparison.steps]


def test_a_sensitive_column_shows_no_number_of_its_own(frame):
    from msgspec.structs import replace

    from zenlab.pipelines.compare.data import drift_of

    (dataset,) = statistics_of(frame).datasets
    hidden = replace(dataset, features=[replace(f, sensitive=True) for f in dataset.features])
    found = {f.name: f for f in drift_of("B#1", hidden, dataset).features}
    assert found["a"].base_mean is None
    assert found["a"].missing is not None


# ---------------------------------------------------------------------------------- many of them


def record_many(repository: Any, number: int) -> None:
    """A history of training runs: revisions of ten pipelines, written as a run writes them."""
    store = repository.metadata
    for i in range(number):
        name, leaves = f"Pipeline {i % 10}", i
        steps = {
            "trainer": StepSpec("zenlab.steps.trainer.SklearnTrainer", {"leaves": leaves}),
            "evaluator": StepSpec("zenlab.steps.evaluator.Evaluator", {"metrics": ["roc_auc"]}),
        }
        source = DatasourceSpec("flights", "zenlab.datasources.CSVDatasource")
        spec = PipelineSpec(name, "training", source, steps)
        holder = Holder("0" * 16, "ada", "here", 1)
        key, run_id = f"work-{i}", new_id()
        fence = store.claim(key, holder, 60_000).fence
        execution = ExecutionRecord(
            id=new_id(), run_id=run_id, slot="evaluator", kind="evaluator", title="Evaluator",
            cache_key=key, work_key=key, status="succeeded", user="ada", host="here",
        )  # fmt: skip
        store.finish(
            key, holder.owner, fence, execution, metrics=[MetricRecord("roc_auc", i / number)]
        )
        resolved = (Resolved("evaluator", execution.id, key, key, "executed"),)
        record_run(repository, spec, run_id, resolved)


def test_a_thousand_runs_take_three_statements_at_most(repository):
    record_many(repository, 1000)
    before = repository.metadata.statements
    panel = repository.compare_training_runs()
    bundle = panel._repr_mimebundle_()
    assert repository.metadata.statements - before <= 3
    assert stored_size(bundle) <= BUDGET
    assert len(panel.to_frame()) == 1000
    best = panel.comparison.runs[0].label
    assert best == "Pipeline 9#100"
    assert f"{best}" in bundle["text/plain"]
    assert "★ 0.9990" in bundle["text/plain"]
    assert "- Runs: 950" in bundle["text/plain"]
    details = panel.details(best, "Pipeline 0#1")
    assert labels(details) == [best, "Pipeline 0#1"]
    assert differing(details) == {"trainer.leaves": ("999", "0")}
    frame = panel.to_frame()
    assert frame["roc_auc on eval"].tolist() == sorted(frame["roc_auc on eval"], reverse=True)


def test_a_limit_is_said(repository):
    from zenlab.pipelines.compare import compare_training_runs

    record_many(repository, 12)
    found = compare_training_runs(repository, limit=7)
    assert len(found.runs) == 7
    assert found.notes == ("Only the 7 latest runs were looked at.",)
