"""Whose code it is: the notebook's, the repository's, a package's, Python's, or zenlab's.

What users write counts by content. What is installed counts by name, and the version of its
distribution is the key's business. The line between them is drawn by files: code in
`site-packages` (also in a virtual environment inside of the repository) and in Python's own
folders is installed; everything else, editable installs included, is written here.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import sysconfig
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint.cells import is_cell

if TYPE_CHECKING:
    from types import ModuleType

_INSTALLED = re.compile(r"[/\\](site-packages|dist-packages)[/\\]")
_ZENLAB = str(Path(__file__).resolve().parents[2])


class Origin(Enum):
    """Whose code it is."""

    NOTEBOOK = "notebook"
    REPOSITORY = "repository"
    PACKAGE = "package"
    STDLIB = "stdlib"
    ZENLAB = "zenlab"
    """Its built-ins count by name and `code_version`, so that a release does not empty caches."""

    @property
    def is_own(self) -> bool:
        """Whether it is counted by content."""
        return self in (Origin.NOTEBOOK, Origin.REPOSITORY)


def origin_of_file(filename: str, module: str) -> Origin:
    """Whose code a code object is.

    Args:
        filename: its `co_filename`.
        module: the `__name__` of its globals, which decides where there is no file.
    """
    if is_cell(filename):
        return Origin.NOTEBOOK
    if filename.startswith("<"):
        return Origin.STDLIB if filename.startswith("<frozen ") else origin_of_module(module)
    found = _classify(filename)
    return Origin.NOTEBOOK if found.is_own and module == "__main__" else found


def origin_of_module(name: str) -> Origin:
    """Whose module it is; it need not be imported."""
    if name == "__main__":
        return Origin.NOTEBOOK
    module = sys.modules.get(name)
    filename = module_file(module) if module is not None else None
    if filename is not None:
        return Origin.NOTEBOOK if is_cell(filename) else _classify(filename)
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return Origin.STDLIB
    if module is None and _distributions(top):
        return Origin.PACKAGE
    return Origin.REPOSITORY


def module_file(module: ModuleType) -> str | None:
    """The file of a module, or the folder of a namespace package, without running its code."""
    namespace = module.__dict__
    filename = namespace.get("__file__")
    if isinstance(filename, str):
        return filename
    try:
        paths = [path for path in namespace.get("__path__", ()) if isinstance(path, str)]
    except TypeError:
        return None
    return paths[0] + "/" if paths else None


@cache
def _classify(filename: str) -> Origin:
    if filename.startswith("<"):
        return Origin.REPOSITORY
    resolved = str(Path(filename).resolve())
    for path in {filename, resolved}:
        if path.startswith((_ZENLAB + "/", _ZENLAB + "\\")):
            return Origin.ZENLAB
        if _INSTALLED.search(path):
            return Origin.PACKAGE
    if resolved.startswith(_stdlib_folders()):
        return Origin.STDLIB
    return Origin.REPOSITORY


@cache
def _stdlib_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {str(Path(paths[name]).resolve()) + "/" for name in ("stdlib", "platstdlib")}
    return tuple(folders)


def distributions_of(module: str) -> tuple[str, ...]:
    """The distributions that a module of a package belongs to, normalised as on PyPI.

    Args:
        module: its dotted name. `google.cloud.storage` has a namespace package on top, which many
            distributions share; then those count that hold the module's own file.

    Example:
        >>> distributions_of("hypothesis.strategies")
        ('hypothesis',)
    """
    names = _distributions(module.partition(".")[0])
    if len(names) > 1:
        loaded = sys.modules.get(module)
        filename = None if loaded is None else module_file(loaded)
        holding = tuple(name for name in names if filename and _holds(name, filename))
        return holding or names
    return names


_found: dict[str, tuple[str, ...]] = {}


def _distributions(top: str) -> tuple[str, ...]:
    """Memoised where there are any: a package may be installed while the kernel runs."""
    names = _found.get(top)
    if names is None:
        names = _look_up(top)
        if names:
            _found[top] = names
    return names


def _look_up(top: str) -> tuple[str, ...]:
    """Look at a distribution of the same name first: looking at all takes 30 ms."""
    if not top:  # code that was executed in a namespace without a name
        return ()
    try:
        same = importlib.metadata.distribution(top)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        pass
    else:
        if _installs(same, top):
            return (normalised(str(same.metadata["Name"])),)
    if top in sys.stdlib_module_names:
        return ()
    every = importlib.metadata.distributions()
    return tuple(sorted({normalised(d.metadata["Name"]) for d in every if _installs(d, top)}))


def _installs(distribution: importlib.metadata.Distribution, top: str) -> bool:
    """Whether a module or package of this name is the distribution's.

    `importlib.metadata.packages_distributions` gives the same answer for every name at once, and
    takes eight times as long: it makes an object of each line of each RECORD.
    """
    declared = (distribution.read_text("top_level.txt") or "").split()
    if declared:
        return top in declared
    record = distribution.read_text("RECORD")
    if record is None:  # as an egg has it
        record = "\n".join(map(str, distribution.files or ()))
    return re.search(rf"^{re.escape(top)}[/.]", record, re.MULTILINE) is not None


@cache
def _holds(distribution: str, filename: str) -> bool:
    files = importlib.metadata.files(distribution) or ()
    return any(str(file.locate()) == filename for file in files)


def normalised(name: str) -> str:
    """The name of a distribution as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def public_name(obj: object, module: str, qualname: str) -> str:
    """The shortest dotted name under which a package shows an object.

    `pandas.core.frame.DataFrame` is `pandas.DataFrame` in pandas 3 and should be everywhere, and
    however it was imported.
    """
    if "." not in qualname:
        parts = module.split(".")
        for count in range(1, len(parts)):
            shown = ".".join(parts[:count])
            package = sys.modules.get(shown)
            if package is not None and package.__dict__.get(qualname) is obj:
                return f"{shown}.{qualname}"
    return f"{module}.{qualname}"
