"""The part of a repository that knows which code is committed, and finds it again."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from zenlab.core.errors import CodeError
from zenlab.core.pinned import FOLDER
from zenlab.pipelines.declare import code_refs
from zenlab.pipelines.notebook_source import NOTEBOOK
from zenlab.repo.pipeline_files import FolderFiles
from zenlab.repo.step_files import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zenlab.engine.fingerprint import Fingerprint
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo.repository import Repository


class Pins:
    """What `Repository` offers of pinned code."""

    def pin(self, marks: Sequence[Fingerprint]) -> tuple[str | None, str]:
        """The commit that has all that some code reaches.

        Args:
            marks: the fingerprints of the code.

        Returns:
            HEAD, or None and why: which file is not committed as it is.
        """
        repository = self._repository()
        root, head = repository.code_root, repository.head()
        for mark in marks:
            files = _files_of(mark, root)
            if files is None:
                return None, "was written in a notebook"
            for file in files:
                reason = repository.git.uncommitted(file, head)
                if reason:
                    return None, f"{_shown(file, root)} {reason}"
        return head, ""

    def has_commit(self, sha: str) -> bool:
        """Whether a commit is in this clone."""
        return self._repository().git.has_commit(sha)

    def pinned_code(self, source: str, sha: str) -> Any:
        """A class or function as it is in a commit; see `zenlab.repo.pinned`.

        Args:
            source: `module.Name`.
            sha: 40 digits.

        Raises:
            CodeError: the commit is not here, or has no such code.
        """
        from zenlab.repo.pinned import load

        repository = self._repository()
        commit = repository.git.commit(sha)
        return load(commit, source, repository.root / FOLDER, _roots(repository.code_root))

    def code_home(self, sha: str) -> tuple[str, dict[str, Any]] | None:
        """The package of a commit's modules, and the builtins by which they import each other.

        Returns:
            None if the commit is not here.
        """
        from zenlab.repo.pinned import tree_of

        repository = self._repository()
        try:
            commit = repository.git.commit(sha)
        except CodeError:
            return None
        tree = tree_of(commit, repository.root / FOLDER, _roots(repository.code_root))
        return tree.package, tree.builtins()

    def commit_of(self, name: str) -> str | None:
        """The commit in which the file of a pipeline became what it is in HEAD, or None."""
        repository = self._repository()
        if not isinstance(repository.files, FolderFiles):
            return None
        from zenlab.repo.history import last_change
        from zenlab.repo.revisions import text_of

        committed = repository.files.committed(name, repository.git)
        if committed is None:
            return None
        text = text_of(committed.encode())
        return last_change(Path(repository.files.path(name)), repository.git, text.__eq__)

    def kept_source(self, code: str) -> str | None:
        """The source of a notebook's function or class that lies beside a pipeline's file.

        Args:
            code: its fingerprint.
        """
        return self._repository().files.sources().get(code)

    def keep_sources(self, spec: PipelineSpec, sources: Mapping[str, tuple[str, str]]) -> None:
        """Write the source of a pipeline's notebook code beside its file.

        Args:
            spec: the pipeline.
            sources: fingerprint -> (name, source) of what was declared here. What a copy has of
                its origin is looked for where it is kept.
        """
        repository = self._repository()
        wanted = {
            code: (slot, source.removeprefix(NOTEBOOK))
            for slot, step in spec.steps.items()
            for source, code in [(step.source, step.code), *code_refs(step.args)]
            if code is not None and source.startswith(NOTEBOOK)
        }
        sections: list[Section] = []
        for code, (slot, name) in wanted.items():
            text = sources[code][1] if code in sources else self._found_source(code)
            if text is None:
                return  # half of it would help nobody, and what lies there may be whole
            sections.append(Section(slot, name, code, text))
        repository.files.keep_sources(spec.name, sections)

    def _found_source(self, code: str) -> str | None:
        kept = self.kept_source(code)
        if kept is not None:
            return kept
        record = self._repository().metadata.code(code)
        # What lies beside the files may run: nothing gets there from the store unconfirmed.
        if record is None or not self._repository().trusted_code(code, record.source):
            return None
        return record.source

    def _repository(self) -> Repository:
        return cast("Repository", self)


_MOST = 512
_files: dict[int, tuple[Fingerprint, list[Path] | None]] = {}


def _files_of(mark: Fingerprint, root: Path) -> list[Path] | None:
    """As `reach.files_of`, remembered for a fingerprint, which is one object while it holds."""
    known = _files.get(id(mark))
    if known is None or known[0] is not mark:
        from zenlab.repo.reach import files_of

        if len(_files) >= _MOST:
            _files.clear()
        found = files_of(mark, root)
        known = _files[id(mark)] = (mark, None if found is None else sorted(found))
    return known[1]


def _shown(file: Path, root: Path) -> str:
    try:
        return file.relative_to(root).as_posix()
    except ValueError:
        return str(file)


def _roots(root: Path) -> list[str]:
    """The folders of the repository that modules are found in here, then the usual ones."""
    found: list[str] = []
    for entry in sys.path:
        relative = os.path.relpath(os.path.realpath(entry or "."), os.path.realpath(root))
        if relative == ".":
            found.append("")
        elif not relative.startswith("..") and not Path(relative).is_absolute():
            found.append(Path(relative).as_posix())
    return list(dict.fromkeys([*found, "", "src"]))
