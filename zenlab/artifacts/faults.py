"""What client libraries raise: which of it passes by itself, and what it means to a user.

gcsfs, s3fs and what is below them have some thirty exceptions for five things that can be wrong.
They are told apart by status and by name, since their packages need not be installed.
"""

from __future__ import annotations

import asyncio
import enum
import errno
import random
import re
import time
from typing import TYPE_CHECKING, Any, TypeVar

from zenlab.core.errors import StoreError
from zenlab.core.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

TRIES = 5
PATIENCE_SECONDS = 30
"""After so long nothing is tried again; the client libraries have tried by themselves meanwhile."""

_DETAIL_LENGTH = 200


class Fault(enum.Enum):
    """What is wrong."""

    MISSING = "there is no such bucket"
    DENIED = "the store refuses access"
    CREDENTIALS = "there are no valid credentials for it"
    NETWORK = "it cannot be reached"
    BUSY = "it answers with an error of its own"
    OTHER = "the client library failed"


_HINTS = {
    Fault.MISSING: "Check the name with `zenlab config artifacts get`, or make the bucket.",
    Fault.DENIED: "Ask its owner for the right to read, write, list and delete objects "
    "(roles/storage.objectUser on Google Cloud); `zenlab doctor` says which of them are missing.",
    Fault.CREDENTIALS: "Google Cloud: gcloud auth application-default login. S3: aws configure, "
    "aws sso login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    Fault.NETWORK: "Check the network and the address (`zenlab config list`), and run again: "
    "what is done already comes from the cache.",
    Fault.BUSY: "Run again in a while: what is done already comes from the cache.",
    Fault.OTHER: "`zenlab doctor` checks the store step by step.",
}

_BUSY = {408, 425, 429, 500, 502, 503, 504}
_NETWORK_CODES = {
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EPIPE,
    errno.ETIMEDOUT,
}
_NETWORK_NAMES = {
    "ChunkedEncodingError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ConnectionError",
    "EndpointConnectionError",
    "FSTimeoutError",
    "HTTPClientError",
    "IncompleteRead",
    "IncompleteReadError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "ResponseParserError",
    "SSLError",
    "TransportError",
}
_CREDENTIAL_NAMES = {
    "CredentialRetrievalError",
    "DefaultCredentialsError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_CREDENTIAL_CODES = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}


def fault_of(error: BaseException) -> Fault:
    """What an exception of a client library means.

    Args:
        error: as it was raised; its causes count, too.

    Example:
        >>> fault_of(ConnectionResetError()), fault_of(PermissionError())
        (<Fault.NETWORK: 'it cannot be reached'>, <Fault.DENIED: 'the store refuses access'>)
    """
    one: BaseException | None = error
    while one is not None:
        names = {kind.__name__ for kind in type(one).__mro__}
        status, code = _answer(one)
        if names & _CREDENTIAL_NAMES or code in _CREDENTIAL_CODES or status == 401:
            return Fault.CREDENTIALS
        if code == "NoSuchBucket":
            return Fault.MISSING
        if status == 403 or isinstance(one, PermissionError) or str(one).startswith("Forbidden"):
            return Fault.DENIED
        if status in _BUSY or names & {"ProxyError"}:
            return Fault.BUSY
        if isinstance(one, (ConnectionError, TimeoutError, asyncio.TimeoutError)):
            return Fault.NETWORK
        if isinstance(one, OSError) and one.errno in _NETWORK_CODES:
            return Fault.NETWORK
        if names & _NETWORK_NAMES or (
            "ClientError" in names and type(one).__module__.startswith("aiohttp")
        ):
            return Fault.NETWORK
        one = one.__cause__
    return Fault.OTHER


def passes(error: BaseException) -> bool:
    """Whether it may be gone when the same is tried again."""
    return fault_of(error) in (Fault.NETWORK, Fault.BUSY) or isinstance(error, DamagedOnTheWayError)


class DamagedOnTheWayError(Exception):
    """What has arrived is not what was sent."""


def patiently(act: Callable[[], T]) -> T:
    """Do what may be done again, a few times where it fails for a reason that passes.

    Args:
        act: reads, deletes, or writes the same bytes to the same place.

    Returns:
        What it returned.
    """
    began = time.monotonic()
    for number in range(TRIES):
        try:
            return act()
        except Exception as error:
            late = time.monotonic() - began > PATIENCE_SECONDS
            if late or number + 1 == TRIES or not passes(error):
                raise
        # Half of it by chance: many who were cut off at once should not come back at once.
        time.sleep(0.2 * 2**number * (0.5 + random.random()))
    raise AssertionError


def store_error(error: Exception, verb: str, where: str, fault: Fault | None = None) -> StoreError:
    """The error that a user sees; to be raised `from cause_of(error)`.

    Args:
        error: what the client library raised.
        verb: what was tried: `read`, `written` or `changed`.
        where: the store, without secrets.
        fault: what is wrong, if it is known better than the exception tells.
    """
    fault = fault or fault_of(error)
    return StoreError(
        f"The artifact store could not be {verb}: {fault.value} ({_detail(error)}).",
        where=where,
        hint=_HINTS[fault],
    )


def cause_of(error: Exception) -> BaseException | None:
    """What may stand as the cause in a traceback: not the address of an open upload."""
    if any("upload_id=" in repr(one) + str(one) for one in _chain(error)):
        return None
    return hidden(error)


def _detail(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}".strip()
    first = re.sub(r"(https?://[^\s?]*)\?\S*", r"\1", text.partition("\n")[0])
    return first.rstrip(".: ")[:_DETAIL_LENGTH]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _answer(error: BaseException) -> tuple[int | None, str]:
    """The status and the code of a server's answer, if the exception has one."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):  # of botocore
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status, str(response.get("Error", {}).get("Code", ""))
    for name in ("code", "status"):  # of gcsfs, of aiohttp
        found = getattr(error, name, None)
        if isinstance(found, (int, str)) and str(found).isdecimal():
            return int(found), ""
    return None, ""
