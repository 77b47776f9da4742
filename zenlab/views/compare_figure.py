"""The curves of several runs in one plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from zenlab.views.comparison import Comparison, RunSeries

MOST_METRICS = 4
"""The most metrics of a figure without curves."""

_COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2")
_DASHES = ("solid", "dash", "dot", "dashdot")
_FAINT = "rgba(128, 128, 128, 0.3)"
_CURVES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "precision_recall": ("Precision and recall", "recall", "precision"),
}


def draw(comparison: Comparison) -> go.Figure:
    """Draw the curves of all runs over each other: a subplot a curve, a colour a run.

    Where several curves of a run are in one subplot (of two labels, say), they differ by their
    dashes. Runs without any curve, as in a long list, are drawn as points: a subplot a metric.

    Args:
        comparison: what was found; its curves are read now.

    Returns:
        A figure without plotly's template, which alone is 7 KB of JSON.
    """
    from plotly.subplots import make_subplots

    found = [*comparison.series, *comparison.curves()]
    plots: dict[tuple[str, str], list[RunSeries]] = {}
    for one in found:
        plots.setdefault((one.kind, one.name if one.kind == "series" else ""), []).append(one)
    shown = [] if plots else [m for m in comparison.metrics if any(v is not None for v in m.by_run)]
    shown = shown[:MOST_METRICS]
    titles = [_CURVES[kind][0] if kind in _CURVES else _plain(name) for kind, name in plots]
    titles += [_plain(metric.title) for metric in shown]
    figure = make_subplots(rows=1, cols=max(len(titles), 1), subplot_titles=titles or None)
    figure.update_layout(
        template="none",
        height=380,
        margin={"t": 40, "b": 50, "l": 60, "r": 20},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font_color="#808080",
    )
    figure.update_xaxes(gridcolor=_FAINT, zerolinecolor=_FAINT)
    figure.update_yaxes(gridcolor=_FAINT, zerolinecolor=_FAINT)
    if not titles:
        figure.update_layout(title_text="These runs have neither curves nor metrics")
    labels = [run.label for run in comparison.runs]
    seen: set[str] = set()
    for column, ((kind, _), group) in enumerate(plots.items(), start=1):
        _axes(figure, kind, column)
        _lines(figure, group, labels, column, seen)
    for column, metric in enumerate(shown, start=len(plots) + 1):
        figure.add_scatter(
            x=list(range(len(labels))),
            y=list(metric.by_run),
            mode="markers",
            text=[_plain(label) for label in labels],
            hovertemplate="%{text}: %{y}<extra></extra>",
            marker={"color": _COLORS[0], "size": 8},
            showlegend=False,
            row=1,
            col=column,
        )
        figure.update_xaxes(title_text="runs, as they are listed", row=1, col=column)
    return figure


def _axes(figure: go.Figure, kind: str, column: int) -> None:
    _, x_title, y_title = _CURVES.get(kind, ("", "step", ""))
    figure.update_xaxes(title_text=x_title, row=1, col=column)
    figure.update_yaxes(title_text=y_title, row=1, col=column)
    if kind == "roc":
        figure.add_scatter(
            x=[0, 1], y=[0, 1], mode="lines", line={"color": "#999", "dash": "dot"},
            hoverinfo="skip", showlegend=False, row=1, col=column,
        )  # fmt: skip


def _lines(
    figure: go.Figure,
    group: Sequence[RunSeries],
    labels: Sequence[str],
    column: int,
    seen: set[str],
) -> None:
    names = list(dict.fromkeys(one.name for one in group))
    for one in group:
        place = labels.index(one.run)
        several = f" · {_plain(one.name)}" if len(names) > 1 else ""
        name = f"{_plain(one.run)}{several}"
        figure.add_scatter(
            x=list(one.x),
            y=list(one.y),
            mode="lines" if len(one.x) > 1 else "markers",
            name=name,
            legendgroup=name,
            showlegend=name not in seen,
            line={
                "color": _COLORS[place % len(_COLORS)],
                "dash": _DASHES[names.index(one.name) % len(_DASHES)],
            },
            row=1,
            col=column,
        )
        seen.add(name)


def _plain(text: str) -> str:
    """Text that plotly, which reads a few HTML tags in its labels, shows as it is."""
    return shorten(text).replace("&", "&amp;").replace("<", "&lt;")
