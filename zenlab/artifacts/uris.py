"""Where artifacts lie: relative uris, and names that are safe on every file system.

    <kind>/<key[:2]>/<key>/<fence>-<owner>/<output>        an output of an execution
    data/<datasource>/<digest[:2]>/<digest>/...            a snapshot of a datasource

Fence and owner make the folder of an attempt unique: two who compute the same step, because one
was taken for dead, write to two folders, and the database says which of them counts.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from zenlab.core.errors import ArtifactError

_SAFE = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}")
_SLUG_LENGTH = 40
_MAX_PART_BYTES = 255
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|#%]')


def safe_name(name: str) -> str:
    """A folder's name for an output that users name freely.

    Short lower-case ASCII names stay as they are. Every other name becomes a slug with eight
    digits of its own digest, so that `Train` and `train`, or two names that differ in one
    accent, stay two folders on a file system that does not tell them apart.

    Args:
        name: any text.

    Example:
        >>> safe_name("train"), safe_name("Größe/2")
        ('train', 'grosse-2-201d880d')
    """
    if _SAFE.fullmatch(name):
        return name
    folded = unicodedata.normalize("NFKD", name.casefold())
    slug = re.sub(r"[^a-z0-9_]+", "-", folded.encode("ascii", "ignore").decode())
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug[:_SLUG_LENGTH].strip('-') or 'x'}-{mark}"


def artifact_uri(kind: str, key: str, fence: int, owner: str, output: str) -> str:
    """The uri of one output of one attempt at a step.

    Args:
        kind: transform, split, trainer, ...
        key: the key of the work (64 hexadecimal digits).
        fence: of the claim under which the step runs.
        owner: the process that holds the claim.
        output: the output's name, as the user wrote it.

    Example:
        >>> artifact_uri("split", "ab" * 32, 1, "0011", "train")[:12]
        'split/ab/aba'
    """
    attempt = f"{fence}-{safe_name(owner)}"
    return f"{safe_name(kind)}/{key[:2]}/{safe_name(key)}/{attempt}/{safe_name(output)}"


def check_uri(uri: str) -> str:
    """Refuse a uri that could lead out of the store, or that some store cannot keep.

    Args:
        uri: relative, with `/` between its parts.

    Returns:
        The same uri.

    Raises:
        ArtifactError: it is absolute, empty, too long, or has a part such as `..`.
    """
    problem = _problem(uri)
    if problem:
        raise ArtifactError(
            f"The artifact uri {uri!r} is refused: {problem}.",
            hint="Uris are relative to the artifact store, such as 'split/ab/abcd/1-me/train'.",
        )
    return uri


def check_file(path: str) -> str | None:
    """What is wrong with the path of a file inside an artifact, or None.

    Less strict than for uris, since models name their files themselves.
    """
    if not path or path.startswith("/") or "\\" in path or "\x00" in path:
        return "it is not relative"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "it has an empty part, '.' or '..'"
    return None


def _problem(uri: str) -> str | None:
    if not uri or uri.startswith("/"):
        return "it is not relative"
    if found := _FORBIDDEN.search(uri):
        return f"it contains {found.group()!r}"
    for part in uri.split("/"):
        if part in ("", ".", ".."):
            return "it has an empty part, '.' or '..'"
        if len(part.encode("utf-8", "surrogatepass")) > _MAX_PART_BYTES:
            return f"the part '{part[:20]}...' is longer than {_MAX_PART_BYTES} bytes"
        if part.startswith("~"):
            return "a part begins with '~'"
    return None
