"""The installer on a tiny lock: a wheel that is made here, uv and pip for real."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from zenlab.cli import run_command
from zenlab.core.errors import WorkerError, WorkerMissingError
from zenlab.validation import environment
from zenlab.validation.environment import MARKER, examine, lock_digest, worker_place
from zenlab.validation.install import find_uv, install, remove
from zenlab.validation.interpreters import find_python
from zenlab.validation.pip_settings import uv_variables

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def wheels(tmp_path):
    """A folder with one wheel."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_wheel(folder, "tinypart", "1.0")
    return folder


def make_wheel(folder, name, version):
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    lines = []
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            lines.append(f"{file},sha256={digest.rstrip(b'=').decode()},{len(text)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*lines, f"{info}/RECORD,,"]) + "\n")
    return wheel


@pytest.fixture
def lock(tmp_path, wheels):
    (wheel,) = wheels.iterdir()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    file = tmp_path / "lock.txt"
    file.write_text(f"tinypart==1.0 \\\n    --hash=sha256:{digest}\n")
    return file


def check(python):
    """What an environment says of its package."""
    code = "import tinypart; print(tinypart.VERSION)"
    return subprocess.check_output([python, "-I", "-c", code], text=True).strip()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("uv", [None, ""], ids=["uv", "pip alone"])
def test_installing(tmp_path, lock, wheels, uv):
    place = tmp_path / "cache" / "worker" / "abc"
    said = []
    found = install(place, lock, wheelhouse=wheels, uv=uv, check=check, say=said.append)
    assert check(found.python) == "1.0"
    assert examine(place, lock_digest(lock))[0] == found
    assert json.loads((place / MARKER).read_text())["says"] == "1.0"
    assert names(place.parent) == ["abc", "abc.lock"]
    assert place.stat().st_mode & 0o777 == 0o755
    assert f"and {'pip' if uv == '' else 'uv'} ..." in said[0]
    # Its Python is that of the machine, not of the environment that made it, which may be removed.
    home = dict(
        line.split(" = ", 1) for line in (place / "pyvenv.cfg").read_text().splitlines() if line
    )["home"]
    assert not Path(home).is_relative_to(ROOT)


def test_uv_is_found():
    assert Path(find_uv()).name == "uv"


def test_installing_again_does_nothing_and_force_makes_it_anew(tmp_path, lock, wheels):
    place = tmp_path / "worker"
    install(place, lock, wheelhouse=wheels, check=check)
    (place / "seen").touch()
    install(place, lock, wheelhouse=tmp_path / "none", check=check)
    assert (place / "seen").exists()
    install(place, lock, wheelhouse=wheels, check=check, force=True)
    assert not (place / "seen").exists()


def test_what_fails_leaves_what_was_there(tmp_path, lock, wheels):
    place = tmp_path / "worker"
    install(place, lock, wheelhouse=wheels, check=check)
    before = names(tmp_path)

    def bad(_python):
        raise WorkerError("It cannot be loaded.")

    with pytest.raises(WorkerError, match="cannot be loaded"):
        install(place, lock, wheelhouse=wheels, check=bad, force=True)
    lock.write_text("tinypart==1.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(WorkerError, match="cannot be installed") as error:
        install(place, lock, wheelhouse=wheels, check=check)
    assert "It said:" in error.value.hint
    assert names(tmp_path) == before
    assert (place / MARKER).exists()


def test_a_package_without_a_hash_is_refused(tmp_path, lock, wheels):
    lock.write_text("tinypart==1.0\n")
    with pytest.raises(WorkerError, match="cannot be installed"):
        install(tmp_path / "worker", lock, wheelhouse=wheels, check=check)


def test_folders_that_do_not_fit(tmp_path, lock, wheels):
    with pytest.raises(WorkerError, match="no such folder of wheels"):
        install(tmp_path / "worker", lock, wheelhouse=tmp_path / "none", check=check)
    (tmp_path / "file").touch()
    with pytest.raises(WorkerError, match="cannot be installed there"):
        install(tmp_path / "file" / "worker", lock, wheelhouse=wheels, check=check)


INSTALL = """\
import sys, time
from pathlib import Path
from zenlab.validation.install import install
def check(python):
    time.sleep(1)
    return "made"
install(Path(sys.argv[1]), Path(sys.argv[2]), wheelhouse=Path(sys.argv[3]), check=check,
        say=lambda text: print(text, flush=True))
"""


def test_two_at_once_make_one(tmp_path, lock, wheels):
    place = tmp_path / "worker"
    left = tmp_path / "worker.making-dead"
    left.mkdir()
    command = [sys.executable, "-c", INSTALL, place, lock, wheels]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) for _ in "ab"]
    said = sorted(one.communicate(timeout=60)[0] for one in both)
    assert [one.returncode for one in both] == [0, 0]
    made, waited = sorted(said, key=lambda text: "waiting" in text)
    assert "Making the TFDV worker" in made
    assert "Making" not in waited
    assert "is installed" in waited
    assert not left.exists()


def test_half_of_one_is_never_seen(tmp_path, lock, wheels):
    place = tmp_path / "worker"
    states = set()
    made = threading.Event()

    def look():
        while not made.is_set():
            states.add((place.exists(), examine(place, lock_digest(lock))[0] is not None))
            time.sleep(0.001)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        install(place, lock, wheelhouse=wheels, check=check)
    finally:
        time.sleep(0.01)
        made.set()
        watcher.join()
    # The two are looked at one after the other, so "not there, complete" is possible.
    assert (True, False) not in states
    assert (True, True) in states


def test_environments_that_do_not_fit(tmp_path, lock, wheels):
    place = tmp_path / "worker"
    found = install(place, lock, wheelhouse=wheels, check=check)
    assert examine(place, "0" * 64)[1] == "was installed for another version of zenlab"
    found.python.unlink()
    assert examine(place, found.lock) == (None, "has lost the Python that it was made with")
    (place / MARKER).write_text("{")
    assert "cannot be read" in examine(place, found.lock)[1]
    (place / MARKER).unlink()
    assert examine(place, found.lock) == (None, "is not installed")


def test_removing(tmp_path, lock, wheels):
    place = tmp_path / "worker"
    install(place, lock, wheelhouse=wheels, check=check)
    assert remove(place)
    assert not place.exists()
    assert not remove(place)
    (tmp_path / "other").mkdir()
    with pytest.raises(WorkerError, match="no environment of a TFDV worker"):
        remove(tmp_path / "other")


def test_where_it_belongs(monkeypatch, tmp_path):
    assert worker_place().folder == ROOT / ".venv-worker"
    monkeypatch.setattr(environment, "_CLONE", tmp_path)  # an installed wheel
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    digest = lock_digest(environment.lock_file())
    assert worker_place().folder == tmp_path / "cache" / "zenlab" / "worker" / digest[:16]
    monkeypatch.setenv("ZENLAB_WORKER", "~/shared")
    assert worker_place().folder == Path.home() / "shared"


def test_platforms_without_a_lock(monkeypatch):
    monkeypatch.setattr(environment.platform, "machine", lambda: "riscv64")
    assert environment.state() == "unsupported"
    with pytest.raises(WorkerMissingError, match="riscv64: statistics, schemas and anomalies"):
        environment.find_worker_environment()


def fake(folder, name, text):
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def test_every_candidate_is_executed(monkeypatch, tmp_path):
    real = find_python(None)
    fake(
        tmp_path / "shims",
        "python3.11",
        "echo 'pyenv: python3.11: command not found' >&2; exit 127",
    )
    fake(tmp_path / "old", "python3", "echo 3.9; exit 1")
    good = fake(tmp_path / "good", "python3.11", f'exec {real} "$@"').parent
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "shims"), str(tmp_path / "old")]))
    with pytest.raises(WorkerError, match=r"no working Python 3\.11") as error:
        find_python(None)
    assert "--python PATH" in error.value.hint
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(good)]))
    assert find_python(None) == real


def test_a_python_that_was_named_fits_or_is_refused(tmp_path):
    assert find_python(sys.executable if sys.version_info[:2] == (3, 11) else "python3.11")
    with pytest.raises(WorkerError, match=r"'nothing' is not a working Python 3\.11"):
        find_python("nothing")


def test_uv_gets_what_pip_is_configured_to_do(tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://mirror.example/index\nextra-index-url =\n"
        "    https://a.example/index\n    https://b.example/index\n"
        "[install]\ntrusted-host = mirror.example\n"
    )
    base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": str(config)}
    found = uv_variables({**base, "PIP_PROXY": "http://proxy:3128", "SSL_CERT_FILE": "mine.pem"})
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/index"
    assert found["UV_INDEX"] == "https://a.example/index https://b.example/index"
    assert found["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert found["UV_INSECURE_HOST"] == "mirror.example"
    assert found["ALL_PROXY"] == "http://proxy:3128"
    assert "SSL_CERT_FILE" not in found
    mine = uv_variables({**base, "UV_INDEX_URL": "https://mine.example"})
    assert "UV_DEFAULT_INDEX" not in mine
    assert uv_variables({**base, "PIP_CONFIG_FILE": os.devnull})["UV_PYTHON_DOWNLOADS"] == "never"


def test_the_commands(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "shared"))
    assert run_command(["worker", "status"]) == 0
    assert "not installed" in capsys.readouterr().out
    # No terminal here: nobody can be asked.
    assert run_command(["worker", "install"]) == 1
    error = capsys.readouterr().err
    assert "1.5 GB" in error
    assert "zenlab worker install --yes" in error
    assert run_command(["worker", "remove"]) == 0
    assert "There is no worker" in capsys.readouterr().out
    monkeypatch.delenv("ZENLAB_WORKER")
    assert run_command(["worker", "status"]) == 0
    assert "installed, tfdv 1." in capsys.readouterr().out
    assert run_command(["worker", "remove"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert run_command(["worker", "instal"]) == 2
    assert "Did you mean 'install'?" in capsys.readouterr().err
