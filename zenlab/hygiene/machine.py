"""Rules `absolute-path`, `timing`, `timestamp`: traces of one machine and one moment.

What differs between two runs of the same code makes every diff noisy; what names a folder of one
machine runs nowhere else, and tells who sat there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zenlab.hygiene.findings import Found
from zenlab.hygiene.patterns import masked
from zenlab.views.panel import MIME_TYPE
from zenlab.views.strings import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.hygiene.document import Cell, Notebook, Output

# After a letter or `/` it is the path of a URL or the end of a relative path; after `~`, `$HOME` or
# `{root}` it is a path of everybody. What is shown is the match alone, never what follows: a
# file's name may say more than the folder does.
_START = r"(?:(?<=file://)|(?<![\w.~$}*/+<\\%-]))"
_PART = r"[^\s/'\"<>|:]{1,64}"
_SHARED = (
    "tmp|var/folders|var/tmp|private/tmp|private/var|mnt|media|Volumes|opt|root|workspaces?|kaggle"
    "|content/drive|dbfs|Workspace"
)
_DRIVE = r"(?<!\w)[A-Za-z]:"

# Each with a text that occurs in what it finds. Of two that begin at one place the first counts.
_PATHS = (
    ("-packages/", re.compile(rf"{_START}/(?:[\w.+-]{{1,64}}/){{1,12}}?(?:site|dist)-packages/")),
    ("/", re.compile(rf"{_START}/(?:home|Users)/(?!\.\.\.|[<{{$]){_PART}/")),
    ("/", re.compile(rf"{_START}/(?:{_SHARED})/(?=[\w.])")),
    (":\\", re.compile(rf"{_DRIVE}\\{{1,2}}(?i:Users|Temp|tmp|Windows|ProgramData)\\")),
    (":/", re.compile(rf"{_DRIVE}/(?i:Users|Temp|Windows|ProgramData)/")),
    # Of any other folder a capital drive and two parts, since `"A:\nB\n"` in a source is no path.
    (":\\", re.compile(r"(?<!\w)[A-Z]:(?!\\[nrt])\\{1,2}[\w$ -]{1,64}\\{1,2}(?=[\w.])")),
)

TIMING_KEYS = ("execution", "ExecuteTime", "executionInfo", "papermill")

_MOMENT = r"\d{4}-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d"
_IN_PANEL = re.compile(_MOMENT)
# A log line begins with its moment, in brackets or behind a level; in the middle of a line it may
# be data.
_IN_STREAM = re.compile(rf"^\W{{0,3}}(?:[A-Z]+\W{{1,3}})?{_MOMENT}", re.MULTILINE)
_MEASURED = re.compile(
    r"^(?:CPU times: .{0,200}total: |Wall time: )|\bper loop \(mean ± std\. dev\."
    r"|\d+%\|.{0,200}\[\d\d:\d\d",  # tqdm
    re.MULTILINE,
)

DATA_PANELS = frozenset({"statistics", "schema", "anomalies"})
"""Panels that show values of the data, which may be dates."""


def absolute_path(notebook: Notebook) -> Iterator[Found]:
    """Folders of one machine, in sources and outputs."""
    for cell in notebook.cells:
        seen: set[tuple[str, str]] = set()
        for part, text, _ in cell.texts:
            if part.startswith("metadata"):
                continue
            line, counted = 1, 0  # onwards from the path before: there may be thousands
            for start, path in sorted(paths_in(text).items()):
                line += text.count("\n", counted, start)
                counted = start
                place = f"line {line}" if part == "source" else part
                if (place, path) not in seen:
                    seen.add((place, path))
                    yield _path_found(path, cell, place)


def paths_in(text: str) -> dict[int, str]:
    """The paths of one machine in a text, each as far as it names that machine.

    Args:
        text: without colours of a terminal.

    Returns:
        Where each begins, and its first folders.

    Example:
        >>> paths_in("in /tmp/x/y.csv")
        {3: '/tmp/'}
    """
    found: dict[int, str] = {}
    for literal, pattern in _PATHS:
        if literal in text:
            for match in pattern.finditer(text):
                found.setdefault(match.start(), match.group())
    return found


def _path_found(path: str, cell: Cell, place: str) -> Found:
    hint = "Write it relative to the notebook, or read the folder from an environment variable."
    if not place.startswith("line"):
        hint = "Change what prints it, and run the cell again; a warning's path goes away with it."
    # Even a folder can be named by a token, or by codes that move the cursor of a terminal.
    shown = shorten(masked(path), 100).removesuffix("…")
    return Found(f"A path of one machine: {shown}…", hint, cell, place)


def timing(notebook: Notebook) -> Iterator[Found]:
    """When cells were executed and how long they took, in their metadata."""
    cells = [c for c in notebook.cells if any(c.metadata.get(key) for key in TIMING_KEYS)]
    for cell in cells:
        keys = ", ".join(key for key in TIMING_KEYS if cell.metadata.get(key))
        yield Found(
            f"The cell's metadata says when it was executed ({keys}): it changes on every run.",
            "In JupyterLab, switch off Settings > Notebook > Record timing, and save again. With "
            "nbclient: NotebookClient(record_timing=False).",
            cell,
            "metadata",
        )
    if notebook.metadata.get("papermill"):
        yield Found(
            "The notebook's metadata says when papermill executed it: it changes on every run.",
            "Commit the notebook that papermill reads, not the one that it writes.",
            part="metadata of the notebook",
        )


def timestamp(notebook: Notebook) -> Iterator[Found]:
    """Moments and durations in what is no data: our panels, lines of logs, `%time`."""
    for cell in notebook.cells:
        for output in cell.outputs:
            what = _moment(output)
            if what:
                yield Found(
                    f"The output has {what}: it changes on every run.",
                    "Leave it out of what is stored; if it is data, say so with the tag "
                    "zenlab:allow-timestamp.",
                    cell,
                    output.part,
                )


def _moment(output: Output) -> str:
    if output.ours:
        payload = output.data[MIME_TYPE]
        panel = str(payload.get("panel")) if isinstance(payload, dict) else None
        found = panel not in DATA_PANELS and any(_IN_PANEL.search(t.text) for t in output.texts)
        return "a date with a time, in a panel whose content is no data" if found else ""
    text = output.printed or output.text("text/plain")
    if _MEASURED.search(text):
        return "a measured duration"
    if output.printed and _IN_STREAM.search(text):
        return "lines that begin with a date and a time, as those of a log"
    return ""
