"""What is stored of statistics: results -> payload, as much of them as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from zenlab.views.numbers import compact, number
from zenlab.views.packing import few, row, series
from zenlab.views.payloads import VERSION, ColumnStatistics, StatisticsPayload
from zenlab.views.shapes import BLOCKS, blocks, scale
from zenlab.views.showable import quoted, sensitive_columns, sentence, slice_is_showable
from zenlab.views.statistics_interest import SCALED_KINDS, Column, columns
from zenlab.views.strings import NAME_LENGTH, SENTENCE_LENGTH, shorten
from zenlab.views.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zenlab.core.statistics import DatasetStatistics, FeatureStatistics, NumberSummary
    from zenlab.views.shapes import Scale
    from zenlab.views.statistics import StatisticsPanel

QUANTILES = (0, 1, 5, 9, 10)
"""The deciles that are stored."""

_LOOKED_AT = 50  # columns in which slices are compared, which takes time for each slice
_COMPARABLE = 100  # rows of a slice: fewer are far from the others by chance
_SHAPE_DIGITS = 2
_WHOLE = 2.0**53


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of statistics a payload holds."""

    columns: int
    datasets: int = 6
    top: int = 5
    slices: int = 12
    findings: int = 12
    notes: int = 3
    name: int = NAME_LENGTH  # characters
    sentence: int = SENTENCE_LENGTH

    def short(self, text: str) -> str:
        """Make a name or a value presentable."""
        return shorten(text, self.name)


# Columns are cut last: a value more tells less than a column more.
LIMITS = (
    Limits(columns=50),
    Limits(columns=50, top=3),
    Limits(columns=40, top=3),
    Limits(columns=34, top=3, slices=8),
    Limits(columns=28, top=3, slices=8),
    Limits(columns=22, top=3, slices=6, notes=2),
    Limits(columns=16, top=3, slices=4, findings=8, notes=1, sentence=200),
    Limits(columns=8, datasets=4, top=2, slices=2, findings=4, notes=1, name=30, sentence=120),
    Limits(columns=4, datasets=3, top=1, slices=1, findings=2, notes=1, name=16, sentence=60),
)

EVERYTHING = Limits(columns=5_000, datasets=50, top=10, slices=200, findings=1_000, notes=10)
"""For a file of its own, which no budget binds."""


def make(panel: StatisticsPanel, limits: Limits) -> StatisticsPayload:
    """Make the payload of a panel.

    Args:
        panel: what was counted.
        limits: how much of it; the payload says what it leaves out.
    """
    omitted: list[str] = []  # filled by what follows
    shown = panel.columns[: limits.columns]
    if more := len(panel.columns) - len(shown):
        omitted.append(f'Columns: {more:,}, which panel.select("a*", "b*") shows')
    datasets = panel.datasets[: limits.datasets]
    _note(omitted, panel.datasets[limits.datasets :], "Datasets", limits)
    findings = _findings(panel, limits, omitted)
    notes = [shorten(f"{d.name}: {note}", limits.sentence) for d in datasets for note in d.notes]
    return StatisticsPayload(
        version=VERSION,
        title=limits.short(panel.title),
        datasets=[row(limits.short(d.name), d.rows) for d in datasets],
        weight=limits.short(panel.statistics.weight),
        columns=[packed_column(column, limits, len(datasets)) for column in shown],
        total=len(panel.columns),
        findings=findings,
        slices=_slices(panel, limits, omitted),
        notes=notes[: 2 * limits.notes],
        omitted=few(omitted),
    )


def part(panel: StatisticsPanel, start: int, count: int, datasets: int) -> StatisticsPayload:
    """Make a payload of some of the columns alone: those that a stored one leaves out.

    Args:
        panel: what was counted.
        start: the position of the first one.
        count: how many.
        datasets: how many, as in the payload that they are to stand beside.
    """
    limits = Limits(columns=count, datasets=datasets, top=EVERYTHING.top)
    return StatisticsPayload(
        version=VERSION,
        title=limits.short(panel.title),
        datasets=[row(limits.short(d.name), d.rows) for d in panel.datasets[:datasets]],
        weight=limits.short(panel.statistics.weight),
        columns=[
            packed_column(column, limits, datasets)
            for column in panel.columns[start : start + count]
        ],
        total=len(panel.columns),
    )


def _note(
    omitted: list[str], left_out: Sequence[DatasetStatistics], what: str, limits: Limits
) -> None:
    if left_out:
        names = ", ".join(limits.short(d.name) for d in left_out[:3])
        omitted.append(f"{what}: {names}{', …' if len(left_out) > 3 else ''}")


def _findings(panel: StatisticsPanel, limits: Limits, omitted: list[str]) -> list[str]:
    """The anomalies in words: of the datasets as a whole first, then by the order of columns."""
    order = {column.name: i for i, column in enumerate(panel.columns)}
    hidden = sensitive_columns(panel.statistics)
    several = len(panel.datasets) > 1
    found = [
        (order.get(anomaly.feature, -1), i, k, dataset.name, anomaly)
        for i, dataset in enumerate(panel.anomalies.datasets if panel.anomalies else ())
        for k, anomaly in enumerate(dataset.anomalies)
    ]
    if len(found) > limits.findings:
        omitted.append(f"Findings: {len(found) - limits.findings:,}")
    sentences = []
    for _, _, _, dataset_name, anomaly in sorted(found)[: limits.findings]:
        said = sentence(anomaly, hidden=anomaly.feature in hidden, length=limits.name)
        where = limits.short(dataset_name)
        if name := limits.short(anomaly.feature):
            where = f"{name} in {where}" if several else name
        sentences.append(shorten(f"{where}: {said}", limits.sentence))
    return sentences


def packed_column(column: Column, limits: Limits, datasets: int) -> ColumnStatistics:
    """A column as a payload holds it.

    Args:
        column: the column.
        limits: how much of it.
        datasets: in how many of its datasets, the first ones.
    """
    shown = column.datasets[:datasets]
    numbers = [column.numbers(feature) for feature in shown]
    on = scale([n for n in numbers if n]) if column.kind in SCALED_KINDS else None
    whole = _is_whole(numbers)
    distance = column.distance
    # Chosen by the greatest share anywhere, so that what is new is seen; shown as in the first.
    top = sorted(column.top()[: limits.top], key=lambda item: -(item[1][0] or 0.0))
    return ColumnStatistics(
        name=limits.short(column.name),
        kind=column.kind,
        datasets=[
            _dataset(column, feature, n, on, whole=whole)
            for feature, n in zip(shown, numbers, strict=True)
        ],
        scale=series(on) if on else "",
        top=[row(quoted(value, limits.name), *shares[:datasets]) for value, shares in top],
        drift=row(
            limits.short(distance.dataset),
            limits.short(distance.measure),
            float(distance.distance),
            float(distance.threshold),
        )
        if distance
        else "",
        notes=[shorten(note, limits.sentence) for note in column_notes(column)[: limits.notes]],
        anomalous=bool(column.anomalies),
        sensitive=column.hidden,
    )


def _dataset(
    column: Column,
    feature: FeatureStatistics | None,
    numbers: NumberSummary | None,
    on: Scale | None,
    *,
    whole: bool,
) -> str:
    if feature is None:
        return ""
    unique = feature.text.unique if feature.text else None
    if numbers is None or column.kind not in SCALED_KINDS:
        return row(feature.rows, feature.missing, unique, None, None, None, None, "", "")
    is_time = column.kind == "time"
    deciles = [numbers.quantiles[i] for i in QUANTILES] if len(numbers.quantiles) == 11 else []
    return row(
        feature.rows,
        feature.missing,
        unique,
        # Of rows, as the missing ones, whether there is a weight or not.
        None if is_time or not feature.numbers else feature.numbers.zeros,
        numbers.infinite,
        _moment(numbers.mean) if is_time else numbers.mean,
        numbers.std,
        " ".join(_moment(q) if is_time else compact(int(q) if whole else q) for q in deciles),
        series(blocks(numbers, on, BLOCKS), _SHAPE_DIGITS) if on else "",
    )


def _moment(seconds: float | None) -> str:
    return moment(seconds).replace(" ", "T")  # an item of a series has no space


def _is_whole(summaries: Iterable[NumberSummary | None]) -> bool:
    """Whether all deciles are whole numbers: delays with gaps are floats, but nobody's 12.00."""
    deciles = [q for numbers in summaries if numbers for q in numbers.quantiles]
    return all(abs(q) < _WHOLE and q == int(q) for q in deciles)


def column_notes(column: Column) -> list[str]:
    """What there is to know of a column beside its numbers, in a few words each."""
    there = [f for f in column.datasets if f is not None]
    notes = ["sensitive"] if column.hidden else []
    absent = [n for n, f in zip(column.names, column.datasets, strict=True) if f is None]
    if absent:
        notes.append(f"not in {', '.join(absent)}")
    for name, feature in zip(column.names, column.datasets, strict=True):
        if feature and feature.kind != "empty" and not column.fits(feature):
            notes.append(f"{feature.kind} in {name}")
        numbers = column.numbers(feature)
        if numbers and numbers.infinite:
            notes.append(f"{numbers.infinite:,} infinite in {name}")
    known = [f for f in there if f.rows]
    if not known and any(f.missing for f in there):
        notes.append("no value at all")
    elif known and all(_is_constant(column, f) for f in known):
        notes.append("one value only")
    elif known and all(f.text and f.text.unique == f.rows > 1 for f in known):
        notes.append("each value once")
    lengths = [f.values_per_row for f in there if len(f.values_per_row) == 3]
    if lengths and (lengths[0][0], lengths[0][2]) != (1.0, 1.0):
        low, _, high = lengths[0]
        notes.append(f"{low:,.0f} to {high:,.0f} values a row")
    return list(dict.fromkeys([*notes, *(note for f in there for note in f.notes)]))


def _is_constant(column: Column, feature: FeatureStatistics) -> bool:
    if feature.text:
        return feature.text.unique == 1
    numbers = column.numbers(feature)
    return bool(numbers and numbers.min is not None and numbers.min == numbers.max)


def _slices(panel: StatisticsPanel, limits: Limits, omitted: list[str]) -> list[str]:
    """The biggest slices, and the columns in which each differs most from its dataset."""
    hidden = sensitive_columns(panel.statistics)
    wholes = {d.name: d for d in panel.datasets[: limits.datasets]}
    groups: dict[tuple[tuple[str, str], ...], dict[str, DatasetStatistics]] = {}
    rare = 0
    for d in panel.slices:
        if not slice_is_showable(d, hidden):
            rare += 1
        elif d.name in wholes:
            groups.setdefault(tuple(d.slice.items()), {})[d.name] = d
    if rare:
        omitted.append(f"Slices of few rows or by sensitive columns: {rare:,}")
    if len(groups) > limits.slices:
        omitted.append(f"Slices: {len(groups) - limits.slices:,}")
    looked_at = [column.name for column in panel.columns if not column.hidden][:_LOOKED_AT]
    rows = []
    biggest = sorted(groups.items(), key=lambda g: (-max(d.rows for d in g[1].values()), g[0]))
    for pairs, parts in biggest[: limits.slices]:
        label = ", ".join(
            f"{limits.short(name)} = {quoted(value, limits.name)}" for name, value in pairs
        )
        part = next(iter(parts.values()))
        names = [name for name in looked_at if name not in part.slice]
        differs = _differences(panel, part, names, limits)
        counts = [parts[name].rows if name in parts else None for name in wholes]
        rows.append(row(label, differs, *counts))
    return rows


def _differences(
    panel: StatisticsPanel, part: DatasetStatistics, names: Sequence[str], limits: Limits
) -> str:
    """The columns in which a slice is further from its dataset than the thresholds, in words."""
    if part.rows < _COMPARABLE:
        return ""
    wanted = set(names)
    whole = next(d for d in panel.datasets if d.name == part.name)
    pair = [
        msgspec.structs.replace(d, features=[f for f in d.features if f.name in wanted])
        for d in (whole, part)
    ]
    found = [
        (-distance.distance, column.name)
        for column in columns(pair, weighted=bool(panel.statistics.weight))
        if (distance := column.distance) and distance.over
    ]
    return ", ".join(
        f"{limits.short(name)} {number(-distance, 2)}" for distance, name in sorted(found)[:3]
    )
