"""The files of a repository as they are in a Git revision, or in the work tree.

Only reading, and from Git's objects: nothing is checked out, so that an unsaved edit, a merge that
is going on or what is staged stays as it is.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zenlab.core.errors import DoesNotExistException, ZenlabError, suggest
from zenlab.repo.commits import Commit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path, PurePosixPath

    from zenlab.repo.git import GitTree

WORK_TREE = "the work tree"
"""What the side is called that is in no commit."""

_DIGITS = 10
_RANGE = re.compile(r"(?P<old>.*?)(?P<dots>\.{2,3})(?P<new>.*)")


class Revision(ABC):
    """The files of one side.

    Attributes:
        name: as the user called it, with the digits of its commit.
        commit: 40 digits; None of the work tree.
    """

    name: str
    commit: str | None

    @abstractmethod
    def read(self, path: PurePosixPath | str) -> str | None:
        """The text of a file, whatever its line ends were; None if there is no such file.

        Args:
            path: relative to the root of the work tree.
        """

    @abstractmethod
    def names(self, folder: PurePosixPath | str) -> list[str]:
        """The names of the files in a folder, sorted; none where there is no such folder.

        Args:
            folder: relative to the root of the work tree.
        """


@dataclass(frozen=True)
class CommitFiles(Revision):
    """The files of a commit, read from Git's objects."""

    name: str
    commit: str
    _files: Commit

    def read(self, path: PurePosixPath | str) -> str | None:
        data = self._files.read(_inside(path))
        return None if data is None else text_of(data)

    def names(self, folder: PurePosixPath | str) -> list[str]:
        return sorted(name for name, _ in self._files.folder(_inside(folder)))


@dataclass(frozen=True)
class WorkTreeFiles(Revision):
    """The files as they lie in the work tree, whatever is staged of them."""

    root: Path
    name: str = WORK_TREE
    commit: None = None

    def read(self, path: PurePosixPath | str) -> str | None:
        try:
            return text_of((self.root / path).read_bytes())
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def names(self, folder: PurePosixPath | str) -> list[str]:
        place = self.root / folder
        return sorted(p.name for p in place.iterdir() if p.is_file()) if place.is_dir() else []


def _inside(path: PurePosixPath | str) -> str:
    return "" if str(path) == "." else str(path)


def text_of(data: bytes) -> str:
    r"""The text of a file, whatever its line ends: Git may have changed them on its way.

    Example:
        >>> text_of(b"a\r\nb\n")
        'a\nb\n'
    """
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def two_sides(words: Sequence[str], git: GitTree) -> tuple[Revision, Revision]:
    """What is to be compared, as `git diff` takes it.

    Args:
        words: nothing (HEAD and the work tree), `REV` (that and the work tree), `A..B`, `A B`, or
            `A...B` (from where B left A, to B).
        git: the repository.

    Returns:
        The older side and the newer one.

    Raises:
        DoesNotExistException: no such revision; the message suggests a name.
        ZenlabError: no Git, or no history in common.

    Example:
        >>> two_sides(["main..HEAD"], repository.git)  # doctest: +SKIP
    """
    if git.objects is None or git.root is None:
        raise ZenlabError(
            f"There is no Git to compare revisions of: {git.problem}.",
            hint="Make one with: git init, and commit.",
        )
    if len(words) == 2:
        return commit_files(words[0], git), commit_files(words[1], git)
    match = _RANGE.fullmatch(words[0]) if words else None
    if match is None:
        return commit_files(words[0] if words else "HEAD", git), WorkTreeFiles(git.root)
    old, new = match["old"] or "HEAD", match["new"] or "HEAD"
    newer = commit_files(new, git)
    if match["dots"] == "..":
        return commit_files(old, git), newer
    return _merge_base(commit_files(old, git), newer, git), newer


def commit_files(revision: str, git: GitTree) -> CommitFiles:
    """The files of a revision.

    Args:
        revision: what Git takes: a branch, a tag, `HEAD~2`, digits of a commit.
        git: the repository.

    Raises:
        DoesNotExistException: there is none; the message suggests a name.
    """
    import pygit2

    repo = git.objects
    try:
        found = repo.revparse_single(revision).peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError):
        raise _unknown(revision, git) from None
    digest = str(found.id)
    shown = digest[:_DIGITS]
    name = shown if digest.startswith(revision) else f"{revision} ({shown})"
    return CommitFiles(name, digest, Commit(repo, digest))


def _unknown(revision: str, git: GitTree) -> DoesNotExistException:
    repo = git.objects
    if git.head() is None:
        return DoesNotExistException(
            f"There is no revision '{revision}': nothing has been committed yet.",
            hint="Commit first: git add -A && git commit",
        )
    remote = sorted(repo.branches.remote)
    tags = [r.removeprefix("refs/tags/") for r in repo.references if r.startswith("refs/tags/")]
    # A branch that was never checked out here is there under the name of its remote alone.
    same = next((name for name in remote if name.partition("/")[2] == revision), None)
    hint = f"Did you mean '{same}'?" if same else ""
    base = re.split(r"[~^@:]", revision, maxsplit=1)[0]
    known = [*repo.branches.local, *remote, *tags, "HEAD"]
    if base != revision and base in known:
        hint = f"'{base}' is there, but no commit that is '{revision}': its history is shorter."
    hint = hint or suggest(revision, known)
    if repo.is_shallow:
        hint += " This clone is shallow, and older commits are not in it: git fetch --unshallow"
    return DoesNotExistException(
        f"Git knows no revision '{revision}' here.", where=str(git.root), hint=hint
    )


def _merge_base(old: CommitFiles, new: CommitFiles, git: GitTree) -> CommitFiles:
    base = git.objects.merge_base(old.commit, new.commit)
    if base is None:
        shallow = git.objects.is_shallow
        raise ZenlabError(
            f"{old.name} and {new.name} have no commit in common here.",
            where=str(git.root),
            hint="This clone is shallow: git fetch --unshallow"
            if shallow
            else "Compare the two as they are, with two dots: A..B",
        )
    found = commit_files(str(base), git)
    if found.commit == old.commit:
        return old
    return replace(found, name=f"where they parted ({found.name})")
