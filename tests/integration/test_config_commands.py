"""`zenlab config ...` as a user types it, in a terminal and in a notebook.

The package `keyring` is not among what zenlab is developed with. Where a keyring is needed, a
stand-in is imported in its place: three functions with the package's names, over one file.
"""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.integration.conftest import git
from zenlab.cli import run_command
from zenlab.core import secrets
from zenlab.core.errors import ParameterError
from zenlab.repo import Repository
from zenlab.repo.config import read_config

SECRET = "pl4nted/p@ss:w%rd"
SERVER = ("postgresql", "--host", "db", "--username", "ann", "--database", "zen")


@pytest.fixture(autouse=True)
def _forget():
    before = set(secrets._known)
    yield
    for value in secrets._known - before:
        secrets.forget(value)


@pytest.fixture
def keyring(tmp_path, monkeypatch):
    """A keyring that works; the file that it keeps its entries in."""
    folder = tmp_path / "packages"
    folder.mkdir()
    kept = tmp_path / "keyring.txt"
    kept.touch()
    (folder / "keyring.py").write_text(
        textwrap.dedent(
            f"""
            from pathlib import Path

            class Backend:
                priority = 5

            def get_keyring():
                return Backend()

            def get_password(service, user):
                for line in Path({str(kept)!r}).read_text().splitlines():
                    if line.split("\\t")[:2] == [service, user]:
                        return line.split("\\t")[2]

            def set_password(service, user, password):
                with Path({str(kept)!r}).open("a") as file:
                    file.write(f"{{service}}\\t{{user}}\\t{{password}}\\n")
            """
        )
    )
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    yield kept
    sys.modules.pop("keyring", None)


@pytest.fixture
def run(repository, capsys):
    """Run a command: its exit status and all that it printed."""

    def command(*args: str) -> tuple[int, str]:
        capsys.readouterr()
        status = run_command(args)
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return command


def text(repository: Repository) -> str:
    return (repository.root / "zenlab.yaml").read_text()


def test_a_server_is_set_committed_and_read_by_a_colleague(run, repository, tmp_path):
    status, said = run(
        *("config", "metadata", "set", *SERVER, "--port", "6543", "--password-env", "DB_PW"),
        *("--option", "sslmode=require"),
    )
    assert status == 0, said
    wanted = "postgresql://ann:${DB_PW}@db:6543/zen?sslmode=require"
    assert f"metadata_store: {wanted}\n" in text(repository)
    assert wanted in said
    assert "environment variable DB_PW is not here" in said
    assert "git commit" in said
    git(repository.root, "add", "zenlab.yaml")
    git(repository.root, "commit", "-m", "stores")
    git(tmp_path, "clone", "-q", str(repository.root), "colleague")
    assert read_config(tmp_path / "colleague" / "zenlab.yaml").metadata_store == wanted
    assert wanted in run("config", "metadata", "get")[1]
    assert wanted in run("config", "list")[1]


def test_without_a_password_the_cloud_s_identity_is_used(run, repository):
    assert run("config", "metadata", "set", *SERVER)[0] == 0
    assert "metadata_store: postgresql://ann@db/zen\n" in text(repository)


def test_artifacts_pipelines_and_the_way_back(run, repository):
    before = text(repository)
    status, said = run(
        *("config", "artifacts", "set", "s3://bucket/dir", "--option", "secret=${S3_SECRET}"),
        *("--option", "client_kwargs.endpoint_url=http://127.0.0.1:9000"),
    )
    assert status == 0, said
    found = read_config(repository.root / "zenlab.yaml").artifact_store
    assert found.url == "s3://bucket/dir"
    assert found.options["client_kwargs"] == {"endpoint_url": "http://127.0.0.1:9000"}
    assert "S3_SECRET is not here" in run("config", "artifacts", "get")[1]
    assert run("config", "artifacts", "set", "../shared/artifacts")[0] == 0
    assert "artifact_store: ../shared/artifacts" in text(repository)
    assert run("config", "artifacts", "set", "embedded")[0] == 0
    assert text(repository) == before
    assert run("config", "pipelines", "set", "flows")[0] == 0
    assert "flows" in run("config", "pipelines", "get")[1]
    assert Repository().get_default_pipelines_dir().endswith("flows")


@pytest.mark.parametrize(
    "args",
    [
        ("metadata", "set", f"postgresql://ann:{SECRET}@db/zen"),
        ("metadata", "set", f"postgresql://ann@db/zen?password={SECRET}"),
        ("metadata", "set", *SERVER, "--option", f"sslpassword={SECRET}"),
        ("metadata", "set", *SERVER, "--password", SECRET),
        ("metadata", "set", *SERVER, "--password", SECRET, "--password-env", "X"),
        ("metadata", "set", *SERVER, "--password-env", SECRET),
        ("artifacts", "set", f"s3://key:{SECRET}@bucket/dir"),
        ("artifacts", "set", "s3://bucket/dir", "--option", f"secret={SECRET}"),
        ("pipelines", "set", f"s3://key:{SECRET}@bucket/dir"),
    ],
)
def test_a_secret_is_refused_and_never_repeated(run, repository, args):
    before = text(repository)
    status, said = run("config", *args)
    assert status == 1, said
    assert SECRET not in said
    assert "pl4nted" not in said
    assert "next:" in said
    assert text(repository) == before


def test_init_refuses_a_secret_too(tmp_path):
    with pytest.raises(ParameterError) as caught:
        Repository.init_repo(tmp_path / "new", metadata_store=f"mysql://ann:{SECRET}@db/zen")
    assert "pl4nted" not in str(caught.value)
    assert not (tmp_path / "new" / "zenlab.yaml").exists()
    made = Repository.init_repo(tmp_path / "new", "s3://bucket/dir", "mysql://ann:${PW}@db/zen")
    assert made.config.artifact_store == "s3://bucket/dir"
    assert made.config.metadata_store == "mysql://ann:${PW}@db/zen"


def test_the_advice_without_a_keyring_is_a_command_that_works(run, repository):
    _, said = run("config", "metadata", "set", *SERVER, "--password", "-")
    assert "'keyring' is not installed" in said
    line = next(line for line in said.splitlines() if line.strip().endswith("DB_PASSWORD"))
    line = next(x.strip() for x in said.splitlines() if "--password-env" in x)
    assert run(*line.split()[1:])[0] == 0
    assert "${ZENLAB_DB_PASSWORD}" in text(repository)


def test_a_typed_password_goes_to_the_keyring_alone(run, repository, keyring, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    status, said = run("config", "metadata", "set", *SERVER, "--password")
    assert status == 0, said
    assert keyring.read_text().endswith(f"\tann\t{SECRET}\n")
    assert SECRET not in said + text(repository)
    config = read_config(repository.root / "zenlab.yaml")
    assert config.metadata_store.startswith("postgresql://ann:${ZENLAB_DB_PASSWORD|keyring:zenlab ")
    from sqlalchemy import make_url

    assert make_url(config.metadata_url(repository.root)).password == SECRET
    assert "in the keyring is here" in run("config", "metadata", "get")[1]
    # A container has no keyring, and the same file.
    monkeypatch.setenv("ZENLAB_DB_PASSWORD", "other")
    assert make_url(config.metadata_url(repository.root)).password == "other"


def test_a_keyring_that_writes_plain_text_is_not_used_by_itself(run, keyring, monkeypatch):
    import keyring as package

    monkeypatch.setattr(package.Backend, "priority", 0.5)
    status, said = run("config", "metadata", "set", *SERVER, "--password", SECRET)
    assert (status, keyring.read_text()) == (1, "")
    assert "no keyring that is safe" in said
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "chosen.by.the.user")
    assert run("config", "metadata", "set", *SERVER, "--password", SECRET)[0] == 0


def test_a_password_as_an_argument_is_kept_and_said_to_be_unwise(run, repository, keyring):
    status, said = run("config", "metadata", "set", *SERVER, "--passwd", SECRET)
    assert status == 0, said
    assert "history" in said
    assert SECRET not in said + text(repository)
    assert SECRET in keyring.read_text()


def test_a_colleague_without_the_entry_is_told_what_to_type(run, repository, keyring, tmp_path):
    run("config", "metadata", "set", *SERVER, "--password", SECRET)
    keyring.write_text("")
    with pytest.raises(ParameterError) as caught:
        Repository().config.metadata_url(tmp_path)
    assert "keyring set 'zenlab postgresql db zen' ann" in caught.value.hint
    assert "export ZENLAB_DB_PASSWORD" in caught.value.hint


def test_a_password_in_a_cell_is_refused(repository, keyring, monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell.instance()
    try:
        shell.run_line_magic("load_ext", "zenlab")
        line = f"%zen config metadata set {' '.join(SERVER)} --password {SECRET}"
        error = shell.run_cell(line).error_in_exec
        shell.run_line_magic("unload_ext", "zenlab")
    finally:
        InteractiveShell.clear_instance()
    assert "saved with the notebook" in str(error)
    assert SECRET not in str(error) + text(repository) + keyring.read_text()


def test_a_terminal_asks_without_an_echo(repository, keyring, tmp_path):
    folder = str(Path(keyring).parent / "packages")
    leader, follower = pty.openpty()
    path = os.pathsep.join([folder, *sys.path])
    program = [sys.executable, "-c", "from zenlab.cli import main; main()"]
    process = subprocess.Popen(
        [*program, "config", "metadata", "set", *SERVER, "--password"],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    os.close(follower)
    shown = b""
    typed = False
    while True:
        try:
            got = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not got:
            break
        shown += got
        if b"Password of ann on db" in shown and not typed:
            typed = True
            os.write(leader, f"{SECRET}\n".encode())
    os.close(leader)
    assert process.wait() == 0, shown.decode()
    assert SECRET not in shown.decode()
    assert SECRET in keyring.read_text()
