"""The quickstart, from the top in a fresh clone: cold, then cached, then as it was committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.integration.conftest import ROOT, copy_of_notebooks, git
from tools.demo import execute
from zenlab.repo import Repository

BUDGET = 250_000
PANEL_BUDGET = 40_000


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a clone of the present state of this repository holds below `notebooks/`."""
    folder = tmp_path_factory.mktemp("clone")
    copy_of_notebooks(folder)
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "-m", "all")
    return folder


def without_counts(notebook: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = nbformat.read(notebook, as_version=4).cells
    for cell in cells:
        cell.pop("execution_count", None)
        for output in cell.get("outputs", []):
            output.pop("execution_count", None)
    return cells


def test_cold_cached_and_committed_are_the_same(clone, tmp_path):
    notebook = clone / "notebooks" / "quickstart.ipynb"
    execute(notebook, tmp_path / "cold.ipynb")
    repository = Repository(clone / "notebooks")
    cold = repository.metadata.runs(repository.project)
    assert [(r.pipeline_name, r.executed, r.cached) for r in reversed(cold)] == [
        ("Pipeline A", 7, 0),
        ("Pipeline B", 2, 5),
    ]
    execute(notebook, tmp_path / "cached.ipynb")
    again = repository.metadata.runs(repository.project, limit=2)
    assert [(r.executed, r.cached) for r in again] == [(0, 7), (0, 7)]
    assert without_counts(tmp_path / "cold.ipynb") == without_counts(tmp_path / "cached.ipynb")
    assert without_counts(tmp_path / "cold.ipynb") == without_counts(notebook), (
        "the committed notebook is not what its code gives: make demo, then copy "
        "build/demo/quickstart.ipynb over it and commit it with its pipeline files"
    )
    assert git(clone, "status", "--porcelain") == "", "a run leaves a clean work tree"


def test_it_keeps_its_budget():
    notebook = ROOT / "notebooks" / "quickstart.ipynb"
    assert notebook.stat().st_size <= BUDGET
    text = notebook.read_text()
    assert "<script" not in text
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    for cell in nbformat.read(notebook, as_version=4).cells:
        for output in cell.get("outputs", []):
            assert (
                len(
                    nbformat.v4.nbjson.writes(
                        nbformat.v4.new_notebook(
                            cells=[nbformat.v4.new_code_cell(outputs=[output])]
                        )
                    )
                )
                <= PANEL_BUDGET + 1000
            )
