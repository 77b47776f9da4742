"""The log of notebook cells: where the source of code is that lies in no file.

IPython gives each cell a file name (`<ipython-input-3-...>`, `/tmp/ipykernel_7/123.py`) and leaves
its text in `linecache`. That cache may be cleared, and on 3.11 `inspect.getsource` refuses classes
of a notebook, so the notebook front end also hands every cell to `register_cell`.
"""

from __future__ import annotations

import linecache
import re
from pathlib import Path

_CELL_NAME = re.compile(r"<ipython-input-|.*[/\\]ipykernel_\d+[/\\]")
_log: dict[str, str] = {}


def register_cell(filename: str, source: str) -> None:
    """Remember the source of a cell.

    Args:
        filename: the `co_filename` of the code that the cell made.
        source: the text as it was compiled, after magics were rewritten.

    Example:
        >>> register_cell("<ipython-input-1-abc>", "ALPHA = 1")
        >>> cell_source("<ipython-input-1-abc>")
        'ALPHA = 1'
    """
    _log.pop(filename, None)  # a cell that runs again is the newest
    _log[filename] = source


def is_cell(filename: str) -> bool:
    """Whether code with this file name came from a notebook's cell."""
    return filename in _log or _CELL_NAME.match(filename) is not None


def cell_source(filename: str) -> str | None:
    """The text of a cell, or of other code that has a text and no file (`doctest`, `attrs`)."""
    source = _log.get(filename)
    if source is not None:
        return source
    entry = linecache.cache.get(filename)
    if entry is None or len(entry) == 1 or Path(filename).exists():
        return None
    return "".join(entry[2])


def cells() -> list[tuple[str, str]]:
    """All cells that are known, as (file name, source), the newest last."""
    known = {name: cell_source(name) for name in list(linecache.cache) if is_cell(name)}
    known = {name: source for name, source in known.items() if name not in _log}
    known.update(_log)
    return [(name, source) for name, source in known.items() if source is not None]
