"""What `zenlab notebook check` does: notebooks of the work tree, or those that are staged."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zenlab.cli.listing import counted
from zenlab.core.errors import DoesNotExistException, NotebookError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zenlab.cli.surface import Surface
    from zenlab.hygiene import Notebook
    from zenlab.repo.present import PresentState


def check_files(
    surface: Surface,
    files: Sequence[Path],
    only: Iterable[str],
    ignore: Iterable[str],
    *,
    stores: bool,
) -> None:
    """Check notebooks of the work tree.

    Args:
        surface: where findings are said.
        files: notebooks, or folders with notebooks.
        only: these rules alone; all if there are none.
        ignore: and without these.
        stores: whether panels are compared with the results in this clone's store.

    Raises:
        NotebookError: a rule is broken, or a notebook cannot be read.
    """
    from zenlab.hygiene import notebook_files, read_notebook
    from zenlab.repo.present import PresentState

    _check(
        surface,
        {path: partial(read_notebook, path) for path in notebook_files(files)},
        (only, ignore),
        PresentState(stores),
        "Repair them and check again; zenlab notebook clean FILES repairs what can be.",
    )


def check_staged(surface: Surface, only: Iterable[str], ignore: Iterable[str]) -> None:
    """Check notebooks as the next commit will hold them, against the pipeline files in it.

    Args:
        surface: where findings are said.
        only: these rules alone; all if there are none.
        ignore: and without these.

    Raises:
        NotebookError: a rule is broken, or a notebook cannot be read.
    """
    from zenlab.hygiene import parse_notebook
    from zenlab.repo.git_command import Git
    from zenlab.repo.present import PresentState
    from zenlab.repo.staged import staged_bytes, staged_files, staged_notebooks

    git = Git(Path.cwd())

    def reader(name: str) -> Callable[[], Notebook]:
        return lambda: parse_notebook(Path(name), staged_bytes(git, name))

    _check(
        surface,
        {Path(name): reader(name) for name in staged_notebooks(git)},
        (only, ignore),
        PresentState(stores=False, files_of=staged_files(git), root=git.root),
        "Repair them (zenlab notebook clean FILES repairs what can be), git add them and commit "
        "again; or commit all the same: git commit --no-verify.",
    )


def _check(
    surface: Surface,
    notebooks: dict[Path, Callable[[], Notebook]],
    named: tuple[Iterable[str], Iterable[str]],
    now: PresentState,
    repair: str,
) -> None:
    from zenlab.hygiene import check_notebook, chosen

    rules = chosen(*named, now=now)
    errors = warnings = unreadable = 0
    for read in notebooks.values():
        try:
            findings = check_notebook(read(), rules)
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
    for note in now.notes():
        surface.say(note)
    summary = (
        f"{counted(errors, 'error')}, {counted(warnings, 'warning')} in "
        f"{counted(len(notebooks) - unreadable, 'notebook')}."
    )
    if unreadable:
        summary += f" {counted(unreadable, 'file')} could not be read."
    if errors or unreadable:
        hint = (
            f"{repair}\nWhere one is meant, give the cell the tag zenlab:allow-RULE, or leave a "
            "rule out: --ignore RULE."
        )
        raise NotebookError(summary, hint=hint if errors else None)
    surface.say(summary)
