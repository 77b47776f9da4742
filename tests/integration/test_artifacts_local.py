"""Artifact stores without a server: a local folder, and fsspec's own memory."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import uuid
from pathlib import Path

import fsspec
import pytest

from tests.conformance.artifact_suite import URI, ArtifactSuite, put
from zenlab.artifacts import ArtifactStore, Described, read_value
from zenlab.artifacts import manifest as manifests
from zenlab.core.errors import ArtifactError


class TestLocal(ArtifactSuite):
    """A folder, by its path."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return str(tmp_path / "store")

    def read(self, root: str, path: str) -> bytes:
        return Path(root, path).read_bytes()

    def overwrite(self, root: str, path: str, data: bytes) -> None:
        Path(root, path).write_bytes(data)

    def remove(self, root: str, path: str) -> None:
        Path(root, path).unlink()


class TestLocalURL(TestLocal):
    """A folder, by a file:// URL."""

    @pytest.fixture
    def store(self, root: str, tmp_path: Path) -> ArtifactStore:
        return ArtifactStore(Path(root).as_uri())


class TestRemote(ArtifactSuite):
    """Through fsspec, as object stores are."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        return f"memory://store-{uuid.uuid4().hex}"

    def read(self, root: str, path: str) -> bytes:
        found: bytes = fsspec.filesystem("memory").cat_file(f"{root}/{path}")
        return found

    def overwrite(self, root: str, path: str, data: bytes) -> None:
        fsspec.filesystem("memory").pipe_file(f"{root}/{path}", data)

    def remove(self, root: str, path: str) -> None:
        fsspec.filesystem("memory").rm_file(f"{root}/{path}")


def test_a_local_store_copies_nothing(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    assert store.stage(URI) == tmp_path / URI


def test_files_are_read_through_once_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ArtifactStore(tmp_path)
    stored = put(store, {"a": 1})
    monkeypatch.setattr(manifests.hashlib, "file_digest", None)  # reading a file would fail
    store.fetch(stored)
    monkeypatch.undo()
    os.utime(tmp_path / URI / "value.json", ns=(1, 1))
    store.fetch(stored)  # another time: read again, and still good


def test_a_newer_manifest_or_format_names_the_update(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    folder = store.stage(URI)
    (folder / "x").write_text("x")
    stored = store.publish(URI, folder, Described("json", 99, "00"))
    with pytest.raises(ArtifactError, match="version 99"):
        read_value(stored, folder)


def _in_child(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_full_disk_leaves_nothing_visible(tmp_path: Path) -> None:
    out = _in_child(f"""
import resource
import numpy as np, pandas as pd
from zenlab.artifacts import ArtifactStore, write_value
from zenlab.core.errors import ArtifactError
store = ArtifactStore({str(tmp_path / "s")!r})
frame = pd.DataFrame({{"x": np.random.default_rng(0).random(200_000)}})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
for value in (frame, "x" * 200_000, {{"a": "x" * 200_000}}):
    folder = store.stage("a/b")
    try:
        write_value(value, folder)
    except ArtifactError as error:
        print(error.message, "|", error.hint)
    print(store.exists("a/b"), list(folder.iterdir()))
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
folder = store.stage("a/b")
described = write_value("x", folder)
try:
    store.publish("a/b", folder, described)
except ArtifactError as error:
    print(error.message)
print(store.exists("a/b"), [f.name for f in folder.iterdir()])
""")
    assert out.count("larger than this process may write") == 4
    assert out.count("False []") == 3
    assert "ulimit" in out
    assert out.endswith("False ['value.txt']\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_no_space_left_says_so(tmp_path: Path) -> None:
    from zenlab.artifacts import disk

    with (
        pytest.raises(ArtifactError, match="disk is full") as caught,
        disk.writing("the artifact", tmp_path),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert "artifact_store" in str(caught.value)


def test_a_store_that_may_not_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(ArtifactError, match="Cannot write"):
        ArtifactStore(blocked).stage(URI)
    if os.getuid() == 0:
        out = _in_child(f"""
import os
from zenlab.artifacts import ArtifactStore
from zenlab.core.errors import ArtifactError
os.makedirs({str(tmp_path / "ro")!r}, mode=0o555)
os.setuid(65534)
try:
    ArtifactStore("/proc/1/store").stage("a")
except ArtifactError as error:
    print(error)
""")
        assert "Cannot write" in out


def _stage_and_delete(root: str, number: int) -> None:
    store = ArtifactStore(root)
    for i in range(50):
        uri = f"a/{i % 3}/{number}-{i}"
        put(store, {"i": i}, uri)
        assert store.exists(uri)
        store.delete(uri)


def test_processes_that_stage_and_delete_beside_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_stage_and_delete, args=(str(tmp_path), n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert list(ArtifactStore(tmp_path).uris()) == []
