"""What becomes of a whole run when the database or the bucket fails in the middle of it.

The run succeeds, or fails with an error that says why. Whichever it is: no row without its
artifact, no half artifact to be seen, nobody locked out; and the next run succeeds.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import numpy as np
import pandas as pd
import pytest

from tests.integration.network import half_artifacts, hasten, proxied_bucket
from tests.servers.proxy import Proxy
from zenlab.core.errors import ZenlabError
from zenlab.datasources import PandasDatasource
from zenlab.pipelines import TrainingPipeline
from zenlab.repo import Repository
from zenlab.steps.split import NoSplit

pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")

WHOLE = "a whole run"
BEGINS = b"INSERT INTO run "
"""What a run says to the database when its data are in the bucket, and its steps are not."""
FINISH = (b"INSERT INTO step_execution", b"INSERT INTO artifact", b"INSERT INTO cache_entry")
"""What it says in the transaction that makes a result visible, before it commits."""
PATIENCE_S = 60
"""Only a hanging test meets it."""
MIDDLE = 300_000
"""Bytes of an upload that is larger: of the data, and of what the first step makes of them."""


def shift(rows, by):
    return rows + by


def fit(train):
    from sklearn.linear_model import LinearRegression

    rows = train.to_numpy()
    return LinearRegression().fit(rows[:, :2], rows[:, 2])


def count(model, examples):
    return {"features": float(model.n_features_in_)}


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame(np.random.default_rng(0).normal(size=(30_000, 3)), columns=list("abc"))


@pytest.fixture(scope="class")
def network(request):
    with proxied_bucket(request.cls.kind) as found:
        yield found


class RunFaults:
    """A database server and a bucket, both behind proxies."""

    kind = ""

    @pytest.fixture
    def server(self):
        raise NotImplementedError

    @pytest.fixture
    def database(self, server):
        with Proxy(server.port) as proxy:
            yield proxy

    @pytest.fixture(autouse=True)
    def stores(self, server, network, database, repository, rows, trials, tmp_path, monkeypatch):
        self.server, self.proxy, self.trials, self.rows = server, database, trials, rows
        self.net, self.objects, environment = network
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        # Without the worker for statistics: its start takes longer than all of this.
        monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "nothing"))
        url = server.create_database()
        monkeypatch.setenv("DATABASE", database.url(url))
        self.database_name = url.rpartition("/")[2]
        place = self.objects.make_bucket(f"team-{uuid.uuid4().hex}")
        self.bucket = place.partition("://")[2]
        with (repository.root / "zenlab.yaml").open("a") as file:
            file.write(f"metadata_store: ${{DATABASE}}\nartifact_store: {place}\n")
        yield
        self.net.refuse(times=0)
        self.net.cut(after=0, times=0)
        Repository(repository.root).metadata.dispose()

    def declare(self, by):
        """A pipeline that has nothing in common with that of another number, data included."""
        pipeline = TrainingPipeline(name=f"Pipeline {by}")
        pipeline.add_datasource(PandasDatasource(f"rows-{by}", self.rows + by))
        pipeline.add_transform(shift, by=by)
        pipeline.add_split(NoSplit())
        pipeline.add_trainer(fit)
        pipeline.add_evaluator(count)
        return pipeline

    @contextmanager
    def trouble(self, fault, by=1, *, meanwhile=None, back=False):
        """Run under a fault that the block has arranged; then look, run again, and look.

        Args:
            meanwhile: what this thread does while the run goes on in another.
            back: the database was gone until the run had ended, and comes back only then.
        """
        run = self.declare(by).run
        name = f"{self.server.name} + {self.objects.name}"
        with self.trials(fault, name, WHOLE) as trial:
            trial.error = None
            yield trial
            try:
                if meanwhile is None:
                    run()
                else:
                    with ThreadPoolExecutor(1) as pool:
                        running = pool.submit(run)
                        meanwhile()
                    running.result()
            except ZenlabError as error:
                trial.failed(error)
                trial.error = error
            assert self.proxy.fired, f"the fault did not come: {trial.error}"
            self.net.refuse(times=0)
            self.net.cut(after=0, times=0)
            # A run that does not reach the database cannot say there that it has ended.
            trial.find(self.wrong(ended=not back))
            again = self.declare(by)
            with Proxy(self.server.port, listen=self.proxy.port) if back else nullcontext():
                again.run()
            hows = {slot: step.how for slot, step in again.last.result.steps.items()}
            assert trial.clearly or set(hows.values()) == {"hit"}, hows
            trial.find(self.wrong(ended=not back))

    def wrong(self, *, ended=True):
        """What is in the database or in the bucket and must not be, asked past all of our code."""
        wrong = half_artifacts(self.objects, self.bucket)
        there = self.objects.sizes(self.bucket)
        kept = (
            "SELECT uri, manifest_sha256 FROM artifact UNION ALL "
            "SELECT uri, manifest_sha256 FROM datasource_commit"
        )
        for uri, digest in self.ask(kept):
            key = f"{uri}/manifest.json"
            if key not in there:
                wrong.append(f"there is a row of {uri}, and no artifact")
            elif self.sha256(key) != digest:
                wrong.append(f"the manifest of {uri} is not the one that was recorded")
        succeeded = "SELECT id, work_key FROM step_execution WHERE status = 'succeeded'"
        executions = dict(self.ask(succeeded))
        with_artifacts = {i for (i,) in self.ask("SELECT DISTINCT execution_id FROM artifact")}
        wrong += [f"execution {i} has no artifact" for i in executions.keys() - with_artifacts]
        keys = sorted(executions.values())
        wrong += [f"{key} was done twice" for key in set(keys) if keys.count(key) > 1]
        claims = self.ask("SELECT work_key, state, execution_id FROM claim")
        done = {key: i for key, state, i in claims if state == "done"}
        wrong += [f"{key} is done by nobody" for key, i in done.items() if i not in executions]
        wrong += [f"the result {key} is unknown" for key in set(keys) - done.keys()]
        wrong += [f"{key} is locked" for key, state, _ in claims if state == "running"]
        named = {key for (key,) in self.ask("SELECT work_key FROM cache_entry")}
        wrong += [f"the cache names {key}, which is not there" for key in named - set(keys)]
        wrong += [f"{key} is not in the cache" for key in set(keys) - named]
        open_runs = [] if not ended else self.ask("SELECT id FROM run WHERE status = 'running'")
        return wrong + [f"run {i} has no end" for (i,) in open_runs]

    def ask(self, sql):
        return self.server.execute(sql, database=self.database_name)

    def sha256(self, key):
        return hashlib.sha256(self.objects.read(f"{self.bucket}/{key}")).hexdigest()

    # ------------------------------------------------------------------------- the database

    @pytest.mark.parametrize("fate", ["request", "answer"])
    def test_a_cut_inside_the_transaction_that_finishes_a_step(self, fate):
        for by, words in enumerate(FINISH):
            with self.trouble("database connection cut in a transaction", by) as trial:
                self.proxy.when(words, lambda: fate)
            assert not trial.clearly

    @pytest.mark.parametrize("fate", ["request", "answer"])
    def test_a_cut_at_the_commit_of_a_result(self, fate):
        """Before the server has committed, and after: the client cannot tell one from the other."""
        with self.trouble("database connection cut at a COMMIT") as trial:
            self.proxy.when(FINISH[-1], lambda: self.proxy.when(b"COMMIT", lambda: fate))
        assert not trial.clearly

    def test_five_seconds_of_silence(self):
        def be_silent():
            self.proxy.hold()
            threading.Timer(5, self.proxy.resume).start()

        with self.trouble("5 s of silence of the database") as trial:
            self.proxy.when(FINISH[1], be_silent)
        assert not trial.clearly

    def test_a_restart_of_the_server_in_the_middle_of_a_transaction(self):
        asked, done = threading.Event(), threading.Event()

        def wait_for_restart():
            asked.set()
            done.wait(PATIENCE_S)

        def restart():
            # In the main thread: the server ends with the thread that has started it.
            asked.wait(PATIENCE_S)
            self.server.restart()
            done.set()

        with self.trouble("database server restarted", meanwhile=restart) as trial:
            self.proxy.when(FINISH[1], wait_for_restart)
        assert not trial.clearly

    def test_a_server_that_goes_for_good_at_the_commit_of_a_result(self, repository, monkeypatch):
        """The client never learns that the result is there; so its artifacts must stay."""
        store = Repository(repository.root).metadata
        monkeypatch.setattr(store, "_patience_s", 0.05)

        def lose_the_answer():
            self.proxy.shut()
            return "answer"

        def go():
            self.proxy.when(b"COMMIT", lose_the_answer)

        with self.trouble("database gone for good at a COMMIT", back=True) as trial:
            self.proxy.when(FINISH[-1], go)
        assert "cannot be reached" in str(trial.error)
        ((number,),) = self.ask("SELECT count(*) FROM run WHERE executed = 3 AND cached = 1")
        assert number == 1, "the second run goes on after the step whose result was there"

    # --------------------------------------------------------------------------- the bucket

    def test_an_upload_of_the_data_that_is_cut_once(self):
        with self.trouble("upload cut in the middle, once") as trial:
            self.net.cut(after=MIDDLE)
            self.proxy.when(BEGINS, self.is_over)
        assert not trial.clearly

    def test_an_upload_of_a_step_that_is_cut_once(self):
        with self.trouble("upload cut in the middle, once") as trial:
            self.proxy.when(BEGINS, lambda: self.net.cut(after=MIDDLE))
            self.proxy.when(FINISH[0], self.is_over)
        assert not trial.clearly

    def test_an_upload_of_a_step_that_is_cut_for_good(self, monkeypatch):
        hasten(monkeypatch)
        with self.trouble("upload cut in the middle, for good") as trial:
            self.proxy.when(BEGINS, lambda: self.net.cut(after=MIDDLE, times=10_000))
        assert "cannot be reached" in str(trial.error)

    def test_two_503s(self):
        with self.trouble("two answers with 503") as trial:
            self.proxy.when(BEGINS, lambda: self.net.refuse(times=2))
            self.proxy.when(FINISH[0], self.is_over)
        assert not trial.clearly

    def test_503s_for_good_from_the_first_step_on(self, monkeypatch):
        hasten(monkeypatch)
        with self.trouble("503 for good") as trial:
            self.proxy.when(BEGINS, lambda: self.net.refuse(times=10_000))
        assert "an error of its own" in str(trial.error)

    def test_503s_for_good_when_a_step_has_succeeded(self, monkeypatch):
        hasten(monkeypatch)
        with self.trouble("503 for good") as trial:
            self.proxy.when(FINISH[0], lambda: self.net.refuse(times=10_000))
        assert "an error of its own" in str(trial.error)
        ((number,),) = self.ask("SELECT count(*) FROM run WHERE executed = 3 AND cached = 1")
        assert number == 1, "the second run goes on after the step that had succeeded"

    def is_over(self):
        assert self.net.left == 0, "the fault did not come"


class TestPostgresAndGCS(RunFaults):
    kind = "gcs"

    @pytest.fixture
    def server(self, postgres):
        return postgres


class TestMariadbAndS3(RunFaults):
    kind = "s3"

    @pytest.fixture
    def server(self, mariadb):
        return mariadb
