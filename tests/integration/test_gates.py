"""Gates: a run that fails for what statistics or metrics say, and keeps its results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.integration.leaves import (
    Slow,
    executed,
    last_run,
    of_kind,
    ran,
)
from zenlab.core import events
from zenlab.core.errors import (
    GateError,
    ParameterError,
    PipelineNotSucceededException,
)
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.pipelines.summary import summarise
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.validation import DataValidation
from zenlab.views import RunPanel


@pytest.fixture
def shifted(repository, frame):
    """A pipeline whose split `eval` has other values than `train`: three anomalies."""
    frame = frame.assign(part=np.where(np.arange(len(frame)) % 3 == 0, "eval", "train"))
    frame.loc[frame.part == "eval", "a"] += 5
    frame.loc[frame.index % 6 == 0, "b"] = "other"
    source = PandasDatasource("shifted", frame)

    def make(name="Shifted", **gate):
        pipeline = TrainingPipeline(name)
        pipeline.add_datasource(source)
        pipeline.add_split(lambda rows: rows["part"])
        pipeline.add_validation(**gate)
        pipeline.add_trainer(Slow())
        return pipeline

    return make


def test_without_a_gate_anomalies_stop_nothing(shifted):
    hows, _ = ran(shifted())
    assert "trainer" in hows


@pytest.mark.parametrize("gate", [True, ["eval"]])
@pytest.mark.parametrize("before", [False, True])
def test_anomalies_stop_the_run_before_the_trainer(repository, shifted, gate, before):
    """With the validation computed just now, and with one from the cache: the gate is in no key."""
    if before:
        shifted(name="Before").run()
    pipeline = shifted(fail_on_anomalies=gate)
    heard: list[Any] = []
    with pytest.raises(GateError, match="fail_on_anomalies is set") as error:
        pipeline.run(listener=heard.append)
    assert "eval: b: " in str(error.value)
    assert "trainer" not in [e.slot for e in of_kind(heard, events.StepStarted)]
    assert bool(of_kind(heard, events.StepCached)) == before
    run = last_run(repository)
    assert (run.status, run.error["slot"]) == ("failed", "validation")
    shown = str(RunPanel(summarise(pipeline._refused.spec, run, repository)))
    assert "\\n" not in shown, "a message of several lines is one line of a table"
    # What it is about can be looked at; the model is not handed out as one that has passed.
    assert "other" in str(pipeline.view_anomalies("eval").anomalies)
    assert pipeline.view_schema().to_frame() is not None
    assert pipeline.view_statistics().to_frame() is not None
    with pytest.raises(PipelineNotSucceededException, match="did not pass a gate"):
        pipeline.model()


def test_a_gate_on_another_split_lets_it_pass(shifted):
    hows, _ = ran(shifted(fail_on_anomalies=["train"]))
    assert "trainer" in hows


def test_a_gate_on_a_split_that_there_is_not(shifted):
    with pytest.raises(ParameterError, match=r"names the split 'evil'[^?]*Did you mean 'eval'"):
        shifted(fail_on_anomalies=["evil"]).run()


def test_a_copy_of_a_refused_pipeline_has_no_results(shifted):
    pipeline = shifted(fail_on_anomalies=True)
    with pytest.raises(GateError):
        pipeline.run()
    with pytest.raises(PipelineNotSucceededException, match="has not been run"):
        pipeline.copy("Another").view_statistics()


def test_a_later_refusal_is_what_is_looked_at(repository, frame, tmp_path):
    """The rows have changed: panels are about those that were refused, not about the last good."""
    from zenlab.datasources import CSVDatasource

    file = repository.root / "rows.csv"
    frame = frame.fillna({"a": 0.0})
    frame.to_csv(file, index=False)
    pipeline = TrainingPipeline("Changing")
    pipeline.add_datasource(CSVDatasource("rows", "rows.csv"))
    pipeline.add_split(lambda rows: ["train"] * 400 + ["eval"] * (len(rows) - 400))
    pipeline.add_validation(fail_on_anomalies=True, thresholds={"a": 1.0, "b": 1.0})
    pipeline.add_trainer(Slow())
    pipeline.run()
    assert not pipeline.view_anomalies().anomalies.datasets[0].anomalies
    frame.loc[450:, "b"] = "other"
    frame.to_csv(file, index=False)
    with pytest.raises(GateError):
        pipeline.run(latest=True)
    assert pipeline.view_anomalies().anomalies.datasets[0].anomalies


@pytest.mark.parametrize(
    ("bounds", "match"),
    [
        ({"min_metric": {"roc_auc": 0.999}}, "roc_auc is 0.* below the minimum of 0.999"),
        ({"max_metric": {"log_loss": 0.001}}, "log_loss is .* above the maximum of 0.001"),
        ({"min_metric": {"roc_auc_score": 0.999}}, "below the minimum of 0.999"),
    ],
)
def test_a_model_that_is_not_good_enough(repository, declare, bounds, match):
    def gated(**options):
        pipeline = declare()
        pipeline.add_evaluator(Evaluator(metrics=["roc_auc", "log_loss"], **options))
        return pipeline

    gated().run()
    pipeline = gated(**bounds)
    with pytest.raises(GateError, match=match):
        pipeline.run()
    assert last_run(repository).error["slot"] == "evaluator"
    assert {s.how for s in pipeline._refused.result.steps.values()} == {"hit"}
    assert pipeline.evaluate().to_frame() is not None
    assert executed(ran(gated(min_metric={"roc_auc": 0.1}))[0]) == set()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"min_metric": {"log_loss": 1}}, "the better the lower.*\n.*\n.*max_metric"),
        ({"max_metric": {"roc_auc": 1}}, "the better the higher.*\n.*\n.*min_metric"),
        ({"min_metric": {"roc_auk": 1}}, "no metric 'roc_auk'.*\n.*\n.*'roc_auc'"),
        ({"metrics": ["f1"], "min_metric": {"roc_auc": 1}}, "no metric 'roc_auc'"),
        ({"min_metric": {"roc_auc": float("nan")}}, "is no number"),
        ({"min_metric": {"roc_auc": "high"}}, "is no number"),
        ({"min_metric": 0.7}, "does not say of which metric"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused_at_once(options, match):
    with pytest.raises(ParameterError, match=match):
        Evaluator(**options)


def test_a_metric_that_is_not_defined_has_not_passed():
    from zenlab.steps.evaluator.gate import gate

    with pytest.raises(GateError, match="roc_auc is nan"):
        gate({"roc_auc": 0.5}, {}, "evaluator")(lambda _name: {"roc_auc": float("nan")})


def test_gates_of_a_step_of_ones_own_are_refused():
    """They would be in its key, and nobody would look at them."""

    class Mine(Evaluator):
        pass

    with pytest.raises(ParameterError, match="Mine is a step of your own"):
        Mine(min_metric={"roc_auc": 0.5})

    class Checks(DataValidation):
        pass

    with pytest.raises(ParameterError, match="Checks is a step of your own"):
        Checks(fail_on_anomalies=True)
