"""The panels that this kernel has shown: a request from the browser is about one of them.

They are what the user sees, so that "accept" on the screen is `accept()` of that very panel.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zenlab.notebook.protocol import Subject
    from zenlab.views import Panel

MOST = 64
"""Panels that are kept; of more, the oldest are forgotten."""

_Key = tuple[str, str, tuple[str, ...]]


class Shown:
    """Panels by what stands on them, the latest of each.

    Example:
        >>> from zenlab.core.statistics import DatasetStatistics, Statistics
        >>> from zenlab.notebook.protocol import Subject
        >>> from zenlab.views import StatisticsPanel
        >>> shown = Shown()
        >>> panel = StatisticsPanel(Statistics([DatasetStatistics("train", 9, [])]), title="A")
        >>> shown.remember(panel)
        >>> shown.find(Subject("statistics", "A", ["train"])) is panel
        True
    """

    def __init__(self) -> None:
        self._panels: OrderedDict[_Key, Panel] = OrderedDict()

    def remember(self, panel: Panel) -> None:
        """Keep a panel that has been shown."""
        key = key_of(panel.payload)
        self._panels.pop(key, None)
        self._panels[key] = panel
        while len(self._panels) > MOST:
            self._panels.popitem(last=False)

    def find(self, subject: Subject) -> Panel | None:
        """The panel that a request is about, or None."""
        return self._panels.get((subject.panel, subject.title, tuple(subject.datasets)))

    def bundle(self, panel: Panel) -> dict[str, Any]:
        """Remember a panel, and give what IPython stores of it: its formatter."""
        self.remember(panel)
        return panel._repr_mimebundle_()


def key_of(payload: Any) -> _Key:
    """What a request calls a panel by: kind, title, names of datasets.

    Args:
        payload: any of `zenlab.views.payloads`.
    """
    title = getattr(payload, "title", None)
    if title is None:
        title = getattr(payload, "pipeline", "")
    names = tuple(
        text.partition("\t")[0] if isinstance(text, str) else text.name
        for text in getattr(payload, "datasets", ())
    )
    return str(payload.__struct_config__.tag), str(title), names


SHOWN = Shown()
"""Those of this process: a kernel has one shell."""
