"""What tests of repositories look at in them."""

from __future__ import annotations

import importlib
import linecache
import sys
from typing import TYPE_CHECKING, Any

from tests.integration.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def state(folder: Path) -> tuple[str, ...]:
    """What no look may change: branch, HEAD, index, files."""
    files = {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not {".git", ".zenlab"} & set(p.relative_to(folder).parts)
    }
    return (
        git(folder, "symbolic-ref", "-q", "--short", "HEAD"),
        git(folder, "rev-parse", "HEAD"),
        git(folder, "ls-files", "-s"),
        git(folder, "status", "--porcelain"),
        git(folder, "worktree", "list"),
        str(files),
    )


def imported(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the test as it is now, whatever was imported before."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    linecache.checkcache()
    return importlib.import_module(name)
