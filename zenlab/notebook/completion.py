"""Tab after `%zen`: commands, pipelines, variables, steps, datasources."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ZenlabError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_TAKES_PIPELINE = ("run", "plan", "show", "watch", "cancel")


def complete(ipython: InteractiveShell, event: Any) -> list[str]:
    """What may stand where the cursor is.

    Args:
        ipython: the shell, whose variables may be pipelines.
        event: IPython's: `line`, `symbol`, `text_until_cursor`.
    """
    typed = str(event.text_until_cursor)
    symbol = str(event.symbol)
    before, quote, name = typed.rpartition('"')
    if quote and before.count('"') % 2 == 0:
        # Inside of quotes: IPython replaces the last word alone, which may be a part of the name.
        done = name[: len(name) - len(symbol)]
        words = before.split()[1:]
        whole = [w.strip('"') for w in _safe_candidates(words, ipython) if w.startswith('"')]
        return [f'{w.removeprefix(done)}"' for w in whole if w.startswith(name)]
    words = typed.split()[1:]
    if not typed.endswith((" ", "\t")) and words:
        words.pop()
    return [w for w in _safe_candidates(words, ipython) if w.startswith(symbol)]


def _safe_candidates(words: list[str], ipython: InteractiveShell) -> list[str]:
    try:
        return _candidates(words, ipython)
    except ZenlabError:
        return []


def _candidates(words: list[str], ipython: InteractiveShell) -> list[str]:
    from zenlab.cli.commands import zen

    if not words:
        return sorted(zen.commands)
    command, *rest = words
    group: Any = zen.commands.get(command)
    if not rest and hasattr(group, "commands"):
        return sorted(group.commands)
    if command == "notebook":
        return sorted(shlex.quote(path.name) for path in Path().glob("*.ipynb"))
    if rest and rest[-1] == "--force":
        return _slots(rest, ipython)
    if command in _TAKES_PIPELINE:
        options = ["--force", "--latest", "--on-busy"] if command == "run" else []
        return [*_pipelines(ipython), *options]
    if command == "compare":
        return _compare(rest, ipython)
    if command == "why":
        return _why(rest, ipython)
    if command == "logs":
        return _slots(rest, ipython)
    if command in ("datasource", "schema"):
        return _datasources()
    if command == "look":
        return _tables(ipython)
    return []


def _compare(words: list[str], ipython: InteractiveShell) -> list[str]:
    """Pipelines, as many as one likes."""
    if words and words[-1] == "--datasource":
        return _datasources()
    if words and words[-1] == "--baseline":
        return _pipelines(ipython)
    if words and words[-1] == "--sort":
        return []
    return [*_pipelines(ipython), "--all", "--baseline", "--datasource", "--project", "--sort"]


def _tables(ipython: InteractiveShell) -> list[str]:
    """Frames of the notebook, and files of rows beside it."""
    names = [
        name
        for name, value in ipython.user_ns.items()
        if type(value).__name__ == "DataFrame" and not name.startswith("_")
    ]
    files = (path.name for end in ("csv*", "parquet") for path in Path().glob(f"*.{end}"))
    return [*sorted(names), *sorted(map(shlex.quote, files))]


def _datasources() -> list[str]:
    from zenlab.repo import Repository

    return [shlex.quote(name) for name in Repository().get_datasource_names()]


def _why(words: list[str], ipython: InteractiveShell) -> list[str]:
    """Pipelines and steps, until each was named."""
    from zenlab.pipelines.wiring import KINDS, kind_of

    if words and words[-1] == "--pipeline":
        return _pipelines(ipython)
    named = [word for word in words if not word.startswith("--")]
    slots = [word for word in named if kind_of(word) in KINDS]
    found = [] if slots else _slots(words, ipython)
    if len(named) == len(slots) and "--pipeline" not in words:
        found += [*_pipelines(ipython), "--pipeline"]
    return [*found, "--next"]


def _pipelines(ipython: InteractiveShell) -> list[str]:
    from zenlab.pipelines import BasePipeline
    from zenlab.repo import Repository

    variables = [
        name
        for name, value in ipython.user_ns.items()
        if isinstance(value, BasePipeline) and not name.startswith("_")
    ]
    try:
        names = [f'"{n}"' if " " in n else n for n in Repository().get_pipeline_names()]
    except ZenlabError:
        names = []
    return sorted(variables) + names


def _slots(words: list[str], ipython: InteractiveShell) -> list[str]:
    """The slots of the pipeline that the line names, or of all kinds."""
    from zenlab.pipelines import BasePipeline
    from zenlab.pipelines.wiring import KINDS, slot_order

    for word in words:
        value = ipython.user_ns.get(word)
        if isinstance(value, BasePipeline):
            return sorted(value.declared.steps, key=slot_order)
    return list(KINDS)
