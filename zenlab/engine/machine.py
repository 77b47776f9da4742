"""Which machine this is, and whether a process of it is still alive.

A kernel that was killed leaves a claim that lives on for a minute. On the machine of the dead
process nobody has to wait for that: its owner's name says where it ran, and there it can be seen
that it is gone.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zenlab.metadata import Holder

_MACHINE_DIGITS = 12


@cache
def machine() -> str:
    """A digest of this boot of this machine, and of the process namespace (a container's)."""
    parts = [socket.gethostname()]
    for place in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            path = Path(place)
            parts.append(str(path.readlink()) if path.is_symlink() else path.read_text())
        except OSError:
            parts.append("")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_MACHINE_DIGITS]


def new_owner() -> str:
    """A name for one run that claims work: the machine, and 80 bits of chance."""
    return machine() + secrets.token_hex(10)


def is_dead(holder: Holder) -> bool:
    """Whether the holder of a claim is a process of this machine that is gone.

    False when in doubt: then its claim expires by the database's clock.
    """
    if not holder.owner.startswith(machine()) or not Path("/proc/self/ns/pid").exists():
        return False
    try:
        status = Path(f"/proc/{holder.pid}/stat").read_text()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    # "pid (name) state ...": a zombie was killed, and its parent has not noticed yet.
    return status.rpartition(")")[2].split()[0] in ("Z", "X")
