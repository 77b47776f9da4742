"""Statistics and validation beside a run, with the real worker: what they may do to it, and not."""

from __future__ import annotations

import threading

import pytest

from tests.integration.conftest import cell
from tests.integration.leaves import (
    LEAVES,
    executed,
    last_run,
    leaf_threads,
    of_kind,
    ran,
)
from zenlab.core import events
from zenlab.core.errors import GateError, WorkerMissingError
from zenlab.datasources import PandasDatasource
from zenlab.engine.audit import leave_out_this_thread, opened_files
from zenlab.pipelines import DataPipeline
from zenlab.steps.split import RandomSplit
from zenlab.steps.validation import DataStatistics, DataValidation

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


def test_a_panel_without_a_worker_names_the_way_out(repository, declare, no_worker):
    pipeline = declare()
    pipeline.run()
    with pytest.raises(WorkerMissingError, match="zenlab worker install"):
        pipeline.view_statistics()
