"""Which code makes two fingerprints differ: what of it in words for `why`, as a diff for `compare`.

What is compared are two listings (`fingerprint.listing`): functions, classes and constants, as
they were when each fingerprint was first seen. What does not count in a fingerprint (comments,
docstrings, formatting) is no difference here either.
"""

from __future__ import annotations

import ast
import difflib
import re
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from zenlab.engine.fingerprint.listing import NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zenlab.engine.fingerprint import Reached

MOST_LINES = 12
"""The most lines that are shown of one function or class."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is on one side alone: `-` before, `+` now; with its number in its file."""

    sign: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A function, class or constant that differs.

    Attributes:
        name: its qualified name.
        kind: function, class or constant.
        file: relative to the repository, `notebook`, or "" where none is known.
        how: `changed`, `added` (it is reached now, and was not) or `removed`.
        lines: of a function or class that has changed; of a constant its two values.
    """

    name: str
    kind: str
    file: str
    how: str
    lines: tuple[Line, ...] = ()

    @property
    def short(self) -> str:
        """The change in a few words: `late (helpers.py:5)`, `LIMIT: 15 -> 30`."""
        if self.kind == "constant" and self.how == "changed":
            return f"{self.name}: {self._values()}"
        return f"{self.name} ({self.place})" if self.place else self.name

    def _values(self) -> str:
        old, new = (line.text for line in self.lines)
        return "another value" if old == new else f"{old} -> {new}"

    @property
    def place(self) -> str:
        """File and line, as an editor takes them: `features.py:12`."""
        if not self.lines:
            return self.file
        at = next((line for line in self.lines if line.sign == "+"), self.lines[0])
        if self.file == NOTEBOOK:
            return f"line {at.number} of its cell"
        return f"{self.file}:{at.number}" if self.file else ""

    def text(self) -> Iterator[str]:
        """The change in lines of text; the first one says what and where."""
        if self.kind == "constant" and self.how == "changed":
            yield self.short + (f" ({self.file})" if self.file else "")
            return
        where = f" ({self.place})" if self.place else ""
        verb = {"changed": "", "added": " is new", "removed": " is not used any more"}[self.how]
        yield f"{self.name}{verb}{where}"
        digits = max((len(str(line.number)) for line in self.lines), default=0)
        for line in self.lines[:MOST_LINES]:
            yield f"  {line.sign} {line.number:>{digits}}  {line.text}".rstrip()
        if len(self.lines) > MOST_LINES:
            yield f"  ... {len(self.lines) - MOST_LINES} more lines"


class Pair(NamedTuple):
    """A function, class or constant on two sides; None where a side has none."""

    old: Reached | None
    new: Reached | None

    @property
    def entry(self) -> Reached:
        """What is there now, or else what was there."""
        entry = self.new or self.old
        assert entry is not None
        return entry


def changed_code(old: Sequence[Reached], new: Sequence[Reached]) -> list[Pair]:
    """What differs in two listings: what has changed first, then what came and what went.

    Args:
        old: of the earlier fingerprint, the code itself first.
        new: of the present one.
    """
    pairs, gone, come = _paired(old, new)
    return [
        *(Pair(*pair) for pair in pairs if _differs(*pair)),
        *(Pair(None, entry) for entry in come),
        *(Pair(entry, None) for entry in gone),
    ]


def code_changes(old: Sequence[Reached], new: Sequence[Reached]) -> list[CodeChange]:
    """How two listings differ, in the lines that differ.

    Args:
        old: of the earlier fingerprint, the code itself first.
        new: of the present one.

    Example:
        >>> from zenlab.engine.fingerprint import Reached
        >>> one = Reached("constant", "LIMIT", "m", "m.py", 3, "15", "a")
        >>> two = Reached("constant", "LIMIT", "m", "m.py", 3, "30", "b")
        >>> [line for change in code_changes([one], [two]) for line in change.text()]
        ['LIMIT: 15 -> 30 (m.py)']
    """
    pairs = changed_code(old, new)
    # A constant that went because the function that named it went says nothing new.
    telling = [p for p in pairs if None not in p or p.entry.kind != "constant"]
    return [_change(pair) for pair in telling or pairs]


def unified(pair: Pair, context: int = 3) -> list[str]:
    """What differs between the two sides, as a unified diff without the names of files.

    Args:
        pair: of `changed_code`.
        context: how many lines around a change are shown.

    Returns:
        The lines; the numbers of hunks are those of the files. None where no text differs, as of
        a constant that is too long to be kept whole.

    Example:
        >>> from zenlab.engine.fingerprint import Reached
        >>> one = Reached("constant", "LIMIT", "m", "m.py", 3, "15", "a")
        >>> unified(Pair(one, None))
        ['-LIMIT = 15']
    """
    before, after = _source(pair.old), _source(pair.new)
    starts = [entry.line if entry is not None else 0 for entry in pair]
    shown = []
    for line in list(difflib.unified_diff(before, after, lineterm="", n=context))[2:]:
        hunk = re.fullmatch(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@", line)
        if hunk is None:
            shown.append(line)
        elif len(before) > 1 or len(after) > 1:
            old = max(int(hunk[1]) + starts[0] - 1, 0) if before else 0
            new = max(int(hunk[3]) + starts[1] - 1, 0) if after else 0
            shown.append(f"@@ -{old}{hunk[2] or ''} +{new}{hunk[4] or ''} @@")
    return shown


def _source(entry: Reached | None) -> list[str]:
    if entry is None:
        return []
    if entry.kind == "constant":
        return [f"{entry.name} = {entry.text}"]
    text = textwrap.dedent(entry.text).rstrip()
    return [line.expandtabs(4) for line in text.splitlines()]


def _paired(
    old: Sequence[Reached], new: Sequence[Reached]
) -> tuple[list[tuple[Reached, Reached]], list[Reached], list[Reached]]:
    """What belongs together: the code itself, then by module and name, then by name alone."""
    pairs: list[tuple[Reached, Reached]] = []
    olds, news = list(old), list(new)
    if olds and news and olds[0].kind == news[0].kind:
        pairs.append((olds.pop(0), news.pop(0)))
    for with_module in (True, False):
        waiting: defaultdict[tuple[str, ...], list[Reached]] = defaultdict(list)
        for entry in olds:
            waiting[_key(entry, with_module=with_module)].append(entry)
        left: list[Reached] = []
        for entry in news:
            same = waiting[_key(entry, with_module=with_module)]
            if same:
                pairs.append((same.pop(0), entry))
            else:
                left.append(entry)
        news = left
        olds = [entry for entries in waiting.values() for entry in entries]
    return pairs, olds, news


def _key(entry: Reached, *, with_module: bool) -> tuple[str, ...]:
    return (entry.kind, entry.name, entry.module) if with_module else (entry.kind, entry.name)


def _differs(old: Reached, new: Reached) -> bool:
    if old.kind == "constant":
        return old.digest != new.digest or old.text != new.text
    return old.text != new.text and _meaning(old.text) != _meaning(new.text)


def _change(pair: Pair) -> CodeChange:
    old, new, entry = *pair, pair.entry
    how = "changed"
    lines: tuple[Line, ...] = ()
    if new is None:
        how = "removed"
    elif old is None:
        how, lines = "added", _all_lines(new, "+")
    elif old.kind == "constant":
        lines = Line("-", old.line, old.text), Line("+", new.line, new.text)
    else:
        lines = _changed_lines(old, new)
    return CodeChange(entry.name, entry.kind, entry.file, how, lines)


def _changed_lines(old: Reached, new: Reached) -> tuple[Line, ...]:
    before, after = _lines(old), _lines(new)
    every: list[Line] = []
    matcher = difflib.SequenceMatcher(
        None, [line.text for line in before], [line.text for line in after], autojunk=False
    )
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            every += [Line("-", line.number, line.text) for line in before[i:j]]
            every += [Line("+", line.number, line.text) for line in after[k:m]]
    silent = {("-", n) for n in _silent(old)} | {("+", n) for n in _silent(new)}
    return tuple(line for line in every if (line.sign, line.number) not in silent) or tuple(every)


def _all_lines(entry: Reached, sign: str) -> tuple[Line, ...]:
    if entry.kind == "constant":
        return ()
    return tuple(Line(sign, line.number, line.text) for line in _lines(entry))


def _lines(entry: Reached) -> list[Line]:
    """The lines of a source with their numbers in the file."""
    text = textwrap.dedent(entry.text)
    return [Line(" ", entry.line + i, line.rstrip()) for i, line in enumerate(text.splitlines())]


def _meaning(text: str) -> str:
    """What of a source counts, as a text to be compared within this process."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        docstring = _docstring(node)
        if docstring is not None:
            node.body = node.body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _silent(entry: Reached) -> set[int]:
    """The numbers of lines that do not count: comments, blank lines, docstrings."""
    found = {
        line.number
        for line in _lines(entry)
        if not line.text.strip() or line.text.lstrip().startswith("#")
    }
    try:
        tree = ast.parse(textwrap.dedent(entry.text))
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        docstring = _docstring(node)
        if docstring is not None:
            last = docstring.end_lineno or docstring.lineno
            found |= {entry.line - 1 + n for n in range(docstring.lineno, last + 1)}
    return found


def _docstring(node: ast.AST) -> ast.Expr | None:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first if isinstance(first.value.value, str) else None
    return None
