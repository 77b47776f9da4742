"""What is in the commits of a repository, read from Git's objects: nothing is checked out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError

if TYPE_CHECKING:
    from collections.abc import Iterator


_LINK = 0o120000


class Commit:
    """A commit whose files can be read.

    Args:
        repo: pygit2's repository.
        sha: 40 digits of a commit that is there.
    """

    def __init__(self, repo: Any, sha: str) -> None:
        self._repo = repo
        self.sha = sha
        self._tree = _commit_object(repo, sha).tree

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None if the commit has no such file. No link is followed.

        Args:
            path: in the work tree, with slashes.

        Raises:
            CodeError: the commit has the file, and this clone has not fetched its content.
        """
        found = self._at(path)
        if found is None or found.type_str != "blob" or found.filemode == _LINK:
            return None
        try:
            data: bytes = found.data
        except (KeyError, OSError, ValueError):  # GitError is a ValueError or an OSError
            raise CodeError(
                f"'{path}' of commit {self.sha[:12]} has not been fetched into this clone.",
                where=path,
                hint=f"Fetch it: git cat-file -p {self.sha}:{path}, or clone without --filter.",
            ) from None
        return data

    def is_folder(self, path: str) -> bool:
        """Whether the commit has a folder at a path; the root is one."""
        found = self._at(path)
        return found is not None and found.type_str == "tree"

    def folder(self, path: str) -> list[tuple[str, int | None]]:
        """Name and size of the files of a folder, without those of folders in it.

        The size of a file that has not been fetched, in a clone with a filter, is not known: None.
        """
        found = self._at(path)
        if found is None or found.type_str != "tree":
            return []
        return [(entry.name, _size(entry)) for entry in found if entry.type_str == "blob"]

    @cached_property
    def files(self) -> list[str]:
        """The paths of all Python files, those nearest to the root first."""
        found = list(self._python_files(self._tree, ""))
        return sorted(found, key=lambda path: (path.count("/"), path))

    def _python_files(self, tree: Any, above: str) -> Iterator[str]:
        for entry in tree:
            if entry.type_str == "tree":
                yield from self._python_files(entry, f"{above}{entry.name}/")
            elif entry.name.endswith(".py"):
                yield f"{above}{entry.name}"

    def _at(self, path: str) -> Any:
        if not path:
            return self._tree
        try:
            entry = self._tree[path]
        except KeyError:
            return None
        # The files of a submodule are in another repository.
        return None if entry.type_str == "commit" else entry


def _size(entry: Any) -> int | None:
    try:
        size: int = entry.size
    except (KeyError, OSError, ValueError):
        return None
    return size


def _commit_object(repo: Any, sha: str) -> Any:
    import pygit2

    return repo[sha].peel(pygit2.Commit)
