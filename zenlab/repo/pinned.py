"""Code as it is in a Git commit, imported beside the user's own.

    source + commit --> the module's file in the commit --> zenlab_at_<sha>.<module> in sys.modules

What such a module imports from the repository comes from the same commit: its `__builtins__` have
an `__import__` that looks there first. The work tree, the index, `sys.path` and the user's own
modules are as they were. The sources are compiled from Git's objects; below `.zenlab/code/<sha>/`
they are kept for tracebacks, editors and fingerprints, with the small files beside them.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import decode_source
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError
from zenlab.core.files import write_atomically
from zenlab.core.pinned import PREFIX, package_of
from zenlab.engine.fingerprint.origin import Origin, origin_of_module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from zenlab.repo.commits import Commit

_MOST_BYTES = 1_000_000
"""A larger file beside a module is not kept: it is data, and has its place in `files=`."""

_trees: dict[str, Tree] = {}
"""By package: the commits that code of this process comes from."""


def load(commit: Commit, source: str, folder: Path, roots: Sequence[str]) -> Any:
    """The class or function that a source means in a commit.

    Args:
        commit: where the code is.
        source: `module.Name`.
        folder: `.zenlab/code`.
        roots: folders of the repository that modules are likely found in: "", "src".

    Returns:
        What is called so. Whether it is the right one, its fingerprint tells.

    Raises:
        CodeError: the commit has no such code, or it cannot be imported.
    """
    tree = tree_of(commit, folder, roots)
    parts = source.split(".")
    for end in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:end])
        if tree.looks_in(tree.roots_of(name, roots)[:1]):
            value = _attribute(_import(tree, name), parts[end:])
            if value is not None:
                return value
    raise CodeError(
        f"Commit {commit.sha[:12]} has no '{source}'.",
        where=source,
        hint=f"Look where it was: git log --all --oneline -S'{parts[-1]}' -- '*.py'",
    )


def tree_of(commit: Commit, folder: Path, roots: Sequence[str]) -> Tree:
    """The modules of a commit, of which none has to be imported yet; see `load`."""
    tree = _trees.get(package_of(commit.sha))
    if tree is None:
        tree = _trees[package_of(commit.sha)] = Tree(commit, folder, roots)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    return tree


class Tree:
    """A commit whose modules are imported.

    Args:
        commit: whose files are read.
        folder: `.zenlab/code`.
        roots: folders of the repository that modules are likely found in.
    """

    def __init__(self, commit: Commit, folder: Path, roots: Sequence[str]) -> None:
        self.commit = commit
        self.package = package_of(commit.sha)
        self.folder = folder / commit.sha
        self.roots = list(roots)
        self._own: dict[str, bool] = {}

    def looks_in(self, found: Sequence[str]) -> bool:
        """Look first in a folder in which a module was found; whether there is one."""
        roots = list(dict.fromkeys([*found, *self.roots]))
        if roots != self.roots:
            self.roots = roots
            self._own.clear()
        return bool(found)

    def roots_of(self, module: str, likely: Sequence[str]) -> list[str]:
        """The folders below which a module is, the likely ones first."""
        path = module.replace(".", "/")
        ends = (f"{path}.py", f"{path}/__init__.py")
        near = [r for r in likely if any(self.commit.read(_join(r, e)) is not None for e in ends)]
        far = [
            file[: -len(end)].rstrip("/")
            for file in self.commit.files
            for end in ends
            if file.endswith(f"/{end}")
        ]
        return list(dict.fromkeys([*near, *far]))

    def find(self, module: str) -> tuple[str, bool] | None:
        """Path of a module, and whether it is a package; a folder without `__init__.py` is one."""
        path = module.replace(".", "/")
        for root in self.roots:
            for end, is_package in ((f"{path}/__init__.py", True), (f"{path}.py", False)):
                if self.commit.read(_join(root, end)) is not None:
                    return _join(root, end), is_package
        for root in self.roots:
            if self.commit.is_folder(_join(root, path)):
                return _join(root, path), True
        return None

    def has(self, top: str) -> bool:
        """Whether code of the commit means its own module by a name, and no installed one's.

        Remembered, since each import statement asks, those in functions at each call.
        """
        known = self._own.get(top)
        if known is None:
            found = None if top in sys.stdlib_module_names else self.find(top)
            known = self._own[top] = found is not None and (
                found[0].endswith(".py") or origin_of_module(top) is Origin.REPOSITORY
            )
        return known

    def keep(self, path: str, data: bytes) -> Path:
        """Write a file of the commit where tracebacks find it; a damaged one is written again."""
        file = self.folder / path
        try:
            if file.read_bytes() == data:
                return file
        except OSError:
            pass
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, data)
        return file

    def keep_beside(self, path: str) -> None:
        """Keep the small files that lie beside a module, which it may open by its `__file__`."""
        above = path.rpartition("/")[0]
        for name, size in self.commit.folder(above):
            if not name.endswith(".py") and size is not None and size <= _MOST_BYTES:
                data = self.commit.read(_join(above, name))
                if data is not None:
                    self.keep(_join(above, name), data)

    def builtins(self) -> dict[str, Any]:
        """The builtins of its modules: those of Python, with an `__import__` of their own."""
        return {**vars(builtins), "__import__": self._import}

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - Python's name
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - Python's name
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        top = name.partition(".")[0]
        if level or not self.has(top):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        full = f"{self.package}.{name}"
        if fromlist:
            return builtins.__import__(full, globals, locals, fromlist, 0)
        importlib.import_module(full)
        return sys.modules[f"{self.package}.{top}"]


class _Finder(MetaPathFinder):
    """Finds the modules of commits, and no others."""

    @staticmethod
    def find_spec(
        name: str,
        path: object = None,  # noqa: ARG004 - of the protocol
        target: object = None,  # noqa: ARG004 - of the protocol
    ) -> ModuleSpec | None:
        if not name.startswith(PREFIX):
            return None
        package, _, module = name.partition(".")
        tree = _trees.get(package)
        if tree is None:
            return None
        if not module:
            return ModuleSpec(name, _Loader(tree, None), is_package=True)
        found = tree.find(module)
        if found is None:
            return None
        place, is_package = found
        # Its `__path__` stays empty: the folder may have been changed, nothing is looked for there.
        spec = ModuleSpec(name, _Loader(tree, place), is_package=is_package)
        spec.origin = str(tree.folder / place)
        spec.has_location = place.endswith(".py")
        return spec


class _Loader(Loader):
    """Executes a module of a commit.

    Args:
        tree: the commit.
        place: the path of the module; None or a folder for a package without code.
    """

    def __init__(self, tree: Tree, place: str | None) -> None:
        self._tree = tree
        self._place = place

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:  # noqa: ARG004 - of the protocol
        return None

    def exec_module(self, module: ModuleType) -> None:
        tree, place = self._tree, self._place
        if place is None or not place.endswith(".py"):
            return
        data = tree.commit.read(place) or b""
        file = tree.keep(place, data)
        tree.keep_beside(place)
        module.__dict__["__builtins__"] = tree.builtins()
        code = compile(data, str(file), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - of a commit of this repository, see `Pins`
        _import_inner(tree, module, decode_source(data))


def _import_inner(tree: Tree, module: ModuleType, text: str) -> None:
    """Import what functions of a module import of the commit: a fingerprint imports nothing."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node for node in ast.walk(ast.parse(text)) if isinstance(node, functions)]
    for node in (inner for body in bodies for inner in ast.walk(body)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if tree.has(alias.name.partition(".")[0])]
            wanted = [f"{tree.package}.{name}" for name in names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = str(module.__package__)
                above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
                base = f"{above}.{base}".rstrip(".")
            elif tree.has(base.partition(".")[0]):
                base = f"{tree.package}.{base}"
            else:
                continue
            wanted = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in wanted:
            if name not in sys.modules and tree.find(name.partition(".")[2]) is not None:
                try:
                    importlib.import_module(name)
                except Exception:  # noqa: BLE001, S112 - it is not needed, or fails where it is
                    continue


def _import(tree: Tree, name: str) -> ModuleType:
    full = f"{tree.package}.{name}"
    try:
        return importlib.import_module(full)
    except Exception as error:
        raise CodeError(
            f"'{name}' of commit {tree.commit.sha[:12]} cannot be imported: "
            f"{type(error).__name__}: {error}",
            where=name,
            hint="Its packages may have been others then: zenlab env diff says which.",
        ) from error


def _attribute(owner: Any, path: Sequence[str]) -> Any:
    for part in path:
        owner = getattr(owner, part, None)
    return owner


def _join(root: str, path: str) -> str:
    return f"{root}/{path}" if root and path else root or path
