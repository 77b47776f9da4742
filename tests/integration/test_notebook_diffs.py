"""What a diff of notebooks shows, in Git and in nbdime, after a cached run and after a change."""

from __future__ import annotations

import copy
import json
import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from tests.integration.conftest import git
from zenlab.cli import run_command
from zenlab.hygiene import clean_document
from zenlab.repo import Repository
from zenlab.views import MIME_TYPE

ROOT = Path(__file__).resolve().parents[2]
CELLS = (
    "%load_ext zenlab",
    """\
from zenlab.datasources import CSVDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.steps.evaluator import Evaluator
from zenlab.steps.preprocesser import TabularPreprocesser
from zenlab.steps.split import RandomSplit
from zenlab.steps.trainer import SklearnTrainer

pipeline = TrainingPipeline(name="Pipeline A")
pipeline.add_datasource(CSVDatasource("toy", "toy.csv"))
pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
pipeline.add_preprocesser(TabularPreprocesser(features=["a", "b"], labels=["y"]))
pipeline.add_trainer(SklearnTrainer("LogisticRegression", C=0.5))
pipeline.add_evaluator(Evaluator(metrics=["roc_auc", "log_loss"], slices=[["b"]]))
""",
    "%zen run pipeline",
    "pipeline.evaluate()",
    "print('done')",
)
RUN, EVALUATE = 2, 3


class Executed:
    """A notebook in a repository, executed cold, again from the cache, and after a change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "a notebook.ipynb"
        cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(CELLS)]
        kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
        self.document: Any = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        self.client = NotebookClient(
            self.document,
            kernel_name="python3",
            extra_arguments=["--IPKernelApp.log_level=40"],
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            coalesce_streams=True,  # a busy kernel may send a line in two pieces
        )

    def execute(self, first: int = 0) -> dict[str, Any]:
        for position, cell in list(enumerate(self.document.cells))[first:]:
            self.client.execute_cell(cell, position)
        nbformat.write(self.document, self.path)
        return copy.deepcopy(self.document)

    def change(self, old: str, new: str) -> None:
        cell = self.document.cells[1]
        assert old in cell.source
        cell.source = cell.source.replace(old, new)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The three states of the notebook, and what `git diff` says from the first to the others."""
    folder = tmp_path_factory.mktemp("a project")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=400).round(3), "b": rng.choice(list("xyz"), 400)})
    frame["y"] = (frame.a + (frame.b == "x") + rng.normal(size=400)) > 0
    frame.to_csv(folder / "toy.csv", index=False)
    git(folder, "init", "-q")
    Repository.init_repo(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZENLAB_WORKER", str(folder / "nothing"))  # TFDV takes seconds
        patch.setenv("PYTHONPATH", str(ROOT))
        notebook = Executed(folder)
        with warnings.catch_warnings(), notebook.client.setup_kernel():
            states, diffs = [notebook.execute()], []
            git(folder, "add", notebook.path.name)  # the pipeline stays a draft
            git(folder, "commit", "-qm", "cold")
            for change in (("", ""), ("C=0.5", "C=0.001")):
                notebook.change(*change)
                # Of one kernel, so that counts change; it has the extension already.
                states.append(notebook.execute(first=1))
                diffs.append(git(folder, "diff", "-U0", "--", notebook.path.name))
    return notebook, states, diffs


def changed_lines(diff: str) -> list[str]:
    return [line[1:].strip() for line in diff.splitlines() if re.match(r"[+-](?![+-]{2} )", line)]


def test_a_cached_run_changes_execution_counts_alone(executed):
    notebook, states, (cached, _) = executed
    lines = changed_lines(cached)
    assert lines
    assert [line for line in lines if not line.startswith('"execution_count": ')] == []
    repository = Repository(notebook.folder)
    assert [(r.executed, r.cached) for r in repository.metadata.runs(repository.project)][1] == (
        0,
        4,
    )
    first, second = (json.loads(json.dumps(state)) for state in states[:2])
    for state in (first, second):
        clean_document(state, counts=True)
    assert first == second


def test_a_changed_parameter_changes_what_follows_from_it_alone(executed):
    _, states, (_, changed) = executed
    lines = [x for x in changed_lines(changed) if not x.startswith('"execution_count": ')]
    assert any("C=0.001" in line for line in lines)
    same = ("RandomSplit", "TabularPreprocesser", "toy", "inputs", "metadata", '"id"', '"done')
    assert [line for line in lines if any(word in line for word in same)] == []
    before, after = (_payload(state, RUN) for state in (states[0], states[2]))
    different = [
        (old["slot"], key)
        for old, new in zip(before["steps"], after["steps"], strict=True)
        for key in old
        if old[key] != new[key]
    ]
    assert different == [("trainer", "parameters"), ("evaluator", "metrics")]
    assert {k: v for k, v in before.items() if k != "steps"} == {
        k: v for k, v in after.items() if k != "steps"
    }


def _payload(state: Any, cell: int) -> dict[str, Any]:
    (output,) = [o for o in state["cells"][cell]["outputs"] if MIME_TYPE in o.get("data", {})]
    return json.loads(json.dumps(output["data"][MIME_TYPE]))


def _paths(diff: Any, start: tuple = ()) -> set[tuple]:
    """Where a diff of nbdime touches a notebook."""
    found: set[tuple] = set()
    for entry in diff:
        here = (*start, entry["key"])
        found |= _paths(entry["diff"], here) if entry["op"] == "patch" else {here}
    return found


def test_nbdime_says_the_same(executed):
    from nbdime.diffing.notebooks import diff_notebooks

    _, (cold, cached, changed), _ = executed
    counts = _paths(diff_notebooks(cold, cached))
    assert counts
    assert {path[-1] for path in counts} == {"execution_count"}
    touched = {
        path[:3]
        for path in _paths(diff_notebooks(cached, changed))
        if "execution_count" not in path
    }
    assert {path[1] for path in touched} == {1, RUN, EVALUATE}
    assert {path[2] for path in touched} == {"source", "outputs"}


def test_the_check_follows(executed, monkeypatch, capsys):
    """The notebook as it is, and as it was before the change."""
    notebook, states, _ = executed
    monkeypatch.chdir(notebook.folder)
    assert run_command(["notebook", "check", notebook.path.name]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings in 1 notebook.\n"
    nbformat.write(states[1], "old.ipynb")
    assert run_command(["notebook", "check", "old.ipynb"]) == 1
    said = capsys.readouterr().out
    assert "trainer: C=0.5 -> C=0.001" in said
    assert "y on eval: roc_auc" in said
    assert said.count("error stale") == 2
