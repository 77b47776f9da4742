"""Whether a stored panel still shows what its pipeline gives: its file, and what the store knows.

Nothing is computed and no code is loaded: what the pipeline file says needs Git alone, what came
out needs the records of this clone's store. What neither can tell is `unknown`, which is no
complaint: in CI there is no store, and a colleague's run may be in another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ZenlabError
from zenlab.pipelines.document import slug
from zenlab.pipelines.summary import outline, summarise
from zenlab.views.payloads import (
    ComparePayload,
    EvaluationPayload,
    RunPayload,
    SchemaPayload,
    from_json,
)
from zenlab.views.run import RunPanel
from zenlab.views.standing import Standing, by_name, differences
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import ExecutionRecord
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.views import Panel
    from zenlab.views.payloads import Payload

_LENGTHS = (60, 40, 30, 20, 16)
"""To how many characters panels cut a pipeline's name, the fullest form first."""


@dataclass(frozen=True)
class Present:
    """What is known now.

    Attributes:
        specs: the pipelines of the pipeline directory.
        place: the pipeline directory, as it is shown.
        unreadable: the slugs of files there that cannot be read.
        workspace: the repository whose stores are asked; None: files alone.
        without: why there is no workspace.
    """

    specs: Collection[PipelineSpec]
    place: str = "pipelines"
    unreadable: Collection[str] = field(default=())
    workspace: Workspace | None = None
    without: str = "no store was asked"

    def find(self, shown: str) -> PipelineSpec | None:
        """The pipeline that a panel calls so; panels cut long names."""
        for spec in self.specs:
            if any(shown == shorten(spec.name, length) for length in _LENGTHS):
                return spec
        return None


def standing(stored: object, present: Present) -> Standing:
    """How a stored panel stands to its pipeline's present state.

    Args:
        stored: the payload, as the notebook has it.
        present: what is known now.

    Returns:
        `stale` only if it is certain that the pipeline gives something else now.

    Example:
        >>> standing({"panel": "poem"}, Present(())).state
        'unknown'
    """
    import msgspec

    try:
        shown = from_json(stored)
    except msgspec.ValidationError:
        return Standing("unknown", ("its panel is of another version of zenlab",))
    if isinstance(shown, ComparePayload):
        return _of_comparison(shown, present)
    name = shown.pipeline if isinstance(shown, RunPayload | EvaluationPayload) else shown.title
    spec = present.find(name)
    if not isinstance(shown, RunPayload | EvaluationPayload) and (
        spec is None or name in {s.datasource.name for s in present.specs if s.datasource}
    ):
        # Statistics may be of a datasource, a frame or a file, which no file of Git names.
        return Standing("unknown", ("it is of no pipeline",), name)
    if spec is not None:
        return _of_pipeline(shown, spec, present)
    if isinstance(shown, EvaluationPayload):
        # Of a pipeline of another branch, which a shared store knows. A run writes the file.
        return Standing("unknown", (f"there is no pipeline '{name}' in {present.place}",), name)
    if slug(name) in present.unreadable:
        return Standing("unknown", (f"{slug(name)}.yaml cannot be read",), name)
    return Standing("stale", (_gone(shown, name, present),), name)


def _gone(shown: Payload, name: str, present: Present) -> str:
    """What became of a pipeline without a file."""
    same = [s.name for s in present.specs if not _declared(shown, s)]
    if same:
        return f"there is no pipeline '{name}' in {present.place}; '{same[0]}' has its content"
    return (
        f"there is no pipeline '{name}' in {present.place}: it was renamed or deleted, or nobody "
        f"has committed {slug(name)}.yaml"
    )


def _of_pipeline(shown: Payload, spec: PipelineSpec, present: Present) -> Standing:
    try:
        declared = _declared(shown, spec)
    except ZenlabError as error:  # steps that this version cannot put in order
        return Standing("unknown", (error.message,), spec.name)
    if declared:
        return Standing("stale", tuple(declared), spec.name)
    workspace = present.workspace
    if workspace is None:
        return Standing("unknown", (present.without,), spec.name)
    try:
        return _of_results(shown, spec, workspace)
    except ZenlabError as error:
        # A store that cannot be asked is none; what it says is for `zenlab doctor`.
        return Standing("unknown", (f"the store cannot tell: {error.message}",), spec.name)


def _declared(shown: Payload, spec: PipelineSpec) -> list[str]:
    """What the pipeline file says otherwise than a panel."""
    if not isinstance(shown, RunPayload):
        return []
    return differences(shown, _nearest(shown, RunPanel(outline(spec))), results=False)


def _nearest(shown: Payload, panel: Panel) -> Payload:
    """The form of a panel to compare with: of a run the one whose steps were cut alike."""
    forms = [form.payload for form in panel.forms()] if isinstance(panel, RunPanel) else []
    if not forms:
        return next(panel.forms()).payload
    return min(forms, key=lambda now: len(differences(shown, now, results=False)))


def _of_results(shown: Payload, spec: PipelineSpec, workspace: Workspace) -> Standing:
    run = workspace.metadata.latest_run(workspace.project, spec.name, digest=spec.digest)
    if run is None:
        return Standing("unknown", ("no run of it is in this clone's store",), spec.name)
    if isinstance(shown, RunPayload):
        panel: Panel | None = RunPanel(summarise(spec, run, workspace))
    else:
        found = workspace.metadata.executions([r.execution_id for r in run.resolved])
        by_id = {execution.id: execution for execution in found}
        slots = {r.slot: by_id[r.execution_id] for r in run.resolved if r.execution_id in by_id}
        panel = _PANELS[type(shown).__name__](shown, spec, slots, workspace)
    if panel is None:
        return Standing("unknown", ("its results are not in this clone's store",), spec.name)
    said = differences(shown, _nearest(shown, panel))
    return Standing("stale" if said else "current", tuple(said), spec.name)


# ------------------------------------------------------------------------- panels, never computed


def _evaluation(
    _: Any, spec: PipelineSpec, slots: Mapping[str, ExecutionRecord], workspace: Workspace
) -> Panel | None:
    import msgspec

    from zenlab.views import EvaluationPanel

    found = _read(slots, "evaluator", "evaluation", workspace)
    if found is None:
        return None
    trainer = slots.get("trainer")
    models = [a for a in trainer.artifacts if a.name == "model"] if trainer is not None else []
    title = str(models[0].summary.get("class", "")).rpartition(".")[2] if models else ""
    return EvaluationPanel.from_json(msgspec.json.encode(found), pipeline=spec.name, model=title)


def _statistics(
    _: Any, spec: PipelineSpec, slots: Mapping[str, ExecutionRecord], workspace: Workspace
) -> Panel | None:
    from zenlab.views import StatisticsPanel

    found = _read(slots, "statistics", "statistics", workspace)
    return None if found is None else StatisticsPanel(found, title=spec.name)


def _of_validation(
    shown: Payload, spec: PipelineSpec, slots: Mapping[str, ExecutionRecord], workspace: Workspace
) -> Panel | None:
    """The schema or the anomalies, beside which statistics stand."""
    from zenlab.views import AnomaliesPanel, SchemaPanel

    is_schema = isinstance(shown, SchemaPayload)
    found = _read(slots, "validation", "schema" if is_schema else "anomalies", workspace)
    counted = _read(slots, "statistics", "statistics", workspace)
    if found is None or counted is None:
        return None
    panel = SchemaPanel if is_schema else AnomaliesPanel
    return panel(found, title=spec.name, statistics=counted)


_PANELS: dict[str, Callable[..., Panel | None]] = {
    "EvaluationPayload": _evaluation,
    "StatisticsPayload": _statistics,
    "SchemaPayload": _of_validation,
    "AnomaliesPayload": _of_validation,
}


def _read(
    slots: Mapping[str, ExecutionRecord], slot: str, name: str, workspace: Workspace
) -> Any | None:
    """An output as it was left, or None. What is lost is not declared to be undone: we only look.

    Raises:
        ArtifactError: it is lost.
    """
    from zenlab.engine.values import Reader

    execution = slots.get(slot)
    artifact = next((a for a in execution.artifacts if a.name == name), None) if execution else None
    if execution is None or artifact is None:
        return None
    return Reader(workspace.artifacts).output(slot, execution, artifact)


# ------------------------------------------------------------------------------------ comparisons


def _of_comparison(shown: ComparePayload, present: Present) -> Standing:
    """Runs of pipelines that are here; others may be of another branch, and may be compared."""
    rows = by_name(shown)
    known = {name: spec for name in rows if (spec := present.find(name)) is not None}
    about = ", ".join(known)
    said = []
    for name, spec in known.items():
        commit = (spec.datasource.commit or "")[:12] if spec.datasource else ""
        source, _, was = rows[name].source.split("\t")
        if spec.datasource is not None and (source, was) != (spec.datasource.name, commit):
            said.append(f"{name}: data commit: {was or '-'} -> {commit or '-'}")
    if said:
        return Standing("stale", tuple(said), about)
    if present.workspace is None:
        return Standing("unknown", (present.without,), about)
    if len(known) < 2:
        return Standing("unknown", ("it shows no two pipelines by their names alone",), about)
    try:
        return _of_compared(shown, known, present.workspace)
    except ZenlabError as error:
        return Standing("unknown", (f"the store cannot tell: {error.message}",), about)


def _of_compared(
    shown: ComparePayload, known: Mapping[str, PipelineSpec], workspace: Workspace
) -> Standing:
    from zenlab.pipelines.compare import compare
    from zenlab.views import ComparePanel

    about = ", ".join(known)
    for spec in known.values():
        if not workspace.metadata.latest_run(workspace.project, spec.name, digest=spec.digest):
            return Standing("unknown", ("no run of it is in this clone's store",), spec.name)
    panel = ComparePanel(compare([spec.name for spec in known.values()], workspace))
    said = differences(shown, _nearest(shown, panel))
    return Standing("stale" if said else "current", tuple(said), about)
