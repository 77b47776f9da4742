"""The traps of a cache, end to end: pipelines are run, their code is changed, and run again.

A wrong hit gives a whole team a wrong result in silence, so most tests compare what a run gives
with what the same steps give when they are forced (`truth`).
"""

from __future__ import annotations

import functools
import importlib
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.preprocessing import StandardScaler

from tests.integration.conftest import git
from zenlab.core import events
from zenlab.core.errors import CodeError, ParameterError
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import BasePipeline, DataPipeline, TrainingPipeline
from zenlab.pipelines.wiring import LEAVES
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer
from zenlab.steps.transform import BaseTransformStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from zenlab.repo import Repository

ROWS = pd.DataFrame({"a": np.arange(40.0), "b": list("wxyz") * 10, "y": np.arange(40.0) % 7})


def piped(*transforms: Any, split: Any = None, name: str = "P", **params: Any) -> DataPipeline:
    """A pipeline on 40 rows."""
    pipeline = DataPipeline(name)
    pipeline.add_datasource(PandasDatasource("rows", ROWS))
    for transform in transforms:
        pipeline.add_transform(transform, **params)
    if split is not None:
        pipeline.add_split(split)
    return pipeline


def hows(pipeline: BasePipeline, **options: Any) -> list[str]:
    """Run, and say where the results came from, slot by slot; leaves have tests of their own."""
    pipeline.run(**options)
    assert pipeline._last is not None
    assert pipeline._last.result is not None
    steps = pipeline._last.result.steps
    return [step.how for slot, step in steps.items() if slot not in LEAVES]


def column(pipeline: BasePipeline, name: str = "v", slot: str = "transform") -> list[Any]:
    return pipeline.outputs(slot)["data"].to_pandas()[name].tolist()


def truth(make: Callable[[], BasePipeline], slot: str = "transform") -> bool:
    """Whether a run gives what it gives without a cache."""
    given, forced = make(), make()
    given.run()
    forced.run(force=list(given._last.spec.steps))
    outputs = [p.outputs(slot) for p in (given, forced)]
    frames = [{k: v.to_pandas() for k, v in o.items()} for o in outputs]
    return frames[0].keys() == frames[1].keys() and all(
        f.equals(frames[1][k]) and list(f.dtypes) == list(frames[1][k].dtypes)
        for k, f in frames[0].items()
    )


# ---------------------------------------------------------------------- code in modules

HELPERS = {
    "shop/__init__.py": "from .clean import clean, Cleaner\n",
    "shop/clean.py": """
        import logging
        from .deep import helper as made
        log = logging.getLogger(__name__)

        def clean(df, by=2):
            return df.assign(v=made(df.a) * by)

        class Cleaner:
            extra = 1
            def __call__(self, df):
                return df.assign(v=df.a + self.extra)
        """,
    "shop/deep.py": """
        from . import low
        RATE = 0.5 * 2

        def helper(x):
            return low.lowest(x) * RATE

        def unrelated(x):
            return x
        """,
    "shop/low.py": """
        def lowest(x):
            return x + 1
        """,
}


@pytest.fixture
def shop(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A package of the repository, and a function that edits it and imports it again."""
    monkeypatch.syspath_prepend(str(repository.root))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for path, text in HELPERS.items():
        file = repository.root / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text))

    def edit(path: str = "", old: str = "", new: str = "", *, again: bool = True) -> Any:
        if path:
            file = repository.root / path
            assert old in file.read_text()
            file.write_text(file.read_text().replace(old, new))
        if again:
            forget()
            importlib.invalidate_caches()
        return importlib.import_module("shop")

    def forget() -> None:
        for name in [n for n in sys.modules if n.partition(".")[0] == "shop"]:
            del sys.modules[name]

    yield edit
    forget()


def test_what_changes_no_result_keeps_hits(shop, repository):
    assert hows(piped(shop().clean)) == ["executed"]
    (repository.root / "README.md").write_text("unrelated")
    git(repository.root, "add", "README.md")
    git(repository.root, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-m", "unrelated")
    assert hows(piped(shop().clean)) == ["hit"]
    for path, old, new in [
        ("shop/deep.py", "return low", "# a comment\n    return low"),
        (
            "shop/deep.py",
            "def helper(x):",
            'def helper(\n    x: "int",\n) -> object:\n    """Doc."""',
        ),
        ("shop/clean.py", "log = ", "import os\nlogger = "),
        ("shop/deep.py", "    return x\n", "    return x * 2\n"),  # unrelated
    ]:
        assert hows(piped(shop(path, old, new).clean)) == ["hit"], new


def test_a_class_that_moves_from_a_cell_into_a_module_keeps_its_hit(shop):
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "class Cleaner:\n    extra = 1\n    def __call__(self, df):\n"
        "        return df.assign(v=df.a + self.extra)",
        cell,
    )
    import linecache

    from zenlab.engine.fingerprint import register_cell

    text = textwrap.dedent(HELPERS["shop/clean.py"]).partition("class")[2]
    register_cell("<ipython-input-77-trap>", "class" + text)
    exec(compile("class" + text, "<ipython-input-77-trap>", "exec"), cell)
    linecache.checkcache()
    assert hows(piped(cell["Cleaner"]())) == ["executed"]
    assert hows(piped(shop().Cleaner())) == ["hit"]


def test_edits_far_away_are_misses(shop):
    assert hows(piped(shop().clean)) == ["executed"]
    for path, old, new, first in [
        ("shop/low.py", "x + 1", "x + 2", 4.0),
        ("shop/deep.py", "0.5 * 2", "0.5 * 4", 8.0),  # a constant that is computed at import
        ("shop/clean.py", "by=2", "by=1", 4.0),
    ]:
        pipeline = piped(shop(path, old, new).clean)
        assert hows(pipeline) == ["executed"], new
        assert column(pipeline)[0] == first


def test_a_module_that_was_edited_after_import_is_an_error(shop):
    clean = shop().clean
    assert hows(piped(clean)) == ["executed"]
    clean = shop("shop/low.py", "x + 1", "x + 9", again=False).clean
    with pytest.raises(CodeError, match="changed after import") as error:
        piped(clean).run()
    assert "shop/low.py" in str(error.value)
    assert hows(piped(shop().clean)) == ["executed"]


def test_live_state_of_modules_counts(shop):
    package = shop()
    assert hows(piped(package.clean)) == ["executed"]
    sys.modules["shop.deep"].RATE = 7
    assert hows(piped(package.clean)) == ["executed"]
    cleaner = package.Cleaner()
    assert hows(piped(cleaner)) == ["executed"]
    package.Cleaner.extra = 3  # set after definition
    assert hows(piped(cleaner)) == ["executed"]
    cleaner.extra = 4
    assert hows(piped(cleaner)) == ["executed"]
    package.Cleaner.__call__ = lambda self, df: df.assign(v=-1.0)
    pipeline = piped(cleaner)
    assert hows(pipeline) == ["executed"]
    assert set(column(pipeline)) == {-1.0}
    sys.modules["shop.low"].lowest = lambda x: x * 0  # a patched helper
    assert hows(piped(package.clean)) == ["executed"]


def test_another_process_finds_the_work_of_this_one(shop, repository):
    assert hows(piped(shop().clean)) == ["executed"]
    script = textwrap.dedent("""
        import os, sys
        sys.path.insert(0, os.path.dirname(os.getcwd()))
        import numpy as np, pandas as pd
        from shop import clean
        from zenlab.datasources import PandasDatasource
        from zenlab.pipelines import DataPipeline
        rows = pd.DataFrame(
            {"a": np.arange(40.0), "b": list("wxyz") * 10, "y": np.arange(40.0) % 7})
        pipeline = DataPipeline("other name")
        pipeline.add_datasource(PandasDatasource("rows", rows))
        pipeline.add_transform(clean)
        pipeline.run()
        print([s.how for s in pipeline._last.result.steps.values()])
    """)
    folder = repository.root / "notebooks"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['hit']"


# ---------------------------------------------------------------------- live objects

LIMIT: float = 5
LOOKUP = {"w": 1}
ARRAY = np.arange(6)
FRAME = pd.DataFrame({"b": ["w", "x"], "v": [1, 2]})


def test_closures_defaults_and_containers_that_change_in_place(repository):
    state = {"by": 1}

    def closed(df):
        return df.assign(v=df.a * state["by"])

    def default(df, by=[1]):  # noqa: B006 - the trap
        return df.assign(v=df.a * by[0])

    def outside(df):
        return df.assign(v=df.b.map(LOOKUP).fillna(0) + ARRAY.shape[0] + FRAME.v.sum())

    def changes() -> Iterator[tuple[Any, Callable[[], object]]]:
        yield closed, lambda: state.update(by=2)
        yield default, lambda: default.__defaults__[0].append(1)
        yield default, lambda: setattr(default, "__defaults__", ([3],))
        yield outside, lambda: LOOKUP.update(w=2)
        yield outside, lambda: ARRAY.__setitem__(0, 9)
        yield outside, lambda: ARRAY.resize((2, 3))
        yield outside, lambda: FRAME.__setitem__("v", [3, 4])

    for function, change in changes():
        hows(piped(function))
        assert hows(piped(function)) == ["hit"]
        change()
        assert hows(piped(function)) == ["executed"]
        assert truth(lambda function=function: piped(function))


def test_names_in_texts_for_pandas_query_count(repository, monkeypatch):
    def literal(df):
        return df.query("a > @LIMIT")

    text = "a > @LIMIT"

    def closed(df):
        return df.query(text)

    def given(df, where):
        return df.query(where)

    for function in (literal, closed):
        monkeypatch.setitem(globals(), "LIMIT", 5)
        hows(piped(function))
        monkeypatch.setitem(globals(), "LIMIT", 30)
        pipeline = piped(function)
        assert hows(pipeline) == ["executed"]
        assert len(column(pipeline, "a")) == 9
    with pytest.raises(ParameterError, match="reads the variable 'LIMIT'"):
        piped(given, where="a > @LIMIT").run()
    assert hows(piped(given, where="a > 3 and b != '@LIMITS'")) == ["executed"]


def test_patched_methods_of_packages_count(repository, monkeypatch):
    from pandas.core.groupby import DataFrameGroupBy

    def called(df):
        return df.assign(v=len(df.doubled) + len(df.groupby("b").first_ones()))

    def scaled(df):
        return df.assign(v=StandardScaler().fit_transform(df[["a"]])[:, 0])

    def logged(df):
        return df.assign(v=np.log1p(df.a))

    with monkeypatch.context() as patches:

        def patch(owner: Any, name: str, value: Any) -> None:
            patches.setattr(owner, name, value, raising=False)

        patch(pd.DataFrame, "doubled", property(lambda self: self))
        patch(DataFrameGroupBy, "first_ones", lambda self: self.head(1))
        for function in (called, scaled, logged):
            assert hows(piped(function)) == ["executed"]
        patch(pd.DataFrame, "doubled", property(lambda self: pd.concat([self, self])))
        assert hows(piped(called)) == ["executed"]
        patch(DataFrameGroupBy, "first_ones", lambda self: self.head(2))
        assert hows(piped(called)) == ["executed"]
        patch(StandardScaler, "fit_transform", lambda self, x: np.asarray(x) * 0)
        assert hows(piped(scaled)) == ["executed"]
        patch(np, "log1p", functools.partial(np.multiply, 3))
        assert hows(piped(logged)) == ["executed"]
    assert hows(piped(scaled)) == hows(piped(logged)) == ["hit"]


def test_a_step_before_that_changes_a_variable_is_reported(repository):
    seen: list[int] = []

    def fills(df):
        seen.append(len(df))
        return df

    def uses(df):
        return df.assign(v=len(seen))

    heard: list[events.Event] = []
    piped(fills, uses).run(listener=heard.append)
    told = [e.message for e in heard if isinstance(e, events.Finding)]
    assert any("uses refers to was changed by an earlier step" in message for message in told)


def test_an_undeclared_file_is_reported_and_a_declared_one_counts(repository):
    file = repository.root / "factors.txt"
    file.write_text("2")

    def reads(df):
        return df.assign(v=df.a * float(file.read_text()))

    heard: list[events.Event] = []
    piped(reads).run(listener=heard.append)
    assert any("read 'factors.txt'" in e.message for e in heard if isinstance(e, events.Finding))

    def declared() -> DataPipeline:
        pipeline = DataPipeline("declared")
        pipeline.add_datasource(PandasDatasource("rows", ROWS))
        pipeline.add_transform(reads, files=["factors.txt"])
        return pipeline

    assert hows(declared()) == ["executed"]
    stamp = file.stat()
    file.write_text("3")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # same size, same time
    assert hows(declared()) == ["executed"]
    assert hows(declared()) == ["hit"]


# ---------------------------------------------------------------------- arguments


def chosen(df, columns):
    return df[list(columns)].rename(columns=columns)


def added(df, **values):
    return df.assign(**values)


def both(df, first, second):
    return df.assign(v=first(df.a), w=second(df.a))


def multiplied(by):
    def inner(x):
        return x * by

    return inner


class Configured(BaseTransformStep):
    """Takes its settings out of what it was given."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.by = config.pop("by", 1)

    def transform(self, df):
        return df.assign(v=self.by)


def test_the_order_of_a_dict_counts(repository):
    one, two = {"a": "x", "b": "z"}, {"b": "z", "a": "x"}
    assert hows(piped(chosen, columns=one)) == ["executed"]
    assert hows(piped(chosen, columns=two)) == ["executed"]
    assert hows(piped(added, k=1, j=2)) == ["executed"]
    assert hows(piped(added, j=2, k=1)) == ["executed"]
    assert hows(piped(both, first=np.negative, second=np.abs)) == ["executed"]
    assert hows(piped(both, second=np.abs, first=np.negative)) == ["hit"]
    for split in ({"train": 0.7, "eval": 0.3}, {"eval": 0.3, "train": 0.7}):
        assert truth(lambda split=split: piped(split=RandomSplit(split)), "split")
    opened = repository.get_pipeline_by_name("P")
    assert hows(opened) == ["hit"]


def test_arguments_that_look_alike_are_different(repository):
    def shown(df, value):
        return df.assign(v=repr(value))

    values = (1, 1.0, True, "1", 0.0, -0.0, [1], {"1": 2}, {1: 2}, None, "None", 0.1)
    for value in (*values, float(np.float32(0.1))):
        pipeline = piped(shown, value=value)
        assert hows(pipeline) == ["executed"], value
        assert column(pipeline)[0] == repr(value)
    assert hows(piped(shown, value=(1,))) == hows(piped(shown, value=np.int64(1))) == ["hit"]
    assert hows(piped(shown, value=float("nan"))) == ["executed"]
    assert hows(piped(shown, value=float("nan"))) == ["hit"]


def test_functions_without_a_name_of_their_own_are_not_confused(repository):
    for first, second in [
        (lambda x: x + 1, lambda x: x * 2),
        (multiplied(3), multiplied(5)),
        (lambda x: x * 2, lambda x: x + 1),
    ]:
        pipeline = piped(both, first=first, second=second)
        assert hows(pipeline) == ["executed"]
        assert column(pipeline) == first(ROWS.a).tolist()
        assert column(pipeline, "w") == second(ROWS.a).tolist()


def test_a_constructor_cannot_empty_what_is_recorded(repository):
    for by in (2, 3):
        pipeline = piped(Configured({"by": by}))
        assert hows(pipeline) == ["executed"]
        assert set(column(pipeline)) == {by}


def test_a_builtin_step_that_is_changed_is_not_the_builtin(repository, monkeypatch):
    class Mine(RandomSplit):
        def assign(self, table):
            import pyarrow as pa

            return pa.array(["eval"] * 10 + ["train"] * (table.num_rows - 10))

    shares = {"train": 0.7, "eval": 0.3}
    assert hows(piped(split=RandomSplit(shares))) == ["executed"]
    pipeline = piped(split=Mine(shares))
    assert hows(pipeline) == ["executed"]
    assert pipeline.outputs("split")["eval"].num_rows == 10
    with monkeypatch.context() as patches:
        patches.setattr(RandomSplit, "assign", Mine.assign)
        with pytest.raises(CodeError, match="'assign' of RandomSplit was replaced"):
            piped(split=RandomSplit(shares)).run()


# ---------------------------------------------------------------------- models


class Constant(RegressorMixin, BaseEstimator):
    """An estimator of the user's own; `shift` is no part of what is stored."""

    shift = 0.0

    def __init__(self, by: float = 1.0) -> None:
        self.by = by

    def fit(self, X, y):  # noqa: N803 - scikit-learn's name
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X):  # noqa: N803
        return np.full(len(X), self.mean_ * self.by + self.shift)


def test_an_edit_of_predict_alone_evaluates_again(repository, monkeypatch):
    def trained(**params: Any) -> TrainingPipeline:
        pipeline = TrainingPipeline("T")
        pipeline.add_datasource(PandasDatasource("rows", ROWS[["a", "y"]]))
        pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
        pipeline.add_preprocesser(numbers)
        pipeline.add_trainer(SklearnTrainer(Constant(**params)))
        pipeline.add_evaluator(Evaluator(metrics=["mae"]))
        return pipeline

    def numbers(df):
        return pd.DataFrame({"a_xf": df.a, "y_xl": df.y})

    assert hows(trained())[2:] == ["executed", "executed"]
    assert hows(trained())[2:] == ["hit", "hit"]
    before = trained()
    before.run()
    monkeypatch.setattr(Constant, "shift", 100.0)
    after = trained()
    assert hows(after) == ["hit", "hit", "executed", "executed"]
    assert after.outputs("evaluator")["evaluation"] != before.outputs("evaluator")["evaluation"]


def test_dtypes_with_equal_values_are_different_inputs(repository):
    def types(df):
        return pd.DataFrame({"v": [str(df.b.dtype), str(df.a.dtype), str(list(df.columns))]})

    def as_is(df):
        return df

    def category(df):
        return df.assign(b=df.b.astype("category"))

    def ordered(df):
        return df.assign(b=pd.Categorical(df.b, list("zyxw"), ordered=True))

    def small(df):
        return df.assign(a=df.a.astype("float32"))

    def moved(df):
        return df[["b", "a", "y"]]

    for first in (as_is, category, ordered, small, moved):
        assert truth(lambda first=first: piped(first, types), "transform_2"), first


# ---------------------------------------------------------------------- notebooks

CELLS = """
import numpy as np, pandas as pd
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import DataPipeline
rows = pd.DataFrame({"a": np.arange(10.0)})
def run(function):
    p = DataPipeline("N"); p.add_datasource(PandasDatasource("n", rows)); p.add_transform(function)
    p.run()
    return p._last.result.steps["transform"].how
#%%
def helper(x): return x + 1
def step(df): return df.assign(v=helper(df.a))
print('how:', run(step))
#%%
def helper(x):
    # a comment
    return (x + 1)
unrelated = 3
print('how:', run(step))
#%%
def helper(x): return x + 2
print('how:', run(step))
#%%
def helper(x): return x + 1
print('how:', run(step))
#%%
class Box:
    by = 1
def step(df): return df.assign(v=df.a * Box.by)
print('how:', run(step))
#%%
Box.by = 2
print('how:', run(step))
"""


def test_cells_that_are_edited_and_run_again(repository, tmp_path: Path):
    file = tmp_path / "cells.py"
    file.write_text(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'zenlab')\n"
        f"for cell in {CELLS!r}.split('#%%'):\n"
        "    shell.run_cell(cell, store_history=True).raise_error()\n"
    )
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=repository.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    expected = ["executed", "hit", "executed", "hit", "executed", "executed"]
    lines = done.stdout.splitlines()
    assert [line.removeprefix("how: ") for line in lines if line.startswith("how: ")] == expected
