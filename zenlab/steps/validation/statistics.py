"""`DataStatistics`: what the rows of each split look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zenlab.core.dataset import Dataset
from zenlab.core.errors import ParameterError
from zenlab.steps.base import TRAIN
from zenlab.steps.validation.leaf import LeafStep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATISTICS = "statistics"
FILES = "files"
"""The output with TFDV's own protos, for other tools."""


class DataStatistics(LeafStep):
    """Count the values of every column, split by split.

    A pipeline with a split has this step without being asked; give it to `add_statistics` to set
    one of its options. It runs beside the other steps, in TFDV's worker.

    Args:
        slices: lists of columns: each combination of their values with at least ten rows is
            counted apart.
        weight: a column of numbers: how much a row counts.
        sample: count at most so many rows of a split, drawn at random but always the same ones.
        sensitive: columns of which no value may be kept; those that the datasource declares
            sensitive are always among them.

    Raises:
        ParameterError: a sample of no row, or slices that are no lists.

    Example:
        >>> DataStatistics(slices=[["carrier"]])
        DataStatistics(slices=[['carrier']], weight=None, sample=None, sensitive=None)
    """

    KIND: ClassVar[str] = "statistics"
    code_version: ClassVar[int | None] = 1

    def __init__(
        self,
        slices: Sequence[Sequence[str]] | None = None,
        weight: str | None = None,
        sample: int | None = None,
        sensitive: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        if sample is not None and sample < 1:
            raise ParameterError(f"sample={sample} draws no row.", where="DataStatistics.sample")
        if isinstance(sensitive, str):
            raise ParameterError(
                f"sensitive={sensitive!r} is a text.",
                where="DataStatistics",
                hint=f"Write sensitive=[{sensitive!r}].",
            )
        self.slices = _check_slices(slices)
        self.weight = weight
        self.sample = sample
        self.sensitive = list(sensitive or [])

    def _execute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        from zenlab.validation import worker

        data = inputs["data"]
        datasets = {TRAIN: data} if isinstance(data, Dataset) else dict(data)
        # What is trained on comes first: the other splits are compared with it.
        names = sorted(datasets, key=lambda name: (name != TRAIN, name))
        out = self.context.output_dir
        found = self.wait_for(
            worker().statistics(
                {name: datasets[name].files for name in names},
                out,
                slices=self.slices,
                weight=self.weight or "",
                sensitive=self.sensitive,
                sample=self.sample,
            )
        )
        (out / "statistics.json").unlink()  # it is an output of its own
        return {STATISTICS: found}


def _check_slices(slices: Sequence[Sequence[str]] | None) -> list[list[str]]:
    for one in slices or []:
        if isinstance(one, str):
            raise ParameterError(
                f"slices has the text {one!r}; a slice is a list of columns.",
                where="DataStatistics.slices",
                hint=f"Write slices=[[{one!r}]].",
            )
    return [list(one) for one in slices or []]
