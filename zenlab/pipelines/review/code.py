"""How the code of a pipeline's steps differs between two revisions.

From the listings that the metadata store keeps by fingerprint, which know all that a step reaches;
where they are not (a clone without the team's store), from the modules as Git has them.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zenlab.engine.fingerprint import lines_of, syntax_digest
from zenlab.pipelines.compare import sources
from zenlab.pipelines.notebook_source import NOTEBOOK
from zenlab.views.comparison import CodeBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zenlab.core.workspace import Workspace
    from zenlab.pipelines.review.model import PipelineChange, Side
    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.views.comparison import CodeDifference


@dataclass(frozen=True)
class _Labelled:
    label: str
    spec: PipelineSpec


def with_code(
    changes: Sequence[PipelineChange], old: Side, new: Side, workspace: Workspace
) -> tuple[PipelineChange, ...]:
    """The changes with their differences of code: one statement for all.

    Args:
        changes: of `pipeline_changes`.
        old: the older side.
        new: the newer side.
        workspace: the repository, whose store keeps listings.
    """
    pairs = {
        change.name: (_Labelled(old.name, change.old), _Labelled(new.name, change.new))
        for change in changes
        if change.old is not None and change.new is not None
    }
    both = [side for pair in pairs.values() for side in pair]
    marks = sources.fingerprints(both)
    kept = workspace.metadata.listings(marks) if marks else {}
    found = []
    for change in changes:
        if change.name in pairs:
            base, other = pairs[change.name]
            code = sources.code_differences(base, [other], kept)
            code = tuple(d if d.blocks else _from_git(d, base, other, old, new) for d in code)
            found.append(replace(change, code=code))
        else:
            found.append(change)
    return tuple(found)


def _from_git(
    difference: CodeDifference, base: _Labelled, other: _Labelled, old: Side, new: Side
) -> CodeDifference:
    """The same step's code by the modules of both revisions, if they tell more."""
    before, after = base.spec.steps[difference.slot], other.spec.steps[difference.slot]
    if before.source.startswith(NOTEBOOK) or after.source.startswith(NOTEBOOK):
        return difference
    one, two = module_text(before.source, old), module_text(after.source, new)
    if one is None or two is None:
        return difference
    blocks = tuple(_blocks(one, two, before.source, after.source))
    if blocks:
        return replace(difference, blocks=blocks, note="")
    note = "Its module is the same in both revisions: something that it imports has changed."
    return replace(difference, note=note)


def _blocks(
    one: tuple[str, str], two: tuple[str, str], before: str, after: str
) -> Iterator[CodeBlock]:
    """What differs: the function itself, or else its whole module."""
    title = after.rpartition(".")[2]
    functions = (definition(one[1], before), definition(two[1], after))
    if None not in functions and functions[0] != functions[1]:
        yield CodeBlock(f"{title} ({two[0]})", _diff(str(functions[0]), str(functions[1])))
    elif one[1] != two[1]:
        yield CodeBlock(two[0], _diff(one[1], two[1]))


def _diff(old: str, new: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(
        old.expandtabs(4).splitlines(), new.expandtabs(4).splitlines(), lineterm="", n=3
    )
    return tuple(lines)[2:]


def module_text(source: str, side: Side) -> tuple[str, str] | None:
    """The file of the module of a source at one side, and its text; None if it is not there.

    Args:
        source: `package.module.Class`.
        side: the revision.
    """
    parts = source.split(".")
    for end in range(len(parts) - 1, 0, -1):
        stem = "/".join(parts[:end])
        for folder in side.code_folders:
            for file in (f"{stem}.py", f"{stem}/__init__.py"):
                path = f"{folder}/{file}" if folder else file
                text = side.read(path)
                if text is not None:
                    return path, text
    return None


def definition(text: str, source: str) -> str | None:
    r"""The lines of a function or class in the text of its module, decorators included.

    Args:
        text: of the module.
        source: `package.module.Class`; the last word is looked for.

    Returns:
        None where the text does not define it, or cannot be parsed by this Python.

    Example:
        >>> definition("import os\n\n@f\ndef late(df):\n    return df\n", "features.late")
        '@f\ndef late(df):\n    return df'
    """
    name = source.rpartition(".")[2]
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = None
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            found = node  # the last one counts, as when it is imported
    if found is None:
        return None
    first = min([found.lineno, *(d.lineno for d in found.decorator_list)])
    lines = lines_of(text)[first - 1 : found.end_lineno]
    return "\n".join(line.rstrip("\r\n") for line in lines)


def stale(change_names: set[str], old: Side, new: Side) -> list[str]:
    """Pipelines whose file is as it was, although the code of a step is another one now.

    Args:
        change_names: pipelines whose file differs, which need no such note.
        old: the older side.
        new: the newer side.
    """
    found = []
    for name, spec in new.specs.items():
        if name in change_names or name not in old.specs:
            continue
        for slot, step in spec.steps.items():
            if step.code is None or step.source.startswith(NOTEBOOK):
                continue
            one, two = module_text(step.source, old), module_text(step.source, new)
            if one is None or two is None or one[1] == two[1]:
                continue
            if _meaning(definition(one[1], step.source)) != _meaning(
                definition(two[1], step.source)
            ):
                found.append(
                    f"'{name}' was not run again: {step.title} of its {slot} differs in {two[0]}, "
                    "and its file names the earlier code."
                )
    return found


def _meaning(text: str | None) -> str | None:
    """A definition without comments, layout and docstrings, as a fingerprint sees it."""
    try:
        return syntax_digest(ast.parse(text)) if text is not None else None
    except SyntaxError:
        return text
