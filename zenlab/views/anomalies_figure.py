"""The distances of columns from a baseline as a plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.figure_style import COLORS, plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from zenlab.core.validation import Anomalies

MOST = 20
"""Columns of a figure: those that are furthest from their baseline."""

_NAME = 40


def draw(anomalies: Anomalies) -> go.Figure:
    """Draw a bar a column, the longest on top, with a mark at its threshold.

    Example:
        >>> draw(panel.anomalies).show()  # doctest: +SKIP
    """
    import plotly.graph_objects as go

    distances = sorted(
        ((f, d) for d in anomalies.datasets for f in d.drift),
        key=lambda pair: (-pair[0].distance, pair[0].feature, pair[1].name),
    )
    shown = distances[:MOST][::-1]  # plotly's first bar is at the bottom
    several = len({d.name for _, d in distances}) > 1
    labels = [
        f"{plain(f.feature, _NAME)} ({plain(d.name, _NAME)})"
        if several
        else plain(f.feature, _NAME)
        for f, d in shown
    ]
    places = list(range(len(shown)))
    figure = go.Figure()
    if shown:
        figure.add_bar(
            x=[f.distance for f, _ in shown],
            y=places,
            orientation="h",
            name="distance",
            customdata=[plain(f.measure, _NAME) for f, _ in shown],
            hovertemplate="%{x:.4f} %{customdata}",
            marker={"color": COLORS[0]},
        )
        figure.add_scatter(
            x=[f.threshold for f, _ in shown],
            y=places,
            mode="markers",
            name="threshold",
            marker={"symbol": "line-ns-open", "size": 16, "color": COLORS[3]},
        )
    title = "No distances were measured"
    if shown:
        title = f"Distance from the baseline: {len(shown)} of {len(distances)} columns"
    style(
        figure,
        title_text=title,
        height=140 + 22 * len(shown),
        margin={"l": 160, "t": 60, "b": 40, "r": 20},
        xaxis={"rangemode": "tozero"},
        yaxis={"tickvals": places, "ticktext": labels, "automargin": True, "showgrid": False},
    )
    return figure
