"""Code of notebooks: in a real IPython, and the bundles that outlive it."""

from __future__ import annotations

import sys
import types

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.unit.fingerprint_tree import cell, notebook
from zenlab.engine.fingerprint import fingerprint, register_cell


@pytest.fixture
def shell(monkeypatch, tmp_path):
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made = InteractiveShell(user_module=main, user_ns=main.__dict__)
    made.history_manager.enabled = False
    yield made
    made.history_manager.end_session()


def run(shell, text):
    shell.run_cell(text, store_history=True).raise_error()


def test_a_function_that_a_later_cell_defines_again(shell):
    run(shell, "RATE = 2\ndef helper(x): return x * RATE")
    run(shell, "def step(x):\n    return helper(x)")
    before = fingerprint(shell.user_ns["step"])
    assert before.source == "notebook:step"
    assert [r.name for r in before.reached] == ["step", "helper", "RATE"]
    run(shell, "def helper(x): return x + RATE")
    assert fingerprint(shell.user_ns["step"]).digest != before.digest
    run(shell, "def helper(x):\n    # as it was\n    return x * RATE")
    assert fingerprint(shell.user_ns["step"]).digest == before.digest
    run(shell, "RATE = 3")
    assert fingerprint(shell.user_ns["step"]).digest != before.digest


def test_classes_of_cells_have_source(shell):
    text = "class Config:\n    depth = 3\n\nclass Step:\n    def run(self): return Config.depth"
    run(shell, text)
    found = fingerprint(shell.user_ns["Step"])
    config = next(r for r in found.reached if r.name == "Config")
    assert config.text == "class Config:\n    depth = 3\n"
    run(shell, "class Config:\n    depth = 4")
    again = fingerprint(shell.user_ns["Step"])
    assert again.digest != found.digest
    assert next(r for r in again.reached if r.name == "Config").text.endswith("depth = 4\n")


def test_await_and_magics_in_a_cell(shell):
    run(shell, "%precision 3\nimport asyncio\nawait asyncio.sleep(0)\ndef step(x): return x")
    assert not fingerprint(shell.user_ns["step"]).notes


def test_ipythons_own_names_do_not_count(shell):
    run(shell, "def step(x):\n    display(x)\n    get_ipython()\n    return x")
    found = fingerprint(shell.user_ns["step"])
    run(shell, "1 + 1")
    assert fingerprint(shell.user_ns["step"]).digest == found.digest


def test_a_registered_cell_is_known_without_linecache():
    text = "def f(x):\n    return x\n"
    namespace = notebook()
    exec(compile(text, "<cell 7>", "exec"), namespace)
    assert any("no source" in note for note in fingerprint(namespace["f"]).notes)
    register_cell("<cell 8>", text)
    exec(compile(text, "<cell 8>", "exec"), namespace)
    found = fingerprint(namespace["f"])
    assert found.notes == ()
    assert found.reached[0].text == text


# ---- bundles

WHOLE = """
from __future__ import annotations
import functools, math
import json as js
import logging
import xml.dom.minidom
from collections import OrderedDict as OD
from dataclasses import dataclass
from pathlib import Path
log = logging.getLogger("x")
RATES = {"a": (0.1, float("inf")), 2: [None, True]}
WHERE = Path("data")
unused = object()
def times(k):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args):
            return f(*args) * scale(k)
        return wrapper
    return decorate
def scale(k):
    return k * RATES["a"][0]
half = lambda x: x / 2
@dataclass
class Config:
    depth: int = 3
class Base:
    limit = 1
    def run(self): return half(2), xml.dom.minidom
@functools.lru_cache
def cached(x): return x
@times(2)
def even(x): return x
class Step(Base):
    "Uses all."
    def run(self):
        log.info(js.dumps(OD()))
        return super().run(), even(1), cached(1), Config(), WHERE, math.pi, Step
"""


def load(bundle):
    return cell(notebook(), bundle)


def test_a_bundle_makes_the_same_object_in_an_empty_module():
    namespace = cell(notebook(), WHOLE)
    found = fingerprint(namespace["Step"])
    assert found.bundle is not None, found.notes
    assert "unused" not in found.bundle
    again = load(found.bundle)["Step"]
    assert fingerprint(again).digest == found.digest
    assert again().run()[1] == namespace["Step"]().run()[1]
    assert fingerprint(again).bundle == found.bundle


def test_a_bundle_has_the_lines_that_python_counts():
    """A form feed and U+2028 end no line of a source."""
    namespace = cell(notebook(), "MARK = '\u2028'\n\f\ndef f(x):\n    return x, MARK\n")
    found = fingerprint(namespace["f"])
    assert found.reached[0].text == "def f(x):\n    return x, MARK\n"
    assert found.bundle is not None, found.notes
    assert fingerprint(load(found.bundle)["f"]).digest == found.digest


def test_a_bundle_names_code_of_a_commit_as_the_repository_does(tmp_path, monkeypatch):
    """`zenlab_at_<sha>` is a name of this process; the bundle is for others."""
    (tmp_path / "late.py").write_text("def late(x):\n    return x > 1\n")
    module = types.ModuleType(f"zenlab_at_{'0' * 40}.late")
    module.__file__ = str(tmp_path / "late.py")
    exec(compile((tmp_path / "late.py").read_text(), module.__file__, "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    namespace = notebook()
    namespace |= {"late": module.late, "all_of_it": module}
    cell(namespace, "def f(x):\n    return late(x), all_of_it.late(x)\n")
    bundle = fingerprint(namespace["f"]).bundle
    assert "from late import late" in bundle
    assert "import late as all_of_it" in bundle
    assert "zenlab_at_" not in bundle


def test_a_bundle_has_what_was_set_later():
    namespace = cell(
        notebook(), "class A:\n    x = 1\n    y = 'a'\n    def f(self): return self.x\n"
    )
    namespace["A"].x = 2
    namespace["A"].z = [1]
    found = fingerprint(namespace["A"])
    assert fingerprint(load(found.bundle)["A"]).digest == found.digest


def test_a_base_class_stands_before_its_subclass_whatever_calls_what():
    text = "class A:\n    def f(self): return B()\nclass B(A): pass\ndef g(): return A(), B()\n"
    found = fingerprint(cell(notebook(), text)["g"])
    assert fingerprint(load(found.bundle)["g"]).digest == found.digest
    of_base = fingerprint(cell(notebook(), text)["A"])
    assert fingerprint(load(of_base.bundle)["A"]).digest == of_base.digest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import numpy as np\nX = np.zeros(3)\ndef f(): return X\n", "'X' is a ndarray"),
        ("def make(k):\n    def g(): return k\n    return g\nf = make(1)\n", "made by another"),
        ("class K: pass\nX = K()\ndef f(): return X\n", "'X' is a K"),
        ("X = 'x' * 30000\ndef f(): return X\n", "too big"),
    ],
    ids=["array", "closure", "instance", "long"],
)
def test_no_bundle_is_a_note(text, why):
    found = fingerprint(cell(notebook(), text)["f"])
    assert found.bundle is None
    assert any(why in note for note in found.notes), found.notes


def test_a_patched_method_has_no_bundle():
    text = "class A:\n    def f(self): return 1\ndef g(self): return 2\nA.f = g\n"
    found = fingerprint(cell(notebook(), text)["A"])
    assert found.bundle is None
    assert any("was replaced" in note for note in found.notes)


def test_code_of_modules_has_no_bundle_and_no_note():
    import textwrap

    found = fingerprint(textwrap.dedent)
    assert found.bundle is None
    assert found.notes == ()
