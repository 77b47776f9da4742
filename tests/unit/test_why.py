"""What differs between a step and earlier executions, and how a difference is written."""

from __future__ import annotations

import math
from typing import Any

import pytest

from zenlab.engine.codediff import (
    MOST_LINES,
    CodeChange,
    Line,
    Pair,
    changed_code,
    code_changes,
    unified,
)
from zenlab.engine.fingerprint import Reached, read_listing
from zenlab.engine.fingerprint.listing import listing
from zenlab.engine.fingerprint.model import Fingerprint
from zenlab.engine.graph import Identity
from zenlab.engine.why import Difference, differences, nearest
from zenlab.metadata import EarlierExecution
from zenlab.pipelines.why import RunWhy, StepWhy
from zenlab.pipelines.why.answer import Made

SLOTS = {"examples": "split"}
INPUTS = {"examples": {"train": "1" * 64, "eval": "2" * 64}}


def identity(code: str = "builtin:SklearnTrainer:1", **parts: Any) -> dict[str, Any]:
    parts.setdefault("args", {"C": 1.0})
    return Identity(kind="trainer", code=code, **parts).as_plain()


def told(old: dict[str, Any], new: dict[str, Any], old_inputs=INPUTS, new_inputs=INPUTS):
    return [d.short for d in differences(old, new, old_inputs, new_inputs, SLOTS)]


def earlier(number: int, **changes: Any) -> EarlierExecution:
    values = {
        "execution_id": number,
        "run_id": number,
        "pipeline_name": "A",
        "pipeline_revision": 1,
        "slot": "trainer",
        "title": "SklearnTrainer",
        "user": "ada",
        "host": "h",
        "git_commit": None,
        "ended_ms": number,
        "seconds": 1.0,
        "work_key": "w",
        "inputs": INPUTS,
        "identity": identity(),
    }
    return EarlierExecution(**(values | changes))


def near(candidates: list[EarlierExecution], now: dict[str, Any], **options: Any):
    options = {"slot": "trainer", "pipelines": ["A"], "title": "SklearnTrainer"} | options
    inputs = options.pop("inputs", INPUTS)
    return nearest(candidates, now, inputs, SLOTS, **options)


# ------------------------------------------------------------------------------ differences


def test_the_same_work_has_no_difference():
    assert told(identity(), identity()) == []


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ({"C": 1.0}, {"C": 0.5}, "C: 1.0 -> 0.5"),
        ({"C": 1}, {"C": 1.0}, "C: 1 -> 1.0"),
        ({"C": 1}, {"C": True}, "C: 1 -> True"),
        ({"C": "a"}, {"C": None}, "C: 'a' -> (none)"),
        ({}, {"C": 1}, "C: (not given) -> 1"),
        ({"C": -0.0}, {"C": 0.0}, "C: -0.0 -> 0.0"),
        (
            {"m": {"train": 0.7, "eval": 0.3}},
            {"m": {"train": 0.8, "eval": 0.3}},
            "m.train: 0.7 -> 0.8",
        ),
        (
            {"m": {"train": 0.5, "eval": 0.5}},
            {"m": {"eval": 0.5, "train": 0.5}},
            "order of m: ['train', 'eval'] -> ['eval', 'train']",
        ),
        ({"x": [1, 2]}, {"x": [1, 3]}, "x: [1, 2] -> [1, 3]"),
        ({"f": {"$code": "a" * 64}}, {"f": {"$code": "b" * 64}}, "code in f has changed"),
        ({"f": {"$code": "a" * 64}}, {"f": 1}, f"f: code {'a' * 12} -> 1"),
    ],
)
def test_parameters(old, new, text):
    assert told(identity(args=old), identity(args=new)) == [text]


def test_nan_is_one_value():
    assert told(identity(args={"x": math.nan}), identity(args={"x": math.nan})) == []


def test_the_order_of_parameters_counts_for_own_code_alone():
    one, two = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert told(identity(args=one), identity(args=two)) == []
    assert told(identity("f" * 64, args=one), identity("f" * 64, args=two)) == [
        "order of the parameters: ['a', 'b'] -> ['b', 'a']"
    ]


def test_packages_files_and_variables():
    old = identity(
        packages={"pandas": "2.2", "numpy": "1.26"}, files={"a.txt": "1"}, env={"X": "1"}
    )
    new = identity(
        packages={"pandas": "2.3", "numpy": "1.26"}, files={"b.txt": "1"}, env={"X": "2"}
    )
    assert told(old, new) == [
        "package pandas: 2.2 -> 2.3",
        "file a.txt is gone",
        "file b.txt is new",
        "environment variable X changed",
    ]


def test_the_digest_of_a_variable_is_not_shown():
    secret, other = "5" * 64, "6" * 64
    lines = [
        line
        for d in differences(identity(env={"X": secret}), identity(env={"X": other}), {}, {}, {})
        for line in d.lines()
    ]
    assert lines == ["environment variable X changed"]


def test_inputs():
    assert told(
        identity(), identity(), INPUTS, {"examples": {**INPUTS["examples"], "eval": "3"}}
    ) == ["input examples: eval of split has other content"]
    data = {"data": "a" * 64}, {"data": "b" * 64}
    found = differences(identity(), identity(), *data, {"data": None})
    assert [d.short for d in found] == [f"data: commit {'a' * 12} -> {'b' * 12}"]
    assert differences(identity(), identity(), INPUTS, None, SLOTS) == []


def test_another_class_has_other_parameters_and_that_is_no_news():
    one = identity("builtin:RandomSplit:1", args={"seed": 0})
    two = identity("builtin:CategoricalSplit:1", args={"column": "x"})
    assert [d.kind for d in differences(one, two, {}, {}, {})] == ["step"]


def test_a_new_version_of_a_step_of_zenlab():
    assert told(identity("builtin:RandomSplit:1"), identity("builtin:RandomSplit:2")) == [
        "RandomSplit (results of version 1) -> RandomSplit (results of version 2)"
    ]


# ---------------------------------------------------------------------------------- nearest


def test_the_nearest_differs_least():
    one = earlier(1, identity=identity(args={"C": 0.5, "seed": 1}))
    two = earlier(2, identity=identity(args={"C": 0.1, "seed": 2}))
    found = near([two, one], identity(args={"C": 0.5, "seed": 3}))
    assert found is not None
    assert found.execution is one
    assert [d.short for d in found.differences] == ["seed: 1 -> 3"]


def test_the_latest_of_those_that_differ_alike():
    found = near([earlier(2), earlier(1)], identity(args={"C": 0.5}))
    assert found is not None
    assert found.execution.execution_id == 2


def test_an_edit_on_the_same_data_is_nearer_than_other_data():
    other_data = earlier(2, inputs={"examples": {"train": "8", "eval": "9"}})
    other_code = earlier(1, identity=identity(args={"C": 0.5}))
    found = near([other_data, other_code], identity())
    assert found is not None
    assert found.execution is other_code


def test_the_own_pipeline_comes_first_where_others_differ_alike():
    mine, other = earlier(1), earlier(2, pipeline_name="B")
    found = near([other, mine], identity(args={"C": 0.5}))
    assert found is not None
    assert found.execution is mine


def test_another_step_of_another_pipeline_is_no_earlier_execution():
    other = earlier(1, pipeline_name="B", title="label")
    assert near([other], identity()) is None
    origin = near([other], identity("f" * 64), pipelines=["A", "B"])
    assert origin is not None
    assert [d.short for d in origin.differences] == ["label -> SklearnTrainer"]


def test_what_was_recorded_without_an_identity_is_left_out():
    assert near([earlier(1, identity=None)], identity()) is None


# -------------------------------------------------------------------------------------- code


def function(
    name: str, text: str, line: int = 10, file: str = "m.py", module: str = "m"
) -> Reached:
    return Reached("function", name, module, file, line, text, text)


def constant(name: str, text: str, digest: str = "") -> Reached:
    return Reached("constant", name, "m", "m.py", 1, text, digest or text)


def lines(old: list[Reached], new: list[Reached]) -> list[str]:
    return [line for change in code_changes(old, new) for line in change.text()]


def test_the_changed_line_with_its_number():
    old = function("f", "def f(x):\n    y = x\n    return y\n")
    new = function("f", "def f(x):\n    y = x\n    return y + 1\n", line=20)
    assert lines([old], [new]) == [
        "f (m.py:22)",
        "  - 12      return y",
        "  + 22      return y + 1",
    ]


def test_what_does_not_count_is_no_change():
    old = function("f", 'def f(x):\n    """One."""\n    return x  # a\n')
    new = function("f", 'def f(x):\n    """Two."""\n\n    # more\n    return (x)\n')
    assert code_changes([old], [new]) == []


def test_comments_beside_a_change_are_not_shown():
    old = function("f", 'def f(x):\n    """One."""\n    # a\n    return x\n')
    new = function("f", 'def f(x):\n    """Two."""\n    # b\n    return -x\n')
    assert lines([old], [new]) == ["f (m.py:13)", "  - 13      return x", "  + 13      return -x"]


def test_code_that_came_and_went():
    f_old = function("f", "def f(x):\n    return g(x)\n")
    f_new = function("f", "def f(x):\n    return h(x)\n")
    g = function("g", "def g(x):\n    return 1\n", line=3)
    h = function("h", "def h(x):\n    return 2\n", line=5)
    assert lines([f_old, g], [f_new, h]) == [
        "f (m.py:11)",
        "  - 11      return g(x)",
        "  + 11      return h(x)",
        "h is new (m.py:5)",
        "  + 5  def h(x):",
        "  + 6      return 2",
        "g is not used any more (m.py)",
    ]


def test_a_step_under_another_name_is_compared_all_the_same():
    old, new = (
        function("f", "def f(x):\n    return 1\n"),
        function("g", "def g(x):\n    return 1\n", line=20),
    )
    assert lines([old], [new])[0] == "g (m.py:20)"
    (pair,) = changed_code([old], [new])
    assert unified(pair) == [
        "@@ -10,2 +20,2 @@",
        "-def f(x):",
        "+def g(x):",
        "     return 1",
    ]


def test_a_diff_of_what_came_of_what_went_and_of_constants():
    f = [function("f", f"def f(x):\n    return {name}(x)\n") for name in "gh"]
    g, h = (function(name, f"def {name}(x):\n\treturn 1\n", line=3) for name in "gh")
    one, two = constant("LIMIT", "15"), constant("LIMIT", "30")
    changed, limit, came, went = changed_code([f[0], g, one], [f[1], h, two])
    assert unified(changed, context=0) == ["@@ -11 +11 @@", "-    return g(x)", "+    return h(x)"]
    assert unified(limit) == ["-LIMIT = 15", "+LIMIT = 30"]
    assert unified(came) == ["@@ -0,0 +3,2 @@", "+def h(x):", "+    return 1"]
    assert unified(went) == ["@@ -3,2 +0,0 @@", "-def g(x):", "-    return 1"]
    assert unified(Pair(one, one)) == []


def test_a_move_to_another_module_is_no_change():
    old = [function("f", "def f():\n    return g()\n"), function("g", "def g():\n    return 1\n")]
    new = [old[0], function("g", "def g():\n    return 1\n", file="n.py", module="n")]
    assert code_changes(old, new) == []


def test_constants():
    assert lines([constant("LIMIT", "15")], [constant("LIMIT", "30")]) == ["LIMIT: 15 -> 30 (m.py)"]
    frames = [constant("T", "<DataFrame>", "1")], [constant("T", "<DataFrame>", "2")]
    assert lines(*frames) == ["T: another value (m.py)"]


def test_a_method_is_read_though_it_is_indented():
    old = function("C.f", "    def f(self):\n        return 1\n")
    new = function("C.f", "    def f(self):\n        return 2\n")
    assert lines([old], [new])[1:] == ["  - 11      return 1", "  + 11      return 2"]


def test_a_long_change_is_cut():
    body = "".join(f"    x = {i}\n" for i in range(50))
    shown = lines([function("f", "def f():\n    pass\n")], [function("f", "def f():\n" + body)])
    assert len(shown) == MOST_LINES + 2
    assert shown[-1] == "  ... 39 more lines"


# ----------------------------------------------------------------------------------- listing


def mark(*reached: Reached) -> Fingerprint:
    return Fingerprint("d" * 64, "m.f", (), reached, (), None)


def test_a_listing_comes_back():
    entries = (function("f", "def f():\n    return 'ä\u2028'\n"), constant("LIMIT", "15"))
    text = listing(mark(*entries))
    assert text.isascii()
    assert read_listing(text) == entries


@pytest.mark.parametrize("text", ["", "def f(): pass", "{}", "[1]", '[["a"]]', "null"])
def test_what_is_no_listing_is_nothing(text):
    assert read_listing(text) == ()


def test_methods_stand_in_their_class():
    cls = Reached("class", "C", "m", "m.py", 1, "class C:\n    def f(self):\n        return 1", "c")
    method = function("C.f", "def f(self):\n        return 1", line=2)
    other = function("f", "def f():\n    return 1", line=4)
    assert read_listing(listing(mark(cls, method, other))) == (cls, other)


FAR = "/{}/ada/lib/far.py".format("home")  # in parts: no tracked file names a home


def test_names_of_cells_and_folders_are_left_out():
    cell = function("f", "def f(): pass", file="/tmp/ipykernel_12/34.py")
    far = function("g", "def g(): pass", file=FAR)
    assert [e.file for e in read_listing(listing(mark(cell, far)))] == ["notebook", "far.py"]


@pytest.mark.parametrize("name", ["API_KEY", "db_password", "TOKEN", "client_secret"])
def test_secrets_are_not_kept(name):
    text = listing(mark(constant(name, "'hunter2'"), constant("N_TOKENS", "3")))
    assert "hunter2" not in text
    assert '"3"' in text


# ------------------------------------------------------------------------------------- words


def made(seconds: float = 2.0) -> Made:
    return Made("A#1", "Bob <b@example.org>", False, "lab", "c" * 40, 0, seconds)


def step(state: Any, slot: str = "trainer", **changes: Any) -> StepWhy:
    return StepWhy(slot, "SklearnTrainer", state, "A#2", **changes)


def test_the_total_of_a_plan():
    steps = (
        step("would hit", "split", made=made()),
        step("would run", "trainer", seconds=41.0),
        step("would run", "evaluator"),
    )
    assert RunWhy("A", "", steps).total == (
        "2 of 3 steps would run, about 41.0 s without evaluator, which has never run; "
        "1 comes from the cache and saves 2.0 s"
    )
    assert RunWhy("A", "", steps[2:]).total == "1 of 1 step would run"
    missing = (*steps[:2], step("would be left out", "statistics", note="no worker"))
    assert RunWhy("A", "", missing).total == (
        "1 of 2 steps would run, about 41.0 s; 1 comes from the cache and saves 2.0 s; "
        "statistics would be left out"
    )


def test_a_hit_in_words():
    text = str(step("hit", made=made()))
    assert text.startswith(
        "trainer (SklearnTrainer) came from the cache in A#2\n  from A#1 by Bob on"
    )
    assert f"commit {'c' * 12}" in text
    assert "saved 2.0 s" in text
    assert "example.org" not in text


def test_a_failure_in_words():
    text = str(step("failed", error="ValueError: no luck"))
    assert "failed in A#2" in text
    assert "ValueError: no luck" in text
    assert "nothing like it had run before" in text


def test_hostile_strings_stay_in_their_line():
    change = CodeChange(
        "f", "function", "m.py", "changed", (Line("+", 1, "\tx = '\x1b[31m\u202e'"),)
    )
    odd = Difference("code", "", "a" * 64, "b" * 64, (change,))
    why = step("failed", error="E: a\n\x1b[2J", differences=(odd,), nearest=made())
    lines = list(why.lines())
    assert all(line.isprintable() for line in lines)
    assert r"  E: a\n\x1b[2J" in lines
    assert any(line.endswith(r"    x = '\x1b[31m\u202e'") for line in lines)


def test_work_that_was_done_before_is_not_called_new():
    why = step("executed", nearest=made())
    assert why.short == "the same work had been done, and was forced or lost"
    assert "the same work had been done in A#1" in str(why)
    assert "nothing like it" not in str(why)


def test_it_is_no_panel():
    assert not hasattr(step("hit", made=made()), "_repr_mimebundle_")
    assert repr(step("executed")) == str(step("executed"))


def test_long_differences_are_cut():
    long = Difference("parameter", "x", "a" * 500, "b" * 500)
    assert len(long.short) < 200
