"""`BasePipeline`: what a user declares. Declaring costs nothing: `run` looks at names and code."""

from __future__ import annotations

import copy as copying
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast, overload

from zenlab.core.errors import (
    DoesNotExistException,
    GateError,
    ImmutableError,
    ParameterError,
    suggest,
)
from zenlab.core.events import new_watcher
from zenlab.core.workspace import current_workspace
from zenlab.pipelines.declare import Declaration, Declared, declaration
from zenlab.pipelines.results import Results
from zenlab.pipelines.running import LastRun, run_pipeline, specify
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec, from_document
from zenlab.pipelines.watching import run_watched
from zenlab.pipelines.wiring import REPEATABLE, kind_of, slot_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from zenlab.core.events import Event, Watcher
    from zenlab.core.workspace import Workspace
    from zenlab.datasources import BaseDatasource
    from zenlab.metadata import RunRecord
    from zenlab.pipelines.why import RunWhy, StepWhy


class BasePipeline(Results):
    """A declared pipeline: a datasource, and steps in slots.

    Args:
        name: what the team calls it. Checked when it is run, never before.
        enable_cache: False executes every step of every run (and stores the results).
        steps_dict: steps by slot, as an alternative to `add_*`.
        backend: accepted for code written for ZenML 0.3, and ignored.
        metadata_store: accepted and ignored; the repository has one.
        artifact_store: accepted and ignored; the repository has one.
        datasource: as an alternative to `add_datasource`.
    """

    TYPE: ClassVar[str] = ""
    """What the file says: `training`, `data`."""

    KINDS: ClassVar[tuple[str, ...]] = ()
    """The kinds of steps that this pipeline takes."""

    def __init__(
        self,
        name: str | None = None,
        enable_cache: bool = True,
        steps_dict: dict[str, Any] | None = None,
        backend: object = None,  # noqa: ARG002 - 0.3
        metadata_store: object = None,  # noqa: ARG002 - 0.3
        artifact_store: object = None,  # noqa: ARG002 - 0.3
        datasource: BaseDatasource | None = None,
    ) -> None:
        self.name = name
        self.enable_cache = enable_cache
        self._datasource: BaseDatasource | None = None
        self._datasource_spec: DatasourceSpec | None = None
        self._commit_id: str | None = None
        self._steps: dict[str, Declaration | StepSpec] = {}
        self._copied_from: dict[str, str] | None = None
        self._frozen: str | None = None
        self._last: LastRun | None = None
        if datasource is not None:
            self.add_datasource(datasource)
        for slot, step in (steps_dict or {}).items():
            self._add(kind_of(slot), step, {})

    def __repr__(self) -> str:
        source = self._datasource_spec.name if self._datasource_spec else self._datasource
        name = source if isinstance(source, str) or source is None else source.name
        steps = " -> ".join(self._steps[s].title for s in sorted(self._steps, key=slot_order))
        return f"<{type(self).__name__} {self.name!r}: {name} -> {steps}>"

    # ------------------------------------------------------------------ declaring

    def add_datasource(self, datasource: BaseDatasource, commit_id: str | None = None) -> None:
        """Say where the rows come from.

        Args:
            datasource: a `CSVDatasource`, `ParquetDatasource`, `PandasDatasource`, ...
            commit_id: the snapshot to use, or a unique prefix of its id. By default the pipeline
                pins the datasource's present state at its first run.
        """
        self._check_mutable("add_datasource")
        if not hasattr(datasource, "commit") or isinstance(datasource, type):
            raise ParameterError(
                f"add_datasource takes a datasource, not {datasource!r}.",
                where="add_datasource",
                hint="Such as CSVDatasource(name=..., path=...).",
            )
        self._datasource = datasource
        self._datasource_spec = None
        self._commit_id = commit_id

    def remove_step(self, slot: str) -> None:
        """Take a step out again.

        Args:
            slot: such as `transform_2`.

        Raises:
            DoesNotExistException: there is no such slot.
        """
        self._check_mutable("remove_step")
        if slot not in self._steps:
            raise DoesNotExistException(
                f"The pipeline has no step '{slot}'.", hint=suggest(slot, self._steps)
            )
        del self._steps[slot]

    def _add(
        self,
        kind: str,
        thing: Any,
        params: dict[str, Any],
        *,
        files: Sequence[str] = (),
        env: Sequence[str] = (),
        packages: Sequence[str] = (),
    ) -> None:
        self._check_mutable(f"add_{kind}")
        if kind not in self.KINDS:
            raise ParameterError(
                f"A {type(self).__name__} takes no {kind}.", hint=suggest(kind, self.KINDS)
            )
        step = declaration(
            kind, thing, params, files=tuple(files), env=tuple(env), packages=tuple(packages)
        )
        slot = kind
        if kind in REPEATABLE and kind in self._steps:
            taken = [slot_order(s)[1] for s in self._steps if kind_of(s) == kind]
            slot = f"{kind}_{max(taken) + 1}"
        self._steps[slot] = step

    def _check_mutable(self, what: str) -> None:
        if self._frozen:
            raise ImmutableError(
                f"{what}: {self._frozen}, so it cannot be changed.",
                where=self.name,
                hint=f'Change a copy: pipeline.copy("{self.name} 2").',
            )

    def copy(self, new_name: str) -> Self:
        """The same pipeline under a new name, which can be changed.

        It keeps the data commit, and records the name and digest of its origin.

        Args:
            new_name: the name of the copy; checked when it is run.

        Example:
            >>> pipeline_b = pipeline_a.copy("Pipeline B")  # doctest: +SKIP
            >>> pipeline_b.add_trainer(SklearnTrainer("LogisticRegression"))  # doctest: +SKIP
        """
        new = copying.copy(self)
        new._become_copy(new_name)  # noqa: SLF001 - of this class
        return new

    def _become_copy(self, new_name: str) -> None:
        """Turn a shallow copy into the copy that a user asked for."""
        spec = self._spec
        origin = {"name": self.name} if self.name is not None else None
        if origin is not None and spec is not None:
            origin["digest"] = spec.digest
        if spec is not None and spec.datasource is not None:
            self._commit_id = spec.datasource.commit
        self.name = new_name
        self._copied_from = origin
        self._steps = dict(self._steps)
        self._frozen = None
        self._last = None
        self._refused = None

    @property
    def declared(self) -> Declared:
        """The pipeline as it stands, for who runs or plans it."""
        return Declared(
            type=self.TYPE,
            name=self.name,
            enable_cache=self.enable_cache,
            datasource=self._datasource,
            recorded=self._datasource_spec,
            commit_id=self._commit_id,
            steps=dict(self._steps),
            copied_from=self._copied_from,
        )

    @property
    def last(self) -> LastRun | None:
        """The last run of this object, or what its file says of it; None before the first run."""
        return self._last

    # ------------------------------------------------------------------ running

    def run(
        self,
        backend: object = None,  # noqa: ARG002 - 0.3
        metadata_store: object = None,  # noqa: ARG002 - 0.3
        artifact_store: object = None,  # noqa: ARG002 - 0.3
        *,
        force: Collection[str] = (),
        latest: bool = False,
        on_busy: str = "wait",
        listener: Callable[[Event], None] | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        """Run the pipeline: what the cache has is taken from there, the rest is executed.

        Args:
            backend: accepted for code written for ZenML 0.3, and ignored; so are the stores.
            metadata_store: see `backend`.
            artifact_store: see `backend`.
            force: slots to execute (and store) whatever the cache has.
            latest: take a new commit of the datasource first.
            on_busy: when somebody else computes a step: `wait` for it, or `fail`.
            listener: is told of each event.
            watcher: shows the run; by default the cell does, after `%load_ext zenlab`.

        Raises:
            AlreadyExistsException: the name belongs to another, frozen pipeline.
            StepError: a step failed; the steps before it stay cached.
        """
        workspace = current_workspace()

        def run(tell: Callable[[Event], None] | None) -> LastRun:
            return run_pipeline(
                self.declared,
                workspace,
                force=set(force),
                latest=latest,
                on_busy=on_busy,
                listener=tell,
            )

        if listener is None and watcher is None:
            watcher = new_watcher()
        try:
            if watcher is None:
                self._last = run(listener)
            else:
                self._last = run_watched(run, watcher, self.name, workspace)
        except GateError as error:
            self._refused = error.partial
            raise
        self._refused = None
        self.name = self._last.spec.name
        self._frozen = f"pipeline '{self.name}' has been run"

    @overload
    def why(self, slot: str, *, next_run: bool = False) -> StepWhy: ...

    @overload
    def why(self, slot: None = None, *, next_run: bool = False) -> RunWhy: ...

    def why(self, slot: str | None = None, *, next_run: bool = False) -> StepWhy | RunWhy:
        """Why a step was executed or came from the cache in the last run, and what differs.

        What it returns is about one moment: print it, rather than keep it in a notebook.

        Args:
            slot: a step, such as `trainer`; by default all of them, a line each.
            next_run: what would happen now instead. A pipeline that has not been run is explained
                so anyway.

        Raises:
            DoesNotExistException: the pipeline has no such step.

        Example:
            >>> print(pipeline.why("trainer"))  # doctest: +SKIP
            trainer (SklearnTrainer) was executed in Pipeline A#4, 40.2 s
              nearest earlier execution: Pipeline A#3 by you on lab-1, 2026-11-24 19:31 (25 min ago)
              what differs:
                learning_rate: 0.1 -> 0.05
        """
        explained = self._explain(slot, next_run=next_run)
        return explained if slot is None else explained[slot]

    def _explain(self, slot: str | None, *, next_run: bool) -> RunWhy:
        from zenlab.pipelines.why import explain_next, explain_run

        workspace = current_workspace()
        run = None if next_run else self._last_run(workspace)
        if run is None:
            return explain_next(self.declared, workspace, slot)
        return explain_run(run, workspace, slot)

    def _last_run(self, workspace: Workspace) -> RunRecord | None:
        """The row of the run of this object, or the store's last one of what was opened."""
        last = self._refused or self._last
        if last is None:
            return None
        if last.record is not None:
            return cast("RunRecord | None", workspace.metadata.run(last.record.id))
        spec = last.spec
        runs: list[RunRecord] = workspace.metadata.runs(workspace.project, spec.name)
        return next((r for r in runs if r.pipeline_digest == spec.digest), None)

    # ------------------------------------------------------------------ object <-> document

    @property
    def _spec(self) -> PipelineSpec | None:
        """The specification of the last run or of the file, or None before the first run."""
        return self._last.spec if self._last is not None else None

    def to_config(self) -> dict[str, Any]:
        """The content of the pipeline's file, by the state of its code right now."""
        return specify(self.declared, current_workspace()).spec.to_document()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> BasePipeline:
        """The pipeline that a file describes; immutable, as it is somebody's.

        Args:
            config: what `to_config` gave.
        """
        return pipeline_of(from_document(config))

    @classmethod
    def of(cls, spec: PipelineSpec, run: RunRecord | None = None) -> Self:
        """A pipeline whose steps are recorded ones.

        Args:
            spec: what is recorded.
            run: whose results it gives; by default those of its latest successful run.
        """
        new = cls(spec.name, enable_cache=spec.enable_cache)
        new._become(spec, run)
        return new

    def _become(self, spec: PipelineSpec, run: RunRecord | None = None) -> None:
        self._steps = dict(spec.steps)
        self._datasource_spec = spec.datasource
        self._commit_id = spec.datasource.commit if spec.datasource else None
        self._copied_from = spec.copied_from
        self._last = LastRun(spec, opened=run)
        self._frozen = f"pipeline '{spec.name}' was opened by its name"


def pipeline_of(spec: PipelineSpec, run: RunRecord | None = None) -> BasePipeline:
    """The pipeline of a specification, of the class that its type names.

    Args:
        spec: what is recorded.
        run: whose results it gives; by default those of its latest successful run.

    Raises:
        ParameterError: this zenlab does not know the type.
    """
    from zenlab.pipelines import PIPELINE_TYPES

    if spec.type not in PIPELINE_TYPES:
        raise ParameterError(
            f"Pipeline '{spec.name}' is of the unknown type '{spec.type}'.",
            where=spec.name,
            hint=suggest(spec.type, PIPELINE_TYPES),
        )
    return PIPELINE_TYPES[spec.type].of(spec, run)
