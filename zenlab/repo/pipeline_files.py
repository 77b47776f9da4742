"""The pipeline directory: one YAML file a pipeline."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from itertools import takewhile
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import AlreadyExistsException, ParameterError, StoreError, ZenlabError
from zenlab.core.files import write_atomically
from zenlab.pipelines.conflict import conflict_error, conflict_in
from zenlab.pipelines.diff import differences
from zenlab.pipelines.document import dump, load, slug
from zenlab.pipelines.spec import EditedError, PipelineSpec, from_document, from_record
from zenlab.repo.step_files import SUFFIX, read_steps, write_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import PurePath

    from zenlab.repo.git import GitTree
    from zenlab.repo.step_files import Section

_MAX_NAME = 200
_MOST_CHANGES = 12


class PipelineFiles(ABC):
    """The files of a pipeline directory, wherever it is.

    Args:
        folder: the part of all their paths.
    """

    shared: bool = False
    """Whether colleagues write the same files, and not copies of them."""

    def __init__(self, folder: PurePath) -> None:
        self._folder = folder
        self._read: dict[PurePath, tuple[Any, PipelineSpec]] = {}

    @property
    @abstractmethod
    def place(self) -> str:
        """The folder or the URL, to be shown."""

    @abstractmethod
    def shown(self, path: PurePath) -> str:
        """A file of it, to be shown."""

    @abstractmethod
    def check_access(self) -> None:
        """Whether pipeline files can be read and written here. Nothing stays.

        Raises:
            StoreError: they cannot; the message says why.
        """

    @abstractmethod
    def paths(self) -> list[PurePath]:
        """All files that may be pipelines, by name."""

    @abstractmethod
    def _stamp(self, path: PurePath) -> Any:
        """What differs when a file has changed; FileNotFoundError if there is none."""

    @abstractmethod
    def _text(self, path: PurePath) -> str:
        """The content of a file."""

    @abstractmethod
    def _put(self, path: PurePath, text: str) -> Any:
        """Write a file, whole or not at all; its new stamp."""

    def committed(self, name: str, git: GitTree) -> str | None:  # noqa: ARG002 - of subclasses
        """The text of a pipeline's file in Git's HEAD, or None."""
        return None

    def sources(self) -> dict[str, str]:
        """The source of notebook code that lies beside the files, by fingerprint."""
        return {}

    def keep_sources(self, name: str, sections: Sequence[Section]) -> None:  # noqa: B027
        """Write the source of a pipeline's notebook code beside its file, if Git takes it along.

        Args:
            name: of the pipeline.
            sections: all of it; none: there is no such file.
        """

    def path(self, name: str) -> PurePath:
        """The path of a pipeline's file, whether it is there or not."""
        return self._folder / f"{slug(name)}.yaml"

    def find(self, name: str) -> PipelineSpec | None:
        """The pipeline of a name, or None.

        Raises:
            ParameterError: its file is not a pipeline file, or was edited by hand.
            AlreadyExistsException: Git has not merged the files of two branches.
        """
        path = self.path(name)
        try:
            spec = self.read(path)
        except FileNotFoundError:
            return None
        return spec if spec.name == name else None

    def read(self, path: PurePath) -> PipelineSpec:
        """The pipeline of a file; parsed again only when the file has changed.

        Raises:
            FileNotFoundError: there is no such file.
            ParameterError: it is not a pipeline file, or was edited by hand.
            AlreadyExistsException: Git has not merged the files of two branches.
        """
        stamp = self._stamp(path)
        known = self._read.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        where = self.shown(path)
        text = self._text(path)
        conflict = conflict_in(text)
        if conflict is not None:
            raise conflict_error(conflict, where, self._in_commands(path), self._sides(path))
        file = quote(self._in_commands(path))
        try:
            spec = from_document(load(text, where), where, file)
        except EditedError as error:
            line, changes = self._edits(error.spec, text, path)
            place = f"{where}, line {line}" if line else where
            raise EditedError(error.spec, place, file, changes) from None
        self._read[path] = (stamp, spec)
        return spec

    def _in_commands(self, path: PurePath) -> str:
        """A file as a command names it that is given in the working directory."""
        return self.shown(path)

    def _sides(self, path: PurePath) -> tuple[str, str] | None:  # noqa: ARG002 - of subclasses
        """The whole files of a merge that is not finished, as Git has them."""
        return None

    def _edits(self, edited: PipelineSpec, text: str, path: PurePath) -> tuple[int, list[str]]:  # noqa: ARG002
        """The first line that was edited, 0 if nobody knows, and what changed by it."""
        return 0, []

    def write(self, spec: PipelineSpec) -> PurePath:
        """Write a pipeline's file, whole or not at all.

        Raises:
            AlreadyExistsException: the file belongs to a pipeline of another name, or somebody
                else has written it since it was read.
        """
        path = self.path(spec.name)
        self.check_name(spec.name)
        # Each edit of a cell writes a file, and the next run asks for it: it need not be parsed.
        self._read[path] = (self._put(path, dump(spec.to_document())), spec)
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
                where=self.shown(path),
                hint="Use a name that differs in more than case and blanks.",
            )

    def all(self) -> tuple[list[PipelineSpec], dict[PurePath, ZenlabError]]:
        """All pipelines by name, and what is wrong with the files that could not be read."""
        found: list[PipelineSpec] = []
        broken: dict[PurePath, ZenlabError] = {}
        for path in self.paths():
            try:
                spec = self.read(path)
                self._check_place(spec, path)
                found.append(spec)
            except FileNotFoundError:
                broken[path] = ParameterError("It is a link to nothing.", where=self.shown(path))
            except ZenlabError as error:
                broken[path] = error
        return sorted(found, key=lambda spec: spec.name), broken

    def _check_place(self, spec: PipelineSpec, path: PurePath) -> None:
        """Refuse a file that nobody would find by its pipeline's name: two could have one name."""
        right = self.path(spec.name)
        if right.name != path.name:
            raise ParameterError(
                f"It holds the pipeline '{spec.name}', whose file is {right.name}.",
                where=self.shown(path),
                hint=f"If it is a copy, give it another name inside. If not: git mv {path.name} "
                f"{right.name}",
            )


class FolderFiles(PipelineFiles):
    """Pipeline files in a folder, which is in Git as a rule.

    Args:
        folder: the pipeline directory; made when the first file is written.
        git: gives the work tree, to tell what was edited or not merged; None: nobody tells.
    """

    def __init__(self, folder: Path, git: Callable[[], GitTree] | None = None) -> None:
        super().__init__(folder)
        self.folder = folder
        self._git = git
        self._kept: dict[Path, tuple[Any, dict[str, str]]] = {}

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def shown(self, path: PurePath) -> str:
        return str(path)

    def committed(self, name: str, git: GitTree) -> str | None:
        return git.committed(Path(self.path(name)))

    def sources(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            found.update(self._sources_at(path))
        return found

    def _sources_at(self, path: Path) -> dict[str, str]:
        try:
            stamp = self._stamp(path)
            known = self._kept.get(path)
            if known is None or known[0] != stamp:
                known = self._kept[path] = (stamp, read_steps(self._text(path)))
        except (OSError, ParameterError):  # none is there, or it is no text
            return {}
        return known[1]

    def keep_sources(self, name: str, sections: Sequence[Section]) -> None:
        path = self.folder / f"{slug(name)}{SUFFIX}"
        if not sections:
            path.unlink(missing_ok=True)
            return
        text = write_steps(name, self.path(name).name, sections)
        # By content: another zenlab's words at the top are no reason for a diff.
        if self._sources_at(path) != read_steps(text):
            write_atomically(path, text)

    def check_access(self) -> None:
        folder = next(p for p in (self.folder, *self.folder.parents) if p.exists())
        if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(
                "The pipeline directory cannot be written.",
                where=str(folder),
                hint="Check that it is a folder, and that you may write to it.",
            )

    def paths(self) -> list[PurePath]:
        return sorted(self.folder.glob("*.yaml"))

    def _stamp(self, path: PurePath) -> tuple[int, int, int]:
        stat = os.stat(path)  # noqa: PTH116 - at every run, and it takes a third of pathlib's
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _text(self, path: PurePath) -> str:
        try:
            return Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ParameterError(f"The file is not UTF-8: {error}.", where=str(path)) from None
        except OSError as error:
            reason = error.strerror or error
            raise ParameterError(f"The file cannot be read: {reason}.", where=str(path)) from None

    def _in_commands(self, path: PurePath) -> str:
        short = os.path.relpath(path)
        return str(path) if short.startswith("..") else Path(short).as_posix()

    def _sides(self, path: PurePath) -> tuple[str, str] | None:
        return self._git().sides(Path(path)) if self._git is not None else None

    def _edits(self, edited: PipelineSpec, text: str, path: PurePath) -> tuple[int, list[str]]:
        before = self._git().committed(Path(path)) if self._git is not None else None
        if before is None:
            return 0, []
        old, new = before.splitlines(), text.splitlines()
        same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
        )
        try:
            changes = differences(from_record(load(before), ""), edited)
        except ParameterError:
            changes = []
        return same + 1, changes[:_MOST_CHANGES]

    def _put(self, path: PurePath, text: str) -> tuple[int, int, int]:
        write_atomically(Path(path), text)
        return self._stamp(path)
