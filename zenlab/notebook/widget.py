"""A panel as an anywidget, for front ends without our extension: VS Code, Colab.

Imported when the first panel is shown with `zenlab.options.renderer = "widget"`, since anywidget
takes a third of a second. What a notebook stores of a widget is the id of its model alone, beside
the payload and the table. The id is made of the payload: the same on every run, so that a rerun
leaves no diff, and another for another panel. A panel that is shown twice is one model with two
views, as ipywidgets has it.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from functools import cache
from typing import Any

import anywidget
import traitlets
from ipywidgets import Layout

from zenlab.notebook.comm import reply
from zenlab.notebook.options import WIDGET_FILES
from zenlab.views.panel import MIME_TYPE

VIEW_MIME_TYPE = "application/vnd.jupyter.widget-view+json"

MOST = 64
"""Widgets that are kept; of more, the oldest are closed, and vanish from the screen."""

CODE = ("plotly",)
"""Files that a widget may ask for, each with its first use."""


class PanelWidget(anywidget.AnyWidget):
    """One panel. The browser's side is `labextension/src/widget`.

    Args:
        payload: as JSON, of a panel.

    Attributes:
        payload: is sent with the widget, so that it is drawn while the kernel is busy.

    Example:
        >>> widget = PanelWidget({"panel": "schema", "version": 1})  # doctest: +SKIP
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    _id = traitlets.Unicode().tag(sync=True)
    payload = traitlets.Dict().tag(sync=True)

    def __init__(self, payload: dict[str, Any]) -> None:
        name = model_id(payload)
        super().__init__(
            model_id=name,
            # Else its id is another on every run, which those see who do store widgets' state.
            layout=Layout(model_id=f"{name}-layout"),
            payload=payload,
            _esm=_text("widget.js"),
            _css=_text("widget.css"),
            _id=name,
        )
        self.on_msg(_heard)

    def close(self) -> None:
        """Take it from the screen."""
        if self.comm is not None:
            self.layout.close()
        super().close()


class Views:
    """The widgets of this kernel by their ids.

    Example:
        >>> views = Views()
        >>> payload = {"panel": "schema", "version": 1}
        >>> views.of(payload) == views.of(payload)  # doctest: +SKIP
        True
    """

    def __init__(self) -> None:
        self._widgets: OrderedDict[str, PanelWidget] = OrderedDict()

    def of(self, payload: dict[str, Any]) -> dict[str, Any]:
        """What a front end shows a widget by; the widget is made if there is none yet.

        Args:
            payload: as JSON, of a panel.
        """
        name = model_id(payload)
        known = self._widgets.get(name)
        if known is None or known.comm is None:  # or somebody has closed all widgets
            self._widgets[name] = PanelWidget(payload)
        self._widgets.move_to_end(name)
        while len(self._widgets) > MOST:
            self._widgets.popitem(last=False)[1].close()
        return {"model_id": name, "version_major": 2, "version_minor": 0}


VIEWS = Views()
"""Those of this process."""


def with_view(bundle: dict[str, Any]) -> dict[str, Any]:
    """Add a widget to what is stored of a panel.

    Args:
        bundle: of a panel, by MIME type.
    """
    return {**bundle, VIEW_MIME_TYPE: VIEWS.of(bundle[MIME_TYPE])}


def model_id(payload: dict[str, Any]) -> str:
    """The id of a panel's model.

    Example:
        >>> model_id({"panel": "schema", "version": 1})
        'zen-f82fa496fa658e9c4f85c3d949582356'
    """
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return f"zen-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _heard(widget: PanelWidget, content: Any, _: Any) -> None:
    """Answer what a view has sent: a question to the kernel, or for code."""
    if not isinstance(content, dict):
        return
    if "question" in content:
        widget.send({"reply": reply(content["question"])})
    elif content.get("code") in CODE:
        name = content["code"]
        widget.send({"code": name}, buffers=[_text(f"{name}.js").encode()])


@cache
def _text(name: str) -> str:
    return (WIDGET_FILES / name).read_text(encoding="utf-8")
