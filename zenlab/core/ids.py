"""Ids that a client makes by itself, and the time of this machine.

An id is 63 bits: 42 of milliseconds since 2020 and 21 of chance. Ids sort by the time they
were made, fit a signed BIGINT, and need no round trip. They name rows; they never enter a key.
"""

from __future__ import annotations

import secrets
import time

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_RANDOM_BITS = 21


def new_id() -> int:
    """A new id for a row: positive, 63 bits, ordered by time."""
    elapsed = now_ms() - _EPOCH_MS
    return (elapsed << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)


def now_ms() -> int:
    """This machine's clock, in ms since 1970. Leases are judged by the database's clock instead."""
    return time.time_ns() // 1_000_000
