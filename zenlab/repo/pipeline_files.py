"""The pipeline directory: one YAML file a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.core.errors import AlreadyExistsException, ParameterError, ZenlabError
from zenlab.core.files import write_atomically
from zenlab.pipelines.document import dump, load, slug
from zenlab.pipelines.spec import PipelineSpec, from_document

if TYPE_CHECKING:
    from pathlib import Path

_MAX_NAME = 200


class PipelineFiles:
    """Pipeline files in a folder.

    Args:
        folder: the pipeline directory; made when the first file is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[tuple[int, int, int], PipelineSpec]] = {}

    def path(self, name: str) -> Path:
        """Where the file of a pipeline lies, or would."""
        return self.folder / f"{slug(name)}.yaml"

    def find(self, name: str) -> PipelineSpec | None:
        """The pipeline of a name, or None.

        Raises:
            ParameterError: its file is not a pipeline file, or was edited by hand.
        """
        path = self.path(name)
        try:
            spec = self.read(path)
        except FileNotFoundError:
            return None
        return spec if spec.name == name else None

    def read(self, path: Path) -> PipelineSpec:
        """The pipeline of a file; parsed again only when the file has changed.

        Raises:
            FileNotFoundError: there is no such file.
            ParameterError: it is not a pipeline file, or was edited by hand.
        """
        stamp = _stamp(path)
        known = self._read.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ParameterError(f"The file is not UTF-8: {error}.", where=str(path)) from None
        spec = from_document(load(text, str(path)), str(path))
        self._read[path] = (stamp, spec)
        return spec

    def write(self, spec: PipelineSpec) -> Path:
        """Write a pipeline's file, whole or not at all.

        Raises:
            AlreadyExistsException: the file belongs to a pipeline of another name.
        """
        path = self.path(spec.name)
        self.check_name(spec.name)
        write_atomically(path, dump(spec.to_document()))
        # Each edit of a cell writes a file, and the next run asks for it: it need not be parsed.
        self._read[path] = (_stamp(path), spec)
        return path

    def check_name(self, name: str) -> None:
        """Refuse a name that cannot be a pipeline's, or would share another one's file.

        Raises:
            ParameterError: it is empty, too long, or has control characters.
            AlreadyExistsException: its file belongs to a pipeline of a similar name.
        """
        if not name.strip() or name != name.strip() or len(name) > _MAX_NAME:
            raise ParameterError(
                f"{name!r} is not a name for a pipeline.",
                where="name",
                hint=f"Use 1 to {_MAX_NAME} characters, with none blank at the ends.",
            )
        if not name.isprintable():
            raise ParameterError(
                f"The pipeline's name {name!r} has characters that cannot be shown.", where="name"
            )
        head, mark, number = name.rpartition("#")
        if mark and head and number.isdigit():
            raise ParameterError(
                f"The pipeline's name '{name}' ends like a revision's.",
                where="name",
                hint=f"'{head}#{number}' means revision {number} of '{head}'. Use another name.",
            )
        path = self.path(name)
        try:
            other = self.read(path).name
        except (FileNotFoundError, ParameterError):
            return
        if other != name:
            raise AlreadyExistsException(
                f"The name '{name}' is too close to '{other}': both would lie in {path.name}.",
                where=str(path),
                hint="Use a name that differs in more than case and blanks.",
            )

    def all(self) -> tuple[list[PipelineSpec], dict[Path, ZenlabError]]:
        """All pipelines by name, and what is wrong with the files that could not be read."""
        found: list[PipelineSpec] = []
        broken: dict[Path, ZenlabError] = {}
        for path in sorted(self.folder.glob("*.yaml")):
            try:
                found.append(self.read(path))
            except ZenlabError as error:
                broken[path] = error
        return sorted(found, key=lambda spec: spec.name), broken


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
