"""A column of a statistics panel by slice: what no notebook stores, and a kernel answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from zenlab.core.errors import DoesNotExistException, suggest
from zenlab.views.packing import row
from zenlab.views.showable import quoted, sensitive_columns, slice_is_showable
from zenlab.views.statistics_interest import columns
from zenlab.views.statistics_payload import EVERYTHING, Limits, packed_column
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zenlab.core.statistics import DatasetStatistics
    from zenlab.views.payloads import ColumnStatistics
    from zenlab.views.statistics import StatisticsPanel

_T = TypeVar("_T")

MOST = 6
"""The most slices beside their split: lines that can still be told apart."""


class BySlice(NamedTuple):
    """A column in a split and in its slices.

    Attributes:
        by: the choices of columns that there are slices by.
        datasets: rows of name and number of rows: the split, then its slices, the biggest first.
        column: the column, with the split and its slices as the datasets.
        omitted: what is left out, in words.
    """

    by: list[str]
    datasets: list[str]
    column: ColumnStatistics
    omitted: list[str]


def by_slice(panel: StatisticsPanel, feature: str, split: str, by: str) -> BySlice:
    """What a column holds in the slices of a split.

    A slice of fewer than ten rows, or by a sensitive column, is not there; of its values those are
    shown that ten rows of the split or of a slice have.

    Args:
        panel: of which statistics.
        feature: the column, as it stands on the panel.
        split: likewise.
        by: the columns that the slices are by, as it stands on the panel: `origin`, `a, b`.

    Raises:
        DoesNotExistException: there is no such column, split or choice of columns.
    """
    short = EVERYTHING.short
    hidden = sensitive_columns(panel.statistics)
    whole = _named("split", split, [(short(d.name), d) for d in panel.datasets])
    parts = [d for d in panel.slices if d.name == whole.name]
    shown = [d for d in parts if slice_is_showable(d, hidden)]
    choices = list(dict.fromkeys(_choice(d) for d in shown))
    found = _named("choice of slices", by, [(c, c) for c in choices])
    slices = sorted((d for d in shown if _choice(d) == found), key=lambda d: (-d.rows, _label(d)))
    rare = sum(_choice(d) == found for d in parts) - len(slices)
    kept = slices[:MOST]
    listed = columns(
        [_as_dataset(d, hidden) for d in (whole, *kept)],
        weighted=bool(panel.statistics.weight),
    )
    column = _named("column", feature, [(short(c.name), c) for c in listed])
    return BySlice(
        choices,
        [row(short(whole.name), whole.rows), *(row(_label(d), d.rows) for d in kept)],
        packed_column(column, Limits(columns=1, top=EVERYTHING.top), 1 + len(kept)),
        [
            *([f"Slices: {len(slices) - MOST:,} smaller ones"] if len(slices) > MOST else []),
            *([f"Slices of few rows or by sensitive columns: {rare:,}"] if rare else []),
        ],
    )


def _as_dataset(d: DatasetStatistics, hidden: frozenset[str]) -> DatasetStatistics:
    """A slice under its own name; a column that is sensitive in another split is in it, too."""
    features = [msgspec.structs.replace(f, sensitive=f.name in hidden) for f in d.features]
    return msgspec.structs.replace(d, name=_label(d) if d.slice else d.name, features=features)


def _choice(d: DatasetStatistics) -> str:
    return ", ".join(shorten(name) for name in d.slice)


def _label(d: DatasetStatistics) -> str:
    return ", ".join(quoted(value) for value in d.slice.values())


def _named(what: str, name: str, known: Iterable[tuple[str, _T]]) -> _T:
    found = dict(reversed(list(known)))
    if name not in found:
        raise DoesNotExistException(
            f"This panel has no {what} '{name}'.", hint=suggest(name, list(found))
        )
    return found[name]
