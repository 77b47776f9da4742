"""What is said of code that neither its commit nor the work tree gives."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from zenlab.core.errors import CodeError
from zenlab.pipelines.resolve import Home, find_code


def gone(source: str, sha: str) -> None:
    raise CodeError(f"Commit {sha[:12]} is not in this clone.", hint="Fetch it.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "the work tree has no such code. Commit aaaaaaaaaaaa is not in this clone."),
        ("def f(): ...\n", "the work tree has other code. Commit"),
        ("def g(): ...\n", "the work tree has no such code. Commit"),
        ("import there_is_none\n", "there is no module 'there_is_none'. Commit"),
        ("1 / 0\n", "the work tree does not help (ZeroDivisionError: division by zero). Commit"),
    ],
)
def test_what_the_work_tree_has_instead(text, said, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"instead_{abs(hash(text))}"
    if text is not None:
        (tmp_path / f"{name}.py").write_text(text)
    workspace = SimpleNamespace(pinned_code=gone, commit_of=lambda _: None, code_root=tmp_path)
    with pytest.raises(CodeError) as caught:
        find_code(f"{name}.f", "b" * 64, Home(workspace, commit="a" * 40))
    assert said in str(caught.value)
    assert caught.value.hint == "Fetch it."
