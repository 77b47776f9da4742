"""A pipeline directory in an object store: the same files, each written under a condition.

Two who save one pipeline at the same moment collide with an error, and neither's work is lost: the
file is the first one's, and what the second has declared is a revision in the metadata store.

"Frozen by a Git commit" does not exist here. A pipeline is frozen by others' runs; and the draft of
a colleague, which in Git would lie in their own clone, is theirs as long as it is a draft.
"""

from __future__ import annotations

import time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import AlreadyExistsException, ParameterError
from zenlab.repo.conditional import Collision, Objects, open_objects
from zenlab.repo.pipeline_files import PipelineFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

MOMENT_S = 1.0
"""For how long a generation is believed, in seconds: one command asks for a file several times. A
write that comes from an old generation fails, so this can cost an error, and no work."""


class BucketFiles(PipelineFiles):
    """Pipeline files in an object store.

    Args:
        url: such as `gs://bucket/folder`.
        options: arguments of the client.
    """

    shared = True

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        super().__init__(PurePosixPath())
        self._url = url
        self._options = dict(options)
        self._objects: Objects | None = None
        self._seen: dict[str, tuple[float, str | None]] = {}

    @property
    def objects(self) -> Objects:
        """The store, opened when it is first asked."""
        if self._objects is None:
            self._objects = open_objects(self._url, self._options)
        return self._objects

    @property
    def place(self) -> str:
        """The URL."""
        return self.objects.url

    def shown(self, path: PurePath) -> str:
        return f"{self.place}/{path.name}"

    def check_access(self) -> None:
        self.objects.names()
        self.objects.check()

    def paths(self) -> list[PurePath]:
        now = time.monotonic()
        found = self.objects.names()
        self._seen = {name: (now, generation) for name, generation in found.items()}
        return [PurePosixPath(name) for name in sorted(found) if name.endswith(".yaml")]

    def _stamp(self, path: PurePath) -> str:
        known = self._seen.get(path.name)
        if known is None or time.monotonic() - known[0] > MOMENT_S:
            known = time.monotonic(), self.objects.generation(path.name)
            self._seen[path.name] = known
        if known[1] is None:
            self._read.pop(path, None)
            raise FileNotFoundError(path.name)
        return known[1]

    def _text(self, path: PurePath) -> str:
        # After its generation: what was written in between is newer than its stamp, and a write
        # that comes from it fails. The other way round it would be overwritten.
        data = self.objects.read(path.name)
        if data is None:
            raise FileNotFoundError(path.name)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParameterError(
                f"The file is not UTF-8: {error}.", where=self.shown(path)
            ) from None

    def _put(self, path: PurePath, text: str) -> str:
        known = self._read.get(path)
        generation = known[0] if known is not None else self._seen.get(path.name, (0.0, None))[1]
        try:
            new = self.objects.write(path.name, text.encode(), generation)
        except Collision:
            raise AlreadyExistsException(
                f"Somebody else has saved or deleted {path.name} since it was read here. Theirs is "
                "kept; what you have declared is a revision in the metadata store.",
                where=self.shown(path),
                hint="Run again: it is compared with theirs then. To keep both, give yours another "
                "name.",
            ) from None
        finally:
            self._seen.pop(path.name, None)
            self._read.pop(path, None)
        self._seen[path.name] = time.monotonic(), new
        return new
