"""The distributions of the most interesting columns as a plotly figure of small pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zenlab.views.figure_style import COLORS, DASHES, plain, style
from zenlab.views.shapes import blocks, scale
from zenlab.views.showable import quoted
from zenlab.views.statistics_interest import SCALED_KINDS, TIME_KINDS
from zenlab.views.times import moment, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from zenlab.views.statistics_interest import Column

MOST = 12
"""Pictures of a figure: more would be too small to see, and too many to look at."""

ACROSS = 3
"""Pictures beside each other."""

_BARS = 20
_VALUES = 10
_NAME = 30


def draw(columns: Sequence[Column], title: str = "") -> go.Figure:
    """Draw a picture a column: the share of the rows by number or by value, a line a dataset.

    Args:
        columns: the most interesting ones first; those of which nothing may be shown are not drawn.
        title: what the rows are of.

    Returns:
        A figure whose title says how many columns it shows.

    Example:
        >>> draw(panel.columns).show()  # doctest: +SKIP
    """
    from plotly.subplots import make_subplots

    able = [column for column in columns if _is_drawable(column)]
    shown = able[:MOST]
    rows = max(math.ceil(len(shown) / ACROSS), 1)
    figure: go.Figure = make_subplots(
        rows=rows,
        cols=ACROSS,
        subplot_titles=[plain(column.name, _NAME) for column in shown],
        vertical_spacing=0.35 / rows,
        horizontal_spacing=0.06,
    )
    for i in range(len(shown), rows * ACROSS):  # no empty axes where there is no picture
        place = {"row": i // ACROSS + 1, "col": i % ACROSS + 1}
        figure.update_xaxes(visible=False, **place)
        figure.update_yaxes(visible=False, **place)
    what = f"{len(shown)} of {len(columns)} columns" if len(shown) < len(columns) else "All columns"
    if not shown:
        what = "There is nothing to draw"
    of = f" of {plain(title, _NAME)}" if title else ""
    style(
        figure,
        title_text=f"{what}{of}: share of the rows",
        height=120 + 190 * rows,
        margin={"t": 90, "b": 40, "l": 50, "r": 20},
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(tickformat="~%", rangemode="tozero")
    named: set[int] = set()  # datasets that are in the legend
    for i, column in enumerate(shown):
        place = {"row": i // ACROSS + 1, "col": i % ACROSS + 1}
        add = _add_numbers if column.kind in SCALED_KINDS else _add_values
        add(figure, column, place, named)
    return figure


def _is_drawable(column: Column) -> bool:
    if column.kind in SCALED_KINDS:
        return scale([n for f in column.datasets if (n := column.numbers(f))]) is not None
    return any(share is not None for _, shares in column.top() for share in shares)


def _style(i: int, name: str, named: set[int]) -> dict[str, object]:
    new = i not in named
    named.add(i)
    return {
        "name": plain(name, _NAME),
        "legendgroup": str(i),
        "showlegend": new,
    }


def _add_numbers(figure: go.Figure, column: Column, place: dict[str, int], named: set[int]) -> None:
    """Steps, which can lie over each other; the dash tells the dataset without its colour."""
    summaries = [column.numbers(feature) for feature in column.datasets]
    on = scale([n for n in summaries if n])
    assert on is not None
    edges = on.edges(_BARS)
    for i, numbers in enumerate(summaries):
        shares = blocks(numbers, on, _BARS) if numbers else []
        if not shares:
            continue
        figure.add_scatter(
            x=edges,
            y=[*shares, shares[-1]],
            mode="lines",
            line={
                "shape": "hv",
                "color": COLORS[i % len(COLORS)],
                "dash": DASHES[i % len(DASHES)],
            },
            **_style(i, column.names[i], named),
            **place,
        )
    if column.kind in TIME_KINDS:
        ticks = [edges[round(k * _BARS / 3)] for k in range(4)]
        texts = [moment(t)[:10] if column.kind == "time" else span(t) for t in ticks]
        figure.update_xaxes(tickvals=ticks, ticktext=texts, **place)


def _add_values(figure: go.Figure, column: Column, place: dict[str, int], named: set[int]) -> None:
    top = column.top()[:_VALUES]
    labels = [plain(quoted(value, _NAME), _NAME) for value, _ in top]
    for i, name in enumerate(column.names):
        shares = [shares[i] for _, shares in top]
        if all(share is None for share in shares):
            continue
        figure.add_bar(
            x=list(range(len(top))),
            y=shares,
            marker={"color": COLORS[i % len(COLORS)]},
            **_style(i, name, named),
            **place,
        )
    figure.update_xaxes(tickvals=list(range(len(top))), ticktext=labels, **place)
