"""What is checked: the table of rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from zenlab.core.errors import ParameterError, suggest
from zenlab.hygiene import execution, frontend, machine, rows, secrets, sizes, stale
from zenlab.hygiene.findings import Found, quoted
from zenlab.views.panel import BUDGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zenlab.hygiene.document import Notebook
    from zenlab.hygiene.stale import Now

ALLOW = "zenlab:allow-"
"""A cell with the tag `zenlab:allow-rows` may break the rule `rows`."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        name: as in `--ignore` and in tags.
        level: an error fails the check, a warning does not.
        about: what it finds, in a sentence.
        find: finds it.
    """

    name: str
    level: Literal["error", "warning"]
    about: str
    find: Callable[[Notebook], Iterator[Found]]


def _unknown_tags(notebook: Notebook) -> Iterator[Found]:
    for cell in notebook.cells:
        for tag in cell.tags:
            name = tag.removeprefix(ALLOW)
            if name != tag and name not in RULES:
                yield Found(
                    f"The tag {quoted(tag)} names no rule, so that it allows nothing.",
                    suggest(name, RULES),
                    cell,
                )


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "secret",
            "error",
            "tokens, private keys and passwords in sources, outputs and metadata.",
            secrets.secrets,
        ),
        Rule(
            "rows",
            "error",
            f"a table with more than {rows.MOST_ROWS} rows of data, rendered or printed.",
            rows.rows,
        ),
        Rule(
            "absolute-path",
            "error",
            "a folder of one machine (a home, /tmp, C:\\Users, site-packages) in sources or "
            "outputs.",
            machine.absolute_path,
        ),
        Rule(
            "error-output",
            "error",
            f"a cell that failed and lacks the tag {execution.EXPECTED}.",
            execution.error_output,
        ),
        Rule(
            "stale",
            "error",
            "a panel that shows something else than its pipeline gives now: its file, its data "
            "commit, its results in this clone's store. What nobody can tell here is no finding.",
            stale.nobody_knows,
        ),
        Rule(
            "panel-size",
            "error",
            f"an output above {BUDGET // 1000} KB, all its MIME types together.",
            sizes.panel_size,
        ),
        Rule(
            "stream-size",
            "error",
            f"a cell that prints more than {sizes.STREAM_BUDGET // 1000} KB.",
            sizes.stream_size,
        ),
        Rule(
            "notebook-size",
            "error",
            f"a file above {sizes.NOTEBOOK_BUDGET // 1000} KB.",
            sizes.notebook_size,
        ),
        Rule(
            "widget-state",
            "error",
            "stored state of widgets, and widgets with nothing to see without a kernel.",
            frontend.widget_state,
        ),
        Rule(
            "script",
            "error",
            "scripts and frames in outputs, which GitHub takes out.",
            frontend.script,
        ),
        Rule(
            "timing",
            "error",
            "metadata that says when cells were executed.",
            machine.timing,
        ),
        Rule(
            "timestamp",
            "warning",
            "dates with times in panels and logs, durations of %time; dates that are data in "
            "tables and statistics do not count.",
            machine.timestamp,
        ),
        Rule(
            "execution-order",
            "warning",
            "cells that were not executed from the top down.",
            execution.execution_order,
        ),
        Rule(
            "tag",
            "warning",
            f"a tag {ALLOW}... that names no rule.",
            _unknown_tags,
        ),
    )
}
"""The rules by name, the gravest first."""


def chosen(
    only: Iterable[str] = (), ignore: Iterable[str] = (), *, now: Now | None = None
) -> list[Rule]:
    """The rules to check.

    Args:
        only: these alone; all if there are none.
        ignore: and without these.
        now: says what is out of date; without it, nothing is.

    Raises:
        ParameterError: a name is not known, or nothing is left to check.

    Example:
        >>> [rule.name for rule in chosen(["rows", "secret"], ignore=["rows"])]
        ['secret']
    """
    only, ignore = list(only), list(ignore)
    for name in [*only, *ignore]:
        if name not in RULES:
            raise ParameterError(f"There is no rule '{name}'.", hint=suggest(name, RULES))
    names = [name for name in RULES if (not only or name in only) and name not in ignore]
    if not names:
        raise ParameterError(
            "All rules are ignored: nothing would be checked.",
            hint="Leave a rule out of --ignore.",
        )
    return [_bound(RULES[name], now) for name in names]


def _bound(rule: Rule, now: Now | None) -> Rule:
    if rule.name != "stale" or now is None:
        return rule
    return replace(rule, find=partial(stale.stale, now=now))
