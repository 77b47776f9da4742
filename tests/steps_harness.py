"""Runs a step on DataFrames, through real Parquet files and the real writer of datasets."""

from __future__ import annotations

import tempfile
from pathlib import Path

from zenlab.artifacts import DatasetWriter
from zenlab.core.dataset import Dataset
from zenlab.core.step import StepContext


def dataset(rows, name="data"):
    """A `Dataset` of a DataFrame or an Arrow table, at rest in Parquet."""
    if isinstance(rows, Dataset):
        return rows
    writer = DatasetWriter(Path(tempfile.mkdtemp()), name=name)
    writer.write(rows)
    return at_rest(writer)


def at_rest(writer):
    described = writer.close()
    return Dataset(
        lambda: writer.folder,
        digest=described.content_digest,
        num_rows=described.num_rows,
        name=writer.name,
    )


class Ran:
    """What a step gave: `outputs` with datasets read back, and its context."""

    def __init__(self, outputs, context):
        self.outputs = outputs
        self.context = context

    def __getitem__(self, name):
        return self.outputs[name]

    def frame(self, name="data"):
        return self.outputs[name].to_pandas()

    @property
    def findings(self):
        return self.context.findings

    @property
    def metrics(self):
        return {name: value for name, value, _ in self.context.metrics}


def run(step, **inputs):
    """Run `cls(**recorded parameters)`, as the engine does, on frames, tables or datasets."""
    cls = type(step)
    step = cls(**cls.tracked_params(step.params))
    context = StepContext(
        cls.KIND,
        lambda: Path(tempfile.mkdtemp()),
        new_writer=lambda name: DatasetWriter(Path(tempfile.mkdtemp()), name=name),
    )
    outputs = step.run({name: _stored(value) for name, value in inputs.items()}, context)
    return Ran({name: _read_back(value) for name, value in outputs.items()}, context)


def _stored(value):
    if isinstance(value, dict):
        return {name: dataset(rows, name) for name, rows in value.items()}
    return value if hasattr(value, "predict") else dataset(value)


def _read_back(value):
    if isinstance(value, DatasetWriter):
        return at_rest(value)
    return dataset(value) if hasattr(value, "columns") else value
