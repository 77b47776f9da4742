"""Where a metadata store lies: file systems of other machines, Cloud SQL, URLs, missing drivers."""

from __future__ import annotations

import builtins
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.conformance.metadata_records import PROJECT, run_record
from zenlab.core.errors import StoreError
from zenlab.metadata import MetadataStore, cloudsql, filesystems
from zenlab.metadata.opening import parse_url, shown_url

# ------------------------------------------------------------------------------ file systems

MOUNTINFO = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /proc rw,nosuid shared:2 - proc proc rw
30 21 0:40 / /nfs rw,relatime shared:9 - nfs4 server:/export/nfs rw,vers=4.2
31 30 8:2 / /nfs/ann/local\\040disk rw - xfs /dev/sdb1 rw
32 21 0:41 / /data rw shared:10 - fuse.sshfs ann@host:/data rw
33 21 0:42 / /mnt/c rw - 9p drvfs rw
34 21 8:3 / /stack rw - ext4 /dev/sdc1 rw
35 34 0:43 / /stack rw - cifs //server/share rw
36 21 0:44 / /overlay rw - overlay overlay rw
37 21 0:45 / /ntfs rw - fuseblk /dev/sdd1 rw
"""

MOUNT = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//ann@server/share (x) on /Volumes/my share (smbfs, nodev, nosuid, mounted by ann)
server:/export on /Volumes/nfs (nfs, nodev)
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/", None),
        ("/srv/lab", None),
        ("/nfs", "nfs4"),
        ("/nfs/ann/project/.zenlab", "nfs4"),
        ("/nfs/ann/local disk/project", None),
        ("/nfs2/ann", None),
        ("/data/x", "fuse.sshfs"),
        ("/mnt/c/Users", "9p"),
        ("/stack/top", "cifs"),
        ("/overlay/x", None),
        ("/ntfs/x", None),
    ],
)
def test_the_mount_of_a_folder(place, kind):
    assert filesystems.kind_of(place, filesystems._from_mountinfo(MOUNTINFO)) == kind


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/Users/ann", None), ("/Volumes/my share/x", "smbfs"), ("/Volumes/nfs", "nfs")],
)
def test_the_mount_of_a_folder_on_a_mac(place, kind):
    assert filesystems.kind_of(place, filesystems._from_mount(MOUNT)) == kind


def test_links_are_followed_and_the_mounts_of_this_machine_are_read(tmp_path, monkeypatch):
    table = tmp_path / "mountinfo"
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    table.write_text(f"1 0 8:1 / / rw - ext4 a rw\n2 1 0:9 / {real} rw - nfs b rw\n")
    assert filesystems.network_kind(tmp_path / "link") is None
    monkeypatch.setattr(filesystems, "MOUNTS", table)
    assert filesystems.network_kind(tmp_path / "link") == "nfs"
    assert filesystems.network_kind(tmp_path) is None


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(filesystems, "network_kind", lambda _folder: "nfs4")


def journal_mode(file: Path) -> str:
    raw = sqlite3.connect(file)
    mode = raw.execute("PRAGMA journal_mode").fetchone()[0]
    raw.close()
    return mode


def test_a_shared_file_on_a_network_file_system_is_refused(tmp_path, network):
    file = tmp_path / "metadata.db"
    with pytest.raises(StoreError, match=r"network file system \(nfs4\)") as caught:
        MetadataStore(f"sqlite:///{file}").runs(PROJECT)
    assert "zenlab config metadata set postgresql" in caught.value.hint
    assert not file.exists()


def test_an_embedded_file_on_a_network_file_system_has_a_rollback_journal(tmp_path, network):
    file = tmp_path / "metadata.db"
    store = MetadataStore(f"sqlite:///{file}", embedded=True)
    assert "nfs4" in store.notice
    store.record_run(run_record())
    assert len(store.runs(PROJECT)) == 1
    assert not Path(f"{file}-shm").exists()
    assert store._session().connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.dispose()
    assert journal_mode(file) == "delete"


def test_a_file_that_was_brought_to_a_network_file_system(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'metadata.db'}"
    local = MetadataStore(url, embedded=True)
    local.record_run(run_record())
    assert local.notice is None
    local.dispose()
    assert journal_mode(tmp_path / "metadata.db") == "wal"
    monkeypatch.setattr(filesystems, "network_kind", lambda _folder: "cifs")
    moved = MetadataStore(url, embedded=True)
    assert len(moved.runs(PROJECT)) == 1
    moved.dispose()
    assert journal_mode(tmp_path / "metadata.db") == "delete"


def test_threads_and_processes_use_a_rollback_journal_side_by_side(tmp_path, network):
    url = f"sqlite:///{tmp_path / 'metadata.db'}"
    stores = [MetadataStore(url, embedded=True) for _ in range(4)]

    def work(store):
        for _ in range(10):
            store.record_run(run_record())
        store.dispose()

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].runs(PROJECT, limit=100)) == 40
    stores[0].dispose()


# -------------------------------------------------------------------------------------- URLs


@pytest.mark.parametrize(
    ("text", "drivername"),
    [
        ("postgresql://ann@host/zen", "postgresql+psycopg"),
        ("postgres://ann@host:5433/zen", "postgresql+psycopg"),
        ("postgresql+psycopg://ann@host/zen", "postgresql+psycopg"),
        ("postgresql:///zen?host=/var/run/postgresql", "postgresql+psycopg"),
        ("mysql://ann@host/zen", "mysql+pymysql"),
        ("mariadb://ann@host/zen", "mysql+pymysql"),
        ("mysql:///zen?unix_socket=/run/mysqld/mysqld.sock", "mysql+pymysql"),
        ("cloudsql+postgresql://ann%40lab.org@lab:europe-west1:db/zen", "postgresql+psycopg"),
        ("cloudsql+postgresql://lab:europe-west1:db/zen?user=ann", "postgresql+psycopg"),
        ("cloudsql+mysql://ann:pw@lab.org:lab:europe-west1:db/zen", "mysql+pymysql"),
    ],
)
def test_urls(text, drivername):
    url, _ = parse_url(text)
    assert (url.drivername, url.database) == (drivername, "zen")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+psycopg2://ann:secret@host/zen",
        "mysql+mysqldb://ann:secret@host/zen",
        "cloudsql+postgresql://ann:secret@lab:db/zen",
        "cloudsql+postgresql://ann:secret@lab:europe-west1:db/",
        "cloudsql+postgresql://lab:europe-west1:db/zen",
        "cloudsql+postgresql://ann:secret@lab:europe-west1:db/zen?ip_type=secret",
        "cloudsql+oracle://ann:secret@lab:europe-west1:db/zen",
        "cloudsql://ann:secret@lab:europe-west1:db/zen",
        "postgresql://ann:secret@host:port/zen",
    ],
)
def test_urls_that_cannot_be(text):
    with pytest.raises(StoreError) as caught:
        parse_url(text)
    assert "secret" not in str(caught.value) + shown_url(text) + repr(MetadataStore(text))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        ("postgresql://ann@host/zen", "psycopg", "postgres"),
        ("mysql://ann@host/zen", "pymysql", "mysql"),
    ],
)
def test_a_driver_that_is_not_installed(url, module, extra, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.partition(".")[0] == module:
            raise ModuleNotFoundError(f"No module named '{name}'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(StoreError, match="is not installed here") as caught:
        MetadataStore(url).runs(PROJECT)
    assert caught.value.hint == f"pip install 'zenlab[{extra}]'"


def test_a_server_whose_passwords_need_another_package(monkeypatch):
    """As PyMySQL says it to MySQL 8 without TLS; MariaDB never asks for it."""
    import pymysql

    def connect(**_arguments):
        raise RuntimeError("'cryptography' package is required for caching_sha2_password")

    monkeypatch.setattr(pymysql, "connect", connect)
    with pytest.raises(StoreError, match="'cryptography' package is required") as caught:
        MetadataStore("mysql://ann:pw-1234@host/zen").runs(PROJECT)
    assert "pip install cryptography" in caught.value.hint


# ------------------------------------------------------------------------ errors in words

LOST = "The metadata store cannot be reached, or the connection to it was lost."
TLS = "The metadata store and this machine do not agree on encryption."
UNKNOWN = "The metadata store refused a statement."


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("consuming input failed: SSL connection has been closed unexpectedly", LOST),
        ("consuming input failed: SSL SYSCALL error: EOF detected", LOST),
        ("connection failed: connection to server at 127.0.0.1 failed: Connection refused", LOST),
        ("connection timeout expired", LOST),
        ("connection failed: SSL error: certificate verify failed", TLS),
        ("connection failed: server does not support SSL, but SSL was required", TLS),
        ("something about a server and a connection", UNKNOWN),
    ],
)
def test_what_postgresql_says_without_a_code(text, meaning):
    import psycopg
    from sqlalchemy.exc import DBAPIError

    from zenlab.metadata.on_postgresql import PostgresqlDialect

    said, _hint = PostgresqlDialect().explain(DBAPIError("", {}, psycopg.OperationalError(text)))
    assert said.startswith(meaning)


@pytest.mark.parametrize(
    ("code", "text", "meaning"),
    [
        (2013, "Lost connection to MySQL server during query ([SSL: UNEXPECTED_EOF] EOF)", LOST),
        (2006, "MySQL server has gone away (SSLError(5))", LOST),
        (2003, "Can't connect to MySQL server on '127.0.0.1' ([Errno 111])", LOST),
        (2026, "SSL connection error: SSL is required but the server doesn't support it", TLS),
        (1064, "You have an error in your SQL syntax near '2013-01'", UNKNOWN),
    ],
)
def test_what_mysql_says(code, text, meaning):
    import pymysql
    from sqlalchemy.exc import DBAPIError

    from zenlab.metadata.on_mysql import MysqlDialect

    error = DBAPIError("", {}, pymysql.err.OperationalError(code, text))
    assert MysqlDialect().explain(error)[0].startswith(meaning)


# --------------------------------------------------------------------------------- Cloud SQL
#
# There is no Cloud SQL here. These tests show what Google's connector is asked for, and that the
# connections that it gives are used as any others; that it reaches an instance, they cannot show.


class Connector:
    """Stands for Google's: notes what it is asked, and connects to a server of the test."""

    def __init__(self, real=None):
        self.real = real
        self.asked = []

    def connect(self, instance, driver, **arguments):
        self.asked.append((instance, driver, dict(arguments)))
        if self.real is None:
            raise ConnectionError("403: not authorized, access_token=a-token-of-google")
        for name in ("ip_type", "enable_iam_auth"):
            arguments.pop(name)
        arguments["connect_timeout"] = arguments.pop("timeout")
        return self.real(arguments)


@pytest.fixture
def connector(monkeypatch):
    made = Connector()
    monkeypatch.setattr(cloudsql, "_connectors", {})
    monkeypatch.setattr(cloudsql, "_make_connector", lambda: made)
    return made


def test_postgresql_by_the_connector_of_cloud_sql(connector, postgres, postgres_url):
    import psycopg

    def connect(arguments):
        arguments["dbname"] = arguments.pop("db")
        at = {"host": "127.0.0.1", "port": postgres.port, "password": postgres.password}
        return psycopg.connect(**(arguments | at))

    connector.real = connect
    database = postgres_url.rpartition("/")[2]
    url = f"cloudsql+postgresql://zenlab@lab:europe-west1:db/{database}"
    store = MetadataStore(url + "?enable_iam_auth=true&ip_type=private")
    store.record_run(run_record(pipeline_name="管線 🚀"))
    assert [run.pipeline_name for run in store.runs(PROJECT)] == ["管線 🚀"]
    assert store._session().connection.exec_driver_sql("SHOW lock_timeout").scalar() == "10s"
    store.dispose()
    (asked,) = connector.asked
    instance, driver, arguments = asked
    assert (instance, driver) == ("lab:europe-west1:db", "psycopg")
    wanted = {"user": "zenlab", "db": database, "enable_iam_auth": True, "ip_type": "private"}
    assert wanted.items() <= arguments.items()
    assert not {"host", "port", "password", "dbname"} & set(arguments)


def test_mysql_by_the_connector_of_cloud_sql(connector, mariadb, mariadb_url):
    import pymysql

    connector.real = lambda arguments: pymysql.connect(
        host="127.0.0.1", port=mariadb.port, database=arguments.pop("db"), **arguments
    )
    database = mariadb_url.rpartition("/")[2]
    url = f"cloudsql+mysql://zenlab:{mariadb.password}@lab:europe-west1:db/{database}"
    store = MetadataStore(url)
    store.record_run(run_record(pipeline_name="管線 🚀"))
    store.end_run(store.runs(PROJECT)[0].id, "succeeded", [])  # needs rows found, not changed
    store.end_run(store.runs(PROJECT)[0].id, "succeeded", [])
    assert mariadb.password not in repr(store)
    store.dispose()
    (instance, driver, arguments), *_ = connector.asked
    assert (instance, driver) == ("lab:europe-west1:db", "pymysql")
    wanted = {"user": "zenlab", "db": database, "enable_iam_auth": False, "ip_type": "public"}
    assert wanted.items() <= arguments.items()
    assert arguments["password"] == mariadb.password


def test_what_google_refuses_is_told_without_its_secrets(connector):
    store = MetadataStore("cloudsql+postgresql://ann@lab:europe-west1:db/zen?enable_iam_auth=true")
    with pytest.raises(StoreError, match="Cloud SQL does not let us to lab:europe-west1:db") as no:
        store.runs(PROJECT)
    assert "403: not authorized" in no.value.message
    assert "a-token-of-google" not in f"{no.value} {no.value.__cause__!r}"
    assert "gcloud auth application-default login" in no.value.hint
    assert "roles/cloudsql.client" in no.value.hint


def test_there_is_one_connector_a_process(monkeypatch):
    monkeypatch.setattr(cloudsql, "_connectors", {})
    monkeypatch.setattr(cloudsql, "_make_connector", object)
    first = cloudsql._connector()
    assert cloudsql._connector() is first
    monkeypatch.setattr(os, "getpid", lambda: -1)  # as after a fork
    assert cloudsql._connector() is not first


def test_the_connector_takes_what_we_give():
    """Its own class, asked nothing: the names of the arguments are right."""
    import inspect

    from google.cloud.sql.connector import Connector as Real

    assert "refresh_strategy" in inspect.signature(Real.__init__).parameters
    parameters = list(inspect.signature(Real.connect).parameters)
    assert parameters[:3] == ["self", "instance_connection_string", "driver"]
