"""The local cache of a remote store: its bound, who is using it, and several processes at once."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zenlab.artifacts import ArtifactStore, Described, Stored, leases
from zenlab.artifacts import cache as caches
from zenlab.artifacts.cache import LocalCache, default_folder, default_limit, parse_size
from zenlab.artifacts.manifest import MANIFEST
from zenlab.cli import run_command
from zenlab.core.errors import ParameterError, StoreError

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

CONTEXT = multiprocessing.get_context("spawn")


def fill(cache: LocalCache, key: str, size: int = 1000) -> Path:
    """Put an artifact of one file into the cache."""
    folder = cache.work("test")
    (folder / "data").write_bytes(b"x" * size)
    (folder / MANIFEST).write_text("{}")
    return cache.put(folder, key, size)


def keys(folder: Path) -> set[str]:
    """What is in the cache, by looking."""
    return {entry.name.rpartition("-")[0] for entry in (folder / "entries").iterdir()}


def in_process(code: str, **env: str) -> str:
    """Run code in a process of its own that ends; what it printed."""
    head = "from tests.integration.test_artifacts_cache import *\n"
    done = subprocess.run(
        [sys.executable, "-c", head + code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **env},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def gone(folder: Path, *names: str, size: int = 1000) -> None:
    """Let a process that ends put artifacts into the cache, the first one is the oldest."""
    in_process(f"""
cache = LocalCache(Path({str(folder)!r}), 10**12)
for number, name in enumerate({names!r}):
    os.utime(fill(cache, name, {size}), (1000 + number, 1000 + number))
""")


def test_what_was_not_used_longest_goes_first(tmp_path: Path) -> None:
    gone(tmp_path, "a", "b", "c", "d")
    cache = LocalCache(tmp_path, 3500)
    assert cache.find("a", 1000) is not None
    fill(cache, "e")
    assert keys(tmp_path) == {"a", "d", "e"}, "b and c were used before a, d and e"


def test_what_this_process_uses_stays(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path, 2500)
    for name in "abcd":
        fill(cache, name)
    assert keys(tmp_path) == set("abcd")
    assert LocalCache(tmp_path).trim(0).entries == 0


def _use(folder: str, ready: object, end: object) -> None:
    found = LocalCache(Path(folder)).find("a", 1000)
    ready.put(str(found))  # type: ignore[attr-defined]
    end.wait()  # type: ignore[attr-defined]


def test_what_another_process_uses_stays_until_it_has_gone(tmp_path: Path) -> None:
    gone(tmp_path, "a", "b")
    ready, end = CONTEXT.Queue(), CONTEXT.Event()
    process = CONTEXT.Process(target=_use, args=(str(tmp_path), ready, end))
    process.start()
    path = Path(ready.get(timeout=60))
    cache = LocalCache(tmp_path)
    assert cache.trim(0).entries == 1
    assert (path / "data").read_bytes() == b"x" * 1000
    usage = cache.usage()
    assert (usage.entries, usage.in_use, usage.processes, usage.size) == (1, 1, 1, 1000)
    process.kill()  # the kernel frees its lease
    process.join()
    assert cache.trim(0) == caches.Cleaned(1, 1000)
    assert keys(tmp_path) == set()


def test_what_a_dead_process_left_half_done_goes_and_a_living_ones_stays(tmp_path: Path) -> None:
    in_process(f"""
cache = LocalCache(Path({str(tmp_path)!r}))
(cache.work("staged") / "half").write_text("x" * 1000)
os._exit(0)
""")
    cache = LocalCache(tmp_path)
    mine = cache.work("staged")
    assert len(list((tmp_path / "work").iterdir())) == 2
    fill(cache, "a")
    assert list((tmp_path / "work").iterdir()) == [mine]
    assert len(list((tmp_path / "leases").iterdir())) == 1


def test_two_that_bring_the_same(tmp_path: Path) -> None:
    one, other = LocalCache(tmp_path), LocalCache(tmp_path)
    first = fill(one, "a")
    assert fill(other, "a") == first
    assert list((tmp_path / "work").iterdir()) == []


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone(tmp_path, "old", "older")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    cache = LocalCache(tmp_path)
    fill(cache, "new")
    left = cache.work("staged")
    cache.trim(0)
    assert keys(tmp_path) == {"new"}, "of what was used today nobody can tell whether it still is"
    assert left.is_dir()


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="local cache") as caught:
        LocalCache(tmp_path / "file" / "cache").work("staged")
    assert "ZENLAB_CACHE_DIR" in str(caught.value)


def test_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < default_limit(tmp_path / "not" / "there") <= 20_000_000_000
    monkeypatch.setenv("ZENLAB_CACHE_SIZE", "1.5 GB")
    assert LocalCache(tmp_path).limit == 1_500_000_000
    monkeypatch.setenv("ZENLAB_CACHE_SIZE", "much")
    with pytest.raises(ParameterError, match="'much' is no size") as caught:
        LocalCache(tmp_path).work("staged")
    assert "ZENLAB_CACHE_SIZE" in str(caught.value)
    assert [parse_size(text, "") for text in ("12", "3k", "2 MiB", "0")] == [12, 3000, 2 << 20, 0]
    for text in ("", "-1", "1e9", "12 bananas", "GB"):
        with pytest.raises(ParameterError):
            parse_size(text, "")


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, isolated: Path) -> None:
    assert default_folder() == isolated / ".cache" / "zenlab" / "artifacts"
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_folder() == Path("/x/zenlab/artifacts")
    monkeypatch.setenv("ZENLAB_CACHE_DIR", "~/here")
    assert default_folder() == isolated / "here"


def test_looking_is_cheap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = LocalCache(tmp_path, 10**9)
    fill(cache, "a")
    monkeypatch.setattr(leases.fcntl, "flock", None)
    monkeypatch.setattr(caches.os, "scandir", None)
    assert cache.find("a", 1000) is not None, "neither a lock nor a listing"
    assert cache.find("b", 1000) is None


def _work(folder: str, root: str, seed: int, stored: list[Stored], seconds: float) -> None:
    """Read at random what all read, publish, and trim, with a cache that is much too small."""
    draw = random.Random(seed)
    number = removed = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until or removed < 10:
        if number % 10 == 0:
            _begin_anew()
            store = ArtifactStore(root, cache_dir=Path(folder), cache_size=30_000)
        number += 1
        one = draw.choice(stored)
        path = store.fetch(one)
        expected = one.summary["byte"] * 5000
        for _ in range(3):
            assert (path / "data").read_text() == expected
        if number % 4 == 0:
            removed += LocalCache(Path(folder), 0).trim(0).entries
        if number % 7 == 0:
            uri = f"new/{seed}/{number}"
            staged = store.stage(uri)
            (staged / "data").write_text("n" * 5000)
            new = store.publish(uri, staged, Described("files", 1, "00", summary={"byte": "n"}))
            assert (store.fetch(new) / "data").read_text() == "n" * 5000


def _begin_anew() -> None:
    """As if the process had ended: what it has used may go."""
    for one in leases._leases.values():
        if one._own is not None:
            os.close(one._own)
    leases._leases.clear()


@pytest.mark.slow
def test_readers_writers_and_evictions_in_several_processes(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    root = f"dir::file://{tmp_path}/bucket"  # a folder, as fsspec sees it: to us it is remote
    store = ArtifactStore(root, cache_dir=tmp_path / "first")
    stored = []
    for letter in "abcdefghijklmnop":
        staged = store.stage(f"old/{letter}")
        (staged / "data").write_text(letter * 5000)
        described = Described("files", 1, "00", summary={"byte": letter})
        stored.append(store.publish(f"old/{letter}", staged, described))
    processes: list[BaseProcess] = [
        CONTEXT.Process(target=_work, args=(str(folder), root, number, stored, seconds))
        for number, seconds in enumerate((600, 4, 4, 4))
    ]
    for process in processes:
        process.start()
    for process in processes[1:]:
        process.join(60)
    processes[0].kill()  # in the middle of whatever it does
    processes[0].join()
    assert [process.exitcode for process in processes] == [-9, 0, 0, 0]
    LocalCache(folder).trim(0)
    assert list((folder / "entries").iterdir()) == []
    assert list((folder / "work").iterdir()) == []


def test_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("ZENLAB_CACHE_DIR", str(folder))
    monkeypatch.setenv("ZENLAB_CACHE_SIZE", "5GB")
    assert run_command(["cache", "status"]) == 0
    assert "empty" in capsys.readouterr().out
    gone(folder, "a", "b", "c", size=2_000_000)
    LocalCache(folder).find("c", 2_000_000)
    assert run_command(["cache", "status"]) == 0
    out = capsys.readouterr().out
    assert str(folder) in out
    assert "3 artifacts" in out
    assert "6 MB of 5.0 GB" in out
    assert run_command(["cache", "clean", "--keep", "4.5MB"]) == 0
    assert "1 artifact removed, 2 MB" in capsys.readouterr().out
    assert keys(folder) == {"b", "c"}
    assert run_command(["cache", "clean"]) == 0
    out = capsys.readouterr().out
    assert keys(folder) == {"c"}
    assert "1 artifact" in out
    assert "in use" in out
    assert run_command(["cache", "clean", "--keep", "some"]) == 1
    assert "no size" in capsys.readouterr().err
