# ruff: noqa: INP001 - a script, not a package
"""Content digests of fixed values, as JSON on standard output.

A plain script without pytest, so that smoke jobs run it under other versions of Python, pandas
and pyarrow and compare the output with `content_golden.json`:

    python tests/golden/content_golden.py | diff - tests/golden/content_golden.json
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import sys

import numpy as np
import pandas as pd
import pyarrow as pa

from zenlab.artifacts import ContentDigest
from zenlab.artifacts.frames import frame_to_arrow

NOON = dt.datetime(2013, 1, 1, 12, 0, 0, 123456)  # noqa: DTZ001 - without a zone on purpose


def arrow_tables() -> dict[str, pa.Table]:
    """One table for each family of Arrow types."""
    zoned = pa.timestamp("us", "America/New_York")
    columns = {
        "int8": pa.array([1, None, -1], pa.int8()),
        "int64": pa.array([1, None, -1], pa.int64()),
        "uint64": pa.array([1, 2**64 - 1, None], pa.uint64()),
        "float32": pa.array([0.5, None, float("nan")], pa.float32()),
        "float64": pa.array([0.0, -0.0, float("nan"), None, float("inf")]),
        "bool": pa.array([True, False, None]),
        "null": pa.nulls(3),
        "string": pa.array(["", None, "Größe", "a\x00b"]),
        "binary": pa.array([b"", None, b"\xff\x00"]),
        "fixed_binary": pa.array([b"ab", None], pa.binary(2)),
        "decimal": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(10, 2)),
        "date": pa.array([dt.date(2013, 1, 1), None, dt.date(1, 1, 1)]),
        "time": pa.array([dt.time(5, 30), None]),
        "timestamp": pa.array([NOON, None], pa.timestamp("us")),
        "zoned": pa.array([NOON, None], zoned),
        "far": pa.array([2**62, -(2**62)], pa.timestamp("s")),
        "duration": pa.array([dt.timedelta(seconds=-1, microseconds=5), None], pa.duration("us")),
        "list": pa.array([[1, None], [], None, [2]]),
        "list_of_text": pa.array([["a"], None, ["", "b"]]),
        "fixed_list": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)),
        "struct": pa.array([{"x": 1, "y": "a"}, None, {"x": None, "y": None}]),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "category": pa.DictionaryArray.from_arrays(
            pa.array([1, None, 0], pa.int8()), pa.array(["low", "high", "unused"])
        ),
        "ordered": pa.DictionaryArray.from_arrays(
            pa.array([1, None, 0], pa.int8()), pa.array(["low", "high"]), ordered=True
        ),
    }
    tables = {name: pa.table({"x": column}) for name, column in columns.items()}
    tables["two columns"] = pa.table({"a": [1, 2], "b": ["x", "y"]})
    tables["other order"] = pa.table({"b": ["x", "y"], "a": [1, 2]})
    tables["no rows"] = pa.table({"x": pa.array([], pa.int64())})
    return tables


def frames() -> dict[str, pd.DataFrame]:
    """Frames as users have them; pandas 2.2 and 3 keep some of them in other types."""
    return {
        "frame": pd.DataFrame(
            {
                "number": [1.5, np.nan, 3.0],
                "count": [1, 2, 3],
                "text": ["a", None, "c"],
                "flag": [True, False, True],
                "when": pd.to_datetime(["2013-01-01T05:00:00.5", None, "2013-12-31T23:59:59.5"]),
                "span": pd.to_timedelta(["1s", None, "2h"]),
            }
        ),
        "frame without text": pd.DataFrame(
            {"x": [1, 2], "text": pd.Series([None, None], dtype=object)}
        ),
        "frame without rows": pd.DataFrame({"text": pd.Series([], dtype="str"), "x": [0][:0]}),
        "frame of categories": pd.DataFrame(
            {"x": pd.Categorical(["b", None, "a"], categories=["b", "a", "c"], ordered=True)}
        ),
        "frame with an index": pd.DataFrame({"x": [1, 2]}, index=pd.Index(["p", "q"], name="id")),
        "frame with a zone": pd.DataFrame({"x": pd.to_datetime(["2013-01-01", None], utc=True)}),
    }


def digests() -> dict[str, str]:
    """All digests by name."""
    found = {name: ContentDigest.of(table) for name, table in arrow_tables().items()}
    for name, frame in frames().items():
        found[name] = ContentDigest.of(frame_to_arrow(frame))
    return found


if __name__ == "__main__":
    json.dump(digests(), sys.stdout, indent=2)
    sys.stdout.write("\n")
