"""`zenlab notebook hook`: commits of a real Git, without a terminal, as JupyterLab makes them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.integration.conftest import git
from tests.unit.test_notebook_check import code, failed, panel, shown, write
from tests.unit.test_standing import shown as run_payload
from tests.unit.test_standing import spec
from zenlab.cli import run_command
from zenlab.repo.pipeline_files import FolderFiles

ROOT = Path(__file__).resolve().parents[2]
BROKEN = code("1 / 0", failed("ZeroDivisionError"))
WHOLE = code("1", shown(text="1"))


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A work tree in a folder with a space, with the hook."""
    folder = tmp_path / "a project"
    folder.mkdir()
    git(folder, "init", "-q")
    monkeypatch.chdir(folder)
    assert run_command(["notebook", "hook", "install"]) == 0
    return folder


def commit(folder: Path, *words: str, **variables: str) -> tuple[int, str]:
    """Commit as a server does: no terminal, nothing of an activated environment on PATH."""
    path = os.pathsep.join({str(Path(shutil.which(name) or "").parent) for name in ("git", "sh")})
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        ["git", "commit", "-m", "m", *words],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_staged_counts_and_not_the_work_tree(tree):
    path = write(tree / "a b.ipynb", BROKEN)
    git(tree, "add", "-A")
    write(path, WHOLE)
    status, said = commit(tree)  # the first commit of all
    assert status == 1
    assert "a b.ipynb, cell 1, output 1: error error-output" in said
    assert "git commit --no-verify" in said
    git(tree, "add", "-A")
    write(path, BROKEN)
    assert commit(tree)[0] == 0
    assert git(tree, "status", "--porcelain") == ' M "a b.ipynb"\n'
    # Of one file, by an index that Git makes for this commit alone; and where no branch is.
    git(tree, "checkout", "-q", "--detach")
    assert commit(tree, "a b.ipynb")[0] == 1
    assert commit(tree, "a b.ipynb", "--no-verify")[0] == 0


def test_a_panel_is_compared_with_the_pipeline_files_of_the_same_commit(tree):
    (tree / "zenlab.yaml").write_text("version: 1\nproject: abc\n")
    FolderFiles(tree / "pipelines").write(spec())
    write(tree / "a.ipynb", code("%zen run", panel(run_payload(spec()))))
    git(tree, "add", "a.ipynb", "zenlab.yaml")
    status, said = commit(tree)
    assert status == 1
    assert "nobody has committed pipeline-a.yaml" in said
    git(tree, "add", "pipelines")
    FolderFiles(tree / "pipelines").write(spec(learning_rate=0.9))
    status, said = commit(tree)
    assert (status, "pipeline files were compared alone" in said) == (0, True)


def test_a_linked_work_tree_has_the_hook_too(tree, tmp_path):
    assert commit(tree, "--allow-empty")[0] == 0
    linked = tmp_path / "another tree"
    git(tree, "worktree", "add", "-q", "-b", "other", str(linked))
    write(linked / "a.ipynb", BROKEN)
    git(linked, "add", "-A")
    assert commit(linked)[0] == 1


def test_line_ends_of_windows(tree):
    git(tree, "config", "core.autocrlf", "true")
    path = write(tree / "a.ipynb", WHOLE)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    git(tree, "add", "-A")
    assert commit(tree)[0] == 0
    git(tree, "config", "core.autocrlf", "false")
    path.write_bytes(json.dumps(json.loads(path.read_bytes())).encode() + b"\r\n")
    git(tree, "add", "-A")
    assert commit(tree)[0] == 0


def test_files_that_are_deleted_or_no_notebooks_are_no_matter(tree):
    path = write(tree / "a.ipynb", BROKEN)
    git(tree, "add", "-A")
    assert commit(tree, "--no-verify")[0] == 0
    path.unlink()
    (tree / "a.txt").write_text("x")
    git(tree, "add", "-A")
    assert commit(tree)[0] == 0


def test_odd_names_and_links(tree):
    for name in ("2:a.ipynb", "-a.ipynb", "ü *?[x].ipynb", os.fsdecode(b"caf\xe9.ipynb")):
        write(tree / name, WHOLE)
    (tree / "link.ipynb").symlink_to("2:a.ipynb")  # in a commit, the name of the file alone
    git(tree, "add", "-A")
    status, said = commit(tree)
    assert status == 0, said
    write(tree / "2:a.ipynb", BROKEN)
    git(tree, "add", "-A")
    status, said = commit(tree)
    assert status == 1
    assert "2:a.ipynb, cell 1, output 1: error error-output" in said


def test_a_repository_of_another_user(tree, monkeypatch, capsys):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert run_command(["notebook", "hook", "status"]) == 1
    said = capsys.readouterr().err
    assert "git config --global --add safe.directory" in said
    assert "inside a Git work tree" not in said


def test_a_hook_without_its_zenlab_says_what_to_do(tree):
    hook = tree / ".git" / "hooks" / "pre-commit"
    hook.write_text(hook.read_text().replace(sys.executable, "gone/python"))
    status, said = commit(tree, "--allow-empty")
    assert status == 1
    assert "The notebooks were not checked" in said
    assert "--no-verify" in said


def test_the_check_of_a_commit_is_quick_to_start(tree):
    write(tree / "a.ipynb", WHOLE)
    git(tree, "add", "-A")
    source = (
        "import sys; from zenlab.cli import run_command\n"
        "code = run_command(['notebook', 'check', '--staged'])\n"
        "heavy = {'pandas', 'pyarrow', 'sklearn', 'sqlalchemy', 'plotly'} & set(sys.modules)\n"
        "raise SystemExit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0


# ------------------------------------------------------------------------------- installing it


def hook(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    status = run_command(["notebook", "hook", *words])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_installed_renewed_removed(tree, capsys):
    path = tree / ".git" / "hooks" / "pre-commit"
    assert hook("status", capsys=capsys)[1].startswith("pre-commit hook: installed\n")
    before = path.read_text()
    path.write_text(before + "# old\n")
    path.chmod(0o644)
    assert "not executable" in hook("status", capsys=capsys)[1]
    assert hook("install", capsys=capsys)[0] == 0
    assert path.read_text() == before
    assert os.access(path, os.X_OK)
    assert hook("remove", capsys=capsys)[0] == 0
    assert not path.exists()
    assert "not installed" in hook("status", capsys=capsys)[1]
    assert "There is no pre-commit hook" in hook("remove", capsys=capsys)[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#!/bin/sh\nmake lint\n", "zenlab notebook check --staged || exit 1"),
        ("#!/usr/bin/env bash\n# File generated by pre-commit\n", "types: [jupyter]"),
    ],
)
def test_a_hook_of_somebody_else_stays(tree, capsys, text, says):
    path = tree / ".git" / "hooks" / "pre-commit"
    path.write_text(text)
    for words in ("install", "remove"):
        status, said = hook(words, capsys=capsys)
        assert (status, "It stays as it is" in said) == (1, True)
    assert says in hook("install", capsys=capsys)[1]
    assert path.read_text() == text


def test_what_somebody_has_added_to_the_hook_is_kept(tree, capsys):
    path = tree / ".git" / "hooks" / "pre-commit"
    edited = path.read_text().replace("#!/bin/sh\n", "#!/bin/sh\nmake lint || exit 1\n")
    for words, name in (("install", "pre-commit.old"), ("remove", "pre-commit.old1")):
        path.write_text(edited)
        assert name in hook(words, capsys=capsys)[1]
        assert path.with_name(name).read_text() == edited
    assert "kept" not in hook("install", capsys=capsys)[1]
    assert "kept" not in hook("remove", capsys=capsys)[1]


def test_a_hook_that_cannot_be_read_is_somebody_elses(tree, capsys):
    path = tree / ".git" / "hooks" / "pre-commit"
    path.unlink()
    path.mkdir()
    assert "which zenlab has not made" in hook("status", capsys=capsys)[1]
    assert "It stays as it is" in hook("install", capsys=capsys)[1]


def test_the_folder_that_git_uses_is_used(tree, capsys):
    git(tree, "config", "core.hooksPath", "my hooks")
    status, said = hook("install", capsys=capsys)
    assert (status, "commit the file, and the team has it" in said) == (0, True)
    text = (tree / "my hooks" / "pre-commit").read_text()
    assert sys.executable not in text
    write(tree / "a.ipynb", BROKEN)
    git(tree, "add", "a.ipynb")
    tools = str(Path(sys.executable).parent)
    status, said = commit(tree, PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert (status, "error-output" in said) == (1, True)


def test_a_folder_of_all_repositories_is_left_alone(tree, capsys, tmp_path):
    everywhere = tmp_path / "everywhere"
    git(tree, "config", "--global", "core.hooksPath", str(everywhere))
    status, said = hook("install", capsys=capsys)
    assert (status, "would check the commits of all of them" in said) == (1, True)
    assert not everywhere.exists()
    git(tree, "config", "core.hooksPath", ".git/hooks")
    assert hook("install", capsys=capsys)[0] == 0


def test_outside_of_git_it_is_an_error_of_ours(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in (["hook", "status"], ["check", "--staged"]):
        assert run_command(["notebook", *words]) == 1
        assert "not a git repository" in capsys.readouterr().err


def test_the_hooks_for_the_pre_commit_framework(tmp_path, monkeypatch, capsys):
    """The framework itself needs a network; it calls `entry` with the files of a commit."""
    monkeypatch.chdir(tmp_path)
    hooks = {h["id"]: h for h in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}
    for found in hooks.values():
        assert {"id", "name", "entry", "language", "types"} <= found.keys()
    path = write(tmp_path / "a b.ipynb", code("1", execution={"a": 1}))
    for name, status in (("check", 1), ("clean", 0), ("check", 0)):
        program, *words = shlex.split(hooks[f"zenlab-notebook-{name}"]["entry"])
        assert program == "zenlab"
        assert run_command([*words, str(path)]) == status
