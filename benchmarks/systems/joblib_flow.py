"""`flow.py` for joblib, which cannot say what it executed: the functions say it."""

from typing import Any

import flow
import pandas as pd

EXECUTED: list[str] = []


def rows(path: str, stamp: str) -> pd.DataFrame:  # noqa: ARG001 - notices another file
    EXECUTED.append("rows")
    return flow.read_rows(path)


def clean(rows: pd.DataFrame) -> pd.DataFrame:
    EXECUTED.append("clean")
    return flow.clean(rows)


def derive(rows: pd.DataFrame) -> pd.DataFrame:
    EXECUTED.append("derive")
    return flow.derive(rows)


def label(rows: pd.DataFrame) -> pd.DataFrame:
    EXECUTED.append("label")
    return flow.label(rows)


def split(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    EXECUTED.append("split")
    return flow.split(rows)


def prepare_all(splits: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    EXECUTED.append("prepare_all")
    return flow.prepare_all(splits)


def fit_on(splits: dict[str, pd.DataFrame]) -> Any:
    EXECUTED.append("fit_on")
    return flow.fit_on(splits)


def score(model: Any, splits: dict[str, pd.DataFrame]) -> dict[str, float]:
    EXECUTED.append("score")
    return flow.score(model, splits)


def same(rows: pd.DataFrame, salt: int) -> pd.DataFrame:
    EXECUTED.append("same")
    return flow.same(rows, salt)


def shifted(rows: pd.DataFrame, salt: int) -> pd.DataFrame:
    EXECUTED.append("shifted")
    return flow.shifted(rows, salt)
