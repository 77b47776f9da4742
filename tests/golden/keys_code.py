# ruff: noqa: INP001 - a module of the repository that `keys_golden.py` makes
"""A user's code in a pipeline whose keys are pinned: edit it, and `keys_golden.json` changes."""

from __future__ import annotations

from zenlab.steps.evaluator import BaseEvaluatorStep
from zenlab.steps.preprocesser import BasePreprocesserStep
from zenlab.steps.split import BaseSplitStep
from zenlab.steps.trainer import BaseTrainerStep
from zenlab.steps.transform import BaseTransformStep

LIMIT = 15


def is_late(minutes, limit):
    return minutes > limit


def label_late(rows, limit=LIMIT):
    return rows.assign(late=is_late(rows["delay"], limit))


def kilometres(rows, factor=1.609344):
    rows["distance"] *= factor
    return rows


def agreement(y_true, y_pred):
    return float((y_true == y_pred).mean())


class Rename(BaseTransformStep):
    def __init__(self, names):
        self.names = names

    def transform(self, rows):
        return rows.rename(columns=self.names)


class ByCarrier(BaseSplitStep):
    def __init__(self, carriers=("AA",)):
        self.carriers = carriers

    def assign(self, rows):
        return rows["carrier"].isin(self.carriers).map({True: "eval", False: "train"})


class Centre(BasePreprocesserStep):
    def fit(self, train):
        self.mean = train["distance"].mean()

    def transform(self, rows):
        return rows.assign(distance=rows["distance"] - self.mean)


class Constant(BaseTrainerStep):
    def __init__(self, value=0.5, names=None):
        self.value = value
        self.names = names

    def fit(self, train, eval):  # noqa: A002
        return self.value


class Size(BaseEvaluatorStep):
    def evaluate(self, model, examples):
        return {"rows": len(examples)}
