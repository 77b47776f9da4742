"""An S3 of the test's own: moto's application, in threads of this process."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class S3Server:
    """A running server.

    Attributes:
        url: where clients reach it.
    """

    name: ClassVar[str] = "S3 emulator"
    url: str

    @property
    def env(self) -> dict[str, str]:
        """What a process needs in its environment to use it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def make_bucket(self, name: str) -> str:
        """Make a bucket; returns its `s3://` URL."""
        self._client.create_bucket(Bucket=name)
        return f"s3://{name}"

    def read(self, path: str) -> bytes:
        """An object, past all of our code: `path` is `bucket/key`."""
        bucket, _, key = path.partition("/")
        body: bytes = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def write(self, path: str, data: bytes) -> None:
        """Make or replace an object."""
        bucket, _, key = path.partition("/")
        self._client.put_object(Bucket=bucket, Key=key, Body=data)

    def remove(self, path: str) -> None:
        """Remove an object."""
        bucket, _, key = path.partition("/")
        self._client.delete_object(Bucket=bucket, Key=key)

    def names(self, bucket: str) -> list[str]:
        """All keys of a bucket."""
        return sorted(self.sizes(bucket))

    def sizes(self, bucket: str) -> dict[str, int]:
        """The bytes of all objects of a bucket, by key."""
        found = self._client.list_objects_v2(Bucket=bucket)
        return {item["Key"]: item["Size"] for item in found.get("Contents", [])}

    @cached_property
    def _client(self) -> Any:
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            region_name="us-east-1",
        )


class InTurn:
    """A WSGI application that answers one request after another.

    S3 looks at a condition and writes in one step. moto does these in two, and in a thread for each
    request: of two that came at once both found the condition to hold, and an object that was being
    replaced could not be read.

    Args:
        app: the application.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self._turn:
            return self._app(environ, start_response)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server as long as the block lasts. It listens on 127.0.0.1, at a free port."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request
    app = InTurn(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield S3Server(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
