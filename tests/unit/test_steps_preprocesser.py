import json

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tests.steps_harness import run
from zenlab.core.errors import ParameterError
from zenlab.steps.preprocesser import (
    BasePreprocesserStep,
    FunctionPreprocesser,
    StandardPreprocesser,
    TabularPreprocesser,
)

TRAIN = pd.DataFrame(
    {
        "distance": [100.0, None, 300.0, 800.0],
        "month": [1, 2, 2, 12],
        "carrier": ["UA", "AA", None, "UA"],
        "weekend": [True, False, None, True],
        "when": pd.to_datetime(["2013-01-01"] * 4),
        "late": [True, False, False, True],
    }
)
EVAL = pd.DataFrame(
    {
        "distance": [None, 1600.0],
        "month": [3, 1],
        "carrier": ["B6", None],
        "weekend": [None, False],
        "when": pd.to_datetime(["2013-01-02"] * 2),
        "late": [False, True],
    }
)
SPLITS = {"train": TRAIN, "eval": EVAL}


def tabular(features, **options):
    options = {"labels": ["late"], "splits": SPLITS, **options}
    splits = options.pop("splits")
    return run(TabularPreprocesser(features=features, **options), splits=splits)


def test_the_defaults_equal_scikit_learn_fitted_on_train():
    got = tabular(["distance", "month"])
    for name, raw in SPLITS.items():
        imputer = SimpleImputer(strategy="median").fit(TRAIN[["distance", "month"]].to_numpy())
        scaler = StandardScaler().fit(imputer.transform(TRAIN[["distance", "month"]].to_numpy()))
        wanted = scaler.transform(imputer.transform(raw[["distance", "month"]].to_numpy()))
        frame = got.frame(name)
        assert frame.columns.tolist() == ["distance_xf", "month_xf", "late_xl"]
        assert frame.dtypes.astype(str).tolist() == ["float32", "float32", "bool"]
        np.testing.assert_allclose(frame[["distance_xf", "month_xf"]], wanted, rtol=1e-6)
        assert frame["late_xl"].tolist() == raw["late"].tolist()


def test_minmax_mean_constant_and_none():
    frame = tabular(["distance"], numeric="mean", scaling="minmax").frame("eval")
    wanted = MinMaxScaler().fit([[100], [400], [300], [800]]).transform([[400], [1600]])
    np.testing.assert_allclose(frame[["distance_xf"]], wanted, rtol=1e-6)
    frame = tabular(["distance"], numeric=-1, scaling=None).frame("eval")
    assert frame["distance_xf"].tolist() == [-1, 1600]
    assert frame["distance_xf"].dtype == "float64"
    frame = tabular(["distance"], numeric=None, scaling=None).frame("eval")
    assert np.isnan(frame["distance_xf"][0])


def test_the_state_reads_well():
    got = tabular(["distance", "carrier"], max_categories=1)
    assert got["preprocesser"] == {
        "version": 1,
        "features": {
            "distance": {
                "reads": "numbers",
                "operations": [
                    {"op": "fill", "value": 300.0},
                    {"op": "scale", "center": 375.0, "scale": 258.602010819715},
                ],
            },
            "carrier": {
                "reads": "text",
                "operations": [
                    {"op": "one_hot", "categories": ["UA"], "other": True, "missing": True}
                ],
            },
        },
        "labels": {"late": {}},
        "columns": [
            "distance_xf",
            "carrier=UA_xf",
            "carrier=(other)_xf",
            "carrier=(missing)_xf",
            "late_xl",
        ],
    }
    assert json.loads(json.dumps(got["preprocesser"])) == got["preprocesser"]


def test_one_hot():
    got = tabular(["carrier"])
    names = ["carrier=AA_xf", "carrier=UA_xf", "carrier=(missing)_xf"]
    train, held_back = got.frame("train"), got.frame("eval")
    assert train.columns.tolist() == [*names, "late_xl"]
    assert train[names].to_numpy().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert train[names[0]].dtype == "uint8"
    assert held_back[names].to_numpy().tolist() == [[0, 0, 0], [0, 0, 1]]  # B6 is not in train


def test_ordinal_and_numbers_as_categories():
    got = tabular(
        ["carrier", "month"],
        categorical="ordinal",
        overrides={"month": {"as": "categorical", "categorical": "one_hot"}},
    )
    assert got.frame("train")["carrier_xf"].tolist() == [1, 0, 3, 1]
    assert got.frame("eval")["carrier_xf"].tolist() == [2, 3]
    assert got.frame("eval").columns.tolist() == [
        "carrier_xf",
        "month=1_xf",
        "month=12_xf",
        "month=2_xf",
        "late_xl",
    ]
    assert got.frame("eval")["month=1_xf"].tolist() == [0, 1]


def test_booleans_are_filled_and_not_scaled():
    assert tabular(["weekend"]).frame("train")["weekend_xf"].tolist() == [1, 0, 1, 1]


def test_everything_may_pass_through():
    got = tabular(["distance", "carrier", "weekend"], numeric=None, scaling=None, categorical=None)
    frame = got.frame("train")
    assert frame["carrier_xf"].isna().tolist() == [False, False, True, False]
    assert frame["carrier_xf"].tolist()[:2] == ["UA", "AA"]
    assert np.isnan(frame["weekend_xf"][2])


def test_batches_and_storage_do_not_matter():
    class Small(TabularPreprocesser):
        batch_rows = 1

    features = ["distance", "month", "carrier", "weekend"]
    whole = tabular(features)
    small = run(Small(features, ["late"]), splits=SPLITS)
    as_category = {k: v.astype({"carrier": "category"}) for k, v in SPLITS.items()}
    stored = tabular(features, splits=as_category)
    for name in SPLITS:
        pd.testing.assert_frame_equal(whole.frame(name), small.frame(name))
        pd.testing.assert_frame_equal(whole.frame(name), stored.frame(name))
        assert whole[name].digest == small[name].digest


def test_new_rows_are_transformed_without_labels():
    got = tabular(["distance", "carrier"])
    step = TabularPreprocesser(["distance", "carrier"], ["late"])
    rows = EVAL.drop(columns="late").set_axis([7, 8])
    frame = step.transform(rows, got["preprocesser"])
    assert frame.index.tolist() == [7, 8]
    pd.testing.assert_frame_equal(
        frame.reset_index(drop=True), got.frame("eval").drop(columns="late_xl")
    )


@pytest.mark.parametrize(
    ("features", "options", "message"),
    [
        (["when"], {}, r"'when' of type timestamp(.|\n)*dt.hour"),
        (["dist"], {}, "Did you mean 'distance'"),
        (["distance"], {"labels": ["lat"]}, "Did you mean 'late'"),
        (["empty"], {}, r"'empty'.* has no value in the split 'train'"),
        (["infinite"], {}, "has 1 infinite values"),
        (["distance"], {"labels": ["carrier"]}, "missing in 1 of 4 rows of the split 'train'"),
        (["distance"], {"labels": ["month", "distance2"]}, "missing in 1 of 4 rows"),
        (["carrier", "carrier=UA"], {}, "two columns 'carrier=UA_xf'"),
        (["carrier"], {"overrides": {"carrier": {"as": "numeric"}}}, "is text and cannot"),
    ],
)
def test_what_data_is_refused(features, options, message):
    extra = {
        "empty": np.array([np.nan] * 4),
        "infinite": [1, 2, 3, np.inf],
        "distance2": TRAIN["distance"],
        "carrier=UA": range(4),
    }
    with pytest.raises(ParameterError, match=message):
        tabular(features, splits={"train": TRAIN.assign(**extra)}, **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TabularPreprocesser([], ["late"]), "has no features"),
        (lambda: TabularPreprocesser("abc", ["late"]), r"features=\['abc'\]"),
        (lambda: TabularPreprocesser(["late"], ["late"]), "is a feature and a label"),
        (lambda: TabularPreprocesser(["a", "a"], ["late"]), "comes twice"),
        (lambda: TabularPreprocesser(["a"], ["l"], numeric="medain"), "'median'"),
        (lambda: TabularPreprocesser(["a"], ["l"], numeric=True), "neither a method"),
        (lambda: TabularPreprocesser(["a"], ["l"], scaling="std"), "'std' is not known"),
        (lambda: TabularPreprocesser(["a"], ["l"], categorical=1), "1 is not known"),
        (lambda: TabularPreprocesser(["a"], ["l"], max_categories=0), "positive integer"),
        (lambda: TabularPreprocesser(["a"], ["l"], overrides={"b": {}}), "no feature 'b'"),
        (
            lambda: TabularPreprocesser(["a"], ["l"], overrides={"a": {"scalng": None}}),
            "Did you mean 'scaling'",
        ),
        (
            lambda: StandardPreprocesser(
                ["a"], ["l"], {"a": {"transform": [{"method": "image_reshape"}]}}
            ),
            "'image_reshape' is no method for the column of a table",
        ),
        (
            lambda: StandardPreprocesser(["a"], ["l"], {"a": {"transform": [{"method": "scale"}]}}),
            "no transform 'scale'",
        ),
        (
            lambda: StandardPreprocesser(
                ["a"], ["l"], {"a": {"transform": [{"method": "bucketize"}]}}
            ),
            "needs the parameter 'num_buckets'",
        ),
    ],
)
def test_what_is_refused_when_it_is_declared(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_the_defaults_of_0_3():
    got = run(StandardPreprocesser(["distance", "carrier", "weekend"], ["late"]), splits=SPLITS)
    frame = got.frame("train")
    filled = np.array([100, 800, 300, 800.0])
    np.testing.assert_allclose(
        frame["distance_xf"], (filled - filled.mean()) / filled.std(), rtol=1e-6
    )
    assert frame["carrier_xf"].tolist() == [0, 2, 1, 0]  # UA twice, then "" before AA
    assert got.frame("eval")["carrier_xf"].tolist() == [-1, 1]
    assert frame["weekend_xf"].tolist() == [1, 0, 1, 1]


def test_overwrite():
    def method(name, **parameters):
        return {"method": name, "parameters": parameters}

    overwrite = {
        "distance": {
            "filling": [method("custom", custom_value=0)],
            "transform": [method("scale_by_min_max", min=-1, max=1)],
        },
        "month": {
            "transform": [method("compute_and_apply_vocabulary"), method("one_hot_encode", depth=2)]
        },
        "carrier": {"transform": [method("hash_strings", hash_buckets=10)]},
        "late": {"transform": [method("no_transform")]},
    }
    step = StandardPreprocesser(["distance", "month", "carrier"], ["late"], overwrite)
    got = run(step, splits={"train": TRAIN.assign(month=[1, 2, 2, 12])})
    frame = got.frame("train")
    assert frame["distance_xf"].tolist() == [-0.75, -1.0, -0.25, 1.0]
    assert frame["month=0_xf"].tolist() == [0, 1, 1, 0]  # 2 is the most frequent
    assert frame["month=1_xf"].tolist() == [1, 0, 0, 0]
    assert frame["carrier_xf"].tolist() == GOLDEN_BUCKETS
    bucketized = StandardPreprocesser(
        ["month"], ["late"], {"month": {"transform": [method("bucketize", num_buckets=2)]}}
    )
    got = run(bucketized, splits=SPLITS)
    assert got.frame("train")["month_xf"].tolist() == [0, 1, 1, 1]
    mean = StandardPreprocesser(["carrier"], ["late"], {"carrier": {"filling": [method("mean")]}})
    with pytest.raises(ParameterError, match="text, which has no mean"):
        run(mean, splits=SPLITS)


def test_a_users_class():
    class Centered(BasePreprocesserStep):
        def fit(self, train):
            return {"mean": train.to_pandas(["month"])["month"].mean()}

        def transform(self, df, state):
            return pd.DataFrame({"month_xf": df["month"] - state["mean"], "late_xl": df["late"]})

    got = run(Centered(), splits=SPLITS)
    assert got["preprocesser"] == {"mean": 4.25}
    assert got.frame("eval")["month_xf"].tolist() == [-1.25, -3.25]


def test_0_3_preprocessing_fn():
    class Doubled(BasePreprocesserStep):
        def preprocessing_fn(self, inputs):
            return {"month_xf": inputs["month"].reshape(-1, 1) * 2, "late_xl": inputs["late"]}

    assert run(Doubled(), splits=SPLITS).frame("eval")["month_xf"].tolist() == [6, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda df: None, "preprocesser 'f' returned None"),
        (lambda df: df.head(1), r"returned 1 rows of 4"),
        (lambda df: df.sort_values("month", ascending=False), "changed the order of the rows"),
    ],
)
def test_rows_that_moved_are_refused(change, message):
    def f(df):
        return change(df)

    with pytest.raises(ParameterError, match=message):
        run(FunctionPreprocesser(f), splits=SPLITS)


def test_a_function_may_change_its_frame_in_place():
    def f(df, by):
        df["month"] *= by
        return df.rename(columns={"month": "month_xf"})

    assert run(FunctionPreprocesser(f, by=2), splits=SPLITS).frame("eval")["month_xf"].tolist() == [
        6,
        2,
    ]


def test_a_state_that_is_no_plain_data_is_refused():
    class Kept(BasePreprocesserStep):
        def fit(self, train):
            return {"scaler": StandardScaler()}

    with pytest.raises(ParameterError, match=r"no plain data(.|\n)*StandardScaler"):
        run(Kept(), splits=SPLITS)


GOLDEN_BUCKETS = [3, 2, 6, 3]
