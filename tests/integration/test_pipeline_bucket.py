"""A pipeline directory in an object store, through the real gcsfs and s3fs."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.conftest import git
from tests.servers.gcs import gcs_server
from tests.servers.s3 import s3_server
from zenlab.core.errors import AlreadyExistsException, ParameterError, StoreError
from zenlab.repo import Repository
from zenlab.repo import pipeline_bucket as module
from zenlab.repo.conditional import Collision, open_objects
from zenlab.repo.editing import change_config
from zenlab.repo.pipeline_bucket import BucketFiles


@pytest.fixture(scope="module")
def servers():
    """A GCS and an S3 emulator."""
    with gcs_server() as gcs, s3_server() as s3:
        yield {"gcs": gcs, "s3": s3}


@pytest.fixture(params=["gcs", "s3"])
def url(request, servers, monkeypatch):
    """A folder of an empty bucket."""
    server = servers[request.param]
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    return f"{server.make_bucket(f'bucket-{uuid.uuid4().hex[:12]}')}/team/pipelines"


@pytest.fixture
def objects(url):
    return open_objects(url, {})


# ------------------------------------------------------------------------ writing on condition


def test_an_object_is_replaced_only_as_it_was_read(objects):
    assert objects.generation("a.yaml") is None
    assert objects.read("a.yaml") is None
    first = objects.write("a.yaml", b"1", None)
    assert objects.generation("a.yaml") == first
    with pytest.raises(Collision):
        objects.write("a.yaml", b"2", None)
    second = objects.write("a.yaml", b"2", first)
    assert second != first
    with pytest.raises(Collision):
        objects.write("a.yaml", b"3", first)
    assert objects.read("a.yaml") == b"2"
    assert objects.names() == {"a.yaml": second}


def test_one_that_was_deleted_is_not_replaced(objects):
    first = objects.write("a.yaml", b"1", None)
    objects._fs.rm_file(objects._path("a.yaml"))
    with pytest.raises(Collision):
        objects.write("a.yaml", b"2", first)


def test_a_write_whose_answer_was_lost_is_no_collision(objects):
    first = objects.write("a.yaml", b"1", None)
    assert objects.write("a.yaml", b"1", None) == first


def test_the_check_leaves_nothing(objects):
    objects.check()
    assert objects.names() == {}
    assert objects._fs.find(objects._bucket) == []


def test_a_store_that_ignores_conditions_is_refused(objects, monkeypatch):
    def careless(name: str, data: bytes, generation: str | None) -> str:
        objects._fs.pipe_file(objects._path(name), data)
        return str(objects.generation(name))

    monkeypatch.setattr(objects, "_put", careless)
    with pytest.raises(StoreError, match="ignores conditions"):
        objects.check()
    assert objects.names() == {}


def test_a_missing_bucket_is_said(url):
    scheme, _, rest = url.partition("://")
    lost = open_objects(f"{scheme}://no-such-{rest}", {})
    assert lost.read("a.yaml") is None
    with pytest.raises(StoreError, match=r"no bucket|cannot be written"):
        lost.write("a.yaml", b"1", None)


def test_stores_without_a_condition_are_refused(tmp_path):
    with pytest.raises(StoreError, match="memory://"):
        open_objects("memory://x/y", {})
    path = tmp_path / "zenlab.yaml"
    path.write_text("version: 1\nproject: a\n")
    with pytest.raises(ParameterError, match="nobody would notice"):
        change_config(path, {"pipelines_dir": "memory://x/y"})


def race(url: str, number: int, start: threading.Barrier) -> None:
    """One of several writers that replace the same object again and again."""
    found = open_objects(url, {})
    found.check()
    start.wait()
    done = 0
    while done < 5:
        generation = found.generation("counter")
        text = (found.read("counter") or b"").decode()
        try:
            found.write("counter", f"{text}{number}\n".encode(), generation)
            done += 1
        except Collision:
            continue


def test_writers_at_once_lose_nothing(url, objects):
    """In threads: it is the store that judges, and it sees nothing but requests."""
    start = threading.Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(race, url, number, start) for number in range(3)]:
            future.result(timeout=60)
    lines = objects.read("counter").decode().split()
    assert sorted(lines) == ["0"] * 5 + ["1"] * 5 + ["2"] * 5


# -------------------------------------------------------------------------------- as a user


@pytest.fixture
def team(repository, url, tmp_path, monkeypatch):
    """Two clones whose stores and pipeline directory are shared; a function goes to one."""
    stores: dict[str, Any] = {"metadata_store": f"sqlite:///{tmp_path}/metadata.db"}
    stores["artifact_store"] = str(tmp_path / "artifacts")
    change_config(repository.root / "zenlab.yaml", stores | {"pipelines_dir": url})
    git(repository.root, "add", ".")
    git(repository.root, "commit", "-qm", "stores")
    for name in ("ann", "bob"):
        git(tmp_path, "clone", "-q", str(repository.root), name)
        git(tmp_path / name, "config", "user.name", name)
    monkeypatch.setattr(module, "MOMENT_S", 0.0)

    def go(name: str) -> Repository:
        monkeypatch.chdir(tmp_path / name)
        return Repository()

    return go


def test_a_colleague_finds_opens_and_copies_without_git(team, declare):
    team("ann")
    declare().run()
    there = team("bob")
    assert there.get_pipeline_names() == ["Pipeline A"]
    copied = there.get_pipeline_by_name("Pipeline A").copy("Pipeline B")
    copied.run()
    assert team("ann").get_pipeline_names() == ["Pipeline A", "Pipeline B"]
    assert not list(there.root.glob("pipelines/*.yaml"))
    assert there.get_default_pipelines_dir().startswith(("gs://", "s3://"))
    assert there.load_pipeline_config("pipeline-b.yaml")["name"] == "Pipeline B"


def test_own_drafts_change_and_others_runs_freeze(team, declare):
    team("ann")
    declare().run()
    declare(C=2.0).run()
    there = team("bob")
    with pytest.raises(AlreadyExistsException, match="has been run by ann"):
        declare(C=3.0).run()
    declare(C=2.0).run()
    assert there.metadata.runs(there.project, limit=1)[0].executed == 0
    team("ann")
    with pytest.raises(AlreadyExistsException, match="has been run by bob"):
        declare(C=4.0).run()


def test_the_draft_of_a_colleague_is_theirs(team, declare):
    here = team("ann")
    spec_of = declare().declared
    from zenlab.pipelines.running import specify

    found = specify(spec_of, here)
    here.register(found.spec, found.sources, found.marks)  # and its run goes on
    team("bob")
    with pytest.raises(AlreadyExistsException, match="is a draft of ann"):
        declare(C=3.0).run()


def test_two_who_save_at_the_same_moment_collide_and_lose_nothing(team, declare, monkeypatch):
    """Bob's file comes between Ann's look and her write."""
    there = team("bob")
    here = team("ann")
    put = BucketFiles._put

    def slow(self: BucketFiles, path: Any, text: str) -> Any:
        monkeypatch.setattr(BucketFiles, "_put", put)
        team("bob")
        declare(C=7.0).run()
        team("ann")
        return put(self, path, text)

    monkeypatch.setattr(BucketFiles, "_put", slow)
    with pytest.raises(AlreadyExistsException, match="Somebody else has saved"):
        declare(C=5.0).run()
    bobs = there.get_pipeline_by_name("Pipeline A")
    assert "7.0" in str(bobs.to_config())
    revisions = here.metadata.revisions(here.project, "Pipeline A")
    assert sorted(str(r.spec).count("5.0") for r in revisions) == [0, 1]
    with pytest.raises(AlreadyExistsException, match="has been run by bob"):
        declare(C=5.0).run()


def test_a_file_is_parsed_once_a_generation(team, declare, monkeypatch):
    repository = team("ann")
    declare().run()
    repository.files._read.clear()
    asked: list[str] = []
    read = repository.files.objects.read
    monkeypatch.setattr(
        repository.files.objects, "read", lambda name: (asked.append(name), read(name))[1]
    )
    for _ in range(3):
        repository.files.find("Pipeline A")
    assert asked == ["pipeline-a.yaml"]
