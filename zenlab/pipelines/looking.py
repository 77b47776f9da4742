"""Statistics, schema and anomalies as panels: of a run's own leaves, or computed when asked for."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.engine.graph import Identity, Node, Ref, Root
from zenlab.engine.once import compute
from zenlab.engine.values import Reader
from zenlab.pipelines import schemas
from zenlab.pipelines.leaves import missing_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.core.dataset import Dataset
    from zenlab.core.statistics import Statistics
    from zenlab.core.step import Step
    from zenlab.core.validation import Anomalies, DataSchema
    from zenlab.core.workspace import Workspace
    from zenlab.metadata import CachedExecution, ExecutionRecord

    Execution = CachedExecution | ExecutionRecord

BASELINE = "baseline"


class Looked:
    """The outputs of statistics and validation, each read once, when it is asked for.

    Args:
        executions: by slot: `statistics` and, if there is one, `validation`.
        workspace: the repository.
        datasource: whose schema a panel accepts into.
    """

    def __init__(
        self, executions: Mapping[str, Execution], workspace: Workspace, datasource: str
    ) -> None:
        self._executions = executions
        self._workspace = workspace
        self._datasource = datasource
        self._read: dict[tuple[str, str], Any] = {}

    @property
    def statistics(self) -> Statistics:
        """What was counted."""
        found: Statistics = self.output("statistics", "statistics")
        return found

    @property
    def schema(self) -> DataSchema:
        """What the rows should look like."""
        found: DataSchema = self.output("validation", "schema")
        return found

    @property
    def anomalies(self) -> Anomalies:
        """Where they do not."""
        found: Anomalies = self.output("validation", "anomalies")
        return found

    @property
    def known_anomalies(self) -> Anomalies | None:
        """The anomalies, where they are known; the panel of statistics does without."""
        return self.anomalies if "validation" in self._executions else None

    def output(self, slot: str, name: str) -> Any:
        """An output of one of the two."""
        if (slot, name) not in self._read:
            execution = self._executions[slot]
            artifacts = {a.name: a for a in execution.artifacts}
            reader = reader_of(self._workspace)
            self._read[slot, name] = reader.output(slot, execution, artifacts[name])
        return self._read[slot, name]

    # ------------------------------------------------------------------ accepting

    def accept_schema(self, features: tuple[str, ...]) -> str:
        """Make this schema the datasource's, or the named columns of it.

        Args:
            features: columns; none: the whole schema.

        Returns:
            What was done, and what to do next.
        """
        if features or schemas.read_schema_file(self._datasource, self._workspace) is not None:
            # The team's schema takes up what these rows hold; all else that it says stays.
            return self.accept_anomalies(features, self.statistics.datasets[0].name)
        text = (Path(self.output("validation", "files")) / "schema.pbtxt").read_text("utf-8")
        return self._write(text, "the schema")

    def accept_anomalies(self, features: tuple[str, ...], dataset: str) -> str:
        """Change the datasource's schema so that what a dataset holds is right.

        Args:
            features: the columns; none: all.
            dataset: whose rows are right.

        Returns:
            What was done, and what to do next.
        """
        from zenlab.validation import worker

        with tempfile.TemporaryDirectory(prefix="zenlab-") as folder:
            before = Path(folder) / "before.pbtxt"
            after = Path(folder) / "after.pbtxt"
            text = schemas.read_schema_file(self._datasource, self._workspace)
            is_new = text is None
            if text is None:
                files = Path(self.output("validation", "files"))
                text = (files / "schema.pbtxt").read_text("utf-8")
            before.write_text(text, encoding="utf-8")
            worker().update(
                before,
                Path(self.output("statistics", "files")),
                after,
                features=list(features) or None,
                dataset=dataset,
            ).result()
            changed = after.read_text("utf-8")
        what = ", ".join(features) or f"what '{dataset}' holds"
        return self._write(changed, f"the schema, with {what}" if is_new else what)

    def _write(self, text: str, what: str) -> str:
        name = schemas.shown(self._datasource)
        if schemas.read_schema_file(self._datasource, self._workspace) == text:
            return f"{name} says so already."
        schemas.write_schema_file(text, self._datasource, self._workspace)
        return (
            f"{name} now holds {what}. Commit it with the pipeline; what is declared and run from "
            "now on is compared with it."
        )


def look(
    datasets: Mapping[str, Dataset],
    workspace: Workspace,
    *,
    datasource: str,
    counted: Mapping[str, Any],
    validated: Mapping[str, Any] | None = None,
    baseline: Mapping[str, Dataset] | None = None,
) -> Looked:
    """Compute statistics, and a validation if it is asked for, or find them in the cache.

    Args:
        datasets: the rows by name.
        workspace: the repository.
        datasource: the name of the datasource.
        counted: the arguments of a `DataStatistics`.
        validated: the arguments of a `DataValidation`; None: no validation.
        baseline: a dataset called `train` to compare with.

    Raises:
        WorkerMissingError: it has to be computed, and TFDV's worker is not installed.
    """
    from zenlab.pipelines.running import setting_of
    from zenlab.steps.validation import DataStatistics

    args = dict(counted)
    nodes = [_node("statistics", DataStatistics, args, {"data": Root(dict(datasets))})]
    if baseline is not None:
        nodes.append(_node(BASELINE, DataStatistics, args, {"data": Root(dict(baseline))}))
    if validated is not None:
        nodes.append(_validation(dict(validated), datasource, workspace, baseline))
    found = compute(nodes, setting_of(workspace))
    return Looked(found, workspace, datasource)


def _validation(
    args: dict[str, Any],
    datasource: str,
    workspace: Workspace,
    baseline: Mapping[str, Dataset] | None,
) -> Node:
    from zenlab.steps.validation import DataValidation

    inputs = {name: Ref("statistics", name) for name in ("statistics", "files")}
    if baseline is not None:
        inputs["baseline"] = Ref(BASELINE, "files")
        inputs["baseline_statistics"] = Ref(BASELINE, "statistics")
    text = None
    if args.get("schema") is not None:
        text = schemas.schema_text(args["schema"], datasource, workspace)
    return _node("validation", DataValidation, args, inputs, {"schema": text} if text else {})


def _node(
    slot: str,
    step: Callable[..., Step],
    args: dict[str, Any],
    inputs: Mapping[str, Any],
    instead: Mapping[str, Any] | None = None,
) -> Node:
    """A node of a leaf, with the identity that it has in a pipeline."""
    kind: Any = step
    return Node(
        slot=slot,
        title=kind.__name__,
        identity=Identity(kind.KIND, f"builtin:{kind.__name__}:{kind.code_version}", args),
        inputs=inputs,
        make=lambda: step(**{**args, **(instead or {})}),
        leaf=True,
        missing=missing_worker,
    )


@dataclass(frozen=True)
class SeenByPipeline:
    """Rows as a pipeline would see them, and what it compares them with.

    Attributes:
        rows: after its transforms.
        train: what it was trained on.
        validated: the arguments of its validation.
        sensitive: the columns of which it may keep no value.
    """

    rows: Dataset
    train: Dataset
    validated: dict[str, Any]
    sensitive: frozenset[str]


def rows_of_pipeline(pipeline: Any, data: Dataset, workspace: Workspace) -> SeenByPipeline:
    """New rows as a pipeline that has run would see them: its transforms are applied.

    Args:
        pipeline: a `BasePipeline`.
        data: rows of its datasource.
        workspace: the repository.

    Raises:
        PipelineNotSucceededException: the pipeline has no successful run.
        StepError: a transform fails on these rows.
    """
    from zenlab.pipelines.leaves import ungated, with_leaf_args
    from zenlab.pipelines.running import setting_of
    from zenlab.pipelines.wiring import kind_of, wire

    train: Dataset = pipeline.outputs("split")["train"]
    spec = pipeline.last.spec
    args = dict(ungated(with_leaf_args("validation", spec)).args)
    transforms = [n for n in wire(spec, data, workspace) if kind_of(n.slot) == "transform"]
    if transforms:
        last = transforms[-1].slot
        execution = compute(transforms, setting_of(workspace))[last]
        artifacts = {a.name: a for a in execution.artifacts}
        data = reader_of(workspace).output(last, execution, artifacts["data"])
    columns = set(data.column_names)
    if any(label not in columns for label in args.get("labels") or []):
        args["environment"] = "SERVING"
    counted = with_leaf_args("statistics", spec).args
    sensitive = {*(counted.get("sensitive") or []), *(args.pop("sensitive", None) or [])}
    return SeenByPipeline(data, train, args, frozenset(sensitive))


def reader_of(workspace: Workspace) -> Reader:
    """Reads outputs; what is lost is declared to be undone, so that it is computed again."""

    def lost(_slot: str, execution: Execution) -> None:
        if execution.fence:
            workspace.metadata.reopen(execution.work_key, execution.fence)

    return Reader(workspace.artifacts, on_lost=lost)


def only(anomalies: Anomalies, split_name: str | None) -> Anomalies:
    """The anomalies of one split.

    Args:
        anomalies: of all splits.
        split_name: which; None: all.

    Raises:
        DoesNotExistException: there is no such split.
    """
    import msgspec

    if split_name is None:
        return anomalies
    found = anomalies.dataset(split_name)
    if found is None:
        raise DoesNotExistException(
            f"There is no split '{split_name}'.",
            hint=suggest(split_name, [d.name for d in anomalies.datasets]),
        )
    return msgspec.structs.replace(anomalies, datasets=[found])
