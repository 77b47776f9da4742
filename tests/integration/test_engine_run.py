"""The engine on real stores: hits, coherence, early cut-off, failures, loss."""

from __future__ import annotations

import itertools
import os
import shutil
from typing import Any

import pandas as pd
import pytest

from tests.engine_harness import Lab, node, root
from zenlab.core import events
from zenlab.core.errors import StepError
from zenlab.engine.graph import Identity, Node, Ref
from zenlab.engine.plan import make_plan


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


def chain(**codes: str) -> list[Node]:
    """transform -> split -> trainer, of numbers."""
    return [
        node("transform", lambda i, c: {"value": {"n": 1}}, code=codes.get("transform", "1")),
        node("split", lambda i, c: {"value": {"n": i["transform"]["n"] + 1}}, "transform"),
        node("trainer", lambda i, c: {"value": {"n": i["split"]["n"] * 10}}, "split"),
    ]


def test_the_second_run_executes_nothing(lab):
    assert set(lab.hows(chain()).values()) == {"executed"}
    result = lab.run(chain())
    assert (result.executed, result.cached) == (0, 3)
    assert lab.value(result, "trainer") == {"n": 20}


def test_a_cached_run_is_one_select_and_one_insert(lab):
    lab.run(chain())
    pipeline = lab.pipeline()
    from zenlab.engine.run import Runner

    before = lab.metadata.statements
    Runner(lab.setting).run(chain(), pipeline)
    assert lab.metadata.statements - before == 2


def test_a_change_executes_what_follows(lab):
    lab.run(chain())
    nodes = chain()
    nodes[1] = node(
        "split", lambda i, c: {"value": {"n": i["transform"]["n"] + 2}}, "transform", code="2"
    )
    assert lab.hows(nodes) == {"transform": "hit", "split": "executed", "trainer": "executed"}


def test_a_refactoring_with_equal_output_stops_there(lab):
    lab.run(chain())
    hows = lab.hows(chain(transform="refactored"))
    assert hows == {"transform": "executed", "split": "hit", "trainer": "hit"}
    before = lab.metadata.statements
    assert lab.run(chain(transform="refactored")).cached == 3
    # register_pipeline, plan, record: the new lineage is known from now on.
    assert lab.metadata.statements - before <= 3


def test_a_forced_step_with_equal_output_stops_there_too(lab):
    lab.run(chain())
    assert lab.hows(chain(), force={"split"}) == {
        "transform": "hit",
        "split": "executed",
        "trainer": "hit",
    }


def test_a_forced_nondeterministic_step_makes_what_follows_run_again(lab):
    counter = itertools.count()

    def plan() -> list[Node]:
        return [
            node("transform", lambda i, c: {"value": {"n": next(counter)}}),
            node("split", lambda i, c: {"value": {"n": i["transform"]["n"] + 1}}, "transform"),
            node("trainer", lambda i, c: {"value": {"n": i["split"]["n"] * 10}}, "split"),
        ]

    lab.run(plan())
    result = lab.run(plan(), force={"transform"})
    assert result.executed == 3
    assert lab.value(result, "trainer") == {"n": 20}
    again = lab.run(plan())
    assert again.cached == 3
    assert lab.value(again, "trainer") == {"n": 20}, "the forced result is the one that counts now"


def test_inputs_differ_by_content_and_by_name(lab, tmp_path):
    a = root(tmp_path / "a", pd.DataFrame({"x": [1, 2]}))
    same = root(tmp_path / "b", pd.DataFrame({"x": [1, 2]}))
    other = root(tmp_path / "c", pd.DataFrame({"x": [1, 3]}))

    def total(source):
        return [
            node(
                "transform",
                lambda i, c: {"value": {"n": int(i["data"].to_pandas()["x"].sum())}},
                source=source,
            )
        ]

    assert lab.hows(total(a)) == {"transform": "executed"}
    assert lab.hows(total(same)) == {"transform": "hit"}
    result = lab.run(total(other))
    assert result.executed == 1
    assert lab.value(result, "transform") == {"n": 4}


def test_two_slots_that_do_the_same_work_do_it_once(lab):
    calls: list[int] = []

    def work(i, c):
        calls.append(1)
        return {"value": {"n": 1}}

    twice = [
        Node("transform", "t", Identity("transform", "c", {}), {}, node("t", work).make),
        Node("transform_2", "t", Identity("transform", "c", {}), {}, node("t", work).make),
    ]
    assert lab.hows(twice) == {"transform": "executed", "transform_2": "hit"}
    assert len(calls) == 1


def test_a_failed_step_leaves_the_finished_ones(lab):
    def broken(i, c):
        print("about to fail")
        raise ValueError("no luck")

    nodes = chain()
    nodes[1] = node("split", broken, "transform", code="broken")
    with pytest.raises(StepError, match=r"Step 'split' \(split\) failed with ValueError: no luck"):
        lab.run(nodes)
    run = lab.metadata.runs("project")[0]
    assert run.status == "failed"
    assert run.error is not None
    assert run.error["slot"] == "split"
    assert [r.slot for r in run.resolved] == ["transform"]
    failed = [e for e in lab.metadata.run_executions(run.id) if e.status == "failed"]
    assert failed[0].error is not None
    assert "about to fail" in failed[0].error["log"]
    assert "no luck" in failed[0].error["traceback"]
    assert lab.hows(chain()) == {"transform": "hit", "split": "executed", "trainer": "executed"}


def test_a_failed_step_leaves_nothing_in_the_artifact_store(lab):
    def broken(i, c):
        writer = c.dataset_writer("train")
        writer.write(pd.DataFrame({"x": [1]}))
        raise ValueError("no luck")

    with pytest.raises(StepError):
        lab.run([node("split", broken)])
    files = [p for p in (lab.folder / "artifacts").rglob("*") if p.is_file()]
    assert files == []


def test_an_interrupt_frees_the_claim(lab):
    def stopped(i, c):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.run([node("trainer", stopped)])
    assert lab.metadata.runs("project")[0].status == "interrupted"
    started = [e for e in lab.events if isinstance(e, events.StepFailed)]
    assert started[0].interrupted
    # With the claim still held this would wait for a minute.
    lab.with_setting(on_busy="fail")
    assert lab.hows([node("trainer", lambda i, c: {"value": {}})]) == {"trainer": "executed"}


@pytest.mark.parametrize("damage", ["delete", "corrupt", "truncate"])
def test_a_damaged_artifact_is_a_miss_and_says_so(lab, damage):
    first = lab.run(chain())
    artifact = first.steps["split"].execution.artifact("value")
    folder = lab.folder / "artifacts" / artifact.uri
    file = next(f for f in folder.iterdir() if f.name != "manifest.json")
    if damage == "delete":
        shutil.rmtree(folder)
    elif damage == "corrupt":
        file.write_bytes(file.read_bytes().replace(b"2", b"3"))
    else:
        os.truncate(file, 1)
    assert lab.run(chain()).cached == 3, "nothing was read, so nothing was noticed"
    nodes = chain()
    nodes[2] = node("trainer", lambda i, c: {"value": i["split"]}, "split", code="2")
    result = lab.run(nodes)
    assert {s: r.how for s, r in result.steps.items()} == {
        "transform": "hit",
        "split": "executed",
        "trainer": "executed",
    }
    assert lab.value(result, "trainer") == {"n": 2}
    found = [e.message for e in lab.events if isinstance(e, events.Finding)]
    assert any("computed again" in message for message in found)


def test_a_lost_artifact_with_another_value_reaches_all_that_follows(lab):
    """No run may mix the rows of two executions of a nondeterministic step."""
    counter = itertools.count(1)

    def plan(code: str) -> list[Node]:
        return [
            node("transform", lambda i, c: {"value": {"n": next(counter)}}),
            node("split", lambda i, c: {"value": {"n": i["transform"]["n"]}}, "transform"),
            node(
                "evaluator",
                lambda i, c: {"value": {"pair": [i["transform"]["n"], i["split"]["n"]]}},
                "transform",
                "split",
                code=code,
            ),
        ]

    first = lab.run(plan("1"))
    assert lab.value(first, "evaluator") == {"pair": [1, 1]}
    artifact = first.steps["transform"].execution.artifact("value")
    shutil.rmtree(lab.folder / "artifacts" / artifact.uri)
    second = lab.run(plan("2"))
    assert lab.value(second, "evaluator") == {"pair": [2, 2]}


def test_what_is_printed_is_kept_as_the_log(lab, capsys):
    def talks(i, c):
        import warnings

        warnings.simplefilter("default")  # pytest makes errors of them
        print("hello")
        warnings.warn("careful", stacklevel=1)
        return {"value": {}}

    result = lab.run([node("trainer", talks)])
    log = lab.value(result, "trainer", "log")
    assert "hello" in log
    assert "careful" in log
    assert capsys.readouterr().out == ""


def test_an_undeclared_file_is_reported(lab):
    (lab.code / "lookup.csv").write_text("a,b\n")

    def reads(i: Any, c: Any) -> Any:
        (lab.code / "lookup.csv").read_text()
        return {"value": {}}

    lab.run([node("transform", reads)])
    found = [e.message for e in lab.events if isinstance(e, events.Finding)]
    assert any("'lookup.csv', which is not declared" in message for message in found)
    lab.run([node("transform", reads)])
    again = [e.message for e in lab.events if isinstance(e, events.Finding)]
    assert found == again, "a hit says what its execution had to say"


def test_a_declared_file_is_not_reported_and_counts(lab):
    from zenlab.engine.declared import file_digests

    file = lab.code / "lookup.csv"
    file.write_text("a,b\n")

    def plan() -> list[Node]:
        digests = file_digests(["lookup.csv"], lab.code, "transform")
        made = node("transform", lambda i, c: {"value": {"text": file.read_text()}})
        identity = Identity("transform", "reads", {}, files=digests)
        return [Node("transform", "reads", identity, {}, made.make)]

    assert lab.hows(plan()) == {"transform": "executed"}
    assert not [e for e in lab.events if isinstance(e, events.Finding)]
    assert lab.hows(plan()) == {"transform": "hit"}
    file.write_text("a,c\n")
    assert lab.hows(plan()) == {"transform": "executed"}


def test_the_plan_says_what_would_run_and_why(lab):
    plan = make_plan(chain(), lab.metadata)
    assert [step.reason for step in plan] == [
        "new code, parameters or data",
        "its input changes: transform",
        "its input changes: split",
    ]
    lab.run(chain())
    assert all(step.cached for step in make_plan(chain(), lab.metadata))
    forced = make_plan(chain(), lab.metadata, force={"split"})
    assert [step.reason for step in forced] == [None, "forced", "its input changes: split"]


def test_outputs_of_all_datasets_come_as_a_dict(lab, tmp_path):
    frame = pd.DataFrame({"x": range(10)})
    source = root(tmp_path / "d", frame)

    def halves(i, c):
        rows = i["data"].to_pandas()
        return {"train": rows[:7], "eval": rows[7:]}

    def count(i, c):
        return {"value": {name: d.num_rows for name, d in i["splits"].items()}}

    counting = node("trainer", count)
    nodes = [
        node("split", halves, source=source),
        Node("trainer", "count", counting.identity, {"splits": Ref("split")}, counting.make),
    ]
    result = lab.run(nodes)
    assert lab.value(result, "trainer") == {"train": 7, "eval": 3}
    assert lab.run(nodes).cached == 2
