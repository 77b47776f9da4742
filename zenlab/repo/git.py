"""What zenlab asks of Git: where the work tree is, what is committed, who works here.

Only reading, by libgit2: no command is started, and nothing of the user's tree is touched.
"""

from __future__ import annotations

import getpass
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError

if TYPE_CHECKING:
    from zenlab.repo.commits import Commit

MAX_FILES = 50_000
"""In a larger work tree nobody looks whether it is clean: that would take longer than a run."""

_TAKEN_OVER = ("refs/heads/", "refs/remotes/", "refs/tags/")
"""What somebody here has named; `refs/pull/` may hold anybody's code."""

_AMORTISED = 20
"""A clean tree is looked at again after so many times of what the look took: at most 5 %."""


@dataclass(frozen=True)
class _Looked:
    """What a look at the work tree has found.

    Attributes:
        stamp: HEAD and the index at that time.
        witness: a file that differs, and how it was; None if the tree was clean.
        until: for how long "clean" is believed, by the monotonic clock.
    """

    stamp: tuple[str | None, int, int, int]
    witness: tuple[str, tuple[int, ...]] | None
    until: float


class GitTree:
    """The Git work tree around a folder, or none.

    Args:
        folder: any folder.
    """

    def __init__(self, folder: Path) -> None:
        self.problem: str | None = None
        self._repo: Any = self._open(folder)
        self._looked: _Looked | None = None
        self._files: dict[Path, tuple[tuple[object, ...], str]] = {}

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

    @property
    def objects(self) -> Any:
        """The `pygit2.Repository` of the work tree, for who reads its history; None without Git."""
        return self._repo

    def head(self) -> str | None:
        """The commit that is checked out, as 40 digits; None before the first one."""
        if self._repo is None or self._repo.head_is_unborn:
            return None
        return str(self._repo.head.target)

    def committed(self, path: Path) -> str | None:
        """The text of a file as it is in HEAD, whatever its line ends; None if HEAD has none.

        Args:
            path: in the work tree; the file itself need not exist.
        """
        from zenlab.repo.revisions import text_of

        if self.head() is None or self.root is None:
            return None
        name = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))
        tree = self._repo.head.peel().tree
        try:
            blob = tree[Path(name).as_posix()]
        except KeyError:
            return None
        return text_of(blob.data) if blob.type_str == "blob" else None

    def commit(self, sha: str) -> Commit:
        """A commit, whose code may run here: it is part of a branch or a tag of this clone.

        Args:
            sha: 40 digits.

        Raises:
            CodeError: it is not here, or nobody has taken it over: a pull request of a stranger
                may have been fetched.
        """
        from zenlab.repo.commits import Commit

        if not self.has_commit(sha):
            raise CodeError(
                f"Commit {sha[:12]} is not in this clone.",
                where=sha,
                hint="Fetch it: git fetch --unshallow"
                if self._repo is not None and self._repo.is_shallow
                else f"Fetch it: git fetch --all, or git fetch origin {sha}. Its author may not "
                "have pushed it, or has rebased it away.",
            )
        if not self._is_taken_over(sha):
            raise CodeError(
                f"Commit {sha[:12]} is in no branch and no tag of this clone, so its code is not "
                "run.",
                where=sha,
                hint=f"If you trust it, give it a name: git tag trusted-{sha[:7]} {sha[:12]}",
            )
        return Commit(self._repo, sha)

    def _is_taken_over(self, sha: str) -> bool:
        import pygit2

        wanted = pygit2.Oid(hex=sha)
        names = [name for name in self._repo.references if name.startswith(_TAKEN_OVER)]
        for name in ["HEAD", *names]:  # nearly always, HEAD has it
            try:
                tip = self._repo.revparse_single(name).peel(pygit2.Commit).id
            except (pygit2.GitError, KeyError, ValueError):  # no commit yet, a tag of a file
                continue
            if tip == wanted or self._repo.descendant_of(tip, wanted):
                return True
        return False

    def has_commit(self, sha: str) -> bool:
        """Whether a commit is in this clone.

        Args:
            sha: 40 digits.
        """
        if self._repo is None:
            return False
        import pygit2

        return isinstance(self._repo.get(sha), pygit2.Commit)

    def uncommitted(self, path: Path, head: str | None) -> str:
        """Why a file is not in HEAD as it is in the work tree; "" if it is.

        Git is asked once per process and state of the file.

        Args:
            path: a file.
            head: what `head()` says.
        """
        try:
            stat = os.stat(path)  # noqa: PTH116 - at every run, and it takes a third of pathlib's
        except OSError:
            return "is not there any more"
        stamp = (head, stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self._files.get(path)
        if known is None or known[0] != stamp:
            known = self._files[path] = (stamp, self._uncommitted(path, head))
        return known[1]

    def _uncommitted(self, path: Path, head: str | None) -> str:
        import pygit2

        if self.root is None:
            return f"cannot be looked for in Git: {self.problem}"
        if head is None:
            return "is not committed"
        name = Path(os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))).as_posix()
        if name.startswith("../") or Path(name).is_absolute():
            return "lies outside of the Git repository"
        tree = self._repo[head].peel(pygit2.Commit).tree
        above = name.split("/")
        for end in range(1, len(above) + 1):
            try:
                entry = tree["/".join(above[:end])]
            except KeyError:
                return "is not committed"
            if entry.type_str == "commit":
                return f"lies in the submodule {'/'.join(above[:end])}"
        try:
            changed = self._repo.status_file(name) != pygit2.GIT_STATUS_CURRENT
        except (KeyError, pygit2.GitError):
            return "is not committed"
        return "has changes that are not committed" if changed else ""

    def clean(self) -> bool | None:
        """Whether the files that Git knows are those of HEAD; files that it does not know are not.

        Asked at every run, so it is cheap: a tree that differs is believed to differ as long as
        one file that did is untouched, and a look at a clean one is used for a moment.

        Returns:
            None where nobody can tell: no Git, no commit, a tree of too many files.
        """
        if self._repo is None:
            return None
        try:
            index = os.stat(f"{self._repo.path}index")  # noqa: PTH116 - takes a third of pathlib
        except OSError:
            return None
        stamp = (self.head(), index.st_mtime_ns, index.st_size, index.st_ino)
        known = self._looked
        if known is not None and known.stamp == stamp:
            if known.witness is not None:
                if self._state(known.witness[0]) == known.witness[1]:
                    return False
            elif time.monotonic() < known.until:
                return True
        self._looked = self._look(stamp)
        return self._looked.witness is None if self._looked is not None else None

    def _look(self, stamp: tuple[str | None, int, int, int]) -> _Looked | None:
        import pygit2

        if stamp[0] is None or _entries(f"{self._repo.path}index") > MAX_FILES:
            return None
        start = time.monotonic()
        try:
            changed = sorted(self._repo.status(untracked_files="no", ignored=False))
        except (pygit2.GitError, OSError, ValueError):
            return None
        now = time.monotonic()
        witness = (changed[0], self._state(changed[0])) if changed else None
        return _Looked(stamp, witness, now + _AMORTISED * (now - start))

    def _state(self, name: str) -> tuple[int, ...]:
        try:
            found = os.lstat(f"{self._repo.workdir}{name}")
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def sides(self, path: Path) -> tuple[str, str] | None:
        """Both files of a merge that is not finished, ours and theirs.

        Args:
            path: in the work tree.

        Returns:
            None where Git has merged the file, or one side has none.
        """
        if self._repo is None or self.root is None:
            return None
        self._repo.index.read()
        name = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))
        try:
            _, ours, theirs = self._repo.index.conflicts[Path(name).as_posix()]
            texts = [
                self._repo[entry.id].data.decode("utf-8", "replace") for entry in (ours, theirs)
            ]
        except (KeyError, TypeError, AttributeError):  # no conflict at all, none here, one side
            return None
        return texts[0], texts[1]

    def unmerged(self) -> set[Path]:
        """The files of a merge that is not finished."""
        if self._repo is None or self.root is None:
            return set()
        self._repo.index.read()
        entries = [e for found in self._repo.index.conflicts or () for e in found if e is not None]
        return {self.root / entry.path for entry in entries}

    def ignores(self, path: Path) -> bool:
        """Whether Git ignores a file; also where there is no Git.

        Args:
            path: in the work tree; the file itself need not exist.
        """
        if self._repo is None or self.root is None:
            return True
        name = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))
        return bool(self._repo.path_is_ignored(Path(name).as_posix()))

    def user(self) -> str:
        """Who works here: `Name <email>` of Git, else JupyterHub's user, else the system's."""
        return self.identity()[0]

    def identity(self) -> tuple[str, str]:
        """Who works here, and who says so: `git`, `JupyterHub` or `the system`."""
        name = self._setting("user.name")
        email = self._setting("user.email")
        if name or email:
            return (f"{name} <{email}>" if name and email else str(name or email)), "git"
        hub = os.environ.get("JUPYTERHUB_USER")
        return (hub, "JupyterHub") if hub else (_system_user(), "the system")

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
        except UnicodeDecodeError:  # Git takes any bytes: a name may be in Latin-1
            values = [entry.raw_value for entry in config if entry.name == name]
            return values[-1].decode("utf-8", "replace") if values else None


def _entries(index: str) -> int:
    """How many files an index has: its header says it (`DIRC`, version, number)."""
    with Path(index).open("rb") as file:
        return int.from_bytes(file.read(12)[8:], "big")


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user id has no name
        return f"uid {os.getuid()}"
