"""The cache and the claims: what is done, who does what, and that nobody does it twice.

The protocol (design, section 6), on one row of `claim` for each work key:

    free --claim--> running --finish--> done
      ^               |  |                |
      |---release-----'  '--expiry: the next claim takes over, with a higher fence
      '---reopen--------------------------'

Each claim that is won raises the row's fence by one. `heartbeat`, `finish` and `release` are
guarded by owner and fence: who was taken over, however late, changes nothing. Rows are never
deleted, or a fence could come again. Time is the database's alone.
"""

from __future__ import annotations

import dataclasses
import random
import time
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ClaimLostError, StoreError
from zenlab.metadata import rows
from zenlab.metadata.answers import ClaimBusy, ClaimDone, ClaimWon
from zenlab.metadata.database import chunks
from zenlab.metadata.executions import ExecutionQueries
from zenlab.metadata.text import identifier, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Executable

    from zenlab.metadata.answers import CachedExecution, ClaimResult, Holder
    from zenlab.metadata.records import ArtifactRecord, ExecutionRecord, MetricRecord
    from zenlab.metadata.session import Transaction

_MAX_ROUNDS = 50
"""A claim that neither is won, nor done, nor busy so often in a row is not bad luck any more."""

_PATIENCE_WITH_RESULTS = 20.0
"""So many times longer than for all else, a server that is gone is waited for with a result, which
may have taken hours. Servers are restarted, moved and upgraded within minutes."""


class ClaimQueries(ExecutionQueries):
    """What the store knows to be done, and who may do the rest."""

    # ------------------------------------------------------------------------------- cache

    def find_cached(self, cache_keys: Sequence[str]) -> list[CachedExecution]:
        """The finished executions of lineage keys: one SELECT for a whole plan.

        Args:
            cache_keys: of the steps of a plan.

        Returns:
            In the order of `cache_keys`; several for a key whose inputs came out differently (the
            latest first), none for one that is unknown.
        """
        return self._find(self.sql.find_cached, cache_keys, attrgetter("cache_key"))

    def find_done(self, work_keys: Sequence[str]) -> list[CachedExecution]:
        """The finished executions of work keys, at most one each, in the order of `work_keys`."""
        return self._find(self.sql.find_done, work_keys, attrgetter("work_key"))

    def _find(
        self, statement: Executable, keys: Sequence[str], key_of: Callable[[CachedExecution], str]
    ) -> list[CachedExecution]:
        wanted = list(dict.fromkeys(keys))
        found = [
            execution
            for chunk in chunks(wanted)
            for execution in rows.cached_executions(self._fetch(statement, {"keys": chunk}))
        ]
        place = {key: i for i, key in enumerate(wanted)}
        found.sort(key=lambda e: (place[key_of(e)], -e.ended_ms, -e.execution_id))
        return found

    # ------------------------------------------------------------------------------ claims

    def claim(
        self, work_key: str, holder: Holder, ttl_ms: int, cache_key: str | None = None
    ) -> ClaimResult:
        """Ask for the right to do some work; never waits for another owner.

        Args:
            work_key: what is to be done.
            holder: who asks; `holder.owner` is random, one for each process.
            ttl_ms: how long the claim holds without a `heartbeat`.
            cache_key: the lineage key that led here. If the work is done already, it becomes
                another name of it, so that the next plan finds it by one query.

        Returns:
            `ClaimWon`, `ClaimDone` or `ClaimBusy`. A claim that expired, or was released or
            reopened, is won by whoever asks first.
        """
        work_key = identifier("work_key", work_key)
        for _ in range(_MAX_ROUNDS):
            fence = self._try_claim(work_key, holder, ttl_ms)
            if fence is not None:
                return ClaimWon(fence)
            in_doubt = self._was_in_doubt
            found = self._fetch(self.sql.claim_state, {"work_key": work_key})
            if in_doubt and found and (found[0].state, found[0].owner) == ("running", holder.owner):
                # The answer got lost with the connection, and the question was asked again. Who
                # did not know it would wait for itself until the claim expires.
                return ClaimWon(found[0].fence)
            if found and found[0].state == "done":
                (execution,) = rows.cached_executions(found)
                if cache_key is not None:
                    self._change(
                        self.sql.add_cache_entry,
                        {"cache_key": identifier("cache_key", cache_key), "work_key": work_key},
                    )
                    execution = dataclasses.replace(execution, cache_key=cache_key)
                return ClaimDone(execution)
            if found and found[0].state == "running" and found[0].expires_in_ms > 0:
                row = found[0]
                return ClaimBusy(rows.holder(row), row.expires_in_ms, row.fence)
            # Freed between the two statements: it is to be had after all.
            time.sleep(random.uniform(0, 0.01))
        raise StoreError(
            f"The claim on {work_key[:12]} changes hands too fast to be won.",
            where=self.where,
            hint="Check that no process claims and releases this step in a loop, and run again.",
        )

    def _try_claim(self, work_key: str, holder: Holder, ttl_ms: int) -> int | None:
        """Take a claim that is to be had, and give its fence; else None."""
        who = {
            "owner": holder.owner,
            "holder_user": prose("author", holder.user),
            "holder_host": prose("host", holder.host),
            "holder_pid": holder.pid,
            "ttl_ms": ttl_ms,
        }
        if self.dialect.returning:
            won = self._fetch(self.sql.claim, who | {"work_key": work_key})
            return won[0].fence if won else None

        seed = {"work_key": work_key}
        if self.dialect.updating_tells:
            self._change(self.sql.claim_seed, seed)
            return self._attempt(
                lambda session: self.dialect.told(
                    session.execute(self.sql.claim_take, who | {"by_work_key": work_key})
                )
            )

        def take(transaction: Transaction) -> int | None:
            transaction.execute(self.sql.claim_seed, seed)
            taken = transaction.execute(self.sql.claim_take, who | {"by_work_key": work_key})
            if taken.rowcount != 1:
                return None
            row = transaction.execute(self.sql.claim_row, {"work_key": work_key}).one()
            return int(row.fence)

        return self._transaction(take)

    def heartbeat(self, work_key: str, owner: str, fence: int, ttl_ms: int) -> bool:
        """Say that the work goes on; it holds for `ttl_ms` from now.

        Returns:
            False if the claim is lost. One that expired and that nobody took is revived.
        """
        values = _guard(work_key, owner, fence) | {"ttl_ms": ttl_ms}
        return self._change(self.sql.heartbeat, values) == 1

    def finish(
        self,
        work_key: str,
        owner: str,
        fence: int,
        execution: ExecutionRecord,
        artifacts: Sequence[ArtifactRecord] = (),
        params: Mapping[str, Any] | None = None,
        metrics: Sequence[MetricRecord] = (),
        cache_keys: Sequence[str] = (),
    ) -> None:
        """Make a result visible: the claim is done, the execution and its parts are there.

        One transaction: all of it, or nothing. A claim that expired and that nobody took still
        counts. Calling it again with the same execution changes nothing.

        Args:
            work_key: as in `claim`.
            owner: as in `claim`.
            fence: of the `ClaimWon`.
            execution: what was done; `work_key`, `owner` and `fence` are set here.
            artifacts: its outputs, uploaded fully.
            params: its parameters by name.
            metrics: what it logged.
            cache_keys: the lineage keys under which the next plan finds it; that of the
                execution itself is always among them.

        Raises:
            ClaimLostError: somebody took over. Nothing was written.
        """
        execution = dataclasses.replace(execution, work_key=work_key, owner=owner, fence=fence)
        guard = _guard(work_key, owner, fence)
        aliases = [
            {"cache_key": identifier("cache_key", key), "work_key": work_key}
            for key in dict.fromkeys((execution.cache_key, *cache_keys))
        ]

        def finish(transaction: Transaction) -> None:
            done = transaction.execute(self.sql.finish, guard | {"execution": execution.id})
            if done.rowcount != 1:
                self._check_finished(transaction, execution)
                return
            self._add_execution(transaction, execution, artifacts, params or {}, metrics)
            transaction.execute(self.sql.add_cache_entry, aliases)

        self._transaction(finish, patience=_PATIENCE_WITH_RESULTS)

    def _check_finished(self, transaction: Transaction, execution: ExecutionRecord) -> None:
        """Accept a `finish` whose first answer got lost; refuse one that came too late."""
        found = transaction.execute(self.sql.claim_row, {"work_key": execution.work_key}).first()
        if found and found.state == "done" and found.execution_id == execution.id:
            return
        if found is None or found.state == "free":
            what = "was released"
        elif found.fence == execution.fence and found.owner == execution.owner:
            what = "is done already"
        else:
            what = f"was taken over by {found.holder_user} on {found.holder_host}"
        raise ClaimLostError(
            f"The result of {execution.slot} was discarded: its claim {what}.",
            where=f"{execution.slot}, work key {execution.work_key[:12]}",
            hint="Run again: what the other one finishes is a hit.",
        )

    def release(self, work_key: str, owner: str, fence: int) -> bool:
        """Free a claim at once, after a failure or an interrupt, when the step has stopped.

        Returns:
            False if it was not ours any more.
        """
        return self._change(self.sql.release, _guard(work_key, owner, fence)) == 1

    def reopen(self, work_key: str, fence: int) -> bool:
        """Declare a finished work to be undone: it is forced, or its artifact is lost.

        Args:
            work_key: as in `claim`.
            fence: of the `CachedExecution` that is to go: a newer one stays.

        Returns:
            Whether this call reopened it. The execution itself stays recorded.
        """
        return self._change(self.sql.reopen, {"by_work_key": work_key, "by_fence": fence}) == 1


def _guard(work_key: str, owner: str, fence: int) -> dict[str, Any]:
    """The values by which a holder proves that the claim is still its own."""
    return {"by_work_key": work_key, "by_owner": owner, "by_fence": fence}
