"""Runs that go on: how far they are, whether they live, and who asks them to stop.

A run writes its row of `run_progress` from a thread of its own, from its first second on; the row
goes when the run ends. Whether it lives is judged by the database's clock: a sign of life holds
for a time, as a claim does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zenlab.metadata import rows
from zenlab.metadata.answers import Holder
from zenlab.metadata.database import Database
from zenlab.metadata.progress import (
    CancelRequest,
    GoingRun,
    Heard,
    SlotProgress,
    dump_steps,
    load_steps,
)
from zenlab.metadata.text import dump_json, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GONE: Mapping[str, Any] = {
    "slot": None,
    "type": "RunLostError",
    "message": "The process of this run is gone: it was killed, or its machine has stopped.",
    "traceback": "",
    "hint": "Run it again: the steps that had finished are kept.",
}
"""The error of a run that is `lost`."""


class FollowQueries(Database):
    """What the store knows about runs that go on."""

    # ------------------------------------------------------------------ said by the run itself

    def beat(self, run_id: int, holder: Holder, ttl_ms: int, steps: Iterable[SlotProgress]) -> None:
        """Give a sign of life of a run, and say how far it is: one statement, at first three.

        Args:
            run_id: of `start_run`.
            holder: under whose name it claims.
            ttl_ms: how long the sign holds.
            steps: all of its steps.
        """
        values = {
            "by_run_id": run_id,
            "owner": holder.owner,
            "pid": holder.pid,
            "ttl_ms": ttl_ms,
            "steps": dump_steps(steps),
        }
        if self._change(self.sql.follow.beat, values) == 0:
            self._change(self.sql.follow.first, {"run_id": run_id})
            self._change(self.sql.follow.beat, values)

    def hear(self, run_id: int) -> Heard | None:
        """What is said of a run, to itself: one statement. None if there is no such run."""
        found = self._fetch(self.sql.follow.heard, {"id": run_id})
        return Heard(found[0].status, _request(found[0])) if found else None

    def revive(self, run_id: int) -> bool:
        """A run that was taken for lost says that it lives.

        Returns:
            Whether it was `lost` until now.
        """
        return self._change(self.sql.follow.revive, {"by_id": run_id}) == 1

    def forget_progress(self, run_id: int) -> None:
        """Drop what was said of a run while it went on."""
        self._change(self.sql.follow.forget, {"by_run_id": run_id})

    # ------------------------------------------------------------------ asked by others

    def going(self, project: str) -> list[GoingRun]:
        """The runs of a project that go on, or were killed; the oldest first. One statement."""
        return [_going(row) for row in self._fetch(self.sql.follow.going, {"project": project})]

    def going_run(self, run_id: int) -> GoingRun | None:
        """One run, over or not, and what is known of how it goes on. One statement."""
        found = self._fetch(self.sql.follow.going_one, {"id": run_id})
        return _going(found[0]) if found else None

    def left_behind(self, project: str) -> list[GoingRun]:
        """Runs that are over, and whose row of progress is still there: killed ones above all."""
        found = self._fetch(self.sql.follow.left_behind, {"project": project})
        return [_going(row) for row in found]

    def steps_of(self, owner: str) -> tuple[SlotProgress, ...]:
        """How far the run is that claims under this name; empty if it has said nothing yet."""
        found = self._fetch(self.sql.follow.steps_of, {"owner": owner})
        return load_steps(found[0].steps) if found else ()

    def request_cancel(self, run_id: int, user: str, host: str) -> CancelRequest | None:
        """Ask a run to stop. The first request counts, and nothing takes it back.

        Args:
            run_id: the run.
            user: who asks.
            host: from where.

        Returns:
            The request that counts, perhaps an earlier one; None if the run does not go on.
        """
        heard = self.hear(run_id)
        if heard is None or heard.status != "running":
            return None
        if heard.cancel is None:
            self._change(self.sql.follow.first, {"run_id": run_id})
            who = {"cancel_by": prose("author", user), "cancel_host": prose("host", host)}
            self._change(self.sql.follow.request, who | {"by_run_id": run_id})
            heard = self.hear(run_id)
        return heard.cancel if heard is not None else None

    def mark_lost(self, run_id: int, *, dead: bool = False) -> bool:
        """Say of a run whose process is gone that it is `lost`: compare-and-swap.

        It ended, as far as anybody knows, with its last sign of life.

        Args:
            run_id: the run.
            dead: its process is known to be gone. Otherwise only a run whose last sign holds no
                longer is marked.

        Returns:
            Whether this call has marked it.
        """
        values = {"by_id": run_id, "error": dump_json(dict(GONE), "error")}
        return self._change(self.sql.follow.lost[dead], values) == 1


def _going(row: Any) -> GoingRun:
    run = rows.run(row)
    holder = None
    if row.p_owner:
        holder = Holder(row.p_owner, run.user, run.host, row.p_pid, run.started_ms)
    return GoingRun(
        run=run,
        elapsed_ms=max(0, row.elapsed_ms),
        silent_ms=max(0, row.silent_ms) if row.alive_ms else None,
        expired=bool(row.expired),
        holder=holder,
        steps=load_steps(row.steps),
        cancel=_request(row),
    )


def _request(row: Any) -> CancelRequest | None:
    if not row.cancel_ms:
        return None
    return CancelRequest(row.cancel_by, row.cancel_host, row.cancel_ms)
