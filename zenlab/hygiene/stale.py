"""Rule `stale`: panels that show something else than their pipeline gives now.

What "now" is, this package cannot know: it reads notebooks. Whoever checks them says it (`Now`);
where nobody does, nothing is stale.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from zenlab.hygiene.findings import Found, quoted
from zenlab.views.panel import MIME_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Cell, Notebook, Output
    from zenlab.views.standing import Standing

_SAID = 3


class Now(Protocol):
    """Says how a stored payload stands to the present state of what it shows."""

    def __call__(self, notebook: Notebook, payload: object) -> Standing:
        """Compare a payload of a notebook; nothing is computed for it."""


def nobody_knows(notebook: Notebook) -> Iterator[Found]:  # noqa: ARG001 - a rule's signature
    """Find nothing: the rule without a `Now`."""
    yield from ()


def stale(notebook: Notebook, now: Now) -> Iterator[Found]:
    """Panels that are out of date.

    Of several panels of one kind and pipeline the last one counts: a notebook may run a draft,
    change it and run it again, and shows both when it is run from the top.

    Args:
        notebook: what is checked.
        now: what is known of the present.
    """
    last: dict[tuple[str, str], tuple[Cell, Output]] = {}
    for cell in notebook.cells:
        for output in cell.outputs:
            if output.ours:
                last[_subject(output)] = (cell, output)
    for cell, output in last.values():
        found = now(notebook, output.data[MIME_TYPE])
        # Who asks for a revision by its number means that one.
        if found.state == "stale" and not _asks_for_revision(cell.source, found.about):
            yield Found(
                f"The panel of {quoted(found.about)} shows something else than there is now: "
                f"{_few(found.says)}.",
                "Run the notebook again from the top and save it. If the pipeline file is what is "
                "wrong, restore it: git checkout -- FILE",
                cell,
                output.part,
            )


def _subject(output: Output) -> tuple[str, str]:
    """Kind, and pipeline or title with the names of datasets."""
    payload = output.data[MIME_TYPE]
    if not isinstance(payload, dict):
        return "", ""
    named = str(payload.get("pipeline") or payload.get("title") or "")
    if payload.get("panel") == "compare":
        named = "\n".join(str(run).partition("\t")[0] for run in _list_of(payload, "runs"))
    if payload.get("panel") == "anomalies":
        datasets = _list_of(payload, "datasets")
        named += "\n".join(str(d.get("name")) for d in datasets if isinstance(d, dict))
    return str(payload.get("panel")), named


def _list_of(payload: dict[str, Any], key: str) -> list[Any]:
    """A list of a payload, which nobody has checked: the file may be anybody's."""
    value = payload.get(key)
    return value if isinstance(value, list) else []


def _asks_for_revision(source: str, about: str) -> bool:
    return any(re.search(re.escape(name) + r"#\d", source) for name in about.split(", ") if name)


def _few(said: tuple[str, ...]) -> str:
    more = len(said) - _SAID
    shown = "; ".join(said[:_SAID])
    return f"{shown}; and {more} more" if more > 0 else shown
