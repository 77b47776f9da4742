"""The `Workspace`: what pipelines and datasources need of the repository around them.

Pipelines and datasources lie below `zenlab.repo` and may not import it. They ask for the current
workspace here; `zenlab/__init__` says who makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class Workspace(Protocol):
    """A repository, seen from below."""

    @property
    def root(self) -> Path:
        """The folder of `zenlab.yaml`."""

    @property
    def code_root(self) -> Path:
        """The folder whose code counts line by line: the Git work tree, or `root`."""

    @property
    def project(self) -> str:
        """The project's id, made by `zenlab init`."""

    @property
    def user(self) -> str:
        """Who works here: the Git identity, else JupyterHub's user, else the system's."""

    @property
    def metadata(self) -> Any:
        """The `zenlab.metadata.MetadataStore`."""

    @property
    def artifacts(self) -> Any:
        """The `zenlab.artifacts.ArtifactStore`."""

    @property
    def key_versions(self) -> str:
        """How much of a package's version enters a key: `exact`, `minor` or `none`."""

    def head(self) -> str | None:
        """The commit that is checked out, as 40 digits, or None outside of Git."""

    def clean(self) -> bool | None:
        """Whether the files that Git knows are as in that commit; None where nobody can tell."""

    def trusted_code(self, fingerprint: str, source: str) -> bool:
        """Whether a source that a store has under a fingerprint may run here: this very text."""

    def pin(self, marks: Sequence[Any]) -> tuple[str | None, str]:
        """The Git commit that has all that some code reaches, or None and why there is none.

        Args:
            marks: an `engine.fingerprint.Fingerprint` for each function and class.
        """

    def has_commit(self, sha: str) -> bool:
        """Whether a Git commit is in this clone."""

    def commit_of(self, name: str) -> str | None:
        """The Git commit in which the file of a pipeline became what it is in HEAD, or None."""

    def pinned_code(self, source: str, sha: str) -> Any:
        """A class or function of a module as it is in a Git commit.

        Raises:
            CodeError: the commit is not here, or has no such code.
        """

    def code_home(self, sha: str) -> tuple[str, dict[str, Any]] | None:
        """The package of a commit's modules and the builtins by which they import each other.

        Returns:
            None if the commit is not here.
        """

    def kept_source(self, code: str) -> str | None:
        """The source of a notebook's function or class that lies beside a pipeline's file.

        Args:
            code: its fingerprint.
        """

    def specification(self, name: str) -> Any:
        """The `zenlab.pipelines.spec.PipelineSpec` of the pipeline of a name, or None."""

    def frozen(self, name: str) -> Any:
        """As `specification`, of a pipeline that cannot be declared anew; None of any other."""

    def register(
        self,
        spec: Any,
        sources: Mapping[str, tuple[str, str]],
        marks: Sequence[Any] = (),
        schemas: Mapping[str, tuple[str, str]] | None = None,
    ) -> Any:
        """Make a pipeline known under its name: a `zenlab.metadata.PipelineRecord`.

        Args:
            spec: a `zenlab.pipelines.spec.PipelineSpec`.
            sources: fingerprint -> (name, source) of notebook code, for the metadata store.
            marks: an `engine.fingerprint.Fingerprint` for each of the users' functions and classes
                in it: what they reach is kept to be read.
            schemas: digest -> (name, text) of the schema that it is pinned to.
        """

    def look_at(
        self,
        name: str,
        data: Any,
        label: str,
        *,
        sensitive: Sequence[str],
        sample: int | None = None,
        validated: bool = False,
        against: Any = None,
    ) -> Any:
        """Statistics of rows, and what the schema says of them: computed, or from the cache.

        Args:
            name: the datasource.
            data: a `Dataset` of it.
            label: what the panel calls the rows.
            sensitive: columns of which no value may be kept.
            sample: count at most so many rows.
            validated: compare with the datasource's schema, or infer one.
            against: another `Dataset`, or a pipeline, to compare with.

        Returns:
            A `zenlab.pipelines.looking.Looked`.
        """


_factory: Callable[[], Workspace] | None = None


def register_factory(factory: Callable[[], Workspace]) -> None:
    """Say who finds the current workspace."""
    global _factory  # noqa: PLW0603 - one process has one way to find its repository
    _factory = factory


def current_workspace() -> Workspace:
    """The repository around the working directory.

    Raises:
        InitializationException: there is none; the message names `zenlab init`.
    """
    if _factory is None:
        raise RuntimeError("no workspace factory: import zenlab first")
    return _factory()
