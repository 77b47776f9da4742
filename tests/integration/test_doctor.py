"""`zenlab doctor`: what it finds, what it says to do, and that it leaves nothing behind."""

from __future__ import annotations

import os
import stat
import sys
import tomllib
import uuid
from pathlib import Path

import pytest

from tests.integration.conftest import git
from tests.servers.gcs import gcs_server
from tests.servers.s3 import s3_server
from zenlab.artifacts import ArtifactStore
from zenlab.artifacts.checking import check_artifacts
from zenlab.cli import run_command
from zenlab.core.errors import StoreError
from zenlab.metadata import MetadataStore
from zenlab.metadata.checking import check_metadata
from zenlab.repo import Repository, doctor, doctor_jupyter
from zenlab.repo.doctor import examine
from zenlab.repo.editing import change_config

find_python = doctor_jupyter.find_python


@pytest.fixture(autouse=True)
def _no_server(monkeypatch):
    """The Jupyter server is asked in tests of its own: it takes a process."""
    monkeypatch.setattr(doctor_jupyter, "find_python", lambda: None)


def states() -> dict[str, list[str]]:
    """What the doctor finds, by area."""
    found: dict[str, list[str]] = {}
    for check in examine(Repository):
        found.setdefault(check.area, []).append(check.state)
    return found


def said(area: str) -> str:
    return "\n".join(f"{c.text} | {c.hint}" for c in examine(Repository) if c.area == area)


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if ".git/" not in f"{p}/"}


def commit(repository: Repository) -> None:
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-qm", "all")


def test_all_is_well_and_nothing_stays(repository, declare, capsys):
    commit(repository)
    declare().run()
    before = files(repository.root)
    assert run_command(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "metadata store  ok" in out
    assert "artifact store  ok" in out
    assert "revision" in out
    assert "No problem" in out
    assert files(repository.root) == before


def test_outside_of_a_repository_it_still_looks_at_the_rest(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["doctor"]) == 1
    captured = capsys.readouterr()
    assert "zenlab init" in captured.out
    assert "kernel          ok" in captured.out
    assert "1 problem" in captured.err


def test_what_is_not_committed_or_not_ignored_is_said(repository):
    assert "not committed" in said("git")
    commit(repository)
    assert "not committed" not in said("git")
    (repository.root / ".gitignore").write_text("")
    assert "does not ignore .zenlab" in said("git")
    assert "problem" in states()["git"]


def test_a_store_that_is_shared_beside_one_that_is_not(repository, tmp_path):
    change_config(repository.root / "zenlab.yaml", {"artifact_store": str(tmp_path / "artifacts")})
    assert "nobody else sees" in said("metadata store")
    changes = {"artifact_store": None, "metadata_store": f"sqlite:///{tmp_path}/metadata.db"}
    change_config(repository.root / "zenlab.yaml", changes)
    assert "results they cannot read" in said("artifact store")


def test_a_missing_secret_and_a_server_that_is_not_there(repository):
    url = "postgresql://ann:${NO_SUCH}@127.0.0.1:9/zen"
    change_config(repository.root / "zenlab.yaml", {"metadata_store": url})
    assert "NO_SUCH, which is not set" in said("metadata store")
    change_config(
        repository.root / "zenlab.yaml", {"metadata_store": "postgresql://ann@127.0.0.1:9/zen"}
    )
    assert states()["metadata store"] == ["problem"]


def test_an_empty_database_stays_empty(repository, tmp_path):
    path = tmp_path / "metadata.db"
    change_config(repository.root / "zenlab.yaml", {"metadata_store": f"sqlite:///{path}"})
    assert "empty, the first run makes the tables" in said("metadata store")
    assert MetadataStore(f"sqlite:///{path}").revision() is None


def test_the_metadata_test_leaves_no_row(tmp_path):
    store = MetadataStore(f"sqlite:///{tmp_path}/metadata.db")
    store.upgrade()
    health = check_metadata(store)
    assert health.server.startswith("sqlite 3.")
    assert health.revision == store.revision()
    assert 0 < health.round_trip_s < 5
    assert abs(health.clock_s) < 1
    from sqlalchemy import func, select

    from zenlab.metadata import tables

    assert store._fetch(select(func.count()).select_from(tables.code), {})[0][0] == 0


def test_a_metadata_store_that_cannot_be_written(tmp_path):
    MetadataStore(f"sqlite:///{tmp_path}/metadata.db").upgrade()
    read_only = MetadataStore(f"sqlite:///file:{tmp_path}/metadata.db?mode=ro&uri=true")
    with pytest.raises(StoreError, match="writ"):
        check_metadata(read_only)


@pytest.mark.parametrize("step", ["publish", "fetch", "exists"])
def test_an_artifact_test_that_fails_leaves_nothing(tmp_path, monkeypatch, step):
    store = ArtifactStore(tmp_path / "artifacts")
    monkeypatch.setattr(store, step, lambda *args: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        check_artifacts(store)
    assert not [p for p in (tmp_path / "artifacts").rglob("*") if p.is_file()]
    assert list(ArtifactStore(tmp_path / "artifacts").uris()) == []


def test_an_artifact_store_that_loses_and_one_that_keeps(tmp_path, monkeypatch):
    store = ArtifactStore(tmp_path / "artifacts")
    delete = store.delete
    monkeypatch.setattr(store, "delete", lambda uri: None)
    with pytest.raises(Exception, match="still there"):
        check_artifacts(store)
    for uri in list(store.uris()):
        delete(uri)


def test_the_stores_of_the_clouds(tmp_path, monkeypatch):
    with gcs_server() as gcs, s3_server() as s3:
        for server in (gcs, s3):
            for name, value in server.env.items():
                monkeypatch.setenv(name, value)
            bucket = f"bucket-{uuid.uuid4().hex[:8]}"
            url = f"{server.make_bucket(bucket)}/team"
            health = check_artifacts(ArtifactStore(url, cache_dir=tmp_path / "cache"))
            assert health.clock_s is not None
            assert abs(health.clock_s) < 60
            assert server.names(bucket) == []


@pytest.mark.parametrize(("seconds", "state"), [(1, "ok"), (-60, "notice"), (3000, "problem")])
def test_clocks(repository, monkeypatch, seconds, state):
    monkeypatch.setattr("zenlab.artifacts.checking._clock", lambda *args: float(seconds))
    assert states()["artifact store"][-1] == state
    if state != "ok":
        assert ("ahead of" if seconds > 0 else "behind") in said("artifact store")


def test_a_slow_store_is_said(repository, monkeypatch):
    monkeypatch.setattr(doctor, "SLOW_S", 0.0)
    assert "slow" in said("metadata store")
    assert "slow" in said("artifact store")


def test_a_package_that_a_store_needs(repository, monkeypatch):
    change_config(repository.root / "zenlab.yaml", {"artifact_store": "az://container/dir"})
    monkeypatch.setattr(doctor, "_artifacts", lambda repository: iter(()))
    assert "pip install 'zenlab[azure]'" in said("kernel")


# ------------------------------------------------------------------------ the Jupyter server


def fake_jupyter(folder: Path, python: str) -> Path:
    script = folder / "jupyter-lab"
    script.write_text(f"#!{python}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_the_server_is_found_and_asked(tmp_path, monkeypatch):
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    fake_jupyter(tmp_path, sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_python() == sys.executable
    about = doctor_jupyter.ask(sys.executable)
    assert about is not None
    assert about["prefix"] == sys.prefix
    assert about["versions"]["jupyterlab"]
    assert doctor_jupyter.ask(str(tmp_path / "nothing")) is None


def test_the_parent_of_a_kernel_is_its_server(monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    command = Path(f"/proc/{os.getpid()}/cmdline").read_bytes().split(b"\0")[0].decode()
    if Path(command).is_absolute():
        assert find_python() == command
    else:
        assert find_python() != command


@pytest.mark.parametrize(
    ("extension", "versions", "state", "text"),
    [
        (None, {"jupyterlab": "4.6"}, "notice", "/server/bin/python): pip install zenlab=="),
        ("0.1", {"jupyterlab": "4.6"}, "ok", "JupyterLab extension 0.1"),
        ("0.1", {"jupyterlab": "4.6", "zenlab": "0.0.1"}, "notice", "pip install zenlab=="),
    ],
)
def test_the_extension_of_the_server(monkeypatch, extension, versions, state, text):
    about = {"python": "3.12", "prefix": "/server", "extension": extension, "versions": versions}
    monkeypatch.setattr(doctor_jupyter, "find_python", lambda: "/server/bin/python")
    monkeypatch.setattr(doctor_jupyter, "ask", lambda python: about)
    *_, last = doctor_jupyter.check_server()
    assert last.state == state
    assert text in f"{last.text} {last.hint}"


def test_the_program_finds_an_extension(tmp_path, monkeypatch):
    place = tmp_path / "share" / "labextensions" / doctor_jupyter.EXTENSION
    place.mkdir(parents=True)
    (place / "package.json").write_text('{"version": "9.9"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    about = doctor_jupyter.ask(sys.executable)
    assert about is not None
    assert about["extension"] == "9.9"


@pytest.mark.parametrize(
    ("extension", "versions", "told"),
    [
        (None, {"jupyterlab": "4.6"}, "(/server): pip install zenlab=="),
        ("0.1", {"jupyterlab": "4.6"}, ""),
        (None, {"jupyterlab": None, "zenlab": "0.1"}, ""),  # what starts kernels elsewhere
    ],
)
def test_a_kernel_knows_what_its_server_lacks(monkeypatch, extension, versions, told):
    about = {"python": "3.12", "prefix": "/server", "extension": extension, "versions": versions}
    monkeypatch.setattr(doctor_jupyter, "_parent", lambda: "/server/bin/python")
    monkeypatch.setattr(doctor_jupyter, "ask", lambda python: about)
    hint = doctor_jupyter.hint_without_extension()
    assert told in hint
    assert bool(told) == bool(hint)


def test_the_name_of_the_extension_is_where_the_wheel_puts_it():
    root = Path(__file__).resolve().parents[2]
    wheel = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    places = wheel["targets"]["wheel"]["shared-data"].values()
    assert f"share/jupyter/labextensions/{doctor_jupyter.EXTENSION}" in places
