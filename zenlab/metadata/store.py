"""`MetadataStore`: the store as the other rooms see it."""

from __future__ import annotations

from zenlab.metadata.claims import ClaimQueries
from zenlab.metadata.comparing import CompareQueries
from zenlab.metadata.datasources import DatasourceQueries
from zenlab.metadata.environments import EnvironmentQueries
from zenlab.metadata.following import FollowQueries
from zenlab.metadata.pipelines import PipelineQueries
from zenlab.metadata.runs import RunQueries


class MetadataStore(
    PipelineQueries,
    RunQueries,
    EnvironmentQueries,
    FollowQueries,
    CompareQueries,
    ClaimQueries,
    DatasourceQueries,
):
    """The metadata of one project or of many, in one SQL database.

    Making one costs nothing: it connects at the first question, and makes the tables if there are
    none. It may be used from several threads (each gets a connection of its own, which it keeps)
    and after a fork. Every method is one statement or one short transaction; whole transactions
    are repeated when the database asks for it. Nothing stays open between two calls.

    Args:
        url: `sqlite:////absolute/path/metadata.db`, `postgresql://user@host/database`,
            `mysql://user@host/database`, or `cloudsql+postgresql://user@project:region:instance/
            database?enable_iam_auth=true`.
        patience_s: how long, in seconds, to repeat what fails because of others.
        embedded: whether it is a repository's own file, which nobody shares.

    Raises:
        StoreError: by each method: the database cannot be reached, refuses, or is not one of
            ours. The message says what to do, and never shows a password.

    Example:
        >>> store = MetadataStore("sqlite:////tmp/metadata.db")  # doctest: +SKIP
        >>> match store.claim(work_key, holder, ttl_ms=60_000):  # doctest: +SKIP
        ...     case ClaimWon(fence):
        ...         ...  # compute, upload, then
        ...         store.finish(work_key, holder.owner, fence, execution, artifacts)
        ...     case ClaimDone(execution):
        ...         ...  # somebody has done it: use execution.artifacts
        ...     case ClaimBusy(who, expires_in_ms):
        ...         ...  # wait for who.user
    """
