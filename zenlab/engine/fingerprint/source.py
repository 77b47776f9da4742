"""The source of a code object, checked: it compiles to just this code.

After an edit on disk `inspect.getsource` shows the new text while the old code runs. So the whole
text is compiled (which gets decorators, private names, `__class__` cells and `__future__` flags
right without a thought), the loaded code is looked for among the code objects that come out, and
only then the syntax at that place is believed.
"""

from __future__ import annotations
import __future__

import ast
import io
import operator
import os
import tokenize
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

from zenlab.core.errors import ChangedCodeError, CodeError
from zenlab.engine.fingerprint.bytecode import all_nested, same_code
from zenlab.engine.fingerprint.cells import cell_source

if TYPE_CHECKING:
    from types import CodeType

Stamp: TypeAlias = tuple[int, int, int] | None
FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Definition: TypeAlias = FunctionNode | ast.ClassDef

_FUTURES: int = reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
_BEFORE_THE_BODY = frozenset({"RESUME", "MAKE_CELL", "COPY_FREE_VARS", "RETURN_GENERATOR"})
_PYTEST_PREFIX = "@py"


@dataclass
class Text:
    """A file or a cell: its text, its tree, and what it compiles to."""

    filename: str
    text: str
    tree: ast.Module
    stamp: Stamp
    _compiled: dict[int, dict[str, list[CodeType]]] = field(default_factory=dict)
    _definitions: dict[str, list[Definition]] = field(default_factory=dict)

    def definitions(self, name: str) -> list[Definition]:
        """The statements that define a name anywhere in the text; `<lambda>` for lambdas."""
        if not self._definitions:
            for node in ast.walk(self.tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self._definitions.setdefault(node.name, []).append(node)
                elif isinstance(node, ast.Lambda):
                    self._definitions.setdefault("<lambda>", []).append(node)
        return self._definitions.get(name, [])

    def candidates(self, code: CodeType) -> list[CodeType]:
        """The code objects of this text that have the qualified name of `code`."""
        flags = code.co_flags & _FUTURES
        by_name = self._compiled.get(flags)
        if by_name is None:
            by_name = self._compiled[flags] = {}
            for whole in self._compile(flags):
                for inner in all_nested(whole):
                    by_name.setdefault(inner.co_qualname, []).append(inner)
        return by_name.get(code.co_qualname, [])

    def _compile(self, flags: int) -> list[CodeType]:
        """The text as a whole, as a module is compiled; a cell also statement by statement.

        IPython runs each statement of a cell by itself. Python calls a method of a module that is
        imported in the same unit by other instructions than that of any other object, so that
        `time.sleep(1)` in a function below `import time` compiles to two different codes.
        """
        codes = [_compile(self.text, self.filename, flags)]
        if self.stamp is None:
            codes += [
                _compile(ast.Module([statement], []), self.filename, flags)
                for statement in self.tree.body
            ]
        return codes

    def segment(self, node: ast.AST) -> str:
        """The source of a node, with its decorators, from the start of its first line."""
        first, last = first_line(node), node.end_lineno or 0  # type: ignore[attr-defined]
        lines = lines_of(self.text)[first - 1 : last]
        if isinstance(node, ast.Lambda):
            return ast.get_source_segment(self.text, node) or "".join(lines)
        return "".join(lines)


@dataclass(frozen=True)
class Located:
    """Where the source of a code object is."""

    text: Text
    node: FunctionNode


def lines_of(text: str) -> list[str]:
    r"""The lines of a source as Python numbers them, with their ends.

    `str.splitlines` has other ones: it ends a line at a form feed, and at U+2028 in a string.

    Example:
        >>> lines_of("x = 1\f\r\ny = 2")
        ['x = 1\x0c\r\n', 'y = 2']
    """
    return io.StringIO(text, newline="").readlines()


_texts: dict[str, Text] = {}


def stamp_of(filename: str) -> Stamp:
    """What changes when a file is written; None if there is no such file."""
    try:
        found = os.stat(filename)  # noqa: PTH116 - on the path of every cached run
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def read_text(filename: str) -> Text | None:
    """The parsed text of a file or cell; None if it has none.

    Raises:
        CodeError: the text is no Python (any more).
    """
    stamp = stamp_of(filename)
    known = _texts.get(filename)
    if known is not None and stamp is not None and known.stamp == stamp:
        return known
    text = cell_source(filename) if stamp is None else _read(filename)
    if text is None:
        return None
    if known is not None and known.text == text:
        known.stamp = stamp
        return known
    try:
        tree = ast.parse(text, filename)
    except (SyntaxError, ValueError) as error:
        raise _changed(filename, getattr(error, "lineno", None) or 1, "the file") from error
    _texts[filename] = Text(filename, text, tree, stamp)
    return _texts[filename]


def locate(code: CodeType) -> Located | None:
    """Find the source that compiles to `code`.

    Returns:
        None where there is no source to check: code made by `exec`, a file that is gone, a cell
        whose text a tool rewrote while compiling, an assertion that pytest rewrote.

    Raises:
        CodeError: the file was edited after it was imported.
    """
    text = read_text(code.co_filename)
    if text is None:
        return None
    try:
        candidates = text.candidates(code)
    except SyntaxError:
        candidates = []
    matches = [found for found in candidates if same_code(found, code)]
    matches.sort(key=lambda found: abs(found.co_firstlineno - code.co_firstlineno))
    for found in matches:
        node = _node(text, found)
        if node is not None:
            return Located(text, node)
    if matches or text.stamp is None or _rewritten_by_pytest(code):
        return None
    raise _changed(code.co_filename, code.co_firstlineno, f"'{code.co_qualname}'")


def first_line(node: ast.AST) -> int:
    """The first line of a definition, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    line: int = node.lineno  # type: ignore[attr-defined]
    return min([line, *(decorator.lineno for decorator in decorators)])


def _compile(text: str | ast.Module, filename: str, flags: int) -> CodeType:
    try:
        return _to_code(text, filename, flags)
    except SyntaxError:  # a cell may use `await` outside of functions
        return _to_code(text, filename, flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def _to_code(text: str | ast.Module | ast.Expression, filename: str, flags: int) -> CodeType:
    mode = "eval" if isinstance(text, ast.Expression) else "exec"
    code: CodeType = compile(text, filename, mode, flags=flags, dont_inherit=True)
    return code


def _read(filename: str) -> str | None:
    try:
        with tokenize.open(filename) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


def _node(text: Text, code: CodeType) -> FunctionNode | None:
    """The node that `code`, compiled from this very text, came from."""
    line = code.co_firstlineno
    if code.co_name != "<lambda>":
        for node in text.definitions(code.co_name):
            if not isinstance(node, (ast.ClassDef, ast.Lambda)) and line in (
                node.lineno,
                first_line(node),
            ):
                return node
        return None
    found = text.definitions("<lambda>")
    lambdas = [node for node in found if isinstance(node, ast.Lambda) and node.lineno == line]
    if len(lambdas) == 1:
        return lambdas[0]
    inside = [node for node in lambdas if _holds(node.body, code)]
    if inside:
        return min(inside, key=_width)
    # `lambda: 1` has no instruction with a column. It needs nothing around it to be compiled.
    alone = [node for node in lambdas if _compiles_alone_to(node, code)]
    return alone[0] if alone else None


def _holds(body: ast.expr, code: CodeType) -> bool:
    """Whether all instructions of a lambda lie in this expression, by line and column."""
    import dis

    start = (body.lineno, body.col_offset)
    end = (body.end_lineno, body.end_col_offset)
    seen = False
    for instruction in dis.get_instructions(code):
        at = instruction.positions
        if at is None or at.lineno is None or instruction.opname in _BEFORE_THE_BODY:
            continue
        if at.col_offset is None or at.end_col_offset is None or at.end_lineno is None:
            continue
        if at.col_offset == at.end_col_offset:  # the implicit return
            continue
        seen = True
        if (at.lineno, at.col_offset) < start or (at.end_lineno, at.end_col_offset) > end:
            return False
    return seen


def _compiles_alone_to(node: ast.Lambda, code: CodeType) -> bool:
    alone = _to_code(ast.Expression(node), code.co_filename, code.co_flags & _FUTURES)
    return any(same_code(found, code) for found in all_nested(alone))


def _width(node: ast.Lambda) -> tuple[int, int]:
    body = node.body
    return (
        (body.end_lineno or 0) - body.lineno,
        (body.end_col_offset or 0) - body.col_offset,
    )


def _rewritten_by_pytest(code: CodeType) -> bool:
    return any(
        name.startswith(_PYTEST_PREFIX)
        for inner in (code, *all_nested(code))
        for name in inner.co_names + inner.co_varnames
    )


def _changed(filename: str, line: int, what: str) -> CodeError:
    return ChangedCodeError(
        f"The source of {what} was changed after import: reload it.",
        where=f"{filename}:{line}",
        hint="The code in memory is older than the file. Restart the kernel, or use "
        "importlib.reload(module) and import the names from it again.",
    )
