"""`zenlab notebook ...`: notebooks on their way into Git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup
from zenlab.core.errors import DoesNotExistException, NotebookError

if TYPE_CHECKING:
    from zenlab.cli.surface import Surface


@click.group(cls=SuggestingGroup)
def notebook() -> None:
    """Notebooks in Git."""


class _WithRules(click.Command):
    """A command whose help lists the rules, which are imported to write it and not before."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from zenlab.hygiene import RULES

        with formatter.section("Rules"):
            formatter.write_dl(
                [
                    (rule.name, rule.about if rule.level == "error" else f"(warning) {rule.about}")
                    for rule in RULES.values()
                ]
            )
        super().format_epilog(ctx, formatter)


@notebook.command(
    cls=_WithRules,
    epilog="A cell may break a rule if it has the tag zenlab:allow-RULE.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--rule", "only", metavar="RULE", multiple=True, help="Check this rule alone.")
@click.option("--ignore", metavar="RULE", multiple=True, help="Leave this rule out.")
@click.pass_obj
def check(
    surface: Surface, files: tuple[Path, ...], only: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    """Check what FILES (notebooks, or folders with notebooks) would bring into Git.

    It fails if a rule is broken, but not for a warning. Notebooks are read only: no cell is
    executed, no file is changed. A secret that is found is not printed.
    """
    from zenlab.hygiene import check_notebook, chosen, notebook_files, read_notebook

    rules = chosen(only, ignore)
    notebooks = notebook_files(files)
    errors = warnings = unreadable = 0
    for path in notebooks:
        try:
            findings = check_notebook(read_notebook(path), rules)
        except (NotebookError, DoesNotExistException) as error:
            # The others are checked all the same: one run says everything.
            surface.say(f"{type(error).__name__}: {error}")
            unreadable += 1
            continue
        for finding in findings:
            surface.say(str(finding))
        failed = sum(finding.rule.level == "error" for finding in findings)
        errors += failed
        warnings += len(findings) - failed
    summary = (
        f"{_count(errors, 'error')}, {_count(warnings, 'warning')} in "
        f"{_count(len(notebooks) - unreadable, 'notebook')}."
    )
    if unreadable:
        summary += f" {_count(unreadable, 'file')} could not be read."
    if errors or unreadable:
        hint = (
            "Repair them and check again. Where one is meant, give the cell the tag "
            "zenlab:allow-RULE, or leave a rule out: --ignore RULE."
        )
        raise NotebookError(summary, hint=hint if errors else None)
    surface.say(summary)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
