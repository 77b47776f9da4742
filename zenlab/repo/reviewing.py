"""What lies between two Git revisions of a repository, for `zenlab diff`."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from zenlab.core.errors import ZenlabError
from zenlab.pipelines.document import load
from zenlab.pipelines.review import Side, documents, review
from zenlab.pipelines.schemas import FOLDER
from zenlab.pipelines.spec import from_document
from zenlab.repo.config import CONFIG_FILE, parse_config
from zenlab.repo.revisions import two_sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.repo.repository import Repository
    from zenlab.repo.revisions import Revision
    from zenlab.views.document_panel import DocumentPanel


def diff(repository: Repository, revisions: Sequence[str] = ()) -> DocumentPanel:
    """How the pipelines of two revisions differ; nothing of the work tree is touched.

    Args:
        repository: the repository.
        revisions: as `zenlab.repo.revisions.two_sides` takes them.

    Raises:
        DoesNotExistException: a revision that Git does not know.
        ZenlabError: no Git, or pipeline files that are not in Git.

    Example:
        >>> print(diff(Repository(), ["main..HEAD"]).markdown())  # doctest: +SKIP
    """
    from zenlab.views.document_panel import DocumentPanel

    if repository.files.shared:
        raise ZenlabError(
            "The pipeline files of this repository lie in a bucket, and Git knows nothing of them.",
            where=repository.files.place,
            hint='Compare two pipelines instead: zenlab compare "Pipeline A" "Pipeline B".',
        )
    old, new = two_sides(revisions, repository.git)
    notes: list[str] = []
    sides = [_side(revision, repository, notes) for revision in (old, new)]
    found = review(sides[0], sides[1], repository, tuple(dict.fromkeys(notes)))
    return DocumentPanel(documents(found))


def _side(revision: Revision, repository: Repository, notes: list[str]) -> Side:
    root = repository.git.root
    assert root is not None
    inside = os.path.relpath(os.path.realpath(repository.root), os.path.realpath(root))
    place = PurePosixPath(inside.replace(os.sep, "/"))
    folder = _pipelines_dir(revision, place, repository, notes)
    specs: dict[str, PipelineSpec] = {}
    broken: dict[str, str] = {}
    for file in _pipeline_files(folder, revision):
        try:
            spec = from_document(load(revision.read(file) or "", file.name), file.name)
        except ZenlabError as error:
            broken[file.name] = error.message
        else:
            specs[spec.name] = spec
    schemas = {
        f"{FOLDER}/{name}": text
        for name in revision.names(place / FOLDER)
        if name.endswith(".pbtxt") and (text := revision.read(place / FOLDER / name)) is not None
    }
    # Modules of the repository are imported from its own folders, or from beside a notebook.
    folders = dict.fromkeys(
        str(f) if str(f) != "." else ""
        for base in (place, PurePosixPath())
        for f in (base, base / "src", base / "notebooks")
    )
    return Side(revision.name, specs, broken, schemas, revision.read, tuple(folders))


def _pipeline_files(folder: PurePosixPath | None, revision: Revision) -> list[PurePosixPath]:
    if folder is None:
        return []
    return [folder / name for name in revision.names(folder) if name.endswith(".yaml")]


def _pipelines_dir(
    revision: Revision, place: PurePosixPath, repository: Repository, notes: list[str]
) -> PurePosixPath | None:
    """Where the pipeline files were at that time; None before `zenlab init`."""
    text = revision.read(place / CONFIG_FILE)
    if text is None:
        notes.append(f"{revision.name} has no {CONFIG_FILE}: there were no pipelines yet.")
        return None
    try:
        config = parse_config(text, f"{CONFIG_FILE} of {revision.name}")
    except ZenlabError as error:
        notes.append(f"{CONFIG_FILE} of {revision.name} cannot be read: {error.message}")
        config = repository.config
    if "://" in config.pipelines_dir:
        notes.append(f"The pipeline files of {revision.name} were in a bucket.")
        return None
    return PurePosixPath(os.path.normpath(place / config.pipelines_dir))
