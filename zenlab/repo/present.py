"""What notebooks are compared with: the pipeline files around them, and this clone's store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import InitializationException, ZenlabError
from zenlab.repo.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePath

    from zenlab.pipelines.standing import Present
    from zenlab.repo.pipeline_files import PipelineFiles
    from zenlab.views.standing import Standing

    FilesOf = Callable[[Repository], PipelineFiles]

_PATIENCE_S = 3.0
"""A check waits no longer for a store: who has none is told what files alone can tell."""

_NO_SUBJECT = "it is of no pipeline"


def _files_of(repository: Repository) -> PipelineFiles:
    return repository.files


@dataclass
class PresentState:
    """Says of the panels of notebooks whether they are out of date: a `zenlab.hygiene.Now`.

    Args:
        stores: whether the metadata store is asked; if not, pipeline files are compared alone.
        files_of: which pipeline files count, such as those that are staged.
        root: what the paths of notebooks are relative to; by default the working directory.

    Example:
        >>> from zenlab.hygiene import check_notebook, chosen, read_notebook
        >>> now = PresentState()
        >>> check_notebook(read_notebook(Path("a.ipynb")), chosen(now=now))  # doctest: +SKIP
        >>> now.notes()
        []
    """

    stores: bool = True
    files_of: FilesOf = _files_of
    root: Path = field(default_factory=Path)
    _known: dict[Path, Present | str] = field(default_factory=dict)
    _unknown: Counter[str] = field(default_factory=Counter)

    def __call__(self, notebook: Any, payload: object) -> Standing:
        """How a stored panel stands to what its pipeline gives now.

        Args:
            notebook: a `zenlab.hygiene.Notebook`; its folder says which repository counts.
            payload: as the notebook has it.
        """
        from zenlab.views.standing import Standing

        present = self._present(self.root / notebook.path.parent)
        if isinstance(present, str):
            found = Standing("unknown", (present,))
        else:
            from zenlab.pipelines.standing import standing

            found = standing(payload, present)
        if found.state == "unknown":
            self._unknown.update(reason for reason in found.says if reason != _NO_SUBJECT)
        return found

    def notes(self) -> list[str]:
        """What could not be compared, and why: a line a reason."""
        return [
            f"not checked: results of {count} panel{'' if count == 1 else 's'}: {reason}."
            for reason, count in self._unknown.items()
        ]

    def _present(self, folder: Path) -> Present | str:
        """What is known in a folder; a text says why nothing is."""
        folder = folder.absolute()
        if folder not in self._known:
            self._known[folder] = self._find(folder)
        return self._known[folder]

    def _find(self, folder: Path) -> Present | str:
        from zenlab.pipelines.standing import Present

        try:
            repository = Repository(folder)
        except InitializationException:
            return "the notebook lies in no zenlab repository"
        except ZenlabError as error:
            return f"zenlab.yaml: {error.message}"
        if repository.root in self._known:
            return self._known[repository.root]
        try:
            if not self.stores and "://" in repository.config.pipelines_dir:
                return "the pipeline files lie in a bucket, which was not asked"
            specs, broken = self.files_of(repository).all()
            without = _no_store(repository) if self.stores else "pipeline files were compared alone"
            found: Present | str = Present(
                specs,
                repository.config.pipelines_dir,
                {_stem(path) for path in broken},
                repository if without is None else None,
                without or "",
            )
        except ZenlabError as error:
            found = f"the pipeline directory cannot be read ({error.message})"
        self._known[repository.root] = found
        return found


def _stem(path: PurePath) -> str:
    return path.name.removesuffix(".yaml")


def _no_store(repository: Repository) -> str | None:
    """Why the repository's metadata store cannot be asked; None if it can.

    A store that is not there is not made: a check changes nothing.
    """
    from zenlab.metadata import MetadataStore

    try:
        embedded = repository.config.metadata_store is None
        url = repository.config.metadata_url(repository.root)
        file = url.removeprefix("sqlite:///").partition("?")[0]
        if url.startswith("sqlite:") and not Path(file).exists():
            return "this clone's store has no run yet"
        probe = MetadataStore(url, patience_s=_PATIENCE_S, embedded=embedded)
        try:
            probe.runs(repository.project, limit=1)
        finally:
            probe.dispose()
    except ZenlabError as error:
        return f"the store cannot be asked ({error.message})"
    return None
