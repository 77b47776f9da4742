"""`zenlab.yaml`: references, what is refused, and how it is changed."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from zenlab.core import secrets
from zenlab.core.errors import ParameterError
from zenlab.core.secrets import mask
from zenlab.repo.config import Config, StoreOptions, read_config
from zenlab.repo.editing import change_config
from zenlab.repo.references import expand
from zenlab.repo.stores import Server, nested

HARD = "p@s:s/w%2F?#&=+ é"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "zenlab.yaml"
    path.write_text(
        "# what we agreed on\n"
        "version: 1\n"
        "project: 'abc'   # never change\n"
        "\n"
        "# below us\n"
        "artifact_store: old/place # for now\n"
        "# the last word\n"
        "key_versions: minor\n"
    )
    return path


@pytest.fixture(autouse=True)
def _forget():
    before = set(secrets._known)
    yield
    for value in secrets._known - before:
        secrets.forget(value)


# ------------------------------------------------------------------------------- references


@pytest.mark.parametrize("password", [HARD, "${OTHER}", "a b", "%41", "\\1\\g<0>"])
def test_any_password_arrives_as_it_is(monkeypatch, password):
    monkeypatch.setenv("PW", password)
    monkeypatch.setenv("OTHER", "wrong")
    url = make_url(expand("postgresql://ann:${PW}@db:5432/zen?options=${PW}", "metadata_store"))
    assert (url.username, url.host, url.port, url.database) == ("ann", "db", 5432, "zen")
    assert url.password == password
    assert url.query["options"] == password


def test_outside_of_credentials_a_value_stands_as_it_is(monkeypatch):
    monkeypatch.setenv("BUCKET", "team/a b")
    monkeypatch.setenv("WHOLE", "postgresql://ann:s3cr3t%40@db/zen")
    assert expand("gs://${BUCKET}/dir", "artifact_store") == "gs://team/a b/dir"
    assert expand("${WHOLE}", "metadata_store") == "postgresql://ann:s3cr3t%40@db/zen"
    assert "s3cr3t" not in mask("driver says: s3cr3t@ and s3cr3t%40")
    assert mask("in team/a b") == "in team/a b"  # a bucket is no secret


def test_a_file_and_the_first_of_several(monkeypatch, tmp_path):
    place = tmp_path / "db"
    place.write_text(HARD + "\n")
    reference = f"${{NOT_SET|file:{tmp_path}/missing|file:{place}}}"
    url = make_url(expand(f"mysql://ann:{reference}@db/zen", "metadata_store"))
    assert url.password == HARD
    assert HARD not in mask(f"it said {HARD}")
    monkeypatch.setenv("NOT_SET", "first")
    assert make_url(expand(f"mysql://ann:{reference}@db/zen", "m")).password == "first"


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("NOT_SET", "the environment variable NOT_SET, which is not set"),
        ("file:/nowhere/db", "the file /nowhere/db, which is missing"),
        ("keyring:zenlab db/ann", "the entry 'ann' of 'zenlab db' in the keyring"),
        ("NOT_SET|file:/nowhere/db", "NOT_SET, or the file /nowhere/db, and none"),
    ],
)
def test_what_is_missing_is_named_at_first_use(tmp_path, monkeypatch, reference, named):
    monkeypatch.setenv("OTHER", "value-of-other")
    path = tmp_path / "zenlab.yaml"
    path.write_text(
        "version: 1\nproject: abc\n"
        f"metadata_store: postgresql://${{OTHER}}:${{{reference}}}@db/zen\n"
    )
    config = read_config(path)  # not here
    with pytest.raises(ParameterError) as caught:
        config.metadata_url(tmp_path)
    assert "metadata_store needs " in caught.value.message
    assert named in caught.value.message
    assert caught.value.hint
    assert "value-of-other" not in str(caught.value)


@pytest.mark.parametrize("reference", ["", "A B", "file:relative", "keyring:alone", "what:ever"])
def test_a_reference_that_cannot_be_understood_is_refused_when_read(tmp_path, reference):
    path = tmp_path / "zenlab.yaml"
    path.write_text(f"version: 1\nproject: a\nmetadata_store: 'mysql://u:${{{reference}}}@h/d'\n")
    with pytest.raises(ParameterError, match="cannot be understood"):
        read_config(path)


# ----------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "line",
    [
        "metadata_store: postgresql://ann:pl4nted@db/zen",
        "metadata_store: postgresql://ann:pl4nted${X}@db/zen",
        "metadata_store: postgresql://ann@db/zen?password=pl4nted",
        "metadata_store: postgresql://ann@db/zen?sslpassword=pl4nted",
        "artifact_store: s3://key:pl4nted@bucket/dir",
        "artifact_store: {url: 's3://bucket', options: {secret: pl4nted}}",
        "artifact_store: {url: 's3://b', options: {kwargs: {aws_secret_access_key: pl4nted}}}",
        "pipelines_dir: s3://key:pl4nted@bucket/dir",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path, line):
    path = tmp_path / "zenlab.yaml"
    path.write_text(f"version: 1\nproject: a\n{line}\n")
    with pytest.raises(ParameterError, match="committed") as caught:
        read_config(path)
    assert "pl4nted" not in str(caught.value)
    assert line.partition(":")[0] in caught.value.message


def test_options_reach_the_client_with_their_secrets(monkeypatch):
    monkeypatch.setenv("S3_SECRET", HARD)
    options = {"key": "AKIA", "secret": "${S3_SECRET}", "client_kwargs": {"region": "eu", "n": 3}}
    config = Config(1, "a", artifact_store=StoreOptions("s3://bucket/dir", options))
    assert config.artifact_options() == options | {"secret": HARD}
    assert HARD not in mask(f"botocore: {HARD}")


def test_nested_options():
    assert nested({"a.b": "c", "a.n": "7", "anon": "true", "zip": "007"}) == {
        "a": {"b": "c", "n": 7},
        "anon": True,
        "zip": "007",
    }


# ------------------------------------------------------------------------------------- editing


def test_a_change_keeps_comments_and_order(file):
    before = file.read_text()
    _, changed = change_config(file, {"artifact_store": "gs://bucket/dir"})
    assert changed
    assert file.read_text() == before.replace("old/place", "gs://bucket/dir")
    change_config(file, {"pipelines_dir": "flows"})
    text = before.replace("old/place", "gs://bucket/dir") + "pipelines_dir: flows\n"
    assert file.read_text() == text


def test_taking_a_setting_out_keeps_the_comments_of_its_neighbours(file):
    config, changed = change_config(file, {"artifact_store": None})
    assert changed
    assert config.artifact_store is None
    text = file.read_text()
    assert "old/place" not in text
    assert "# for now" not in text
    for kept in ("# what we agreed on", "# never change", "# below us", "# the last word"):
        assert text.count(kept) == 1
    assert text.index("# the last word") < text.index("key_versions")
    assert read_config(file) == config


def test_the_same_value_writes_nothing(file):
    stamp = file.stat().st_mtime_ns, file.stat().st_ino
    _, changed = change_config(file, {"artifact_store": "old/place"})
    assert not changed
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == stamp


@pytest.mark.parametrize(
    "changes",
    [
        {"key_versions": "all"},
        {"pipelines_dir": "../elsewhere"},
        {"pipelines_dir": "/absolute"},
        {"pipelines_dir": "gopher9://bucket/dir"},
        {"artifact_store": "gs://"},
        {"artifact_store": "gopher9://bucket"},
        {"artifact_store": "  "},
        {"metadata_store": "oracle://db/zen"},
        {"metadata_store": "not a url"},
        {"metadata_store": "sqlite://"},
        {"metadata_store": "mysql://u:pl4nted@h/d"},
        {"unknown": 1},
        {"artifact_store": "fine", "key_versions": "all"},
    ],
)
def test_a_bad_value_leaves_the_file_as_it_was(file, changes):
    before = file.read_bytes(), file.stat().st_ino
    with pytest.raises(ParameterError) as caught:
        change_config(file, changes)
    assert (file.read_bytes(), file.stat().st_ino) == before
    assert list(file.parent.iterdir()) == [file]
    assert "pl4nted" not in str(caught.value)


def test_a_file_that_is_no_yaml_is_left_alone(file):
    file.write_text("version: [1\n")
    with pytest.raises(ParameterError, match="line"):
        change_config(file, {"key_versions": "exact"})
    assert file.read_text() == "version: [1\n"


# ------------------------------------------------------------------------------- a server's URL


def test_the_url_of_a_server():
    server = Server("postgresql", "db.example.org", 6543, "a@b", "zen", {"sslmode": "require"})
    assert server.url() == "postgresql://a%40b@db.example.org:6543/zen?sslmode=require"
    url = server.url("${PW|keyring:zenlab db/ann}")
    assert url.startswith("postgresql://a%40b:${PW|keyring:zenlab db/ann}@db.example.org:6543/zen")
    socket = Server("mysql", "/run/mysqld/mysqld.sock", None, "ann", "zen").url()
    assert make_url(socket).query == {"unix_socket": "/run/mysqld/mysqld.sock"}
    assert make_url(Server("postgres", "::1", None, "ann", "zen").url()).host == "::1"


@pytest.mark.parametrize(
    ("server", "missing"),
    [
        (Server("mysql", None, None, "ann", "zen"), "--host"),
        (Server("mysql", "db", None, "ann", " "), "--database"),
        (Server("mysql", None, None, None, None), "--host and --database and --username"),
    ],
)
def test_a_server_without_its_parts_is_refused(server, missing):
    with pytest.raises(ParameterError, match=missing):
        server.url("${PW}")
