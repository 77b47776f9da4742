"""Parts of a reproduction: which values are equal, and what a run comes to by them."""

from __future__ import annotations

import json
import math

import pyarrow as pa
import pytest

from tests.conformance.metadata_records import run_record
from zenlab.core.dataset import Dataset
from zenlab.core.errors import CodeError, StepError, ZenlabError
from zenlab.pipelines.reproduce.values import close, compare_datasets, compare_plain
from zenlab.pipelines.reproduce.verdict import Row, judge
from zenlab.repo.reproducing import _answer

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (0.0, 1e-300, False),
        (0.0, -0.0, True),
        (NAN, NAN, True),
        (NAN, 1.0, False),
        (INF, INF, True),
        (INF, -INF, False),
        (1e300, INF, False),
    ],
)
def test_numbers_are_close_relative_to_the_greater_one(a, b, same):
    assert close(a, b) is same
    assert close(b, a) is same


@pytest.mark.parametrize(
    ("old", "new", "how", "where"),
    [
        ({"a": [1, "x"]}, {"a": [1, "x"]}, "equal", ""),
        ({"a": NAN}, {"a": NAN}, "equal", ""),
        ({"a": [1.0, {"b": 2.0}]}, {"a": [1.0, {"b": 2.0 + 1e-12}]}, "within tolerance", ""),
        ({"a": [1.0, {"b": 2.0}]}, {"a": [1.0 + 1e-12, {"b": 2.1}]}, "different", "a[1].b"),
        ({"a": 1}, {"a": 1.0}, "different", "a"),
        ({"a": True}, {"a": 1}, "different", "a"),
        ({"a": [1]}, {"a": [1, 2]}, "different", "a"),
        ({"a": 1}, {"b": 1}, "different", ""),
    ],
)
def test_plain_data(old, new, how, where):
    found = compare_plain(old, new)
    assert (found.how, found.where) == (how, where)


def dataset(tmp_path, name, **columns):
    import pyarrow.parquet as pq

    folder = tmp_path / name
    folder.mkdir()
    table = pa.table(columns)
    pq.write_table(table, folder / "part-0.parquet")
    return Dataset(lambda: folder, digest=name, num_rows=table.num_rows, name=name)


@pytest.mark.parametrize(
    ("changed", "how", "where"),
    [
        ({}, "equal", ""),
        ({"x": [1.0, None, NAN, INF + 0]}, "equal", ""),
        ({"x": [1.0 + 1e-13, None, NAN, INF]}, "within tolerance", ""),
        ({"x": [1.0, None, NAN, 7.0]}, "different", "column x, row 3"),
        ({"x": [1.0, None, 0.0, INF]}, "different", "column x, row 2"),
        ({"x": [1.0, 0.0, NAN, INF]}, "different", "column x: other rows have no value"),
        ({"n": [1, 2, 3, 5]}, "different", "column n"),
        ({"n": [1.0, 2.0, 3.0, 4.0]}, "different", "column n: int64 and double"),
        ({"m": [0, 0, 0, 0]}, "different", "its columns"),
    ],
)
def test_rows(tmp_path, changed, how, where):
    base = {"x": pa.array([1.0, None, NAN, INF]), "n": pa.array([1, 2, 3, 4])}
    old = dataset(tmp_path, "old", **base)
    new = dataset(tmp_path, "new", **{**base, **{k: pa.array(v) for k, v in changed.items()}})
    found = compare_datasets(old, new)
    assert (found.how, found.where) == (how, where)


def test_fewer_rows_are_different(tmp_path):
    old, new = dataset(tmp_path, "old", n=[1, 2]), dataset(tmp_path, "new", n=[1])
    assert compare_datasets(old, new).where == "2 rows and 1"


def row(slot, how, what="data", kind="output", **more):
    return Row(slot, what, kind, "old", "new", how, **more)


def test_what_a_run_comes_to():
    equal = [row("split", "equal"), row("evaluator", "equal", "roc_auc", "metric")]
    assert judge(equal).outcome == "equal"
    bytes_differ = [equal[0], row("trainer", "other bytes", "model"), equal[1]]
    assert judge(bytes_differ).outcome == "within tolerance"
    # Nothing has measured the model, or what has been measured is another number.
    assert judge(bytes_differ[:2]).outcome == "different"
    worse = [*bytes_differ[:2], row("evaluator", "different", "roc_auc", "metric")]
    assert judge(worse).outcome == "different"
    assert judge([row("split", "within tolerance")]).outcome == "within tolerance"


def test_where_it_differs_first():
    rows = [
        row("split", "equal"),
        row("preprocesser", "different", "train", where="column x, row 3"),
        row("evaluator", "different", "roc_auc", "metric"),
    ]
    assert judge(rows).sentence == (
        "It differs first in the output 'train' of preprocesser (column x, row 3)."
    )
    assert judge(rows[2:]).sentence == (
        "It differs first in the metric 'roc_auc' of evaluator: old -> new."
    )


def test_a_leaf_that_cannot_run_here_is_no_difference_and_a_step_is():
    assert judge([row("statistics", "not run here", "", "step")]).outcome == "equal"
    files = row("statistics", "other bytes", "files")
    assert judge([files]).outcome == "within tolerance"
    assert judge([files, row("statistics", "different", "statistics")]).outcome == "different"
    assert judge([row("trainer", "not run here", "", "step")]).sentence == (
        "It differs first in the result of trainer."
    )


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("CodeError", CodeError, "To take another commit: --commit REV"),
        ("StepError", StepError, "next:  hint"),
        ("GateError", ZenlabError, "message"),  # it takes more than a message
        ("ValueError", ZenlabError, "ValueError: message"),
        ("difflib", ZenlabError, "difflib: message"),  # a name of that module, and no error
    ],
)
def test_an_error_of_the_other_process_is_one_here(tmp_path, name, kind, told):
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"error": [name, "message", "where", "hint"]}))
    with pytest.raises(kind) as error:
        _answer(file, 0, "", run_record(git_commit="9" * 40, git_clean=False))
    assert type(error.value) is kind
    assert told in str(error.value)


def test_a_process_that_died_is_told_by_its_last_words(tmp_path):
    with pytest.raises(ZenlabError, match="ended with -9: Killed"):
        _answer(tmp_path / "none", -9, "x\nKilled\n", run_record())
