"""`Repository`: the folder of `zenlab.yaml`, with its stores, pipelines and datasources."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import (
    DoesNotExistException,
    InitializationException,
    suggest,
)
from zenlab.repo.comparing import Comparisons
from zenlab.repo.config import CONFIG_FILE, PRIVATE_DIR, Config, read_config
from zenlab.repo.git import GitTree
from zenlab.repo.looking import Looking
from zenlab.repo.pins import Pins
from zenlab.repo.pipeline_files import FolderFiles, PipelineFiles
from zenlab.repo.registering import Registering
from zenlab.repo.step_versions import StepVersions
from zenlab.repo.trust import Trusted

if TYPE_CHECKING:
    from zenlab.artifacts import ArtifactStore
    from zenlab.metadata import MetadataStore
    from zenlab.pipelines import BasePipeline
    from zenlab.pipelines.spec import PipelineSpec

_open: dict[str, Repository] = {}


class Repository(Comparisons, Looking, Pins, Registering, StepVersions):
    """The repository around a folder; the same object as long as its `zenlab.yaml` is the same.

    Args:
        path: a folder in it; the working directory by default.

    Raises:
        InitializationException: there is none; the message names `zenlab init`.

    Example:
        >>> Repository().get_pipeline_names()  # doctest: +SKIP
        ['Pipeline A', 'Pipeline B']
    """

    root: Path
    """The folder of `zenlab.yaml`."""

    config: Config
    """The content of `zenlab.yaml`."""

    _stamp: tuple[int, int]

    def __new__(cls, path: str | Path | None = None) -> Repository:  # noqa: PYI034 - not for subclasses
        """Find the repository, or give the one that is open already."""
        root = _find_root(os.fspath(path) if path is not None else os.getcwd())  # noqa: PTH109
        stat = os.stat(f"{root}/{CONFIG_FILE}")  # noqa: PTH116
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = _open.get(root)
        if known is None or known._stamp != stamp:  # noqa: SLF001 - of this class
            known = super().__new__(cls)
            known.root = Path(root)
            known.config = read_config(known.root / CONFIG_FILE)
            known._stamp = stamp
            _open[root] = known
        return known

    def __repr__(self) -> str:
        return f"<Repository {self.root}>"

    @classmethod
    def get_instance(cls) -> Repository:
        """The repository around the working directory; the same as `Repository()`."""
        return cls()

    @staticmethod
    def init_repo(
        repo_path: str | Path | None = None,
        artifact_store_path: str | None = None,
        metadata_store: str | None = None,
        pipelines_dir: str | None = None,
        analytics_opt_in: bool | None = None,  # noqa: ARG004 - 0.3; there is no telemetry
    ) -> Repository:
        """Make a folder a repository; see `zenlab.repo.init.init_repo`."""
        from zenlab.repo.init import init_repo

        init_repo(
            Path(repo_path) if repo_path is not None else Path.cwd(),
            artifact_store=artifact_store_path,
            metadata_store=metadata_store,
            pipelines_dir=pipelines_dir,
        )
        return Repository(repo_path)

    # ------------------------------------------------------------------ the Workspace protocol

    @property
    def project(self) -> str:
        """The project's id."""
        return self.config.project

    @property
    def key_versions(self) -> str:
        """How much of a package's version enters a key."""
        return self.config.key_versions

    @cached_property
    def git(self) -> GitTree:
        """The Git work tree around the repository."""
        return GitTree(self.root)

    @property
    def code_root(self) -> Path:
        """The folder whose code counts line by line: the Git work tree, or the repository."""
        return self.git.root or self.root

    @cached_property
    def user(self) -> str:
        """Who works here."""
        return self.git.user()

    @cached_property
    def metadata(self) -> MetadataStore:
        """The metadata store."""
        from zenlab.metadata import MetadataStore

        embedded = self.config.metadata_store is None
        if embedded:
            (self.root / PRIVATE_DIR).mkdir(exist_ok=True)
        return MetadataStore(self.config.metadata_url(self.root), embedded=embedded)

    @cached_property
    def artifacts(self) -> ArtifactStore:
        """The artifact store."""
        from zenlab.artifacts import ArtifactStore

        root, options = self.config.artifact_root(self.root), self.config.artifact_options()
        return ArtifactStore(root, storage_options=options) if options else ArtifactStore(root)

    @cached_property
    def files(self) -> PipelineFiles:
        """The pipeline directory: a folder, or in an object store."""
        url = self.config.pipelines_url()
        if url is None:
            return FolderFiles(self.root / self.config.pipelines_dir, lambda: self.git)
        from zenlab.repo.pipeline_bucket import BucketFiles

        return BucketFiles(url, self.config.pipelines_options())

    @cached_property
    def trusted(self) -> Trusted:
        """The code that may run here."""
        return Trusted(self.root / PRIVATE_DIR / "trusted")

    def head(self) -> str | None:
        """The commit that is checked out."""
        return self.git.head()

    def clean(self) -> bool | None:
        """Whether the work tree is as the commit that is checked out; None where unknown."""
        return self.git.clean()

    def trusted_code(self, fingerprint: str, source: str) -> bool:
        """Whether a source that the store has under a fingerprint may run here: this very text."""
        return self.trusted.covers(fingerprint, source)

    def specification(self, name: str) -> PipelineSpec | None:
        """The specification of the pipeline of a name, or None."""
        return self.files.find(name)

    # ------------------------------------------------------------------ pipelines

    def get_pipeline_by_name(self, name: str) -> BasePipeline:
        """The pipeline of a name; `Pipeline A#2` is its second revision.

        It is immutable: change a `copy(new_name)` of it.

        Args:
            name: as it was declared.

        Raises:
            DoesNotExistException: there is none; the message suggests the closest name.
        """
        from zenlab.pipelines.base import pipeline_of

        spec = self.specification(name)
        if spec is None:
            spec = self._revision(name) or self._registered_only(name)
        if spec is None:
            raise DoesNotExistException(
                f"No pipeline '{name}'.",
                where=self.files.place,
                hint=suggest(name, self.get_pipeline_names()),
            )
        return pipeline_of(spec)

    def _revision(self, name: str) -> PipelineSpec | None:
        from zenlab.pipelines.spec import from_document

        match = re.fullmatch(r"(.+)#(\d+)", name)
        if match is None:
            return None
        base, number = match.group(1), int(match.group(2))
        record = self.metadata.pipeline(self.project, base, revision=number)
        if record is None:
            known = [f"{base}#{r.revision}" for r in self.metadata.revisions(self.project, base)]
            raise DoesNotExistException(
                f"Pipeline '{base}' has no revision {number}.", hint=suggest(name, known)
            )
        return from_document(record.spec, name)

    def _registered_only(self, name: str) -> PipelineSpec | None:
        """A pipeline whose file is not here (on another branch, say), but in the store."""
        from zenlab.pipelines.spec import from_document

        record = self.metadata.pipeline(self.project, name)
        return from_document(record.spec, name) if record is not None else None

    def get_pipelines(self) -> list[BasePipeline]:
        """All pipelines of the pipeline directory, by name; files that are broken are left out."""
        from zenlab.pipelines.base import pipeline_of

        return [pipeline_of(spec) for spec in self.files.all()[0]]

    def get_pipelines_by_type(self, types: list[str]) -> list[BasePipeline]:
        """The pipelines of some types.

        Args:
            types: such as `["training"]`.
        """
        return [p for p in self.get_pipelines() if p.TYPE in types]

    def get_pipelines_by_datasource(self, datasource: Any) -> list[BasePipeline]:
        """The pipelines that start from a datasource.

        Args:
            datasource: a datasource, or its name.
        """
        name = datasource if isinstance(datasource, str) else datasource.name
        specs = self.files.all()[0]
        from zenlab.pipelines.base import pipeline_of

        return [pipeline_of(s) for s in specs if s.datasource and s.datasource.name == name]

    def get_pipeline_names(self) -> list[str]:
        """The names of all pipelines of the pipeline directory."""
        return [spec.name for spec in self.files.all()[0]]

    def register_pipeline(self, file_name: str, config: dict[str, Any]) -> None:
        """Write a pipeline file (0.3's name; `run` does it by itself).

        Args:
            file_name: ignored; the file follows from the pipeline's name.
            config: what `pipeline.to_config()` gave.
        """
        from zenlab.pipelines.spec import from_document

        self.register(from_document(config, file_name), {})

    def load_pipeline_config(self, file_name: str) -> dict[str, Any]:
        """The content of a pipeline file.

        Args:
            file_name: its name in the pipeline directory.
        """
        known = {path.name: path for path in self.files.paths()}
        path = known.get(Path(file_name).name)
        if path is None:
            raise DoesNotExistException(
                f"No pipeline file '{file_name}'.", hint=suggest(file_name, known)
            )
        return self.files.read(path).to_document()

    # ------------------------------------------------------------------ datasources, stores

    def get_datasources(self) -> list[Any]:
        """All datasources that have a commit, by name."""
        from zenlab.datasources import datasource_of

        return [datasource_of(commit) for commit in self.metadata.datasources(self.project)]

    def get_datasource_names(self) -> list[str]:
        """The names of all datasources that have a commit."""
        return [commit.name for commit in self.metadata.datasources(self.project)]

    def get_datasource_by_name(self, name: str) -> Any:
        """The datasource of a name.

        Raises:
            DoesNotExistException: none has a commit under that name.
        """
        from zenlab.datasources import datasource_of

        commits = self.metadata.datasources(self.project)
        for commit in commits:
            if commit.name == name:
                return datasource_of(commit)
        raise DoesNotExistException(
            f"No datasource '{name}'.", hint=suggest(name, [c.name for c in commits])
        )

    def get_default_artifact_store(self) -> ArtifactStore:
        """The artifact store."""
        return self.artifacts

    def get_default_metadata_store(self) -> MetadataStore:
        """The metadata store."""
        return self.metadata

    def get_default_pipelines_dir(self) -> str:
        """The pipeline directory, as a path or a URL."""
        return self.files.place


def _find_root(start: str) -> str:
    """The nearest folder with a `zenlab.yaml`, from a folder upwards.

    Raises:
        InitializationException: there is none.
    """
    # With strings: this is asked for at every run, and pathlib takes ten times as long.
    folder = parent = os.path.realpath(start)
    while True:
        if os.path.isfile(f"{parent}/{CONFIG_FILE}"):  # noqa: PTH113
            return parent
        above = os.path.dirname(parent)  # noqa: PTH120
        if above == parent:
            break
        parent = above
    raise InitializationException(
        f"There is no zenlab repository here: no {CONFIG_FILE} in this folder or above it.",
        where=folder,
        hint="Make one with: zenlab init   (in a notebook: %zen init)",
    )
