"""Measuring: one process a system, warm-up, rounds in turn, median and spread.

Every system works in a process of its own, so that none pays for what another has imported or
hooked in. The processes take turns, round by round: when the machine is slower for a while, it is
slower for all, and the ratios hold. Only one of them works at a time.
"""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

SYSTEMS = ("zenlab", "hamilton", "joblib", "floor")
"""Those that have all cases; modules of `benchmarks.systems`."""

_TITLES = {"floor": "floor", "hamilton": "Hamilton", "joblib": "joblib"}

_ROOT = Path(__file__).resolve().parents[1]

INTERPRETERS = {"profiling": _ROOT / ".venv-bench-profiling" / "bin" / "python"}
"""Of systems that cannot be installed beside zenlab. `setup.sh` makes their environments."""

START_SECONDS = 180
"""How long a system may take to start, with what it computes beforehand."""


@dataclass
class Case:
    """What a system does in a round: `before` and `after` are not timed.

    Attributes:
        run: the work.
        before: makes the work new (another salt, an empty cache).
        after: gets what `run` returned, checks it, and says what is to be known of the round.
    """

    run: Callable[[], Any]
    before: Callable[[], None] = lambda: None
    after: Callable[[Any], dict[str, Any]] = lambda _result: {}


@dataclass(frozen=True)
class Stat:
    """Rounds of one system, in the unit of the figure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The middle half."""
        if len(self.values) < 2:
            return self.values[0], self.values[0]
        quarters = statistics.quantiles(self.values, n=4, method="inclusive")
        return quarters[0], quarters[2]

    def scaled(self, factor: float) -> Stat:
        return Stat(tuple(v * factor for v in self.values))

    def to_json(self) -> dict[str, Any]:
        low, high = self.spread
        return {
            "median": self.median,
            "low": low,
            "high": high,
            "fastest": min(self.values),
            "rounds": len(self.values),
        }


@dataclass(frozen=True)
class Row:
    """One figure of the report.

    Attributes:
        figure: what is measured.
        unit: `ms`, `s`, `MB`, `SQL`.
        zenlab: ours.
        target: the most that it may be; None: no target, or one that is relative.
        peers: theirs.
        relative: (peer, factor): the target is so many times this peer.
        facts: what else was seen.
    """

    figure: str
    unit: str
    zenlab: Stat
    target: float | None = None
    peers: Mapping[str, Stat] = field(default_factory=dict)
    relative: tuple[str, float] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def limit(self) -> float | None:
        """The target in the row's unit."""
        if self.relative is not None:
            peer, factor = self.relative
            return self.peers[peer].median * factor if peer in self.peers else None
        return self.target


@dataclass
class Rounds:
    """What `compare` saw of one system."""

    seconds: Stat
    facts: list[dict[str, Any]]
    peak_mb: float

    @property
    def ms(self) -> Stat:
        return self.seconds.scaled(1000)


def compare(
    systems: Sequence[str],
    case: str,
    rounds: int,
    *,
    warmup: int = 1,
    around: Callable[[], AbstractContextManager[dict[str, Any]]] = lambda: nullcontext({}),
    **params: Any,
) -> dict[str, Rounds]:
    """Let systems do the same work in turn.

    Args:
        systems: modules of `benchmarks.systems`. A system that is not installed is left out.
        case: the function of each module that makes the `Case`.
        rounds: how many count.
        warmup: how many come before those.
        around: what this process does around each round; what it yields joins the round's facts.
        **params: of that function.
    """
    with ExitStack() as stack:
        workers = {s: stack.enter_context(_Worker(s, case, params)) for s in systems}
        # One after the other: what they compute beforehand should not compete either.
        here = {name: worker for name, worker in workers.items() if worker.start()}
        times: dict[str, list[float]] = {name: [] for name in here}
        facts: dict[str, list[dict[str, Any]]] = {name: [] for name in here}
        for number in range(-warmup, rounds):
            for name, worker in here.items():
                with around() as outside:
                    seconds, seen = worker.round()
                if number >= 0:
                    times[name].append(seconds)
                    facts[name].append(outside | seen)
        return {
            name: Rounds(Stat(tuple(times[name])), facts[name], worker.peak_mb())
            for name, worker in here.items()
        }


def named(seen: Mapping[str, Rounds]) -> dict[str, Stat]:
    """The peers among them under their names, in ms."""
    return {title: seen[name].ms for name, title in _TITLES.items() if name in seen}


def peak_rss_mb() -> float:
    """The most memory that this process had resident, in MB.

    Linux's VmHWM starts anew with a program; `ru_maxrss` is inherited from the parent.
    """
    if Path("/proc/self/status").exists():
        return process_peak_mb(os.getpid())
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1000


def process_peak_mb(pid: int) -> float:
    """The same of another process; Linux only, else 0."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def scratch() -> str:
    """A new folder; the caller removes it."""
    return tempfile.mkdtemp(prefix="zenlab-bench-")


class SystemFailedError(RuntimeError):
    """A system raised, or did other work than it should."""


class _Worker:
    """A process that does the rounds of one system in a folder of its own.

    Started by hand: multiprocessing would give it this process's `sys.path`, which is wrong for
    another interpreter.
    """

    def __init__(self, system: str, case: str, params: dict[str, Any]) -> None:
        self._system = system
        self._work = (system, case, params)
        self._folder = scratch()
        self._here, self._there = Pipe()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._here.close()
        self._there.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> bool:
        """Start it; whether the system is installed."""
        python = INTERPRETERS.get(self._system, Path(sys.executable))
        if not python.exists():
            return False
        end = self._there.fileno()
        self._process = subprocess.Popen(
            [str(python), "-c", _PROGRAM, str(_ROOT), str(end)],
            stdin=subprocess.DEVNULL,
            pass_fds=[end],
            cwd=self._folder,
        )
        self._there.close()  # of the process alone: so its death is heard
        self._here.send(self._work)
        return self._answer() is not None

    def round(self) -> tuple[float, dict[str, Any]]:
        self._here.send("round")
        return self._answer()

    def peak_mb(self) -> float:
        self._here.send("peak")
        return self._answer()

    def _answer(self) -> Any:
        if not self._here.poll(START_SECONDS):
            raise SystemFailedError(f"{self._system} does not answer")
        try:
            kind, value = self._here.recv()
        except (EOFError, ConnectionError):
            raise SystemFailedError(f"{self._system} died") from None
        if kind == "failed":
            raise SystemFailedError(f"{self._system}:\n{value}")
        return value


_PROGRAM = """
import sys
sys.path[0] = sys.argv[1]
from benchmarks.harness import serve
serve(int(sys.argv[2]))
"""


def serve(end: int) -> None:
    """What such a process does, in its folder: say whether it can, then a round each time."""
    pipe = Connection(end)
    os.set_inheritable(end, False)
    system, case, params = pipe.recv()
    shutil.copy(Path(__file__).with_name("flow.py"), ".")
    sys.path.insert(0, str(Path.cwd()))
    try:
        try:
            module = importlib.import_module(f"benchmarks.systems.{system}")
        except ModuleNotFoundError:
            if system == "zenlab":
                raise
            pipe.send(("ready", None))
            return
        made: Case = getattr(module, case)(**params)
        pipe.send(("ready", True))
        while True:
            if pipe.recv() == "peak":
                pipe.send(("peak", peak_rss_mb()))
            else:
                pipe.send(("round", _round(made)))
    except (EOFError, KeyboardInterrupt):
        return
    except BaseException:  # noqa: BLE001 - whatever it is, the parent shall say it
        pipe.send(("failed", traceback.format_exc()))


def _round(case: Case) -> tuple[float, dict[str, Any]]:
    case.before()
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        result = case.run()
        seconds = time.perf_counter() - started
    finally:
        gc.enable()
    return seconds, case.after(result)
