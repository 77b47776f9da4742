"""Artifact stores in buckets: GCS and S3, each through its real client library."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.artifact_suite import URI, ArtifactSuite, put
from tests.servers.gcs import gcs_server
from tests.servers.s3 import s3_server
from zenlab.artifacts import ArtifactStore, Described
from zenlab.artifacts.progress import Transfer, telling
from zenlab.core.errors import ArtifactError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# gcsfs sends bytes as they are, about which aiohttp warns; a piece of 32 MB is meant.
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")


@pytest.fixture(scope="module")
def gcs() -> Iterator[Any]:
    with gcs_server() as server:
        yield server


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with s3_server() as server:
        yield server


class RemoteSuite(ArtifactSuite):
    """What holds in a bucket beyond what holds everywhere."""

    @pytest.fixture
    def server(self) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def root(self, server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        self.server_now = server
        return f"{server.make_bucket(f'zen-{uuid.uuid4().hex}')}/team"

    def read(self, root: str, path: str) -> bytes:
        found: bytes = self.server_now.read(f"{root.partition('://')[2]}/{path}")
        return found

    def overwrite(self, root: str, path: str, data: bytes) -> None:
        self.server_now.write(f"{root.partition('://')[2]}/{path}", data)

    def remove(self, root: str, path: str) -> None:
        self.server_now.remove(f"{root.partition('://')[2]}/{path}")

    def test_large_files_in_pieces_and_progress(
        self, store: ArtifactStore, elsewhere: ArtifactStore
    ) -> None:
        folder = store.stage(URI)
        files = {"a": 20_000_001, "sub/b": 17 << 20, "c": 8 << 20, "d": 0, "e [1]*?": 3}
        (folder / "sub").mkdir()
        for name, size in files.items():
            (folder / name).write_bytes(os.urandom(size))
        expected = {name: (folder / name).read_bytes() for name in files}
        told: list[Transfer] = []
        with telling(told.append):
            stored = store.publish(URI, folder, Described("files", 1, "00"))
            found = elsewhere.fetch(stored)
        assert {name: (found / name).read_bytes() for name in files} == expected
        total = sum(files.values())
        for verb in ("uploading", "downloading"):
            heard = [one.done for one in told if one.verb == verb]
            assert heard == sorted(heard)
            assert heard[-1] == total
        assert {one.total for one in told} == {total}

    def test_what_was_published_needs_no_download(self, store: ArtifactStore, root: str) -> None:
        stored = put(store, {"a": 1})
        self.remove(root, f"{URI}/value.json")
        assert (store.fetch(stored) / "value.json").exists()

    def test_a_damaged_local_copy_is_fetched_anew(self, store: ArtifactStore) -> None:
        stored = put(store, {"a": 1})
        file = store.fetch(stored) / "value.json"
        good = file.read_bytes()
        file.write_bytes(good[::-1])
        assert (store.fetch(stored) / "value.json").read_bytes() == good

    def test_a_bucket_that_is_not_there(self, server: Any, root: str, tmp_path: Path) -> None:
        url = f"{root.partition('://')[0]}://no-such-bucket-{uuid.uuid4().hex}/team"
        store = ArtifactStore(url, cache_dir=tmp_path / "c")
        with pytest.raises(StoreError, match="no such bucket") as caught:
            store.stage(URI)
        assert url in str(caught.value)
        folder = tmp_path / "x"
        folder.mkdir()
        (folder / "x").write_text("x")
        with pytest.raises(StoreError, match="no such bucket"):
            store.publish(URI, folder, Described("files", 1, "00"))

    def test_a_lost_artifact_is_not_a_lost_store(
        self, store: ArtifactStore, elsewhere: ArtifactStore
    ) -> None:
        stored = put(store, {"a": 1})
        store.delete(URI)
        with pytest.raises(ArtifactError, match=r"manifest\.json is missing"):
            elsewhere.fetch(stored)


class TestGCS(RemoteSuite):
    """Through gcsfs."""

    @pytest.fixture
    def server(self, gcs: Any) -> Any:
        return gcs


class TestS3(RemoteSuite):
    """Through s3fs."""

    @pytest.fixture
    def server(self, s3: Any) -> Any:
        return s3
