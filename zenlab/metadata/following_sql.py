"""The SQL of runs that go on; built once for a store, as that of `statements`.

No upsert: who writes into `run_progress` updates the row, and inserts it where there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Select,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    update,
)

from zenlab.metadata.tables import run, run_progress, step_execution

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from zenlab.metadata.dialects import Dialect

LEASE_MS = 60_000
"""So long a run lives without its first sign of life."""

MOST_GOING = 200
"""How many runs that go on are looked at."""


class FollowStatements:
    """The statements of `FollowQueries`, for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._now = dialect.now()
        p = run_progress.c
        ttl = bindparam("ttl_ms", type_=BigInteger)
        of_run = p.run_id == bindparam("by_run_id")
        self.beat = (
            update(run_progress)
            .where(of_run)
            .values(alive_ms=self._now, expires_at=self._now + ttl)
        )
        # It says nothing; whoever makes it goes on to write what it has to say.
        self.first = dialect.insert_new(run_progress, p.run_id).values(
            owner="",
            pid=0,
            alive_ms=0,
            expires_at=0,
            steps="[]",
            cancel_ms=0,
            cancel_by="",
            cancel_host="",
        )
        self.request = (
            update(run_progress).where(of_run, p.cancel_ms == 0).values(cancel_ms=self._now)
        )
        self.forget = delete(run_progress).where(of_run)
        self.heard = (
            select(run.c.status, p.cancel_ms, p.cancel_by, p.cancel_host)
            .select_from(run.outerjoin(run_progress, p.run_id == run.c.id))
            .where(run.c.id == bindparam("id"))
        )
        self.steps_of = select(p.steps).where(p.owner == bindparam("owner"))
        self._going()
        self._lost()

    def _going(self) -> None:
        r, p = run.c, run_progress.c
        # Without a row of its own it has given no sign yet; a request alone is none, too.
        expires = func.coalesce(func.nullif(p.expires_at, 0), r.started_ms + LEASE_MS)
        wanted = select(
            *(run, p.owner.label("p_owner"), p.pid.label("p_pid"), p.alive_ms, p.steps),
            *(p.cancel_ms, p.cancel_by, p.cancel_host),
            (self._now - r.started_ms).label("elapsed_ms"),
            (self._now - p.alive_ms).label("silent_ms"),
            case((expires <= self._now, 1), else_=0).label("expired"),
        )
        joined = run.outerjoin(run_progress, p.run_id == r.id)
        some: Select[Any] = wanted.select_from(joined)
        self.going = (
            some.where(r.project == bindparam("project"), r.status == literal("running"))
            .order_by(r.started_ms, r.id)
            .limit(MOST_GOING)
        )
        self.going_one = some.where(r.id == bindparam("id"))
        # The small table decides which runs are looked up.
        self.left_behind = (
            wanted.select_from(run_progress.join(run, p.run_id == r.id))
            .where(r.project == bindparam("project"), r.status != literal("running"))
            .order_by(r.id)
            .limit(MOST_GOING)
        )

    def _lost(self) -> None:
        r, p, e = run.c, run_progress.c, step_execution.c

        def its(column: ColumnElement[Any]) -> Any:
            return (
                select(func.nullif(column, 0))
                .where(p.run_id == r.id)
                .correlate(run)
                .scalar_subquery()
            )

        counted = (
            select(func.count())
            .select_from(step_execution)
            .where(e.run_id == r.id, e.status == "succeeded")
            .correlate(run)
            .scalar_subquery()
        )
        gone = (
            update(run)
            .where(r.id == bindparam("by_id"), r.status == "running")
            .values(
                ended_ms=func.coalesce(its(p.alive_ms), r.started_ms),
                executed=counted,
                status="lost",
            )
        )
        silent = func.coalesce(its(p.expires_at), r.started_ms + LEASE_MS) <= self._now
        self.lost = {True: gone, False: gone.where(silent)}
        """By (its process is known to be gone)."""
        self.revive = (
            update(run)
            .where(r.id == bindparam("by_id"), r.status == "lost")
            .values(status="running", ended_ms=0, executed=0, error=None)
        )
