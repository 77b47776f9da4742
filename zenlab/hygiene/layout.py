"""How the JSON of a notebook is laid out, so that a repair changes its own lines and no others."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import product
from typing import Any

_INDENT = re.compile(rb"\A\s*\{\r?\n([ \t]+)")


@dataclass(frozen=True)
class Layout:
    """How a file is laid out; the defaults are those of nbformat and JupyterLab.

    Args:
        indent: what each level is indented by; None: all in one line.
        sort: whether keys are sorted.
        ascii: whether other characters than those of ASCII are escaped.
        newline: what ends a line.
        end: what ends the file.
    """

    indent: int | str | None = 1
    sort: bool = True
    ascii: bool = False
    newline: str = "\n"
    end: str = "\n"

    def write(self, document: Any) -> bytes:
        """The bytes of a document.

        Args:
            document: JSON.
        """
        text = json.dumps(
            document, indent=self.indent, sort_keys=self.sort, ensure_ascii=self.ascii
        )
        text += self.end
        if self.newline != "\n":
            text = text.replace("\n", self.newline)
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:  # half of a character, which JSON can hold and UTF-8 cannot
            return Layout(self.indent, self.sort, True, self.newline, self.end).write(document)


def layout_of(content: bytes, document: Any) -> Layout:
    r"""The layout that makes a document the content of its file.

    Args:
        content: the file.
        document: its JSON.

    Returns:
        nbformat's layout if the file has none of its own that could be kept.

    Example:
        >>> layout_of(b'{\r\n    "b": 1,\r\n    "a": 2\r\n}', {"b": 1, "a": 2})
        Layout(indent='    ', sort=False, ascii=False, newline='\r\n', end='')
    """
    newline = "\r\n" if b"\r\n" in content else "\n"
    end = "\n" if content.endswith(b"\n") else ""
    match = _INDENT.match(content)
    indents: list[int | str | None] = [match.group(1).decode() if match else None]
    for indent, is_sorted, is_ascii in product(indents, (True, False), (False, True)):
        layout = Layout(indent, is_sorted, is_ascii, newline, end)
        if layout.write(document) == content:
            return layout
    return Layout(newline=newline)
