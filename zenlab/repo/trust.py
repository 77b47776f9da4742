"""Whose code may run here: fingerprints that this user declared or confirmed.

One line a fingerprint in `.zenlab/trusted`, which is private to this clone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Trusted:
    """The trusted fingerprints of a clone.

    Args:
        path: the file that keeps them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[str] | None = None

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self._load()

    def add(self, fingerprints: Mapping[str, str]) -> None:
        """Remember fingerprint -> name, for good."""
        known = self._load()
        new = {mark: name for mark, name in fingerprints.items() if mark not in known}
        if not new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(f"{mark} {' '.join(name.split())}\n" for mark, name in new.items())
        known.update(new)

    def _load(self) -> set[str]:
        if self._known is None:
            try:
                lines = self._path.read_text(encoding="utf-8").splitlines()
            except FileNotFoundError:
                lines = []
            self._known = {line.partition(" ")[0] for line in lines if line}
        return self._known
