"""The graph of a run as a plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.views.figure_style import plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from zenlab.views.run import RunSummary, StepSummary


def graph(summary: RunSummary) -> go.Figure:
    """Draw the steps of a run and what flows between them.

    Steps stand in columns: each one to the right of all that it reads from. A step that names no
    input reads from the one before it.

    Example:
        >>> graph(panel.summary).show()  # doctest: +SKIP
    """
    import plotly.graph_objects as go

    inputs = _inputs(summary.steps)
    places = _places(inputs)
    edges_x: list[float | None] = []
    edges_y: list[float | None] = []
    for slot, sources in inputs.items():
        for source in sources:
            edges_x += [places[source][0], places[slot][0], None]
            edges_y += [places[source][1], places[slot][1], None]
    steps = summary.steps
    figure = go.Figure()
    figure.add_scatter(x=edges_x, y=edges_y, mode="lines", line_color="#999", hoverinfo="skip")
    figure.add_scatter(
        x=[places[step.slot][0] for step in steps],
        y=[places[step.slot][1] for step in steps],
        mode="markers+text",
        marker={"size": 22, "symbol": "square"},
        text=[_label(step) for step in steps],
        textposition="bottom center",
        hoverinfo="skip",
    )
    hidden = {"visible": False, "fixedrange": True}
    style(
        figure,
        title_text=plain(f"Run of {summary.pipeline}"),
        showlegend=False,
        xaxis=hidden,
        yaxis=hidden,
        height=320,
    )
    return figure


def _inputs(steps: tuple[StepSummary, ...]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for i, step in enumerate(steps):
        known = [slot for slot in step.inputs if slot in result]
        result[step.slot] = known or ([steps[i - 1].slot] if i and not step.inputs else [])
    return result


def _places(inputs: dict[str, list[str]]) -> dict[str, tuple[float, float]]:
    """A column by the longest way from the data, and in it a line by the order of the steps."""
    depth: dict[str, int] = {}
    taken: dict[int, int] = {}
    places: dict[str, tuple[float, float]] = {}
    for slot, sources in inputs.items():
        depth[slot] = 1 + max((depth[source] for source in sources), default=-1)
        line = taken.get(depth[slot], 0)
        taken[depth[slot]] = line + 1
        places[slot] = (float(depth[slot]), -float(line))
    return places


def _label(step: StepSummary) -> str:
    return f"<b>{plain(step.slot)}</b><br>{plain(step.title)}"
