"""A proxy before an object store that can cut by bytes, be silent, and answer in its place.

What is armed happens at the next bytes that come, as often as is said; otherwise connections go on
as if nothing were between. (`proxy` is for databases: it counts round trips.)
"""

from __future__ import annotations

import re
import select
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 16
_LOOK_SECONDS = 0.1
_NOW = struct.pack("ii", 1, 0)
"""SO_LINGER: closing resets the connection, as a cable that is pulled does to who sends on."""


class HTTPProxy:
    """Forwards what comes to its port; see `http_proxy`.

    Attributes:
        port: on 127.0.0.1.
        sent: bytes that have gone to the server.
        received: bytes that have come from it.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.sent = 0
        self.received = 0
        self._target: tuple[str, int] | None = None
        self._lock = threading.Lock()
        self._cut_at: tuple[str, int] = ("", 0)
        self._cuts = 0
        self._silent_until = 0.0
        self._refusals: tuple[int, int] = (503, 0)
        self._closed = False
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """Where clients reach the server behind it."""
        return f"http://127.0.0.1:{self.port}"

    def forward_to(self, port: int) -> None:
        """Where the server is, which may have to know the proxy before it starts."""
        self._target = ("127.0.0.1", port)

    def cut(self, *, after: int, way: str = "sent", times: int = 1) -> None:
        """Reset the connection that carries this many bytes more, and as many connections after it.

        Args:
            after: bytes from now on, of all connections.
            way: `sent` (to the server) or `received` (from it).
            times: how often; after the first time, at once whenever bytes go that way. 0: no more.
        """
        with self._lock:
            self._cut_at = (way, getattr(self, way) + after)
            self._cuts = times

    def silence(self, seconds: float) -> None:
        """Pass nothing on for so long, whichever way, and cut nothing."""
        self._silent_until = time.monotonic() + seconds

    def refuse(self, times: int, status: int = 503) -> None:
        """Answer the next requests with this status; the server does not see them."""
        with self._lock:
            self._refusals = (status, times)

    @property
    def left(self) -> int:
        """How many cuts and refusals are still to come: 0 shows that the fault has happened."""
        return self._cuts + self._refusals[1]

    def close(self) -> None:
        """Close the port and all connections."""
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        """One connection, both ways in one thread: a socket that another reads cannot be reset."""
        assert self._target is not None
        with client:
            try:
                with socket.create_connection(self._target) as server:
                    ways = {client: (server, "sent"), server: (client, "received")}
                    while not self._closed:
                        for source in select.select(list(ways), [], [], _LOOK_SECONDS)[0]:
                            if not self._pass_on(source, *ways[source]):
                                return
            except OSError:
                return

    def _pass_on(self, source: socket.socket, sink: socket.socket, way: str) -> bool:
        data = source.recv(_BLOCK)
        while not self._closed and time.monotonic() < self._silent_until:
            time.sleep(_LOOK_SECONDS)
        if not data or (way == "sent" and self._refused(source, data)):
            return False
        if self._is_cut(way, len(data)):
            for one in (source, sink):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOW)
            return False
        sink.sendall(data)
        return True

    def _is_cut(self, way: str, size: int) -> bool:
        with self._lock:
            setattr(self, way, getattr(self, way) + size)
            if self._cuts and way == self._cut_at[0] and getattr(self, way) > self._cut_at[1]:
                self._cuts -= 1
                return True
        return False

    def _refused(self, client: socket.socket, data: bytes) -> bool:
        head, mark, body = data.partition(b"\r\n\r\n")
        if not mark or b" HTTP/1." not in head.partition(b"\r\n")[0]:
            return False  # in the middle of a request
        with self._lock:
            status, times = self._refusals
            if not times:
                return False
            self._refusals = (status, times - 1)
        if b"100-continue" not in head.lower():
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            left = int(length.group(1)) - len(body) if length else 0
            while left > 0 and (more := client.recv(_BLOCK)):
                left -= len(more)
        client.sendall(
            b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status
        )
        return True


@contextmanager
def http_proxy() -> Iterator[HTTPProxy]:
    """A proxy as long as the block lasts; say `forward_to` before anybody connects."""
    made = HTTPProxy()
    try:
        yield made
    finally:
        made.close()
