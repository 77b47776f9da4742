"""Steps of a notebook on their way into Git: beside the pipeline's file, then as a module."""

from __future__ import annotations

import sys
import textwrap

import pytest

from tests.integration.conftest import cell, commit, git
from tests.integration.scripts import python
from zenlab.core.errors import AlreadyExistsException, DoesNotExistException, ZenlabError
from zenlab.repo import Repository

DECLARE = """
    import pandas as pd
    from helpers import FACTOR
    from zenlab.datasources import CSVDatasource
    from zenlab.pipelines import TrainingPipeline
    from zenlab.steps.split import RandomSplit

    LIMIT = 0.5

    def is_high(column):
        return column.fillna(0) * FACTOR > LIMIT

    def label(frame):
        return frame.assign(y=is_high(frame.a))
    """
RUN = """
    pipeline = TrainingPipeline(name="In a cell")
    pipeline.add_datasource(CSVDatasource(name="toy", path="toy.csv"))
    pipeline.add_transform(label)
    pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
    pipeline.run()
    """
WRITE = """%%zen step steps_of_mine/label.py
def label(frame):
    return frame.assign(y={})
"""
SECRET = "import os\nAPI_KEY = os.sep + 'sesame'\ndef f():\n    return API_KEY"
HANDLE = "import io\nHANDLE = io.StringIO()\ndef f():\n    HANDLE"
OPEN = """
    from zenlab.repo import Repository
    pipeline = Repository().get_pipeline_by_name("In a cell")
    pipeline.run(force=["transform"])
    print(pipeline.outputs("transform")["data"].digest)
    """


@pytest.fixture
def notebook(shell, repository, frame, monkeypatch):
    """A shell in a repository with data and a module of helpers."""
    frame[["a", "b"]].to_csv(repository.root / "toy.csv", index=False)
    (repository.root / "helpers.py").write_text("FACTOR = 2\n")
    monkeypatch.syspath_prepend(str(repository.root))
    before = set(sys.modules)

    def run(source: str):
        done = cell(shell, textwrap.dedent(source))
        if done.error is not None:
            raise done.error
        return done.stdout

    yield run
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("helpers", "steps_of_mine"):
            del sys.modules[name]


def test_git_alone_brings_the_code_of_a_cell(notebook, repository, tmp_path):
    notebook(DECLARE)
    notebook(RUN)
    kept = repository.root / "pipelines/in-a-cell.steps.py"
    text = kept.read_text()
    assert "# %% transform: label, code " in text
    assert "LIMIT = 0.5" in text
    compile(text, str(kept), "exec")
    commit(repository.root)
    digest = notebook("print(pipeline.outputs('transform')['data'].digest)").strip()

    clone = tmp_path / "of a colleague"
    git(tmp_path, "clone", "-q", str(repository.root), str(clone))
    assert python(clone, OPEN).strip() == digest
    # What the cell imported has changed since: the commit of the pipeline's file has it.
    for text_now in ("FACTOR = 3\n", "raise RuntimeError\n", "OTHER = 1\n"):
        (clone / "helpers.py").write_text(text_now)
        assert python(clone, OPEN).strip() == digest
    # Code that was edited is not run in its place.
    (clone / kept.relative_to(repository.root)).write_text(text.replace("0.5", "0.6"))
    assert "does not have the recorded fingerprint" in python(clone, OPEN, code=1)


def test_no_secret_of_the_notebook_is_written_beside_the_pipeline(notebook, repository):
    notebook("import os\nSEP_TOKEN = '<sep>'\nDB_PASSWORD = 'open ' + 'sesame'")
    use = "print(len(f'{DB_PASSWORD}{SEP_TOKEN}'))\n        return frame"
    notebook(DECLARE.replace("return frame", use))
    said = notebook(RUN)
    assert not (repository.root / "pipelines/in-a-cell.steps.py").exists()
    assert "open sesame" not in said
    assert "'DB_PASSWORD' may be a secret" in said
    notebook("DB_PASSWORD = None")
    notebook(RUN)
    assert "SEP_TOKEN = '<sep>'" in (repository.root / "pipelines/in-a-cell.steps.py").read_text()


def test_the_file_follows_the_draft(notebook, repository):
    notebook(DECLARE)
    notebook(RUN)
    kept = repository.root / "pipelines/in-a-cell.steps.py"
    before = kept.read_text()
    notebook("LIMIT = 0.9")
    notebook(RUN)
    assert "LIMIT = 0.9" in kept.read_text()
    notebook("LIMIT = 0.5")
    notebook(RUN)
    assert kept.read_text() == before
    # What somebody has edited there is what the cell says again, once it is declared anew.
    kept.write_text(before.replace("LIMIT = 0.5", "LIMIT = 0.1"))
    repository._registered.clear()  # as in another process
    notebook(RUN)
    assert kept.read_text() == before
    # A copy has the code of its origin, too, though nothing of it was declared with the copy.
    notebook(
        """
        other = Repository().get_pipeline_by_name("In a cell").copy("Another")
        other.add_split(RandomSplit(split_map={"train": 0.5, "eval": 0.5}))
        other.run()
        """.replace("Repository()", "__import__('zenlab').Repository()")
    )
    sections = (repository.root / "pipelines/another.steps.py").read_text().split("# %% ")
    assert sections[1:] == before.split("# %% ")[1:]


def test_a_cell_becomes_a_module_and_the_cache_stays(notebook, repository):
    notebook(DECLARE)
    notebook(RUN)
    said = notebook(WRITE.format("is_high(frame.a)"))
    assert "nothing is computed again" in said
    assert "git add steps_of_mine/label.py" in said
    text = (repository.root / "steps_of_mine/label.py").read_text()
    assert text.startswith("from helpers import FACTOR") or "FACTOR = 2" in text
    assert notebook("print(label.__module__)").strip() == "steps_of_mine.label"
    notebook(RUN)
    assert notebook("print(*{s.how for s in pipeline.last.result.steps.values()})").strip() in (
        "hit",
        "hit left out",
        "left out hit",
    )
    assert not (repository.root / "pipelines/in-a-cell.steps.py").exists()

    # Changed in the cell and written again; what only lies there is not lost.
    again = WRITE.format("frame.a > 1")
    with pytest.raises(AlreadyExistsException, match="is not committed: writing over it"):
        notebook(again)
    commit(repository.root)
    said = notebook(again)
    assert "label.py no longer has: FACTOR, LIMIT, is_high. See: git diff" in said
    assert "frame.a > 1" in (repository.root / "steps_of_mine/label.py").read_text()
    notebook(RUN.replace("In a cell", "Changed"))
    assert notebook("print(pipeline.last.result.steps['transform'].how)").strip() == "executed"


@pytest.mark.parametrize(
    ("line", "body", "said"),
    [
        ("step ../outside.py", "def f(): ...", "cannot be imported as a module"),
        ("step json/mine.py", "def f(): ...", "is a module of Python"),
        ("step steps_of_mine/x.py", "1 + 1", "defines no function"),
        ("step steps_of_mine/x.py", "!ls", "is not Python"),
        ("step steps_of_mine/x.py", HANDLE, "HANDLE"),
        ("step steps_of_mine/x.py", SECRET, "'API_KEY' may be a secret"),
        ("step steps_of_mine/class.py", "def f(): ...", "cannot be imported as a module"),
        ("step steps_of_mine/__init__.py", "def f(): ...", "cannot be imported as a module"),
        ("step 'steps_of_mine/x.py", "def f(): ...", "^%%zen step 'steps.*No closing quotation"),
        ("run pipeline", "1", "one percent sign"),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing(notebook, repository, line, body, said):
    with pytest.raises((ZenlabError, Exception), match=said):
        notebook(f"%%zen {line}\n{body}\n")
    assert not (repository.root / "steps_of_mine").exists()


def test_versions_of_steps(notebook, repository):
    (repository.root / "steps_of_mine").mkdir()
    module = repository.root / "steps_of_mine/label.py"
    shas = []
    for limit in (1, 2):
        module.write_text(f"def label(frame):\n    return frame.assign(y=frame.a > {limit})\n")
        shas.append(commit(repository.root))
        script = DECLARE + "\n    from steps_of_mine.label import label\n" + RUN
        python(repository.root, script.replace("In a cell", f"Limit {limit}"))
    repository = Repository(repository.root)
    source = "steps_of_mine.label.label"
    assert repository.get_step_versions()[source] == set(shas)
    assert repository.get_step_versions_by_type(source) == set(shas)
    one, two = (repository.get_step_by_version(source, sha) for sha in shas)
    assert one.__code__.co_consts != two.__code__.co_consts
    assert repository.get_step_by_version(source, shas[0][:8]) is one
    with pytest.raises(DoesNotExistException, match=r"Did you mean .steps_of_mine\.label\.label"):
        repository.get_step_versions_by_type("steps_of_mine.label.lable")
    with pytest.raises(DoesNotExistException, match="fits 0 versions"):
        repository.get_step_by_version(source, "0123456")
    shown = notebook("%zen step list")
    assert f"{source}@{shas[1][:12]}  Limit 2" in shown
    diff = notebook(f"%zen step diff label@{shas[0][:7]} label@{shas[1][:7]}")
    assert "-    return frame.assign(y=frame.a > 1)" in diff
    assert "+    return frame.assign(y=frame.a > 2)" in diff
