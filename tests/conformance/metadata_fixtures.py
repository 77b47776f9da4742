"""The fixtures that every suite of the metadata store has."""

from __future__ import annotations

import pytest

from tests.conformance.metadata_records import ALICE, MINUTE, PROJECT, artifact, execution
from zenlab.metadata import ClaimWon, MetadataStore


class MetadataStoreFixtures:
    """Override `url`: of a database that is empty, or not there yet, and new for each test."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def store(self, url):
        store = MetadataStore(url)
        yield store
        store.dispose()

    @pytest.fixture
    def other(self, url):
        """The same database, seen by somebody else."""
        store = MetadataStore(url)
        yield store
        store.dispose()

    def register(self, store, name="Pipeline A", digest="1" * 64, user="alice", **spec):
        return store.register_pipeline(PROJECT, name, digest, "TrainingPipeline", spec, user)

    def finish(self, store, work_key="work-1", cache_key="cache-1", holder=ALICE, **changes):
        """Claim, finish, and give the execution."""
        won = store.claim(work_key, holder, MINUTE)
        assert isinstance(won, ClaimWon)
        done = execution(cache_key, work_key=work_key, **changes)
        store.finish(work_key, holder.owner, won.fence, done, [artifact()])
        return done
