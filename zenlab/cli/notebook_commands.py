"""`zenlab notebook ...`: notebooks on their way into Git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zenlab.cli.groups import SuggestingGroup

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
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--rule", "only", metavar="RULE", multiple=True, help="Check this rule alone.")
@click.option("--ignore", metavar="RULE", multiple=True, help="Leave this rule out.")
@click.option(
    "--staged",
    is_flag=True,
    help="Check what is staged for the next commit instead of files; no store is asked.",
)
@click.option(
    "--no-store", is_flag=True, help="Compare panels with the pipeline files alone, as CI does."
)
@click.pass_obj
def check(
    surface: Surface,
    files: tuple[Path, ...],
    only: tuple[str, ...],
    ignore: tuple[str, ...],
    staged: bool,
    no_store: bool,
) -> None:
    """Check what FILES (notebooks, or folders with notebooks) would bring into Git.

    It fails if a rule is broken, but not for a warning, and not for what cannot be told here.
    Notebooks are read only: no cell and no step is executed, no file is changed. A secret that is
    found is not printed.
    """
    from zenlab.cli.notebook_checking import check_files, check_staged

    if staged and files:
        raise click.UsageError("--staged is instead of FILES: give one of them.")
    if not staged and not files:
        raise click.UsageError(
            "Name notebooks or folders, such as: notebook check notebooks; or what is staged: "
            "notebook check --staged"
        )
    if staged:
        check_staged(surface, only, ignore)
    else:
        check_files(surface, files, only, ignore, stores=not no_store)


@notebook.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--check",
    "--dry-run",
    "dry",
    is_flag=True,
    help="Say what would be repaired and change no file; it fails if there is something.",
)
@click.option(
    "--execution-counts", "counts", is_flag=True, help="Take the numbers in `[3]` out as well."
)
@click.pass_obj
def clean(surface: Surface, files: tuple[Path, ...], dry: bool, counts: bool) -> None:
    """Repair FILES (notebooks, or folders with notebooks) in place; results stay.

    \b
    Taken out: times of execution, the state of widgets that show something else as well,
               scripts beside a picture, empty outputs, progress bars on stderr, the version
               of Python, what one machine or front end notes for itself.
    Shortened: folders of one machine in what was printed.
    Left:      panels, tables, pictures and all else that is a result.

    What only you can repair is said, with what to do. A file that needs nothing is not written.
    Reload a notebook that is open in JupyterLab.
    """  # noqa: D301 - click knows the character, not its escape
    from zenlab.cli.notebook_cleaning import clean_files

    clean_files(surface, files, dry=dry, counts=counts)


@notebook.group(cls=SuggestingGroup)
def hook() -> None:
    """Check notebooks at each commit, clean them at each save."""


_which = click.argument("which", type=click.Choice(["commit", "save"]), default="commit")


@hook.command()
@_which
@click.pass_obj
def install(surface: Surface, which: str) -> None:
    """Check notebooks at each commit, or clean them at each save.

    \b
    commit  Write a pre-commit hook into the folder that Git uses. It checks the notebooks that
            are staged, and refuses a commit in which one breaks a rule: from a terminal, from
            JupyterLab's Git extension, from anywhere. A hook that zenlab has not made stays.
    save    Write a file into the configuration of this environment's Jupyter Server. It does
            what `zenlab notebook clean` does, to notebooks of zenlab repositories.
    """  # noqa: D301 - click knows the character, not its escape
    from zenlab.cli import notebook_hooks

    if which == "save":
        notebook_hooks.install_saving(surface)
    else:
        notebook_hooks.install_commit_hook(surface)


@hook.command()
@_which
@click.pass_obj
def remove(surface: Surface, which: str) -> None:
    """Take away what `install` wrote; nothing else."""
    from zenlab.cli import notebook_hooks

    if which == "save":
        notebook_hooks.remove_saving(surface)
    else:
        notebook_hooks.remove_commit_hook(surface)


@hook.command("status")
@click.pass_obj
def hook_status(surface: Surface) -> None:
    """Say whether notebooks are checked at each commit, and cleaned at each save."""
    from zenlab.cli.notebook_hooks import say_state

    say_state(surface)
