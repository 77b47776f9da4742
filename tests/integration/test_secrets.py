"""A secret is planted, a whole session is lived, and everything that it wrote is searched.

The session: a repository is configured on the command line, a notebook is executed with a step
that prints the secret and one that fails with it, the stores are broken so that the drivers quote
what they were given, and a script ends with a traceback. The secret is searched for in files, in
the database, in the bucket, in all output, and in the command lines of all processes meanwhile.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import nbformat
import pytest
import sqlalchemy
from nbclient import NotebookClient

from tests.integration.conftest import git
from tests.servers.s3 import s3_server

MARK = "pl4nted"
PASSWORD = f"{MARK}/p@ss:w%rd é'1"
KEY = f"{MARK}+KEY/2"
OWNER = "owner_of_a_secret"
ROOT = Path(__file__).parents[2]

SCRIPT = """
from zenlab.repo import Repository
repository = Repository()
print(repository, repository.metadata, repository.artifacts, repository.config)
repository.metadata.runs(repository.project)
"""

CELLS = [
    """
    %load_ext zenlab
    import os, warnings
    import pandas as pd
    from zenlab.repo import Repository
    from zenlab.datasources import PandasDatasource
    from zenlab.pipelines import TrainingPipeline
    from zenlab.steps.preprocesser import TabularPreprocesser
    from zenlab.steps.split import RandomSplit
    from zenlab.steps.trainer import SklearnTrainer
    frame = pd.DataFrame({"a": range(100), "y": [i % 2 for i in range(100)]})

    def chatty(df):
        print("all that I know:", dict(os.environ))
        warnings.warn("used " + os.environ["DB_PW"])
        return df

    def broken(df):
        raise ConnectionError(f"no route to mysql://ann:{os.environ['DB_PW']}@db/zen")

    def declare(name, function):
        pipeline = TrainingPipeline(name=name)
        pipeline.add_datasource(PandasDatasource("toy", frame))
        pipeline.add_transform(function)
        pipeline.add_split(RandomSplit(split_map={"train": 0.7, "eval": 0.3}))
        pipeline.add_preprocesser(TabularPreprocesser(features=["a"], labels=["y"]))
        pipeline.add_trainer(SklearnTrainer("LogisticRegression"))
        return pipeline
    """,
    "a = declare('A', chatty)\n%zen run a",
    "%zen logs",
    "declare('B', broken).run()",
    "%zen logs",
    "%zen show B",
    "%zen why B",
    "%zen status",
    "%zen config list",
    "repository = Repository()\nrepository, repository.metadata, repository.artifacts",
    "repository.config",
    "%zen config metadata set {broken}",
    "%zen status",
    "%zen doctor",
    "Repository().metadata.runs('x')",
    "%zen config metadata set postgresql --host db --database zen --username ann --password",
]

ERRORS = ["StepError", "StoreError", "ZenlabError", "StoreError", "ParameterError"]


@pytest.fixture
def database(postgres):
    """A database whose owner has the planted password; its URL for an administrator."""
    url = postgres.create_database()
    quoted = PASSWORD.replace("'", "''")
    name = url.rpartition("/")[2]
    postgres.execute(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{quoted}'", database=None)
    postgres.execute(f"ALTER DATABASE {name} OWNER TO {OWNER}", database=None)
    postgres.execute(f"ALTER SCHEMA public OWNER TO {OWNER}", database=name)
    return sqlalchemy.make_url(url)


@pytest.fixture(scope="module")
def s3():
    """An S3 emulator."""
    with s3_server() as server:
        yield server


class CommandLines:
    """Collects the command lines of all processes, as `ps` shows them, while it is open."""

    def __enter__(self) -> set[bytes]:
        self.found: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self.found

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    self.found.add((process / "cmdline").read_bytes())
                except OSError:
                    continue


def command(folder: Path, *args: str) -> str:
    """Run a Python program in the repository; all that it printed."""
    done = subprocess.run(
        [sys.executable, *args],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return f"{done.returncode}\n{done.stdout}\n{done.stderr}"


def zenlab(folder: Path, *args: str) -> str:
    return command(folder, "-c", "from zenlab.cli import main; main()", *args)


def execute(folder: Path, cells: list[str]) -> tuple[Path, list[str]]:
    """Execute a notebook to its end, whatever fails; the names of the errors in it."""
    document = nbformat.v4.new_notebook()
    for source in cells:
        lines = source.strip("\n").split("\n")
        margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        text = "\n".join(line[margin:] for line in lines)
        document.cells.append(nbformat.v4.new_code_cell(text))
    client = NotebookClient(
        document,
        extra_arguments=["--IPKernelApp.log_level=40"],
        timeout=120,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    client.execute()
    path = folder / "session.ipynb"
    nbformat.write(document, path)
    outputs = [output for cell in document.cells for output in cell.outputs]
    return path, [f"{o.ename}: {o.evalue}" for o in outputs if o.output_type == "error"]


def forms(secret: str) -> list[bytes]:
    """The mark as it is, and in base64, wherever it begins in a group of three bytes."""
    shifted = [base64.b64encode(b"\0" * i + secret.encode()) for i in range(3)]
    return [secret.encode(), *(code[4 if i else 0 : -4] for i, code in enumerate(shifted))]


def leaks(name: str, content: bytes | str) -> list[str]:
    data = content.encode() if isinstance(content, str) else content
    return [
        f"{name}: ...{data[max(0, data.find(f) - 80) :][:160]!r}" for f in forms(MARK) if f in data
    ]


def test_the_search_finds_what_it_looks_for():
    assert leaks("x", f"a {PASSWORD}")
    assert all(leaks("x", base64.b64encode(b"." * i + PASSWORD.encode())) for i in range(4))
    assert not leaks("x", "planted")


def test_a_whole_session_leaves_no_secret(repository, database, s3, isolated, monkeypatch):
    folder = repository.root
    bucket = f"bucket-{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("DB_PW", PASSWORD)
    monkeypatch.setenv("S3_KEY", KEY)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("IPYTHONDIR", str(isolated / "ipython"))
    s3.make_bucket(bucket)
    said: dict[str, str] = {}
    server = ["config", "metadata", "set", "postgresql", "--host", "127.0.0.1"]
    server += ["--port", str(database.port), "--username", OWNER, "--database", database.database]
    place = f"127.0.0.1:{database.port}/{database.database}"
    url = f"postgresql://{OWNER}:${{DB_PW}}@{place}?connect_timeout=30"
    with CommandLines() as lines:
        said["metadata"] = zenlab(folder, *server, "--password-env", "DB_PW")
        said["artifacts"] = zenlab(
            *(folder, "config", "artifacts", "set", f"s3://{bucket}/team"),
            *("--option", "key=k", "--option", "secret=${S3_KEY}"),
            *("--option", f"endpoint_url={s3.url}"),
        )
        assert "metadata_store" in said["metadata"], said
        assert "artifact_store" in said["artifacts"], said
        # psycopg quotes the value of a parameter that it does not understand.
        broken = f"'{url}&sslmode=${{DB_PW}}'"
        cells = [cell.replace("{broken}", broken) for cell in CELLS]
        notebook, errors = execute(folder, cells)
        assert [error.partition(":")[0] for error in errors] == ERRORS, "\n".join(errors)
        assert "sslmode=${DB_PW}" in (folder / "zenlab.yaml").read_text()
        said["status"] = zenlab(folder, "status")
        said["doctor"] = zenlab(folder, "doctor")
        said["script"] = command(folder, "-c", SCRIPT)
        said["unreachable"] = zenlab(
            *(folder, "config", "artifacts", "set", f"s3://{bucket}/team"),
            *("--option", "key=k", "--option", "secret=${S3_KEY}"),
            *("--option", "endpoint_url=http://ann:${DB_PW}@127.0.0.1:9"),
        )
        said["bad bucket"] = zenlab(folder, "doctor")
    assert "invalid sslmode value" in said["script"]
    assert "Traceback" in said["script"]
    assert "***" in said["script"]
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all of it")
    said["git"] = git(folder, "log", "-p", "--all")

    found = [leak for name, text in said.items() for leak in leaks(name, text)]
    found += [leak for line in lines for leak in leaks("ps", line)]
    found += search_files([folder, isolated.parent])
    found += search_database(database)
    found += search_bucket(s3, bucket)
    assert not found, "\n".join(found)
    # What was masked was there to be masked.
    text = notebook.read_text()
    assert "all that I know" in text
    assert "used ***" in text
    assert "no route to mysql://ann:***@db/zen" in text


def search_files(folders: list[Path]) -> list[str]:
    found = []
    number = 0
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                number += 1
                found += leaks(str(path), path.read_bytes())
                found += leaks("a file's name", str(path))
    assert number > 10
    return found


def search_bucket(server: Any, bucket: str) -> list[str]:
    names = server.names(bucket)
    assert len(names) > 10
    return [leak for name in names for leak in leaks(name, server.read(f"{bucket}/{name}"))]


def search_database(url: sqlalchemy.URL) -> list[str]:
    engine = sqlalchemy.create_engine(url.set(drivername="postgresql+psycopg"))
    found: list[str] = []
    rows: list[Any] = []
    with engine.connect() as connection:
        for table in sqlalchemy.inspect(connection).get_table_names():
            rows += connection.execute(sqlalchemy.text(f'SELECT * FROM "{table}"')).all()
        active = "SELECT query, application_name FROM pg_stat_activity"
        rows += connection.execute(sqlalchemy.text(active)).all()
    engine.dispose()
    assert any("broken" in str(row) for row in rows)
    for row in rows:
        found += leaks("a row", str(row))
    return found
