"""From recorded artifacts to the values that steps and users read."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.artifacts import ArtifactStore, Stored
    from zenlab.engine.graph import Node
    from zenlab.metadata import ArtifactRecord, CachedExecution, ExecutionRecord

    Execution = CachedExecution | ExecutionRecord


SIDE_OUTPUTS = frozenset({"log"})
"""Artifacts of a step that are no result of it: kept for `logs`, left out of outputs and panels."""


def record_of(name: str, stored: Stored) -> ArtifactRecord:
    """What the metadata store keeps of a stored artifact."""
    from zenlab.metadata import ArtifactRecord

    return ArtifactRecord(name, **{f.name: getattr(stored, f.name) for f in fields(stored)})


def stored_of(record: ArtifactRecord) -> Stored:
    """What the artifact store knows of a recorded artifact."""
    from zenlab.artifacts import Stored

    return Stored(**{f.name: getattr(record, f.name) for f in fields(Stored)})


class LostInputError(ArtifactError):
    """An input that a finished step had left is gone or damaged: that step has to run again."""

    def __init__(self, slot: str, cause: ArtifactError) -> None:
        super().__init__(cause.message, where=cause.where, hint=cause.hint)
        self.slot = slot


class Reader:
    """Reads the outputs of executions, and remembers which of them turned out to be lost.

    Args:
        store: where the artifacts lie.
        resolve: finds the class of a model that brings its own `load`, by its recorded source.
        on_lost: called with the execution whose artifact cannot be read, before the error is
            raised.
    """

    def __init__(
        self,
        store: ArtifactStore,
        *,
        resolve: Callable[[str], type] | None = None,
        on_lost: Callable[[str, Execution], None] | None = None,
    ) -> None:
        self._store = store
        self._resolve = resolve
        self._on_lost = on_lost
        self.lost: LostInputError | None = None

    def output(self, slot: str, execution: Execution, artifact: ArtifactRecord) -> Any:
        """One output: a lazy `Dataset`, or the value itself.

        Raises:
            LostInputError: the artifact is gone or damaged. For a dataset, at its first read.
        """
        if artifact.format == "parquet":
            return Dataset(
                lambda: self._fetch(slot, execution, artifact),
                digest=artifact.content_digest,
                num_rows=artifact.num_rows or 0,
                name=f"{slot}/{artifact.name}",
                rows=lambda: self._store.rows(stored_of(artifact)),
            )
        from zenlab.artifacts import read_value

        folder = self._fetch(slot, execution, artifact)
        return read_value(stored_of(artifact), folder, resolve=self._resolve)

    def inputs(self, node: Node, chosen: Mapping[str, CachedExecution]) -> dict[str, Any]:
        """The inputs of a node, by name.

        Args:
            node: the step that is to run.
            chosen: the execution that serves, by slot.
        """
        from zenlab.engine.graph import Root

        found: dict[str, Any] = {}
        for name, source in node.inputs.items():
            if isinstance(source, Root):
                found[name] = source.dataset
                continue
            execution = chosen[source.slot]
            wanted = [
                a
                for a in execution.artifacts
                if (a.format == "parquet" if source.output is None else a.name == source.output)
            ]
            values = {a.name: self.output(source.slot, execution, a) for a in wanted}
            found[name] = values if source.output is None else values[source.output]
        return found

    def _fetch(self, slot: str, execution: Execution, artifact: ArtifactRecord) -> Any:
        try:
            return self._store.fetch(stored_of(artifact))
        except ArtifactError as error:
            self.lost = LostInputError(slot, error)
            if self._on_lost is not None:
                self._on_lost(slot, execution)
            raise self.lost from error
