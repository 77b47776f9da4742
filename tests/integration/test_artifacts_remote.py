"""Artifact stores in buckets: GCS and S3, each through its real client library."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.artifact_suite import URI, ArtifactSuite, put
from tests.engine_harness import Lab, node
from tests.servers.gcs import gcs_server
from tests.servers.s3 import s3_server
from zenlab.artifacts import ArtifactStore, Described
from zenlab.artifacts.progress import Transfer, telling
from zenlab.artifacts.transfer import PIECE, WORKERS
from zenlab.core import events
from zenlab.core.errors import ArtifactError, StepError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


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


_BOUNDED = """
import json, sys
from pathlib import Path
from zenlab.artifacts import ArtifactStore, Described

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1000

url, folder = sys.argv[1], Path(sys.argv[2])
store = ArtifactStore(url, cache_dir=folder / "a")
staged = store.stage("a/b")
(staged / "small").write_text("x")
store.publish("a/b", staged, Described("files", 1, "00"))
before = peak()
staged = store.stage("a/c")
for name in "xy":
    with (staged / name).open("wb") as file:
        file.truncate(int(sys.argv[3]) * 1_000_000)
stored = store.publish("a/c", staged, Described("files", 1, "00"))
up = peak()
Path("/proc/self/clear_refs").write_text("5")
ArtifactStore(url, cache_dir=folder / "b").fetch(stored)
print(json.dumps([up - before, peak() - before]))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells the peak")
@pytest.mark.slow
@pytest.mark.parametrize("which", ["gcs", "s3"])
def test_a_large_artifact_takes_bounded_memory(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    # Client libraries have a piece twice while they put it together.
    most = 1.15 * 2 * WORKERS * PIECE / 1e6
    size = 100
    assert most < 0.8 * 2 * size, "of two files of this size"
    server = request.getfixturevalue(which)
    url = server.make_bucket(f"m-{uuid.uuid4().hex}")
    done = subprocess.run(
        [sys.executable, "-c", _BOUNDED, url, str(tmp_path), str(size)],
        env={**os.environ, **server.env, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    up, down = json.loads(done.stdout)
    assert up < most
    assert down < most


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [("gs://b/x", "gcsfs", "gcs"), ("s3://b/x", "s3fs", "s3"), ("abfs://b/x", "adlfs", "azure")],
)
def test_a_missing_extra_is_named(
    url: str, package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec

    def find_spec(name: str, *args: Any) -> Any:
        return None if name == package else found(name, *args)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    with pytest.raises(StoreError, match=f"needs the package {package}") as caught:
        ArtifactStore(url, cache_dir=tmp_path).exists(URI)
    assert f"pip install 'zenlab[{extra}]'" in str(caught.value)


def test_clients_are_imported_when_they_are_used(tmp_path: Path) -> None:
    code = f"""
import sys
from zenlab.artifacts import ArtifactStore
for url in ("gs://bucket/dir", "s3://bucket/dir"):
    print(ArtifactStore(url, cache_dir={str(tmp_path)!r}).root)
print({{"gcsfs", "s3fs", "aiohttp", "botocore"}} & sys.modules.keys())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "gs://bucket/dir\ns3://bucket/dir\nset()\n"


@pytest.fixture
def lab(gcs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """An engine whose artifacts lie in a bucket."""
    for name, value in gcs.env.items():
        monkeypatch.setenv(name, value)
    made = Lab(tmp_path)
    url = gcs.make_bucket(f"e-{uuid.uuid4().hex}")
    made.artifacts = ArtifactStore(url, cache_dir=tmp_path / "cache")
    made.with_setting(artifacts=made.artifacts)
    return made


def test_a_step_tells_what_it_uploads_and_downloads(lab: Lab, tmp_path: Path) -> None:
    large = os.urandom(20_000_000).hex()
    nodes = [
        node("split", lambda *_: large),
        node("trainer", lambda inputs, _: len(inputs["split"]), "split"),
    ]
    lab.run(nodes[:1])
    heard = [e for e in lab.events if isinstance(e, events.StepProgress)]
    assert heard[-1].done == heard[-1].total == 40_000_000
    assert all(re.fullmatch(r"uploading \d+ of 40 MB", one.message) for one in heard)
    lab.with_setting(artifacts=ArtifactStore(lab.artifacts.root, cache_dir=tmp_path / "other"))
    assert lab.hows(nodes) == {"split": "hit", "trainer": "executed"}
    heard = [e for e in lab.events if isinstance(e, events.StepProgress)]
    assert {one.slot for one in heard} == {"trainer"}
    assert heard[-1].message == "downloading 40 of 40 MB"


def test_a_step_that_fails_without_a_network_says_why_it_failed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(uri: str) -> None:
        raise StoreError("no network", where=uri)

    def fail(*_: Any) -> None:
        monkeypatch.setattr(lab.artifacts, "delete", refuse)
        raise ValueError("the step's own fault")

    with pytest.raises(StepError, match="the step's own fault"):
        lab.run([node("split", fail)])
