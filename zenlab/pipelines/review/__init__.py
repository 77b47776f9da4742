"""What a branch changes, for who reviews it: `zenlab diff main..HEAD`.

    model         the two sides, and what comes out
    pairing       which pipeline is which: added, removed, renamed, changed
    schema_text   the columns in which schema files differ
    code          the code that differs, from the store's listings or from Git
    results       metrics, shared steps and rows, as far as the store knows them
    describe      the words

The sides come from above (`zenlab.repo.reviewing`): nothing here knows Git.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zenlab.pipelines.review.code import stale, with_code
from zenlab.pipelines.review.describe import documents, headline
from zenlab.pipelines.review.model import PipelineChange, Review, SchemaChange, Side
from zenlab.pipelines.review.pairing import pipeline_changes
from zenlab.pipelines.review.results import with_results
from zenlab.pipelines.review.schema_text import schema_changes

if TYPE_CHECKING:
    from zenlab.core.workspace import Workspace

__all__ = ["PipelineChange", "Review", "SchemaChange", "Side", "documents", "headline", "review"]


def review(old: Side, new: Side, workspace: Workspace, notes: tuple[str, ...] = ()) -> Review:
    """How two revisions of a repository differ.

    Args:
        old: the older side.
        new: the newer side.
        workspace: the repository, whose store knows runs, listings and commits.
        notes: what there is to know already.
    """
    changes = with_results(pipeline_changes(old, new), workspace)
    changes = with_code(changes, old, new, workspace)
    names = {change.name for change in changes}
    broken = [
        f"{file} of {side.name} cannot be read: {problem}"
        for side in (old, new)
        for file, problem in side.broken.items()
    ]
    return Review(
        old=old.name,
        new=new.name,
        changes=changes,
        unchanged=len((old.specs.keys() & new.specs.keys()) - names),
        schemas=schema_changes(old.schemas, new.schemas),
        notes=(*notes, *broken, *stale(names, old, new)),
    )
