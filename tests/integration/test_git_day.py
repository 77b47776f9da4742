"""docs/git.md, "A day": two clones and a remote, from a branch to a result that is reproduced."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.integration.conftest import git
from zenlab.datasources import CSVDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

GUIDE = (Path(__file__).parents[2] / "docs" / "git.md").read_text(encoding="utf-8")
ANY_BLOCK = re.compile(r"(?:<!-- test: ([^>]+) -->\n)?```(bash|python)\n(.*?)```", re.DOTALL)
DAY = re.compile(r"^## A day\n(.*?)^## ", re.DOTALL | re.MULTILINE)


@pytest.fixture
def ada(repository, frame, no_worker):
    """A clone with Pipeline A, committed and pushed."""
    folder = repository.root
    frame.to_csv(folder / "toy.csv", index=False)
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "README.md").write_text("Executed notebooks.\n")
    pipeline = TrainingPipeline("Pipeline A")
    pipeline.add_datasource(CSVDatasource("toy", "toy.csv"))
    pipeline.add_split(RandomSplit({"train": 0.7, "eval": 0.3}))
    pipeline.add_preprocesser(TabularPreprocesser(features=["a", "b"], labels=["y"]))
    pipeline.add_trainer(SklearnTrainer("LogisticRegression", solver="newton-cholesky"))
    pipeline.add_evaluator(Evaluator(["roc_auc"]))
    pipeline.run()
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Pipeline A")
    git(folder.parent, "clone", "-q", "--bare", str(folder), "origin")
    git(folder, "remote", "add", "origin", str(folder.parent / "origin"))
    git(folder, "fetch", "-q")
    git(folder, "branch", "-q", "--set-upstream-to=origin/main")
    return folder


def test_the_day_is_as_it_is_told(ada):
    bob = ada.parent / "Bob's clone"
    git(ada.parent, "clone", "-q", "origin", str(bob))
    (story,) = DAY.findall(GUIDE)
    said = []
    for mark, kind, text in ANY_BLOCK.findall(story):
        folder = {"the day, Ada": ada, "the day, Bob": bob}[mark]
        said.append(shell(text, folder) if kind == "bash" else notebook(text, folder))
    listed, ran, checked, reviewed, reproduced = said
    assert "Pipeline A" in listed
    assert "Run of Pipeline B: succeeded" in ran
    assert "0 errors" in checked
    assert "Pipeline B = copy of Pipeline A with another trainer" in reviewed
    assert "Every result is equal to the recorded one" in reproduced
    assert git(bob, "status", "--porcelain") == git(ada, "status", "--porcelain") == ""
    assert Repository(ada).frozen("Pipeline B") is not None


def test_each_block_of_commands_is_executed_by_some_test():
    marks = {
        "the day, Ada": "here",
        "the day, Bob": "here",
        "in a repository": "test_git_notebooks_guide.py",
        "after a conflict": "test_git_notebooks_guide.py",
        "in a repository with two branches": "test_git_guide.py",
    }
    without = [
        text
        for mark, kind, text in ANY_BLOCK.findall(GUIDE)
        if kind == "bash" and mark not in marks
    ]
    assert without == []


def shell(script: str, folder: Path) -> str:
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": here},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def notebook(source: str, folder: Path) -> str:
    """Execute a cell in a notebook of the clone, which is saved; the text of its panel."""
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(content, resources={"metadata": {"path": folder / "notebooks"}}).execute()
    nbformat.write(content, folder / "notebooks" / "shallow.ipynb")
    return "".join(
        output["data"]["text/plain"] for output in content.cells[0].outputs if "data" in output
    )
