"""What stands in a pipeline file or a store does not become code of an ejected script."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest

from zenlab.core.errors import ParameterError
from zenlab.core.evaluation import Evaluation, LabelEvaluation
from zenlab.pipelines.eject.estimator import estimator_expression
from zenlab.pipelines.eject.evaluating import evaluator_lines
from zenlab.pipelines.eject.user_code import Unwritable, UserCode

EVIL = "eval\nraise SystemExit"


def code_of(source: str) -> UserCode:
    """The code of a pipeline beside whose file one source lies."""
    return UserCode(SimpleNamespace(kept_source=lambda _: source), no_module)


def no_module(source: str, code: str) -> object:
    raise AssertionError(f"{source} ({code}) is of no module")


def test_the_name_of_a_split_is_no_statement():
    result = LabelEvaluation("late", "binary", EVIL, 10, metrics={"accuracy": 0.5})
    lines = evaluator_lines(Evaluation([result]), {}, code_of(""), [])
    tree = ast.parse("\n".join(lines))
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"estimator": "Ridge", "alpha=print()) or dict(a": 1}, Unwritable),
        ({"estimator": {"class": "Ridge", "params": {"alpha": {"object": "os.system"}}}}, None),
        ({"estimator": {"class": "Ridge", "params": {"a": {"object": f"numpy.{EVIL}"}}}}, None),
    ],
)
def test_arguments_are_no_expressions(params, error):
    with pytest.raises(error or ParameterError):
        estimator_expression(params, code_of(""))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("notebook:f() or f", "def f(x): ...\n"),
        ("notebook:g", "def f(x): ...\n"),
        ("notebook:f", "from math import pi as np\ndef f(x): return np\n"),
        ("notebook:f", "metrics = 3\ndef f(x): return metrics\n"),
        ("notebook:f", "def main(): return 1\ndef f(x): return main()\n"),
        ("notebook:score", "_score = 3\ndef score(x): return _score\n"),
    ],
)
def test_code_that_does_not_go_beside_the_scripts_is_refused(source, text):
    with pytest.raises(Unwritable):
        code_of(text).add(source, "0" * 64)


def test_code_that_goes_beside_it_keeps_its_imports():
    text = "import numpy as np\nfrom pathlib import Path, PurePath\ndef main(x): return np, Path\n"
    code = code_of(text)
    assert code.add("notebook:main", "0" * 64, is_step=True) == "_main"
    assert code.arguments("_main") == ["x"]
    assert "_main = main" in code.lines()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_source_of_the_store_is_written_if_it_may_run(trusted):
    record = SimpleNamespace(source="def f(x): return x\n")
    workspace = SimpleNamespace(
        kept_source=lambda _: None,
        metadata=SimpleNamespace(code=lambda _: record),
        trusted_code=lambda _, source: trusted and source == record.source,
    )
    code = UserCode(workspace, no_module)
    if trusted:
        assert code.add("notebook:f", "ab" * 32) == "f"
        return
    with pytest.raises(Unwritable, match=r"not been confirmed here \(zenlab trust abababababab\)"):
        code.add("notebook:f", "ab" * 32)
