"""A pipeline as a plain Python script: pandas, scikit-learn, its Parquet files, and no zenlab."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError, PipelineNotSucceededException, ZenlabError
from zenlab.core.evaluation import Evaluation
from zenlab.engine.values import Reader, stored_of
from zenlab.pipelines.declare import CODE, code_refs
from zenlab.pipelines.eject import preprocessing
from zenlab.pipelines.eject.estimator import estimator_expression
from zenlab.pipelines.eject.evaluating import evaluator_lines
from zenlab.pipelines.eject.user_code import Unwritable, UserCode, given, plain_expression
from zenlab.pipelines.resolve import Home, find_code
from zenlab.pipelines.spec import StepSpec
from zenlab.pipelines.wiring import kind_of, slot_order
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from pathlib import Path

    from zenlab.core.workspace import Workspace
    from zenlab.metadata import ArtifactRecord, ExecutionRecord
    from zenlab.pipelines.spec import PipelineSpec

_CONTEXT = '''\
class _Context:
    """What zenlab gives to a step that asks for `context`."""

    output_dir = Path(".")

    def log_metric(self, name, value, step=None):
        print(name if step is None else f"{name} at {step}", value)

    def log_figure(self, *given, **more):
        pass

    def progress(self, *given, **more):
        pass
'''

_READ = '''\
def _read(folder):
    """The rows of a folder of Parquet files, in their order."""
    files = sorted((Path(__file__).parent / folder).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
'''


@dataclass
class Ejected:
    """A script, and what there is to say of it.

    Attributes:
        text: the script.
        notes: what it cannot express, a sentence each.
        folders: folder beside the script -> folder of Parquet files to be copied there.
    """

    text: str = ""
    notes: list[str] = field(default_factory=list)
    folders: dict[str, Path] = field(default_factory=dict)


def eject(spec: PipelineSpec, workspace: Workspace, *, copy_to: str | None = None) -> Ejected:
    """Write a pipeline as a script.

    Args:
        spec: the pipeline.
        workspace: the repository, whose store has its results.
        copy_to: the folder beside the script into which data will be copied; None: the script
            reads from where the artifacts are.

    Raises:
        PipelineNotSucceededException: it has no successful run: nothing has been fitted or split.
    """
    run = workspace.metadata.latest_run(workspace.project, spec.name, digest=spec.digest)
    if run is None:
        raise PipelineNotSucceededException(
            f"Pipeline '{spec.name}' as it is here has no successful run, whose splits and numbers "
            "the script would need.",
            where=spec.name,
            hint=f'Run it: zenlab run "{spec.name}"',
        )
    by_id = {e.id: e for e in workspace.metadata.executions([r.execution_id for r in run.resolved])}
    executions = {r.slot: by_id[r.execution_id] for r in run.resolved if r.execution_id in by_id}
    return _Writer(spec, workspace, executions, copy_to).write(run.label)


def copy_data(found: Ejected, beside: Path) -> None:
    """Copy the Parquet files that a script reads beside it.

    Args:
        found: of `eject` with `copy_to`.
        beside: the folder of the script.
    """
    for name, source in found.folders.items():
        target = beside / name
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.glob("*.parquet")):
            shutil.copyfile(file, target / file.name)


class _Writer:
    def __init__(
        self,
        spec: PipelineSpec,
        workspace: Workspace,
        executions: dict[str, ExecutionRecord],
        copy_to: str | None,
    ) -> None:
        self.spec = spec
        self.workspace = workspace
        self.executions = executions
        self.copy_to = copy_to
        self.code = UserCode(workspace, self._find)
        self.found = Ejected()
        self.imports = {"import numpy as np": None, "import pandas as pd": None}
        self.imports |= {"from pathlib import Path": None, "from sklearn import metrics": None}
        self.helpers: list[str] = _READ.splitlines()
        self.body: list[str] = []
        self.comments: list[str] = []

    def _find(self, source: str, code: str) -> Any:
        """The code of a module, as a run of this pipeline would find it."""
        commits = {
            mark: step.code_commit
            for step in self.spec.steps.values()
            for _, mark in [(step.source, step.code), *code_refs(step.args)]
        }
        home = Home(self.workspace, commit=commits.get(code), pipeline=self.spec.name)
        return find_code(source, code, home)

    def write(self, label: str) -> Ejected:
        kinds = {kind_of(slot) for slot in self.spec.steps}
        self._transforms()
        if "split" in kinds:
            self._splits()
            self._examples()
        if "trainer" in kinds and self._trainer() and "evaluator" in kinds:
            self._evaluator()
        self.found.text = self._text(label)
        compile(self.found.text, "script", "exec")  # whatever is in it: a script is valid Python
        return self.found

    # ------------------------------------------------------------------ rows

    def _transforms(self) -> None:
        """The rows before the split: as a function where they are read from the split's files."""
        slots = [s for s in sorted(self.spec.steps, key=slot_order) if kind_of(s) == "transform"]
        source = self.spec.datasource
        if source is None or source.commit is None:
            return
        commit = self.workspace.metadata.commit(self.workspace.project, source.name, source.commit)
        if commit is None or ("split" in self.spec.steps and not slots):
            return
        lines = [f"rows = _read({self._folder('rows', commit.artifact)!r})"]
        for slot in slots:
            step = self.spec.steps[slot]
            try:
                lines.append(f"rows = {self._call(step, 'rows')}")
            except Unwritable as error:
                self._note(slot, step, error, "The rows of the splits have been through it.")
                return
        if "split" not in self.spec.steps:
            self.body += [*lines, "print(rows)"]
            return
        self.helpers += [
            "",
            "",
            "def _make_rows():",
            '    """How the rows of the splits were made; they are read as they came out of it."""',
            *(f"    {line}" for line in lines),
            "    return rows",
        ]

    def _splits(self) -> None:
        step = self.spec.steps["split"]
        called = visible(f"{step.title}({plain_args(step)})")
        self.body.append(f"# {called}: the rows of each split as they were")
        self.body.append("# assigned. How is in zenlab's documentation; it takes more than a line.")
        self.body.append("splits = {")
        for artifact in self._outputs("split"):
            folder = self._folder(f"split/{artifact.name}", artifact)
            self.body.append(f"    {artifact.name!r}: _read({folder!r}),")
        self.body.append("}")

    def _examples(self) -> None:
        step = self.spec.steps.get("preprocesser")
        if step is None:
            self.body.append("examples = splits")
            return
        try:
            if step.code is None:
                state = self._value("preprocesser", "preprocesser")
                lines = preprocessing.function_lines(step.title, state)
                self.helpers += ["", "", *preprocessing.HELPERS.splitlines(), "", "", *lines]
                call = "_preprocess(rows)"
            else:
                call = self._call(step, "rows")
            self.body.append(f"examples = {{name: {call} for name, rows in splits.items()}}")
        except Unwritable as error:
            self._note("preprocesser", step, error, "What it made is read from its files.")
            self.body.append("examples = {")
            for artifact in self._outputs("preprocesser"):
                folder = self._folder(f"preprocesser/{artifact.name}", artifact)
                self.body.append(f"    {artifact.name!r}: _read({folder!r}),")
            self.body.append("}")

    # ------------------------------------------------------------------ model and metrics

    def _trainer(self) -> bool:
        """The lines that train; whether there is a model to be judged afterwards."""
        step = self.spec.steps["trainer"]
        try:
            if step.code is not None:
                call = self._call(step, "examples['train']", eval="examples.get('eval')")
                self.body.append(f"model = {call}")
                return True
            if step.title != "SklearnTrainer":
                raise Unwritable(f"{step.title} has no short equivalent")  # noqa: TRY301
            imports, expression = estimator_expression(step.args, self.code)
        except Unwritable as error:
            self._note("trainer", step, error, "The script ends before it.")
            return False
        self.imports.update(dict.fromkeys(imports))
        self.body += [
            "train = examples['train']",
            "X, y = train.filter(regex='_xf$'), train.filter(regex='_xl$').to_numpy()",
            "y = y[:, 0] if y.shape[1] == 1 else y",
            f"model = {expression}",
            "model.fit(X, y)",
        ]
        return True

    def _evaluator(self) -> None:
        step = self.spec.steps["evaluator"]
        recorded = self.executions["evaluator"].metrics if "evaluator" in self.executions else ()
        try:
            if step.code is not None:
                call = self._call(step, "model, examples", raw="splits")
                self.body.append(f"for name, value in {call}.items():")
                self.body.append("    print(name, value)")
                self.body += [f"# recorded: {m.name!r} {m.value!r}" for m in recorded]
                return
            functions = {}
            for metric in step.args.get("metrics") or []:
                if isinstance(metric, dict) and CODE in metric:
                    title = StepSpec(metric[CODE]["source"]).title
                    functions[title] = plain_expression(metric, self.code)
            evaluation = self._value("evaluator", "evaluation")
            if not isinstance(evaluation, Evaluation):
                import msgspec

                evaluation = msgspec.convert(evaluation, Evaluation)
            self.body += evaluator_lines(evaluation, functions, self.code, self.found.notes)
        except Unwritable as error:
            self._note("evaluator", step, error, "The model is not judged.")
            self.body += [f"# recorded: {m.name!r} {m.value!r}" for m in recorded]

    # ------------------------------------------------------------------ parts

    def _call(self, step: StepSpec, data: str, **offered: str) -> str:
        """The call of a user's function with its recorded parameters."""
        if step.code is None:
            raise Unwritable(f"{step.title} has no short equivalent")
        name = self.code.add(step.source, step.code, is_step=True)
        names = self.code.arguments(name)
        parts = [data]
        parts += [f"{k}={v}" for k, v in offered.items() if k in names and k not in step.args]
        if "context" in names and "context" not in step.args:
            self.helpers = [*_CONTEXT.splitlines(), "", "", *self.helpers]
            parts.append("context=_Context()")
        parts += [given(k, plain_expression(v, self.code)) for k, v in step.args.items()]
        return f"{name}({', '.join(parts)})"

    def _outputs(self, slot: str) -> list[ArtifactRecord]:
        found = self.executions.get(slot)
        return [a for a in found.artifacts if a.format == "parquet"] if found is not None else []

    def _folder(self, name: str, artifact: ArtifactRecord) -> str:
        """Where the script reads a dataset: beside itself, or where it is."""
        try:
            place: Path = self.workspace.artifacts.fetch(stored_of(artifact))
        except ZenlabError as error:
            raise ParameterError(
                f"The data of '{name}' cannot be read, so the script would not run: "
                f"{error.message}",
                where=error.where,
                hint=f'Run the pipeline again: zenlab run "{self.spec.name}"',
            ) from error
        if self.copy_to is None:
            return str(place.resolve())
        self.found.folders[f"{self.copy_to}/{name}"] = place
        return f"{self.copy_to}/{name}"

    def _value(self, slot: str, name: str) -> Any:
        execution = self.executions.get(slot)
        for artifact in execution.artifacts if execution is not None else ():
            if artifact.name == name and execution is not None:
                return Reader(self.workspace.artifacts).output(slot, execution, artifact)
        raise Unwritable("its recorded result is not there")

    def _note(self, slot: str, step: StepSpec, error: Unwritable, then: str) -> None:
        self.found.notes.append(f"{slot}: {step.title} cannot be written: {error}. {then}")
        if step.code is not None:
            self.comments += [f"# {line}" for line in self.code.to_read(step.code)]

    def _text(self, label: str) -> str:
        title = " ".join(label.split()).replace("\\", "/").replace('"', "'")
        head = [
            f'"""{title} as a plain script, written by zenlab.',
            "",
            "It needs numpy, pandas with pyarrow, and scikit-learn; not zenlab. What was recorded",
            'of each metric stands above the line that computes it.\n"""',
            "",
            *self.code.future,
            *self.imports,
            "",
            *(f"# NOTE {' '.join(note.split())}" for note in self.found.notes),
            *self.comments,
            *self.code.lines(),
            "",
            "",
            *self.helpers,
            "",
            "",
            "def main():",
            *(f"    {line}" for line in self.body or ["pass"]),
            "",
            "",
            'if __name__ == "__main__":',
            "    main()",
        ]
        return "\n".join(line.rstrip() for line in head) + "\n"


def plain_args(step: StepSpec) -> str:
    """The arguments of a step for a comment, in one line."""
    text = ", ".join(f"{name}={value!r}" for name, value in step.args.items())
    return " ".join(text.split())[:200]
