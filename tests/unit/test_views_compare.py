"""The panel of a comparison."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.unit.test_views_run import HOSTILE, check_bare
from zenlab.core.errors import ParameterError
from zenlab.views import MIME_TYPE, ComparePanel
from zenlab.views.comparison import (
    CodeBlock,
    CodeDifference,
    ComparedRun,
    Comparison,
    DataDrift,
    FeatureDrift,
    MetricRow,
    ParameterRow,
    RunSeries,
    StepCell,
    StepRow,
)
from zenlab.views.packing import fields
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payload_schema import schema
from zenlab.views.payloads import from_json

ROOT = Path(__file__).parents[2]
A, B = "Pipeline A#3", "Pipeline B#1"


def two(**changes):
    values = {
        "runs": (
            ComparedRun(A, "ada", "flights", "9f3ac01b77d2ab12cd"),
            ComparedRun(B, "bob", "flights", "9f3ac01b77d2ab12cd"),
        ),
        "baseline": 0,
        "metrics": (
            MetricRow("roc_auc", (0.7135, 0.7302), "higher", "eval"),
            MetricRow("log_loss", (0.5012, 0.5103), "lower", "eval"),
            MetricRow("bias", (0.1, 0.2), "", "eval"),
            MetricRow("brier", (0.1, None), "lower", "eval"),
        ),
        "parameters": (
            ParameterRow("split.seed", ("0", "0"), differs=False),
            ParameterRow("trainer.learning_rate", ("0.1", None), differs=True),
        ),
        "detailed": True,
        "steps": (
            StepRow(
                "split", (StepCell("RandomSplit", 1, "ada"), StepCell("RandomSplit", 1, "ada", A))
            ),
            StepRow("trainer", (StepCell("Sk", 1, "ada"), StepCell("Sk", 2, "bob", "", True))),
            StepRow("transform_2", (None, StepCell("clean", 1, "bob"))),
        ),
        "code": (
            CodeDifference(
                "transform",
                A,
                (B,),
                (CodeBlock("late (features.py)", ("@@ -3,1 +3,1 @@", "-    a <b", "+    a > b")),),
            ),
            CodeDifference("trainer", A, (B,), note="The source is not kept."),
        ),
        "data": (DataDrift(B, same=True),),
        "series": (RunSeries(A, "series", "loss", (0.0, 1.0, 2.0), (1.0, 0.5, 0.25)),),
    }
    return Comparison(**(values | changes))


def many(number, metrics=2, parameters=3):
    return Comparison(
        runs=tuple(
            ComparedRun(f"Pipeline A#{i}", "ada", "flights", "a" * 64) for i in range(number)
        ),
        baseline=None,
        metrics=tuple(
            MetricRow(f"metric_{k}", tuple(i / number for i in range(number)), "higher", "eval")
            for k in range(metrics)
        ),
        parameters=tuple(
            ParameterRow(f"trainer.p{k}", tuple(str(i) for i in range(number)), differs=True)
            for k in range(parameters)
        ),
    )


def lines_of(panel, heading):
    """The lines below a heading, as lists of words."""
    part = str(panel).split(f"{heading}:\n", 1)[1].split("\n\n", 1)[0]
    return [line.split() for line in part.splitlines()]


def test_a_comparison_of_two_as_text():
    assert (
        str(ComparePanel(two()))
        == """\
Comparison of Pipeline A#3 and Pipeline B#1

run                      user  data
───────────────────────  ────  ────────────────────────────
Pipeline A#3 (baseline)  ada   flights, commit 9f3ac01b77d2
Pipeline B#1             bob   flights, commit 9f3ac01b77d2

Metrics on eval:
metric    Pipeline A#3  Pipeline B#1  difference
────────  ────────────  ────────────  ──────────
roc_auc         0.7135      ★ 0.7302   ▲ +0.0167
log_loss      ★ 0.5012        0.5103   ▲ +0.0091
bias            0.1000        0.2000   ▲ +0.1000
brier           0.1000             –           –

Parameters that differ:
parameter              Pipeline A#3  Pipeline B#1
─────────────────────  ────────────  ────────────
trainer.learning_rate  0.1           –

Steps (equal numbers in a row: one execution, which is shared):
step         what         Pipeline A#3  Pipeline B#1
───────────  ───────────  ────────────  ─────────────────────
split        RandomSplit  ① ada         ① ada in Pipeline A#3
trainer      Sk           ① ada         ② bob, same result
transform_2  clean        –             ① bob

Code of transform, from Pipeline A#3 to Pipeline B#1:
late (features.py)
@@ -3,1 +3,1 @@
-    a <b
+    a > b

Code of trainer, from Pipeline A#3 to Pipeline B#1:
- The source is not kept.

Logged series:
series  run           first  course    last  at step
──────  ────────────  ─────  ──────  ──────  ───────
loss    Pipeline A#3  1.000  █▄▁     0.2500        2

Data against Pipeline A#3:
- Pipeline B#1: same data, from one snapshot."""  # noqa: RUF001
    )


def test_all_parameters_on_request():
    assert "split.seed" not in str(ComparePanel(two()))
    assert ["split.seed", "0", "0"] in lines_of(
        ComparePanel(two(), all_parameters=True), "Parameters"
    )


def test_nothing_differs_is_said():
    same = two(parameters=(ParameterRow("split.seed", ("0", "0"), differs=False),))
    assert "- None: the specifications are the same." in str(ComparePanel(same))


def test_the_difference_is_from_the_chosen_baseline():
    panel = ComparePanel(two(baseline=1))
    assert lines_of(panel, "Metrics on eval")[2] == [
        "roc_auc",
        "★",
        "0.7302",
        "0.7135",
        "▼",
        "-0.0167",
    ]
    assert "Pipeline B#1 (baseline)" in str(panel)


@pytest.mark.parametrize(
    ("better", "values", "best"),
    [
        ("higher", (1.0, 3.0, 2.0), {1}),
        ("lower", (1.0, 3.0, None), {0}),
        ("lower", (1.0, 1.0, 3.0), {0, 1}),
        ("zero", (-0.1, 3.0, 2.0), {0}),
        ("higher", (1.0, 1.0, 1.0), set()),  # nothing is better than anything
        ("higher", (1.0, None, float("nan")), set()),
        ("", (1.0, 3.0, 2.0), set()),
    ],
)
def test_the_best(better, values, best):
    assert MetricRow("m", values, better).best() == best


def test_metrics_of_several_splits_name_them():
    metrics = (
        MetricRow("roc_auc", (0.7, 0.8), "higher", "eval"),
        MetricRow("roc_auc", (0.6, 0.7), "higher", "test", "late"),
    )
    text = str(ComparePanel(two(metrics=metrics)))
    assert "roc_auc on eval" in text
    assert "roc_auc of late on test" in text


def test_values_that_differ_far_behind_can_still_be_told_apart():
    long = "[" + ", ".join(f"column_{i}" for i in range(40))
    row = ParameterRow("preprocesser.features", (f"{long}, a]", f"{long}, b]"), differs=True)
    panel = ComparePanel(two(parameters=(row,)))
    one, other = fields(panel.payload.runs[0])[-1], fields(panel.payload.runs[1])[-1]
    assert one != other
    assert (one[0], one[-2:], other[-2:]) == ("…", "a]", "b]")


def test_drift_is_marked_in_words():
    drift = DataDrift(
        B,
        split="train",
        base_rows=1000,
        rows=1200,
        features=(
            FeatureDrift("dest", note="new", missing=0.0),
            FeatureDrift("delay", "Jensen-Shannon", 0.31, 0.1, 0.0, 0.25, 10.0, 14.5),
            FeatureDrift("carrier", "L-infinity", 0.02, 0.1, 0.0, 0.0),
        ),
    )
    panel = ComparePanel(two(data=(drift,)))
    text = str(panel)
    assert "Data of Pipeline B#1 against Pipeline A#3: train, 1,200 rows, before 1,000:" in text
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    assert "⚠ above 0.1" in rows["delay"]
    assert "25.0%" in rows["delay"]
    assert "⚠" not in rows["carrier"]
    assert "new" in rows["dest"]


def test_many_runs_are_a_row_each_and_the_rest_is_counted():
    panel = ComparePanel(many(1000))
    assert len(panel.payload.runs) == 50
    assert panel.payload.total == 1000
    text = str(panel)
    assert text.startswith("Comparison of 1,000 runs\n")
    assert "- Runs: 950, in to_frame(); of two of them: details(run, run)" in text
    assert len(panel.to_frame()) == 1000


def test_the_baseline_of_many_is_among_the_shown_ones():
    panel = ComparePanel(dataclasses.replace(many(1000), baseline=999))
    assert "Pipeline A#999 (baseline)" in str(panel)
    assert "★ 0.9990" in str(panel)
    (row,) = (line for line in str(panel).splitlines() if line.startswith("Pipeline A#7 "))
    assert row.split()[2:6] == ["0.007000", "▼", "-0.992000", "0.007000"]


def test_a_list_shows_the_parameters_that_were_turned_most():
    rare = ParameterRow("transform", ("x", *[None] * 29), differs=True)
    turned = ParameterRow("trainer.rate", tuple(str(i) for i in range(30)), differs=True)
    some = [ParameterRow(f"p{k}", ("0", "1", *["0"] * 28), differs=True) for k in range(9)]
    listed = dataclasses.replace(many(30), parameters=(rare, *some, turned))
    assert ComparePanel(listed).payload.parameters[:2] == ["trainer.rate", "transform"]


def test_no_run_is_said():
    panel = ComparePanel(Comparison(()))
    assert str(panel) == "Comparison: there is no successful run yet"
    assert len(panel.to_frame()) == 0
    assert "neither curves nor metrics" in panel.figure().layout.title.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    c = two(
        runs=(ComparedRun(hostile, hostile, hostile, hostile), ComparedRun(B, hostile)),
        metrics=(MetricRow(hostile, (0.5, 0.25), "higher", hostile, hostile),),
        parameters=(ParameterRow(hostile, (hostile, "x"), differs=True),),
        steps=(StepRow(hostile, (StepCell(hostile, 1, hostile, hostile), None)),),
        code=(
            CodeDifference(
                hostile,
                hostile,
                (hostile,),
                (CodeBlock(hostile, (hostile, "+" + hostile)),),
                hostile,
            ),
        ),
        data=(
            DataDrift(hostile, note=hostile),
            DataDrift(hostile, split=hostile, features=(FeatureDrift(hostile, note=hostile),)),
        ),
        series=(RunSeries(hostile, "series", hostile, (0.0,), (1.0,)),),
        notes=(hostile,),
    )
    for comparison in (c, dataclasses.replace(c, detailed=False)):
        panel = ComparePanel(comparison)
        bundle = panel._repr_mimebundle_()
        check_bare(bundle["text/html"])
        assert stored_size(bundle) <= BUDGET
        assert "\x1b" not in json.dumps(bundle, ensure_ascii=False)
        json.dumps(bundle, ensure_ascii=False).encode()  # no lone surrogate
        jsonschema.validate(bundle[MIME_TYPE], json.loads(schema()))
        assert from_json(bundle[MIME_TYPE]) == panel.payload
        assert len(panel.to_frame()) == 2
        assert "<script>" not in json.dumps([t.name for t in panel.figure().data])


def test_indented_code_stands_as_it_is():
    html = ComparePanel(two())._repr_mimebundle_()["text/html"]
    assert "<pre>late (features.py)\n@@ -3,1 +3,1 @@\n-    a &lt;b\n+    a &gt; b\n</pre>" in html


def test_everything_at_once_fits():
    big = "x" * 400
    c = Comparison(
        runs=tuple(ComparedRun(f"{i}{big}", big, big, big) for i in range(5)),
        baseline=4,
        metrics=tuple(MetricRow(f"m{i}{big}", (0.1,) * 5, "lower", big) for i in range(200)),
        parameters=tuple(
            ParameterRow(f"p{i}{big}", tuple(f"{big}{k}" for k in range(5)), differs=True)
            for i in range(500)
        ),
        detailed=True,
        steps=tuple(StepRow(f"s{i}{big}", (StepCell(big, 1, big, big),) * 5) for i in range(100)),
        code=tuple(
            CodeDifference(f"s{i}", big, (big,), (CodeBlock(big, (f"+{big}",) * 500),) * 5)
            for i in range(10)
        ),
        data=tuple(
            DataDrift(big, features=tuple(FeatureDrift(f"f{i}{big}", big, 0.5) for i in range(300)))
            for _ in range(4)
        ),
        series=(RunSeries(big, "series", big, tuple(map(float, range(9999))), (0.5,) * 9999),) * 50,
        notes=(big,) * 100,
    )
    panel = ComparePanel(c, all_parameters=True)
    assert stored_size(panel._repr_mimebundle_()) <= BUDGET
    assert any(text.startswith("Parameters: ") for text in panel.payload.omitted)


def test_the_same_comparison_leaves_the_same_bytes():
    def stored():
        return json.dumps(ComparePanel(two())._repr_mimebundle_())

    assert stored() == stored()
    code = (
        "import json; from tests.unit.test_views_compare import two;"
        "from zenlab.views import ComparePanel;"
        "print(json.dumps(ComparePanel(two())._repr_mimebundle_()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == stored()


def test_details_ask_for_some_of_the_runs():
    asked = []

    def load(labels):
        asked.append(tuple(labels))
        return two()

    panel = ComparePanel(many(20), load=load)
    assert "Steps" in str(panel.details("Pipeline A#11", "Pipeline A#12"))
    panel.details()
    assert asked == [("Pipeline A#11", "Pipeline A#12"), ("Pipeline A#0", "Pipeline A#1")]
    with pytest.raises(ParameterError, match="without a store"):
        ComparePanel(many(2)).details()


def test_a_frame_has_a_row_a_run_and_all_digits():
    frame = ComparePanel(two()).to_frame()
    assert frame["roc_auc on eval"].tolist() == [0.7135, 0.7302]
    assert frame["trainer.learning_rate"][0] == "0.1"
    assert frame["trainer.learning_rate"].isna().tolist() == [False, True]
    assert frame["split.seed"].tolist() == ["0", "0"]
    assert frame["run"].tolist() == [A, B]


def test_curves_of_all_runs_are_in_one_figure():
    curves = tuple(
        RunSeries(run, kind, name, (0.0, 1.0), (0.0, 1.0))
        for run in (A, B)
        for kind, name in (
            ("roc", "late · eval"),
            ("roc", "late · test"),
            ("precision_recall", "x"),
        )
    )
    figure = ComparePanel(two(curves=lambda: curves)).figure()
    titles = [a.text for a in figure.layout.annotations]
    assert titles == ["loss", "ROC", "Precision and recall"]
    drawn = [t for t in figure.data if t.name]
    roc = [t for t in drawn if t.xaxis == "x2"]
    assert {t.name for t in roc} == {f"{r} · late · {s}" for r in (A, B) for s in ("eval", "test")}
    colors = {t.name.partition(" ·")[0]: t.line.color for t in drawn}
    assert colors[A] != colors[B]
    assert len({t.line.dash for t in roc}) == 2


def test_many_runs_are_drawn_as_points():
    figure = ComparePanel(many(30)).figure()
    assert [len(t.y) for t in figure.data] == [30, 30]
