"""What `zenlab notebook clean` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.cli.listing import counted
from zenlab.core.errors import DoesNotExistException, NotebookError
from zenlab.views.strings import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zenlab.cli.surface import Surface


def clean_files(surface: Surface, files: Sequence[Path], *, dry: bool, counts: bool) -> None:
    """Repair notebooks, and say what was repaired and what is left.

    Args:
        surface: where it is said.
        files: notebooks, or folders with notebooks.
        dry: only say it.
        counts: take execution counts out, too.

    Raises:
        NotebookError: a notebook cannot be read or written; with `dry`, or there is something to
            repair.
    """
    from zenlab.hygiene import (
        check_notebook,
        chosen,
        clean_file,
        notebook_files,
        parse_notebook,
    )
    from zenlab.repo.present import PresentState

    rules = chosen(now=PresentState())
    changed = left = unreadable = repaired = 0
    notebooks = notebook_files(files)
    for path in notebooks:
        try:
            cleaned = clean_file(path, counts=counts, write=not dry)
            findings = check_notebook(parse_notebook(path, cleaned.content), rules)
        except (NotebookError, DoesNotExistException) as error:
            surface.say(f"{type(error).__name__}: {error}")
            unreadable += 1
            continue
        shown = visible(str(path))
        for repair in cleaned.repairs:
            surface.say(f"{shown}, {repair}")
        for finding in findings:
            surface.say(str(finding))
        changed += bool(cleaned.repairs)
        repaired += len(cleaned.repairs)
        left += len(findings)
    surface.say(_summary(len(notebooks) - unreadable, changed, repaired, left, dry=dry))
    if unreadable:
        raise NotebookError(f"{counted(unreadable, 'file')} could not be read or written.")
    if dry and changed:
        raise NotebookError(
            f"{counted(changed, 'notebook')} would be changed.",
            hint="Repair them: the same command without --check",
        )


def _summary(notebooks: int, changed: int, repaired: int, left: int, *, dry: bool) -> str:
    if changed:
        word = "would be made" if dry else "made"
        text = f"{counted(repaired, 'repair')} {word} in {changed} of "
        text += f"{counted(notebooks, 'notebook')}."
    else:
        text = f"Nothing to repair in {counted(notebooks, 'notebook')}."
    return f"{text} {counted(left, 'finding')} left for you (see above)." if left else text
