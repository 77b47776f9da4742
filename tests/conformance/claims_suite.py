"""Processes that claim the same work at once, and die of it. A store inherits `ClaimsSuite`.

Workers write what they do into a ledger beside the database, one line a deed, so that the test
needs no word from a process that was killed. What counts in the end is the database.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
import time
from collections import Counter
from typing import Any

import pytest

from tests.conformance.metadata_suite import artifact, execution
from zenlab.core.errors import ClaimLostError
from zenlab.metadata import ClaimBusy, ClaimDone, ClaimWon, Holder, MetadataStore

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    [
        "tests.conformance.claims_suite",
        "zenlab.metadata.on_mysql",
        "zenlab.metadata.on_postgresql",
        "zenlab.metadata.opening",
        "zenlab.metadata.statements",
        "sqlalchemy.dialects.mysql.pymysql",
        "sqlalchemy.dialects.postgresql.psycopg",
        "pymysql",
        "psycopg",
    ]
)

PATIENCE_S = 120
"""Only a hanging test meets it."""
STEP = "claim and finish a step"


def work_through(
    url: str, ledger: str, keys: list[str], ttl_ms: int, busy_ms: int, together: Any = None
) -> None:
    """Compute every key, or wait until somebody has: one process of a team."""
    store = MetadataStore(url)
    if together is not None:  # a barrier: all have reached the server before anybody begins
        store.runs("nobody's")
        together.wait()
    me = Holder(secrets.token_hex(8), "worker", "here", os.getpid())
    todo = random.sample(keys, len(keys))
    give_up = time.monotonic() + PATIENCE_S
    while todo and time.monotonic() < give_up:
        waiting = []
        for key in todo:
            match store.claim(key, me, ttl_ms):
                case ClaimWon(fence):
                    since_ms = store._fetch(store.sql.claim_row, {"work_key": key})[0].since_ms
                    _note(ledger, f"won {key} {fence} {os.getpid()} {since_ms}")
                    time.sleep(random.uniform(0, busy_ms / 1000))
                    made = execution(f"cache-{key}", work_key=key)
                    try:
                        store.finish(key, me.owner, fence, made, [artifact()])
                    except ClaimLostError:
                        _note(ledger, f"lost {key} {fence}")
                        waiting.append(key)
                case ClaimBusy():
                    waiting.append(key)
                case ClaimDone():
                    pass
        todo = waiting
        if todo:
            time.sleep(random.uniform(0.005, 0.02))
    store.dispose()
    _note(ledger, "through" if not todo else "gave-up")


def _note(ledger: str, line: str) -> None:
    # One write with O_APPEND: lines of several processes never mix.
    descriptor = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (line + "\n").encode())
    os.close(descriptor)


def barrier(parties: int) -> Any:
    """Where so many processes wait for each other, to be given to `start`."""
    return _context.Barrier(parties)


class ClaimWorkers:
    """Starts workers, and says whether all is right in the end. Override `name` and `url`.

    The latter is of a database that is empty, or not there yet, and new for each test.
    """

    name = ""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def ledger(self, tmp_path):
        return tmp_path / "ledger"

    @pytest.fixture
    def start(self, url, ledger):
        """Starts a worker; none outlives the test."""
        started = []

        def start(keys, ttl_ms, busy_ms, together=None):
            arguments = (url, str(ledger), keys, ttl_ms, busy_ms, together)
            process = _context.Process(target=work_through, args=arguments)
            process.start()
            started.append(process)
            return process

        yield start
        for process in started:
            if process.is_alive():
                process.kill()
            process.join()

    def lost(self, url: str, keys: list[str]) -> list[str]:
        """Keys without a result or without its artifact, and keys with more than one result."""
        from sqlalchemy import func, select

        from zenlab.metadata.tables import step_execution

        store = MetadataStore(url)
        done = {e.work_key: e.artifacts for e in store.find_done(keys)}
        count = select(step_execution.c.work_key, func.count()).group_by(step_execution.c.work_key)
        counts = dict(map(tuple, store._fetch(count, {})))
        store.dispose()
        return [
            *(f"{key} has no result" for key in keys if key not in done),
            *(f"{key} has no artifact" for key, found in done.items() if found != (artifact(),)),
            *(f"{key} has {number} results" for key, number in counts.items() if number != 1),
        ]

    def check(self, url: str, keys: list[str]) -> None:
        """Every key is done, by one execution, with its artifact, and under its cache key."""
        from sqlalchemy import func, select

        from zenlab.metadata.tables import claim, step_execution

        store = MetadataStore(url)
        done = store.find_done(keys)
        assert [e.work_key for e in done] == keys
        assert all(e.artifacts == (artifact(),) for e in done)
        found = store.find_cached([f"cache-{key}" for key in keys])
        assert [e.execution_id for e in found] == [e.execution_id for e in done]
        count = select(step_execution.c.work_key, func.count()).group_by(step_execution.c.work_key)
        assert dict(map(tuple, store._fetch(count, {}))) == dict.fromkeys(keys, 1)
        # By the database's clock: claimed, then finished, then looked at.
        e, c = step_execution.c, claim.c
        times = select(c.since_ms, e.ended_ms, store.dialect.now()).where(e.id == c.execution_id)
        assert all(since <= ended <= now for since, ended, now in store._fetch(times, {}))
        store.dispose()

    def won(self, ledger) -> list[tuple[str, int, int, int]]:
        """Key, fence, process and time of each claim that was won, as far as it was noted."""
        lines = [line.split() for line in ledger.read_text().splitlines()]
        return [(line[1], *map(int, line[2:])) for line in lines if line[0] == "won"]


class ClaimsSuite(ClaimWorkers):
    """Override `name` and `url`."""

    def next_winner(self, ledger) -> int:
        """Wait until somebody wins a claim; gives the process, or 0 when all is done."""
        seen, give_up = len(self.won(ledger)), time.monotonic() + 5
        while len(found := self.won(ledger)) == seen and time.monotonic() < give_up:
            time.sleep(0.001)
        return found[-1][2] if len(found) > seen else 0

    def test_each_key_is_computed_once(self, url, ledger, start, trials):
        keys = [f"key-{i:02}" for i in range(50)]
        with trials("16 processes want the same", self.name, STEP, times=len(keys)) as trial:
            workers = [start(keys, 60_000, 5) for _ in range(16)]
            for worker in workers:
                worker.join(PATIENCE_S)
            trial.find(self.lost(url, keys))
            deeds = Counter(line.split()[0] for line in ledger.read_text().splitlines())
            assert deeds == {"won": 50, "through": 16}
            self.check(url, keys)

    def test_every_key_is_completed_though_owners_are_killed(self, url, ledger, start, trials):
        """SIGKILL at random moments: while computing, claiming, finishing, making the tables."""
        keys = [f"key-{i:02}" for i in range(60)]
        with trials("30 of the processes killed", self.name, STEP, times=len(keys)) as trial:
            self.kill_owners(url, ledger, start, keys)
            trial.find(self.lost(url, keys))
            self.check(url, keys)

    def kill_owners(self, url, ledger, start, keys):
        ttl_ms, busy_ms, kills = 200, 100, 30
        ledger.touch()
        workers = {w.pid: w for w in (start(keys, ttl_ms, busy_ms) for _ in range(4))}
        for kill in range(kills):
            # Half of them at any moment, and half of them just after they have won a claim.
            pids = [self.next_winner(ledger)] if kill % 2 else []
            if not pids:
                time.sleep(random.uniform(0, busy_ms / 2000))
            victim = next((p for p in pids if p in workers), random.choice(list(workers)))
            workers[victim].kill()
            workers.pop(victim).join()
            worker = start(keys, ttl_ms, busy_ms)
            workers[worker.pid] = worker
        for worker in workers.values():
            worker.join(PATIENCE_S)
        lines = ledger.read_text().splitlines()
        assert lines.count("through") >= 4
        assert "gave-up" not in lines
        won = self.won(ledger)
        claims = [(key, fence) for key, fence, _pid, _since in won]
        assert len(claims) == len(set(claims)), "a fence was given twice"
        # Nobody took over before the claim had expired, by the database's clock.
        times = {(key, fence): since for key, fence, _pid, since in won}
        after = [(times[k, f - 1], since) for (k, f), since in times.items() if (k, f - 1) in times]
        assert after, "nobody was killed while he held a claim"
        assert all(since - before >= ttl_ms for before, since in after)
