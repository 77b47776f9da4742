"""Which commit a pipeline belongs to: the one of its pins, or the one that wrote its file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import DoesNotExistException
from zenlab.repo.revisions import commit_files, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo.git import GitTree
    from zenlab.repo.repository import Repository

_SHA = re.compile("[0-9a-f]{40}")


def commit_of(
    spec: PipelineSpec, repository: Repository, asked: str | None = None
) -> tuple[str, str]:
    """The commit in which the code of a pipeline is looked for, and why that one.

    Args:
        spec: the pipeline.
        repository: the repository.
        asked: a revision that the user names instead.

    Returns:
        40 digits, and a few words.

    Raises:
        DoesNotExistException: no such revision, or no commit has the pipeline.
        CodeError: its steps are pinned to a commit that is in no branch and no tag.
    """
    if repository.git.objects is None:
        raise DoesNotExistException(
            f"There is no Git to take the code of '{spec.name}' from: {repository.git.problem}.",
            where=str(repository.root),
        )
    if asked is not None:
        return commit_files(asked, repository.git).commit, "as asked"
    own = [step for step in spec.steps.values() if step.code is not None]
    pins = {step.pin for step in own if step.pin and _SHA.fullmatch(step.pin)}
    if own and len(pins) == 1 and all(step.pin in pins for step in own):
        pin = commit_files(pins.pop(), repository.git).commit
        # It is checked out and run: a file may name a stranger's commit that has been fetched.
        repository.git.commit(pin)
        return pin, "to which its steps are pinned"
    path = Path(repository.files.path(spec.name))
    mark = f"digest: {spec.digest}\n"
    found = last_change(path, repository.git, lambda text: mark in text)
    if found is None:
        shallow = repository.git.objects is not None and repository.git.objects.is_shallow
        raise DoesNotExistException(
            f"No commit of this branch has written pipeline '{spec.name}' as it is here.",
            where=path.name,
            hint="Commit its file and code, or say in which commit its code is: --commit REV."
            + (" This clone is shallow: git fetch --unshallow" if shallow else ""),
        )
    return found, f"the last that wrote {path.name}"


def last_change(path: Path, git: GitTree, wanted: Callable[[str], bool]) -> str | None:
    """The newest commit before HEAD that gave a file a content; None if there is none.

    A merge that took the file as one of its sides had it has given it nothing.

    Args:
        path: in the work tree; the file itself need not exist.
        git: the repository.
        wanted: whether a content counts.
    """
    if git.objects is None or git.root is None or git.head() is None:
        return None
    import pygit2

    name = os.path.relpath(os.path.realpath(path), os.path.realpath(git.root)).replace(os.sep, "/")
    repo = git.objects
    known: dict[Any, bool] = {}

    def counts(blob: Any) -> bool:
        if blob not in known:
            found = repo.get(blob)
            known[blob] = isinstance(found, pygit2.Blob) and wanted(text_of(found.data))
        return known[blob]

    order = pygit2.enums.SortMode.TOPOLOGICAL | pygit2.enums.SortMode.TIME
    for commit in repo.walk(repo.head.target, order):
        blob = _entry(commit, name)
        if blob is None or not counts(blob):
            continue
        parents = [repo.get(parent) for parent in commit.parent_ids]  # None beyond a shallow clone
        if all(parent is None or _entry(parent, name) != blob for parent in parents):
            return str(commit.id)
    return None


def _entry(commit: Any, name: str) -> Any:
    try:
        return commit.tree[name].id
    except KeyError:
        return None
