"""What zenlab asks of Git: where the work tree is, what is committed, who works here.

Only reading, by libgit2: no command is started, and nothing of the user's tree is touched.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any


class GitTree:
    """The Git work tree around a folder, or none.

    Args:
        folder: any folder.
    """

    def __init__(self, folder: Path) -> None:
        self.problem: str | None = None
        self._repo: Any = self._open(folder)

    def _open(self, folder: Path) -> Any:
        try:
            import pygit2
        except ImportError as error:
            self.problem = f"pygit2 cannot be imported ({error})"
            return None
        found = pygit2.discover_repository(str(folder))
        if found is None:
            self.problem = "this is not a Git repository"
            return None
        try:
            repo = pygit2.Repository(found)
        except pygit2.GitError as error:
            # Such as a repository that belongs to another user: Git itself refuses it, too.
            self.problem = f"Git refuses this repository: {error}"
            return None
        if repo.workdir is None:
            self.problem = "this is a bare Git repository"
            return None
        return repo

    @property
    def root(self) -> Path | None:
        """The folder of the work tree."""
        return Path(self._repo.workdir) if self._repo is not None else None

    def head(self) -> str | None:
        """The commit that is checked out, as 40 digits; None before the first one."""
        if self._repo is None or self._repo.head_is_unborn:
            return None
        return str(self._repo.head.target)

    def committed(self, path: Path) -> str | None:
        """The text of a file as it is in HEAD, or None if HEAD has no such file.

        Args:
            path: in the work tree; the file itself need not exist.
        """
        if self.head() is None or self.root is None:
            return None
        name = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))
        tree = self._repo.head.peel().tree
        try:
            blob = tree[Path(name).as_posix()]
        except KeyError:
            return None
        data: bytes = blob.data
        return data.decode("utf-8", errors="replace")

    def user(self) -> str:
        """Who works here: `Name <email>` of Git, else JupyterHub's user, else the system's."""
        name = self._setting("user.name")
        email = self._setting("user.email")
        if name and email:
            return f"{name} <{email}>"
        return name or email or os.environ.get("JUPYTERHUB_USER") or _system_user()

    def _setting(self, name: str) -> str | None:
        try:
            if self._repo is not None:
                config = self._repo.config
            else:
                import pygit2

                config = pygit2.Config.get_global_config()
            return str(config[name])
        except (KeyError, OSError, ImportError):
            return None


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user id has no name
        return f"uid {os.getuid()}"
