"""Models that bring `save(path)` and `load(path)`.

The class is recorded by its source (`module.Name`), and whoever reads says which class that is:
a name from a store is never imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.artifacts.files_format import digest_files
from zenlab.artifacts.manifest import Described
from zenlab.core import canonical
from zenlab.core.errors import ArtifactError, TrustError
from zenlab.core.pinned import qualified_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.artifacts.manifest import Stored

FORMAT = "custom"
VERSION = 1

_FOLDER = "object"
_NAME = "saved"


def accepts(value: object) -> bool:
    """Whether the value can save itself and its class can load it."""
    kind = type(value)
    return callable(getattr(kind, "save", None)) and callable(getattr(kind, "load", None))


def write(value: Any, folder: Path) -> Described:
    """Let the object save itself.

    `save` is given a path that does not exist yet, in an empty folder: it may make a file of
    it, a folder, or several files that begin with it. The digest is of these files.
    """
    target = folder / _FOLDER
    target.mkdir()
    try:
        value.save(target / _NAME)
    except (FileNotFoundError, NotADirectoryError) as error:
        # Not the disk: `save` took the path for a folder that is there.
        raise ArtifactError(
            f"{type(value).__name__}.save(path) failed: {error}.",
            hint="The path does not exist yet: write a file there, or begin with path.mkdir().",
        ) from error
    entries = digest_files(target)
    if not entries:
        raise ArtifactError(
            f"{type(value).__name__}.save(path) wrote nothing.",
            hint="Write a file, or a folder with files, at the path that save() is given.",
        )
    source = qualified_name(value)
    return Described(
        FORMAT, VERSION, canonical.digest([source, entries]), summary={"class": source}
    )


def read(stored: Stored, folder: Path, resolve: Callable[[str], type] | None) -> Any:
    """Find the class and let it load the object."""
    source = str(stored.summary.get("class"))
    if resolve is None:
        raise TrustError(
            f"The model is a {source}, and nobody vouches for that class here.",
            where=stored.uri,
            hint="Read it through its pipeline: pipeline.model().",
        )
    kind: Any = resolve(source)
    return kind.load(folder / _FOLDER / _NAME)
