"""What every metadata store must do: open, be counted, be used by many at once."""

from __future__ import annotations

import dataclasses
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import ALICE, BOB, MINUTE, PROJECT, artifact, execution
from zenlab.core.errors import StoreError
from zenlab.metadata import ClaimBusy, ClaimWon, MetadataStore


class OpeningSuite(MetadataStoreFixtures):
    """The store as a whole."""

    def test_making_and_showing_a_store_connects_to_nothing(self, url):
        store = MetadataStore(url)
        assert store.statements == 0
        assert url.split("://")[0] in repr(store)
        assert store.statements == 0

    def test_opening_an_existing_store_is_one_statement(self, store, other):
        store.pipelines(PROJECT)
        other.pipelines(PROJECT)
        assert other.statements == 2
        other.pipelines(PROJECT)
        assert other.statements == 3

    def test_statements_of_the_common_ways(self, store):
        """Round trips are what counts on a server far away; these are the ones without failure."""
        known = self.register(store)

        def cost(call):
            before = store.statements
            call()
            return store.statements - before

        assert cost(lambda: self.register(store)) == 1
        assert cost(lambda: store.find_cached(["a"])) == 1
        assert cost(lambda: store.claim("work-1", ALICE, MINUTE)) <= 5
        assert cost(lambda: store.heartbeat("work-1", ALICE.owner, 1, MINUTE)) == 1
        assert cost(lambda: store.claim("work-1", BOB, MINUTE)) <= 5
        finish = lambda: store.finish("work-1", ALICE.owner, 1, execution(), [artifact()])  # noqa: E731
        assert cost(finish) <= 6
        assert cost(lambda: store.latest_run(PROJECT, known.name)) == 1
        assert cost(lambda: store.runs(PROJECT, limit=1000)) == 1

    def test_a_newer_revision_is_refused(self, store, other):
        store.pipelines(PROJECT)
        store._transaction(lambda t: t.execute(set_revision("9999")))
        with pytest.raises(StoreError, match="newer") as caught:
            other.pipelines(PROJECT)
        assert "pip install --upgrade zenlab" in str(caught.value)
        with pytest.raises(StoreError, match="newer"):  # and it stays refused
            other.find_cached(["a"])

    def test_a_store_can_be_disposed_pickled_and_used_again(self, store):
        self.finish(store)
        sent = pickle.loads(pickle.dumps(store))
        store.dispose()
        assert len(store.find_cached(["cache-1"])) == 1
        assert len(sent.find_cached(["cache-1"])) == 1
        sent.dispose()

    def test_first_use_by_many_threads_at_once(self, url):
        store = MetadataStore(url)
        together = threading.Barrier(6)

        def work(i):
            together.wait()
            return store.claim(f"work-{i}", ALICE, MINUTE)

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(work, range(6))) == [ClaimWon(1)] * 6
        store.dispose()

    def test_first_use_by_many_stores_at_once(self, url):
        """Several kernels start in a fresh clone: the tables are made once."""
        stores = [MetadataStore(url) for _ in range(6)]
        together = threading.Barrier(6)

        def work(i):
            together.wait()
            return self.register(stores[i]).id

        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(work, range(6)))) == 1
        for store in stores:
            store.dispose()

    def test_heartbeats_from_a_thread_beside_the_work(self, store):
        """As the engine does it: the claim is kept alive while the main thread writes."""
        fence = store.claim("held", ALICE, MINUTE).fence
        stop = threading.Event()
        beats = []

        def beat():
            while not stop.is_set():
                beats.append(store.heartbeat("held", ALICE.owner, fence, MINUTE))

        thread = threading.Thread(target=beat)
        thread.start()
        try:
            for i in range(50):
                self.finish(store, f"work-{i}", f"cache-{i}")
        finally:
            stop.set()
            thread.join()
        assert beats
        assert all(beats)
        assert len(store.find_cached([f"cache-{i}" for i in range(50)])) == 50

    def test_threads_see_one_claim(self, store):
        together = threading.Barrier(8)

        def work(i):
            together.wait()
            return store.claim("work-1", dataclasses.replace(ALICE, owner=str(i)), MINUTE)

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(work, range(8)))
        assert sum(isinstance(r, ClaimWon) for r in results) == 1
        assert sum(isinstance(r, ClaimBusy) for r in results) == 7

    def test_statements_of_all_threads_are_counted(self, store):
        store.runs(PROJECT)
        before = store.statements
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: store.runs(PROJECT), range(400)))
        assert store.statements - before == 400


def set_revision(revision: str):
    from sqlalchemy import update

    from zenlab.metadata.tables import schema_revision

    return update(schema_revision).values(version_num=revision)
