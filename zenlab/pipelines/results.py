"""What a pipeline that has run gives back: outputs, inputs, the model, panels."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import (
    ArtifactError,
    DoesNotExistException,
    ParameterError,
    PipelineNotSucceededException,
    suggest,
)
from zenlab.core.workspace import current_workspace
from zenlab.engine.values import SIDE_OUTPUTS, Reader, stored_of

if TYPE_CHECKING:
    import pandas as pd

    from zenlab.core.dataset import Dataset
    from zenlab.core.workspace import Workspace
    from zenlab.metadata import CachedExecution, ExecutionRecord, RunRecord
    from zenlab.pipelines.looking import Looked
    from zenlab.pipelines.running import LastRun
    from zenlab.views import AnomaliesPanel, EvaluationPanel, SchemaPanel, StatisticsPanel

    Execution = CachedExecution | ExecutionRecord


class Outputs(Mapping[str, Any]):
    """The outputs of a step by name; each is read when it is asked for.

    Example:
        >>> pipeline.outputs("split")  # doctest: +SKIP
        <Outputs of split: eval, test, train>
        >>> pipeline.outputs("split")["train"].to_pandas()  # doctest: +SKIP
    """

    def __init__(self, slot: str, execution: Execution, reader: Reader) -> None:
        self._slot = slot
        self._execution = execution
        self._reader = reader
        self._artifacts = {a.name: a for a in execution.artifacts if a.name not in SIDE_OUTPUTS}

    def __repr__(self) -> str:
        return f"<Outputs of {self._slot}: {', '.join(self._artifacts)}>"

    def __getitem__(self, name: str) -> Any:
        if name not in self._artifacts:
            raise DoesNotExistException(
                f"Step '{self._slot}' has no output '{name}'.",
                hint=suggest(name, self._artifacts),
            )
        return self._reader.output(self._slot, self._execution, self._artifacts[name])

    def __contains__(self, name: object) -> bool:
        return name in self._artifacts

    def __iter__(self) -> Iterator[str]:
        return iter(self._artifacts)

    def __len__(self) -> int:
        return len(self._artifacts)


class Results:
    """The part of a pipeline that reads what its last successful run left."""

    name: str | None
    _last: LastRun | None
    _refused: LastRun | None = None
    """What a run had come to that did not pass a gate: it can be looked at all the same."""

    # ------------------------------------------------------------------ values

    def outputs(self, slot: str) -> Outputs:
        """The outputs of a step, by name.

        Args:
            slot: such as `split`, `trainer`, `transform_2`.

        Returns:
            Datasets, the model, or JSON, each read when it is asked for.

        Raises:
            PipelineNotSucceededException: the pipeline has no successful run.
            DoesNotExistException: it has no such step.
        """
        workspace = current_workspace()
        return Outputs(slot, self._execution(slot, workspace), self._reader(workspace))

    def inputs(self, slot: str) -> dict[str, Any]:
        """What a step read, by the names of its inputs.

        Args:
            slot: such as `trainer`.

        Raises:
            PipelineNotSucceededException: the pipeline has no successful run.
            DoesNotExistException: it has no such step.
        """
        from zenlab.pipelines.running import snapshot_of
        from zenlab.pipelines.wiring import wire

        workspace = current_workspace()
        self._execution(slot, workspace)
        spec = self._succeeded().spec
        assert spec.datasource is not None
        commit = workspace.metadata.commit(
            workspace.project, spec.datasource.name, spec.datasource.commit
        )
        nodes = wire(spec, snapshot_of(commit, workspace), workspace)
        node = next(n for n in nodes if n.slot == slot)
        chosen: Any = {s: self._execution(s, workspace) for s in node.upstream}
        return self._reader(workspace).inputs(node, chosen)

    def model(self) -> Any:
        """The trained model, loaded and checked.

        Raises:
            TrustError: the model is of a class that may not be loaded here.
            PipelineNotSucceededException: the last run did not pass a gate.
        """
        self._check_passed()
        return self.outputs("trainer")["model"]

    def get_model_uri(self) -> str:
        """Where the model lies: a path or URL."""
        self._check_passed()
        return self._uri("trainer", "model")

    def download_model(self, out_path: str | None = None, overwrite: bool = False) -> str:
        """Copy the model's files into a folder.

        Args:
            out_path: the folder; `model` in the working directory by default.
            overwrite: whether a folder that is there already is replaced.

        Returns:
            The folder.

        Raises:
            ParameterError: the folder exists.
            PipelineNotSucceededException: the last run did not pass a gate.
        """
        self._check_passed()
        target = Path(out_path or "model")
        if target.exists() and not overwrite:
            raise ParameterError(
                f"'{target}' exists already.", where="out_path", hint="Use overwrite=True."
            )
        workspace = current_workspace()
        artifact = self._artifact("trainer", "model", workspace)
        source = workspace.artifacts.fetch(stored_of(artifact))
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(source, target)
        return str(target)

    def sample_transformed_data(
        self, split_name: str = "eval", sample_size: int = 100_000
    ) -> pd.DataFrame:
        """Rows of a split as the trainer sees them.

        Args:
            split_name: the split.
            sample_size: the most rows, the first ones of the split.
        """
        spec = self._succeeded().spec
        slot = "preprocesser" if "preprocesser" in spec.steps else "split"
        dataset: Dataset = self.outputs(slot)[split_name]
        return dataset.head(sample_size)

    def get_artifacts_uri_by_component(
        self, component_name: str, resolve_locally: bool = True
    ) -> list[str]:
        """Where the outputs of a step lie.

        Args:
            component_name: the slot.
            resolve_locally: whether to fetch them, and give the local folders.
        """
        workspace = current_workspace()
        execution = self._execution(component_name, workspace)
        if not resolve_locally:
            return [f"{workspace.artifacts.root}/{a.uri}" for a in execution.artifacts]
        return [str(workspace.artifacts.fetch(stored_of(a))) for a in execution.artifacts]

    # ------------------------------------------------------------------ panels

    def evaluate(self, magic: bool = False, port: int = 0) -> EvaluationPanel:  # noqa: ARG002 - 0.3
        """The evaluation of the model as a panel.

        Args:
            magic: accepted for code written for ZenML 0.3, and ignored.
            port: likewise.
        """
        import msgspec

        from zenlab.views import EvaluationPanel

        outputs = self.outputs("evaluator")
        if "evaluation" not in outputs:
            raise DoesNotExistException(
                f"The evaluator of '{self.name}' left no evaluation.",
                hint=f'Look at pipeline.outputs("evaluator"): {", ".join(outputs)}.',
            )
        return EvaluationPanel.from_json(
            msgspec.json.encode(outputs["evaluation"]),
            pipeline=self.name or "",
            model=self._model_title(),
        )

    def view_statistics(self, magic: bool = False, port: int = 0) -> StatisticsPanel:  # noqa: ARG002 - 0.3
        """The statistics of all splits, side by side, as a panel.

        Args:
            magic: accepted for code written for ZenML 0.3, and ignored.
            port: likewise.

        Raises:
            WorkerMissingError: the run had no TFDV worker, and there is none now.
        """
        from zenlab.views import StatisticsPanel

        looked = self._look(validated=False)
        return StatisticsPanel(
            looked.statistics,
            title=self.name or "",
            anomalies=looked.known_anomalies,
        )

    def view_schema(self) -> SchemaPanel:
        """What the rows should look like, as a panel; `accept()` keeps it for the datasource.

        Raises:
            WorkerMissingError: the run had no TFDV worker, and there is none now.
        """
        from zenlab.views import SchemaPanel

        looked = self._look()
        return SchemaPanel(
            looked.schema,
            title=self.name or "",
            statistics=looked.statistics,
            accept=looked.accept_schema,
        )

    def view_anomalies(self, split_name: str | None = "eval") -> AnomaliesPanel:
        """Where the rows of a split are not as the schema says, as a panel.

        `accept()` takes what the split holds, or only the columns that are named, up into the
        schema of the datasource.

        Args:
            split_name: the split; None: all.

        Raises:
            DoesNotExistException: there is no such split.
            WorkerMissingError: the run had no TFDV worker, and there is none now.
        """
        from zenlab.pipelines.looking import only
        from zenlab.views import AnomaliesPanel

        looked = self._look()
        anomalies = only(looked.anomalies, split_name)
        last = anomalies.datasets[-1].name
        return AnomaliesPanel(
            anomalies,
            title=self.name or "",
            statistics=looked.statistics,
            accept=lambda features: looked.accept_anomalies(features, split_name or last),
        )

    def _look(self, *, validated: bool = True) -> Looked:
        """The leaves of the run; one that it lacks is computed now, for the whole team."""
        from zenlab.pipelines.leaves import ungated, with_leaf_args
        from zenlab.pipelines.looking import Looked, look

        workspace = current_workspace()
        spec = self._succeeded().spec
        if "split" not in spec.steps:
            raise DoesNotExistException(
                f"Pipeline '{self.name}' has no split, so nothing was counted.",
                hint="Look at the data: datasource.view_statistics().",
            )
        assert spec.datasource is not None
        found = self._executions(workspace)
        wanted = ("statistics", "validation") if validated else ("statistics",)
        if all(slot in found for slot in wanted):
            leaves = {slot: found[slot] for slot in ("statistics", "validation") if slot in found}
            return Looked(leaves, workspace, spec.datasource.name)
        splits = {name: self.outputs("split")[name] for name in self.outputs("split")}
        return look(
            splits,
            workspace,
            datasource=spec.datasource.name,
            counted=with_leaf_args("statistics", spec).args,
            validated=ungated(with_leaf_args("validation", spec)).args if validated else None,
        )

    # ------------------------------------------------------------------ status

    def get_status(self) -> str:
        """How the last run ended: succeeded, failed, interrupted, lost, running, or `not run`.

        A run whose process was killed becomes `lost` when somebody looks (`zenlab status`).
        """
        if self.name is None:
            return "not run"
        workspace = current_workspace()
        runs: list[RunRecord] = workspace.metadata.runs(workspace.project, self.name, limit=1)
        return runs[0].status if runs else "not run"

    def get_hyperparameters(self) -> dict[str, Any]:
        """The parameters of the trainer."""
        return dict(self._succeeded().spec.steps["trainer"].args)

    # ------------------------------------------------------------------ finding what was left

    def _succeeded(self) -> LastRun:
        found = self._refused or self._last
        if found is None:
            raise PipelineNotSucceededException(
                f"Pipeline '{self.name}' has not been run.",
                where=self.name,
                hint="Run it: %zen run pipeline, or pipeline.run().",
            )
        return found

    def _check_passed(self) -> None:
        """A model that did not pass is not handed out as the one that did: a script may go on."""
        if self._refused is not None:
            raise PipelineNotSucceededException(
                f"The last run of pipeline '{self.name}' did not pass a gate.",
                where=self.name,
                hint='To look at its model all the same: pipeline.outputs("trainer")["model"].',
            )

    def _execution(self, slot: str, workspace: Workspace) -> Execution:
        """The execution that serves a slot: of the run of this object, or the store's last one."""
        last = self._succeeded()
        if slot not in last.spec.steps:
            raise DoesNotExistException(
                f"Pipeline '{self.name}' has no step '{slot}'.",
                hint=suggest(slot, last.spec.steps),
            )
        found = self._executions(workspace)
        if slot not in found:
            raise DoesNotExistException(
                f"Step '{slot}' of '{self.name}' has no result: the run went on without it.",
                where=slot,
                hint="%zen status shows why; run the pipeline again when it is mended.",
            )
        return found[slot]

    def _executions(self, workspace: Workspace) -> Mapping[str, Execution]:
        """The execution that serves, by slot."""
        last = self._succeeded()
        if last.result is not None:
            return {slot: step.execution for slot, step in last.result.steps.items()}
        return self._from_store(workspace)

    def _from_store(self, workspace: Workspace) -> dict[str, ExecutionRecord]:
        last = self._succeeded()
        spec, store = last.spec, workspace.metadata
        run = last.opened or store.latest_run(workspace.project, spec.name, digest=spec.digest)
        if run is None:
            raise PipelineNotSucceededException(
                f"Pipeline '{spec.name}' has no successful run in this store.",
                where=spec.name,
                hint=f'Run it: %zen run "{spec.name}".',
            )
        found = store.executions([r.execution_id for r in run.resolved])
        by_id = {e.id: e for e in found}
        return {r.slot: by_id[r.execution_id] for r in run.resolved if r.execution_id in by_id}

    def _reader(self, workspace: Workspace) -> Reader:
        from zenlab.pipelines.models import class_resolver

        def lost(_slot: str, execution: Execution) -> None:
            # So that the next run computes it again instead of trusting the record.
            if execution.fence:
                workspace.metadata.reopen(execution.work_key, execution.fence)

        return Reader(
            workspace.artifacts,
            resolve=class_resolver(self._succeeded().spec, workspace),
            on_lost=lost,
        )

    def _model_title(self) -> str:
        artifact = self._artifact("trainer", "model", current_workspace())
        return str(artifact.summary.get("class", "")).rpartition(".")[2]

    def _artifact(self, slot: str, name: str, workspace: Workspace) -> Any:
        execution = self._execution(slot, workspace)
        for artifact in execution.artifacts:
            if artifact.name == name:
                return artifact
        raise ArtifactError(f"Step '{slot}' of '{self.name}' left no '{name}'.", where=slot)

    def _uri(self, slot: str, name: str) -> str:
        workspace = current_workspace()
        return f"{workspace.artifacts.root}/{self._artifact(slot, name, workspace).uri}"
