# ruff: noqa: N803, N806 - X is scikit-learn's name
import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.utils.discovery import all_estimators

from tests.steps_harness import run
from zenlab.core.errors import ParameterError
from zenlab.steps.trainer import BaseTrainerStep, FunctionTrainer, SklearnTrainer
from zenlab.steps.trainer.sklearn_names import MODULES

IRIS = load_iris(as_frame=True)
FRAME = IRIS.data.add_suffix("_xf").assign(kind_xl=IRIS.target_names[IRIS.target])
EXAMPLES = {"train": FRAME.iloc[::2], "eval": FRAME.iloc[1::2]}


def recorded(*args, **kwargs):
    step = SklearnTrainer(*args, **kwargs)
    return step.tracked_params(step.params)


def test_the_table_of_names_is_scikit_learns():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = dict(all_estimators(type_filter=["classifier", "regressor"]))
    assert not [name for name in found if not name.startswith("_") and name not in MODULES]
    for name, cls in found.items():
        assert cls.__module__.startswith(MODULES[name])


def test_name_class_path_and_instance_are_the_same_step():
    wanted = {"estimator": "LogisticRegression", "C": 0.5, "random_state": 0}
    assert recorded("LogisticRegression", C=0.5) == wanted
    assert recorded(LogisticRegression, C=0.5) == wanted
    assert recorded(LogisticRegression(C=0.5)) == wanted
    assert recorded("sklearn.linear_model.LogisticRegression", C=0.5) == wanted
    assert recorded(LogisticRegression(), C=0.5) == wanted
    assert recorded(**wanted) == wanted
    assert recorded("LogisticRegression", C=0.5, random_state=7)["random_state"] == 7
    assert recorded("KNeighborsClassifier") == {"estimator": "KNeighborsClassifier"}


def half(x):
    return x / 2


class Mine(ClassifierMixin, BaseEstimator):
    def __init__(self, offset=0):
        self.offset = offset

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[self.offset])


COMPOSITES = [
    (
        Pipeline([("scale", MinMaxScaler(feature_range=(0, 2))), ("fit", LogisticRegression())]),
        {
            "estimator": {
                "class": "sklearn.pipeline.Pipeline",
                "params": {
                    "steps": [
                        [
                            "scale",
                            {
                                "class": "sklearn.preprocessing.MinMaxScaler",
                                "params": {"feature_range": [0, 2]},
                            },
                        ],
                        [
                            "fit",
                            {
                                "class": "sklearn.linear_model.LogisticRegression",
                                "params": {"random_state": 0},
                            },
                        ],
                    ]
                },
            }
        },
    ),
    (make_pipeline(FunctionTransformer(np.log1p), FunctionTransformer(half), Mine(1)), None),
    (
        make_pipeline(
            ColumnTransformer(
                [
                    ("a", StandardScaler(), ["sepal length (cm)_xf"]),
                    ("b", OneHotEncoder(dtype=np.float32), ["sepal width (cm)_xf"]),
                    ("c", "drop", ["petal width (cm)_xf"]),
                ],
                remainder="passthrough",
            ),
            RandomForestClassifier(n_estimators=3, class_weight={"setosa": 2.0}),
        ),
        None,
    ),
    (CalibratedClassifierCV(Ridge() and LogisticRegression(), cv=KFold(3, shuffle=True)), None),
    (GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1.0]}, cv=3), None),
]


@pytest.mark.parametrize(("estimator", "wanted"), COMPOSITES)
def test_an_estimator_that_holds_others_is_plain_data_and_comes_back(estimator, wanted):
    found = recorded(estimator)
    assert list(found) == ["estimator"]
    if wanted is not None:
        assert found == wanted
    again = SklearnTrainer(**found)
    assert recorded(**found) == found
    assert repr(again.estimator()) == repr(SklearnTrainer(estimator).estimator())


def test_composites_are_trained():
    for i in (0, 1, 2, 4):
        model = run(SklearnTrainer(COMPOSITES[i][0]), examples=EXAMPLES)["model"]
        assert len(model.predict(EXAMPLES["train"].filter(like="_xf"))) == 75


def test_functions_and_classes_of_the_user_stand_for_themselves():
    steps = recorded(COMPOSITES[1][0])["estimator"]["params"]["steps"]
    assert steps[0][1]["params"] == {"func": {"object": "numpy.log1p"}}
    assert steps[1][1]["params"] == {"func": half}
    assert steps[2][1] == {"class": Mine, "params": {"offset": 1}}
    assert recorded(Mine, offset=2) == {"estimator": Mine, "offset": 2}


def test_random_state_of_parts_is_set_and_what_was_given_stays():
    pipeline = make_pipeline(RandomForestClassifier(n_estimators=3, random_state=5))
    params = recorded(pipeline)["estimator"]["params"]
    assert params["steps"][0][1]["params"] == {"n_estimators": 3, "random_state": 5}
    assert pipeline.get_params()["randomforestclassifier__random_state"] == 5
    untouched = make_pipeline(RandomForestClassifier())
    SklearnTrainer(untouched)
    assert untouched[-1].random_state is None


def test_what_shuffles_inside_a_search_is_seeded_too():
    folds = KFold(3, shuffle=True)
    found = recorded("LogisticRegressionCV", cv=folds)
    assert found["estimator"]["params"]["cv"] == {
        "class": "sklearn.model_selection.KFold",
        "params": {"n_splits": 3, "shuffle": True, "random_state": 0},
    }
    assert folds.random_state is None


def test_class_weights_keep_their_keys():
    found = recorded("LogisticRegression", class_weight={0: 1.0, 1: 2.5})
    assert found["class_weight"] == {0: 1.0, 1: 2.5}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SklearnTrainer("LogisticRegresion"), "Did you mean 'LogisticRegression'"),
        (lambda: SklearnTrainer("LogisticRegression", c=1), "Did you mean 'C'"),
        (lambda: SklearnTrainer(LogisticRegression(), max_itr=1), "Did you mean 'max_iter'"),
        (lambda: SklearnTrainer("sklearn.linear_model.Lgistic"), "has no 'sklearn.linear"),
        (lambda: SklearnTrainer("nowhere.at.All"), "pip install nowhere"),
        (lambda: SklearnTrainer("os.path.join"), "no estimator class"),
        (lambda: SklearnTrainer("StandardScaler"), "no classifier or regressor"),
        (lambda: SklearnTrainer(StandardScaler()), r"StandardScaler has no predict\(\)"),
        (lambda: SklearnTrainer(3), "estimator is a int"),
        (lambda: SklearnTrainer("VotingClassifier"), "given as an instance"),
        (lambda: SklearnTrainer(Ridge().fit([[1]], [1])), "a fitted Ridge"),
        (
            lambda: SklearnTrainer(make_pipeline(StandardScaler().fit([[1]]), Ridge())),
            r"steps\[0\]\[1\] is a fitted StandardScaler",
        ),
        (
            lambda: SklearnTrainer("Ridge", random_state=np.random.RandomState(1)),
            "random_state is a numpy.random.mtrand.RandomState",
        ),
        (lambda: SklearnTrainer(make_pipeline(Ridge()), ridge__alpa=1), "alpa"),
        (
            lambda: SklearnTrainer(
                {
                    "class": "sklearn.pipeline.Pipeline",
                    "params": {
                        "steps": [
                            [
                                "a",
                                {
                                    "class": "sklearn.preprocessing.FunctionTransformer",
                                    "params": {"func": {"object": "os.system"}},
                                },
                            ]
                        ]
                    },
                }
            ),
            "'os.system' is not of numpy",
        ),
    ],
)
def test_what_is_refused_when_it_is_declared(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_parameters_reach_into_a_pipeline():
    found = recorded(make_pipeline(StandardScaler(), Ridge()), ridge__alpha=3.0)
    assert found["estimator"]["params"]["steps"][1][1]["params"] == {
        "alpha": 3.0,
        "random_state": 0,
    }


def test_training_gives_what_scikit_learn_gives():
    got = run(SklearnTrainer("HistGradientBoostingClassifier", max_iter=5), examples=EXAMPLES)
    model = got["model"]
    assert model.feature_names_in_.tolist() == [c for c in FRAME.columns if c.endswith("_xf")]
    X = EXAMPLES["train"].filter(like="_xf").reset_index(drop=True)
    again = type(model)(max_iter=5, random_state=0).fit(X, EXAMPLES["train"]["kind_xl"].to_numpy())
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))


def test_several_labels():
    long = FRAME["petal length (cm)_xf"] > 4
    two = {"train": FRAME.assign(kind_xl=IRIS.target, long_xl=long)}
    model = run(SklearnTrainer("DecisionTreeClassifier"), examples=two)["model"]
    assert model.predict(FRAME.filter(like="_xf")).shape == (150, 2)
    wrapped = MultiOutputClassifier(LogisticRegression(max_iter=500))
    search = GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=2)
    for estimator in (wrapped, search):
        run(SklearnTrainer(estimator), examples=two)
    with pytest.raises(ParameterError, match=r"predicts one label, and there are 2: kind, long"):
        run(SklearnTrainer("LogisticRegression"), examples=two)
    with pytest.raises(ParameterError, match="'kind' is text and 'long' is not"):
        run(
            SklearnTrainer("DecisionTreeClassifier"), examples={"train": FRAME.assign(long_xl=long)}
        )


def test_text_and_missing_values_that_the_estimator_cannot_take():
    text = {"train": FRAME.assign(color_xf="red")}
    with pytest.raises(ParameterError, match=r"'color' is text(.|\n)*categorical='one_hot'"):
        run(SklearnTrainer("LogisticRegression"), examples=text)
    missing = FRAME.assign(width_xf=np.where(np.arange(150) == 3, np.nan, 1.0))
    with pytest.raises(ParameterError, match=r"'width' has 1(.|\n)*numeric='median'"):
        run(SklearnTrainer("LogisticRegression"), examples={"train": missing})


def test_examples_that_no_preprocesser_made():
    with pytest.raises(ParameterError, match=r"no features(.|\n)*TabularPreprocesser"):
        run(SklearnTrainer("Ridge"), examples={"train": pd.DataFrame({"a": [1.0], "b": [2.0]})})


def test_warnings_pass_on():
    from sklearn.exceptions import ConvergenceWarning

    with pytest.warns(ConvergenceWarning):
        run(SklearnTrainer("LogisticRegression", max_iter=1), examples=EXAMPLES)


def test_key_packages():
    keys = SklearnTrainer.key_packages
    assert keys(recorded("Ridge")) == ("scikit-learn",)
    assert keys(recorded(COMPOSITES[0][0])) == ("scikit-learn",)
    assert keys({"estimator": "pandas.core.Something"}) == ("scikit-learn", "pandas")


def test_a_users_function_and_class():
    def nearest(train, eval, *, context, k=3):  # noqa: A002
        context.log_metric("eval_rows", len(eval))
        X, y = train.filter(like="_xf"), train["kind_xl"].astype(object)
        return Mine(k - 3).fit(X, y)

    got = run(FunctionTrainer(nearest, k=4), examples=EXAMPLES)
    assert got.metrics == {"eval_rows": 75.0}
    assert got["model"].offset == 1

    class Trainer(BaseTrainerStep):
        def fit(self, train, eval):  # noqa: A002
            assert self.label_names(train) == ["kind"]
            return Mine().fit(self.features(train), self.labels(train))

    assert run(Trainer(), examples=EXAMPLES)["model"].classes_.tolist() == list(IRIS.target_names)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, r"trainer 'f' returned None; return the fitted model"),
        (Ridge, "returned the class Ridge"),
        ({"a": 1}, r"a dict, which has no predict\(\)"),
    ],
)
def test_what_is_no_model_is_refused(returned, message):
    def f(train):
        return returned

    with pytest.raises(ParameterError, match=message):
        run(FunctionTrainer(f), examples=EXAMPLES)


def test_the_signature_that_users_read():
    assert list(inspect.signature(SklearnTrainer.__init__).parameters) == [
        "self",
        "estimator",
        "params",
    ]


def test_a_subclass_with_parameters_of_its_own_is_recorded_by_them():
    class Tree(SklearnTrainer):
        def __init__(self, depth: int = 2):
            super().__init__("DecisionTreeClassifier", max_depth=depth)

    tree = Tree(depth=3)
    assert tree.tracked == {"depth": 3}
    assert tree.estimator().max_depth == 3
    assert tree.estimator().random_state == 0
