"""What a review is made of: two sides of a repository, and how their pipelines differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zenlab.pipelines.spec import PipelineSpec
    from zenlab.views.comparison import CodeDifference, MetricRow

Kind = Literal["added", "removed", "renamed", "changed", "rewritten"]
"""What became of a pipeline; `rewritten`: its file differs in nothing that counts, as in pins."""


@dataclass(frozen=True)
class Side:
    """A repository at one revision.

    Attributes:
        name: what it is called.
        specs: the pipelines by name.
        broken: file -> what is wrong with it.
        schemas: file (`schemas/flights.pbtxt`) -> its text.
        read: the text of a file relative to the work tree; None if there is none.
        code_folders: where modules may lie, relative to the work tree.
    """

    name: str
    specs: Mapping[str, PipelineSpec] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[str], str | None] = lambda _: None
    code_folders: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class SchemaChange:
    """A schema file that differs.

    Attributes:
        file: relative to the repository.
        how: `added`, `removed` or `changed`.
        columns: a line a column: `+ carrier (BYTES)`, `- distance`, `dep_delay: type ...`.
    """

    file: str
    how: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class PipelineChange:
    """A pipeline that differs.

    Attributes:
        kind: what became of it.
        name: its name now; of a removed one, what it was.
        old: what it is compared with: itself before, or its origin; None of one without.
        new: what it is now; None of a removed one.
        old_name: the name of `old`, where it is another one.
        reasons: what makes it another one, in a few words for the headline.
        lines: all differences, a line each.
        data: of which data, where that differs: `commit a1b2 (1,000 rows) -> ...`.
        metrics: old and new value of each.
        metrics_note: why there are none, in a sentence.
        shared: how many steps of the latest run came from the old one's; None: not known.
        steps: how many steps that run had.
        code: how the code of each step differs.
    """

    kind: Kind
    name: str
    old: PipelineSpec | None = None
    new: PipelineSpec | None = None
    old_name: str = ""
    reasons: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    data: str = ""
    metrics: tuple[MetricRow, ...] = ()
    metrics_note: str = ""
    shared: int | None = None
    steps: int = 0
    code: tuple[CodeDifference, ...] = ()


@dataclass(frozen=True)
class Review:
    """What a branch changes.

    Attributes:
        old: the name of the older side.
        new: the name of the newer side.
        changes: the pipelines, by name.
        unchanged: how many are as they were.
        schemas: the schema files that differ.
        notes: what there is to know, in sentences.
    """

    old: str
    new: str
    changes: tuple[PipelineChange, ...] = ()
    unchanged: int = 0
    schemas: tuple[SchemaChange, ...] = ()
    notes: tuple[str, ...] = ()
