"""References to secrets: what `zenlab.yaml` has in place of a password, and how it is filled in.

`${NAME}` is an environment variable, `${file:/run/secrets/db}` the text of a file, and
`${keyring:service/user}` an entry of the system's keyring. `${NAME|keyring:service/user}` is the
first of them that is there, so that one committed file serves a laptop and a container. The
identity of a cloud (application default credentials, IAM) needs no reference: nothing is
configured then.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from zenlab.core.errors import ParameterError
from zenlab.core.secrets import names_secret, remember, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable

REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DUMMY = "1"  # a word, a host and a port

_KINDS = {"file": "file:/run/secrets/name", "keyring": "keyring:service/user"}


@dataclass(frozen=True)
class Place:
    """Where one secret may be found.

    Attributes:
        kind: `environment`, `file` or `keyring`.
        name: the variable, the path, or `service/user`.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        if self.kind == "environment":
            return f"the environment variable {self.name}"
        if self.kind == "file":
            return f"the file {self.name}"
        service, _, user = self.name.rpartition("/")
        return f"the entry '{user}' of '{service}' in the keyring"

    def read(self) -> str | None:
        """The secret, or None if it is not there."""
        if self.kind == "environment":
            return os.environ.get(self.name) or None
        if self.kind == "file":
            try:
                text = Path(self.name).expanduser().read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                return None
            return text.rstrip("\r\n") or None
        from zenlab.repo.keyrings import read_secret

        service, _, user = self.name.rpartition("/")
        return read_secret(service, user)

    def advice(self) -> str:
        """How the secret gets there."""
        if self.kind == "environment":
            return f"export {self.name}=... before Jupyter or zenlab is started"
        if self.kind == "file":
            return f"put it into {self.name}, and let you alone read it"
        from zenlab.repo.keyrings import how_to_store

        service, _, user = self.name.rpartition("/")
        return how_to_store(service, user)


def places(reference: str, where: str) -> list[Place]:
    """The places that a reference names, in the order in which they are asked.

    Args:
        reference: what stands between `${` and `}`.
        where: the setting, for messages.

    Raises:
        ParameterError: it cannot be understood.
    """
    found = []
    for part in reference.split("|"):
        text = part.strip()
        kind, mark, name = text.partition(":")
        if not mark and _VARIABLE.fullmatch(text):
            found.append(Place("environment", text))
        elif kind == "file" and (name.startswith("~/") or Path(name).is_absolute()):
            found.append(Place("file", name))
        elif kind == "keyring" and all(name.rpartition("/")[::2]):
            found.append(Place("keyring", name))
        else:
            # Not shown: it may be a password that has such signs in it.
            raise ParameterError(
                f"{where} has a reference ${{...}} that cannot be understood.",
                where=where,
                hint="Write ${NAME} for an environment variable, or "
                + " or ".join(f"${{{form}}}" for form in _KINDS.values())
                + "; several, joined by |, are asked in turn.",
            )
    return found


def references(text: str, where: str) -> list[list[Place]]:
    """The places of all references in a text.

    Raises:
        ParameterError: one of them cannot be understood.
    """
    return [places(match.group(1), where) for match in REFERENCE.finditer(text)]


def with_dummies(text: str, where: str) -> str:
    """A text with a word in place of each reference: its form can be checked without secrets."""
    return _substituted(text, where, lambda _, __: _DUMMY)


def expand(text: str, where: str) -> str:
    """Fill in the references of a URL.

    In the user's part of a URL and in its query a value is escaped, so that a password may have
    any sign; elsewhere, and where the whole text is one reference, it stands as it is.

    Args:
        text: as `zenlab.yaml` has it.
        where: the setting, for messages.

    Raises:
        ParameterError: a variable, a file or an entry is missing; the message names it, and never
            the value of another one.

    Example:
        >>> expand("postgresql://ann:${DB_PASSWORD}@db/zen", "metadata_store")  # doctest: +SKIP
        'postgresql://ann:p%40ss%2Fw%3Ard@db/zen'
    """

    def value(found: list[Place], escape: bool) -> str:
        secret = resolve(found, where)
        return quote(secret, safe="") if escape else secret

    url = _substituted(text, where, value)
    for secret in secrets_of(url):
        remember(secret)
    return url


def expand_value(text: str, where: str, *, secret: bool) -> str:
    """Fill in the references of a value that is no URL of ours.

    Args:
        text: as `zenlab.yaml` has it.
        where: the setting, for messages.
        secret: whether all of it is one; otherwise only what stands in a URL as one.
    """
    value = _substituted(text, where, lambda found, _escape: resolve(found, where), escaped=False)
    for one in [value] if secret and value != text else secrets_of(value):
        remember(one)
    return value


def resolve(found: list[Place], where: str) -> str:
    """The secret of the first place that has one.

    Raises:
        ParameterError: none has; the message names all of them, and who needs it.
    """
    for place in found:
        secret = place.read()
        if secret is not None:
            if place.kind != "environment":  # which may be a host, or the name of a bucket
                remember(secret)
            return secret
    missing = ", or ".join(map(str, found))
    state = {"environment": "not set", "file": "missing, empty or not readable"}
    known = state.get(found[0].kind, "not there") if len(found) == 1 else "there"
    said = f"which is {known}" if len(found) == 1 else "and none of them is there"
    raise ParameterError(
        f"{where} needs {missing}, {said}.",
        where=f"zenlab.yaml: {where}",
        hint="\nor ".join(place.advice() for place in found),
    )


def _substituted(
    text: str, where: str, value: Callable[[list[Place], bool], str], *, escaped: bool = True
) -> str:
    """A text with a value for each reference, which is told whether it has to be escaped."""
    if REFERENCE.fullmatch(text.strip()):
        return value(places(text.strip()[2:-1], where), False)
    bare = REFERENCE.sub(lambda match: "_" * len(match.group()), text)  # the same places, no signs
    scheme = bare.find("://") if escaped else -1
    start = scheme + 3
    netloc = re.match(r"[^/?#]*", bare[start:])
    at = netloc.group().rfind("@") if scheme >= 0 and netloc else -1
    query = bare.find("?", start) if scheme >= 0 else -1

    def one(match: re.Match[str]) -> str:
        place = match.start()
        escape = start <= place < start + at or 0 <= query < place
        return value(places(match.group(1), where), escape)

    return REFERENCE.sub(one, text)


def plain(value: Any, where: str, name: str = "") -> Any:
    """An option of a store with its references filled in, at any depth.

    Args:
        value: as `zenlab.yaml` has it.
        where: the setting, for messages.
        name: of the option.
    """
    if isinstance(value, str):
        secret = names_secret(name)
        return expand_value(value, f"{where}, option {name}", secret=secret)
    if isinstance(value, dict):
        return {key: plain(item, where, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, where, name) for item in value]
    return value
