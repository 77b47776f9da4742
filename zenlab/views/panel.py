"""`Panel`: something to look at in a cell, a terminal, a frame or a figure."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from zenlab.views.html import to_html as bare_html
from zenlab.views.text import to_text

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import pandas as pd
    import plotly.graph_objects as go

    from zenlab.views.document import Document
    from zenlab.views.payloads import Payload

MIME_TYPE = "application/vnd.zenlab.v1+json"
"""The type of the payload in a notebook's output."""

BUDGET = 40_000
"""The most bytes of a panel in a notebook, all MIME types together, as nbformat writes them."""


class Form(NamedTuple):
    """A panel in one size: what is stored, and what is read."""

    payload: Payload
    document: Document


class Panel:
    """The base of all panels: a payload, and the ways to see it.

    A subclass yields its forms, the most complete first; the first that fits in the budget is
    stored. Each says in words what it leaves out. Frames and figures are of everything.

    Example:
        >>> panel = pipeline.evaluate()  # doctest: +SKIP
        >>> panel.to_frame().query("metric == 'roc_auc'")  # doctest: +SKIP
        >>> panel.figure().show()  # doctest: +SKIP
    """

    @property
    def payload(self) -> Payload:
        """What a notebook stores: a msgspec Struct of `zenlab.views.payloads`."""
        return self._stored[0].payload

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the panel as a tidy pandas DataFrame, with all their digits."""
        raise NotImplementedError

    def figure(self) -> go.Figure:
        """The pictures of the panel as a plotly figure."""
        raise NotImplementedError

    def forms(self) -> Iterator[Form]:
        """The panel in falling sizes; the last one fits whatever the input."""
        raise NotImplementedError

    def complete(self) -> Form:
        """The panel with the most that is worth reading, for a file that no budget binds."""
        return next(self.forms())

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The panel as one file with its tables and its figure, for people without Jupyter.

        The figure is interactive, and the rows of the tables can be searched. plotly is in the
        file (5 MB), which needs no network.

        Args:
            path: where to write it, whole or not at all; None writes nothing.

        Returns:
            The text of the file.

        Raises:
            OSError: the file cannot be written.

        Example:
            >>> panel.to_html("flights.html")  # doctest: +SKIP
        """
        from pathlib import Path

        from zenlab.core.files import write_atomically
        from zenlab.views.standalone import page

        text = page(self.complete().document, self.figure())
        if path is not None:
            write_atomically(Path(path), text)
        return text

    def __str__(self) -> str:
        text: str = self._stored[1]["text/plain"]
        return text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What IPython asks for: payload, HTML and text."""
        del include, exclude  # IPython filters the bundle itself
        return dict(self._stored[1])

    @cached_property
    def _stored(self) -> tuple[Form, dict[str, Any]]:
        from zenlab.views.payloads import to_json

        for form in self.forms():
            bundle = {
                MIME_TYPE: to_json(form.payload),
                "text/html": bare_html(form.document),
                "text/plain": to_text(form.document),
            }
            if stored_size(bundle) <= BUDGET:
                break
        return form, bundle


def stored_size(bundle: dict[str, Any]) -> int:
    """The bytes of a MIME bundle in an `.ipynb` file.

    nbformat splits text into lines and writes every item of a list or dict, indented, in a line of
    its own: a list of a hundred numbers costs a kilobyte of spaces.

    Example:
        >>> stored_size({"text/plain": "a"})
        122
    """
    split = {k: v.splitlines(keepends=True) if isinstance(v, str) else v for k, v in bundle.items()}
    # cells -> cell -> outputs -> output -> data: what an output really is indented by.
    nested = [{"outputs": [{"data": split}]}]
    text = json.dumps({"cells": nested}, ensure_ascii=False, indent=1, sort_keys=True)
    return len(text.encode())
