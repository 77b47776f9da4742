"""All five kinds one after the other, on real data."""

import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.steps_harness import run
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer
from zenlab.steps.transform import FunctionTransform

CANCER = load_breast_cancer(as_frame=True)
FEATURES = ["mean radius", "mean texture", "mean smoothness", "shape"]


def described(df, edge=0.1):
    shape = np.where(df["mean concavity"] > edge, "concave", "round")
    radius = df["mean radius"].where(df["mean area"] < 1500)
    return df.assign(**{"shape": shape, "mean radius": radius, "benign": df["target"] == 1})


def chain(preprocesser, trainer):
    rows = run(FunctionTransform(described, edge=0.2), data=CANCER.frame)
    split = run(RandomSplit({"train": 0.6, "eval": 0.4}), data=rows["data"])
    prepared = run(preprocesser, splits=split.outputs)
    examples = {name: prepared[name] for name in split.outputs}
    model = run(trainer, examples=examples)["model"]
    step = Evaluator(["roc_auc", "accuracy"], slices=[["shape"], ["mean area"]])
    return run(step, model=model, examples=examples, raw=split.outputs)["evaluation"]


def test_the_defaults_make_a_good_model():
    (result,) = chain(
        TabularPreprocesser(FEATURES, ["benign"]), SklearnTrainer("LogisticRegression")
    ).results
    assert abs(result.rows - 228) < 40
    assert result.metrics["roc_auc"] > 0.95
    assert {s.values[0] for s in result.slices if s.columns == ["shape"]} == {"concave", "round"}
    assert len([s for s in result.slices if s.columns == ["mean area"]]) == 4


def test_a_pipeline_of_scikit_learn_may_do_it_all_and_finds_the_same():
    columns = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OneHotEncoder(), ["shape_xf"]),
    )
    passed_on = TabularPreprocesser(
        FEATURES, ["benign"], numeric=None, scaling=None, categorical=None
    )
    own = chain(TabularPreprocesser(FEATURES, ["benign"]), SklearnTrainer("LogisticRegression"))
    theirs = chain(passed_on, SklearnTrainer(make_pipeline(columns, LogisticRegression())))
    assert abs(own.results[0].metrics["roc_auc"] - theirs.results[0].metrics["roc_auc"]) < 1e-3
