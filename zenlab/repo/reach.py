"""Which files of the repository a fingerprint reaches: those have to be committed for a pin."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint.cells import is_cell
from zenlab.engine.fingerprint.installed import module_origin
from zenlab.engine.fingerprint.origin import module_file

if TYPE_CHECKING:
    from zenlab.engine.fingerprint import Fingerprint, Reached


def files_of(mark: Fingerprint, root: Path) -> set[Path] | None:
    """The files that what counts in a fingerprint was written in.

    Functions and classes say it themselves; a constant is where its module takes it from.

    Args:
        mark: the fingerprint.
        root: the repository, which the files of a fingerprint are relative to.

    Returns:
        None if part of it was written in a notebook.
    """
    found: set[Path] = set()
    for entry in mark.reached:
        if entry.module == "__main__" or is_cell(entry.file):
            return None
        if entry.file:
            found.add(root / entry.file)
        if entry.kind == "constant":
            found.update(_files_of_constant(entry))
    return found


def _files_of_constant(entry: Reached) -> set[Path]:
    """The files behind a label: `LIMIT`, which may have been imported, or `settings.LIMIT`."""
    found: set[Path] = set()
    module = sys.modules.get(entry.module)
    for part in entry.name.split("."):
        if module is None:
            break
        value = module.__dict__.get(part)
        if isinstance(value, ModuleType):
            module = value if module_origin(value).is_own else None
            file = None if module is None else module_file(module)
            if file is not None and file.endswith(".py"):
                found.add(Path(file))
            continue
        found.update(_files_of_import(module, part))
        break
    return found


def _files_of_import(module: ModuleType, name: str) -> set[Path]:
    """Follow `from a import NAME` through the modules that pass it on."""
    found: set[Path] = set()
    seen: set[tuple[str, str]] = set()
    while (module.__name__, name) not in seen:
        seen.add((module.__name__, name))
        for base, imported, bound in _from_imports(module):
            if bound == name:
                source = sys.modules.get(base)
                if source is None or not module_origin(source).is_own:
                    return found
                file = module_file(source)
                if file is not None and file.endswith(".py"):
                    found.add(Path(file))
                module, name = source, imported
                break
        else:
            return found
    return found


_imports: dict[str, tuple[int, list[tuple[str, str, str]]]] = {}


def _from_imports(module: ModuleType) -> list[tuple[str, str, str]]:
    """Module, name and new name of what a module takes from others; read again if it changes."""
    file = module_file(module)
    try:
        stamp = Path(file or "").stat().st_mtime_ns
        known = _imports.get(file or "")
        if known is None or known[0] != stamp:
            tree = ast.parse(Path(file or "").read_bytes())
            known = _imports[file or ""] = (stamp, _parsed(tree, module))
    except (OSError, SyntaxError, ValueError):
        return []
    return known[1]


def _parsed(tree: ast.Module, module: ModuleType) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = node.module or ""
        if node.level:
            parts = str(module.__package__ or "").split(".")
            above = parts[: len(parts) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        found += [(base, alias.name, alias.asname or alias.name) for alias in node.names]
    return found
