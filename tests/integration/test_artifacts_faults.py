"""What a network does to uploads and downloads: cuts, silence, 503s, no answer, no rights.

After each fault the operation has succeeded, or failed with an error that says why; and nobody sees
half of an artifact. Real clients, real servers, and a proxy between them.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.network import half_artifacts, hasten, proxied_bucket
from zenlab.artifacts import ArtifactStore, Described
from zenlab.core.errors import ArtifactError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.plugins.reliability import Trials
    from zenlab.artifacts import Stored

pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")

URI = "trainer/ab/abcd/1-owner/model"
SIZE = 20_000_000
UPLOAD = "upload of an artifact"
DOWNLOAD = "download of an artifact"


class Net:
    """A server, a proxy before it, and stores that go through the proxy."""

    def __init__(self, proxy: Any, server: Any, url: str, folder: Path) -> None:
        self.proxy = proxy
        self.server = server
        self.url = f"{url}/dir"
        self.bucket = url.partition("://")[2]
        self.folder = folder
        self.bytes = os.urandom(SIZE)

    def store(self, name: str) -> ArtifactStore:
        return ArtifactStore(self.url, cache_dir=self.folder / name)

    def staged(self, store: ArtifactStore) -> Path:
        folder = store.stage(URI)
        (folder / "model").write_bytes(self.bytes)
        (folder / "notes").write_bytes(b"notes")
        return folder

    def publish(self, store: ArtifactStore, folder: Path | None = None) -> Stored:
        return store.publish(URI, folder or self.staged(store), Described("files", 1, "00"))

    def holds(self, store: ArtifactStore, stored: Stored) -> bool:
        return (store.fetch(stored) / "model").read_bytes() == self.bytes

    def halves(self) -> list[str]:
        return half_artifacts(self.server, self.bucket)


@pytest.fixture(params=["gcs", "s3"])
def net(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Net]:
    with proxied_bucket(request.param) as (proxy, server, env):
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield Net(proxy, server, server.make_bucket(f"team-{uuid.uuid4().hex}"), tmp_path)


def test_an_upload_that_is_cut_once_is_sent_again(net: Net, trials: Trials) -> None:
    store = net.store("a")
    folder = net.staged(store)
    net.proxy.cut(after=12_000_000)
    with trials("upload cut in the middle, once", net.server.name, UPLOAD) as trial:
        stored = net.publish(store, folder)
        assert net.proxy.left == 0
        trial.find(net.halves())
        assert net.holds(net.store("b"), stored)


def test_an_upload_whose_network_goes_leaves_nothing_visible(
    net: Net, trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch)
    store = net.store("a")
    folder = net.staged(store)
    net.proxy.cut(after=12_000_000, times=10_000)
    with trials("upload cut in the middle, for good", net.server.name, UPLOAD) as trial:
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            net.publish(store, folder)
        trial.failed(caught.value)
        assert "network" in str(caught.value)
        net.proxy.cut(after=0, times=0)
        trial.find(net.halves())
        other = net.store("b")
        assert not other.exists(URI)
        assert list(other.uris()) == []
        other.delete(URI)
        assert net.server.names(net.bucket) == []
        assert net.holds(other, net.publish(store)), "and the same uri can be written afterwards"


def test_503s_pass(net: Net, trials: Trials) -> None:
    store = net.store("a")
    folder = net.staged(store)
    net.proxy.refuse(times=2)
    with trials("two answers with 503", net.server.name, UPLOAD) as trial:
        stored = net.publish(store, folder)
        assert net.proxy.left == 0
        trial.find(net.halves())
    net.proxy.refuse(times=2)
    with trials("two answers with 503", net.server.name, DOWNLOAD):
        assert net.holds(net.store("b"), stored)
        assert net.proxy.left == 0


def test_503s_that_stay_are_told(net: Net, trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)
    store = net.store("a")
    stored = net.publish(store)
    net.proxy.refuse(times=10_000)
    other = net.store("b")
    with trials("503 for good", net.server.name, DOWNLOAD) as trial:
        with pytest.raises(StoreError, match="an error of its own") as caught:
            other.fetch(stored)
        trial.failed(caught.value)
        assert "Run again" in str(caught.value)
        net.proxy.refuse(times=0)
        assert net.holds(other, stored), "and nothing of it has stayed in the cache"


@pytest.mark.slow
def test_five_seconds_of_silence(net: Net, trials: Trials) -> None:
    store = net.store("a")
    folder = net.staged(store)
    began = time.monotonic()
    net.proxy.silence(5)
    with trials("5 s of silence", net.server.name, UPLOAD) as trial:
        stored = net.publish(store, folder)
        assert time.monotonic() - began > 5
        trial.find(net.halves())
        assert net.holds(net.store("b"), stored)


def test_a_download_that_is_cut_is_asked_for_again(net: Net, trials: Trials) -> None:
    store = net.store("a")
    stored = net.publish(store)
    received = net.proxy.received
    net.proxy.cut(after=10_000_000, way="received")
    other = net.store("b")
    with trials("download cut in the middle, once", net.server.name, DOWNLOAD):
        assert net.holds(other, stored)
        assert net.proxy.left == 0
    # A piece again, not the file: of the two pieces and a half that had come at most all.
    assert net.proxy.received - received < 2 * SIZE


def test_a_download_whose_network_goes_leaves_no_copy(
    net: Net, trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch)
    stored = net.publish(net.store("a"))
    net.proxy.cut(after=10_000_000, way="received", times=10_000)
    other = net.store("b")
    with trials("download cut in the middle, for good", net.server.name, DOWNLOAD) as trial:
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            other.fetch(stored)
        trial.failed(caught.value)
        net.proxy.cut(after=0, times=0)
        copies = [file for file in (net.folder / "b").rglob("*") if file.name == "model"]
        trial.find(f"{file} is half a copy" for file in copies)
        assert net.holds(other, stored)


def _publish_slowly(url: str, folder: str, size: int) -> None:
    store = ArtifactStore(url, cache_dir=folder)
    staged = store.stage(URI)
    with (staged / "model").open("wb") as file:
        file.truncate(size)
    store.publish(URI, staged, Described("files", 1, "00"))


def test_an_uploader_that_is_killed_leaves_nothing(net: Net, trials: Trials) -> None:
    net.store("a").exists(URI)
    already = net.proxy.sent
    process = multiprocessing.get_context("spawn").Process(
        target=_publish_slowly, args=(net.url, str(net.folder / "a"), 200_000_000)
    )
    process.start()
    while net.proxy.sent - already < 1_000_000:
        assert process.is_alive()
        time.sleep(0.01)
    process.kill()
    process.join()
    other = net.store("b")
    with trials("uploader killed, then sent again", net.server.name, UPLOAD) as trial:
        trial.find(net.halves())
        assert not other.exists(URI)
        assert list(other.uris()) == []
        assert len(list((net.folder / "a" / "work").iterdir())) == 1, "what it had staged"
        store = net.store("a")
        stored = net.publish(store)
        assert list((net.folder / "a" / "work").iterdir()) == [], "tidied up with the next artifact"
        assert net.holds(net.store("c"), stored)


def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")
    store = ArtifactStore("s3://team-bucket/dir", cache_dir=tmp_path)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.stage(URI)
    assert "planted-secret" not in _whole(caught.value)


@pytest.mark.parametrize(
    ("status", "said", "todo"),
    [(401, "no valid credentials", "gcloud auth"), (403, "refuses access", "objectUser")],
)
def test_rights_and_credentials_are_told_apart(
    net: Net, monkeypatch: pytest.MonkeyPatch, status: int, said: str, todo: str
) -> None:
    hasten(monkeypatch)
    store = net.store("a")
    net.proxy.refuse(times=100, status=status)
    with pytest.raises(StoreError, match=said) as caught:
        store.exists(URI)
    assert todo in str(caught.value)
    net.proxy.refuse(times=0)
    assert not store.exists(URI), "and it works as soon as the rights are there"


def test_secrets_of_options_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)
    options = {"key": "id", "secret": "planted-secret", "endpoint_url": "http://127.0.0.1:9"}
    store = ArtifactStore("s3://team-bucket/dir", cache_dir=tmp_path, storage_options=options)
    with pytest.raises(StoreError) as caught:
        store.stage(URI)
    assert "planted-secret" not in _whole(caught.value) + repr(store)


def test_an_upload_that_arrives_damaged_is_sent_again(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zenlab.artifacts import remote

    seen: list[str] = []

    class Damaging:
        """A client that spoils the first two uploads of the model, behind everybody's back."""

        def __init__(self, fs: Any) -> None:
            self._fs = fs

        def __getattr__(self, name: str) -> Any:
            return getattr(self._fs, name)

        def put_file(self, local: str, path: str, **options: Any) -> None:
            self._fs.put_file(local, path, **options)
            if path.endswith("/model") and len(seen) < 2:
                data = net.bytes[:-1] if not seen else net.bytes[:-1] + b"\0"
                net.server.write(path, data)
                seen.append(path)

    opened = remote.open_url
    monkeypatch.setattr(
        remote, "open_url", lambda *args: (Damaging((found := opened(*args))[0]), found[1])
    )
    net.bytes = net.bytes[:-1] + b"\1"
    stored = net.publish(net.store("a"))
    assert len(seen) == 2
    assert net.holds(net.store("b"), stored)


def test_an_object_that_is_cut_off_in_the_bucket_is_named(net: Net) -> None:
    stored = net.publish(net.store("a"))
    for data, said in [
        (net.bytes[: 9 << 20], "9,437,184 bytes instead of 20,000,000"),
        (net.bytes + b"!", "20,000,001 bytes instead of 20,000,000"),
        (net.bytes[:-1] + bytes([net.bytes[-1] ^ 1]), "SHA-256 differs"),
    ]:
        net.server.write(f"{net.bucket}/dir/{URI}/model", data)
        with pytest.raises(ArtifactError, match=said) as caught:
            net.store(uuid.uuid4().hex).fetch(stored)
        assert f"{URI}/model" in str(caught.value)


def _whole(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))
