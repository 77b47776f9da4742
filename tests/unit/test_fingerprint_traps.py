"""What must keep a fingerprint, and what must change it."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys

import pytest

from tests.unit.fingerprint_tree import Tree, cell, notebook
from zenlab.core.errors import CodeError
from zenlab.engine.fingerprint import fingerprint

STEP = """
from helpers import clean
THRESHOLD = 15

class Late:
    "Labels late flights."
    limit = THRESHOLD

    def transform(self, df):
        # more than a quarter of an hour
        return clean(df) > self.limit
"""
HELPERS = """
import deeper
def clean(df):
    return deeper.strip(df)
"""
DEEPER = """
RATE = sum([1, 2])
def strip(df, by=1):
    return df * RATE * by
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made = Tree(tmp_path)
    yield made
    made.forget()


@pytest.fixture
def step(tree):
    tree.write("helpers", HELPERS)
    tree.write("deeper", DEEPER)
    return tree.load("step", STEP)


def digest(obj):
    return fingerprint(obj).digest


# ---- hits


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# more than a quarter of an hour", "# a comment"),
        (
            "return clean(df) > self.limit",
            "return (\n            clean( df )>self.limit\n        )",
        ),
        ('"Labels late flights."', '"""Labels\n    flights that are late."""'),
        ("def transform(self, df):", "def transform(self, df: 'list[int]') -> list:"),
        ("THRESHOLD = 15", "THRESHOLD = 10 + 5"),
    ],
    ids=["comment", "format", "docstring", "hints", "computed-constant"],
)
def test_what_changes_no_result_is_a_hit(tree, step, old, new):
    before = digest(step.Late)
    assert old in STEP
    assert digest(tree.load("step", STEP.replace(old, new)).Late) == before


def test_an_edited_comment_needs_no_reload(tree, step):
    before = digest(step.Late)
    tree.write("step", "# a new first line\n" + STEP)
    assert digest(step.Late) == before


def test_a_class_moves_from_a_cell_to_a_module_and_on(tree, step):
    before = digest(step.Late)
    assert digest(cell(notebook(), STEP)["Late"]) == before
    tree.write("pkg/__init__", "")
    assert digest(tree.load("pkg.elsewhere", STEP).Late) == before
    moved = STEP.replace("from helpers import", "from pkg.helping import")
    tree.write("pkg/helping", HELPERS)
    assert digest(tree.load("pkg.other", moved).Late) == before


def test_an_unrelated_neighbour_is_a_hit(tree, step):
    before = digest(step.Late)
    assert digest(tree.load("step", STEP + "\ndef other(): return THRESHOLD + 1\n").Late) == before


# ---- misses


def test_a_helper_two_modules_away(tree, step):
    before = digest(step.Late)
    tree.write("deeper", DEEPER.replace("df * RATE", "df + RATE"))
    for name in ("deeper", "helpers", "step"):
        importlib.reload(sys.modules[name])
    assert digest(step.Late) != before


def test_a_module_constant_computed_at_import(step):
    before = digest(step.Late)
    step.clean.__globals__["deeper"].RATE = 4
    assert digest(step.Late) != before


def test_a_default_argument(step):
    before = digest(step.Late)
    step.clean.__globals__["deeper"].strip.__defaults__ = (2,)
    assert digest(step.Late) != before


def test_a_class_attribute_set_after_definition(step):
    before = digest(step.Late)
    step.Late.limit = 30
    changed = digest(step.Late)
    assert changed != before
    step.Late.extra = 1
    assert digest(step.Late) not in (before, changed)


def test_a_monkeypatched_method_and_a_base_class(tree):
    module = tree.load(
        "based",
        """
        class Base:
            def run(self): return self.step()
        class Step(Base):
            def step(self): return 1
        def other(self): return 2
        """,
    )
    before = digest(module.Step)
    module.Step.step = module.other
    patched = digest(module.Step)
    assert patched != before
    module.Base.run = module.other
    assert digest(module.Step) not in (before, patched)


def test_a_closure_and_a_decorators_closure(tree):
    module = tree.load(
        "closures",
        """
        import functools
        def scaled(k):
            def scale(x): return x * k
            return scale
        def times(k):
            def decorate(f):
                @functools.wraps(f)
                def wrapper(x): return f(x) * k
                return wrapper
            return decorate
        def plain(x): return x
        """,
    )
    assert digest(module.scaled(2)) == digest(module.scaled(2)) != digest(module.scaled(3))
    assert digest(module.times(2)(module.plain)) != digest(module.times(3)(module.plain))
    assert digest(module.times(2)(module.plain)) != digest(module.plain)


@pytest.mark.parametrize("k", [2, 2.0, "2", True])
def test_a_changed_partial_argument(tree, k):
    from functools import partial

    module = tree.load("partials", "def f(x, k, j=0): return x * k\n")
    assert digest(partial(module.f, k=1)) != digest(partial(module.f, k=k))
    assert digest(partial(module.f, 1)) != digest(partial(module.f, k=1))
    assert digest(partial(module.f, k=k)) == digest(partial(module.f, k=k))


def test_one_two_three_types_of_a_global(tree):
    module = tree.load("typed", "X = 1\ndef f(): return X\n")
    seen = set()
    for value in (1, 1.0, True, "1", b"1", (1,), [1], {1}, {1: 1}, None, 0.0, -0.0):
        module.X = value
        seen.add(digest(module.f))
    assert len(seen) == 12


def test_a_mutated_global(tree):
    module = tree.load("mutated", "X = {'a': [1]}\ndef f(): return X\n")
    before = digest(module.f)
    module.X["a"].append(2)
    assert digest(module.f) != before
    module.X["a"].pop()
    assert digest(module.f) == before


def test_a_function_that_writes_a_global_is_told_so(tree):
    module = tree.load("counting", "n = 0\ndef f():\n    global n\n    n += 1\n")
    before = fingerprint(module.f)
    assert any("'n' is written" in note for note in before.notes)
    module.f()
    assert digest(module.f) != before.digest


def test_a_lambda_among_others_on_its_line(tree):
    text = "a, b, c, d = lambda x: x + 1, lambda x: x + 2, lambda: 1, lambda: 2\n"
    module = tree.load("lambdas", text)
    found = [fingerprint(f) for f in (module.a, module.b, module.c, module.d)]
    assert len({f.digest for f in found}) == 4
    assert not any(f.notes for f in found)
    assert found[1].reached[0].text == "lambda x: x + 2"


# ---- edited on disk


def test_a_file_edited_after_import_is_an_error_and_reload_heals_it(tree, step):
    before = digest(step.Late)
    path = tree.write("deeper", DEEPER.replace("df * RATE", "df + RATE"))
    with pytest.raises(CodeError, match="changed after import: reload") as caught:
        fingerprint(step.Late)
    assert caught.value.where == f"{path}:3"
    assert "'strip'" in caught.value.message
    importlib.reload(sys.modules["deeper"])
    assert digest(step.Late) != before


def test_a_file_that_is_broken_or_gone(tree):
    module = tree.load("fragile", "def f(): return 1\n")
    path = tree.write("fragile", "def f(: return 1\n")
    with pytest.raises(CodeError, match="changed after import"):
        fingerprint(module.f)
    path.unlink()
    assert "no source that can be checked" in fingerprint(module.f).notes[0]


def test_code_without_source_counts_by_its_bytecode():
    def made(text):
        namespace = {"__name__": "made"}
        exec(text, namespace)
        return namespace["f"]

    one = fingerprint(made("def f(x): return x + 1"))
    assert one.digest == digest(made("def f(x): return x +  1"))
    assert one.digest != digest(made("def f(x): return x + 2"))
    assert one.digest != digest(made("def f(x): return x + 1.0"))
    assert "no source" in one.notes[0]


def test_functions_that_pytest_rewrote_count_by_their_bytecode():
    def checked(x):
        assert x > 1
        return x

    assert "no source" in fingerprint(checked).notes[0]


# ---- modules


def test_a_module_that_escapes_counts_as_a_whole(tree):
    tree.write("gadgets", "def a(): return 1\ndef b(): return 2\n")
    user = tree.load("user", "import gadgets\ndef f(name): return getattr(gadgets, name)()\n")
    by_name = tree.load("named", "import gadgets\ndef f(): return gadgets.a()\n")
    before, named = digest(user.f), digest(by_name.f)
    tree.load("gadgets", "def a(): return 1\ndef b(): return 3\n")
    for module in (user, by_name):
        module.gadgets = sys.modules["gadgets"]
    assert digest(user.f) != before
    assert digest(by_name.f) == named


def test_star_imports_and_imports_inside_of_functions(tree):
    tree.write("pkg/__init__", "")
    tree.write("pkg/tools", "def a(): return 1\ndef b(): return 2\n")
    tree.load("pkg.tools")
    star = tree.load("star", "from pkg.tools import *\ndef f(): return a()\n")
    inside = tree.load("inside", "def f():\n    from pkg import tools as t\n    return t.a()\n")
    relative = tree.load("pkg.rel", "def f():\n    from .tools import a\n    return a()\n")
    before = [digest(m.f) for m in (star, inside, relative)]
    tree.write("pkg/tools", "def a(): return 3\ndef b(): return 2\n")
    importlib.reload(sys.modules["pkg.tools"])
    importlib.reload(star)
    after = [digest(m.f) for m in (star, inside, relative)]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_an_import_inside_of_a_function_that_is_not_loaded_is_refused(tree):
    tree.write("lazy", "def a(): return 1\n")
    module = tree.load("eager", "def f():\n    import lazy\n    return lazy.a()\n")
    with pytest.raises(CodeError, match="imports 'lazy' inside of a function"):
        fingerprint(module.f)
    assert "lazy" not in sys.modules
    importlib.import_module("lazy")
    assert digest(module.f)


def test_an_optional_import_that_is_not_installed(tree):
    text = (
        "def f():\n    try:\n        import no_such_thing as x\n    except ImportError: x = None\n"
    )
    assert digest(tree.load("optional", text).f)


def test_globals_and_eval_reach_the_whole_module(tree):
    text = "def f(n): return globals()[n]()\ndef hidden(): return {}\n"
    module = tree.load("dynamic", text.format(1))
    before = fingerprint(module.f)
    assert any("globals()" in note for note in before.notes)
    assert digest(tree.load("dynamic", text.format(2)).f) != before.digest


# ---- recursion


def test_recursion_ends_and_does_not_depend_on_the_start(tree):
    text = "def a(n): return b(n) if n else {}\ndef b(n): return a(n - 1)\n"
    module = tree.load("circle", text.format(0))
    one, two = fingerprint(module.a), fingerprint(module.b)
    assert one.digest != two.digest
    again = tree.load("circle", text.format(0))
    assert fingerprint(again.b).digest == two.digest
    changed = tree.load("circle", text.format(1))
    assert {digest(changed.a), digest(changed.b)}.isdisjoint({one.digest, two.digest})


def test_what_is_pinned_survives_unparse(tree):
    from pathlib import Path

    golden = Path(__file__).parents[1] / "golden" / "fingerprint_code.py"
    text = golden.read_text(encoding="utf-8")
    one = tree.load("golden_code", text)
    digests = {name: digest(getattr(one, name)) for name in one.NAMES}
    two = tree.load("golden_code", ast.unparse(ast.parse(text)))
    assert {name: digest(getattr(two, name)) for name in two.NAMES} == digests


IMPORTS = [
    "from sklearn.linear_model import LogisticRegression as X",
    "import sklearn.linear_model as X",
    "from sklearn.metrics import f1_score as X",
    "from scipy import stats as X",
    "import scipy.stats as X",
    "from fractions import Fraction as X",
    "import xml.dom as X",
]

LOADS = """
import importlib
from zenlab.engine.fingerprint import fingerprint

{functions}

before = [fingerprint(f).digest for f in ({names})]
for name in ("sklearn.linear_model", "sklearn.metrics", "scipy.stats", "fractions", "xml.dom"):
    importlib.import_module(name)
after = [fingerprint(f).digest for f in ({names})]
print(*[i for i, pair in enumerate(zip(before, after)) if pair[0] != pair[1]])
"""


def test_loading_a_package_that_a_function_imports_changes_nothing(tmp_path):
    """The first run of a step loads what it imports inside: the second run is the same step."""
    functions = "\n".join(
        f"def f{i}(df):\n    {line}\n    return X.fit(df), X" for i, line in enumerate(IMPORTS)
    )
    names = ", ".join(f"f{i}" for i in range(len(IMPORTS)))
    script = tmp_path / "script.py"
    script.write_text(LOADS.format(functions=functions, names=names))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
