"""Claims on all databases, with real processes."""

from __future__ import annotations

import time

import pytest

from tests.conformance.claims_suite import PATIENCE_S, STEP, ClaimsSuite, ClaimWorkers, barrier


class TestClaimsOnSqlite(ClaimsSuite):
    name = "SQLite"

    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'metadata.db'}"


class TestClaimsOnPostgres(ClaimsSuite):
    name = "PostgreSQL"

    @pytest.fixture
    def url(self, postgres_url):
        return postgres_url


class TestClaimsOnMariadb(ClaimsSuite):
    name = "MariaDB"

    @pytest.fixture
    def url(self, mariadb_url):
        return mariadb_url


class RestartedServer(ClaimWorkers):
    """A server that goes away and comes back, in order or not, while processes claim and finish."""

    @pytest.fixture
    def server(self):
        raise NotImplementedError

    @pytest.fixture
    def url(self, server):
        return server.create_database()

    def test_every_key_is_completed_by_one(self, server, url, ledger, start, trials):
        keys = [f"key-{i:02}" for i in range(80)]
        fault = "server restarted, then killed, under 4 processes"
        with trials(fault, server.name, STEP, times=len(keys)) as trial:
            together = barrier(5)
            workers = [start(keys, 60_000, 50, together) for _ in range(4)]
            together.wait()
            for part, restart in ((20, server.restart), (50, self.crash(server))):
                while len(self.won(ledger) if ledger.exists() else ()) < part:
                    time.sleep(0.01)
                restart()
            for worker in workers:
                worker.join(PATIENCE_S)
            trial.find(self.lost(url, keys))
            lines = ledger.read_text().splitlines()
            assert lines.count("through") == 4
            assert not [line for line in lines if line.startswith("lost")]
            # Also a claim whose answer got lost was known to be ours: nobody waited for himself.
            won = sorted((key, fence) for key, fence, _pid, _since in self.won(ledger))
            assert won == [(key, 1) for key in keys]
            self.check(url, keys)

    def crash(self, server):
        def crash():
            server.crash()
            time.sleep(0.3)
            server.start()

        return crash


class TestRestartedPostgres(RestartedServer):
    @pytest.fixture
    def server(self, postgres):
        return postgres


class TestRestartedMariadb(RestartedServer):
    @pytest.fixture
    def server(self, mariadb):
        return mariadb
