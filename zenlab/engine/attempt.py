"""One execution of one claimed step: run it, and write what it leaves where nobody else writes."""

from __future__ import annotations

import contextlib
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StepError, StoreError, ZenlabError
from zenlab.core.step import StepContext
from zenlab.engine.audit import opened_files
from zenlab.engine.capture import captured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.artifacts import ArtifactStore, Stored
    from zenlab.core.step import Step


@dataclass
class Outcome:
    """What an execution left.

    Attributes:
        outputs: stored artifacts by name; `log` is what the step printed, `figure:<name>` a
            figure that it logged, `files` what it left in its output folder.
        metrics: (name, value, step of a series or None).
        findings: what the step, or the audit of it, has to say.
        seconds: how long the step computed and wrote, in seconds.
    """

    outputs: dict[str, Stored] = field(default_factory=dict)
    metrics: list[tuple[str, float, int | None]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Attempt:
    """Runs a step and stores its outputs below one folder of the artifact store.

    Args:
        store: the artifact store.
        folder: relative uri of this attempt: `<kind>/<k[:2]>/<key>/<fence>-<owner>`.
        slot: the step's place, for messages.
        root: the folder whose undeclared files are noticed.
        declared: the paths of the files that the step declares.
        on_progress: called with (done, total or None, message).
        beside: another step runs meanwhile in this process, to which belongs what is printed and
            opened.
    """

    def __init__(
        self,
        store: ArtifactStore,
        folder: str,
        slot: str,
        *,
        root: Path,
        declared: tuple[str, ...] = (),
        on_progress: Callable[[float, float | None, str], None] | None = None,
        beside: bool = False,
    ) -> None:
        self._store = store
        self._folder = folder
        self._slot = slot
        self._root = root
        self._declared = declared
        self._on_progress = on_progress
        self._beside = beside
        self._writers: dict[str, Any] = {}
        self.log = ""

    def run(self, step: Step, inputs: Mapping[str, Any]) -> Outcome:
        """Run the step and store what it returns.

        Whatever it raises passes through; then nothing of the attempt is left in the store, and
        `self.log` has what the step had printed.
        """
        started = time.perf_counter()
        try:
            with contextlib.ExitStack() as scratch:
                context = StepContext(
                    self._slot,
                    lambda: Path(
                        scratch.enter_context(tempfile.TemporaryDirectory(prefix="zenlab-"))
                    ),
                    new_writer=self._new_writer,
                    on_progress=self._on_progress,
                )
                outcome = self._run(step, inputs, context)
        except BaseException:
            self.discard()
            raise
        outcome.seconds = time.perf_counter() - started
        return outcome

    def discard(self) -> None:
        """Remove what this attempt has written."""
        for writer in self._writers.values():
            writer.abort()
        self._writers.clear()
        # Without its network a store cannot delete: what is there stays invisible, and why the
        # attempt failed is what counts.
        with contextlib.suppress(StoreError):
            self._store.delete(self._folder)

    def _run(self, step: Step, inputs: Mapping[str, Any], context: StepContext) -> Outcome:
        outcome = Outcome()
        opened: set[str] = set()
        if self._beside:
            values = step.run(inputs, context)
            outcome.outputs = {name: self._write(name, v) for name, v in values.items()}
        else:
            with captured() as log, opened_files(self._root, self._declared) as opened:
                try:
                    values = step.run(inputs, context)
                    # Inside, since an output may be a generator that computes as it is written.
                    outcome.outputs = {name: self._write(name, v) for name, v in values.items()}
                finally:
                    self.log = log.text
        extras = {f"figure:{name}": figure.to_json() for name, figure in context.figures.items()}
        if self.log:
            extras["log"] = self.log
        # vars(): asking for the folder would make it.
        if "output_dir" in vars(context) and any(context.output_dir.iterdir()):
            extras["files"] = context.output_dir
        for name, extra in extras.items():
            if name in outcome.outputs:
                raise StepError(
                    f"Step '{self._slot}' has an output with the reserved name '{name}'."
                )
            outcome.outputs[name] = self._write(name, extra)
        outcome.metrics = context.metrics
        outcome.findings = context.findings + [
            f"Step '{self._slot}' read '{name}', which is not declared: a change of it will not be "
            f"noticed. Declare it with files=['{name}']."
            for name in sorted(opened)
        ]
        return outcome

    def _uri(self, name: str) -> str:
        from zenlab.artifacts import safe_name

        return f"{self._folder}/{safe_name(name)}"

    def _new_writer(self, name: str) -> Any:
        from zenlab.artifacts import DatasetWriter

        if name in self._writers:
            raise ZenlabError(f"Step '{self._slot}' asked twice for a writer of '{name}'.")
        self._writers[name] = DatasetWriter(self._store.stage(self._uri(name)), name=name)
        return self._writers[name]

    def _write(self, name: str, value: Any) -> Stored:
        from zenlab.artifacts import write_value

        uri = self._uri(name)
        writer = self._writers.get(name)
        if writer is not None and writer is value:
            del self._writers[name]
            return self._store.publish(uri, writer.folder, writer.close())
        staged = self._store.stage(uri)
        return self._store.publish(uri, staged, write_value(value, staged))
