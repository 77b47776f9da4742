"""What a code object names: globals with their attribute chains, imports, and writes.

This reads bytecode, not syntax: the compiler has already settled which name is local, free or
global, also in nested functions, class bodies and comprehensions (a code object of their own up to
3.11, inlined from 3.12 on). `np.linalg.norm(x)` becomes the use `np` with the attributes
`("linalg", "norm")`; a name that is loaded and not followed by an attribute has none: it escapes.
"""

from __future__ import annotations

import dis
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint.bytecode import nested

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

_GLOBAL_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_ATTRIBUTE_LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_GLOBAL_WRITES = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_NOISE = frozenset({"EXTENDED_ARG", "CACHE"})
_BEFORE_A_CALL = frozenset({"PUSH_NULL", "PRECALL", "KW_NAMES"})


@dataclass(frozen=True, slots=True)
class Use:
    """A load of a name, with the attributes that are taken from it right away."""

    name: str
    attributes: tuple[str, ...]
    line: int
    called_bare: bool
    """It is called without any argument: `default_rng()`."""


@dataclass(frozen=True, slots=True)
class Import:
    """An import inside of a function."""

    bound: str
    """The local name."""
    module: str
    level: int
    """The number of dots of a relative import."""
    attribute: str | None
    """Of `from module import attribute`."""
    line: int


@dataclass(frozen=True, slots=True)
class Names:
    """What a code object and all code inside of it name."""

    globals: tuple[Use, ...]
    locals: tuple[Use, ...]
    """Loads of free variables, and of names that an import bound."""
    imports: tuple[Import, ...]
    writes: tuple[tuple[str, int], ...]
    """Global variables that are assigned or deleted, with the line."""
    attributes: frozenset[str]
    """All attributes that are loaded, of whatever."""
    quoted: frozenset[str] = frozenset()
    """What literals name for `df.query("delay > @LIMIT")`, which finds it in the globals."""


def names_of(code: CodeType) -> Names:
    """Read the bytecode of a function.

    Example:
        >>> names = names_of((lambda x: abs(x.real)).__code__)
        >>> [(use.name, use.attributes) for use in names.globals], names.attributes
        ([('abs', ())], frozenset({'real'}))
    """
    reader = _Reader()
    reader.read(code)
    interesting = {*code.co_freevars, *(found.bound for found in reader.imports)}
    return Names(
        globals=_unique(reader.globals),
        locals=_unique([use for use in reader.locals if use.name in interesting]),
        imports=tuple(dict.fromkeys(reader.imports)),
        writes=tuple(dict.fromkeys(reader.writes)),
        attributes=frozenset(reader.attributes),
        quoted=frozenset(reader.quoted),
    )


def quoted_in(text: str) -> set[str]:
    """The names that pandas would look up for a text that is given to `query` or `eval`.

    Example:
        >>> sorted(quoted_in("delay > @LIMIT and carrier in @CONFIG.carriers"))
        ['CONFIG', 'LIMIT']
    """
    return set(_QUOTED.findall(text)) if "@" in text else set()


_QUOTED = re.compile(r"(?<![\w@])@\s*([^\W\d]\w*)")


class _Reader:
    def __init__(self) -> None:
        self.globals: list[Use] = []
        self.locals: list[Use] = []
        self.imports: list[Import] = []
        self.writes: list[tuple[str, int]] = []
        self.attributes: set[str] = set()
        self.quoted: set[str] = set()

    def read(self, code: CodeType) -> None:
        instructions = [i for i in dis.get_instructions(code) if i.opname not in _NOISE]
        for at, instruction in enumerate(instructions):
            name = instruction.opname
            if name in _GLOBAL_LOADS:
                self.globals.append(_use(instructions, at, instruction.argval))
            elif name in _ATTRIBUTE_LOADS or name.startswith("LOAD_SUPER"):
                self.attributes.add(str(instruction.argval))
            elif name in _GLOBAL_WRITES:
                self.writes.append((instruction.argval, _line(instruction)))
            elif name == "IMPORT_NAME":
                self.imports += _imports(instructions, at)
            else:
                cells = code.co_cellvars + code.co_freevars
                for local in _local_loads(instruction, cells):
                    self.locals.append(_use(instructions, at, local))
        for constant in code.co_consts:
            if isinstance(constant, str):
                self.quoted |= quoted_in(constant)
        for inner in nested(code):
            self.read(inner)


def _local_loads(instruction: dis.Instruction, cells: tuple[str, ...]) -> Iterator[str]:
    """The local or free variables whose value an instruction loads.

    Some load two (`LOAD_FAST_LOAD_FAST`, 3.13); `STORE_FAST_LOAD_FAST` loads the second. A cell
    that is loaded by `LOAD_FAST` (or `LOAD_CLOSURE`, before 3.13) is only handed to an inner
    function, whose own loads are read.
    """
    name, value = instruction.opname, instruction.argval
    if "LOAD" not in name or not ("FAST" in name or "DEREF" in name):
        return
    loaded = value if isinstance(value, tuple) else (value,)
    if not name.startswith("LOAD"):
        loaded = loaded[1:]
    yield from (str(v) for v in loaded if "DEREF" in name or v not in cells)


def _use(instructions: list[dis.Instruction], at: int, name: str) -> Use:
    attributes: list[str] = []
    loaded = instructions[at].argval
    following = at + 1
    is_first_of_two = isinstance(loaded, tuple) and loaded[-1] != name
    if not is_first_of_two:
        while following < len(instructions) and instructions[following].opname in _ATTRIBUTE_LOADS:
            attributes.append(str(instructions[following].argval))
            following += 1
    while following < len(instructions) and instructions[following].opname in _BEFORE_A_CALL:
        following += 1
    bare = (
        following < len(instructions)
        and instructions[following].opname == "CALL"
        and not instructions[following].arg
    )
    return Use(str(name), tuple(attributes), _line(instructions[at]), bare)


def _imports(instructions: list[dis.Instruction], at: int) -> Iterator[Import]:
    """Read `import a.b`, `import a.b as c`, `from a import b, c as d`.

    The compiler pushes level and names first; `import a.b as c` walks down with `IMPORT_FROM`.
    """
    level, wanted = instructions[at - 2].argval, instructions[at - 1].argval
    module, line = str(instructions[at].argval), _line(instructions[at])
    following = at + 1
    if not wanted:
        walked = False
        while not instructions[following].opname.startswith("STORE_"):
            walked = walked or instructions[following].opname == "IMPORT_FROM"
            following += 1
        bound = _stored(instructions[following])
        yield Import(bound, module if walked else module.partition(".")[0], level, None, line)
        return
    while instructions[following].opname == "IMPORT_FROM":
        attribute = str(instructions[following].argval)
        bound = _stored(instructions[following + 1])
        yield Import(bound, module, level, attribute, line)
        following += 2


def _stored(instruction: dis.Instruction) -> str:
    """The name that is stored; of `STORE_FAST_LOAD_FAST` and the like, the first."""
    value = instruction.argval
    return str(value[0] if isinstance(value, tuple) else value)


def _line(instruction: dis.Instruction) -> int:
    return (instruction.positions and instruction.positions.lineno) or 0


def _unique(uses: list[Use]) -> tuple[Use, ...]:
    """One use per name and chain, at its first line."""
    first: dict[tuple[object, ...], Use] = {}
    for use in uses:
        first.setdefault((use.name, use.attributes, use.called_bare), use)
    return tuple(first.values())
