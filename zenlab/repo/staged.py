"""What the next commit will hold: notebooks and pipeline files as they are staged.

Git itself is asked, not libgit2: a hook runs where Git is, and only Git knows all the forms that
an index has (the temporary one of `git commit FILE`, split and sparse ones).
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StoreError
from zenlab.repo.pipeline_files import PipelineFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.repo.git_command import Git
    from zenlab.repo.repository import Repository

_FILE = "100"
"""How Git's modes of files begin, and not those of links and submodules."""


def staged_notebooks(git: Git) -> list[str]:
    """The notebooks that the next commit adds or changes, relative to the work tree's root.

    Of a link Git keeps the name of its target alone: that is no notebook.
    """
    found = git.run(
        "diff",
        "--cached",
        "--raw",
        "--no-renames",
        "--no-ext-diff",
        "--diff-filter=ACMT",
        "-z",
        "--",
        ":(icase)*.ipynb",
    )
    words = _names(found)  # by turns `:mode mode digits digits state` and a name
    return [
        name
        for change, name in zip(words[::2], words[1::2], strict=True)
        if change.split(" ")[1].startswith(_FILE)
        and ".ipynb_checkpoints" not in PurePosixPath(name).parts
    ]


def staged_bytes(git: Git, name: str) -> bytes:
    """The content of a file as it is staged.

    Args:
        git: the work tree.
        name: relative to its root.
    """
    # With its stage: of a file `2:a.ipynb`, `:2:a.ipynb` would be one side of a merge of another.
    return git.run("cat-file", "blob", f":0:{name}")


def _names(output: bytes) -> list[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


class StagedFiles(PipelineFiles):
    """The pipeline directory as the next commit will hold it.

    Args:
        git: the work tree.
        folder: the pipeline directory.
    """

    def __init__(self, git: Git, folder: Path) -> None:
        super().__init__(folder)
        self._git = git
        self._place = PurePath(
            os.path.relpath(os.path.realpath(folder), os.path.realpath(git.root))
        )

    @property
    def place(self) -> str:
        return str(self._place)

    def shown(self, path: PurePath) -> str:
        return str(path)

    def check_access(self) -> None:
        """Nothing to check: it is only read."""

    def paths(self) -> list[PurePath]:
        found = self._git.run(
            "-C",
            str(self._git.root),
            "ls-files",
            "-z",
            "--",
            f":(literal){self._place.as_posix()}/",
        )
        names = [PurePath(name) for name in _names(found) if name.endswith(".yaml")]
        return sorted(path for path in names if path.parent == self._place)

    def _stamp(self, path: PurePath) -> str:
        return str(path)  # one look at one index

    def _text(self, path: PurePath) -> str:
        return staged_bytes(self._git, path.as_posix()).decode("utf-8", "replace")

    def _put(self, path: PurePath, text: str) -> Any:  # noqa: ARG002 - of the base class
        raise StoreError("What is staged is only read here.", where=self.shown(path))


def staged_files(git: Git) -> Callable[[Repository], PipelineFiles]:
    """Finds the pipeline directory of a repository as the next commit will hold it.

    Args:
        git: the work tree.

    Returns:
        A function of a repository whose pipeline directory is a folder.
    """

    def files_of(repository: Repository) -> PipelineFiles:
        return StagedFiles(git, repository.root / repository.config.pipelines_dir)

    return files_of
