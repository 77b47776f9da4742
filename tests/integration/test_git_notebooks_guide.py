"""docs/git.md on notebooks and merges, as a stranger follows it, and that all it names exists."""

from __future__ import annotations

import itertools
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import git
from tests.unit.test_notebook_check import code, panel, write
from tests.unit.test_standing import shown, spec
from zenlab.cli import run_command
from zenlab.hygiene import RULES

WHOLE = (Path(__file__).parents[2] / "docs" / "git.md").read_text(encoding="utf-8")
GUIDE = "".join(
    part
    for part in re.split(r"^(?=## )", WHOLE, flags=re.MULTILINE)
    if part.startswith(("## Notebooks", "## Pipelines of two branches"))
)
FENCE = re.compile(r"(?:<!-- test: ([^>]+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


def blocks(mark: str) -> list[str]:
    """The blocks of shell with a mark."""
    found = [
        text for marked, kind, text in FENCE.findall(GUIDE) if (marked, kind) == (mark, "bash")
    ]
    assert found
    return found


def commands() -> list[list[str]]:
    """All zenlab commands of the guide, in words."""
    lines = [
        line
        for _, kind, text in FENCE.findall(GUIDE)
        if kind == "bash"
        for line in text.splitlines()
    ]
    lines += re.findall(r"`(zenlab [a-z][^`]*)`", GUIDE)
    return [shlex.split(x, comments=True)[1:] for x in lines if x.startswith("zenlab ")]


@pytest.fixture
def tree(repository):
    """A repository with a pipeline and its notebook, with times of execution."""
    repository.files.write(spec())
    (repository.root / "notebooks").mkdir()
    cell = code("%zen run pipeline", panel(shown(spec())), execution={"a": 1})
    write(repository.root / "notebooks" / "flights.ipynb", cell)
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "one")
    return repository


def test_check_clean_and_hook(tree):
    assert run_command(["notebook", "check", "notebooks"]) == 1
    check, clean, hook = blocks("in a repository")
    assert shlex.split(check)[1:] == ["notebook", "check", "notebooks"]
    words = [shlex.split(line, comments=True)[1:] for line in clean.splitlines()]
    assert [run_command(line) for line in words] == [1, 0]
    assert run_command(["notebook", "check", "notebooks"]) == 0
    for line in hook.splitlines():
        assert run_command(shlex.split(line)[1:]) == 0
    assert (tree.root / ".git" / "hooks" / "pre-commit").exists()


def test_a_conflict_is_ended_as_the_guide_says(tree):
    git(tree.root, "checkout", "-qb", "other")
    tree.files.write(spec(learning_rate=0.3))
    git(tree.root, "commit", "-qam", "theirs")
    git(tree.root, "checkout", "-q", "main")
    tree.files.write(spec(learning_rate=0.2))
    git(tree.root, "commit", "-qam", "ours")
    subprocess.run(["git", "merge", "-q", "other"], cwd=tree.root, check=False)
    (script,) = blocks("after a conflict")
    subprocess.run(["sh", "-e", "-c", script], cwd=tree.root, check=True)
    git(tree.root, "commit", "-qm", "merged")
    assert {name: tree.specification(name).digest for name in tree.get_pipeline_names()} == {
        "Pipeline A": spec(learning_rate=0.2).digest,
        "Pipeline A 2": spec(learning_rate=0.3).digest,
    }


def test_every_command_and_rule_that_the_guide_names_exists(tree, capsys):
    assert len(commands()) > 8
    for words in commands():
        names = list(itertools.takewhile(re.compile("[a-z]+").fullmatch, words))
        while names[-1] in ("notebooks", "save"):
            names.pop()
        assert run_command([*names, "--help"]) == 0, words
        printed = capsys.readouterr().out
        for option in (word for word in words if word.startswith("--") and word != "--help"):
            assert option in printed, words
    for rule in set(re.findall(r"zenlab:allow-([a-z-]+)", GUIDE)):
        assert rule in RULES
