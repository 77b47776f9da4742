"""Somebody who may write the team's stores puts something else where a model was.

The bucket alone: the manifest's recorded SHA-256 finds it. Bucket and database together, which
anybody of the team may write: then formats and trust rules are what stands between a forged
artifact and the code that a pickle would run.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy

from tests.servers.gcs import gcs_server
from tests.servers.s3 import s3_server
from zenlab.core.errors import ArtifactError, TrustError
from zenlab.repo import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


WITNESS = "ZENLAB_HOSTILE_WITNESS"


class Bomb:
    """Runs code as soon as it is unpickled."""

    def __reduce__(self) -> Any:
        return exec, (f"import os; os.environ['{WITNESS}'] = '1'",)


class Stores:
    """A pipeline that has run, and an enemy who reaches its bucket and its database."""

    def __init__(self, bucket: Any, place: str, root: Path, cache: Path, declare: Any) -> None:
        self.bucket = bucket
        self.place = place.partition("://")[2]
        self.root = root
        self.cache = cache
        self.declare = declare
        self.declare().run()
        self.database = sqlalchemy.create_engine(f"sqlite:///{root / '.zenlab' / 'metadata.db'}")
        with self.database.connect() as connection:
            found = connection.execute(
                sqlalchemy.text("SELECT uri FROM artifact WHERE name = 'model'")
            )
            ((self.uri,),) = found.all()

    def files(self) -> dict[str, bytes]:
        """What the model's artifact is made of, the manifest among it."""
        start = f"{self.place.partition('/')[2]}/{self.uri}/"
        names = self.bucket.names(self.place.partition("/")[0])
        return {
            name.removeprefix(start): self.bucket.read(f"{self.place.partition('/')[0]}/{name}")
            for name in names
            if name.startswith(start)
        }

    def write(self, name: str, data: bytes) -> None:
        """Replace one object."""
        self.bucket.write(f"{self.place}/{self.uri}/{name}", data)

    def forge(self, content: bytes, path: str | None = None) -> None:
        """Replace the model, and make manifest and database agree with it."""
        files = self.files()
        manifest = json.loads(files.pop("manifest.json"))
        (name,) = files
        entry = {
            "path": path or name,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        manifest["files"] = [entry]
        encoded = json.dumps(manifest, sort_keys=True).encode()
        self.write(name, content)
        self.write("manifest.json", encoded)
        with self.database.begin() as connection:
            connection.execute(
                sqlalchemy.text(
                    "UPDATE artifact SET manifest_sha256 = :sha, size_bytes = :size "
                    "WHERE uri = :uri"
                ),
                {
                    "sha": hashlib.sha256(encoded).hexdigest(),
                    "size": len(content),
                    "uri": self.uri,
                },
            )

    def model(self) -> Any:
        """The model as somebody else gets it, who has nothing of it in a local cache."""
        shutil.rmtree(self.cache / "entries", ignore_errors=True)
        return Repository(self.root).get_pipeline_by_name("Pipeline A").model()


@pytest.fixture(params=["s3"])
def stores(
    request: pytest.FixtureRequest,
    repository: Repository,
    declare: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Stores]:
    with {"gcs": gcs_server, "s3": s3_server}[request.param]() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        cache = tmp_path / "cache"
        monkeypatch.setenv("ZENLAB_CACHE_DIR", str(cache))
        place = f"{server.make_bucket('team-bucket')}/zenlab"
        with (repository.root / "zenlab.yaml").open("a") as file:
            file.write(f"artifact_store: {place}\n")
        yield Stores(server, place, repository.root, cache, declare)


BUCKETS = pytest.mark.parametrize("stores", ["gcs", "s3"], indirect=True)


def skops_of(content: bytes, named: dict[str, str]) -> bytes:
    """A skops file that says it is of another class."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "schema.json":
                data = json.dumps(json.loads(data) | named).encode()
            after.writestr(name, data)
    return made.getvalue()


@BUCKETS
def test_what_is_swapped_in_the_bucket_is_seen_and_computed_again(stores: Stores) -> None:
    files = stores.files()
    (name,) = set(files) - {"manifest.json"}
    stores.write(name, files[name][:-1] + bytes([files[name][-1] ^ 1]))
    with pytest.raises(ArtifactError, match="SHA-256 differs") as caught:
        stores.model()
    assert name in str(caught.value)
    again = stores.declare()
    again.run()
    assert again.last.result.steps["trainer"].how == "executed"
    assert hasattr(stores.model(), "predict")


@BUCKETS
def test_a_manifest_that_vouches_for_a_swapped_file_is_not_the_recorded_one(
    stores: Stores,
) -> None:
    manifest = json.loads(stores.files()["manifest.json"])
    stores.write("manifest.json", json.dumps(manifest).encode())
    with pytest.raises(ArtifactError, match="not the one that was recorded"):
        stores.model()


def test_a_pickle_in_place_of_a_model_is_refused_and_does_not_run(stores: Stores) -> None:
    stores.forge(pickle.dumps(Bomb()))
    with pytest.raises(ArtifactError, match="no skops file"):
        stores.model()
    assert WITNESS not in os.environ


def test_classes_outside_the_trust_rules_are_refused(stores: Stores) -> None:
    files = stores.files()
    (file,) = set(files) - {"manifest.json"}
    for module, name in (("posix", "system"), ("builtins", "eval"), ("sklearn.base", "os")):
        named = {"__module__": module, "__class__": name}
        stores.forge(skops_of(files[file], named))
        with pytest.raises(TrustError) as caught:
            stores.model()
        assert f"{module}.{name}" in str(caught.value)


def test_paths_that_lead_out_are_refused(stores: Stores, tmp_path: Path) -> None:
    for path in ("../../../escaped", "/tmp/escaped", "a/../../escaped"):
        stores.forge(b"escaped", path)
        with pytest.raises(ArtifactError, match="names the file"):
            stores.model()
    with stores.database.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE artifact SET uri = '../../elsewhere' WHERE uri = :uri"),
            {"uri": stores.uri},
        )
    with pytest.raises(ArtifactError, match="elsewhere"):
        stores.model()
    assert not list(tmp_path.rglob("escaped"))
