"""The evaluation panel."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest

from tests.unit.test_views_run import HOSTILE, check_bare
from zenlab.core.evaluation import (
    Confusion,
    Curve,
    Evaluation,
    Histogram,
    LabelEvaluation,
    Residuals,
    Slice,
    Thresholds,
)
from zenlab.views import MIME_TYPE, EvaluationPanel
from zenlab.views.packing import values
from zenlab.views.panel import BUDGET, stored_size
from zenlab.views.payload_schema import schema
from zenlab.views.payloads import from_json
from zenlab.views.strings import shorten

ROOT = Path(__file__).parents[2]


def binary(split="eval", label="late", slices=3):
    grid = [i / 100 for i in range(101)]
    tp = [round(200 * t**0.5) for t in grid]
    fp = [round(800 * t) for t in grid]
    return LabelEvaluation(
        label,
        "binary",
        split,
        1000,
        {"roc_auc": 0.731249, "log_loss": 0.44, "brier": None},
        [
            Slice(["carrier"], [f"C{i}"], 500 - i, {"roc_auc": 0.7 + i / 100, "log_loss": None})
            for i in range(slices)
        ],
        curves=[
            Curve("roc", "yes", grid, [t**0.5 for t in grid]),
            Curve("precision_recall", "yes", grid[::-1], grid),
            Curve("calibration", "yes", [0.1, 0.5], [0.12, 0.4], [900, 100]),
        ],
        thresholds=Thresholds(
            "yes",
            [1 - t for t in grid],
            tp,
            fp,
            [200 - n for n in tp],
            [800 - n for n in fp],
        ),
        confusion=Confusion(["no", "yes"], [[700, 100], [50, 150]]),
    )


def regression():
    return LabelEvaluation(
        "delay",
        "regression",
        "eval",
        60,
        {"mae": 12.3456},
        residuals=Residuals(
            Histogram([-10.0, 0.0, 10.0], [20, 40]), [1.0, 2.0], [-0.5, 0.25], [30, 30]
        ),
        notes=["3 rows without a label were left out."],
    )


def panel(*results):
    return EvaluationPanel(Evaluation(list(results)), pipeline="Pipeline A", model="Ridge")


def test_metrics_of_all_splits_stand_side_by_side():
    text = str(panel(binary(), binary("test")))
    assert "metric      eval    test\n" in text
    assert "roc_auc   0.7312  0.7312\n" in text
    assert "brier          –       –" in text  # noqa: RUF001
    assert "By carrier, eval:" in text
    assert "By carrier, test:" in text


def test_a_slice_is_set_against_all_rows():
    lines = str(panel(binary())).splitlines()
    (row,) = (line for line in lines if line.startswith("C2 "))
    assert row.split() == ["C2", "498", "████████", "0.7200", "▼", "-0.0112", "–"]  # noqa: RUF001


def test_the_biggest_slices_come_first():
    r = binary(slices=0)
    sizes = {"a": 10, "b": 30, "c": 30, "d": 20}
    r = msgspec.structs.replace(
        r, slices=[Slice(["x"], [name], rows, {"m": 1.0}) for name, rows in sizes.items()]
    )
    rows = panel(r).payload.results[0].slices[0].rows
    assert [row.split("\t")[0] for row in rows] == ["b", "c", "d", "a"]


def test_slices_of_few_rows_are_never_shown():
    r = msgspec.structs.replace(
        binary(), slices=[Slice(["name"], ["Jane Doe"], 9, {}), Slice(["name"], ["ok"], 10, {})]
    )
    shown = panel(r)
    assert "Jane Doe" not in json.dumps(shown._repr_mimebundle_())
    assert shown.payload.omitted == ["Slices of late on eval with fewer than 10 rows: 1"]
    assert "ok" in str(shown)


def test_thresholds_are_few_and_marked():
    text = str(panel(binary()))
    start = text.index("Thresholds for late = yes:")
    lines = text[start:].split("\n\n", maxsplit=1)[0].splitlines()[3:]
    assert 5 <= len(lines) <= 7
    assert sum("best F1" in line for line in lines) == 1
    assert sum("one half" in line for line in lines) == 1
    (half,) = (line.split() for line in lines if "one half" in line)
    # tp = 141, fp = 400 of 200 positives and 800 negatives
    assert half[:7] == ["0.5000", "54.1%", "70.5%", "26.1%", "0.3806", "400", "59"]
    thresholds = [float(line.split()[0]) for line in lines]
    assert thresholds == sorted(thresholds, reverse=True)


def test_curves_calibration_and_confusion():
    text = str(panel(binary()))
    assert "true positives 31.6% at 10% false positives" in text
    assert "precision 50.0% at 50% recall" in text
    assert "▃▃▄▄▅▅▅▆▆▆▇▇▇▇▇█████" in text
    assert "    50.0%     40.0%   100  ███▎" in text
    assert "yes    50  150   75.0%" in text


def test_classes_that_are_left_out_count_in_recall():
    names = [f"c{i:02}" for i in range(40)]
    counts = [[60 if i == j else 1 for j in range(40)] for i in range(40)]
    r = msgspec.structs.replace(binary(), confusion=Confusion(names, counts))
    confusion = panel(r).payload.results[0].confusion
    assert confusion.classes == [*names[:30], "(other)"]
    assert confusion.counts[0] == "60" + " 1" * 29 + " 10"
    text = str(panel(r))
    assert f"{60 / 99:.1%}" in text
    assert panel(r).payload.omitted == ["Classes of the confusion matrix of late on eval: 10"]


def test_whole_metrics_are_the_same_from_memory_and_from_json():
    r = msgspec.structs.replace(binary(), metrics={"errors": 3, "auc": 1.0})
    again = EvaluationPanel.from_json(msgspec.json.encode(Evaluation([r])))
    assert again.payload.results == panel(r).payload.results
    assert str(EvaluationPanel(values={"n": 3, "auc": 1.0})).split()[-4:] == [
        "n",
        "3",
        "auc",
        "1.000",
    ]


def test_a_regression():
    text = str(panel(regression()))
    assert "-10.00  ▅█    10.00" in text
    assert "2.000      0.2500    30" in text
    assert "- 3 rows without a label were left out." in text


def test_a_curve_is_one_string():
    payload = panel(binary()).payload
    curve = payload.results[0].curves[0]
    assert curve.x.startswith("0 .01 .02 ")
    assert len(values(curve.x)) == len(values(curve.y)) == 101
    stored = json.dumps(panel(binary())._repr_mimebundle_()[MIME_TYPE], indent=1)
    assert stored.count("\n") < 80


def test_the_payload_follows_its_schema_and_is_read_back():
    for shown in (panel(binary(), binary("test"), regression()), panel()):
        stored = shown._repr_mimebundle_()[MIME_TYPE]
        jsonschema.validate(stored, json.loads(schema()))
        assert from_json(stored) == shown.payload
    with pytest.raises(msgspec.ValidationError):
        from_json(stored | {"version": 2})


def test_from_json():
    data = msgspec.json.encode(Evaluation([regression()]))
    assert EvaluationPanel.from_json(data).results == (regression(),)
    own = EvaluationPanel.from_json('{"a": {"b": 0.5, "c": null}, "n": 3, "text": "x", "l": [1]}')
    assert own.values == {"a.b": 0.5, "a.c": None, "n": 3}
    with pytest.raises(msgspec.DecodeError):
        EvaluationPanel.from_json("[1]")


def test_a_tidy_frame_with_all_digits():
    frame = panel(binary(slices=1)).to_frame()
    assert list(frame.columns) == ["label", "split", "by", "group", "rows", "metric", "value"]
    assert len(frame) == 5
    assert frame.loc[0, "value"] == 0.731249
    assert frame.loc[3, ["by", "group", "rows"]].tolist() == ["carrier", "C0", 500]
    assert str(frame["rows"].dtype) == "Int64"
    assert math.isnan(frame.loc[2, "value"])
    assert panel().to_frame().empty


def test_figures_are_small_and_complete():
    figure = panel(binary(), binary("test")).figure()
    titles = [a.text for a in figure.layout.annotations]
    assert titles == ["ROC", "Precision and recall", "Calibration"]
    legend = [trace.name for trace in figure.data if trace.showlegend]
    assert legend == ["late · yes · eval", "late · yes · test"]
    assert len(panel(regression()).figure().to_json()) < 3000
    assert not panel().figure().data
    both = panel(regression(), binary()).figure()
    assert len(both.layout.annotations) == 5


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_are_text(hostile):
    r = msgspec.structs.replace(
        binary(),
        label=hostile,
        split=hostile,
        metrics={hostile: 1.0},
        slices=[Slice([hostile], [hostile], 10, {hostile: 0.5})],
        curves=[Curve("roc", hostile, [0.0, 1.0], [0.0, 1.0])],
        confusion=Confusion([hostile, "b"], [[1, 2], [3, 4]]),
        notes=[hostile],
    )
    shown = EvaluationPanel(Evaluation([r]), values={hostile: 1.0}, pipeline=hostile, model=hostile)
    bundle = shown._repr_mimebundle_()
    page = check_bare(bundle["text/html"])
    name = shorten(hostile)
    assert page.cells[0] == f"Evaluation of {name}"
    # model, value, split, metric, slice: column, value and metric, confusion: column and row
    assert page.cells.count(name) >= 9
    json.dumps(bundle, ensure_ascii=False).encode()
    shown.figure().to_json()


@pytest.mark.parametrize("char", ["東", '"', "<", "\x00"])
def test_a_huge_evaluation_fits_and_says_what_it_left_out(char):
    long = char * 200
    curves = binary().curves
    r = msgspec.structs.replace(
        binary(label=long, split=long),
        metrics={f"{i}{long}": 0.5 for i in range(100)},
        slices=[
            Slice(
                [f"{k}{long}"] * 6, [f"{i}{long}"] * 6, 100, {f"{j}{long}": 1e-9 for j in range(9)}
            )
            for k in range(9)
            for i in range(50)
        ],
        curves=[msgspec.structs.replace(c, target=long) for c in curves * 50],
        confusion=Confusion([f"{i}{long}" for i in range(60)], [[10**9] * 60] * 60),
        notes=[long] * 50,
    )
    shown = EvaluationPanel(
        Evaluation([r] * 14), values={f"{i}{long}": 1 for i in range(500)}, pipeline=long
    )
    assert stored_size(shown._repr_mimebundle_()) <= BUDGET
    assert shown.payload.omitted
    assert len(shown.to_frame()) > 14 * 50  # frames have everything


def test_two_usual_splits_keep_the_first_whole():
    shown = panel(binary(slices=50), binary("test", slices=50))
    first, _ = shown.payload.results
    assert len(first.slices[0].rows) == 50
    assert first.thresholds
    assert len(first.curves) == 3


def test_repr_is_cheap():
    shown = panel(binary())
    assert repr(shown) == "<EvaluationPanel Pipeline A: late (eval, 1,000 rows)>"
    assert "_stored" not in vars(shown)


BUNDLE = """
import json
from tests.unit.test_views_evaluation import binary, panel, regression
shown = panel(binary(), binary("test"), regression())
print(json.dumps(shown._repr_mimebundle_()), shown.figure().to_json())
"""


def test_the_same_evaluation_has_the_same_bytes():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", BUNDLE],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
