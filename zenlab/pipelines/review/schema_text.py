"""What differs in a schema file, column by column, without TFDV: its text is enough for that.

feature { name: "carrier" type: BYTES domain: "carrier" presence { min_fraction: 1.0 } }
string_domain { name: "carrier" value: "AA" value: "UA" }
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from zenlab.pipelines.review.model import SchemaChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = re.compile(
    r"""\#[^\n]* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | [{}<>\[\]:;,] | [^\s{}<>\[\]:;,"']+""",
    re.VERBOSE,
)
_NAME = "name: "
_SHOWN = 80
_DEPTH = 20


def schema_changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[SchemaChange, ...]:
    """The schema files that differ, and in which columns.

    Args:
        old: file -> text.
        new: likewise, of the newer side.

    Example:
        >>> schema_changes({}, {"s.pbtxt": 'feature { name: "a" type: INT }'})[0].columns
        ('+ a (INT)',)
    """
    found = []
    for file in sorted({*old, *new}):
        before, after = old.get(file), new.get(file)
        if before == after:
            continue
        how = "added" if before is None else "removed" if after is None else "changed"
        lines = tuple(_columns(_entries(before or ""), _entries(after or "")))
        if how != "changed" or lines:
            found.append(SchemaChange(file, how, lines))
        else:
            found.append(SchemaChange(file, how, ("only its comments, its order or its layout",)))
    return tuple(found)


def _columns(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before is None and after is not None:
            yield f"+ {name}{_type(after)}"
        elif after is None and before is not None:
            yield f"- {name}{_type(before)}"
        elif before is not None and after is not None:
            # Counted, not looked for one by one: a domain may have 65,536 values.
            facts = Counter(before), Counter(after)
            gone, come = facts[0] - facts[1], facts[1] - facts[0]
            if gone or come:
                yield f"{name}: {_facts([*gone.elements()])} -> {_facts([*come.elements()])}"


def _type(facts: list[str]) -> str:
    found = next((f.partition(": ")[2] for f in facts if f.startswith("type: ")), "")
    return f" ({found})" if found else ""


def _facts(facts: list[str]) -> str:
    text = ", ".join(facts)
    if not text:
        return "-"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _entries(text: str) -> dict[str, list[str]]:
    """The facts of each column and domain, flat: `presence.min_fraction: 1.0`."""
    found: dict[str, list[str]] = {}
    for key, value in _fields(_tokens(text)):
        facts = list(_flat(value)) if isinstance(value, list) else [str(value)]
        name = next((f.removeprefix(_NAME).strip("\"'") for f in facts if f.startswith(_NAME)), "")
        title = name if key == "feature" and name else f"{key.replace('_', ' ')} {name}".strip()
        number = 1
        while (numbered := title if number == 1 else f"{title} ({number})") in found:
            number += 1
        found[numbered] = [fact for fact in facts if not fact.startswith(_NAME)]
    return found


def _flat(fields: list[tuple[str, Any]], prefix: str = "") -> Iterator[str]:
    for key, value in fields:
        if isinstance(value, list):
            if prefix.count(".") < _DEPTH:
                yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}: {value}"


def _tokens(text: str) -> Iterator[str]:
    return (t for t in _TOKEN.findall(text) if not t.startswith("#") and t not in ",;:")


def _fields(tokens: Iterator[str]) -> list[tuple[str, Any]]:
    """The fields up to the end of their block; a block is a list of fields, others are text.

    With a list of open blocks instead of a recursion: a file may be nested as deep as it likes.
    """
    top: list[tuple[str, Any]] = []
    open_blocks = [top]
    for key in tokens:
        if key in "}>":
            if len(open_blocks) > 1:
                open_blocks.pop()
            continue
        value = next(tokens, "")
        if value in ("{", "<"):
            inner: list[tuple[str, Any]] = []
            open_blocks[-1].append((key, inner))
            open_blocks.append(inner)
        elif value == "[":
            items = list(iter(lambda: next(tokens, "]"), "]"))
            open_blocks[-1] += [(key, item) for item in items]
        else:
            open_blocks[-1].append((key, value))
    return top
