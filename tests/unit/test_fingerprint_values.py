"""Values that code refers to: what counts, what is refused, what is only named."""

from __future__ import annotations

import importlib.metadata
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.unit.fingerprint_tree import Tree
from zenlab.core.errors import CodeError
from zenlab.engine.fingerprint import fingerprint
from zenlab.engine.fingerprint.origin import distributions_of, normalised


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made = Tree(tmp_path)
    yield made
    made.forget()


@pytest.fixture
def holder(tree):
    return tree.load("holder", "X = None\ndef f(): return X\n")


def digest_with(holder, value):
    holder.X = value
    return fingerprint(holder.f).digest


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (np.arange(3), np.arange(4)),
        (np.arange(3), np.arange(3).astype("int32")),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([0.0]), np.array([-0.0])),
        (np.array(["a", None], dtype=object), np.array(["a", float("nan")], dtype=object)),
        (np.float64(1), 1.0),
        (np.dtype("f4"), np.dtype("f8")),
        (np.random.default_rng(0), np.random.default_rng(1)),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1.0]})),
        (pd.DataFrame({"a": ["1"]}), pd.DataFrame({"a": [1]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5])),
        (pd.Series([1], name="a"), pd.Series([1], name="b")),
        (pd.Index([1, 2]), pd.Index([1, 3])),
        (pd.Timestamp(0), pd.Timestamp(1)),
        (pa.table({"a": [1]}), pa.table({"a": [2]})),
        (pa.table({"a": [1]}), pa.table({"a": pa.array([1], pa.int8())})),
        (pa.int8(), pa.int16()),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, [2]], [[1], 2]),
        (threading.Thread, threading.Event),
        (len, max),
        (list[int], list[str]),
        (int | None, str | None),
        (np.mean, np.median),
        (np.add, np.subtract),
        (str.upper, str.lower),
    ],
    ids=lambda value: type(value).__name__,
)
def test_different_values(holder, one, two):
    assert digest_with(holder, one) != digest_with(holder, two)
    assert digest_with(holder, one) == digest_with(holder, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (pd.DataFrame({"a": ["x", None]}, dtype=object), pd.DataFrame({"a": ["x", None]})),
        (pa.table({"a": [1, 2]}), pa.concat_tables([pa.table({"a": [1]}), pa.table({"a": [2]})])),
        (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
        ({"b", "a"}, {"a", "b"}),
        (object(), object()),
        (
            pd.DataFrame({"t": pd.to_datetime(["2026-01-02"]).astype("datetime64[s]")}),
            pd.DataFrame({"t": pd.to_datetime(["2026-01-02"]).astype("datetime64[ns]")}),
        ),
    ],
    ids=["text", "chunks", "order-in-memory", "set", "sentinel", "unit-of-time"],
)
def test_equal_values(holder, one, two):
    assert digest_with(holder, one) == digest_with(holder, two)


def test_values_changed_in_place_are_seen(holder):
    array, frame, row = np.zeros(3), pd.DataFrame({"a": [1, 2]}), np.array([[1], 2], dtype=object)
    for value, change in (
        (array, lambda: array.__setitem__(0, 1)),
        (frame, lambda: frame.__setitem__("a", [1, 3])),
        (bytearray(b"a"), None),
    ):
        before = digest_with(holder, value)
        value.append(1) if change is None else change()
        assert fingerprint(holder.f).digest != before
    with pytest.raises(CodeError, match="lists, dicts or sets"):
        digest_with(holder, row)


@pytest.mark.parametrize(
    "make",
    [
        threading.Lock,
        lambda: (i for i in "ab"),
        lambda: Path(__file__).open("rb"),  # noqa: SIM115 - closed below
        lambda: {"deep": [threading.Lock()]},
        lambda: np.frompyfunc(lambda x: x, 1, 1),
        lambda: memoryview(b"abc"),
        lambda: __import__("sqlite3").connect(":memory:"),
    ],
    ids=["lock", "generator", "file", "nested", "ufunc", "memoryview", "connection"],
)
def test_what_has_no_canonical_form_is_refused_by_name(holder, make):
    value = make()
    with pytest.raises(CodeError, match=r"f: X.* has no canonical form") as caught:
        digest_with(holder, value)
    assert caught.value.where.endswith("holder.py:2")
    assert "parameter" in caught.value.hint
    if hasattr(value, "close"):
        value.close()


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(200_000),
        pd.DataFrame({"a": np.zeros(200_000)}),
        pd.DataFrame({"a": ["x" * 1000] * 2_000}),
        "x" * 2_000_000,
        [["x" * 400_000], ["y" * 400_000], ["z" * 400_000]],
        list(range(200_000)),
    ],
    ids=["array", "frame", "texts", "text", "sum", "list"],
)
def test_what_is_big_is_refused_and_says_what_to_do(holder, value):
    with pytest.raises(CodeError, match="bigger than 1 MB") as caught:
        digest_with(holder, value)
    assert "files=" in caught.value.hint


def test_instances_count_by_class_and_state(tree):
    text = """
    class Scale:
        def __init__(self, by): self.by = by
        def __call__(self, x): return x * self.by
    class Slotted:
        __slots__ = ("a",)
    class Words(dict):
        def more(self): return 1
    S, T, W = Scale(2), Slotted(), Words(a=1)
    def f(): return S, T, W
    """
    module = tree.load("things", text)
    seen = [fingerprint(module.f).digest]
    module.S.by = 3
    seen.append(fingerprint(module.f).digest)
    module.T.a = 1
    seen.append(fingerprint(module.f).digest)
    module.W["b"] = 2
    seen.append(fingerprint(module.f).digest)
    module.Words.more = lambda self: 2
    seen.append(fingerprint(module.f).digest)
    assert len(set(seen)) == 5
    module.S.lock = threading.Lock()
    with pytest.raises(CodeError, match=r"f: S\.lock is a _thread\.lock"):
        fingerprint(module.f)


def test_dataclasses_named_tuples_and_enums(tree):
    text = """
    from dataclasses import dataclass, field
    from enum import Enum
    from typing import NamedTuple
    @dataclass(order={order})
    class C:
        x: int = {x}
        y: {hint} = field(default_factory={factory}, compare=False)
    class R(NamedTuple):
        a: int = {x}
    class E(Enum):
        A = {x}
    """
    base = {"order": True, "x": 1, "hint": "list", "factory": "list"}
    names = ("C", "R", "E")

    def digests(**changes):
        module = tree.load("kinds", text.format(**{**base, **changes}))
        return {name: fingerprint(getattr(module, name)).digest for name in names}

    before = digests()
    assert digests() == before
    for changes, changed in (
        ({"x": 2}, {"C", "R", "E"}),
        ({"order": False}, {"C"}),
        ({"hint": "dict"}, {"C"}),
        ({"factory": "dict"}, {"C"}),
    ):
        after = digests(**changes)
        assert {name for name in names if after[name] != before[name]} == changed


def test_a_class_that_exec_made_is_not_taken_for_a_builtin():
    def made(value):
        namespace = {}
        exec(f"class Range:\n    x = {value}\n    def f(self): return {value}", namespace)
        return namespace["Range"]

    assert made(1).__module__ == "builtins"
    assert fingerprint(made(1)).digest != fingerprint(made(2)).digest


def test_packages_are_named_and_python_is_not(tree):
    text = """
    import json, numpy as np
    from sklearn.linear_model import LogisticRegression as LR
    import pandas as pd
    def g(x): return pd.notna(x)
    def f(x): return json.dumps(np.linalg.norm(x)), LR(C=2), g(x)
    def pure(x): return [i for i in x]
    """
    module = tree.load("packaged", text)
    assert fingerprint(module.f).packages == ("numpy", "pandas", "scikit-learn")
    assert fingerprint(module.pure).packages == ()


def test_a_module_belongs_to_what_installs_it():
    """Against Python's own map of everything, which is slow."""
    for top, names in importlib.metadata.packages_distributions().items():
        expected = {normalised(name) for name in names}
        found = set(distributions_of(top))
        # One that is called as its module is taken without a look at others.
        assert found in (expected, expected & {normalised(top)}), top
    assert distributions_of("no_such_package") == distributions_of("") == ()


def test_a_module_of_an_egg_without_its_names_belongs_to_it(tmp_path, monkeypatch):
    egg = tmp_path / "Quaint-1.0.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: Quaint\nVersion: 1.0\n")
    (egg / "SOURCES.txt").write_text("setup.py\nquaint_code/__init__.py\n")
    (tmp_path / "quaint_code").mkdir()
    (tmp_path / "quaint_code" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert distributions_of("quaint_code") == ("quaint",)


def test_packages_own_functions_and_zenlabs_count_by_name():
    from zenlab.core.step import Step

    assert fingerprint(np.linalg.norm).digest != fingerprint(np.linalg.det).digest
    assert fingerprint(np.linalg.norm).packages == ("numpy",)
    assert fingerprint(Step).packages == ()
    assert fingerprint(Step).source == "zenlab.core.step.Step"


def test_a_patched_package_counts(tree):
    import textwrap

    text = "import textwrap\ndef f(x): return textwrap.fill(x)\ndef g(x): return 1\n"
    module = tree.load("patches", text)
    before, original = fingerprint(module.f).digest, textwrap.fill
    try:
        textwrap.fill = module.g
        assert fingerprint(module.f).digest != before
    finally:
        textwrap.fill = original
    assert fingerprint(module.f).digest == before


def test_steps_count_by_their_users_part_and_code_version(tree):
    text = """
    from zenlab.core.step import Step
    class Mine(Step):
        def __init__(self, by=1): self.by = by
        def run(self, inputs, context): return {"x": self.by}
    """
    module = tree.load("steps_of_mine", text)
    found = fingerprint(module.Mine)
    assert found.source == "steps_of_mine.Mine"
    code = [r.name for r in found.reached if r.kind != "constant"]
    assert code == ["Mine", "Mine.__init__", "Mine.run"]
    before = found.digest
    module.Mine.run = lambda self, inputs, context: {}
    assert fingerprint(module.Mine).digest != before


def test_notes_name_what_no_fingerprint_sees(tree):
    text = """
    import os, random, time
    import numpy as np
    from datetime import datetime
    from random import choice
    def f():
        os.environ["A"]; os.getenv("B"); datetime.now(); time.time()
        random.random(); np.random.rand(); np.random.default_rng()
        choice([1])
    def quiet():
        np.random.seed(0); random.seed(1)
        random.random(); np.random.rand(); np.random.default_rng(0)
    """
    module = tree.load("noted", text)
    notes = "\n".join(fingerprint(module.f, repo_root=tree.folder).notes)
    for name in (
        *("os.environ", "os.getenv", "datetime.datetime.now", "time.time"),
        *("random.random", "numpy.random.rand", "numpy.random.default_rng", "random.Random.choice"),
    ):
        assert name in notes or name.replace("Random.", "") in notes, name
    assert "noted.py:7" in notes
    assert fingerprint(module.quiet).notes == ()


def test_paths_into_the_repository_count_relative_to_it(tree, tmp_path_factory):
    text = "from pathlib import Path\nHERE = Path(__file__).parent / 'data'\ndef f(): return HERE\n"
    digests = set()
    for clone in (tree.folder, tmp_path_factory.mktemp("clone")):
        other = Tree(clone)
        sys.path.insert(0, str(clone))
        try:
            module = other.load("located", text)
            digests.add(fingerprint(module.f, repo_root=clone).digest)
        finally:
            sys.path.remove(str(clone))
            other.forget()
    assert len(digests) == 1


def test_a_kept_commit_of_another_repository_is_no_path_of_this_one(tree):
    """A folder beside the repository may have a name that begins with its name."""
    digests = set()
    for i, folder in enumerate((f"{tree.folder}/x", f"{tree.folder}-2/.zenlab/code/{'0' * 40}/x")):
        module = tree.load(f"beside{i}", f"HERE = {folder!r}\ndef f(): return HERE\n")
        digests.add(fingerprint(module.f, repo_root=tree.folder).digest)
    assert len(digests) == 2


def test_reached_says_what_counts(tree):
    tree.write("low", "RATE = 3\ndef strip(x):\n    return x * RATE\n")
    module = tree.load("high", "import low\ndef f(x, k=2):\n    return low.strip(x) * k\n")
    found = fingerprint(module.f, repo_root=tree.folder)
    assert [(r.kind, r.module, r.name, r.file) for r in found.reached] == [
        ("function", "high", "f", "high.py"),
        ("constant", "high", "f(k=)", "high.py"),
        ("function", "low", "strip", "low.py"),
        ("constant", "low", "RATE", "low.py"),
    ]
    assert found.reached[2].text == "def strip(x):\n    return x * RATE\n"
    assert found.reached[3].text == "3"


def test_methods_and_accessors_that_were_put_onto_pandas(tree, monkeypatch):
    text = """
    import pandas as pd
    def f(df): return df.clean().geo.area()
    def clean(self): return self
    def other(self): return self
    class Geo:
        def __init__(self, df): self.df = df
        def area(self): return 1
    """
    module = tree.load("accessors", text)
    seen = [fingerprint(module.f).digest]
    monkeypatch.setattr(pd.DataFrame, "clean", module.clean, raising=False)
    seen.append(fingerprint(module.f).digest)
    monkeypatch.setattr(pd.DataFrame, "clean", module.other, raising=False)
    seen.append(fingerprint(module.f).digest)
    pd.api.extensions.register_dataframe_accessor("geo")(module.Geo)
    try:
        seen.append(fingerprint(module.f).digest)
    finally:
        del pd.DataFrame.geo
        pd.DataFrame._accessors.discard("geo")
    assert len(set(seen)) == 4


def test_a_packages_wrapper_forgives_its_own_locks_and_not_the_users(tree):
    text = """
    import contextlib, functools, threading
    import numpy as np
    RATE = 1
    @contextlib.contextmanager
    def managed(): yield RATE
    @functools.singledispatch
    def dispatched(x): return x
    @dispatched.register
    def _(x: int): return x * RATE
    def f():
        with managed(): return 1
    """
    module = tree.load("wrapped", text)
    before, dispatched = fingerprint(module.f).digest, fingerprint(module.dispatched).digest
    module.dispatched(3)
    assert fingerprint(module.dispatched).digest == dispatched
    module.RATE = 2
    assert fingerprint(module.f).digest != before
    assert fingerprint(module.dispatched).digest != dispatched
    for value, why in ((threading.Lock(), "canonical"), (np.zeros(200_000), "1 MB")):
        module.RATE = value
        with pytest.raises(CodeError, match=why):
            fingerprint(module.f)


def test_instances_whose_state_is_replaced(tree):
    module = tree.load("replaced", "class C: pass\nX = C()\ndef f(): return X\n")
    seen = [fingerprint(module.f).digest]
    module.X.__dict__ = {"a": 1}
    seen.append(fingerprint(module.f).digest)
    module.X.__class__ = type("D", (), {"b": 1, "__module__": module.__name__})
    seen.append(fingerprint(module.f).digest)
    assert len(set(seen)) == 3


def test_functions_that_a_package_decorated_count_by_name(tree):
    text = "from sklearn.metrics import roc_auc_score as a, log_loss as b\ndef f(): return X\n"
    module = tree.load("metrics", text)
    module.X = module.a
    one = fingerprint(module.f)
    module.X = module.b
    assert fingerprint(module.f).digest != one.digest
    assert one.packages == ("scikit-learn",)
    assert [r.name for r in one.reached] == ["f"]
