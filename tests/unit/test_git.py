"""What zenlab reads of Git: whether the tree is clean, and who works here."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from zenlab.core.errors import CodeError
from zenlab.repo import git as module
from zenlab.repo.git import GitTree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path):
    """A repository of two files and one commit."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.py").write_text("a = 1\n")
    (folder / "b.py").write_text("b = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    return folder


def git(folder: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _no_moment(monkeypatch):
    monkeypatch.setattr(module, "_AMORTISED", 0)


def test_clean_until_a_file_that_git_knows_differs(tree):
    found = GitTree(tree)
    assert found.clean() is True
    (tree / "new.py").write_text("x")
    assert found.clean() is True
    (tree / "b.py").write_text("b = 2\n")
    assert found.clean() is False
    git(tree, "add", ".")
    assert found.clean() is False
    git(tree, "commit", "-qm", "two")
    assert found.clean() is True
    (tree / "a.py").unlink()
    assert found.clean() is False
    git(tree, "checkout", "a.py")
    assert found.clean() is True


def test_an_edit_that_is_taken_back_is_clean_again(tree):
    found = GitTree(tree)
    (tree / "a.py").write_text("a = 2\n")
    assert found.clean() is False
    (tree / "a.py").write_text("a = 1\n")
    os.utime(tree / "a.py", (1, 1))  # the clock of a file system may stand still between two edits
    assert found.clean() is True


def test_a_second_file_that_differs_outlives_the_first(tree):
    found = GitTree(tree)
    for name in ("a.py", "b.py"):
        (tree / name).write_text("changed = 1\n")
    assert found.clean() is False
    git(tree, "checkout", "a.py")
    assert found.clean() is False


def test_a_tree_that_differs_is_not_looked_at_twice(tree, monkeypatch):
    (tree / "a.py").write_text("a = 2\n")
    found = GitTree(tree)
    assert found.clean() is False
    monkeypatch.setattr(found, "_look", lambda stamp: pytest.fail("looked again"))
    assert found.clean() is False


def test_nobody_can_tell(tree, tmp_path, monkeypatch):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert GitTree(empty).clean() is None
    git(empty, "init", "-q")
    assert GitTree(empty).clean() is None
    (empty / "a").write_text("a")
    git(empty, "add", ".")
    assert GitTree(empty).clean() is None
    monkeypatch.setattr(module, "MAX_FILES", 1)
    assert GitTree(tree).clean() is None


def test_a_work_tree_of_git_worktree(tree, tmp_path):
    git(tree, "worktree", "add", "-q", str(tmp_path / "second"))
    found = GitTree(tmp_path / "second")
    assert found.clean() is True
    (tmp_path / "second" / "a.py").write_text("a = 3\n")
    assert found.clean() is False
    assert GitTree(tree).clean() is True


def test_asking_again_is_cheap(tree, monkeypatch):
    monkeypatch.setattr(module, "_AMORTISED", 20)
    for number in range(500):
        (tree / f"f{number}.py").write_text("x = 1\n")
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "many")
    os.utime(tree / "f1.py", (1, 1))  # so that a look has something to read
    (tree / "f1.py").write_text("x = 2\n")
    found = GitTree(tree)
    found.clean()
    times = []
    for _ in range(21):
        start = time.perf_counter()
        assert found.clean() is False
        times.append(time.perf_counter() - start)
    assert sorted(times)[10] < 0.001


def test_who_works_here(tree, isolated, monkeypatch):
    assert GitTree(tree).user() == "Test <test@example.org>"
    git(tree, "config", "user.name", "Ann")
    assert GitTree(tree).user() == "Ann <test@example.org>"


def test_without_a_git_identity_jupyterhub_then_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr(GitTree, "_setting", lambda self, name: None)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    assert GitTree(tmp_path).user() == "ann"
    monkeypatch.delenv("JUPYTERHUB_USER")
    assert GitTree(tmp_path).user() == getpass.getuser()


def test_a_name_in_another_encoding_stops_nobody(tree):
    with (tree / ".git" / "config").open("ab") as file:
        file.write(b"[user]\n\tname = J\xfcrgen\n\temail = j@example.org\n")
    assert GitTree(tree).user() == "J\ufffdrgen <j@example.org>"


def test_line_ends_of_windows_are_no_difference(tree):
    git(tree, "config", "core.autocrlf", "false")
    (tree / "a.py").write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    git(tree, "commit", "-qam", "two")
    assert GitTree(tree).committed(tree / "a.py") == "a = 1\nb = 2\n"
    (tree / "folder").mkdir()
    (tree / "folder" / "c.py").write_text("")
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "three")
    assert GitTree(tree).committed(tree / "folder") is None


def test_a_clone_without_all_contents_knows_their_names(tree):
    """As `git clone --filter=blob:none` makes it."""
    blob = subprocess.check_output(["git", "rev-parse", "HEAD:b.py"], cwd=tree, text=True).strip()
    (tree / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = GitTree(tree)
    commit = found.commit(found.head())
    assert commit.folder("") == [("a.py", 6), ("b.py", None)]
    with pytest.raises(CodeError, match="has not been fetched"):
        commit.read("b.py")
