"""What every test gets: a home and a working folder of its own, and stable examples."""

from __future__ import annotations

import doctest
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

# Before anything imports them: their asserts explain themselves like those of a test file.
pytest.register_assert_rewrite("tests.conformance", "tests.engine_harness", "tests.steps_harness")

pytest_plugins = [
    "pytester",
    "tests.plugins.reliability",
    "tests.plugins.strict",
    "tests.servers.databases",
]

# Deterministic by default: a failure that is rare is found by `explore`, not by CI.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("ZENLAB_HYPOTHESIS", "ci"))

_GIT_CONFIG = """\
[user]
    name = Test
    email = test@example.org
[init]
    defaultBranch = main
[commit]
    gpgsign = false
"""
# Variables that change what a test sees. GIT_*: tests that are started by a Git hook would write
# into the hook's repository.
_PREFIXES = ("GIT_", "IPYTHON", "JUPYTER", "XDG_", "ZENLAB_")
_KEPT = {"ZENLAB_STRICT", "ZENLAB_HYPOTHESIS"}


def _make_home(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text(_GIT_CONFIG)


def pytest_configure(config: pytest.Config) -> None:
    """Leave the user's home before anything is imported: libgit2 looks for it once a process."""
    home = Path(tempfile.mkdtemp(prefix="zenlab-home-"))
    _make_home(home)
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(home)

    def restore() -> None:
        if before is None:
            os.environ.pop("HOME", None)
        else:
            os.environ["HOME"] = before
        shutil.rmtree(home, ignore_errors=True)

    config.add_cleanup(restore)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out docstrings whose every example is `+SKIP`: they are text, and no test to skip."""
    text = [
        item
        for item in items
        if isinstance(item, pytest.DoctestItem)
        and all(example.options.get(doctest.SKIP) for example in item.dtest.examples)
    ]
    if text:
        config.hook.pytest_deselected(items=text)
        items[:] = [item for item in items if item not in text]


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working folder of the test's own; returns the home.

    Files of this repository are reached through `__file__`, never through the working folder.
    """
    folder = tmp_path_factory.mktemp("isolated")
    home, work, scratch = folder / "home", folder / "work", folder / "tmp"
    _make_home(home)
    work.mkdir()
    scratch.mkdir()
    for name in list(os.environ):
        if name.startswith(_PREFIXES) and name not in _KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)  # what it found before is remembered there
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(work)
    return home
