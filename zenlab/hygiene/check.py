"""Rules over files: what is checked, what a cell may do all the same, how a finding is named."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.core.errors import DoesNotExistException
from zenlab.hygiene.rules import ALLOW
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zenlab.hygiene.document import Cell, Notebook
    from zenlab.hygiene.findings import Found
    from zenlab.hygiene.rules import Rule

_MOST_PER_CELL = 3
_FIRST = -1


@dataclass(frozen=True)
class Finding:
    """One thing to repair.

    Args:
        path: the notebook, as it was given.
        rule: which rule it breaks.
        message: what it is.
        hint: what to do next.
        cell: the number of the cell, from 1, or None: the notebook as a whole.
        count: the number in the cell's `[3]`, or None.
        part: where in the cell, such as "output 2"; may be empty.
    """

    path: Path
    rule: Rule
    message: str
    hint: str
    cell: int | None = None
    count: int | None = None
    part: str = ""

    @property
    def place(self) -> str:
        """Where it is: `notebooks/a.ipynb, cell 5 [3], output 1`."""
        parts = [visible(str(self.path))]
        if self.cell is not None:
            parts.append(f"cell {self.cell}" + (f" [{self.count}]" if self.count else ""))
        return ", ".join([*parts, self.part] if self.part else parts)

    def __str__(self) -> str:
        head = f"{self.place}: {self.rule.level} {self.rule.name}"
        return f"{head}\n  {self.message}\n  next:  {self.hint}"


def check_notebook(notebook: Notebook, rules: Sequence[Rule]) -> list[Finding]:
    """Check a notebook.

    Args:
        notebook: from `read_notebook`.
        rules: from `chosen`.

    Returns:
        What was found, from the top of the notebook down. A rule that a cell breaks more than
        three times is named three times, and the last finding says how many more there are.

    Example:
        >>> from zenlab.hygiene import chosen, read_notebook
        >>> notebook = read_notebook(Path("a.ipynb"))  # doctest: +SKIP
        >>> [finding.rule.name for finding in check_notebook(notebook, chosen())]  # doctest: +SKIP
        ['rows', 'execution-order']
    """
    findings: list[Finding] = []
    for rule in rules:
        by_cell: dict[int, list[Found]] = {}
        for found in rule.find(notebook):
            if found.cell is None or not _allows(found.cell, rule):
                by_cell.setdefault(_order(found), []).append(found)
        findings += [
            finding for many in by_cell.values() for finding in _some(notebook.path, rule, many)
        ]
    # Stable: within a cell the rules stay in their order, the gravest first.
    return sorted(findings, key=lambda finding: finding.cell or _FIRST)


def notebook_files(paths: Iterable[Path]) -> list[Path]:
    """The notebooks that are meant by files and folders.

    Args:
        paths: a file counts as it is; a folder stands for every `.ipynb` below it, but for hidden
            folders (such as `.ipynb_checkpoints`) and virtual environments.

    Raises:
        DoesNotExistException: there is no such file, or no notebook in a folder.
    """
    files: dict[Path, None] = {}
    for path in paths:
        found = list(_below(path)) if path.is_dir() else [path]
        if not found:
            raise DoesNotExistException(
                f"There is no notebook in '{visible(str(path))}'.",
                hint="Name a folder with .ipynb files. Hidden folders and virtual environments "
                "are left out.",
            )
        files |= dict.fromkeys(found)
    return list(files)


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not (Path(here) / name / "pyvenv.cfg").exists()
        )
        yield from (Path(here) / name for name in sorted(names) if name.endswith(".ipynb"))


def _allows(cell: Cell, rule: Rule) -> bool:
    return f"{ALLOW}{rule.name}" in cell.tags


def _order(found: Found) -> int:
    return found.cell.number if found.cell is not None else _FIRST


def _some(path: Path, rule: Rule, many: list[Found]) -> Iterator[Finding]:
    left = len(many) - _MOST_PER_CELL
    for number, found in enumerate(many[:_MOST_PER_CELL], 1):
        cell = found.cell
        more = f" And {left} more in this cell." if left > 0 and number == _MOST_PER_CELL else ""
        yield Finding(
            path,
            rule,
            found.message + more,
            found.hint,
            cell.number if cell else None,
            cell.count if cell else None,
            found.part,
        )
