"""Cloud SQL by Google's connector: TLS and IAM without an open port and without a password.

    cloudsql+postgresql://ann%40example.org@project:region:instance/database?enable_iam_auth=true

The connector makes the driver's connections; all else is PostgreSQL or MySQL as ever. It has a
thread, so there is one a process, made after a fork.
"""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from zenlab.core.errors import StoreError
from zenlab.core.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL

_FORM = re.compile(
    r"cloudsql\+(?P<kind>postgresql|mysql)://"
    r"(?:(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@)?"
    r"(?P<instance>[^/@?]*)/(?P<database>[^/?]*)(?:\?(?P<query>.*))?"
)
_INSTANCE = re.compile(r"(?:[\w.-]+:)?[\w-]+:[\w-]+:[\w-]+")  # a project may be `domain:project`
_MARK = "cloudsql_instance"
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql"}
_IP_TYPES = ("public", "private", "psc")

_making = threading.Lock()
_connectors: dict[int, Any] = {}


def instance_of(text: str) -> URL | None:
    """The URL of a database on Cloud SQL, or None if the text is another URL.

    Args:
        text: `cloudsql+postgresql://user@project:region:instance/database`, or `?user=` in the
            query. `ip_type` is public (the default), private or psc; `enable_iam_auth=true` needs
            no password.

    Returns:
        Of PostgreSQL or MySQL, with the instance as a parameter of the query.

    Raises:
        ValueError: it begins so, and has another form.

    Example:
        >>> url = instance_of("cloudsql+mysql://ann@lab:europe-west1:db/zenlab")
        >>> url.database, dict(url.query)
        ('zenlab', {'cloudsql_instance': 'lab:europe-west1:db'})
        >>> instance_of("mysql://ann@host/zenlab") is None
        True
    """
    from sqlalchemy import URL

    if not text.startswith("cloudsql"):
        return None
    parts = _FORM.fullmatch(text)
    if parts is None or not _INSTANCE.fullmatch(parts["instance"]) or not parts["database"]:
        raise ValueError("not project:region:instance/database")
    query = dict(parse_qsl(parts["query"] or "", strict_parsing=bool(parts["query"])))
    user = unquote(parts["user"] or "") or query.pop("user", "")
    if not user or "user" in query:
        raise ValueError("one user")
    if query.get("ip_type", "public").lower() not in _IP_TYPES:
        raise ValueError("unknown ip_type")
    return URL.create(
        parts["kind"],
        username=user,
        password=unquote(parts["password"]) if parts["password"] else None,
        database=unquote(parts["database"]),
        query={**query, _MARK: parts["instance"]},
    )


@dataclass(frozen=True)
class CloudSql:
    """An instance of Cloud SQL, and how it is reached.

    Attributes:
        instance: `project:region:instance`.
        driver: what the connector calls the database's driver.
        iam: whether the identity of the machine or the user stands for a password.
        ip_type: public, private or psc.
    """

    instance: str
    driver: str
    iam: bool
    ip_type: str

    @classmethod
    def at(cls, url: URL) -> tuple[URL, CloudSql | None]:
        """A URL without what is for the connector, and the instance that it names, or None."""
        query = {name: str(value) for name, value in url.query.items()}
        instance = query.pop(_MARK, None)
        if instance is None:
            return url, None
        iam = query.pop("enable_iam_auth", "false").lower() in {"true", "1", "yes"}
        ip_type = query.pop("ip_type", "public").lower()
        driver = _DRIVERS[url.get_backend_name()]
        return url.set(query=query), cls(instance, driver, iam, ip_type)

    def connect(self, arguments: Mapping[str, Any]) -> Any:
        """A connection of the driver.

        Args:
            arguments: with which the driver would connect by itself.

        Raises:
            StoreError: Google refuses, or the connector is not installed.
        """
        given = {name: value for name, value in arguments.items() if name not in {"host", "port"}}
        for name in ("dbname", "database"):
            if name in given:
                given["db"] = given.pop(name)
        given["timeout"] = int(given.pop("connect_timeout", 30))
        try:
            return _connector().connect(
                self.instance,
                self.driver,
                ip_type=self.ip_type,
                enable_iam_auth=self.iam,
                **given,
            )
        except ModuleNotFoundError as error:
            raise StoreError(
                f"The connector of Cloud SQL is not installed here: {error}.",
                where=self.instance,
                hint="pip install 'zenlab[cloudsql]'",
            ) from None
        except Exception as error:
            if type(error).__module__.partition(".")[0] in {"psycopg", "pymysql"}:
                raise  # the database's own word, which the dialect explains
            raise StoreError(
                f"Cloud SQL does not let us to {self.instance}: {error}.",
                where=self.instance,
                hint="Sign in (gcloud auth application-default login), have the role "
                "roles/cloudsql.client (for IAM roles/cloudsql.instanceUser, too), and enable the "
                "Cloud SQL Admin API.",
            ) from hidden(error)


def _connector() -> Any:
    """This process's connector."""
    with _making:
        if os.getpid() not in _connectors:
            _connectors[os.getpid()] = _make_connector()
        return _connectors[os.getpid()]


def _make_connector() -> Any:
    from google.cloud.sql.connector import Connector

    # Certificates are renewed when they are needed: a laptop that has slept is no exception.
    return Connector(refresh_strategy="lazy")


def _after_fork() -> None:
    # The lock may be held by a thread that is not here; the parent's connector, whose thread is
    # not here either, is kept, since its end would close what is the parent's.
    global _making  # noqa: PLW0603 - as new as the process
    _making = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
