"""The work that every system does: plain functions on frames, which know no system.

zenlab counts code of the repository line by line. So this file is copied into each worker's
temporary repository, as a user's module would lie there, and imported from it by every system.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

SPLITS = ("train", "eval")
NUMBERS = ("distance", "air_time", "dep_delay", "temperature", "pressure")
LATE = 15


def mixed_rows(count: int) -> pd.DataFrame:
    """13 columns: floats, integers, text, booleans, times; with missing values."""
    rng = np.random.default_rng(0)
    start = np.datetime64("2013-01-01T00:00", "ns")
    frame = pd.DataFrame(
        {
            "when": start + rng.integers(0, 365 * 24 * 60, count).astype("timedelta64[m]"),
            "carrier": rng.choice(["AA", "B6", "DL", "EV", "UA", "WN"], count),
            "origin": rng.choice(["EWR", "JFK", "LGA"], count),
            "tail": [f"N{n:05d}" for n in rng.integers(0, 4000, count)],
            "flight": rng.integers(1, 8000, count),
            "distance": rng.integers(80, 5000, count),
            "air_time": rng.normal(150, 90, count),
            "dep_delay": rng.normal(12, 40, count),
            "arr_delay": rng.normal(7, 45, count),
            "temperature": rng.normal(57, 18, count),
            "pressure": rng.normal(1017, 7, count),
            "weekend": rng.random(count) < 2 / 7,
            "seats": rng.integers(20, 400, count),
        }
    )
    frame.loc[rng.random(count) < 0.02, ["arr_delay", "air_time"]] = np.nan
    return frame


def few_rows(columns: int) -> pd.DataFrame:
    """Ten rows: first a number, an integer and a text, then what else there is."""
    rows = mixed_rows(10)
    first = ["distance", "air_time", "carrier"]
    return rows[[*first, *(c for c in rows.columns if c not in first)][:columns]]


def float_rows(megabytes: float, columns: int = 13) -> pd.DataFrame:
    """Floats that no encoding makes smaller."""
    count = int(megabytes * 1e6 / 8 / columns)
    values = np.random.default_rng(0).standard_normal((count, columns))
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(columns)])


def read_rows(path: str) -> pd.DataFrame:
    """The source; zenlab has its own, `ParquetDatasource`."""
    return pd.read_parquet(path)


# ---------------------------------------------------------------------- seven steps


def clean(rows: pd.DataFrame) -> pd.DataFrame:
    """1: without the rows that have no label."""
    return rows.dropna(subset=["arr_delay"])


def derive(rows: pd.DataFrame) -> pd.DataFrame:
    """2: one more feature."""
    return rows.assign(speed=rows["distance"] / rows["air_time"].clip(lower=1))


def label(rows: pd.DataFrame) -> pd.DataFrame:
    """3: the label."""
    return rows.assign(late=rows["arr_delay"] > LATE)


def assign(rows: pd.DataFrame) -> np.ndarray:
    """4: the name of a split for each row."""
    return np.where(np.arange(len(rows)) % 5 == 0, SPLITS[1], SPLITS[0])


def prepare(rows: pd.DataFrame) -> pd.DataFrame:
    """5: features and label of one split."""
    features = {f"{name}_xf": rows[name].astype(float).fillna(0.0) for name in NUMBERS}
    return pd.DataFrame({**features, "late_xl": rows["late"]})


def fit(train: pd.DataFrame) -> object:
    """6: a model."""
    return LogisticRegression().fit(train.filter(like="_xf"), train["late_xl"])


def score(model: object, examples: dict[str, pd.DataFrame]) -> dict[str, float]:
    """7: numbers."""
    rows = examples[SPLITS[1]]
    hits = model.predict(rows.filter(like="_xf")) == rows["late_xl"].to_numpy()
    return {"accuracy": float(hits.mean())}


# ---------------------------------------------------------------------- the same, for peers


def split(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """4 for systems that know no splits."""
    names = assign(rows)
    return {name: rows[names == name] for name in SPLITS}


def prepare_all(splits: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """5 for systems that know no splits."""
    return {name: prepare(rows) for name, rows in splits.items()}


def fit_on(splits: dict[str, pd.DataFrame]) -> object:
    """6 for systems that know no splits."""
    return fit(splits[SPLITS[0]])


# ---------------------------------------------------------------------- single steps


def same(rows: pd.DataFrame, salt: int) -> pd.DataFrame:  # noqa: ARG001 - makes it another work
    """Nothing."""
    return rows


def shifted(rows: pd.DataFrame, salt: int) -> pd.DataFrame:
    """Another table of the same size: one pass over the values."""
    return rows + float(salt)
