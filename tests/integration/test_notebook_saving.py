"""The save hook, in a contents manager of Jupyter Server: it cleans, and it never loses a save."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_server.extension.manager import ExtensionManager
from jupyter_server.services.contents.largefilemanager import LargeFileManager

from tests.unit.test_notebook_check import code, printed, shown
from tests.unit.test_notebook_clean import HOME, document
from zenlab.cli import run_command
from zenlab.repo.save_hook import save_hook_path
from zenlab.server import saving

NOISY = document(
    code("1", printed(f"{HOME}a.py: x\n", "stderr"), shown(text="1"), execution={"a": "b"})
)


@pytest.fixture
def manager(tmp_path):
    """A contents manager with the hook; its root is a repository, `elsewhere` is none."""
    root = tmp_path / "root of all"
    (root / "project").mkdir(parents=True)
    (root / "elsewhere").mkdir()
    (root / "project" / "zenlab.yaml").write_text("version: 1\nproject: abc\n")
    found = LargeFileManager(root_dir=str(root))
    saving._load_jupyter_server_extension(
        SimpleNamespace(contents_manager=found, log=logging.getLogger("test"))
    )
    return found


def save(manager, path: str, content: dict) -> dict:
    model = {"type": "notebook", "format": "json", "content": json.loads(json.dumps(content))}
    manager.save(model, path)
    found: dict = json.loads(Path(manager.root_dir, path).read_text(encoding="utf-8"))
    return found


def test_a_notebook_of_a_repository_is_cleaned(manager):
    found = save(manager, "project/a b.ipynb", NOISY)
    (cell,) = found["cells"]
    assert cell["metadata"] == {}
    assert cell["outputs"][0]["text"] == ["…/a.py: x\n"]
    assert cell["outputs"][1]["data"] == {"text/plain": ["1"]}


def test_others_are_saved_as_they_are(manager):
    for path in ("elsewhere/a.ipynb", "a.ipynb"):
        assert save(manager, path, NOISY)["cells"][0]["metadata"] == {"execution": {"a": "b"}}
    manager.save({"type": "file", "format": "text", "content": "x"}, "project/a.txt")


def test_a_notebook_that_the_user_trusts_stays_trusted(manager, tmp_path, monkeypatch):
    monkeypatch.setattr(manager.notary, "data_dir", str(tmp_path))
    content = document(code("1", shown(html="<b>1</b>"), trusted=True, execution={"a": "b"}))
    found = save(manager, "project/a.ipynb", content)
    assert found["cells"][0]["metadata"] == {}
    (cell,) = manager.get("project/a.ipynb")["content"]["cells"]
    assert cell["metadata"] == {"trusted": True}


def test_a_fault_of_the_cleaning_loses_no_save(manager, monkeypatch, caplog):
    def half(found: dict) -> None:
        found["cells"][0]["outputs"].clear()
        raise RuntimeError("a fault of zenlab")

    monkeypatch.setattr("zenlab.hygiene.clean_document", half)
    manager.log = logging.getLogger("contents")
    found = save(manager, "project/a.ipynb", NOISY)
    assert len(found["cells"][0]["outputs"]) == 2
    assert "could not clean project/a.ipynb; it is saved as it is" in caplog.text
    assert "a fault of zenlab" in caplog.text


@pytest.mark.parametrize("content", [None, "text", {"nbformat": 3}, {"nbformat": 4}])
def test_what_is_no_notebook_is_left_to_the_server(manager, content):
    model = {"type": "notebook", "content": content}
    saving.clean_on_save(model=model, path="project/a.ipynb", contents_manager=manager)
    assert model["content"] == content


def test_a_second_save_changes_nothing(manager):
    first = save(manager, "project/a.ipynb", NOISY)
    assert save(manager, "project/a.ipynb", first) == first


def test_installed_where_this_environments_server_looks(tmp_path, monkeypatch, capsys, repository):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "an environment"))
    assert run_command(["notebook", "hook", "status"]) == 0
    assert "save hook of JupyterLab: not installed" in capsys.readouterr().out
    assert run_command(["notebook", "hook", "remove", "save"]) == 1
    assert run_command(["notebook", "hook", "install", "save"]) == 0
    assert run_command(["notebook", "hook", "status"]) == 0
    assert "save hook of JupyterLab: installed" in capsys.readouterr().out
    folder = save_hook_path().parents[1]
    config = ExtensionConfigManager(read_config_path=[str(folder)])
    found = ExtensionManager(config_manager=config).extensions
    assert {name for name, extension in found.items() if extension.enabled} == {saving.MODULE}
    assert found[saving.MODULE].extension_points[saving.MODULE].validate()
    assert run_command(["notebook", "hook", "remove", "save"]) == 0
    assert not save_hook_path().exists()


def test_without_a_jupyter_server_it_says_where_to_go(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr("zenlab.repo.save_hook.find_spec", lambda name: None)
    assert run_command(["notebook", "hook", "install", "save"]) == 1
    assert "the environment that JupyterLab is started from" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
