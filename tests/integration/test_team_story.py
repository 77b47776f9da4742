"""The story: A runs and commits; B pulls, looks, copies, changes, runs; A compares."""

from __future__ import annotations

import random
import re
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.integration.team import DECLARE, Member
from tests.servers.gcs import gcs_server
from tests.servers.s3 import s3_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

STEPS = ("transform", "split", "statistics", "validation", "preprocesser", "trainer", "evaluator")

FIRST = """
pipeline = declare()
pipeline.run()
answer["hows"] = hows(pipeline)
answer["panels"] = panels(pipeline)
"""

RUN = """
pipeline_a = declare()
pipeline_a.run()
answer["hows"] = hows(pipeline_a)
"""

LOOK = """
pipeline_a = Repository().get_pipeline_by_name("Pipeline A")
answer["panels"] = panels(pipeline_a)
"""

CHANGE = """
pipeline_a = Repository().get_pipeline_by_name("Pipeline A")
pipeline_b = pipeline_a.copy("Pipeline B")
pipeline_b.add_trainer(SklearnTrainer("LogisticRegression", C=5.0))
pipeline_b.run()
answer["hows"] = hows(pipeline_b)
answer["whose"] = sorted({s.execution.user for s in pipeline_b.last.result.steps.values()})
"""

COMPARE = """
answer["ran"] = zenlab("run", "Pipeline B")
answer["compared"] = zenlab("compare", "Pipeline A", "Pipeline B")
"""

CHANGED = {slot: "executed" if slot in ("trainer", "evaluator") else "hit" for slot in STEPS}


@pytest.fixture
def join(tmp_path: Path) -> Iterator[Callable[..., Member]]:
    """Makes members of a team, with clones of one repository."""
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    members: list[Member] = []

    def join(name: str, env: Mapping[str, str]) -> Member:
        members.append(Member.of(name, origin, tmp_path, env))
        return members[-1]

    yield join
    for member in members:
        member.close()


def found(ada: Member) -> None:
    """Ada makes the project and its data."""
    (ada.clone / "declare.py").write_text(DECLARE)
    (ada.clone / "data").mkdir()
    draw = random.Random(0)
    rows = [f"{draw.choice(['Ulm', 'Bonn', 'Kiel'])},{draw.gauss(10, 3):.3f}" for _ in range(900)]
    lines = [f"{r},{float(r.split(',')[1]) + draw.gauss(0, 2):.3f}" for r in rows]
    (ada.clone / "data" / "sales.csv").write_text("shop,size,price\n" + "\n".join(lines) + "\n")
    ada.zenlab("init")


def test_with_git_alone_everything_works_but_the_cache_is_not_shared(join):
    ada = join("Ada", {})
    found(ada)
    first = ada.python(FIRST)
    assert first["hows"] == dict.fromkeys(STEPS, "executed")
    ada.push("Pipeline A")

    bob = join("Bob", {})
    assert bob.python(RUN)["hows"] == dict.fromkeys(STEPS, "executed")
    assert bob.python(LOOK)["panels"] == first["panels"]
    assert bob.python(CHANGE)["hows"] == CHANGED
    bob.push("Pipeline B")

    # Ada's store does not know Bob's run; his pipeline she has, and can run.
    ada.pull()
    seen = ada.python(COMPARE)
    assert "2 executed, 5 cached" in seen["ran"]
    assert "★" in seen["compared"]


class SharedStory:
    """A database server and a bucket that two clones share, each with a cache of its own."""

    kind = ""

    @pytest.fixture
    def server(self) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def bucket(self) -> Iterator[Any]:
        raise NotImplementedError

    def test_a_team_computes_each_step_once(self, join, server, bucket):
        url = urlsplit(server.create_database())
        place = f"{bucket.make_bucket('team-bucket')}/zenlab"
        env = {**bucket.env, "ZENLAB_DB_PASSWORD": server.password}

        def executions() -> int:
            ((number,),) = server.execute("SELECT count(*) FROM step_execution", database=database)
            return int(number)

        database = url.path.lstrip("/")
        ada = join("Ada", env)
        found(ada)
        ada.zenlab(
            *("config", "metadata", "set", self.kind, "--host", "127.0.0.1"),
            *("--port", str(url.port), "--username", str(url.username), "--database", database),
            *("--password-env", "ZENLAB_DB_PASSWORD"),
        )
        ada.zenlab("config", "artifacts", "set", place)
        first = ada.python(FIRST)
        assert first["hows"] == dict.fromkeys(STEPS, "executed")
        assert executions() == len(STEPS)
        ada.push("Pipeline A")

        bob = join("Bob", env)
        assert bob.python(LOOK)["panels"] == first["panels"]
        assert executions() == len(STEPS), "to look computes nothing"
        second = bob.python(CHANGE)
        assert second["hows"] == CHANGED
        assert second["whose"] == ["Ada <ada@example.org>", "Bob <bob@example.org>"]
        assert executions() == len(STEPS) + 2
        bob.push("Pipeline B")

        ada.pull()
        seen = ada.python(COMPARE)
        compared = seen["compared"]
        assert "★" in compared
        assert re.search(r"trainer\.C +0\.5 +5", compared)
        assert "Bob" in compared
        assert "0 executed" in seen["ran"]
        assert executions() == len(STEPS) + 2

        for member in (ada, bob):
            assert member.run("git", "status", "--porcelain") == ""
            assert member.cached(), "each has read the bucket through a cache of its own"
            embedded = member.clone / ".zenlab"
            assert not (embedded / "metadata.db").exists()
            assert not (embedded / "artifacts").exists()
            written = [file for file in member.home.parent.rglob("*") if file.is_file()]
            leaks = [f for f in written if server.password.encode() in f.read_bytes()]
            assert leaks == []


class TestPostgresAndGCS(SharedStory):
    kind = "postgresql"

    @pytest.fixture
    def server(self, postgres):
        return postgres

    @pytest.fixture
    def bucket(self):
        with gcs_server() as server:
            yield server


class TestMariadbAndS3(SharedStory):
    kind = "mysql"

    @pytest.fixture
    def server(self, mariadb):
        return mariadb

    @pytest.fixture
    def bucket(self):
        with s3_server() as server:
            yield server
