"""What of the rules of `check` can be repaired without running anything, and how.

A repair keeps results: tables, pictures, panels and what the code printed. What would take one
away is left, and `check` goes on to find it: `rows`, `secret`, sizes, a widget with nothing beside
it. Nor is anything repaired that only a run can make right: `stale`, `error-output`,
`execution-order`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zenlab.hygiene.document import without_codes
from zenlab.hygiene.frontend import RUN, SCRIPT, WIDGET_STATE, WIDGET_VIEW
from zenlab.hygiene.machine import TIMING_KEYS, paths_in
from zenlab.views.panel import MIME_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

ELSEWHERE = "…"
"""What stands for the part of a path that only one machine has."""

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]{1,2}Users[\\/]{1,2}", re.IGNORECASE)
_OWNER = re.compile(r"[^\s/\\'\"<>|:]{1,64}[\\/]{1,2}")
_LAST_PARTS = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Repair:
    """One thing that was repaired.

    Args:
        rule: the rule that it broke, or `noise`.
        message: what was done.
        cell: the number of the cell, from 1, or None: the notebook as a whole.
        part: where in the cell.
    """

    rule: str
    message: str
    cell: int | None = None
    part: str = ""

    def __str__(self) -> str:
        place = [f"cell {self.cell}"] if self.cell is not None else []
        return f"{', '.join([*place, self.part] if self.part else place)}: {self.message}"


def output_part(number: int) -> str:
    """What an output is called, by its place in its cell."""
    return f"output {number}"


def text_of(value: Any) -> str:
    """A text of a notebook, which may be a list of lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def with_text(before: Any, text: str) -> Any:
    r"""A text in the form in which the notebook had it: one string, or a list of lines.

    Example:
        >>> with_text(["a"], "b\nc"), with_text("a", "b\nc")
        (['b\n', 'c'], 'b\nc')
    """
    return text.splitlines(keepends=True) if isinstance(before, list) else text


# ---------------------------------------------------------------------------------------- timing


def timing(document: dict[str, Any]) -> Iterator[Repair]:
    """When cells were executed."""
    for number, cell in enumerate(document["cells"], 1):
        for key in TIMING_KEYS:
            if key in cell["metadata"]:
                del cell["metadata"][key]
                yield Repair("timing", f"metadata '{key}' taken out", number, "metadata")
    if "papermill" in document["metadata"]:
        del document["metadata"]["papermill"]
        yield Repair("timing", "metadata 'papermill' taken out", part="metadata of the notebook")


# ---------------------------------------------------------------------------------- absolute-path


def absolute_path(document: dict[str, Any]) -> Iterator[Repair]:
    """Folders of one machine, in what was printed and in tracebacks; a result stays as it is."""
    for number, cell in enumerate(document["cells"], 1):
        for position, output in enumerate(cell.get("outputs") or (), 1):
            kind = output.get("output_type")
            changed = False
            if kind == "stream":
                changed = _shorten(output, "text")
            elif kind == "error":
                lines = output.get("traceback")
                changed = _shorten(output, "evalue")
                if isinstance(lines, list):
                    short = [without_paths(x) if isinstance(x, str) else x for x in lines]
                    changed = changed or short != lines
                    output["traceback"] = short
            if changed:
                message = f"paths of one machine begin with {ELSEWHERE}"
                yield Repair("absolute-path", message, number, output_part(position))


def _shorten(output: dict[str, Any], key: str) -> bool:
    before = text_of(output.get(key))
    after = without_paths(before)
    if after == before:
        return False
    output[key] = with_text(output[key], after)
    return True


def without_paths(text: str) -> str:
    """A text in which folders of one machine are cut short; colours of a terminal stay.

    Example:
        >>> without_paths("/opt/venv/lib/python3.11/site-packages/a/b.py:3: Warning")
        '…/site-packages/a/b.py:3: Warning'
    """
    while (shorter := _without_paths(text)) != text:
        text = shorter  # below a folder of one machine there may be the name of another one
    return text


def _without_paths(text: str) -> str:
    plain, places = without_codes(text)
    shown = set(places)
    before = len(plain)
    rest = len(text)
    pieces: list[str] = []  # from the end; a text is put together once, however many paths it has
    for start, path in sorted(paths_in(plain).items(), reverse=True):
        stop = start + len(path)
        owner = _OWNER.match(plain, stop) if _WINDOWS.fullmatch(path) else None
        stop = owner.end() if owner else stop
        if stop > before:
            continue
        before = start
        begin, end = places[start], places[stop - 1] + 1
        if text.endswith(ELSEWHERE, 0, begin):
            begin -= len(ELSEWHERE)
        codes = "".join(text[i] for i in range(begin, end) if i not in shown)
        pieces += [text[end:rest], codes, _cut(path)]
        rest = begin
    return "".join([text[:rest], *reversed(pieces)])


def _cut(path: str) -> str:
    separator = "\\" if path.endswith("\\") else "/"
    last = path.rstrip(separator).rpartition(separator)[2]
    kept = f"{last}{separator}" if last in _LAST_PARTS else ""
    return f"{ELSEWHERE}{separator}{kept}"


# ----------------------------------------------------------------------------------- widget-state


def widget_state(document: dict[str, Any]) -> Iterator[Repair]:
    """State of widgets that can be spared: of each something else is to be seen as well."""
    stored = document["metadata"].get("widgets")
    if stored is None:
        return
    part = "metadata of the notebook"
    if not isinstance(stored, dict) or not set(stored) <= {WIDGET_STATE}:
        return
    views = [
        (number, position, output["data"])
        for number, cell in enumerate(document["cells"], 1)
        for position, output in enumerate(cell.get("outputs") or (), 1)
        if WIDGET_VIEW in (output.get("data") or {})
    ]
    if any(not set(data) - {WIDGET_VIEW, "text/plain"} for _, _, data in views):
        return  # without its state nothing would be left of it
    for number, position, data in views:
        del data[WIDGET_VIEW]
        message = "the view of a widget taken out; what stands beside it stays"
        yield Repair("widget-state", message, number, output_part(position))
    del document["metadata"]["widgets"]
    yield Repair("widget-state", "the state of widgets taken out", part=part)


# ----------------------------------------------------------------------------------------- script

# JSON of which no more is known may be a note on the script beside it, and then all that there is
# to see is the script's: Bokeh's and HoloViews' say "run it", Colab's names a variable.
_DRAWN = (MIME_TYPE, "application/vnd.plotly.", "application/vnd.vega")


def script(document: dict[str, Any]) -> Iterator[Repair]:
    """HTML with scripts where a picture or a JSON form of the same output stands beside it."""
    for number, cell in enumerate(document["cells"], 1):
        for position, output in enumerate(cell.get("outputs") or (), 1):
            data = output.get("data")
            if not isinstance(data, dict) or not any(_shows(m, data[m]) for m in data):
                continue
            for mime in [m for m in data if _needs_script(m, data[m])]:
                del data[mime]
                message = f"{mime} with a script taken out; the same in another form stays"
                yield Repair("script", message, number, output_part(position))


def _shows(mime: str, value: Any) -> bool:
    """Whether a form of an output is a picture, or JSON that front ends draw a result from."""
    is_picture = mime.startswith("image/") and mime != "image/svg+xml"
    return bool(value) and (is_picture or mime.startswith(_DRAWN))


def _needs_script(mime: str, value: Any) -> bool:
    return mime in RUN or (mime == "text/html" and bool(SCRIPT.search(text_of(value))))
