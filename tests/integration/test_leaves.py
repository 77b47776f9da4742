"""Statistics and validation beside a run, with the real worker: what they may do to it, and not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from tests.integration.conftest import cell
from zenlab.core import events
from zenlab.core.errors import (
    GateError,
    ParameterError,
    PipelineNotSucceededException,
    StepError,
    WorkerMissingError,
)
from zenlab.datasources import PandasDatasource
from zenlab.engine.audit import leave_out_this_thread, opened_files
from zenlab.metadata import ClaimDone, ClaimWon, Holder
from zenlab.pipelines import DataPipeline, TrainingPipeline
from zenlab.pipelines.running import specified_plan, specify
from zenlab.pipelines.summary import summarise
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import BaseTrainerStep
from zenlab.steps.validation import DataStatistics, DataValidation
from zenlab.validation import worker
from zenlab.views import RunPanel

ROOT = Path(__file__).resolve().parents[2]
LEAVES = {"statistics", "validation"}


@pytest.fixture
def no_worker(tmp_path, monkeypatch):
    monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))


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


# ---------------------------------------------------------------------- beside the others


def test_leaves_are_told_in_the_threads_of_the_run_and_hit_afterwards(repository, declare):
    told_in = set()

    def listener(event):
        told_in.add(threading.current_thread().name)

    declare().run(listener=listener)
    assert told_in == {"MainThread"}
    assert not leaf_threads()
    hows, _ = ran(declare())
    assert set(hows.values()) == {"hit"}
    assert set(hows) > LEAVES


def test_the_trainer_does_not_wait_for_statistics(repository, slow):
    heard = ran(slow())[1]
    ended = [e.slot for e in of_kind(heard, events.StepExecuted)]
    assert ended.index("trainer") < ended.index("statistics")


def test_a_failing_leaf_is_a_finding(repository, declare):
    pipeline = declare()
    pipeline.add_validation(thresholds={"nothing": 0.1})
    hows, heard = ran(pipeline)
    assert "validation" not in hows
    (skipped,) = of_kind(heard, events.StepSkipped)
    assert "thresholds names a column 'nothing'" in skipped.reason
    run = last_run(repository)
    assert run.status == "succeeded"
    assert [f for f in run.findings if f["slot"] == "validation"] == [
        {"slot": "validation", "message": skipped.reason}
    ]
    assert "failed" in str(pipeline.why("validation")).splitlines()[0]


def test_what_needs_a_failed_leaf_says_so_once(repository, declare):
    pipeline = declare()
    pipeline.add_statistics(weight="nothing")
    hows, heard = ran(pipeline)
    assert not LEAVES & hows.keys()
    first, second = of_kind(heard, events.StepSkipped)
    assert (first.slot, first.needs) == ("statistics", "")
    assert (second.slot, second.needs) == ("validation", "statistics")
    assert [f["slot"] for f in last_run(repository).findings if f["slot"] in LEAVES] == [
        "statistics"
    ]
    assert str(pipeline.why("validation")).splitlines()[1].strip() == "it needs statistics"


def test_forcing_statistics_executes_them_alone(repository, declare):
    declare().run()
    hows, _ = ran(declare(), force=["statistics"])
    assert executed(hows) == {"statistics"}


def test_without_the_cache_leaves_are_executed_too(repository, declare):
    declare().run()
    for _ in range(2):
        pipeline = declare()
        pipeline.enable_cache = False
        assert set(ran(pipeline)[0].values()) == {"executed"}


def test_defaults_that_are_written_out_are_the_same_work(repository, declare):
    first = declare()
    first.run()
    same = declare()
    same.add_statistics(DataStatistics(slices=[], sensitive=[], sample=None))
    same.add_validation()
    same.run()
    assert same.last.spec.digest == first.last.spec.digest
    pipeline = declare()
    pipeline.add_statistics(DataStatistics(slices=[], sensitive=[], sample=None))
    pipeline.add_validation(DataValidation(thresholds={}, comparison="skew", labels=["y"]))
    assert executed(ran(pipeline)[0]) == set()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("statistics", {"slices": [["b"]]}),
        ("statistics", {"sample": 100}),
        ("statistics", {"sensitive": ["b"]}),
        ("validation", {"thresholds": {"a": 0.0}}),
        ("validation", {"labels": ["b"]}),
    ],
)
def test_options_that_change_the_result_are_other_work(repository, declare, kind, options):
    declare().run()
    pipeline = declare()
    getattr(pipeline, f"add_{kind}")(**options)
    hows, _ = ran(pipeline)
    assert hows[kind] == "executed"


def test_files_that_a_leaf_opens_are_not_those_of_the_step_beside_it(tmp_path):
    for name in ("ours", "theirs"):
        (tmp_path / name).touch()

    def leaf():
        leave_out_this_thread()
        (tmp_path / "ours").read_text()

    with opened_files(tmp_path) as seen:
        thread = threading.Thread(target=leaf)
        thread.start()
        thread.join()
        (tmp_path / "theirs").read_text()
    assert seen == {"theirs"}


def test_a_step_of_ones_own_keeps_its_arguments(repository, declare):
    pipeline = declare()
    pipeline.add_statistics(Counting(twice=False))
    hows, _ = ran(pipeline)
    assert hows["statistics"] == "executed"
    assert pipeline.outputs("statistics")["statistics"].datasets[0].name == "train"


class Counting(DataStatistics):
    def __init__(self, twice: bool = True) -> None:
        super().__init__()
        if twice:
            raise ValueError("asked for once")


# ---------------------------------------------------------------------- without a worker


def test_without_a_worker_the_run_says_once_what_to_do(repository, declare, no_worker):
    hows, heard = ran(declare())
    assert not LEAVES & hows.keys()
    run = last_run(repository)
    assert run.status == "succeeded"
    (finding,) = [f for f in run.findings if f["slot"] in LEAVES]
    assert "zenlab worker install" in finding["message"]
    first, second = of_kind(heard, events.StepSkipped)
    assert "zenlab worker install" in first.reason
    assert "zenlab worker install" not in second.reason


def test_without_a_worker_a_cached_run_stays_cheap(repository, declare, no_worker):
    declare().run()
    declare().run()
    before = repository.metadata.statements
    hows, _ = ran(declare())
    assert repository.metadata.statements - before <= 4
    assert set(hows.values()) == {"hit"}


def test_after_the_installation_only_the_leaves_run(repository, declare, tmp_path, monkeypatch):
    with monkeypatch.context() as without:
        without.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))
        declare().run()
    assert executed(ran(declare())[0]) == LEAVES


def test_what_others_have_computed_is_found_without_a_worker(
    repository, declare, tmp_path, monkeypatch
):
    """Also where it is found by its work alone: the split is made anew, with the same rows."""
    declare().run()
    monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))
    hows, _ = ran(declare(), force=["split"])
    assert executed(hows) == {"split"}
    assert set(hows) > LEAVES


def test_the_plan_tells_what_would_be_left_out(repository, declare, no_worker):
    planned = declare().why(next_run=True)
    states = {step.slot: step.state for step in planned.steps}
    assert {slot for slot, state in states.items() if state == "would be left out"} == LEAVES
    assert planned.total.startswith("4 of 4 steps would run")
    assert planned.total.endswith("statistics, validation would be left out")
    assert "zenlab worker install" in planned["statistics"].short
    assert planned["validation"].short == "it needs statistics"


def test_a_gate_without_a_worker_is_an_error_that_names_the_way_out(repository, declare, no_worker):
    pipeline = declare()
    pipeline.add_validation(fail_on_anomalies=True)
    with pytest.raises(GateError, match="'validation' has a gate to pass, but no result") as error:
        pipeline.run()
    assert "zenlab worker install" in str(error.value)
    assert last_run(repository).status == "failed"


def test_a_cell_says_what_was_left_out_and_what_to_do(shell, repository, declare, no_worker):
    shell.push({"pipeline": declare()})
    done = cell(shell, "%zen run pipeline")
    text = done.outputs[-1].data["text/plain"]
    assert [line.split()[0] for line in text.splitlines() if "⊘ left out" in line] == [
        "statistics",
        "validation",
    ]
    assert done.stdout.count("zenlab worker install") == 1
    (line,) = [s for s in done.stdout.splitlines() if "DataValidation" in s and "left out" in s]
    assert line.endswith("It needs statistics, which has no result.")


def test_a_line_of_a_failed_leaf_says_what_to_do(shell, repository, declare):
    pipeline = declare()
    pipeline.add_validation(thresholds={"aa": 0.1})
    shell.push({"pipeline": pipeline})
    done = cell(shell, "%zen run pipeline")
    lines = [line for line in done.stdout.splitlines() if "validation" in line]
    assert lines[0].split()[:3] == ["validation", "DataValidation", "failed"]
    assert lines[1].startswith("! validation: thresholds names a column 'aa'")
    assert lines[1].endswith("Did you mean 'a'?")


def test_a_gate_that_nothing_stands_behind_is_an_error_as_well(repository, frame, no_worker):
    pipeline = DataPipeline("Data")
    pipeline.add_datasource(PandasDatasource("toy", frame))
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    for _ in range(2):  # the split executed, and from the cache
        pipeline.add_validation(fail_on_anomalies=True)
        with pytest.raises(GateError, match="zenlab worker install"):
            pipeline.run()
    assert last_run(repository).status == "failed"


# ---------------------------------------------------------------------- what is lost


def lose(repository, pipeline, slot, name=None):
    execution = pipeline.last.result.steps[slot].execution
    for artifact in execution.artifacts:
        if name in (None, artifact.name):
            repository.artifacts.delete(artifact.uri)


def test_a_lost_split_is_computed_again_for_a_leaf(repository, declare):
    first = declare()
    first.run()
    lose(repository, first, "split")
    hows, heard = ran(declare(), force=["statistics"])
    assert executed(hows) == {"split", "statistics"}
    assert any("computed again" in e.message for e in of_kind(heard, events.Finding))
    assert set(ran(declare())[0].values()) == {"hit"}


def test_lost_statistics_are_computed_again_for_the_validation(repository, declare):
    first = declare()
    first.run()
    lose(repository, first, "statistics")
    hows, _ = ran(declare(), force=["validation"])
    assert executed(hows) == LEAVES


def test_leaves_survive_that_something_behind_them_is_lost(repository, declare):
    """The run goes back to the preprocesser, which stands after the leaves."""
    first = declare()
    first.run()
    lose(repository, first, "preprocesser")
    hows, _ = ran(declare(), force=["statistics", "trainer"])
    assert executed(hows) == {"statistics", "preprocesser", "trainer"}
    assert set(hows) > LEAVES


def test_lost_anomalies_do_not_let_a_gate_pass(repository, declare):
    def gated():
        pipeline = declare()
        pipeline.add_validation(fail_on_anomalies=True)
        return pipeline

    first = gated()
    first.run()
    lose(repository, first, "validation")
    hows, _ = ran(gated())
    assert executed(hows) == {"validation"}


# ---------------------------------------------------------------------- stopped


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


# ---------------------------------------------------------------------- gates


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


def test_a_panel_without_a_worker_names_the_way_out(repository, declare, no_worker):
    pipeline = declare()
    pipeline.run()
    with pytest.raises(WorkerMissingError, match="zenlab worker install"):
        pipeline.view_statistics()
