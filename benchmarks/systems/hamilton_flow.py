"""`flow.py` as Hamilton wants it: a node's inputs are its parameters."""

import flow
import pandas as pd


def rows(path: str, stamp: str) -> pd.DataFrame:  # noqa: ARG001 - notices another file
    return flow.read_rows(path)


def cleaned(rows: pd.DataFrame) -> pd.DataFrame:
    return flow.clean(rows)


def derived(cleaned: pd.DataFrame) -> pd.DataFrame:
    return flow.derive(cleaned)


def labelled(derived: pd.DataFrame) -> pd.DataFrame:
    return flow.label(derived)


def split(labelled: pd.DataFrame) -> dict:
    return flow.split(labelled)


def prepared(split: dict) -> dict:
    return flow.prepare_all(split)


def model(prepared: dict) -> object:
    return flow.fit_on(prepared)


def metrics(model: object, prepared: dict) -> dict:
    return flow.score(model, prepared)


def shifted(rows: pd.DataFrame, salt: int) -> pd.DataFrame:
    return flow.shifted(rows, salt)
