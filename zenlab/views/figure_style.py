"""What all figures have in common: they know no theme, and other people's strings are text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.views.strings import NAME_LENGTH, shorten

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2")
"""Of datasets and runs, one after the other."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""Of lines that have to be told apart without a colour."""

_GREY = "#808080"
_FAINT = "rgba(128, 128, 128, 0.3)"


def style(figure: go.Figure, **layout: Any) -> None:
    """Make a figure transparent, with a grey that can be read on white and on black.

    Args:
        figure: with all of its subplots.
        **layout: what else there is to lay out, such as `height`.
    """
    figure.update_layout(
        template="none",  # plotly's own is 7 KB of JSON in each figure
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font_color=_GREY,
        **layout,
    )
    figure.update_xaxes(gridcolor=_FAINT, zerolinecolor=_FAINT)
    figure.update_yaxes(gridcolor=_FAINT, zerolinecolor=_FAINT)


def plain(text: str, limit: int = NAME_LENGTH) -> str:
    """Text that plotly, which reads a few HTML tags in its labels, shows as it is.

    Example:
        >>> plain("<b>AT&T</b>")
        '&lt;b>AT&amp;T&lt;/b>'
    """
    return shorten(text, limit).replace("&", "&amp;").replace("<", "&lt;")
