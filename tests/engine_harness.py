"""Small plans for the tests of the engine, on a real SQLite file and a real folder."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from zenlab.artifacts import ArtifactStore, write_value
from zenlab.core import canonical, events
from zenlab.core.dataset import Dataset
from zenlab.core.step import Step
from zenlab.engine.graph import Identity, Node, Ref, Root
from zenlab.engine.run import Runner, RunResult
from zenlab.engine.setting import Setting
from zenlab.metadata import MetadataStore, PipelineRecord

if TYPE_CHECKING:
    from pathlib import Path


class Call(Step):
    """A step that returns what a function makes of its inputs."""

    KIND = "transform"

    def __init__(self, function: Any) -> None:
        self.function = function

    def run(self, inputs: Any, context: Any) -> dict[str, Any]:
        made = self.function(inputs, context)
        return made if isinstance(made, dict) else {"value": made}


class Lab:
    """Stores in a folder, and a way to run nodes in them."""

    def __init__(self, folder: Path, user: str = "ada", **setting: Any) -> None:
        self.folder = folder
        self.metadata = MetadataStore(f"sqlite:///{folder / 'metadata.db'}")
        self.artifacts = ArtifactStore(folder / "artifacts")
        self.events: list[events.Event] = []
        self.code = folder / "code"
        self.code.mkdir(exist_ok=True)
        self.setting = Setting(
            metadata=self.metadata,
            artifacts=self.artifacts,
            root=self.code,
            code_root=self.code,
            user=user,
            listener=self.events.append,
            **setting,
        )

    def pipeline(self, name: str = "P") -> PipelineRecord:
        digest = canonical.digest(name)
        return self.metadata.register_pipeline("project", name, digest, "test", {}, "ada")

    def run(self, nodes: list[Node], **options: Any) -> RunResult:
        self.events.clear()
        return Runner(self.setting).run(nodes, self.pipeline(), **options)

    def hows(self, nodes: list[Node], **options: Any) -> dict[str, str]:
        result = self.run(nodes, **options)
        return {slot: step.how for slot, step in result.steps.items()}

    def value(self, result: RunResult, slot: str, name: str = "value") -> Any:
        from zenlab.engine.values import Reader

        execution = result.steps[slot].execution
        artifact = execution.artifact(name)
        assert artifact is not None
        return Reader(self.artifacts).output(slot, execution, artifact)

    def with_setting(self, **changes: Any) -> None:
        self.setting = dataclasses.replace(self.setting, **changes)


def root(folder: Path, frame: Any) -> Root:
    """A snapshot of a frame."""
    folder.mkdir(parents=True, exist_ok=True)
    described = write_value(frame, folder)
    return Root(
        Dataset(lambda: folder, digest=described.content_digest, num_rows=described.num_rows or 0)
    )


def node(
    slot: str,
    function: Any,
    *upstream: str,
    code: str = "1",
    source: Root | None = None,
    **args: Any,
) -> Node:
    """A node that calls a function; its inputs are the values of other slots."""
    inputs: dict[str, Ref | Root] = {name: Ref(name, "value") for name in upstream}
    if source is not None:
        inputs["data"] = source
    return Node(
        slot=slot,
        title=slot,
        identity=Identity(kind=slot.partition("_")[0], code=f"{slot}:{code}", args=args),
        inputs=inputs,
        make=lambda: Call(function),
    )
