"""The curves of an evaluation as a plotly figure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from zenlab.views.figure_style import COLORS, plain, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from zenlab.core.evaluation import Curve, LabelEvaluation

_AXES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "precision_recall": ("Precision and recall", "recall", "precision"),
    "calibration": ("Calibration", "predicted probability", "observed share"),
    "errors": ("Errors", "prediction minus truth", "rows"),
    "mean_error": ("Errors by prediction", "predicted", "mean error"),
}


def draw(results: Sequence[LabelEvaluation]) -> go.Figure:
    """Draw what there is, a subplot for each kind of curve, a line for each label, split, class.

    Example:
        >>> draw(panel.results).write_html("curves.html")  # doctest: +SKIP
    """
    from plotly.subplots import make_subplots

    kinds = [kind for kind in _AXES if any(_has(result, kind) for result in results)]
    titles = [_AXES[kind][0] for kind in kinds]
    figure = make_subplots(rows=1, cols=max(len(kinds), 1), subplot_titles=titles or None)
    style(figure, height=380, margin={"t": 40, "b": 50, "l": 60, "r": 20})
    if not kinds:
        figure.update_layout(title_text="This evaluation has no curves")
    for column, kind in enumerate(kinds, start=1):
        _, x_title, y_title = _AXES[kind]
        figure.update_xaxes(title_text=x_title, row=1, col=column)
        figure.update_yaxes(title_text=y_title, row=1, col=column)
        if kind in ("roc", "calibration"):
            diagonal = {"color": "#999", "dash": "dot"}
            figure.add_scatter(
                x=[0, 1], y=[0, 1], mode="lines", line=diagonal, hoverinfo="skip",
                showlegend=False, row=1, col=column,
            )  # fmt: skip
    palette = _Palette()
    for result in results:
        for curve in result.curves:
            _add_curve(figure, result, curve, kinds.index(curve.kind) + 1, palette)
        if result.residuals:
            _add_residuals(figure, result, kinds.index("errors") + 1, palette)
    return figure


class _Palette:
    """The same name has the same colour, and one entry in the legend, in all subplots."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def style(self, name: str) -> dict[str, object]:
        new = name not in self._seen
        index = self._seen.setdefault(name, len(self._seen))
        color = COLORS[index % len(COLORS)]
        return {
            "name": name,
            "legendgroup": str(index),
            "showlegend": new,
            "marker": {"color": color},
        }


def _has(result: LabelEvaluation, kind: str) -> bool:
    if kind in ("errors", "mean_error"):
        return result.residuals is not None
    return any(curve.kind == kind for curve in result.curves)


def _add_curve(
    figure: go.Figure, result: LabelEvaluation, curve: Curve, column: int, palette: _Palette
) -> None:
    name = " · ".join(map(plain, dict.fromkeys((result.label, curve.target, result.split))))
    figure.add_scatter(
        x=curve.x,
        y=curve.y,
        mode="lines+markers" if curve.kind == "calibration" else "lines",
        customdata=curve.counts or None,
        row=1,
        col=column,
        **palette.style(name),
    )


def _add_residuals(
    figure: go.Figure, result: LabelEvaluation, column: int, palette: _Palette
) -> None:
    residuals = result.residuals
    assert residuals is not None
    name = f"{plain(result.label)} · {plain(result.split)}"
    edges, counts = residuals.errors.edges, residuals.errors.counts
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    widths = [high - low for low, high in pairwise(edges)]
    figure.add_bar(x=middles, y=counts, width=widths, row=1, col=column, **palette.style(name))
    figure.add_scatter(
        x=residuals.predicted,
        y=residuals.mean_error,
        mode="lines+markers",
        row=1,
        col=column + 1,
        **palette.style(name),
    )
