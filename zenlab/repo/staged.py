"""What the next commit will hold: notebooks and pipeline files as they are staged.

Git itself is asked, not libgit2: a hook runs where Git is, and only Git knows all the forms that
an index has (the temporary one of `git commit FILE`, split and sparse ones).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ZenlabError
from zenlab.repo.pipeline_files import PipelineFiles

if TYPE_CHECKING:
    from zenlab.repo.repository import Repository


class Git:
    """The `git` command in a folder.

    Args:
        folder: in a work tree.

    Raises:
        ZenlabError: there is no `git`, or no work tree.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = self.run("rev-parse", "--show-toplevel")
        self.root = Path(os.fsdecode(found.removesuffix(b"\n")))

    def run(self, *words: str, check: bool = True) -> bytes:
        """What a command prints.

        Args:
            *words: of the command, without `git`.
            check: whether a failure is an error; if not, it prints nothing.

        Raises:
            ZenlabError: it fails; the message is Git's.
        """
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and words of ours
                ["git", *words],  # noqa: S607 - the user's Git is the one on their PATH
                cwd=self._folder,
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise ZenlabError(
                "The command 'git' is not found.", hint="Install Git, or add it to PATH."
            ) from None
        if done.returncode == 0:
            return done.stdout
        if not check:
            return b""
        said = done.stderr.decode("utf-8", "replace").strip()
        raise ZenlabError(
            f"Git says: {said.removeprefix('fatal: ') or f'error {done.returncode}'}",
            where=str(self._folder),
            hint="Run the command inside a Git work tree.",
        )


def staged_notebooks(git: Git) -> list[str]:
    """The notebooks that the next commit adds or changes, relative to the work tree's root."""
    found = git.run(
        "-C",
        str(git.root),
        "diff",
        "--cached",
        "--name-only",
        "--no-renames",
        "--no-ext-diff",
        "--diff-filter=ACMT",
        "-z",
        "--",
        ":(icase)*.ipynb",
    )
    return [name for name in _names(found) if ".ipynb_checkpoints" not in PurePosixPath(name).parts]


def staged_bytes(git: Git, name: str) -> bytes:
    """The content of a file as it is staged.

    Args:
        git: the work tree.
        name: relative to its root.
    """
    return git.run("cat-file", "blob", f":{name}")


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

    @classmethod
    def of(cls, repository: Repository) -> PipelineFiles:
        """Those of a repository; of a bucket, whose files no commit holds, the bucket's."""
        if repository.files.shared:
            return repository.files
        return cls(Git(repository.root), repository.root / repository.config.pipelines_dir)

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

    def _put(self, path: PurePath, text: str) -> Any:
        raise NotImplementedError
