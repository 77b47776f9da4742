"""The `git` command: for what libgit2 does not know, such as temporary indexes and hooks.

All else that zenlab asks of Git is read by libgit2 (`zenlab.repo.git`), which starts no process.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from zenlab.core.errors import ZenlabError

_WHERE = "Run the command inside a Git work tree, or make one: git init"


class Git:
    r"""The `git` command in the work tree around a folder.

    Args:
        folder: in a work tree.

    Raises:
        ZenlabError: there is no `git`, or no work tree.

    Example:
        >>> Git(Path("notebooks")).ask("rev-parse", "HEAD")  # doctest: +SKIP
        'f5ccad1...'
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder
        found = self._said("rev-parse", "--show-toplevel", hint=_WHERE)
        # Commands run there: what a hook's environment names is relative to it.
        self.root = Path(os.fsdecode(found.removesuffix(b"\n")))

    def run(self, *words: str) -> bytes:
        """What a command prints.

        Args:
            *words: of the command, without `git`.

        Raises:
            ZenlabError: it fails; the message is Git's.
        """
        return self._said(*words)

    def ask(self, *words: str) -> str:
        """What a command prints, as text without the last line end; "" if it fails.

        Args:
            *words: of the command, without `git`.
        """
        code, printed, _ = self._run(words)
        return "" if code else os.fsdecode(printed).removesuffix("\n")

    def _said(self, *words: str, hint: str | None = None) -> bytes:
        code, printed, said = self._run(words)
        if code:
            raise ZenlabError(
                f"Git says: {said.removeprefix('fatal: ') or f'error {code}'}",
                where=str(self.root),
                # Of a repository of another user Git says itself what to do.
                hint=None if "safe.directory" in said else hint,
            )
        return printed

    def _run(self, words: tuple[str, ...]) -> tuple[int, bytes, str]:
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and words of ours
                ["git", *words],  # noqa: S607 - the user's Git is the one on their PATH
                cwd=self.root,
                capture_output=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise ZenlabError(
                "The command 'git' is not found.", hint="Install Git, or add it to PATH."
            ) from None
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()
