"""A pipeline file that Git could not merge: two branches have a pipeline of one name.

Or of two names that share a file. No text of both would be a pipeline that somebody has run, so
nothing is merged here: the error says what each side is, what differs, and how to keep one of them
or both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from zenlab.core.errors import AlreadyExistsException, ParameterError
from zenlab.pipelines.diff import differences
from zenlab.pipelines.document import load, slug
from zenlab.pipelines.spec import from_record

if TYPE_CHECKING:
    from zenlab.pipelines.spec import PipelineSpec

_MARKS = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: (.*?))?\r?$")
_SHOWN = 12


@dataclass(frozen=True)
class Conflict:
    """The two sides of a file with the marks of an unresolved merge.

    Attributes:
        line: of the first mark.
        names: what Git calls the sides: a branch, or a commit with its message.
        texts: the file of each side.
    """

    line: int
    names: tuple[str, str]
    texts: tuple[str, str]


def conflict_in(text: str) -> Conflict | None:
    r"""The conflict of a file, or None.

    Args:
        text: of the file, with or without the common ancestor (`merge.conflictStyle`).

    Example:
        >>> conflict_in("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n").texts
        ('a: 1\nb: 2\n', 'a: 1\nb: 3\n')
    """
    if "<<<<<<<" not in text:
        return None
    sides: tuple[list[str], list[str]] = ([], [])
    names, first, state = ["", ""], 0, "both"
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        match = _MARKS.match(line.rstrip("\n"))
        mark = match.group(1)[0] if match else ""
        if match and mark == "<":
            state, first, names[0] = "ours", first or number, match.group(2) or ""
        elif mark == "|" and state == "ours":
            state = "ancestor"
        elif mark == "=" and state in ("ours", "ancestor"):
            state = "theirs"
        elif match and mark == ">" and state == "theirs":
            state, names[1] = "both", match.group(2) or ""
        else:
            if state in ("both", "ours"):
                sides[0].append(line)
            if state in ("both", "theirs"):
                sides[1].append(line)
    if not first:
        return None
    ours, theirs = ("".join(lines) for lines in sides)
    return Conflict(first, (names[0] or "ours", names[1] or "theirs"), (ours, theirs))


def conflict_error(
    conflict: Conflict, where: str, file: str, sides: tuple[str, str] | None = None
) -> AlreadyExistsException:
    """What to tell of a file that Git could not merge.

    Args:
        conflict: of `conflict_in`.
        where: the file, as it is shown.
        file: as it is written in a command.
        sides: the whole file of each side, as Git has it. The file itself holds what Git could
            merge, so that it may not tell all that differs.
    """
    texts = sides or conflict.texts
    ours, theirs = (_read(text) for text in texts)
    lines = [
        f"    {name}: {_described(spec)}"
        for name, spec in zip(conflict.names, (ours, theirs), strict=True)
    ]
    names = list(dict.fromkeys(s.name for s in (ours, theirs) if s is not None))
    if ours is not None and theirs is not None:
        changes = differences(ours, theirs)
        lines += [f"      {change}" for change in changes[:_SHOWN]]
        if len(changes) > _SHOWN:
            lines.append(f"      and {len(changes) - _SHOWN} more")
        if not changes:
            lines.append("      They give the same result: take either.")
    shown = "\n".join(lines)
    if len(names) == 2:
        head = f"Two branches have pipelines that share a file, '{names[0]}' and '{names[1]}'"
    elif names:
        head = f"Two branches have a pipeline '{names[0]}'"
    else:
        head = "Two branches have this pipeline"
    return AlreadyExistsException(
        f"{head}, and Git has not merged them:\n{shown}",
        where=f"{where}, line {conflict.line}",
        hint=_ways_out(conflict, file, names[0] if names else "Pipeline"),
    )


def _ways_out(conflict: Conflict, file: str, name: str) -> str:
    other = f"{name} 2"
    folder = file.rpartition("/")[0]
    copy = f"{folder}/{slug(other)}.yaml" if folder else f"{slug(other)}.yaml"
    return (
        f"Keep one of them under the name:\n"
        f"  git checkout --ours -- {quote(file)}     ({conflict.names[0]})\n"
        f"  git checkout --theirs -- {quote(file)}   ({conflict.names[1]})\n"
        f"and git add it (with the same side of its .steps.py, if that is in conflict as well). To "
        f"keep the other one as well, declare it under another name and run it: "
        f"its steps are in the cache. Or, before git add, take its file (:2: is "
        f"{conflict.names[0]}, :3: {conflict.names[1]}):\n"
        f"  git show :3:./{quote(file)} > {quote(copy)}\n"
        f"and write in its second line: name: {other}"
    )


def _read(text: str) -> PipelineSpec | None:
    try:
        return from_record(load(text), "")
    except ParameterError:
        return None


def _described(spec: PipelineSpec | None) -> str:
    if spec is None:
        return "no pipeline file"
    titles = ", ".join(step.title for step in spec.steps.values())
    return f"'{spec.name}', digest {spec.digest[:12]}: {titles}"
