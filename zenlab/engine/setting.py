"""`Setting`: where a run takes place, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.core import events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zenlab.artifacts import ArtifactStore
    from zenlab.metadata import MetadataStore


@dataclass(frozen=True)
class Setting:
    """Where a run takes place, and for whom.

    Attributes:
        metadata: the metadata store.
        artifacts: the artifact store.
        root: the repository, which declared files are relative to.
        code_root: the Git work tree around it: where undeclared files are noticed.
        user: who runs it.
        git_commit: the commit that is checked out, or None.
        git_clean: whether the work tree is as that commit; None where nobody could tell.
        resolve: finds the class of a model with its own `load` by its recorded source.
        listener: is told of each event.
        on_busy: what to do when somebody else computes a step: `wait` or `fail`.
        ttl_ms: how long a claim of this run lives without a heartbeat, in ms.
    """

    metadata: MetadataStore
    artifacts: ArtifactStore
    root: Path
    code_root: Path
    user: str
    git_commit: str | None = None
    git_clean: bool | None = None
    resolve: Callable[[str], type] | None = None
    listener: Callable[[events.Event], None] = events.ignore
    on_busy: str = "wait"
    ttl_ms: int = 60_000
