"""What every metadata store must do: claims, one at a time.

No test waits for the clock: a claim with `ttl_ms=0` has expired when the next statement comes.
"""

from __future__ import annotations

import dataclasses

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import ALICE, BOB, MINUTE, artifact, execution
from zenlab.core.errors import ClaimLostError, StoreError, ZenlabError
from zenlab.metadata import ClaimBusy, ClaimDone, ClaimWon


class ClaimRulesSuite(MetadataStoreFixtures):
    """Claims."""

    def test_a_claim_is_won_once(self, store, other):
        assert store.claim("work-1", ALICE, MINUTE) == ClaimWon(1)
        busy = other.claim("work-1", BOB, MINUTE)
        assert isinstance(busy, ClaimBusy)
        assert dataclasses.replace(busy.holder, since_ms=0) == ALICE
        assert busy.holder.since_ms > 0
        assert 0 < busy.expires_in_ms <= MINUTE
        assert isinstance(store.claim("work-1", ALICE, MINUTE), ClaimBusy)  # not even by itself
        assert other.claim("work-2", BOB, MINUTE) == ClaimWon(1)

    def test_a_done_work_is_told_and_gets_another_name(self, store, other):
        done = self.finish(store)
        result = other.claim("work-1", BOB, MINUTE, cache_key="cache-2")
        assert isinstance(result, ClaimDone)
        assert (result.execution.execution_id, result.execution.cache_key) == (done.id, "cache-2")
        assert result.execution.artifacts == (artifact(),)
        assert store.find_cached(["cache-2"]) == [result.execution]
        again = other.claim("work-1", BOB, MINUTE, cache_key="cache-2")
        assert again == result
        assert isinstance(other.claim("work-1", BOB, MINUTE), ClaimDone)

    def test_a_released_claim_is_free_at_once(self, store, other):
        fence = store.claim("work-1", ALICE, MINUTE).fence
        assert not other.release("work-1", BOB.owner, fence)
        assert not store.release("work-1", ALICE.owner, fence + 1)
        assert store.release("work-1", ALICE.owner, fence)
        assert not store.release("work-1", ALICE.owner, fence)
        assert other.claim("work-1", BOB, MINUTE) == ClaimWon(fence + 1)

    def test_an_expired_claim_is_taken_over(self, store, other):
        assert store.claim("work-1", ALICE, 0) == ClaimWon(1)
        assert other.claim("work-1", BOB, MINUTE) == ClaimWon(2)
        assert not store.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        assert not store.release("work-1", ALICE.owner, 1)
        assert other.heartbeat("work-1", BOB.owner, 2, MINUTE)

    def test_a_stalled_owner_is_refused_and_leaves_nothing(self, store, other):
        store.claim("work-1", ALICE, 0)
        taken = other.claim("work-1", BOB, MINUTE)
        late = execution(user="alice")
        with pytest.raises(ClaimLostError, match="taken over by bob on host-b"):
            store.finish("work-1", ALICE.owner, 1, late, [artifact()], {"p": 1}, [], ["late-alias"])
        assert store.executions([late.id]) == []
        assert store.find_cached(["cache-1", "late-alias"]) == []
        # ... and the one who took over is not disturbed, before or after.
        done = execution(user="bob")
        other.finish("work-1", BOB.owner, taken.fence, done, [artifact()])
        with pytest.raises(ClaimLostError):
            store.finish("work-1", ALICE.owner, 1, late)
        assert [f.execution_id for f in store.find_cached(["cache-1"])] == [done.id]

    def test_an_expired_claim_that_nobody_took_still_counts(self, store):
        store.claim("work-1", ALICE, 0)
        done = execution()
        store.finish("work-1", ALICE.owner, 1, done)
        assert store.find_done(["work-1"])[0].execution_id == done.id

    def test_a_heartbeat_revives_an_expired_claim_that_nobody_took(self, store, other):
        store.claim("work-1", ALICE, 0)
        assert store.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        assert isinstance(other.claim("work-1", BOB, MINUTE), ClaimBusy)

    def test_a_heartbeat_of_somebody_else_is_none(self, store):
        assert not store.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        store.claim("work-1", ALICE, 0)
        assert not store.heartbeat("work-1", BOB.owner, 1, MINUTE)
        assert not store.heartbeat("work-1", ALICE.owner, 2, MINUTE)
        assert store.claim("work-1", BOB, MINUTE) == ClaimWon(2)

    def test_finishing_twice_is_finishing_once(self, store):
        """The answer to a COMMIT may get lost: the same call again must not fail."""
        won = store.claim("work-1", ALICE, MINUTE)
        done = execution()
        for _ in range(2):
            store.finish("work-1", ALICE.owner, won.fence, done, [artifact()])
        assert store.find_done(["work-1"])[0].artifacts == (artifact(),)
        with pytest.raises(ClaimLostError, match="done already"):
            store.finish("work-1", ALICE.owner, won.fence, execution())

    def test_a_finish_after_release_is_refused(self, store):
        won = store.claim("work-1", ALICE, MINUTE)
        store.release("work-1", ALICE.owner, won.fence)
        with pytest.raises(ClaimLostError, match="released"):
            store.finish("work-1", ALICE.owner, won.fence, execution())
        with pytest.raises(ClaimLostError):
            store.finish("never-claimed", ALICE.owner, 1, execution())

    @pytest.mark.parametrize(
        "bad",
        [
            {"artifacts": [artifact(), artifact(uri="x" * 5000)]},
            {"artifacts": [artifact(), artifact("bad", num_rows=2**70)]},
            {"params": {"good": 1, "bad": object()}},
            {"cache_keys": ["good", ""]},
        ],
        ids=["text", "number", "param", "key"],
    )
    def test_a_finish_that_fails_leaves_nothing(self, store, other, bad):
        won = store.claim("work-1", ALICE, MINUTE)
        made = execution()
        with pytest.raises((ZenlabError, OverflowError)):
            store.finish("work-1", ALICE.owner, won.fence, made, **bad)
        assert store.executions([made.id]) == []
        assert store.find_cached(["cache-1", "good"]) == []
        assert isinstance(other.claim("work-1", BOB, MINUTE), ClaimBusy)
        # The claim is still ours, and the connection is in order.
        store.finish("work-1", ALICE.owner, won.fence, made, [artifact()])
        assert other.find_cached(["cache-1"])[0].execution_id == made.id

    def test_a_finish_with_an_id_that_is_taken_leaves_nothing(self, store):
        done = self.finish(store)
        won = store.claim("work-2", ALICE, MINUTE)
        with pytest.raises(StoreError):
            store.finish("work-2", ALICE.owner, won.fence, execution("cache-2", id=done.id))
        assert store.find_cached(["cache-2"]) == []
        assert store.heartbeat("work-2", ALICE.owner, won.fence, MINUTE)

    def test_reopen_compares_the_fence(self, store, other):
        old = self.finish(store)
        (found,) = store.find_done(["work-1"])
        assert not store.reopen("work-1", found.fence + 1)
        assert store.reopen("work-1", found.fence)
        assert not other.reopen("work-1", found.fence)  # somebody was faster
        assert store.find_cached(["cache-1"]) == []
        assert [e.id for e in store.executions([old.id])] == [old.id]
        # A late `finish` of the first owner does not close it again.
        with pytest.raises(ClaimLostError):
            store.finish("work-1", ALICE.owner, found.fence, execution())
        new = self.finish(other, holder=BOB, user="bob")
        assert not store.reopen("work-1", found.fence)
        (again,) = store.find_cached(["cache-1"])
        assert (again.execution_id, again.fence) == (new.id, found.fence + 1)

    def test_only_a_done_claim_can_be_reopened(self, store):
        assert not store.reopen("work-1", 1)
        store.claim("work-1", ALICE, MINUTE)
        assert not store.reopen("work-1", 1)
