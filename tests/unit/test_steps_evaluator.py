# ruff: noqa: N802, N803, PD011 - X is scikit-learn's name, and Slice.values is no Series
import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from tests.steps_harness import dataset, run
from zenlab.core.errors import ParameterError
from zenlab.core.evaluation import MAX_CURVE_POINTS, MAX_SLICES, Evaluation
from zenlab.steps.evaluator import BaseEvaluatorStep, Evaluator, FunctionEvaluator
from zenlab.steps.predictions import predict


def examples_of(bunch, target):
    frame = bunch.data.add_suffix("_xf").assign(y_xl=target)
    return {"train": frame.iloc[::2], "eval": frame.iloc[1::2].reset_index(drop=True)}


CANCER = load_breast_cancer(as_frame=True)
CANCER_EXAMPLES = examples_of(CANCER, CANCER.target_names[CANCER.target])
IRIS = load_iris(as_frame=True)
IRIS_EXAMPLES = examples_of(IRIS, IRIS.target)
DIABETES_EXAMPLES = examples_of(load_diabetes(as_frame=True), load_diabetes().target)


def X(frame):
    return frame.filter(like="_xf")


def fitted(model, examples):
    train = examples["train"]
    y = train["y_xl"].to_numpy()
    return model.fit(X(train), y.astype(object) if y.dtype.kind not in "biuf" else y)


BOOSTED = fitted(HistGradientBoostingClassifier(max_iter=10, random_state=0), CANCER_EXAMPLES)


def evaluate(step, model, examples, raw=None):
    return run(step, model=model, examples=examples, raw=raw or examples)


def one(got):
    (result,) = got["evaluation"].results
    return result


def close(found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-5), name


def test_binary_metrics_are_scikit_learns():
    held_back = CANCER_EXAMPLES["eval"]
    y = held_back["y_xl"].to_numpy(dtype=object)
    guess, p = BOOSTED.predict(X(held_back)), BOOSTED.predict_proba(X(held_back))[:, 1]
    assert BOOSTED.classes_.tolist() == ["benign", "malignant"]
    true = y == "malignant"
    got = evaluate(Evaluator(), BOOSTED, CANCER_EXAMPLES)
    result = one(got)
    assert (result.label, result.task, result.split, result.rows) == ("y", "binary", "eval", 284)
    close(
        result.metrics,
        {
            "roc_auc": sk.roc_auc_score(true, p),
            "average_precision": sk.average_precision_score(true, p),
            "log_loss": sk.log_loss(true, p),
            "brier": sk.brier_score_loss(true, p),
            "accuracy": sk.accuracy_score(y, guess),
            "balanced_accuracy": sk.balanced_accuracy_score(y, guess),
            "precision": sk.precision_score(y, guess, pos_label="malignant"),
            "recall": sk.recall_score(y, guess, pos_label="malignant"),
            "f1": sk.f1_score(y, guess, pos_label="malignant"),
            "mcc": sk.matthews_corrcoef(y, guess),
        },
    )
    assert got.metrics == result.metrics
    assert result.notes == []
    assert result.metrics["roc_auc"] == float(f"{result.metrics['roc_auc']:.6g}")


def test_curves_thresholds_and_confusion_of_a_binary_classifier():
    result = one(evaluate(Evaluator(), BOOSTED, CANCER_EXAMPLES))
    roc, pr, calibration = result.curves
    assert [c.kind for c in result.curves] == ["roc", "precision_recall", "calibration"]
    assert (roc.target, roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == ("malignant", 0, 0, 1, 1)
    assert max(len(c.x) for c in result.curves) <= MAX_CURVE_POINTS
    assert np.trapezoid(roc.y, roc.x) if hasattr(np, "trapezoid") else True
    assert pr.x[-1] == 1
    assert sum(calibration.counts) == 284
    t = result.thresholds
    assert (t.positive, len(t.thresholds), t.thresholds[50]) == ("malignant", 101, 0.5)
    at_half = [[t.tn[50], t.fp[50]], [t.fn[50], t.tp[50]]]
    assert result.confusion.classes == ["benign", "malignant"]
    assert result.confusion.counts == at_half
    assert (t.tp[0] + t.fp[0], t.fn[0] + t.tn[0]) == (284, 0)


def test_a_long_curve_is_thinned_and_keeps_its_area():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a_xf": rng.normal(size=5000)})
    frame["y_xl"] = rng.random(5000) < 1 / (1 + np.exp(-frame["a_xf"]))
    model = LogisticRegression().fit(frame[["a_xf"]], frame["y_xl"].to_numpy())
    result = one(evaluate(Evaluator(splits=["train"]), model, {"train": frame}))
    roc, pr, _ = result.curves
    assert len(roc.x) <= 101
    assert len(pr.x) <= 101
    x, y = np.array(roc.x), np.array(roc.y)
    area = float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum())
    assert area == pytest.approx(result.metrics["roc_auc"], abs=2e-3)
    again = one(evaluate(Evaluator(splits=["train"]), model, {"train": frame}))
    assert again == result


@pytest.mark.parametrize("how", ["macro", "weighted"])
def test_multiclass_metrics_are_scikit_learns(how):
    model = fitted(RandomForestClassifier(5, max_depth=2, random_state=0), IRIS_EXAMPLES)
    held_back = IRIS_EXAMPLES["eval"]
    y, guess, p = held_back["y_xl"], model.predict(X(held_back)), model.predict_proba(X(held_back))
    asked = ["accuracy", "balanced_accuracy", "mcc", "roc_auc", "log_loss", "average_precision"]
    asked += [f"{what}_{how}" for what in ("precision", "recall", "f1")] + ["precision"]
    result = one(evaluate(Evaluator(asked), model, IRIS_EXAMPLES))
    assert result.task == "multiclass"
    average = {"average": how}
    close(
        result.metrics,
        {
            "accuracy": sk.accuracy_score(y, guess),
            "balanced_accuracy": sk.balanced_accuracy_score(y, guess),
            "mcc": sk.matthews_corrcoef(y, guess),
            "roc_auc": sk.roc_auc_score(y, p, multi_class="ovr"),
            "log_loss": sk.log_loss(y, p),
            "average_precision": np.mean(
                [sk.average_precision_score(y == i, p[:, i]) for i in range(3)]
            ),
            f"precision_{how}": sk.precision_score(y, guess, **average),
            f"recall_{how}": sk.recall_score(y, guess, **average),
            f"f1_{how}": sk.f1_score(y, guess, **average),
            "precision": sk.precision_score(y, guess, average="macro"),
        },
    )
    assert result.confusion.counts == sk.confusion_matrix(y, guess).tolist()
    assert result.confusion.classes == ["0", "1", "2"]
    assert {c.target for c in result.curves} == {"0", "1", "2"}
    assert result.thresholds is None


def test_regression_metrics_are_scikit_learns():
    model = fitted(Ridge(), DIABETES_EXAMPLES)
    held_back = DIABETES_EXAMPLES["eval"]
    y, guess = held_back["y_xl"], model.predict(X(held_back))
    result = one(evaluate(Evaluator(), model, DIABETES_EXAMPLES))
    close(
        result.metrics,
        {
            "mae": sk.mean_absolute_error(y, guess),
            "rmse": math.sqrt(sk.mean_squared_error(y, guess)),
            "r2": sk.r2_score(y, guess),
            "mape": sk.mean_absolute_percentage_error(y, guess),
            "median_absolute_error": sk.median_absolute_error(y, guess),
            "max_error": sk.max_error(y, guess),
        },
    )
    residuals = result.residuals
    assert sum(residuals.errors.counts) == sum(residuals.counts) == len(y)
    assert len(residuals.errors.edges) == len(residuals.errors.counts) + 1
    assert residuals.errors.edges == sorted(residuals.errors.edges)
    assert residuals.predicted == sorted(residuals.predicted)
    assert result.curves == []
    assert result.confusion is None


RAW = CANCER_EXAMPLES["eval"].assign(
    hospital=np.where(np.arange(284) < 5, "tiny", np.where(np.arange(284) % 3, "A", "B")),
    month=np.arange(284) % 4,
    size=np.arange(284) * 0.5,
    gone=[None] * 20 + ["x"] * 264,
)


def test_slices():
    slices = [["hospital"], ["hospital", "month"], ["size"], ["gone"]]
    raw = {"train": CANCER_EXAMPLES["train"], "eval": RAW}
    result = one(evaluate(Evaluator(["accuracy"], slices=slices), BOOSTED, CANCER_EXAMPLES, raw))
    guess = BOOSTED.predict(X(RAW))
    right = RAW["y_xl"].to_numpy(dtype=object) == guess
    by_hospital = [s for s in result.slices if s.columns == ["hospital"]]
    assert [s.values for s in by_hospital] == [["A"], ["B"]]  # of 5 rows nothing is shown
    rows = (RAW["hospital"] == "A").to_numpy()
    assert by_hospital[0].rows == rows.sum()
    assert by_hospital[0].metrics["accuracy"] == pytest.approx(right[rows].mean(), rel=1e-5)
    pair = next(s for s in result.slices if s.values == ["B", "2"])
    rows = ((RAW["hospital"] == "B") & (RAW["month"] == 2)).to_numpy()
    assert pair.rows == rows.sum()
    bins = [s for s in result.slices if s.columns == ["size"]]
    assert sorted(s.values[0] for s in bins) == [
        "[0, 35.375)",
        "[106.125, 141.5]",
        "[35.375, 70.75)",
        "[70.75, 106.125)",
    ]
    assert sum(s.rows for s in bins) == 284
    assert [s.values[0] for s in result.slices if s.columns == ["gone"]] == ["x", "(missing)"]
    assert result.omitted_slices == 5  # tiny, and tiny in each of four months


def test_only_the_largest_slices_are_kept():
    raw = RAW.assign(many=[f"v{i % 28:02d}" for i in range(284)], more=np.arange(284) % 3)
    result = one(
        evaluate(Evaluator(["accuracy"], [["many"]]), BOOSTED, CANCER_EXAMPLES, {"eval": raw})
    )
    assert len(result.slices) == 28
    assert [s.rows for s in result.slices[:5]] == [11, 11, 11, 11, 10]
    wide = pd.concat([CANCER_EXAMPLES["eval"]] * 3, ignore_index=True)
    raw = wide.assign(many=[f"v{i % 60:02d}" for i in range(len(wide))])
    result = one(
        evaluate(Evaluator(["accuracy"], [["many"]]), BOOSTED, {"eval": wide}, {"eval": raw})
    )
    assert len(result.slices) == MAX_SLICES
    assert result.omitted_slices == 10


def test_what_is_not_defined_is_none_with_a_note():
    malignant = CANCER_EXAMPLES["eval"].query("y_xl == 'benign'").reset_index(drop=True)
    asked = ["roc_auc", "precision", "recall", "balanced_accuracy", "accuracy"]
    got = evaluate(Evaluator(asked), BOOSTED, {"eval": malignant})
    result = one(got)
    assert result.metrics["roc_auc"] is None
    assert result.metrics["recall"] is None
    assert "roc_auc is not defined: there is one class only." in result.notes
    assert "roc_auc" not in got.metrics
    assert [c.kind for c in result.curves] == ["calibration"]


def test_a_model_with_decision_scores_only():
    model = fitted(LinearSVC(random_state=0, dual=False), CANCER_EXAMPLES)
    result = one(evaluate(Evaluator(), model, CANCER_EXAMPLES))
    scores = model.decision_function(X(CANCER_EXAMPLES["eval"]))
    true = (CANCER_EXAMPLES["eval"]["y_xl"] == "malignant").to_numpy()
    assert result.metrics["roc_auc"] == pytest.approx(sk.roc_auc_score(true, scores), rel=1e-5)
    assert "log_loss" not in result.metrics
    assert [c.kind for c in result.curves] == ["roc", "precision_recall"]
    assert len(result.thresholds.thresholds) == 101
    asked = one(evaluate(Evaluator(["log_loss"]), model, CANCER_EXAMPLES))
    assert asked.metrics == {"log_loss": None}
    assert asked.notes == ["log_loss is not defined: the model gives no probabilities."]


def test_a_users_model_without_anything_but_predict():
    class Constant:
        def predict(self, X):
            return np.array(["benign"] * len(X))

    result = one(evaluate(Evaluator(), Constant(), CANCER_EXAMPLES))
    assert result.task == "binary"
    assert result.metrics["mcc"] == 0
    assert result.metrics["precision"] is None
    assert result.curves == []

    class Mean:
        def predict(self, X):
            return np.full(len(X), 150.0)

    assert one(evaluate(Evaluator(["rmse"]), Mean(), DIABETES_EXAMPLES)).task == "regression"

    class Wrong:
        def predict(self, X):
            return [1.0]

    with pytest.raises(ParameterError, match=r"gave shape \(1,\) for 284 rows"):
        evaluate(Evaluator(), Wrong(), CANCER_EXAMPLES)


def test_a_class_that_train_does_not_have():
    examples = examples_of(IRIS, IRIS.target_names[IRIS.target])
    seen = examples["train"].query("y_xl != 'virginica'")
    model = fitted(LogisticRegression(max_iter=500), {"train": seen})
    result = one(evaluate(Evaluator(), model, examples))
    assert result.task == "multiclass"
    assert result.confusion.classes == ["setosa", "versicolor", "virginica"]
    assert result.notes == ["25 rows have a class that the split 'train' does not have."]


def test_functions_as_metrics():
    def cost(y_true, y_pred):
        assert y_pred.dtype == object or y_pred.dtype.kind in "UT"
        return 10 * ((y_true == "malignant") & (y_pred == "benign")).mean()

    def mean_score(y_true, y_score):
        return float(y_score.mean())

    slices = [["hospital"]]
    raw = {"eval": RAW}
    step = Evaluator([cost, mean_score, "roc_auc"], slices)
    result = one(evaluate(step, BOOSTED, CANCER_EXAMPLES, raw))
    p = BOOSTED.predict_proba(X(CANCER_EXAMPLES["eval"]))[:, 1]
    assert list(result.metrics) == ["cost", "mean_score", "roc_auc"]
    assert result.metrics["mean_score"] == pytest.approx(p.mean(), rel=1e-5)

    def broken(y_true, y_pred):
        raise KeyError("x")

    with pytest.raises(ParameterError, match="The metric 'broken' failed: KeyError"):
        evaluate(Evaluator([broken]), BOOSTED, CANCER_EXAMPLES)


def test_which_splits():
    both = {**CANCER_EXAMPLES, "test": CANCER_EXAMPLES["eval"]}
    got = evaluate(Evaluator(["accuracy"], splits=["eval", "train"]), BOOSTED, both)
    assert [r.split for r in got["evaluation"].results] == ["eval", "train"]
    assert list(got.metrics) == ["accuracy", "train/accuracy"]
    del both["eval"]
    assert one(evaluate(Evaluator(), BOOSTED, both)).split == "test"
    result = one(evaluate(Evaluator(), BOOSTED, {"train": CANCER_EXAMPLES["train"]}))
    assert result.notes[0].startswith("These are the rows that the model was trained on")
    with pytest.raises(ParameterError, match=r"no split 'evl'(.|\n)*'eval'"):
        evaluate(Evaluator(splits=["evl"]), BOOSTED, CANCER_EXAMPLES)


def test_several_labels():
    frame = IRIS.data.add_suffix("_xf").assign(
        kind_xl=IRIS.target, long_xl=(IRIS.data["petal length (cm)"] > 4).astype(int)
    )
    model = RandomForestClassifier(5, random_state=0).fit(
        X(frame), frame[["kind_xl", "long_xl"]].to_numpy()
    )
    got = evaluate(Evaluator(["accuracy", "roc_auc"]), model, {"eval": frame})
    kind, long = got["evaluation"].results
    assert (kind.label, kind.task, long.label, long.task) == (
        "kind",
        "multiclass",
        "long",
        "binary",
    )
    assert set(got.metrics) == {"kind/accuracy", "kind/roc_auc", "long/accuracy", "long/roc_auc"}
    assert long.metrics["roc_auc"] == pytest.approx(
        sk.roc_auc_score(frame["long_xl"], model.predict_proba(X(frame))[1][:, 1]), rel=1e-5
    )


def test_prediction_in_batches_is_the_same():
    data = dataset(CANCER_EXAMPLES["eval"])
    (whole,) = predict(BOOSTED, data)
    (small,) = predict(BOOSTED, data, batch_rows=50)
    np.testing.assert_array_equal(whole.scores, small.scores)
    np.testing.assert_array_equal(whole.predicted_codes, small.predicted_codes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Evaluator(["log_los"]), "Did you mean 'log_loss'"),
        (lambda: Evaluator("roc_auc"), r"metrics=\['roc_auc'\]"),
        (lambda: Evaluator(["mae", "mean_absolute_error"]), "'mae' comes twice"),
        (lambda: Evaluator([3]), "3 is neither the name"),
        (lambda: Evaluator([lambda y: 1]), "takes 1 arguments"),
        (lambda: Evaluator(slices=["carrier"]), r"slices=\[\['carrier'\]\]"),
        (lambda: Evaluator(slices=[[]]), "names no column"),
        (lambda: Evaluator(splits="eval"), r"splits=\['eval'\]"),
    ],
)
def test_what_is_refused_when_it_is_declared(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_what_is_refused_for_the_data():
    with pytest.raises(ParameterError, match="'rmse' is no metric for a binary label"):
        evaluate(Evaluator(["rmse"]), BOOSTED, CANCER_EXAMPLES)
    with pytest.raises(ParameterError, match=r"no column 'hospita'(.|\n)*'hospital'"):
        evaluate(Evaluator(slices=[["hospita"]]), BOOSTED, CANCER_EXAMPLES, {"eval": RAW})


def test_raw_rows_that_do_not_match_are_refused():
    with pytest.raises(ParameterError, match="284 after it"):
        evaluate(Evaluator(slices=[["hospital"]]), BOOSTED, CANCER_EXAMPLES, {"eval": RAW.head(20)})


def test_users_functions_and_classes():
    def hits(model, examples, raw, *, split="eval"):
        df = examples[split]
        assert list(raw) == list(examples)
        return {"hits": (model.predict(X(df)) == df["y_xl"]).mean(), "nothing": float("nan")}

    got = evaluate(FunctionEvaluator(hits), BOOSTED, CANCER_EXAMPLES)
    assert got.metrics == {"hits": got["evaluation"]["hits"]}
    assert got["evaluation"]["nothing"] is None
    assert got.findings == ["The metric 'nothing' is nan."]

    class Own(BaseEvaluatorStep):
        def evaluate(self, model, examples, raw):
            return Evaluation([])

    assert evaluate(Own(), BOOSTED, CANCER_EXAMPLES)["evaluation"] == Evaluation([])

    def nothing(model, examples):
        pass

    with pytest.raises(ParameterError, match="evaluator 'nothing' returned None"):
        evaluate(FunctionEvaluator(nothing), BOOSTED, CANCER_EXAMPLES)
