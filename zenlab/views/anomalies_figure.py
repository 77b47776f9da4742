"""The distances of columns from a baseline as a plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.strings import shorten

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from zenlab.core.validation import Anomalies

MOST = 20
"""Columns of a figure: those that are furthest from their baseline."""


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
        f"{_plain(f.feature)} ({_plain(d.name)})" if several else _plain(f.feature)
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
            customdata=[_plain(f.measure) for f, _ in shown],
            hovertemplate="%{x:.4f} %{customdata}",
            marker={"color": "#1f77b4"},
        )
        figure.add_scatter(
            x=[f.threshold for f, _ in shown],
            y=places,
            mode="markers",
            name="threshold",
            marker={"symbol": "line-ns-open", "size": 16, "color": "#d62728"},
        )
    title = "No distances were measured"
    if shown:
        title = f"Distance from the baseline: {len(shown)} of {len(distances)} columns"
    faint = "rgba(128, 128, 128, 0.3)"
    figure.update_layout(
        template="none",
        title_text=title,
        height=140 + 22 * len(shown),
        margin={"l": 160, "t": 60, "b": 40, "r": 20},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font_color="#808080",
        xaxis={"rangemode": "tozero", "gridcolor": faint},
        yaxis={"tickvals": places, "ticktext": labels, "automargin": True},
    )
    return figure


def _plain(text: str) -> str:
    """Text that plotly, which reads a few HTML tags in its labels, shows as it is."""
    return shorten(text, 40).replace("&", "&amp;").replace("<", "&lt;")
