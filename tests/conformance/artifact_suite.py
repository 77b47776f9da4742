"""What every artifact store does. Inherit `ArtifactSuite` and override the fixtures.

class TestLocal(ArtifactSuite):
    @pytest.fixture
    def root(self, tmp_path):
        return str(tmp_path / "store")

    def files_of(self, root, uri): ...
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from zenlab.artifacts import ArtifactStore, Described, Stored, read_value, write_value
from zenlab.artifacts.manifest import MANIFEST
from zenlab.core.errors import ArtifactError, ZenlabError

if TYPE_CHECKING:
    from pathlib import Path

URI = "split/ab/abcd/1-owner/train"


def put(store: ArtifactStore, value: object, uri: str = URI) -> Stored:
    """Store a value as the engine does."""
    folder = store.stage(uri)
    return store.publish(uri, folder, write_value(value, folder))


class ArtifactSuite:
    """Override `root` and the three methods below it; a store must pass all tests."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        """The URL of an empty place, new for each test."""
        raise NotImplementedError

    def read(self, root: str, path: str) -> bytes:
        """A file of the store, behind its back."""
        raise NotImplementedError

    def overwrite(self, root: str, path: str, data: bytes) -> None:
        """Change a file of the store, behind its back."""
        raise NotImplementedError

    def remove(self, root: str, path: str) -> None:
        """Remove a file of the store, behind its back."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, root: str, tmp_path: Path) -> ArtifactStore:
        return ArtifactStore(root, cache_dir=tmp_path / "cache")

    @pytest.fixture
    def elsewhere(self, root: str, tmp_path: Path) -> ArtifactStore:
        """The same store, seen from another machine."""
        return ArtifactStore(root, cache_dir=tmp_path / "other-cache")

    def test_a_value_comes_back(self, store: ArtifactStore, elsewhere: ArtifactStore) -> None:
        frame = pd.DataFrame({"x": [1, 2, 3], "y": ["a", None, "c"]})
        stored = put(store, frame)
        for one in (store, elsewhere):
            data = read_value(stored, lambda one=one: one.fetch(stored))
            pd.testing.assert_frame_equal(data.to_pandas(), frame)
            assert data.digest == stored.content_digest

    def test_staged_is_empty_and_invisible(self, store: ArtifactStore) -> None:
        folder = store.stage(URI)
        assert folder.is_dir()
        assert list(folder.iterdir()) == []
        (folder / "x").write_text("x")
        assert not store.exists(URI)
        assert list(store.uris()) == []

    def test_staging_again_after_a_crash_starts_empty(self, store: ArtifactStore) -> None:
        (store.stage(URI) / "left").write_text("x")
        assert list(store.stage(URI).iterdir()) == []

    def test_published_is_visible_and_never_changed(
        self, store: ArtifactStore, elsewhere: ArtifactStore
    ) -> None:
        put(store, {"a": 1})
        assert store.exists(URI)
        assert elsewhere.exists(URI)
        with pytest.raises(ArtifactError, match="never changed"):
            store.stage(URI)

    def test_the_manifest_names_every_file(self, store: ArtifactStore, root: str) -> None:
        folder = store.stage(URI)
        (folder / "sub").mkdir()
        (folder / "sub" / "ä ö").write_bytes(b"1234")
        (folder / "b").write_bytes(b"")
        stored = store.publish(URI, folder, Described("files", 1, "00", summary={"n": 2}))
        manifest = json.loads(self.read(root, f"{URI}/{MANIFEST}"))
        assert [f["path"] for f in manifest["files"]] == ["b", "sub/ä ö"]
        assert stored.size == 4
        assert stored.summary == {"n": 2}
        assert (store.fetch(stored) / "sub" / "ä ö").read_bytes() == b"1234"

    def test_equal_artifacts_have_equal_manifests(self, store: ArtifactStore) -> None:
        one, other = put(store, {"a": 1}), put(store, {"a": 1}, f"{URI}-2")
        assert one.manifest_sha256 == other.manifest_sha256

    def test_an_artifact_without_files_is_refused(self, store: ArtifactStore) -> None:
        folder = store.stage(URI)
        with pytest.raises(ArtifactError, match="without a file"):
            store.publish(URI, folder, Described("files", 1, "00"))
        assert not store.exists(URI)

    def test_a_link_is_refused(self, store: ArtifactStore) -> None:
        folder = store.stage(URI)
        (folder / "link").symlink_to("/etc/hostname")
        with pytest.raises(ArtifactError, match="'link' is a link"):
            store.publish(URI, folder, Described("files", 1, "00"))

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda data: data + b" ", "bytes instead of"),
            (lambda data: data[:-1] + b"!", "SHA-256"),
            (lambda _: b"", "bytes instead of"),
        ],
    )
    def test_a_damaged_file_is_named(
        self, store: ArtifactStore, elsewhere: ArtifactStore, root: str, change: Any, said: str
    ) -> None:
        stored = put(store, {"a": 1})
        path = f"{URI}/value.json"
        self.overwrite(root, path, change(self.read(root, path)))
        with pytest.raises(ArtifactError, match=said) as caught:
            elsewhere.fetch(stored)
        assert "value.json" in str(caught.value)

    def test_a_missing_file_is_named(
        self, store: ArtifactStore, elsewhere: ArtifactStore, root: str
    ) -> None:
        stored = put(store, {"a": 1})
        self.remove(root, f"{URI}/value.json")
        with pytest.raises(ArtifactError, match="missing") as caught:
            elsewhere.fetch(stored)
        assert "value.json" in str(caught.value)

    def test_a_file_that_does_not_belong_is_never_read(
        self, store: ArtifactStore, elsewhere: ArtifactStore, root: str
    ) -> None:
        frame = pd.DataFrame({"x": [1]})
        stored = put(store, frame)
        self.overwrite(root, f"{URI}/part-00001.parquet", b"more rows")
        try:
            data = read_value(stored, elsewhere.fetch(stored)).to_pandas()
        except ArtifactError as error:
            said = str(error)  # a local store is read in place
            found = "does not belong" in said and "part-00001.parquet" in said
        else:
            found = data.equals(frame)  # a remote one brings what the manifest names
        assert found

    def test_another_manifest_is_refused(
        self, store: ArtifactStore, elsewhere: ArtifactStore, root: str
    ) -> None:
        stored = put(store, {"a": 1})
        changed = self.read(root, f"{URI}/{MANIFEST}").replace(b'"version":1', b'"version":2')
        self.overwrite(root, f"{URI}/{MANIFEST}", changed)
        with pytest.raises(ArtifactError, match="not the one that was recorded"):
            elsewhere.fetch(stored)

    def test_a_lost_artifact_is_an_error(self, store: ArtifactStore) -> None:
        stored = put(store, {"a": 1})
        store.delete(URI)
        with pytest.raises(ArtifactError):
            store.fetch(stored)

    def test_damage_that_was_repaired_is_forgotten(
        self, store: ArtifactStore, elsewhere: ArtifactStore, root: str
    ) -> None:
        stored = put(store, {"a": 1})
        path = f"{URI}/value.json"
        good = self.read(root, path)
        self.overwrite(root, path, b"bad")
        with pytest.raises(ArtifactError):
            elsewhere.fetch(stored)
        self.overwrite(root, path, good)
        assert read_value(stored, elsewhere.fetch(stored)) == {"a": 1}

    def test_deleting_takes_all_below_and_nothing_beside(self, store: ArtifactStore) -> None:
        base = "split/ab/abcd/1-owner"
        for name in ("train", "eval"):
            put(store, name, f"{base}/{name}")
        (store.stage(f"{base}/unfinished") / "x").write_text("x")
        put(store, "other", "split/ab/abcd/1-owner2/train")
        store.delete(base)
        assert list(store.uris()) == ["split/ab/abcd/1-owner2/train"]
        store.delete(base)  # nothing there: no complaint

    def test_uris_in_order_below_a_prefix(self, store: ArtifactStore) -> None:
        for uri in ("b/2", "a/1", "a/10", "ab/1"):
            put(store, "x", uri)
        assert list(store.uris()) == ["a/1", "a/10", "ab/1", "b/2"]
        assert list(store.uris("a")) == ["a/1", "a/10"]
        assert list(store.uris("nothing")) == []

    def test_a_file_called_like_the_manifest(self, store: ArtifactStore, tmp_path: Path) -> None:
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / MANIFEST).write_text("mine")
        stored = put(store, mine)
        assert list(store.uris()) == [URI]
        assert (read_value(stored, store.fetch(stored)) / MANIFEST).read_text() == "mine"

    def test_a_copy(self, store: ArtifactStore) -> None:
        stored = put(store, {"a": 1})
        copied = store.copy(stored, "other/place")
        assert copied == dataclasses.replace(stored, uri="other/place")
        assert read_value(copied, store.fetch(copied)) == {"a": 1}

    @pytest.mark.parametrize(
        "uri",
        ["", "/abs", "../up", "a/../b", "a//b", "a/.", "a\\b", "a\x00b", "~/a", "C:/a", "x" * 256],
    )
    def test_a_uri_that_leads_out_is_refused(self, store: ArtifactStore, uri: str) -> None:
        for act in (store.stage, store.exists, store.delete):
            with pytest.raises(ZenlabError):
                act(uri)
        stored = Stored(uri, "json", 1, "00", "00", 0)
        with pytest.raises(ZenlabError):
            store.fetch(stored)

    def test_a_root_with_spaces_and_accents(self, root: str, tmp_path: Path) -> None:
        store = ArtifactStore(f"{root}/dépôt commun", cache_dir=tmp_path / "c")
        stored = put(store, {"a": 1})
        assert read_value(stored, store.fetch(stored)) == {"a": 1}
