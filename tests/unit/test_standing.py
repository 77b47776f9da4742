"""What a stored panel shows against what it would show now: when it is stale, and when not."""

from __future__ import annotations

import json

import msgspec
import pytest

from zenlab.hygiene import RULES, check_notebook, chosen, parse_notebook
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec
from zenlab.pipelines.standing import Present, standing
from zenlab.pipelines.summary import outline
from zenlab.views import MIME_TYPE, RunPanel
from zenlab.views.payloads import (
    AnomaliesPayload,
    ColumnStatistics,
    ComparePayload,
    DatasetFindings,
    EvaluationPayload,
    LabelResult,
    RunPayload,
    RunStep,
    SchemaColumn,
    SchemaPayload,
    StatisticsPayload,
    to_json,
)
from zenlab.views.standing import Standing, differences

COMMIT = "87da8a9f62fa" + "0" * 52


def spec(name: str = "Pipeline A", commit: str = COMMIT, **trainer: object) -> PipelineSpec:
    steps = {
        "split": StepSpec("zenlab.steps.split.RandomSplit", {"split_map": {"train": 0.7}}),
        "trainer": StepSpec(
            "zenlab.steps.trainer.SklearnTrainer", {"learning_rate": 0.1} | trainer
        ),
    }
    source = DatasourceSpec("flights", "zenlab.datasources.CSVDatasource", commit=commit)
    return PipelineSpec(name, "training", source, steps)


def shown(of: PipelineSpec) -> dict:
    """The panel of a run, as a notebook stores it; without results."""
    return to_json(RunPanel(outline(of)).payload)


def test_a_panel_of_what_the_file_says_is_not_stale():
    found = standing(shown(spec()), Present([spec()]))
    assert found == Standing("unknown", ("no store was asked",), "Pipeline A")


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (spec(learning_rate=0.05), "trainer: learning_rate=0.1 -> learning_rate=0.05"),
        (spec(depth=3), "trainer: (not given) -> depth=3"),
        (spec(commit="f" * 64), "data commit: 87da8a9f62fa -> ffffffffffff"),
    ],
)
def test_what_the_pipeline_file_says_otherwise_is_named(now, says):
    assert standing(shown(spec()), Present([now])) == Standing("stale", (says,), "Pipeline A")


def test_steps_that_came_and_went_are_named():
    before = spec()
    steps = {"split": before.steps["split"], "preprocesser": StepSpec("m.Scale")}
    after = PipelineSpec("Pipeline A", "training", before.datasource, steps)
    found = standing(shown(before), Present([after]))
    assert found.says == ("- trainer: SklearnTrainer", "+ preprocesser: Scale")


def test_a_pipeline_without_a_file_is_gone_and_one_of_its_content_is_its_new_name():
    gone = standing(shown(spec()), Present([spec("Other", depth=3)], "pipes"))
    assert gone.state == "stale"
    assert "no pipeline 'Pipeline A' in pipes: it was renamed or deleted" in gone.says[0]
    renamed = standing(shown(spec()), Present([spec("Pipeline Z")]))
    assert "'Pipeline Z' has its content" in renamed.says[0]


def test_a_pipeline_whose_file_cannot_be_read_is_not_called_gone():
    found = standing(shown(spec()), Present([], unreadable={"pipeline-a"}))
    assert found.state == "unknown"


def test_a_name_that_a_panel_has_cut_is_found():
    long = spec("A pipeline whose name is longer than any panel has room for it, by far")
    assert standing(shown(long), Present([long])).state == "unknown"


@pytest.mark.parametrize("stored", [{"panel": "poem"}, None, 3, {"panel": "run", "version": 9}])
def test_what_is_no_payload_of_ours_is_not_judged(stored):
    assert standing(stored, Present([spec()])).state == "unknown"


def test_statistics_of_a_file_are_of_no_pipeline():
    stored = to_json(StatisticsPayload(1, ["weather\t9"], [], 0, title="weather.csv"))
    assert standing(stored, Present([spec()])).says == ("it is of no pipeline",)


def test_a_datasource_with_the_name_of_a_pipeline_is_not_taken_for_it():
    stored = to_json(StatisticsPayload(1, ["flights\t9"], [], 0, title="flights"))
    found = standing(stored, Present([spec("flights")], workspace=object()))
    assert found.says == ("it is of no pipeline",)


def test_an_evaluation_of_another_branchs_pipeline_is_not_called_stale():
    stored = to_json(EvaluationPayload(1, [], "Pipeline Z"))
    assert standing(stored, Present([spec()])).state == "unknown"


RUN = RunPayload(
    1,
    "A",
    "succeeded",
    [
        RunStep("split", "S", outputs=["train\tparquet\t70\t"]),
        RunStep("statistics", "D", outputs=["statistics\tjson\t\t"]),
        RunStep("evaluator", "E", metrics=["roc_auc\t.7671"]),
    ],
    source="flights\t100\tabc",
)
LABEL = LabelResult("late", "binary", "eval", 30, ["roc_auc\t.7671"])
EVALUATION = EvaluationPayload(1, [LABEL], "A", "M")
COLUMN = ColumnStatistics("a", "number", ["9\t0\t\t0\t0\t1.0\t2.0\t0 1\t.5 .5"])
STATISTICS = StatisticsPayload(1, ["train\t9"], [COLUMN], 1, title="A")
SCHEMA = SchemaPayload(1, [SchemaColumn("a", "INT\t1")], 1, title="A")
ANOMALIES = AnomaliesPayload(1, [DatasetFindings("eval", 9, ["a\terror\tno"], found=1)], title="A")
COMPARE = ComparePayload(
    1, ["A#1\t\tflights\tabc\t.7\t0.1", "B#1\t\tflights\tabc\t.8\t0.2"], 2,
    metrics=["roc_auc\teval\t\thigher"], parameters=["trainer.rate"],
)  # fmt: skip
PANELS = (RUN, EVALUATION, STATISTICS, SCHEMA, ANOMALIES, COMPARE)


def changed(payload: msgspec.Struct, **fields: object) -> msgspec.Struct:
    return msgspec.structs.replace(payload, **fields)


@pytest.mark.parametrize("payload", PANELS, ids=lambda p: type(p).__name__)
def test_the_same_panel_is_the_same(payload):
    assert differences(payload, payload) == []


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (
            RUN,
            changed(
                RUN, steps=[*RUN.steps[:2], RunStep("evaluator", "E", metrics=["roc_auc\t.8"])]
            ),
            ["evaluator: roc_auc 0.7671 -> 0.8000"],
        ),
        (
            RUN,
            changed(RUN, steps=[RunStep("split", "S", outputs=["train\tp\t71\t"]), *RUN.steps[1:]]),
            ["split: train 70 rows -> 71 rows"],
        ),
        (RUN, changed(RUN, source="flights\t101\tabc"), ["data: 100 rows -> 101 rows"]),
        (changed(RUN, status="failed"), RUN, ["the run: failed -> succeeded"]),
        (
            EVALUATION,
            changed(EVALUATION, results=[changed(LABEL, metrics=["roc_auc\t.5"])]),
            ["late on eval: roc_auc 0.7671 -> 0.5000"],
        ),
        (EVALUATION, changed(EVALUATION, model="N"), ["model: M -> N"]),
        (EVALUATION, changed(EVALUATION, results=[]), ["late on eval: is not evaluated any more"]),
        (
            STATISTICS,
            changed(
                STATISTICS,
                columns=[changed(COLUMN, datasets=["9\t1\t\t0\t0\t1.0\t2.0\t0 1\t.5 .5"])],
            ),
            ["column a: other statistics"],
        ),
        (
            STATISTICS,
            changed(STATISTICS, datasets=["train\t8"]),
            ["dataset train: 9 rows -> 8 rows"],
        ),
        (SCHEMA, changed(SCHEMA, columns=[SchemaColumn("a", "INT\t")]), ["column a: another rule"]),
        (
            ANOMALIES,
            changed(ANOMALIES, datasets=[DatasetFindings("eval", 9, [])]),
            ["dataset eval: 1 anomalies -> 0"],
        ),
        (
            COMPARE,
            changed(COMPARE, runs=["A#4\t\tflights\tabc\t.7\t0.1", "B#9\t\tflights\tabc\t.9\t0.2"]),
            ["B: roc_auc eval 0.8000 -> 0.9000"],
        ),
    ],
)
def test_what_differs_is_named(was, now, says):
    assert differences(was, now) == says


@pytest.mark.parametrize(
    ("was", "now"),
    [
        # Statistics that one machine has and another has not: no worker there.
        (RUN, changed(RUN, steps=[RUN.steps[0], RunStep("statistics", "D"), RUN.steps[2]])),
        # As much as there was room for, and another scale of the histogram.
        (EVALUATION, changed(EVALUATION, results=[], omitted=["Results: 1"])),
        (STATISTICS, changed(STATISTICS, columns=[], total=90)),
        (
            STATISTICS,
            changed(
                STATISTICS,
                columns=[changed(COLUMN, datasets=["9\t0\t\t0\t0\t1.0\t2.0\t0 1\t.9 .1"])],
            ),
        ),
        # One of several revisions: nobody knows which one is meant.
        (
            changed(COMPARE, runs=["A#1\t\tflights\tabc\t.7\t0", "A#2\t\tflights\tabc\t.8\t0"]),
            changed(COMPARE, runs=["A#2\t\tflights\tabc\t.9\t0"]),
        ),
    ],
)
def test_what_nobody_can_tell_is_no_difference(was, now):
    assert differences(was, now) == []


def test_the_order_of_named_parameters_is_no_difference():
    was, now = (
        changed(RUN, steps=[RunStep("trainer", "T", parameters=text)])
        for text in ("depth=3, rate=0.1", "rate=0.1, depth=3")
    )
    assert differences(was, now) == []


def test_outputs_are_told_in_their_order():
    names = [f"part_{i}" for i in range(9)]
    was, now = (
        changed(RUN, steps=[RunStep("split", "S", outputs=[f"{n}\tparquet\t{k}\t" for n in names])])
        for k in (1, 2)
    )
    assert [line.split()[1] for line in differences(was, now)] == names


def test_a_panel_that_was_edited_stops_nothing():
    assert differences(changed(RUN, steps=[RunStep("split", "S", outputs=["train"])]), RUN)
    edited = to_json(changed(COMPARE, runs=["Pipeline A"]))
    found = standing(edited, Present([spec()]))
    assert found.says == ("Pipeline A: data commit: - -> 87da8a9f62fa",)


# ------------------------------------------------------------------------------------- the rule


def notebook(*cells: tuple[str, dict]) -> bytes:
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "source": source,
                    "metadata": {},
                    "outputs": [{"output_type": "display_data", "data": {MIME_TYPE: payload}}],
                }
                for source, payload in cells
            ],
            "metadata": {},
            "nbformat": 4,
        }
    ).encode()


def found(tmp_path, *cells: tuple[str, dict]) -> list[tuple[int | None, str]]:
    present = Present([spec()])
    rules = chosen(["stale"], now=lambda _, payload: standing(payload, present))
    read = parse_notebook(tmp_path / "a.ipynb", notebook(*cells))
    return [(f.cell, f.message) for f in check_notebook(read, rules)]


OLD = shown(spec(learning_rate=0.5))


def test_the_rule_names_cell_and_difference(tmp_path):
    ((cell, message),) = found(tmp_path, ("%zen run pipeline", OLD))
    assert cell == 1
    assert "learning_rate=0.5 -> learning_rate=0.1" in message


def test_an_earlier_panel_of_the_same_notebook_is_not_stale(tmp_path):
    assert found(tmp_path, ("run", OLD), ("run again", shown(spec()))) == []
    assert [cell for cell, _ in found(tmp_path, ("run", shown(spec())), ("again", OLD))] == [2]


def test_a_revision_that_is_asked_for_by_its_number_is_not_stale(tmp_path):
    assert found(tmp_path, ('%zen run "Pipeline A#1"', OLD)) == []


def test_without_a_now_nothing_is_stale(tmp_path):
    read = parse_notebook(tmp_path / "a.ipynb", notebook(("run", OLD)))
    assert check_notebook(read, [RULES["stale"]]) == []
