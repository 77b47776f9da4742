"""Object stores behind a proxy that can spoil the network, and clients that give up soon."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.servers.gcs import gcs_server
from tests.servers.http_proxy import http_proxy
from tests.servers.s3 import s3_server
from zenlab.artifacts import faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.servers.gcs import GCSServer
    from tests.servers.http_proxy import HTTPProxy
    from tests.servers.s3 import S3Server


@contextmanager
def proxied_bucket(kind: str) -> Iterator[tuple[HTTPProxy, GCSServer | S3Server, dict[str, str]]]:
    """A `gcs` or `s3` server behind a proxy; the environment makes clients go through that."""
    with http_proxy() as proxy:
        if kind == "gcs":
            with gcs_server(proxy.url) as gcs:
                proxy.forward_to(int(gcs.direct.rpartition(":")[2]))
                yield proxy, gcs, gcs.env
        else:
            with s3_server() as s3:
                proxy.forward_to(int(s3.url.rpartition(":")[2]))
                yield proxy, s3, {**s3.env, "AWS_ENDPOINT_URL": proxy.url}


def half_artifacts(server: GCSServer | S3Server, bucket: str) -> list[str]:
    """What is wrong in a bucket: a manifest makes an artifact visible, so all of it must be there.

    The bucket is asked past the proxy, and past all of our code.
    """
    sizes = server.sizes(bucket)
    wrong = []
    for key in sizes:
        folder, _, name = key.rpartition("/")
        if name != "manifest.json":
            continue
        for entry in json.loads(server.read(f"{bucket}/{key}"))["files"]:
            file = f"{folder}/{entry['path']}"
            if sizes.get(file) != entry["size"]:
                wrong.append(f"{file} has {sizes.get(file)} bytes instead of {entry['size']}")
            elif hashlib.sha256(server.read(f"{bucket}/{file}")).hexdigest() != entry["sha256"]:
                wrong.append(f"{file} has other bytes than its manifest says")
    return wrong


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients give up at once: how long they wait is theirs to test."""
    import aiobotocore.session
    import s3fs
    from gcsfs.core import GCSFileSystem

    monkeypatch.setattr(faults, "TRIES", 2)
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)

    original = aiobotocore.session.AioSession.create_client

    def impatient(self: Any, *args: Any, config: Any = None, **kwargs: Any) -> Any:
        config = config.merge(aiobotocore.config.AioConfig(retries={"max_attempts": 0}))
        return original(self, *args, config=config, **kwargs)

    monkeypatch.setattr(aiobotocore.session.AioSession, "create_client", impatient)
    unwrapped = GCSFileSystem._request.__wrapped__
    monkeypatch.setattr(GCSFileSystem, "_request", unwrapped)
