"""Frames that are changed in place: noticed, or not trusted."""

# ruff: noqa: PD002 - what users do is what has to be noticed

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zenlab.datasources.frame_state import FrameState

IS_PANDAS_3 = int(pd.__version__.partition(".")[0]) >= 3


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "i": [1, 2, 3],
            "f": [0.5, np.nan, 1.5],
            "b": [True, False, True],
            "s": ["a", "b", None],
            "t": pd.to_datetime(["2013-01-01", "2013-01-02", None]),
            "c": pd.Categorical(["x", "y", "x"]),
        }
    )


CHANGES = {
    "a cell": lambda df: df.__setitem__("i", df["i"] + 0),
    "loc": lambda df: df.loc.__setitem__((0, "i"), 9),
    "iloc": lambda df: df.iloc.__setitem__((1, 1), 9.0),
    "at": lambda df: df.at.__setitem__((2, "s"), "z"),
    "a time": lambda df: df.loc.__setitem__((0, "t"), pd.Timestamp("2020-01-01")),
    "a category": lambda df: df.loc.__setitem__((0, "c"), "y"),
    "a flag": lambda df: df.loc.__setitem__((0, "b"), False),
    "a new column": lambda df: df.insert(0, "new", 1),
    "a column less": lambda df: df.pop("s"),
    "another name": lambda df: setattr(df, "columns", list("abcdef")),
    "rows less": lambda df: df.drop(index=0, inplace=True),
    "another order": lambda df: df.sort_values("f", ascending=False, inplace=True),
    "filled": lambda df: df.fillna({"f": 0.0}, inplace=True),
    "replaced": lambda df: df.replace({"i": {1: 5}}, inplace=True),
    "categories": lambda df: df.__setitem__("c", df["c"].cat.rename_categories({"x": "q"})),
}


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_in_place_is_never_taken_for_none(change):
    changed = frame()
    state = FrameState(changed)
    change(changed)
    assert not state.is_surely_equal(changed)


def test_an_unchanged_frame_is_known_under_copy_on_write():
    unchanged = frame()
    state = FrameState(unchanged)
    unchanged.sort_values("f").assign(i=0)
    assert state.is_surely_equal(unchanged) is IS_PANDAS_3
    assert state.is_surely_equal(unchanged) is IS_PANDAS_3, "asking changes nothing"


def test_objects_are_not_trusted():
    """Their content may change behind every address."""
    lists = pd.DataFrame({"x": [[1], [2]]})
    state = FrameState(lists)
    lists.loc[0, "x"].append(3)
    assert not state.is_surely_equal(lists)
