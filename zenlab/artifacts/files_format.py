"""Files: a folder as it is. The digest is of the names and the bytes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.artifacts.manifest import Described, file_sha256, walk_files
from zenlab.core import canonical
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.artifacts.manifest import Stored

FORMAT = "files"
VERSION = 1

_FOLDER = "files"


def accepts(value: object) -> bool:
    """Whether the value is the path of a folder."""
    return isinstance(value, Path)


def write(value: Path, folder: Path) -> Described:
    """Copy what the folder holds. Empty folders are left out, links are refused."""
    if not value.is_dir():
        raise ArtifactError(
            "Only a folder of files can be stored.",
            where=str(value),
            hint="Make a folder and put the file into it; context.output_dir is one.",
        )
    walk_files(value)  # refuses links before anything is copied
    shutil.copytree(value, folder / _FOLDER)
    entries = digest_files(folder / _FOLDER)
    shown = [name for name, _ in entries][:50]
    return Described(
        FORMAT, VERSION, canonical.digest(entries), summary={"files": shown, "count": len(entries)}
    )


def read(stored: Stored, folder: Path, resolve: Callable[[str], type] | None) -> Path:  # noqa: ARG001 - as all formats
    """The folder with the files. It belongs to the store: copy it before changing anything."""
    return folder / _FOLDER


def digest_files(folder: Path) -> list[list[str]]:
    """Name and SHA-256 of each file, in the order of the names."""
    return [[name, file_sha256(file)] for name, file in walk_files(folder)]
