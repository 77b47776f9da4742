"""Opening what a URL names: the client library's file system, with settings that suit artifacts."""

from __future__ import annotations

import importlib.util
import logging
import os
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import StoreError
from zenlab.core.secrets import hidden, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTRAS = {
    "gs": ("gcsfs", "gcs"),
    "gcs": ("gcsfs", "gcs"),
    "s3": ("s3fs", "s3"),
    "s3a": ("s3fs", "s3"),
    "abfs": ("adlfs", "azure"),
    "abfss": ("adlfs", "azure"),
    "az": ("adlfs", "azure"),
    "adl": ("adlfs", "azure"),
}
"""The package that opens a scheme, and the extra that brings it."""

_ENVIRONMENT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_PROFILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "STORAGE_EMULATOR_HOST",
)
"""What client libraries read: with other values it is another client."""

CONNECT_SECONDS = 15
SILENCE_SECONDS = 60
"""How long a server may say nothing before a request is given up, and made again."""


def kind_of(url: str) -> str:
    """`gcs` or `s3`, whose clients have settings of their own; otherwise the scheme."""
    scheme = url.partition("://")[0]
    return _EXTRAS.get(scheme, (scheme, scheme))[1]


_opened: dict[tuple[str, ...], tuple[Any, str]] = {}
"""One client for all stores of a process that are opened alike, since connecting takes time."""


def open_url(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Import the client library and open a URL with it. Nothing is sent yet.

    Args:
        url: such as `gs://bucket/folder`.
        options: arguments of the client; they go before our own.

    Returns:
        The fsspec file system, and the URL's path in it.

    Raises:
        StoreError: the library is not installed, or refuses the options.
    """
    key = (str(os.getpid()), url, repr(options), *(os.environ.get(n, "") for n in _ENVIRONMENT))
    if key in _opened:
        return _opened[key]
    _check_installed(url)
    try:
        return _opened.setdefault(key, _open(url, dict(options)))
    except Exception as error:  # noqa: BLE001 - whatever a client says of its options
        raise StoreError(
            f"The artifact store cannot be opened: {type(error).__name__}: {error}.",
            where=mask(url),
            hint="Check artifact_store in zenlab.yaml: zenlab config list.",
        ) from hidden(error)


def close_url(url: str) -> None:
    """Open a URL anew the next time: a client keeps the credentials that it has begun with."""
    for key in [key for key in _opened if key[1] == url]:
        _opened.pop(key, None)


def _check_installed(url: str) -> None:
    package, extra = _EXTRAS.get(url.partition("://")[0], (None, None))
    if package is not None and importlib.util.find_spec(package) is None:
        raise StoreError(
            f"The artifact store needs the package {package}, which is not installed.",
            where=mask(url),
            hint=f"Run: pip install 'zenlab[{extra}]'",
        )


def _open(url: str, options: dict[str, Any]) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    # A listing that is kept is stale after another client's write.
    options.setdefault("use_listings_cache", False)
    options["skip_instance_cache"] = True  # fsspec's own would not see another environment
    kind = kind_of(url)
    if kind == "gcs":
        return _open_gcs(url, options)
    if kind == "s3":
        config = {"connect_timeout": CONNECT_SECONDS, "read_timeout": SILENCE_SECONDS}
        options["config_kwargs"] = {**config, **options.get("config_kwargs", {})}
    fs, base = url_to_fs(url, **options)
    return fs, str(base)


def _open_gcs(url: str, options: dict[str, Any]) -> tuple[Any, str]:
    # Not what fsspec would open: gcsfs then asks another service first what kind of bucket it is,
    # which takes a minute where that cannot be reached. We use what all kinds have in common.
    import aiohttp
    from gcsfs.core import GCSFileSystem

    # gcsfs logs what it raises, too; without a handler Python prints that into the cell.
    logging.getLogger("gcsfs").addHandler(logging.NullHandler())
    timeout = aiohttp.ClientTimeout(
        total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
    )
    options.setdefault("requests_timeout", timeout)
    if os.environ.get("STORAGE_EMULATOR_HOST"):
        options.setdefault("token", "anon")  # as in Google's own client: emulators have no accounts
    return GCSFileSystem(**options), str(GCSFileSystem._strip_protocol(url))  # noqa: SLF001
