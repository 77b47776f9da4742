"""What `zenlab config ... set` writes: from words to the value of a setting, and its password."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zenlab.core.errors import ParameterError, suggest
from zenlab.core.secrets import (
    has_literal_secret,
    is_reference,
    names_secret,
    remember,
    secrets_of,
)
from zenlab.repo.keyrings import usable_keyring, write_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

EMBEDDED = "embedded"
"""The word for the store in `.zenlab/`: the setting is taken out."""

KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""The words for databases, and the schemes of their URLs."""

PASSWORD_VARIABLE = "ZENLAB_DB_PASSWORD"  # noqa: S105 - its name
"""Asked before the keyring, so that a machine without one can use the same file."""


@dataclass(frozen=True)
class Server:
    """A database server, as the options of `zenlab config metadata set` describe it.

    Attributes:
        kind: a key of `KINDS`.
        host: a name, an address, or a folder of a socket.
        port: None for the usual one.
        username: who connects.
        database: which database.
        options: parameters of the URL's query.
    """

    kind: str
    host: str | None
    port: int | None
    username: str | None
    database: str | None
    options: Mapping[str, str] = field(default_factory=dict)

    def url(self, reference: str = "") -> str:
        """The URL, with a reference in place of the password if there is one.

        Raises:
            ParameterError: the host or the database is missing, or a part cannot be in a URL.
        """
        from sqlalchemy import URL

        missing = [
            f"--{name}" for name in ("host", "database") if not (getattr(self, name) or "").strip()
        ]
        if reference and not self.username:
            missing.append("--username")
        if missing:
            raise ParameterError(
                f"A {self.kind} store needs {' and '.join(missing)}.",
                where="metadata_store",
                hint=f"zenlab config metadata set {self.kind} --host db.example.org "
                "--username zenlab --database zenlab --password",
            )
        # SQLAlchemy escapes; a reference has to stay as it is.
        marks: dict[str, str] = {}

        def marked(text: str | None) -> str | None:
            if text is None or "${" not in text:
                return text
            marks[f"xREFERENCE{len(marks)}x"] = text
            return next(reversed(marks))

        host = self.host or ""
        query = {name: marked(value) or "" for name, value in self.options.items()}
        if host.startswith("/"):
            query, host = self._socket(host) | query, ""
        url = URL.create(
            KINDS[self.kind],
            username=marked(self.username),
            password=marked(reference or None),
            host=marked(host) or None,
            port=self.port,
            database=marked(self.database),
            query=query,
        ).render_as_string(hide_password=False)
        for mark, text in marks.items():
            url = url.replace(mark, text)
        return url

    def _socket(self, place: str) -> dict[str, str]:
        """A Unix socket is named in the query: PostgreSQL's folder, or MySQL's file."""
        return {"host" if KINDS[self.kind] == "postgresql" else "unix_socket": place}

    def entry(self) -> tuple[str, str]:
        """Service and user of the password's entry in the keyring.

        Raises:
            ParameterError: a part of it is a reference itself.
        """
        service = f"zenlab {KINDS[self.kind]} {self.host} {self.database}"
        user = self.username or ""
        if any(sign in service + user for sign in "${}|") or "/" in user:
            raise ParameterError(
                "The password cannot go to the keyring where the host, the database or the user "
                "is a reference.",
                where="metadata_store",
                hint=f"Use an environment variable: --password-env {PASSWORD_VARIABLE}",
            )
        return service, user


def keyring_reference(server: Server, secret: str) -> str:
    """Keep a password in the keyring, and give what stands for it in `zenlab.yaml`.

    Raises:
        ParameterError: there is no keyring; the hint says what to do instead.
        StoreError: the keyring refuses.
    """
    remember(secret)
    require_keyring(server)
    service, user = server.entry()
    write_secret(service, user, secret)
    return f"${{{PASSWORD_VARIABLE}|keyring:{service}/{user}}}"


def require_keyring(server: Server) -> None:
    """Refuse where no password can be kept, before anybody has to type one.

    Raises:
        ParameterError: there is no keyring; the hint says what to do instead.
    """
    server.entry()
    keyring, why = usable_keyring()
    if keyring is not None:
        return
    again = f"zenlab config metadata set {server.kind}"
    for name in ("host", "port", "username", "database"):
        if getattr(server, name) is not None:
            again += f" --{name} {shlex.quote(str(getattr(server, name)))}"
    for name, value in server.options.items():
        again += f" --option {shlex.quote(f'{name}={value}')}"
    raise ParameterError(
        f"The password cannot be kept: {why}; and it does not go into zenlab.yaml.",
        where="--password",
        hint="Have it in an environment variable, and name the variable:\n"
        f"  read -rs {PASSWORD_VARIABLE}; export {PASSWORD_VARIABLE}\n"
        f"  {again} --password-env {PASSWORD_VARIABLE}\n"
        "or in a file that you alone can read:\n"
        f"  {again} --password-file /run/secrets/zenlab-db\n"
        "or install a keyring: pip install keyring",
    )


def option_values(words: tuple[str, ...]) -> dict[str, str]:
    """`--option NAME=VALUE`, several times, as a mapping.

    Raises:
        ParameterError: a word has no `=`, or the value of a secret.
    """
    found: dict[str, str] = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark or not name:
            raise ParameterError(
                f"An option is NAME=VALUE, and this is '{name}'.", where="--option"
            )
        if names_secret(name) and not is_reference(value):
            remember(value)
            raise ParameterError(
                f"The option '{name}' is a secret, which does not go into zenlab.yaml.",
                where="--option",
                hint=f"Write a reference: --option '{name}=${{NAME}}' is read from the environment "
                "variable NAME.",
            )
        found[name] = value
    return found


def nested(options: Mapping[str, str]) -> dict[str, Any]:
    """Options of a client: `a.b=c` is `{"a": {"b": "c"}}`; numbers and truth values are read.

    Example:
        >>> nested({"client_kwargs.region_name": "eu", "anon": "true"})
        {'client_kwargs': {'region_name': 'eu'}, 'anon': True}
    """
    found: dict[str, Any] = {}
    for name, text in options.items():
        *above, last = name.split(".")
        folder = found
        for part in above:
            folder = folder.setdefault(part, {})
            if not isinstance(folder, dict):
                raise ParameterError(f"The option '{part}' has a value already.", where="--option")
        folder[last] = _read(text)
    return found


def _read(text: str) -> Any:
    words = {"true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    return int(text) if text.isdecimal() and (text == "0" or text[0] != "0") else text


def check_url(text: str, setting: str) -> None:
    """Refuse a URL with a password before it is written or shown anywhere.

    Raises:
        ParameterError: it has a literal secret in it. The message does not repeat it.
    """
    if not has_literal_secret(text):
        return
    for secret in secrets_of(text):
        remember(secret)
    raise ParameterError(
        "The URL has a password or another secret in it, which does not go into zenlab.yaml.",
        where=setting,
        hint="Write ${NAME} in its place, in single quotes, and set the environment variable NAME; "
        "or give the parts, and let it be asked for:\n"
        "  zenlab config metadata set postgresql --host ... --username ... --database ... "
        "--password",
    )


def check_kind(word: str) -> None:
    """Refuse a word that is neither a URL nor a kind of database.

    Raises:
        ParameterError: it names the kinds.
    """
    if "://" not in word and word not in KINDS and not is_reference(word):
        raise ParameterError(
            f"'{word}' is no kind of metadata store.",
            where="metadata_store",
            hint=f"{suggest(word, [*KINDS, EMBEDDED])} Or give a URL.",
        )
