"""A second work tree of a repository for a while: another commit's files, beside the user's own.

The user's files, index and branch stay as they are. Git keeps a note of each work tree below its
own folder, which goes with the tree.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ZenlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

_INHERITED = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
)
"""Variables that a hook of Git's sets, and that would name another repository's parts."""


@contextlib.contextmanager
def detached_work_tree(repository: Path, commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out into a new folder, which is removed at the end, whatever ends it.

    Args:
        repository: the user's work tree.
        commit: 40 digits.
        folder: where; it may not exist yet.

    Raises:
        ZenlabError: Git cannot be started, or refuses.

    Example:
        >>> with detached_work_tree(root, commit, folder) as tree:  # doctest: +SKIP
        ...     print(tree / "zenlab.yaml")
    """
    try:
        _git(
            repository,
            # No hook of the user's runs, and a sparse work tree has the files that steps need.
            *("-c", f"core.hooksPath={os.devnull}", "-c", "core.sparseCheckout=false"),
            *("worktree", "add", "--detach", "--quiet", str(folder), commit),
        )
        _submodules(repository, folder)
        yield folder
    finally:
        with undisturbed():
            _remove(repository, folder)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C interrupt what cleans up after the first; on the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Any = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def git_environment() -> dict[str, str]:
    """The environment for Git in a folder that is named to it, even within a hook."""
    return {k: v for k, v in os.environ.items() if k not in _INHERITED}


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - words of our own, and digits of a commit
            ["git", *words],  # noqa: S607 - the one that the user has
            cwd=folder,
            env=git_environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",  # names of files are bytes
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise ZenlabError(
            "The program 'git' is needed to check a commit out, and cannot be found.",
            hint="Install Git, or add it to PATH.",
        ) from None
    if done.returncode != 0:
        lines = done.stderr.encode("utf-8", "replace").decode().strip().splitlines()
        raise ZenlabError(
            f"Git could not check the commit out: {lines[-1] if lines else done.returncode}",
            where=str(folder),
            hint="Look at: git worktree list",
        )
    return done.stdout


def _submodules(repository: Path, tree: Path) -> None:
    """Fill the submodules from those that are checked out here: without a network.

    One that is not here stays empty; a step whose code lies in it will say so.
    """
    if not (tree / ".gitmodules").is_file():
        return
    for line in _git(tree, "ls-files", "--stage", "-z").split("\0"):
        mode, _, rest = line.partition(" ")
        if mode != "160000":
            continue
        commit, path = rest.split(" ")[0], rest.partition("\t")[2]
        here = repository / path
        if (here / ".git").exists():
            with contextlib.suppress(ZenlabError):  # a commit that was never fetched
                _git(tree, "clone", "--quiet", "--shared", "--no-checkout", "--", str(here), path)
                _git(tree / path, "checkout", "--quiet", "--detach", commit)


def _remove(repository: Path, folder: Path) -> None:
    """Remove a work tree and Git's note of it; also one that was made only in part."""
    with contextlib.suppress(ZenlabError):
        _git(repository, "worktree", "remove", "--force", "--force", str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(ZenlabError):
        # Not `prune`, which would forget other trees of the user's that are out of reach just now.
        common = Path(_git(repository, "rev-parse", "--git-common-dir").strip())
        for note in (repository / common / "worktrees").glob("*/gitdir"):
            with contextlib.suppress(OSError):
                if Path(os.fsdecode(note.read_bytes()).strip()).parent == folder:
                    shutil.rmtree(note.parent, ignore_errors=True)
