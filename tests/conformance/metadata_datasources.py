"""What every metadata store must do: datasources and their commits."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.metadata_fixtures import MetadataStoreFixtures
from tests.conformance.metadata_records import PLAIN, PROJECT, commit_record
from zenlab.core.errors import ParameterError
from zenlab.metadata import MetadataStore


class DatasourcesSuite(MetadataStoreFixtures):
    """Commits of datasources."""

    def test_commits_are_kept_once(self, store, other):
        first = store.add_commit(commit_record())
        assert first == dataclasses.replace(commit_record(id=first.id), created_ms=first.created_ms)
        assert first.num_rows == 3
        again = other.add_commit(commit_record(user="bob", stamp=None))
        assert again == first
        store.touch_commit(first.id, PLAIN)
        assert other.commits(PROJECT, "flights") == [dataclasses.replace(first, stamp=PLAIN)]

    def test_commits_are_found(self, store):
        one = store.add_commit(commit_record(digest="abc1" * 16))
        two = store.add_commit(commit_record(digest="abd2" * 16))
        other = store.add_commit(commit_record(name="airports", digest="abc1" * 16))
        assert store.commits(PROJECT, "flights") == [one, two]
        assert store.commits(PROJECT, "nothing") == []
        assert store.commit(PROJECT, "flights", "abc1" * 16) == one
        assert store.commit(PROJECT, "flights", "ABC") == one
        assert store.commit(PROJECT, "flights", "abc2") is None
        assert store.commit(PROJECT, "flights", "%") is None
        assert store.commit(PROJECT, "nothing", "abc") is None
        with pytest.raises(ParameterError, match="Several commits"):
            store.commit(PROJECT, "flights", "ab")
        assert store.datasources(PROJECT) == [other, two]
        assert store.datasources("elsewhere") == []

    def test_concurrent_commits_of_the_same_rows(self, url):
        def work(_):
            mine = MetadataStore(url)
            kept = mine.add_commit(commit_record())
            mine.dispose()
            return kept

        with ThreadPoolExecutor(6) as pool:
            assert len({c.id for c in pool.map(work, range(6))}) == 1
