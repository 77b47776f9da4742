"""The walk over live objects, from a function or a class to all that it depends on.

Each object becomes a node whose content is described once (`_describe`), with references to the
nodes of its parts; `graph` turns the nodes into digests. The walk knows for each node how it was
reached, so that a refusal names the variable, and reports all that it reads to `memo.Reads`.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import CodeError
from zenlab.core.pinned import plain_path
from zenlab.engine.fingerprint import arrays, callables, classes, values
from zenlab.engine.fingerprint.bytecode import code_digest
from zenlab.engine.fingerprint.cells import is_cell
from zenlab.engine.fingerprint.facts import Facts, facts_of
from zenlab.engine.fingerprint.graph import Part, Ref
from zenlab.engine.fingerprint.installed import function_origin, installed, named
from zenlab.engine.fingerprint.memo import MISSING, Reads
from zenlab.engine.fingerprint.notes import Seeds
from zenlab.engine.fingerprint.origin import distributions_of
from zenlab.engine.fingerprint.resolve import Resolver, module_part
from zenlab.engine.fingerprint.visit import MAX_VALUE_BYTES, Refused, type_name

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Node:
    """An object that counts."""

    obj: Any
    path: str
    """How it was reached: `train: SETTINGS['depth']`."""
    place: str
    """File and line of the function or class that reached it."""
    budget: list[int]
    """What is left for the value that it is a part of, shared by all parts."""
    lenient: bool
    """It is part of a package's machinery: what cannot be described counts by its type."""
    content: Part = None
    facts: Facts | None = None


@dataclass
class Walk:
    """One walk.

    Args:
        root: the repository's folder; paths below it are shown and counted relative to it.
    """

    root: Path | None
    reads: Reads = field(default_factory=Reads)
    seeds: Seeds = field(default_factory=Seeds)
    nodes: list[Node] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    """Modules of packages that the code reaches."""
    _ids: dict[tuple[int, bool], int] = field(default_factory=dict)
    """By identity and leniency: what a package's machinery holds may be held by the user, too."""
    _at: Node | None = None

    def start(self, obj: object) -> None:
        """Describe an object and everything that it reaches.

        Raises:
            CodeError: something has no canonical form, or its source was edited after import.
        """
        name = getattr(obj, "__qualname__", None) or type_name(type(obj))
        self._add(obj, str(name), "", [MAX_VALUE_BYTES], lenient=False)
        done = 0
        while done < len(self.nodes):
            node = self.nodes[done]
            self._at = node
            try:
                node.content = self._describe(node)
            except Refused as refused:
                if not node.lenient or refused.too_big:
                    raise _error(node, refused) from None
                node.content = ["opaque", type_name(type(node.obj))]
            done += 1
        if any(node.facts is not None and node.facts.looks_at_itself for node in self.nodes):
            self._count_hints()

    def packages(self) -> tuple[str, ...]:
        """The distributions that the code reaches."""
        found = {name for module in self.modules for name in distributions_of(module)}
        return tuple(sorted(found - {"zenlab"}))

    # What the describers see: see `visit.Visit`.

    def ref(self, obj: object, label: str) -> Part:
        """What stands for a part of the object that is being described."""
        part = values.leaf(obj, self)
        if part is not None:
            return part
        at = self._at
        assert at is not None
        known = self._ids.get((id(obj), at.lenient))
        if known is not None:
            return Ref(known)
        is_variable = label.startswith(": ")
        is_code = at.facts is not None or isinstance(at.obj, (type, types.ModuleType))
        budget = [MAX_VALUE_BYTES] if is_code else at.budget
        path = f"{at.path.partition(':')[0]}{label}" if is_variable else f"{at.path}{label}"
        if isinstance(obj, (type, types.FunctionType)) and is_variable:
            path = str(obj.__qualname__)
        return self._add(obj, path, at.place, budget, lenient=at.lenient)

    def spend(self, size: int) -> None:
        """Count bytes of a value."""
        at = self._at
        assert at is not None
        at.budget[0] -= size
        if at.budget[0] < 0:
            raise Refused(
                "is bigger than 1 MB and would be counted by content at every run",
                "Pass it as data or as a parameter, or read it from a file of files= in the step.",
                too_big=True,
            )

    def package(self, module: str) -> None:
        """The code reaches this module of a package."""
        self.modules.add(module)

    def note(self, text: str) -> None:
        """A note about the object that is being described."""
        assert self._at is not None
        self.seeds.note(f"{self._at.path}: {text}.")

    def shown(self, filename: str) -> str:
        """A file name as users see it."""
        if self.root is not None and not is_cell(filename):
            try:
                found = Path(filename).resolve().relative_to(self.root).as_posix()
                pinned = plain_path(found)
                return found if pinned is None else pinned.removeprefix("/")
            except ValueError:
                pass
        return filename

    def _add(self, obj: object, path: str, place: str, budget: list[int], *, lenient: bool) -> Ref:
        index = len(self.nodes)
        self._ids[id(obj), lenient] = index
        self.nodes.append(Node(obj, path, place, budget, lenient))
        return Ref(index)

    def _describe(self, node: Node) -> Part:
        obj = node.obj
        if node.lenient and type(obj).__module__ == "weakref":  # a cache: `singledispatch` has one
            return ["opaque", type_name(type(obj))]
        hint = node.path.rpartition(".")[2].rpartition(" ")[2]
        part = installed(obj, hint, self)
        if part is not None:
            return part
        if isinstance(obj, types.FunctionType):
            return self._function(node, obj)
        if isinstance(obj, type):
            node.lenient = False
            return classes.class_part(obj, self)
        if isinstance(obj, types.ModuleType):
            return module_part(obj, self)
        for describe in _DESCRIBERS:
            part = describe(obj, self)
            if part is not None:
                return part
        return callables.instance(obj, self)

    def _function(self, node: Node, function: types.FunctionType) -> Part:
        self.reads.function(function)
        code = function.__code__
        cells = {
            name: self.reads.cell(cell)
            for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)
        }
        origin = function_origin(function)
        if not origin.is_own:
            # A wrapper that a package's decorator made: what it wraps is in its cells.
            node.lenient = True
            module = str(function.__globals__.get("__name__", ""))
            name = named(origin, module, f"{module}.{code.co_qualname}", self)
            made = code_digest(code) if code.co_filename.startswith("<") else ""
            return ["wrapper", name, made, *self._state(function, cells)]
        node.lenient = False
        node.facts = facts = facts_of(code)
        node.place = f"{self.shown(facts.file)}:{facts.line}"
        self.reads.file(facts.file, facts.stamp)
        if not facts.text:
            self.seeds.note(
                f"{function.__qualname__} has no source that can be checked; its bytecode counts, "
                "which differs between versions of Python."
            )
        resolver = Resolver(function, facts.names, self, self.seeds, self.shown(facts.file))
        return [
            "function",
            facts.digest,
            resolver.edges(cells),
            *self._state(function, cells),
        ]

    def _state(self, function: types.FunctionType, cells: dict[str, Any]) -> Iterator[Part]:
        """Defaults, closure and attributes."""
        names = function.__code__.co_varnames
        defaults = function.__defaults__ or ()
        first = function.__code__.co_argcount - len(defaults)
        yield [self.ref(v, f"({names[first + i]}=)") for i, v in enumerate(defaults)]
        keywords = function.__kwdefaults__ or {}
        yield [[name, self.ref(keywords[name], f"({name}=)")] for name in sorted(keywords)]
        yield [
            [name, ["empty"] if value is MISSING else self.ref(value, f": {name}")]
            for name, value in sorted(cells.items())
            if not isinstance(value, types.ModuleType)
        ]
        own = function.__dict__
        named = function.__name__ != function.__code__.co_name and "__wrapped__" not in own
        yield [
            *([name, self.ref(own[name], f".{name}")] for name in sorted(own)),
            *([["__name__", function.__name__]] if named else []),  # a metric is shown under it
        ]

    def _count_hints(self) -> None:
        """Some code looks at type hints or docstrings: then all of them count."""
        for node in self.nodes:
            if node.facts is not None and isinstance(node.content, list):
                node.content[1] = node.facts.full_digest


_DESCRIBERS = (
    values.container,
    arrays.array_like,
    callables.by_name,
    callables.wrapper,
    callables.typing_construct,
)


def _error(node: Node, refused: Refused) -> CodeError:
    return CodeError(
        f"{node.path} {refused.reason}.",
        where=node.place or None,
        hint=refused.hint
        or "Make it inside of the function, or pass what it is made of as a parameter.",
    )
