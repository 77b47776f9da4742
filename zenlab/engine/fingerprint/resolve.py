"""From the names in a function's code to the objects that they mean now.

Modules are not values here: `helpers.clean` counts `clean` and nothing else of `helpers`. A module
of the repository whose attribute is not known (`getattr(helpers, x)`, a module that is passed on)
counts as a whole. Nothing is imported: what is not loaded is named, or refused.
"""

from __future__ import annotations

import builtins
import functools
import importlib.machinery
import importlib.util
import sys
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zenlab.core.pinned import home_of
from zenlab.engine.fingerprint.installed import (
    module_name,
    module_origin,
    named,
)
from zenlab.engine.fingerprint.memo import MISSING
from zenlab.engine.fingerprint.names import Use, quoted_in
from zenlab.engine.fingerprint.origin import Origin, origin_of_module, public_name
from zenlab.engine.fingerprint.patches import is_own, is_patched, methods_of_pandas
from zenlab.engine.fingerprint.visit import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zenlab.engine.fingerprint.graph import Part
    from zenlab.engine.fingerprint.names import Import, Names
    from zenlab.engine.fingerprint.notes import Seeds
    from zenlab.engine.fingerprint.visit import Visit

_OF_THE_MODULE = frozenset(
    {"__name__", "__file__", "__package__", "__spec__", "__doc__", "__loader__", "__builtins__"}
)
"""They say where code is, which does not count; what is computed from them does."""

_MAY_BE_PATCHED = (types.FunctionType, type, functools.partial)
_QUERIES = frozenset({"query", "eval"})
_REACHES_ALL = frozenset({"globals", "eval", "exec", "vars", "locals"})
_IMPORTERS = frozenset({"__import__", "importlib.import_module", "sys.modules"})


@dataclass
class Resolver:
    """Resolves the names of one function.

    Args:
        function: the function.
        names: what its code names.
        visit: the walk.
        seeds: takes the notes.
        where: gives the place of a line: `steps/clean.py:12`.
    """

    function: types.FunctionType
    names: Names
    visit: Visit
    seeds: Seeds
    file: str

    def edges(self, cells: dict[str, Any]) -> list[Part]:
        """Label and target of everything that the code names, sorted by label.

        Args:
            cells: the values of the free variables.
        """
        found = dict(self._all(cells))
        found.update(methods_of_pandas(self.names.attributes, self.visit))
        for name, line in self.names.writes:
            self.seeds.note(
                f"The global variable '{name}' is written at {self.place(line)}: "
                "what it holds counts, so the next run is a miss."
            )
        return [[label, found[label]] for label in sorted(found)]

    def place(self, line: int) -> str:
        """A line of the function's file, as notes and errors show it."""
        return f"{self.file}:{line}"

    def _all(self, cells: dict[str, Any]) -> Iterator[tuple[str, Part]]:
        for use in self.names.globals:
            if use.name not in _OF_THE_MODULE:
                yield from self._global(use)
        for name in sorted(self._quoted(cells)):
            if self.visit.reads.lookup(self.function.__globals__, name) is not MISSING:
                yield from self._global(Use(name, (), self.function.__code__.co_firstlineno, False))
        bound: dict[str, types.ModuleType] = {}
        for found in self.names.imports:
            value = self._imported(found)
            if not isinstance(value, types.ModuleType):
                yield f"import {found.bound}", value
            elif module_origin(value).is_own:
                bound[found.bound] = value
            else:
                yield from self._import_of_package(found, value)
        modules = {name: v for name, v in cells.items() if isinstance(v, types.ModuleType)}
        for name, module in {**modules, **bound}.items():
            uses = [use for use in self.names.locals if use.name == name]
            for use in uses:
                yield self._follow(module, use)
            if not uses and not module_origin(module).is_own:
                yield name, self._whole(module, name)
            elif not uses:
                yield f"{name}.*", self.visit.ref(module, f": {name}")

    def _quoted(self, cells: dict[str, Any]) -> set[str]:
        """Globals that only a text names: `df.query("delay > @LIMIT")` looks into our frame.

        The text may be a literal, or a global, a default or a closure of the function.
        """
        if not self.names.attributes & _QUERIES:
            return set()
        reads, namespace = self.visit.reads, self.function.__globals__
        texts = [reads.lookup(namespace, u.name) for u in self.names.globals if not u.attributes]
        texts += [*(self.function.__defaults__ or ()), *cells.values()]
        texts += (self.function.__kwdefaults__ or {}).values()
        found = set(self.names.quoted)
        return found.union(*(quoted_in(text) for text in texts if isinstance(text, str)))

    def _global(self, use: Use) -> Iterator[tuple[str, Part]]:
        reads = self.visit.reads
        value = reads.lookup(self.function.__globals__, use.name)
        if isinstance(value, types.ModuleType):
            yield self._follow(value, use)
            return
        if value is MISSING:
            value = reads.lookup(builtins.__dict__, use.name)
            if value is MISSING:
                yield use.name, ["missing"]
                return
            if use.name in _REACHES_ALL or use.name in _IMPORTERS:
                yield from self._dynamic(use)
            if _is_pythons(value):
                yield use.name, ["builtin", use.name]
                return
        self._check(value, use)
        yield use.name, self.visit.ref(value, f": {use.name}")

    def _dynamic(self, use: Use) -> Iterator[tuple[str, Part]]:
        """`globals()[x]` may mean anything of its module, so all of it counts."""
        if use.name in _IMPORTERS:
            self._note_import(use.name, use.line)
            return
        if use.name in ("vars", "locals") and not use.called_bare:
            return  # vars(module): the module escapes, and is seen there
        if use.name == "locals":
            return
        self.seeds.note(
            f"{use.name}() at {self.place(use.line)} may reach anything: "
            "the whole module counts, and other modules by what is named in the text."
        )
        name = str(self.function.__globals__.get("__name__", ""))
        module = sys.modules.get(name)
        if module is None or module.__dict__ is not self.function.__globals__:
            self.visit.reads.mapping(self.function.__globals__)
            module = types.ModuleType(name)  # the namespace of an `exec`
            module.__dict__.update(self.function.__globals__)
        yield "globals()", self.visit.ref(module, f": {use.name}()")

    def _note_import(self, name: str, line: int) -> None:
        self.seeds.note(
            f"{name} at {self.place(line)} reaches modules by a name that is computed: "
            "what it finds does not count. Import it by name, or declare it with files=."
        )

    def _check(self, value: object, use: Use) -> None:
        """Notes about a class or a function that was imported by its own name."""
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            module = module or getattr(getattr(value, "__self__", None), "__module__", None)
            if isinstance(module, str) and isinstance(name, str):
                self._note(".".join((public_name(value, module, name), *use.attributes)), use)
        elif isinstance(value, types.MethodType):  # `from random import random`
            self._note(f"{type(value.__self__).__module__}.{value.__name__}", use)

    def _note(self, dotted: str, use: Use) -> None:
        if dotted.startswith("sys.modules") or dotted in _IMPORTERS:
            self._note_import(dotted, use.line)
        self.seeds.check(dotted, use, self.place(use.line))

    def _follow(self, module: types.ModuleType, use: Use) -> tuple[str, Part]:
        """Walk `module.a.b` to the first thing that is no module."""
        owner, value, taken = module, MISSING, [use.name]
        for attribute in use.attributes:
            value = self.visit.reads.lookup(owner.__dict__, attribute)
            if value is MISSING:
                submodule = f"{module_name(owner)}.{attribute}"
                value = self.visit.reads.lookup(sys.modules, submodule)
            taken.append(attribute)
            if not isinstance(value, types.ModuleType):
                break
            owner, value = value, MISSING
        label = ".".join(taken)
        rest = use.attributes[len(taken) - 1 :]
        if module_origin(owner).is_own:
            if value is MISSING:
                return f"{label}.*", self.visit.ref(owner, f": {label}")
            return label, self.visit.ref(value, f": {label}")
        if value is MISSING and len(taken) - 1 == len(use.attributes) and taken[1:] == []:
            return label, self._whole(owner, label)
        name = module_name(owner)
        last = taken[-1] if value is not MISSING or len(taken) > 1 else ""
        dotted = name if name.endswith(f".{last}") and value is MISSING else f"{name}.{last}"
        self._note(".".join((dotted, *rest)), use)
        if isinstance(value, _MAY_BE_PATCHED) or is_own(value):
            return label, self.visit.ref(value, f": {label}")
        return label, named(module_origin(owner), name, dotted, self.visit)

    def _whole(self, module: types.ModuleType, label: str) -> Part:
        return self.visit.ref(module, f": {label}")

    def _import_of_package(
        self, found: Import, module: types.ModuleType
    ) -> Iterator[tuple[str, Part]]:
        """A package's module that is loaded counts as if it were not: by its written name.

        The first run of the function loads it, and must not change what the function is. What
        the code takes of it stands in the code; only what users have put there counts beside.
        """
        written = found.module if found.attribute is None else f"{found.module}.{found.attribute}"
        yield f"import {found.bound}", named(module_origin(module), written, written, self.visit)
        for use in self.names.locals:
            if use.name != found.bound:
                continue
            value: object = module
            for attribute in use.attributes:
                if not isinstance(value, types.ModuleType):
                    break
                value = self.visit.reads.lookup(value.__dict__, attribute)
            self._note(".".join((written, *use.attributes)), use)
            if is_patched(value, self.visit):
                yield ".".join((use.name, *use.attributes)), self.visit.ref(value, "")

    def _imported(self, found: Import) -> Part | types.ModuleType:
        """The module that an import binds, or what stands for the attribute that it takes."""
        name = found.module
        if found.level:
            package = self._package()
            name = importlib.util.resolve_name("." * found.level + name, package)
        reads = self.visit.reads
        home = home_of(str(self.function.__globals__.get("__name__", "")))
        if home and (
            reads.lookup(sys.modules, home + name) is not MISSING or _is_file(home + name)
        ):
            name = home + name  # code of a commit imports what is beside it there
        module = reads.lookup(sys.modules, name)
        if not isinstance(module, types.ModuleType):
            return self._not_loaded(name, found)
        if found.attribute is None:
            return module
        value = reads.lookup(module.__dict__, found.attribute)
        if value is MISSING:
            submodule = f"{name}.{found.attribute}"
            value = reads.lookup(sys.modules, submodule)
            if value is MISSING and module_origin(module).is_own:
                return self._not_loaded(submodule, found)
        if isinstance(value, types.ModuleType):
            return value
        if not module_origin(module).is_own and not is_patched(value, self.visit):
            return named(module_origin(module), name, f"{name}.{found.attribute}", self.visit)
        return self.visit.ref(value, f": {found.bound}")

    def _package(self) -> str:
        namespace = self.function.__globals__
        package = namespace.get("__package__")
        if isinstance(package, str) and package:
            return package
        name = str(namespace.get("__name__", ""))
        return name if "__path__" in namespace else name.rpartition(".")[0]

    def _not_loaded(self, name: str, found: Import) -> Part:
        origin = origin_of_module(name)
        if not origin.is_own:
            dotted = f"{name}.{found.attribute}" if found.attribute else name
            return named(origin, name, dotted, self.visit)
        if not _exists(name):  # an optional dependency that is not installed
            return ["missing"]
        raise Refused(
            f"imports '{name}' inside of a function, at {self.place(found.line)}, and it is not "
            "loaded yet, so that its code cannot be seen without running it",
            f"Import {name} at the top of the module or cell.",
        )


def _is_pythons(value: object) -> bool:
    """Whether a builtin is Python's own: IPython adds some, and users can replace any.

    `open` says that it is of `io` on 3.11 and of `_io` later, so the name of the builtin counts.
    """
    return (
        isinstance(value, (type, types.BuiltinFunctionType))
        and origin_of_module(str(value.__module__)) is Origin.STDLIB
    )


def _is_file(name: str) -> bool:
    """Whether a module can be found and has code, also one whose import has failed before."""
    specs = (finder.find_spec(name, None) for finder in sys.meta_path)
    return any(spec is not None and spec.has_location for spec in specs)


def _exists(name: str) -> bool:
    """Whether a module can be found, without importing the packages around it."""
    parent = name.rpartition(".")[0]
    loaded = sys.modules.get(parent)
    if parent and loaded is None:
        return _exists(parent)
    path = getattr(loaded, "__path__", None) if parent else None
    if parent and path is None:
        return False
    try:
        return importlib.machinery.PathFinder.find_spec(name, path) is not None
    except (ImportError, ValueError):
        return False


def module_part(module: types.ModuleType, visit: Visit) -> Part:
    """The content of a module of the repository that counts as a whole."""
    namespace = module.__dict__
    visit.reads.mapping(namespace)
    in_ipython = "get_ipython" in namespace and module_name(module) == "__main__"
    written: list[Part] = []
    for name in sorted(namespace):
        if name.startswith("__") and name.endswith("__") and name != "__getattr__":
            continue
        if in_ipython and (name.startswith("_") or name in _OF_IPYTHON):
            continue
        written.append([name, visit.ref(namespace[name], f".{name}")])
    return ["module", written]


_OF_IPYTHON = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})
