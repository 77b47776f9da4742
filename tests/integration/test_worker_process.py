"""The worker's process: it starts by itself, survives a crash, and dies with the kernel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest

from tests.worker_harness import SECONDS, parquet, running
from zenlab.core.errors import WorkerError, WorkerMissingError
from zenlab.validation import Worker
from zenlab.validation.client import Who

ROOT = Path(__file__).resolve().parents[2]

client = pytest.fixture(running)


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Rows that keep the worker busy for about a second."""
    rng = np.random.default_rng(0)
    columns = {f"x{n}": rng.normal(size=300_000) for n in range(10)}
    return parquet(tmp_path_factory.mktemp("big"), columns)


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def is_gone(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] in ("Z", "X")


def script(text, **options):
    """A process that uses the shared worker; it imports this clone's zenlab."""
    code = "import sys\nfrom zenlab.validation import worker\n" + text
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **options,
    )


def test_starting_takes_no_time_and_requests_wait_for_it(client):
    started = time.perf_counter()
    client.start()
    future = client.ping()
    assert time.perf_counter() - started < 0.5
    who = future.result(SECONDS)
    assert who.tool.startswith("tfdv 1.")
    assert who.pid == client.pid


def test_a_crash_under_a_request_is_survived_once(client, big, tmp_path):
    first = client.ping().result(SECONDS).pid
    future = client.statistics({"train": [big]}, tmp_path / "out")
    os.kill(first, signal.SIGKILL)
    assert future.result(SECONDS).dataset("train").rows == 300_000
    assert client.pid != first


def test_a_request_that_kills_two_fails_and_the_next_is_done(client, big, tmp_path):
    first = client.ping().result(SECONDS).pid
    future = client.statistics({"train": [big]}, tmp_path / "out")
    behind = client.ping()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: client.pid not in (None, first))
    second = client.pid
    os.kill(second, signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"died twice over one request.*signal 9") as error:
        future.result(SECONDS)
    assert error.value.where.endswith(".log")
    assert behind.result(SECONDS).pid not in (first, second)


def test_what_libraries_print_goes_to_the_log(client):
    client.ping().result(SECONDS)
    (log,) = (Path.home() / ".cache" / "zenlab" / "worker" / "log").iterdir()
    assert "crcmod" in log.read_text()  # Apache Beam warns that it is not there


def test_an_unexpected_error_names_the_log(client):
    future = client._ask(Who, {"do": "nonsense"})
    with pytest.raises(WorkerError, match="TFDV cannot do this: KeyError") as error:
        future.result(SECONDS)
    log = Path(error.value.hint.rpartition(": ")[2])
    assert "nonsense" in log.read_text()


def test_interrupts_are_for_the_kernel(client):
    pid = client.ping().result(SECONDS).pid
    os.kill(pid, signal.SIGINT)
    assert client.ping().result(SECONDS).pid == pid
    assert os.getsid(pid) != os.getsid(0)


def test_cancelling(client, big, tmp_path):
    client.ping().result(SECONDS)
    running_, waiting = (
        client.statistics({"train": [big] * 20}, tmp_path / name) for name in ("one", "two")
    )
    last = client.ping()
    assert waiting.cancel()
    time.sleep(0.3)
    assert running_.cancel()
    started = time.perf_counter()
    assert last.result(SECONDS).pid == client.pid
    assert time.perf_counter() - started < 5  # of about twenty
    with pytest.raises(CancelledError):
        running_.result()
    assert list(tmp_path.iterdir()) == []


def test_closing(client, big, tmp_path):
    pid = client.ping().result(SECONDS).pid
    future = client.statistics({"train": [big]}, tmp_path / "out")
    client.close()
    assert is_gone(pid)
    with pytest.raises(WorkerError, match="closed"):
        future.result(SECONDS)
    assert client.pid is None
    assert client.ping().result(SECONDS).pid != pid


def test_a_worker_that_is_not_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("ZENLAB_WORKER", str(tmp_path / "none"))
    client = Worker()
    with pytest.raises(WorkerMissingError, match="not installed") as error:
        client.ping().result(SECONDS)
    assert "zenlab worker install" in error.value.hint
    with pytest.raises(WorkerMissingError):
        client.start()
    assert client.pid is None


WAIT = "print(worker().ping().result().pid, flush=True)\nimport os, time\n"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_dies_with_the_kernel(how):
    kernel = script(WAIT + "time.sleep(600)")
    pid = int(kernel.stdout.readline())
    assert not is_gone(pid)
    kernel.send_signal(how)
    kernel.communicate()
    wait_until(lambda: is_gone(pid), 5)


def test_it_dies_with_the_kernel_whose_child_holds_the_pipe():
    # A child that was made without Python's knowledge, so that nothing closed the pipe in it.
    fork = "import ctypes\nif ctypes.PyDLL(None).fork() == 0: time.sleep(600); os._exit(0)\n"
    kernel = script(WAIT + fork + "time.sleep(600)", start_new_session=True)
    pid = int(kernel.stdout.readline())
    time.sleep(0.3)
    try:
        kernel.kill()
        kernel.wait()
        wait_until(lambda: is_gone(pid), 5)
    finally:
        os.killpg(kernel.pid, signal.SIGKILL)
        kernel.stdout.close()


def test_it_ends_when_the_kernel_ends():
    kernel = script(WAIT)
    pid = int(kernel.stdout.readline())
    out, _ = kernel.communicate(timeout=SECONDS)
    assert (kernel.returncode, out) == (0, "")
    assert is_gone(pid)


def test_a_forked_child_has_a_worker_of_its_own():
    text = WAIT + (
        "child = os.fork()\n"
        "if child == 0:\n"
        "    print(worker().ping().result().pid, flush=True)\n"
        "    worker().close()\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "print(worker().ping().result().pid, flush=True)\n"
    )
    out, _ = script(text).communicate(timeout=SECONDS)
    parent, child, after = map(int, out.split())
    assert parent == after != child


def test_the_kernel_loads_nothing_of_it():
    text = (
        "worker().ping().result()\n"
        "bad = [n for n in sys.modules if n.split('.')[0] in"
        " ('tensorflow', 'tensorflow_metadata', 'google', 'apache_beam', 'tfx_bsl')]\n"
        "print(bad, 'pyarrow' in sys.modules, 'pandas' in sys.modules)\n"
    )
    out, _ = script(text).communicate(timeout=SECONDS)
    assert out == "[] False False\n"
