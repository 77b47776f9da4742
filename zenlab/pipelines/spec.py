"""The specification of a pipeline: what is written to its YAML file, and nothing else.

    PipelineSpec  --to_document-->  dict  --yaml-->  pipelines/<slug>.yaml
                  <-from_document--       <-yaml---

Plain data only: the objects that a user declared are turned into it by `pipelines.declare`, and
found again by `pipelines.resolve`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from zenlab.core import canonical
from zenlab.core.errors import ParameterError
from zenlab.core.pinned import is_sha
from zenlab.engine.graph import ordered_args

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_VERSION = 1


@dataclass(frozen=True)
class StepSpec:
    """A step, recorded.

    Attributes:
        source: `zenlab.steps.split.RandomSplit`, `module.Class`, `notebook:Name`.
        pin: `zenlab_0.1.0` for what zenlab brings; of a user's code the Git commit that has it, as
            40 digits, or None where it is not committed.
        code: the fingerprint of a user's code; None for what zenlab brings.
        commit: of what zenlab brings: the Git commit of the user's code among its arguments.
        args: the parameters as plain data; a function or class among them is a code reference
            (see `code_ref`).
        packages: distributions whose version counts in the key, sorted.
        files: declared files, relative to the repository, sorted.
        env: declared environment variables, sorted.
    """

    source: str
    args: dict[str, Any] = field(default_factory=dict)
    pin: str | None = None
    code: str | None = None
    commit: str | None = None
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    env: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What a person calls it: the class or the function."""
        return self.source.rsplit(":", 1)[-1].rsplit(".", 1)[-1]

    @property
    def code_commit(self) -> str | None:
        """The Git commit that has the user's code of the step and among its arguments, or None."""
        return self.commit or (self.pin if is_sha(self.pin) else None)

    def ordered_args(self) -> dict[str, Any]:
        """The arguments as they are digested."""
        return ordered_args(self.args, is_own=self.code is not None)

    def document(self) -> dict[str, Any]:
        """The step as it stands in the file; what is empty is left out."""
        source = f"{self.source}@{self.pin}" if self.pin else self.source
        return self._document(source, self.args, self.commit)

    def digested(self) -> dict[str, Any]:
        """The step as it is digested: without its pin, and with the order of dicts."""
        return self._document(self.source, self.ordered_args())

    def _document(
        self, source: str, args: dict[str, Any], commit: str | None = None
    ) -> dict[str, Any]:
        found: dict[str, Any] = {"source": source}
        if commit is not None:
            found["commit"] = commit
        if self.code is not None:
            found["code"] = self.code
        for name in ("packages", "files", "env"):
            if getattr(self, name):
                found[name] = list(getattr(self, name))
        if args:
            found["args"] = args
        return found


@dataclass(frozen=True)
class DatasourceSpec:
    """A datasource, recorded, with the commit that the pipeline is pinned to."""

    name: str
    source: str
    args: dict[str, Any] = field(default_factory=dict)
    pin: str | None = None
    commit: str | None = None

    def document(self) -> dict[str, Any]:
        """The datasource as it stands in the file."""
        found: dict[str, Any] = {
            "name": self.name,
            "source": f"{self.source}@{self.pin}" if self.pin else self.source,
        }
        if self.args:
            found["args"] = self.args
        if self.commit:
            found["commit"] = self.commit
        return found


@dataclass(frozen=True)
class PipelineSpec:
    """A pipeline, recorded. Two with one digest give one result."""

    name: str
    type: str
    datasource: DatasourceSpec | None
    steps: dict[str, StepSpec]
    enable_cache: bool = True
    copied_from: dict[str, str] | None = None

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the pipeline does.

        Name and origin do not count, so that a copy has the digest of its origin until it is
        changed; nor do pins, which are provenance (the code counts by its fingerprint).
        """
        body = self._body(replace(self.datasource, pin=None) if self.datasource else None)
        body["steps"] = {slot: step.digested() for slot, step in self.steps.items()}
        return canonical.digest(body, self.name)

    def to_document(self) -> dict[str, Any]:
        """The content of the file, keys in the order in which they are shown."""
        head: dict[str, Any] = {"version": FILE_VERSION, "name": self.name, "type": self.type}
        if not self.enable_cache:
            head["enable_cache"] = False
        head["digest"] = self.digest
        if self.copied_from:
            head["copied_from"] = self.copied_from
        body = self._body(self.datasource)
        body["steps"] = {slot: step.document() for slot, step in self.steps.items()}
        return {**head, **{k: v for k, v in body.items() if k != "type"}}

    def _body(self, datasource: DatasourceSpec | None) -> dict[str, Any]:
        body: dict[str, Any] = {"type": self.type}
        if datasource is not None:
            body["datasource"] = datasource.document()
        return body


class _StepDocument(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    code: str | None = None
    commit: str | None = None
    packages: list[str] = []
    files: list[str] = []
    env: list[str] = []
    args: dict[str, Any] = {}


class _DatasourceDocument(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    source: str
    args: dict[str, Any] = {}
    commit: str | None = None


class _PipelineDocument(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    name: str
    type: str
    digest: str
    steps: dict[str, _StepDocument]
    enable_cache: bool = True
    copied_from: dict[str, str] | None = None
    datasource: _DatasourceDocument | None = None


class EditedError(ParameterError):
    """A pipeline file whose digest does not fit what it says.

    Attributes:
        spec: what it says.
    """

    def __init__(
        self, spec: PipelineSpec, where: str, file: str, changes: Sequence[str] = ()
    ) -> None:
        shown = "".join(f"\n    {change}" for change in changes)
        super().__init__(
            f"The file of pipeline '{spec.name}' was edited by hand: its digest does not fit."
            + (f" What differs from Git's HEAD:{shown}" if changes else ""),
            where=where,
            hint=f"Undo the edit: git checkout -- {file}\n(a draft that Git does not have: delete "
            "the file, and run its cell again). To change a pipeline, declare it anew in Python, "
            f'or take get_pipeline_by_name("{spec.name}").copy(new_name).',
        )
        self.spec = spec


def from_document(
    document: object, where: str = "pipeline", file: str | None = None
) -> PipelineSpec:
    """The specification that `to_document` made this of.

    Args:
        document: what the YAML file holds.
        where: the file, for messages.
        file: the file, as it is written in a command; by default `FILE`.

    Raises:
        EditedError: it was edited by hand: its digest does not fit.
        ParameterError: the document has another form, or is of a newer version.
    """
    spec, digest = _read(document, where, file)
    if spec.digest != digest:
        raise EditedError(spec, where, file or "FILE")
    return spec


def from_record(document: object, where: str) -> PipelineSpec:
    """The specification that the metadata store keeps, where nobody edits by hand.

    Its digest is not checked: a list of a thousand takes a tenth of the time.

    Args:
        document: of a `PipelineRecord`.
        where: name and revision, for messages.

    Raises:
        ParameterError: it is of a newer version.
    """
    return _read(document, where)[0]


def _read(document: object, where: str, file: str | None = None) -> tuple[PipelineSpec, str]:
    try:
        found = msgspec.convert(document, _PipelineDocument)
    except msgspec.ValidationError as error:
        raise ParameterError(
            f"This is not a pipeline file: {error}.",
            where=where,
            hint=f"Restore it: git checkout -- {file or 'FILE'}   (or delete it, and run its cell "
            "again).",
        ) from None
    if found.version > FILE_VERSION:
        raise ParameterError(
            f"The file has version {found.version}; this zenlab knows up to {FILE_VERSION}.",
            where=where,
            hint="Install a newer zenlab.",
        )
    spec = PipelineSpec(
        name=found.name,
        type=found.type,
        datasource=_datasource(found.datasource),
        steps={slot: _step(step) for slot, step in found.steps.items()},
        enable_cache=found.enable_cache,
        copied_from=found.copied_from,
    )
    return spec, found.digest


def _step(found: _StepDocument) -> StepSpec:
    source, _, pin = found.source.partition("@")
    return StepSpec(
        source=source,
        args=found.args,
        pin=pin or None,
        code=found.code,
        commit=found.commit,
        packages=tuple(found.packages),
        files=tuple(found.files),
        env=tuple(found.env),
    )


def _datasource(found: _DatasourceDocument | None) -> DatasourceSpec | None:
    if found is None:
        return None
    source, _, pin = found.source.partition("@")
    return DatasourceSpec(found.name, source, found.args, pin or None, found.commit)
