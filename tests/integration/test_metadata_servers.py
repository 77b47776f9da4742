"""The metadata store on PostgreSQL and MariaDB: the conformance suites, and what servers can do."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.compare_suite import CompareSuite
from tests.conformance.faults_suite import FaultsSuite
from tests.conformance.metadata_records import (
    ALICE,
    BOB,
    MINUTE,
    PROJECT,
    artifact,
    execution,
    run_record,
)
from tests.conformance.metadata_suite import MetadataStoreSuite
from tests.servers.proxy import Proxy
from zenlab.core.errors import StoreError
from zenlab.core.ids import now_ms
from zenlab.metadata import ClaimWon, MetadataStore
from zenlab.metadata.tables import HEAD, metadata, schema_revision


class TestPostgres(MetadataStoreSuite, CompareSuite):
    @pytest.fixture
    def url(self, postgres_url):
        return postgres_url


class TestMariadb(MetadataStoreSuite, CompareSuite):
    @pytest.fixture
    def url(self, mariadb_url):
        return mariadb_url


class TestFaultsOfPostgres(FaultsSuite):
    @pytest.fixture
    def server(self, postgres):
        return postgres

    def shorten_timeouts(self, store):
        store._session().control("SET idle_in_transaction_session_timeout = '1s'")


class TestFaultsOfMariadb(FaultsSuite):
    @pytest.fixture
    def server(self, mariadb):
        return mariadb

    def shorten_timeouts(self, store):
        store._session().control("SET SESSION wait_timeout = 1")


def database_of(url: str) -> str:
    return url.rpartition("/")[2]


def same(rows, salt):
    """Another step for each `salt`."""
    return rows


class ServerRules:
    """What is true of both servers, and not of a file."""

    @pytest.fixture
    def server(self):
        raise NotImplementedError

    @pytest.fixture
    def url(self, server):
        return server.create_database()

    @pytest.fixture
    def store(self, url):
        store = MetadataStore(url, patience_s=5)
        yield store
        store.dispose()

    # --------------------------------------------------------------------------- the tables

    def tables(self, server, url):
        """What makes the tables, without what differs from one dump to the next."""
        dump = server.dump(database_of(url))
        lines = [line for line in dump.splitlines() if not line.startswith(("--", "\\"))]
        return "\n".join(lines).replace(database_of(url), "DATABASE")

    def test_migrations_lead_to_the_tables_of_a_new_store(self, server, store, url):
        from zenlab.metadata.migrations import upgrade
        from zenlab.metadata.opening import make_engine, parse_url

        store.runs(PROJECT)
        migrated = server.create_database()
        with make_engine(*parse_url(migrated)).connect() as connection:
            upgrade(connection)
        assert self.tables(server, migrated) == self.tables(server, url)
        assert MetadataStore(migrated).revision() == store.revision() == HEAD

    def test_the_oldest_tables_are_brought_up_to_date_by_one_of_many(self, server):
        from zenlab.metadata.migrations import upgrade
        from zenlab.metadata.opening import make_engine, parse_url

        url = server.create_database()
        with make_engine(*parse_url(url)).connect() as connection:
            upgrade(connection, "0001")
        with pytest.raises(StoreError, match="an older zenlab has made it"):
            MetadataStore(url).runs(PROJECT)
        together = threading.Barrier(4)

        def work(_):
            store = MetadataStore(url)
            together.wait()
            try:
                return store.upgrade()[1], store.runs(PROJECT)
            finally:
                store.dispose()

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(work, range(4))) == [(HEAD, [])] * 4

    def test_a_database_of_another_program(self, server, store, url):
        server.execute("CREATE TABLE run (x INTEGER)", database=database_of(url))
        with pytest.raises(StoreError, match="another program: run"):
            store.runs(PROJECT)

    def test_tables_need_nothing_of_the_database_but_its_encoding(self, server, url, store):
        """Every text is compared by code points, whatever the database's own way is."""
        store.runs(PROJECT)
        self.check_collations(server, database_of(url))

    def check_collations(self, server, database):
        raise NotImplementedError

    # --------------------------------------------------------------------------- round trips

    def test_statements_are_round_trips(self, server, url):
        """The counter is the bench's ruler; a proxy checks it."""
        with Proxy(server.port) as proxy:
            store = MetadataStore(proxy.url(url))
            store.runs(PROJECT)
            turns, statements = proxy.turns, store.statements
            won = store.claim("work-1", ALICE, MINUTE)
            parts = [artifact("a"), artifact("b")], {"p": 1, "q": 2}
            store.finish("work-1", ALICE.owner, won.fence, execution(), *parts, [], ["c"])
            store.find_cached([f"cache-{i}" for i in range(70)])
            store.record_run(run_record())
            assert proxy.turns - turns == store.statements - statements > 5
            store.dispose()

    @pytest.mark.parametrize("transforms", [0, 66])
    def test_a_cached_run_is_at_most_four_round_trips(
        self, server, url, repository, declare, monkeypatch, transforms
    ):
        """However many steps: 4 or 70, and two leaves."""
        from zenlab.repo import Repository

        def pipeline():
            declared = declare()
            for salt in range(transforms):
                declared.add_transform(same, salt=salt)
            return declared

        with Proxy(server.port) as proxy:
            monkeypatch.setenv("DATABASE", proxy.url(url))
            with (repository.root / "zenlab.yaml").open("a") as file:
                file.write("metadata_store: ${DATABASE}\n")
            pipeline().run()
            turns = proxy.turns
            again = pipeline()
            again.run()
            steps = again.last.result.steps
            assert {step.how for step in steps.values()} == {"hit"}
            assert len(steps) == transforms + 6
            assert 0 < proxy.turns - turns <= 4
            Repository(repository.root).metadata.dispose()

    # --------------------------------------------------------------------------- the server

    def test_the_clock_is_in_ms_and_is_the_servers(self, store):
        from sqlalchemy import select

        question = select(store.dialect.now())
        store.runs(PROJECT)
        before = now_ms()
        seen = [store._fetch(question, {})[0][0] for _ in range(20)]
        assert before - 2 <= seen[0]
        assert seen[-1] <= now_ms() + 2
        assert seen == sorted(seen)
        assert all(type(moment) is int for moment in seen)

    def test_a_connection_that_somebody_ended_is_made_anew(self, server, store, url):
        store.runs(PROJECT)
        self.end_connections(server, database_of(url))
        store.record_run(run_record())
        assert len(store.runs(PROJECT)) == 1

    def end_connections(self, server, database):
        raise NotImplementedError

    def test_an_interrupt_inside_a_transaction_locks_out_nobody(self, store, url):
        store.claim("work-1", ALICE, 0)

        def interrupted(transaction):
            values = {"by_work_key": "work-1", "by_owner": ALICE.owner, "by_fence": 1, "ttl_ms": 9}
            transaction.execute(store.sql.heartbeat, values)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store._transaction(interrupted)
        other = MetadataStore(url, patience_s=0)
        assert other.claim("work-1", BOB, MINUTE) == ClaimWon(2)
        other.dispose()

    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_a_fork_gets_a_connection_of_its_own(self, store):
        store.record_run(run_record())
        ours = store._session()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                store.record_run(run_record())
                code = 0 if store._session() is not ours and len(store.runs(PROJECT)) == 2 else 2
                store.dispose()
                ours.close()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store._session() is ours
        assert len(store.runs(PROJECT)) == 2
        assert store._session() is ours, "the child has ended its parent's connection"

    # --------------------------------------------------------------------------- in words

    def said(self, url, **changes):
        """What a first question says, without a password anywhere; and what to do next."""
        from sqlalchemy import make_url

        wrong = make_url(url).set(**changes).render_as_string(hide_password=False)
        store = MetadataStore(wrong, patience_s=0)
        with pytest.raises(StoreError) as caught:
            store.record_run(run_record())
        store.dispose()
        said = f"{caught.value} {caught.value.__cause__!r} {store!r}"
        assert make_url(wrong).password not in said
        assert "\n" not in caught.value.message
        return f"{caught.value.message}\n{caught.value.hint}"

    def test_a_wrong_password(self, url):
        said = self.said(url, password="not-the-password")
        assert said.startswith("The metadata store refuses the user or the password.")
        assert "zenlab config metadata get" in said

    def test_no_such_database(self, url):
        said = self.said(url, database="nowhere")
        assert said.startswith("The database of the metadata store does not exist.")

    def test_no_such_host(self, url):
        said = self.said(url, host="no-such-host.invalid")
        assert said.startswith("The host of the metadata store is not known.")

    def test_a_user_who_may_not_make_tables(self, server, url):
        self.create_poor_user(server)
        said = self.said(url, username="poor", password="poor-password")
        assert said.startswith("The metadata store does not let this user do that.")
        assert "GRANT" in said

    def create_poor_user(self, server):
        raise NotImplementedError

    def test_a_lock_that_stays_is_an_error_in_the_end(self, server, store, url):
        store.claim("work-1", ALICE, MINUTE)
        session = store._session()
        session.control(store.dialect.begin)
        values = {"by_work_key": "work-1", "by_owner": ALICE.owner, "by_fence": 1, "ttl_ms": 9}
        session.execute(store.sql.heartbeat, values)
        hasty = MetadataStore(url, patience_s=0)
        hasty.runs(PROJECT)
        hasty._session().control(self.no_wait)
        with pytest.raises(StoreError, match="locked by others"):
            hasty.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        assert hasty.runs(PROJECT) == []  # readers do not wait
        session.roll_back()
        assert hasty.heartbeat("work-1", ALICE.owner, 1, MINUTE)
        hasty.dispose()

    no_wait = ""


@pytest.mark.parametrize(
    "said",
    [
        "connection refused",
        "Connection reset by peer",  # of a server that takes connections as it goes down
        "server closed the connection unexpectedly",
        "could not send SSL negotiation packet: Broken pipe",
        "timeout expired",
    ],
)
def test_what_a_connection_says_that_is_not_made_means_that_the_server_is_gone(said):
    import psycopg
    from sqlalchemy.exc import OperationalError

    from zenlab.metadata.dialects import Verdict
    from zenlab.metadata.on_postgresql import PostgresqlDialect

    text = f'connection failed: connection to server at "127.0.0.1", port 5432 failed: {said}'
    error = OperationalError(None, None, psycopg.OperationalError(text))
    dialect = PostgresqlDialect()
    assert dialect.verdict(error) is Verdict.LOST
    assert dialect.explain(error)[0].startswith("The metadata store cannot be reached")


class TestPostgresAsAServer(ServerRules):
    no_wait = "SET lock_timeout = '50ms'"

    @pytest.fixture
    def server(self, postgres):
        return postgres

    def check_collations(self, server, database):
        texts = server.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type = 'character varying'",
            database=database,
        )
        plain = {("metric", "special"), ("schema_revision", "version_num")}
        assert {(t, c) for t, c, collation in texts if collation != "C"} == plain
        assert len(texts) > 40

    def end_connections(self, server, database):
        server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
            database=None,
        )

    def create_poor_user(self, server):
        server.execute("DROP USER IF EXISTS poor", database=None)
        server.execute("CREATE USER poor PASSWORD 'poor-password'", database=None)

    def test_an_encoding_that_cannot_hold_every_text(self, server):
        said = self.said(server.create_database("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"))
        assert said.startswith("The database has the encoding LATIN1")
        assert "--encoding=UTF8" in said

    def test_a_server_that_may_only_be_read(self, server, url):
        database = database_of(url)
        server.execute(
            f"ALTER DATABASE {database} SET default_transaction_read_only = on", database=None
        )
        assert self.said(url).startswith("The metadata store may only be read")

    def test_timeouts_are_those_of_the_session(self, store):
        store.runs(PROJECT)
        connection = store._session().connection
        for name, value in (
            ("statement_timeout", "1min"),
            ("idle_in_transaction_session_timeout", "1min"),
            ("idle_session_timeout", "5min"),
            ("lock_timeout", "10s"),
            ("application_name", "zenlab"),
        ):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar() == value

    def test_an_isolation_that_an_administrator_has_chosen(self, server, url):
        """Ours are READ COMMITTED all the same: a claim sees what was committed while it waited."""
        server.execute(
            f"ALTER DATABASE {database_of(url)} SET default_transaction_isolation = 'serializable'",
            database=None,
        )
        store = MetadataStore(url)
        level = store._transaction(
            lambda t: t.connection.exec_driver_sql("SHOW transaction_isolation").scalar()
        )
        assert level == "read committed"
        store.dispose()

    def test_parameters_of_the_url_count(self, url):
        store = MetadataStore(f"{url}?application_name=mine&connect_timeout=3")
        store.runs(PROJECT)
        shown = store._session().connection.exec_driver_sql("SHOW application_name").scalar()
        assert shown == "mine"
        store.dispose()


class TestMariadbAsAServer(ServerRules):
    no_wait = "SET SESSION innodb_lock_wait_timeout = 0"

    @pytest.fixture
    def server(self, mariadb):
        return mariadb

    def check_collations(self, server, database):
        texts = server.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns "
            f"WHERE table_schema = '{database}' AND collation_name IS NOT NULL",
            database=None,
        )
        plain = {("schema_revision", "version_num")}
        assert {(t, c) for t, c, collation in texts if collation != "utf8mb4_bin"} == plain
        assert len(texts) > 40

    def end_connections(self, server, database):
        found = server.execute(
            f"SELECT id FROM information_schema.processlist WHERE db = '{database}'", database=None
        )
        assert found
        for (connection,) in found:
            server.execute(f"KILL {connection}", database=None)

    def create_poor_user(self, server):
        server.execute("DROP USER IF EXISTS poor@'127.0.0.1'", database=None)
        server.execute("CREATE USER poor@'127.0.0.1' IDENTIFIED BY 'poor-password'", database=None)
        server.execute("GRANT SELECT ON *.* TO poor@'127.0.0.1'", database=None)

    def test_the_session_is_as_we_want_it(self, store):
        def ask(what):
            return store._session().connection.exec_driver_sql(f"SELECT @@{what}").scalar()

        store.runs(PROJECT)
        assert ask("tx_isolation") == "READ-COMMITTED"
        assert ask("time_zone") == "+00:00"
        assert ask("character_set_client") == ask("character_set_results") == "utf8mb4"
        assert "STRICT_ALL_TABLES" in ask("sql_mode")
        assert ask("wait_timeout") == 300

    @pytest.mark.parametrize("made", [0, 1, 5])
    def test_tables_that_were_made_by_half_are_completed(self, server, url, store, made):
        """Each CREATE TABLE commits by itself, and its program may be killed after any of them."""
        from zenlab.metadata.opening import make_engine, parse_url

        with make_engine(*parse_url(url)).connect() as connection:
            schema_revision.create(connection)
            others = [table for table in metadata.sorted_tables if table is not schema_revision]
            metadata.create_all(connection, others[:made])
        assert store.revision() is None
        store.record_run(run_record())
        assert len(store.runs(PROJECT)) == 1
        whole = server.create_database()
        MetadataStore(whole).runs(PROJECT)
        assert self.tables(server, url) == self.tables(server, whole)

    def test_whoever_makes_tables_is_waited_for(self, server, url, monkeypatch):
        from zenlab.metadata import on_mysql

        monkeypatch.setattr(on_mysql, "_ALONE_S", 0)
        holder = MetadataStore(url)
        holder.revision()
        with holder.dialect.alone(holder._session(checked=False)):
            waiting = MetadataStore(url)
            with pytest.raises(StoreError, match="Somebody else has been making"):
                waiting.runs(PROJECT)
        assert waiting.runs(PROJECT) == []
        for store in (holder, waiting):
            store.dispose()

    def test_a_time_zone_with_an_hour_that_comes_twice(self, server, url):
        """The clock of claims goes on, in whatever zone the server is."""
        from sqlalchemy import select

        server.execute("SET GLOBAL time_zone = '-05:00'", database=None)
        try:
            store = MetadataStore(url)
            moment = store._fetch(select(store.dialect.now()), {})[0][0]
            assert abs(moment - now_ms()) < 2000
            store.dispose()
        finally:
            server.execute("SET GLOBAL time_zone = 'SYSTEM'", database=None)
