"""Which file systems lie on another machine, where the locks of SQLite cannot be trusted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux says what is mounted."""

_NETWORK = re.compile(
    r"(?x) 9p|acfs|afpfs|afs|beegfs|ceph|cifs|coda|davfs2?|drvfs|glusterfs|gpfs|juicefs|lustre"
    r"| ncp(fs)?|nfs4?|nfsd?|ocfs2|orangefs|osxfs|prl_fs|pvfs2|smb(fs|3|2)?|vboxsf|virtiofs"
    r"| vmhgfs|wekafs|webdav"
    # Everything that runs as a program, but for those that are a local disk.
    r"| (fuse|macfuse|osxfuse)\.(?!ntfs|exfat|fuse-overlayfs|overlay|lxcfs|gocryptfs|encfs"
    r"|bindfs|mergerfs|zfs).*"
)


def network_kind(folder: Path) -> str | None:
    """The kind of the network file system that a folder lies on.

    Args:
        folder: it exists.

    Returns:
        `nfs4`, `cifs`, `fuse.sshfs`, ...; None on a local disk, or where nothing can tell.
    """
    try:
        place = os.path.realpath(folder)
        if sys.platform == "linux":
            mounts = _from_mountinfo(MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
        else:
            done = subprocess.run(
                ["/sbin/mount"], capture_output=True, text=True, check=True, timeout=5
            )
            mounts = _from_mount(done.stdout)
    except (OSError, subprocess.SubprocessError):
        return None
    return kind_of(place, mounts)


def kind_of(place: str, mounts: list[tuple[str, str]]) -> str | None:
    """As `network_kind`, with the mounts given.

    Args:
        place: an absolute path without links.
        mounts: where and what each one is, in the order in which they were mounted.

    Example:
        >>> kind_of("/nfs/ann/lab", [("/", "ext4"), ("/nfs", "nfs4")])
        'nfs4'
        >>> kind_of("/nfs2", [("/", "ext4"), ("/nfs", "nfs4")]) is None
        True
    """
    best, kind = "", ""
    for point, name in mounts:
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        # Of several mounts on one point the last one is seen.
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind if _NETWORK.fullmatch(kind) else None


def _from_mountinfo(text: str) -> list[tuple[str, str]]:
    """Linux: `36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw`."""
    found = []
    for line in text.splitlines():
        left, mark, right = line.partition(" - ")
        if mark:
            point = re.sub(r"\\(\d{3})", lambda m: chr(int(m.group(1), 8)), left.split(" ")[4])
            found.append((point, right.split(" ", 1)[0]))
    return found


def _from_mount(text: str) -> list[tuple[str, str]]:
    """macOS: `//ann@server/share on /Volumes/share (smbfs, nodev, nosuid)`."""
    return [(m.group(1), m.group(2)) for m in re.finditer(r"(?m) on (/.*) \((\w+)[,)]", text)]
