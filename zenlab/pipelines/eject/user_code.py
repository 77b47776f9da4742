"""The users' own code of a pipeline as statements of one module.

Code of a notebook is kept as a program (a bundle). Code of a module is found as a run would find
it, what its fingerprint reaches is put together, and its imports are those of its file.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import textwrap
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ZenlabError
from zenlab.core.secrets import mask
from zenlab.engine.fingerprint import fingerprint, lines_of, read_listing
from zenlab.engine.fingerprint.listing import listing
from zenlab.pipelines.notebook_source import NOTEBOOK
from zenlab.views.strings import SENTENCE_LENGTH, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.engine.fingerprint import Reached

_LOCALS = frozenset(
    {"rows", "splits", "examples", "model", "train", "X", "y", "name", "value"}
    | {"truth", "predicted", "positive", "guessed", "score", "c", "i"}
)
"""Variables of the script's functions: what the user calls so is called by another name there."""

_DEFINED = frozenset(
    {"main", "_Context", "_read", "_make_rows", "_preprocess", "_numbers", "_text"}
)
"""What the script defines after the user's code, which must not need these names any more."""

_IMPORTED = {
    "np": "numpy",
    "pd": "pandas",
    "Path": "pathlib.Path",
    "metrics": "sklearn.metrics",
}
"""What the script imports before the user's code, which must not give these names away."""


class Unwritable(Exception):
    """Some code cannot be put into a script; the message is the reason."""


class UserCode:
    """Collects statements; each definition stands once, and no two of one name.

    Args:
        workspace: the repository, whose store keeps sources.
        find: gives the code of a module by source and fingerprint, as a run would find it.
    """

    def __init__(self, workspace: Workspace, find: Callable[[str, str], Any]) -> None:
        self._workspace = workspace
        self._find = find
        self._imports: dict[str, None] = {}
        self._chunks: dict[str, str] = {}
        self._aliases: dict[str, str] = {}

    def lines(self) -> list[str]:
        """All statements: imports, definitions, aliases."""
        found = [line for line in self._imports if line not in self.future]
        for chunk in self._chunks.values():
            found += ["", *chunk.splitlines(), ""]
        return found + [f"{alias} = {name}" for name, alias in self._aliases.items()]

    @property
    def future(self) -> list[str]:
        """The imports that have to stand at the beginning of a file."""
        return [line for line in self._imports if line.startswith("from __future__ ")]

    def add(self, source: str, code: str, *, is_step: bool = False) -> str:
        """Take in a function or class; the name by which the script calls it.

        Args:
            source: `module.Name` or `notebook:Name`.
            code: its fingerprint.
            is_step: it is a step by itself, so that a class would have to be called by zenlab.

        Raises:
            Unwritable: its source is not kept, or does not go beside what is there.
        """
        name = source.rpartition(":")[2].rpartition(".")[2]
        kept = self._notebook_source(source, code)
        if kept is not None:
            body = _statements(kept, name)
            imports = [s for s in body if isinstance(s, (ast.Import, ast.ImportFrom))]
            chunks = {_bound(s): _text_of(s, kept) for s in body if s not in imports and _bound(s)}
            found = [ast.unparse(s) for s in imports]
        elif source.startswith(NOTEBOOK):
            raise Unwritable(f"the source of '{name}' is not kept")
        else:
            found, chunks = self._of_listing(self._reached(source, code))
        if not name.isidentifier() or name not in chunks:
            raise Unwritable(f"its source does not define '{name}'")
        if is_step and not _is_function(chunks[name]):
            raise Unwritable(f"{name} is a class, which zenlab has to call")
        if any(re.match(r"(from|import) zenlab\b", line) for line in found):
            raise Unwritable(f"{name} needs zenlab to be run")
        for bound, text in chunks.items():
            if self._chunks.get(bound, text) != text:
                raise Unwritable(f"two different things are called '{bound}'")
        _check_names(found, chunks)
        self._imports.update(dict.fromkeys(found))
        self._chunks.update(chunks)
        if name in _LOCALS or name in _DEFINED:
            if f"_{name}" in self._chunks:
                raise Unwritable(f"two different things are called '_{name}'")
            self._aliases[name] = f"_{name}"
            return f"_{name}"
        return name

    def _notebook_source(self, source: str, code: str) -> str | None:
        """The program that is kept of a notebook's code; one of the store only if it may run."""
        kept = self._workspace.kept_source(code)
        record = self._workspace.metadata.code(code) if kept is None else None
        if record is None:
            return kept
        if self._workspace.trusted_code(code, record.source):
            return str(record.source)
        if source.startswith(NOTEBOOK):
            raise Unwritable(
                "its source came through the store and has not been confirmed here (zenlab trust "
                f"{code[:12]})"
            )
        return None

    def _reached(self, source: str, code: str) -> Sequence[Reached]:
        """What code of a module reaches, as it is here: what the store lists is only to be read."""
        try:
            mark = fingerprint(self._find(source, code), repo_root=self._workspace.code_root)
        except Exception as error:  # noqa: BLE001 - a module may fail to import in any way
            said = mask(error.message if isinstance(error, ZenlabError) else repr(error))
            raise Unwritable(f"its code is not here: {shorten(said, SENTENCE_LENGTH)}") from None
        if mark.digest != code:
            raise Unwritable("its code is not here as it was recorded")
        return read_listing(listing(mark))

    def to_read(self, code: str) -> list[str]:
        """The lines of a source that cannot be run, for a comment; none if it is not kept.

        Args:
            code: its fingerprint.
        """
        entries = read_listing(self._workspace.metadata.listings([code]).get(code, ""))
        return textwrap.dedent(entries[0].text).rstrip().splitlines() if entries else []

    def arguments(self, name: str) -> list[str]:
        """The names of the parameters of a function that was added.

        Args:
            name: as the script calls it.
        """
        defined = {alias: name for name, alias in self._aliases.items()}.get(name, name)
        for node in ast.parse(self._chunks.get(defined, "")).body:
            if isinstance(node, ast.FunctionDef):
                found = node.args
                return [a.arg for a in (*found.posonlyargs, *found.args, *found.kwonlyargs)]
        return []

    def _of_listing(self, entries: Sequence[Reached]) -> tuple[list[str], dict[str, str]]:
        """Imports and definitions of code in modules, what is called before what calls it."""
        chunks: dict[str, str] = {}
        for entry in reversed(entries):
            name = entry.name.rpartition(".")[2]
            text = textwrap.dedent(entry.text).strip("\n")
            if entry.kind == "constant":
                if not name.isidentifier():  # a default, which stands in its function
                    continue
                text = f"{name} = {_literal(entry)}"
            elif "<locals>" in entry.name or not text:
                raise Unwritable(f"'{entry.name}' is defined within a function")
            if chunks.get(name, text) != text:
                raise Unwritable(f"two different things are called '{name}'")
            chunks[name] = text
        used = {name for text in chunks.values() for name in _globals(text)} - chunks.keys()
        modules = {entry.module for entry in entries}
        imports: dict[str, None] = {}
        for file in dict.fromkeys(entry.file for entry in entries if entry.file):
            for line, bound, target in _imports_of(self._workspace, file):
                if bound in used and target not in modules:
                    imports[line] = None
                    used.discard(bound)
                elif bound in used:
                    raise Unwritable(f"it reaches other modules of the repository by '{bound}.'")
        unknown = sorted(used - vars(builtins).keys())
        if unknown:
            raise Unwritable(f"'{unknown[0]}' is neither kept nor imported at the top of its file")
        return list(imports), chunks


def _check_names(imports: Iterable[str], chunks: Mapping[str, str]) -> None:
    """Refuse code that would take a name of the script's own, or get that instead of its own."""
    bound = dict.fromkeys(chunks, "")
    for line in imports:
        (node,) = ast.parse(line).body
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        above = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for one in node.names:
            bound[one.asname or one.name.partition(".")[0]] = f"{above}{one.name}"
    for name, target in _IMPORTED.items():
        if bound.get(name, target) != target:
            raise Unwritable(f"it calls something else '{name}' than the script does")
    used = {name for text in chunks.values() for name in _globals(text)}
    for name in sorted(_DEFINED & bound.keys() & used):
        raise Unwritable(f"it needs its own '{name}', and the script has another one")


def _literal(entry: Reached) -> str:
    try:
        ast.literal_eval(entry.text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Unwritable(f"the value of '{entry.name}' is not kept whole") from None
    return entry.text


def _statements(text: str, name: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except SyntaxError:
        raise Unwritable(f"this Python cannot read the source of '{name}'") from None


def _is_function(text: str) -> bool:
    body = ast.parse(text).body
    return bool(body) and isinstance(body[0], ast.FunctionDef)


def _globals(text: str) -> set[str]:
    """The names that a definition takes from its module."""
    found: set[str] = set()
    tables = [symtable.symtable(text, "script", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            is_made = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
            is_outside = symbol.is_global() if table.get_type() != "module" else not is_made
            if symbol.is_referenced() and is_outside:
                found.add(symbol.get_name())
    return found


def _bound(statement: ast.stmt) -> str:
    """The name that a statement defines; its text, for one that defines none."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ast.unparse(statement)


def _text_of(statement: ast.stmt, source: str) -> str:
    first = statement.lineno
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        first = min([first, *(d.lineno for d in statement.decorator_list)])
    lines = lines_of(source)[first - 1 : statement.end_lineno]
    return "\n".join(line.rstrip("\r\n") for line in lines)


def _imports_of(workspace: Workspace, file: str) -> Iterable[tuple[str, str, str]]:
    """The imports at the top of a file: the statement, the name it binds, and of what module."""
    try:
        tree = ast.parse((workspace.code_root / file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            for one in node.names:
                text = ast.unparse(ast.Import([one]))
                yield text, one.asname or one.name.partition(".")[0], one.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module != "__future__":
            for one in node.names:
                text = ast.unparse(ast.ImportFrom(node.module, [one], 0))
                yield text, one.asname or one.name, node.module or ""


def plain_expression(value: Any, code: UserCode) -> str:
    """Recorded arguments as an expression; functions and classes among them by their names.

    Args:
        value: plain data with code references.
        code: takes in what is referred to.

    Raises:
        Unwritable: code among them cannot be written.
    """
    from zenlab.pipelines.declare import CODE

    if isinstance(value, list):
        return f"[{', '.join(plain_expression(item, code) for item in value)}]"
    if isinstance(value, dict):
        if CODE in value:
            return code.add(value[CODE]["source"], value[CODE]["code"])
        items = (f"{_key(k)}: {plain_expression(v, code)}" for k, v in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):  # noqa: PLR0124
        return f'float("{value}")'
    return repr(value)


def given(name: str, text: str) -> str:
    """An argument of a call: `depth=3`.

    Args:
        name: of the parameter, as it is recorded: a file may have any text there.
        text: the expression.

    Raises:
        Unwritable: it is no name.
    """
    if not name.isidentifier():
        raise Unwritable(f"{name!r} is no name of a parameter")
    return f"{name}={text}"


def _key(key: Any) -> str:
    return repr(key[1:] if isinstance(key, str) and key.startswith("$$") else key)
