import pandas as pd
import pytest

from tests.steps_harness import run
from zenlab.core.errors import ParameterError
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import FunctionTrainer
from zenlab.steps.transform import BaseTransformStep, FunctionTransform

FLIGHTS = pd.DataFrame({"carrier": ["UA", "AA", "B6"], "arr_delay": [20.0, None, 3.0]})


def label_late(df, minutes=15):
    df = df.dropna(subset=["arr_delay"])
    return df.assign(late=df["arr_delay"] > minutes)


def test_a_function_gets_the_frame_and_its_params():
    got = run(FunctionTransform(label_late, minutes=2), data=FLIGHTS).frame()
    assert got["late"].tolist() == [True, True]
    assert got.index.tolist() == [0, 1]
    step = FunctionTransform(label_late, minutes=2)
    assert step.params == {"function": label_late, "minutes": 2}


def test_a_function_gets_the_context_if_it_names_it():
    def counted(df, *, context):
        context.log_metric("rows", len(df))
        return df

    assert run(FunctionTransform(counted), data=FLIGHTS).metrics == {"rows": 3.0}


def test_a_class_is_made_anew_from_its_parameters():
    class Drop(BaseTransformStep):
        def __init__(self, column="carrier"):
            self.column = column

        def transform(self, df):
            self.context.progress(1)
            return df.drop(columns=[self.column])

    step = Drop()
    step.column = "set by hand afterwards"
    assert run(step, data=FLIGHTS).frame().columns.tolist() == ["arr_delay"]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "transform 'f' returned None; return the DataFrame"),
        (3, "returned a int"),
        (FLIGHTS["carrier"], "returned a Series"),
        (FLIGHTS.iloc[:0], "a frame without rows"),
        (pd.DataFrame({0: [1]}), "column 0, whose name is a int"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "more than one column 'a'"),
    ],
)
def test_what_cannot_be_stored_is_refused(returned, message):
    def f(df):
        return returned

    with pytest.raises(ParameterError, match=message):
        run(FunctionTransform(f), data=FLIGHTS)


def test_a_named_index_becomes_a_column():
    def mean(df):
        return df.groupby("carrier")[["arr_delay"]].mean()

    assert run(FunctionTransform(mean), data=FLIGHTS).frame().columns.tolist() == [
        "carrier",
        "arr_delay",
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FunctionTransform(label_late, minute=3), "Did you mean 'minutes'"),
        (lambda: FunctionTransform(label_late, df=3), "gets 'df' from the pipeline"),
        (lambda: FunctionTransform(lambda: 1), "takes 0 arguments by position"),
        (lambda: FunctionTransform(lambda df, a, b=2: df), "needs a value for 'a'"),
        (lambda: FunctionTransform(min), "Write a function around it"),
        (lambda: FunctionTransform(3), "a function or a step, not a int"),
        (lambda: FunctionTransform(BaseTransformStep), "is a class"),
        (lambda: FunctionTransform(FunctionTransform(label_late)), "is a step already"),
    ],
)
def test_a_function_that_does_not_fit_is_refused_when_it_is_declared(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_a_parameter_may_have_the_name_of_what_the_step_offers():
    def fit(train, eval=3):  # noqa: A002
        return eval

    assert FunctionTrainer(fit, eval=4)._call.wants("eval") is False


def test_no_split_named_train():
    def fit(train):
        return None

    with pytest.raises(ParameterError, match=r"no split 'train' to fit on, only 'a', 'b'"):
        run(FunctionTrainer(fit), examples={"a": FLIGHTS, "b": FLIGHTS})
    assert RandomSplit({"a": 0.5, "b": 0.5}).KIND == "split"
