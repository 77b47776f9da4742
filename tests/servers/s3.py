"""An S3 of the test's own: moto's server, in a thread of this process."""

from __future__ import annotations

import logging
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


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server as long as the block lasts. It listens on 127.0.0.1, at a free port."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()
