"""Rules `widget-state`, `script`: what GitHub and a colleague's JupyterLab cannot show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zenlab.hygiene.findings import Found, kilobytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Notebook, Output

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"

SCRIPT = re.compile(r"<\s*(script|iframe|object|embed)\b", re.IGNORECASE)
RUN = ("application/javascript", "text/javascript")
_BUNDLE = 500_000


def widget_state(notebook: Notebook) -> Iterator[Found]:
    """State of widgets in the notebook, and views of widgets with nothing beside them."""
    stored = notebook.metadata.get("widgets")
    if _has_state(stored):
        yield Found(
            f"The notebook stores the state of widgets ({kilobytes(len(str(stored)))}): it "
            "changes on every run, and GitHub shows nothing of it.",
            "In JupyterLab, switch off Settings > Save Widget State Automatically, run all cells "
            "again and save. With nbclient: NotebookClient(store_widget_state=False). For a plotly "
            "figure use go.Figure instead of go.FigureWidget.",
            part="metadata of the notebook",
        )
    for cell in notebook.cells:
        for output in cell.outputs:
            if WIDGET_VIEW in output.data and not _fallback(output):
                yield Found(
                    "The output is a widget and nothing else: who opens the notebook without its "
                    "kernel sees 'model not found'.",
                    "Show a result beside it that needs no kernel (a table, a picture), or clear "
                    "this output.",
                    cell,
                    output.part,
                )


def script(notebook: Notebook) -> Iterator[Found]:
    """Scripts and frames in HTML, which GitHub takes out."""
    for cell in notebook.cells:
        for output in cell.outputs:
            kinds = {m for m in output.data if m in RUN}
            for mime in ("text/html", "image/svg+xml"):
                if mime in output.data:
                    # As the browser reads it: an escaped `&lt;script>` is text.
                    kinds |= {f"<{tag.lower()}>" for tag in SCRIPT.findall(_raw(output.data[mime]))}
            if kinds:
                yield _script_found(output, kinds, cell)


def _script_found(output: Output, kinds: set[str], cell: Any) -> Found:
    text = _raw(output.data.get("text/html"))
    size = len(text)
    hint = "Show a table or a picture instead, or add one as an output of its own."
    if "plotly" in text.lower():
        what = "a plotly figure" + (
            f" together with the library ({kilobytes(size)})" if size > _BUNDLE else ""
        )
        hint = (
            'Choose another renderer: plotly.io.renderers.default = "png" (needs kaleido), or '
            '"plotly_mimetype" for JupyterLab alone.'
        )
    else:
        what = " and ".join(sorted(kinds)) + (f" of {kilobytes(size)}" if size > _BUNDLE else "")
    return Found(
        f"The output needs a script or a frame ({what}): GitHub and an untrusted JupyterLab take "
        "it out, and show what is left.",
        hint,
        cell,
        output.part,
    )


def _has_state(stored: Any) -> bool:
    if not isinstance(stored, dict):
        return stored is not None
    if set(stored) == {WIDGET_STATE} and isinstance(stored[WIDGET_STATE], dict):
        return bool(stored[WIDGET_STATE].get("state"))
    return bool(stored)


def _fallback(output: Output) -> bool:
    """Whether something but the widget's `repr` stands beside it."""
    return bool(set(output.data) - {WIDGET_VIEW, "text/plain"})


def _raw(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
