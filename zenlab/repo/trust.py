"""Whose code may run here: sources that this user declared or confirmed.

One line a source in `.zenlab/trusted`, which is private to this clone: fingerprint, SHA-256 of the
text, name. A fingerprint alone would not do: it is told from code that is loaded, so a text has to
be executed before anybody knows whether it has it, and the store may give another text tomorrow.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Trusted:
    """The trusted sources of a clone.

    Args:
        path: the file that keeps them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[tuple[str, str]] | None = None

    def covers(self, fingerprint: str, source: str) -> bool:
        """Whether exactly this text was declared or confirmed under a fingerprint.

        Args:
            fingerprint: that it is stored under.
            source: the text that would be executed.
        """
        return (fingerprint, _digest(source)) in self._load()

    def add(self, sources: Mapping[str, tuple[str, str]]) -> None:
        """Remember sources for good.

        Args:
            sources: fingerprint -> (name, source).
        """
        known = self._load()
        new = {
            (mark, digest): " ".join(name.split())
            for mark, (name, source) in sources.items()
            if (mark, digest := _digest(source)) not in known
        }
        if not new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(f"{mark} {digest} {name}\n" for (mark, digest), name in new.items())
        known.update(new)

    def _load(self) -> set[tuple[str, str]]:
        if self._known is None:
            try:
                lines = self._path.read_text(encoding="utf-8").splitlines()
            except FileNotFoundError:
                lines = []
            # An early zenlab wrote no digest; its lines have a name there, and cover nothing.
            parts = (line.split(" ", 2) for line in lines)
            self._known = {(part[0], part[1]) for part in parts if len(part) > 1}
        return self._known


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
