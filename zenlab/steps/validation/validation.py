"""`DataValidation`: what the rows should look like, and where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zenlab.core.errors import GateError, ParameterError, WorkerError, suggest
from zenlab.steps.base import TRAIN
from zenlab.steps.validation.leaf import LeafStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from zenlab.core.statistics import Statistics
    from zenlab.core.validation import Anomalies, DataSchema

SCHEMA = "schema"
ANOMALIES = "anomalies"
SCHEMA_FILE = "schema.pbtxt"
"""The schema as TFDV's text proto, in the output `files`."""

_SHOWN = 5


class DataValidation(LeafStep):
    """Compare each split with the schema, and with the training rows.

    The schema is the one in `schemas/<datasource>.pbtxt`, if the repository has it when the
    pipeline is first run; else it is inferred from the split `train`. A pipeline with a split has
    this step without being asked; give it to `add_validation` to set one of its options.

    Args:
        thresholds: by column: how far its values may be from those of the training rows. Others
            have the defaults of `zenlab.core.validation`: an L-infinity distance of 0.1 for text,
            a Jensen-Shannon divergence of 0.1 for numbers.
        fail_on_anomalies: a gate: stop the run before preprocesser and trainer if there are
            anomalies of severity `error`; True: in any split; a list: in these.
        labels: columns that serving data lack: they are not in the environment `SERVING`. By
            default the labels of the preprocesser.
        schema: the pinned schema (64 digits of its file's SHA-256). Set by the pipeline.
        environment: the environment of the schema that the rows belong to. Set by what compares
            datasources.
        comparison: `skew` compares with the training rows, `drift` with an earlier state. Set by
            what compares datasources.
        sensitive: columns of which no value may be kept; those that the datasource declares
            sensitive are always among them.

    Example:
        >>> DataValidation(thresholds={"carrier": 0.05}).thresholds
        {'carrier': 0.05}
    """

    KIND: ClassVar[str] = "validation"
    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        thresholds: Mapping[str, float] | None = None,
        fail_on_anomalies: bool | Sequence[str] = False,
        labels: Sequence[str] | None = None,
        schema: str | None = None,
        environment: str | None = None,
        comparison: Literal["skew", "drift"] = "skew",
        sensitive: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        if isinstance(fail_on_anomalies, str):
            raise ParameterError(
                f"fail_on_anomalies={fail_on_anomalies!r} is a text.",
                where="DataValidation",
                hint=f"Write fail_on_anomalies=[{fail_on_anomalies!r}].",
            )
        if fail_on_anomalies and type(self) is not DataValidation:
            # The engine knows the gates of zenlab's own steps, which are in no key.
            raise ParameterError(
                f"{type(self).__name__} is a step of your own: its gate would not be seen.",
                where=type(self).__name__,
                hint="Raise an error in its run() instead.",
            )
        for argument, columns in (("labels", labels), ("sensitive", sensitive)):
            if isinstance(columns, str):
                raise ParameterError(
                    f"{argument}={columns!r} is a text.",
                    where="DataValidation",
                    hint=f"Write {argument}=[{columns!r}].",
                )
        for name, threshold in (thresholds or {}).items():
            if not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
                raise ParameterError(
                    f"The threshold of '{name}' is {threshold!r}; it lies between 0 and 1.",
                    where="DataValidation.thresholds",
                )
        self.thresholds = dict(thresholds or {})
        self.fail_on_anomalies = fail_on_anomalies
        self.labels = list(labels or [])
        self.schema = schema
        self.environment = environment
        self.comparison = comparison
        self.sensitive = list(sensitive or [])

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        from zenlab.validation import worker

        statistics: Statistics = inputs["statistics"]
        protos: Path = inputs["files"]
        baseline: Path = inputs.get("baseline", protos)
        names = [d.name for d in statistics.datasets if not d.slice]
        before = [d.name for d in inputs.get("baseline_statistics", statistics).datasets]
        against = TRAIN if TRAIN in before else before[0]
        _check_columns(self.thresholds, statistics)
        out = self.context.output_dir
        file = out / SCHEMA_FILE
        if self.schema is not None:
            file.write_text(self.schema, encoding="utf-8")
            schema = self._read_schema(file)
        else:
            schema = self.wait_for(
                worker().schema(
                    baseline,
                    file,
                    dataset=against,
                    labels=self.labels,
                    thresholds=self.thresholds,
                    sensitive=self.sensitive,
                )
            )
        anomalies = self.wait_for(
            worker().validate(
                protos,
                file,
                out,
                datasets=names,
                baseline=baseline,
                baseline_dataset=against,
                comparison=self.comparison,
                environment=self.environment or "",
                sensitive=self.sensitive,
            )
        )
        (out / "anomalies.json").unlink()  # it is an output of its own
        return {SCHEMA: schema, ANOMALIES: anomalies}

    def _read_schema(self, file: Path) -> DataSchema:
        from zenlab.validation import worker

        try:
            return self.wait_for(worker().read_schema(file))
        except WorkerError as error:
            raise _placed(error) from error


def _placed(error: WorkerError) -> WorkerError:
    """What is wrong with a schema, and where in it; the file is one that nobody can correct."""
    place = (error.where or "").partition(", ")[2]
    return WorkerError(
        f"{error.message.rstrip('.')}{f' ({place})' if place else ''}.",
        hint="Correct it in schemas/, or restore it from Git; 'zenlab schema check' finds the "
        "place. Then declare and run the pipeline again.",
    )


def gate(fail_on: bool | Sequence[str], slot: str) -> Callable[[Callable[[str], Any]], None]:
    """What stops a run at anomalies.

    Args:
        fail_on: True: in any split; a list: in these.
        slot: of the validation.

    Returns:
        A function of a function that reads an output by its name; it raises `GateError`.
    """

    def check(read: Callable[[str], Any]) -> None:
        anomalies: Anomalies = read(ANOMALIES)
        known = [d.name for d in anomalies.datasets]
        wanted = known if fail_on is True else list(fail_on or [])
        for name in wanted:
            if name not in known:
                raise ParameterError(
                    f"fail_on_anomalies names the split '{name}', which there is not.",
                    where=slot,
                    hint=suggest(name, known),
                )
        found = [
            f"{dataset.name}: {a.feature or 'the dataset'}: {a.text}"
            for dataset in anomalies.datasets
            if dataset.name in wanted
            for a in dataset.anomalies
            if a.severity == "error"
        ]
        if found:
            more = f"\nand {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise GateError(
                f"The data has {len(found)} anomal{'y' if len(found) == 1 else 'ies'}, and "
                "fail_on_anomalies is set.\n" + "\n".join(found[:_SHOWN]) + more,
                where=slot,
                hint="Look at them: pipeline.view_anomalies(). If the data is right, accept it "
                'there: panel.accept("column").',
                slot=slot,
            )

    return check


def _check_columns(thresholds: Mapping[str, float], statistics: Statistics) -> None:
    known = {f.name for d in statistics.datasets for f in d.features}
    for name in thresholds:
        if name not in known:
            raise ParameterError(
                f"thresholds names a column '{name}', which there is not.",
                where="DataValidation.thresholds",
                hint=suggest(name, known),
            )
