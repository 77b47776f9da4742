"""A proxy between a client and a server on 127.0.0.1: it counts, delays, holds, cuts and loses.

A turn is one round trip of one connection: the client speaks, the server answers. What a test says
of "the third turn" counts from the moment when it says so, over all connections.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_CHUNK = 1 << 16

Fate = Literal["request", "answer"]
"""What is lost: the request, before the server sees it, or the answer, after it was executed."""


class Proxy:
    """A way to a server that a test can make worse. Start it with `with`.

    Args:
        port: of the server, on 127.0.0.1.
        listen: where to listen; any free port by default.

    Attributes:
        delay_s: how long each direction takes, in seconds; half of a round trip.
        turns: round trips so far.
        fired: whether the fate of `lose` has come.
    """

    def __init__(self, port: int, *, listen: int = 0) -> None:
        self.delay_s = 0.0
        self.turns = 0
        self.fired = False
        self._target = port
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        self._pairs: set[_Pair] = set()
        self._fate: tuple[int, Fate] | None = None
        self._awaited: list[tuple[bytes, Callable[[], Fate | None]]] = []
        self._listen = listen
        self._listener: socket.socket | None = None
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self._listen

    def url(self, url: str) -> str:
        """The URL of a database, by way of the proxy."""
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}"))

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", self._listen))
        self._listen = self._listener.getsockname()[1]
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()
        self._open.set()
        if self._listener is not None:
            self._accepting.join()

    def lose(self, turn: int, fate: Fate) -> None:
        """Cut the connection at a turn to come, 1 is the next one."""
        with self._lock:
            self.fired = False
            self._fate = (self.turns + turn, fate)

    def when(self, words: bytes, act: Callable[[], Fate | None]) -> None:
        """Do something when a client next says these words, before the server hears them.

        What `act` returns becomes of this request; until it has returned, the client waits.
        """
        with self._lock:
            self.fired = False
            self._awaited.append((words, act))

    def hold(self) -> None:
        """Pass nothing on, and cut nothing, until `resume`."""
        self._open.clear()

    def resume(self) -> None:
        """Pass on what was held."""
        self._open.set()

    def settle(self) -> None:
        """Wait until every connection has ended: what a client says last would be a turn, too."""
        while self._pairs:
            time.sleep(0.001)

    def cut(self) -> None:
        """End all connections."""
        for pair in list(self._pairs):
            pair.end()

    def refuse(self) -> None:
        """End all connections, and take no new ones."""
        self.shut()
        self.cut()

    def shut(self) -> None:
        """Take no new connections; those that are there go on."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    # ---------------------------------------------------------------------------- inner life

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            _Pair(self, client, server).start()

    def _turn(self) -> Fate | None:
        """A client speaks; gives what becomes of it."""
        with self._lock:
            self.turns += 1
            if self._fate is None or self.turns < self._fate[0]:
                return None
            fate = self._fate[1]
            self._fate = None
            self.fired = True
            return fate

    def _heard(self, data: bytes) -> Fate | None:
        """A client has said something; gives what becomes of it."""
        with self._lock:
            found = next((one for one in self._awaited if one[0] in data), None)
            if found is None:
                return None
            self._awaited.remove(found)
            self.fired = not self._awaited
        return found[1]()

    def _wait(self) -> None:
        if self.delay_s:
            time.sleep(self.delay_s)
        self._open.wait()


class _Pair:
    """The two connections behind one connection of a client."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._answered = True
        self._lost = False
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        self._proxy._pairs.add(self)
        for work in (self._requests, self._answers):
            threading.Thread(target=work, daemon=True).start()

    def end(self) -> None:
        self._proxy._pairs.discard(self)
        for one in (self._client, self._server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _requests(self) -> None:
        with suppress(OSError):
            while data := self._client.recv(_CHUNK):
                fate = None
                if self._answered:
                    self._answered = False
                    fate = self._proxy._turn()
                fate = self._proxy._heard(data) or fate
                if fate == "request":
                    break
                self._lost = self._lost or fate == "answer"
                self._proxy._wait()
                self._server.sendall(data)
        self.end()

    def _answers(self) -> None:
        with suppress(OSError):
            while data := self._server.recv(_CHUNK):
                if self._lost:
                    break
                self._proxy._wait()
                self._answered = True
                self._client.sendall(data)
        self.end()
