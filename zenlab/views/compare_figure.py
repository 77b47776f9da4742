"""The curves of several runs in one plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.figure_style import COLORS, DASHES, plain, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from zenlab.views.comparison import Comparison, RunSeries

MOST_METRICS = 4
"""The most metrics of a figure without curves."""

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
    """
    from plotly.subplots import make_subplots

    found = [*comparison.series, *comparison.curves()]
    plots: dict[tuple[str, str], list[RunSeries]] = {}
    for one in found:
        plots.setdefault((one.kind, one.name if one.kind == "series" else ""), []).append(one)
    shown = [] if plots else [m for m in comparison.metrics if any(v is not None for v in m.by_run)]
    shown = shown[:MOST_METRICS]
    titles = [_CURVES[kind][0] if kind in _CURVES else plain(name) for kind, name in plots]
    titles += [plain(metric.title) for metric in shown]
    figure = make_subplots(rows=1, cols=max(len(titles), 1), subplot_titles=titles or None)
    style(figure, height=380, margin={"t": 40, "b": 50, "l": 60, "r": 20})
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
            text=[plain(label) for label in labels],
            hovertemplate="%{text}: %{y}<extra></extra>",
            marker={"color": COLORS[0], "size": 8},
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
        several = f" · {plain(one.name)}" if len(names) > 1 else ""
        name = f"{plain(one.run)}{several}"
        figure.add_scatter(
            x=list(one.x),
            y=list(one.y),
            mode="lines" if len(one.x) > 1 else "markers",
            name=name,
            legendgroup=name,
            showlegend=name not in seen,
            line={
                "color": COLORS[place % len(COLORS)],
                "dash": DASHES[names.index(one.name) % len(DASHES)],
            },
            row=1,
            col=column,
        )
        seen.add(name)
