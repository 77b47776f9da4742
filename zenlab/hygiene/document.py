"""An `.ipynb` file as cells and outputs, whoever wrote it and however broken it is.

nbformat is not used: it is no dependency of the package, it repairs what it reads, and a check
has to see what the file holds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple

from zenlab.core.errors import DoesNotExistException, NotebookError, suggest
from zenlab.views.panel import MIME_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CONFLICT = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)


class Text(NamedTuple):
    """A text of a cell: its source, or what an output says in one MIME type."""

    part: str
    """Where in the cell: "source", "output 2", "metadata", "metadata of output 2"."""

    text: str
    mime: str = ""


@dataclass(frozen=True)
class Output:
    """One output of a cell.

    Args:
        number: its place among the outputs of its cell, from 1.
        kind: stream, display_data, execute_result, error, or whatever the file says.
        raw: the output as the file has it.
    """

    number: int
    kind: str
    raw: dict[str, Any]

    @property
    def part(self) -> str:
        """Its name in a message."""
        return f"output {self.number}"

    @property
    def data(self) -> dict[str, Any]:
        """Its MIME bundle; empty for streams and errors."""
        data: dict[str, Any] = self.raw.get("data") or {}
        return data

    @property
    def ours(self) -> bool:
        """Whether it is a panel of zenlab."""
        return MIME_TYPE in self.data

    @property
    def printed(self) -> str:
        """What it says if it is a stream, without the colours of a terminal."""
        return _plain(self.raw.get("text")) if self.kind == "stream" else ""

    @cached_property
    def texts(self) -> list[Text]:
        """What can be read in it, pictures left out; HTML with its entities decoded."""
        if self.kind == "stream":
            return [Text(self.part, self.printed, "stream")]
        if self.kind == "error":
            said = [self.raw.get(name) for name in ("ename", "evalue", "traceback")]
            return [Text(self.part, _plain("\n".join(strings_of(said))), "error")]
        return [
            Text(self.part, self.text(mime), mime) for mime in self.data if not _is_binary(mime)
        ]

    def text(self, mime: str) -> str:
        """What it says in one MIME type; of JSON all keys and strings, a line each."""
        value = self.data.get(mime)
        if mime.endswith("json") or isinstance(value, dict):
            return "\n".join(strings_of(value))
        text = _plain(value)
        return unescape(text) if mime in ("text/html", "image/svg+xml") else text


@dataclass(frozen=True)
class Cell:
    """One cell.

    Args:
        number: its place in the notebook, from 1, as JupyterLab counts.
        kind: code, markdown or raw.
        source: its text.
        metadata: as the file has it.
        count: the number in its `[3]`, or None.
        outputs: none unless it is a code cell.
    """

    number: int
    kind: str
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)
    count: int | None = None
    outputs: tuple[Output, ...] = ()

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        tags = self.metadata.get("tags")
        return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []

    @cached_property
    def texts(self) -> list[Text]:
        """What can be read in it: source, outputs, then metadata."""
        found = [Text("source", self.source)]
        found += [text for output in self.outputs for text in output.texts]
        found.append(Text("metadata", "\n".join(strings_of(self.metadata))))
        for output in self.outputs:
            said = "\n".join(strings_of(output.raw.get("metadata")))
            found.append(Text(f"metadata of {output.part}", said))
        return [text for text in found if text.text]


@dataclass(frozen=True)
class Notebook:
    """A notebook as its file has it.

    Args:
        path: the file, as the caller wrote it.
        size: of the file, in bytes.
        metadata: of the notebook.
        cells: in order.
    """

    path: Path
    size: int
    metadata: dict[str, Any]
    cells: tuple[Cell, ...]


def strings_of(value: Any) -> Iterator[str]:
    """All keys and strings of a JSON value, in order; `key: text` for a text below a key.

    Example:
        >>> list(strings_of({"user": "jane", "rows": [["a"], 1]}))
        ['user: jane', 'rows', 'a']
    """
    todo = [value]  # no recursion: depth is whatever the file has
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            todo += reversed(item)
        elif isinstance(item, dict):
            for key, below in reversed(item.items()):
                if isinstance(below, str):
                    todo.append(f"{key}: {below}")
                else:
                    todo += [below, str(key)]


def without_codes(text: str) -> tuple[str, list[int]]:
    r"""A text without the colours of a terminal, and where its characters were.

    Example:
        >>> without_codes("\x1b[1ma\x1b[0mb")
        ('ab', [4, 9])
    """
    kept: list[int] = []
    position = 0
    for code in _CODES.finditer(text):
        kept += range(position, code.start())
        position = code.end()
    kept += range(position, len(text))
    return "".join(text[i] for i in kept), kept


def read_notebook(path: Path) -> Notebook:
    """Read an `.ipynb` file of format 4.

    Args:
        path: the file.

    Raises:
        DoesNotExistException: there is no such file.
        NotebookError: it cannot be read, or is no notebook; the message names file, line and
            column where there is one, or else the cell.

    Example:
        >>> notebook = read_notebook(Path("notebooks/quickstart.ipynb"))  # doctest: +SKIP
        >>> notebook.cells[1].source  # doctest: +SKIP
        '%load_ext zenlab'
    """
    return parse_notebook(path, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """The content of a notebook's file.

    Args:
        path: the file.

    Raises:
        DoesNotExistException: there is no such file.
        NotebookError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder = path.parent
        near = [p.name for p in folder.glob("*.ipynb")] if folder.is_dir() else []
        raise DoesNotExistException(
            f"There is no file '{path}'.", hint=suggest(path.name, near) if near else None
        ) from None
    except OSError as error:
        raise NotebookError(
            f"The file cannot be read: {error.strerror or error}.", where=str(path)
        ) from None


def parse_notebook(path: Path, content: bytes) -> Notebook:
    """A notebook of the content of a file, such as one that is staged.

    Args:
        path: what the file is called in messages.
        content: all of it.

    Raises:
        NotebookError: as in `read_notebook`.
    """
    return _notebook(path, _parse(path, content), len(content))


def _parse(path: Path, content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        place = _place(path, content[: error.start])
        message = "The file is no UTF-8 text."
        hint = "A notebook is JSON in UTF-8: save it again from JupyterLab."
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        # `error.msg` is one of a few fixed texts and quotes nothing of the file.
        message = f"The file is no JSON ({error.msg})." if content.strip() else "The file is empty."
        hint = "Save it again from JupyterLab, or restore it: git checkout -- FILE"
        if path.suffix != ".ipynb":
            hint = "Name a notebook (.ipynb), or a folder with notebooks."
        conflict = _CONFLICT.search(content)
        if conflict:
            place = _place(path, content[: conflict.start()])
            message = "The file has an unresolved merge conflict."
            hint = (
                "Take one side (git checkout --ours FILE, or --theirs) and run the notebook "
                "again, or merge cells with nbdime."
            )
    except (ValueError, RecursionError):
        # A number of thousands of digits, or brackets of thousands of levels.
        place = str(path)
        message = "The file is JSON that no notebook has: a number or a nesting without end."
        hint = "Save it again from JupyterLab, or restore it: git checkout -- FILE"
    raise NotebookError(message, where=place, hint=hint) from None


def _place(path: Path, before: bytes) -> str:
    line = before.count(b"\n") + 1
    column = len(before) - (before.rfind(b"\n") + 1) + 1
    return f"{path}:{line}:{column}"


def _notebook(path: Path, document: Any, size: int) -> Notebook:
    """The minimal shape that the rules rely on, and no more: the rest is up to nbformat."""
    where = str(path)
    if not isinstance(document, dict):
        raise NotebookError("The file is JSON, but no notebook.", where=where)
    if document.get("nbformat") != 4:
        raise NotebookError(
            "The file is no notebook of format 4.",
            where=where,
            hint="Open it in JupyterLab and save it: that converts older formats.",
        )
    if not isinstance(document.get("cells"), list):
        raise NotebookError("The notebook has no list 'cells'.", where=where)
    cells = tuple(
        _cell(raw, number, f"{where}, cell {number}")
        for number, raw in enumerate(document["cells"], 1)
    )
    return Notebook(path, size, _object(document, "metadata", where), cells)


def _cell(raw: Any, number: int, where: str) -> Cell:
    if not isinstance(raw, dict) or not isinstance(raw.get("cell_type"), str):
        raise NotebookError("This is no cell: it has no 'cell_type'.", where=where)
    source = raw.get("source") or ""
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise NotebookError("'source' is neither a text nor a list of lines.", where=where)
    outputs = raw.get("outputs") or []
    if not isinstance(outputs, list):
        raise NotebookError("'outputs' is no list.", where=where)
    count = raw.get("execution_count")
    return Cell(
        number,
        raw["cell_type"],
        "".join(lines),
        _object(raw, "metadata", where),
        count if isinstance(count, int) else None,
        tuple(_output(o, n, f"{where}, output {n}") for n, o in enumerate(outputs, 1)),
    )


def _output(raw: Any, number: int, where: str) -> Output:
    if not isinstance(raw, dict) or not isinstance(raw.get("output_type"), str):
        raise NotebookError("This is no output: it has no 'output_type'.", where=where)
    _object(raw, "data", where)
    return Output(number, raw["output_type"], raw)


def _object(raw: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    value = raw.get(name) or {}
    if not isinstance(value, dict):
        raise NotebookError(f"'{name}' is no JSON object.", where=where)
    return value


def _plain(value: Any) -> str:
    """The text of a string or a list of lines, without the colours of a terminal."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return _CODES.sub("", value) if isinstance(value, str) else ""


def _is_binary(mime: str) -> bool:
    """Base64 and the like: nothing in it can be read."""
    kind = mime.partition("/")[0]
    return mime == "application/pdf" or (
        kind in ("image", "audio", "video", "font") and not mime.endswith("+xml")
    )
