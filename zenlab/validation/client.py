"""`Worker`: asks the TFDV worker, and goes on; answers come as futures.

One process of the worker's program serves a kernel. It is started in the background when it is
first needed, dies with the kernel, and is started again once when it has died under a request.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import weakref
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from zenlab.core.errors import WorkerError
from zenlab.core.statistics import Statistics
from zenlab.core.validation import DRIFT_NUMBERS, DRIFT_TEXT, Anomalies, DataSchema
from zenlab.validation.environment import find_worker_environment
from zenlab.validation.process import Process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zenlab.validation.environment import WorkerEnvironment

_ATTEMPTS = 2

T = TypeVar("T")


class Who(msgspec.Struct, frozen=True):
    """The worker that is there: which TFDV, and its process."""

    tool: str
    pid: int


@dataclass
class _Waiting(Generic[T]):
    """A request that has no answer yet."""

    message: dict[str, Any]
    type: type[T]
    future: Future[T]
    attempts: int = 0


class Worker:
    """The TFDV worker of this process. `worker()` gives the shared one.

    Methods return at once. A future's `result()` raises `WorkerError` where the worker refuses
    something, `WorkerMissingError` where it is not installed; its `cancel()` stops the work.

    Args:
        environment: where it is installed; searched when it is first needed, by default.

    Example:
        >>> from zenlab.validation import worker  # doctest: +SKIP
        >>> future = worker().statistics(
        ...     {"train": [Path("train.parquet")]}, Path("out")
        ... )  # doctest: +SKIP
        >>> future.result().dataset("train").rows  # doctest: +SKIP
        235743
    """

    def __init__(self, environment: WorkerEnvironment | None = None) -> None:
        self._environment = environment
        self._process: Process | None = None
        self._waiting: dict[int, _Waiting[Any]] = {}  # in the order in which they are done
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        _all.add(self)

    @property
    def pid(self) -> int | None:
        """The id of its process, or None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Start the process in the background, unless it runs; it takes a second to be ready.

        Raises:
            WorkerMissingError: it is not installed.
            WorkerError: it cannot be started.
        """
        with self._lock:
            self._running()

    def ping(self) -> Future[Who]:
        """Who is there; also says when the worker is ready."""
        return self._ask(Who, {"do": "ping"})

    def statistics(
        self,
        datasets: Mapping[str, Sequence[Path]],
        out: Path,
        *,
        slices: Sequence[Sequence[str]] = (),
        weight: str = "",
        sensitive: Sequence[str] = (),
        sample: int | None = None,
    ) -> Future[Statistics]:
        """Count the values of datasets.

        Args:
            datasets: Parquet files by the name of the dataset, in the order of the rows.
            out: a folder, which gets `statistics.pb` (TFDV's proto) and `statistics.json`.
            slices: lists of columns: each combination of values with at least 10 rows is counted
                apart, at most 50 a list.
            weight: a column of numbers, how much a row counts.
            sensitive: columns of which no value may be in the result.
            sample: count at most so many rows of a dataset, drawn at random.

        Returns:
            The statistics: all rows of each dataset, then the slices.
        """
        return self._ask(
            Statistics,
            {
                "do": "statistics",
                "datasets": {name: _paths(files) for name, files in datasets.items()},
                "out": _path(out),
                "slices": [list(one) for one in slices],
                "weight": weight,
                "sensitive": list(sensitive),
                "sample": sample,
            },
        )

    def schema(
        self,
        statistics: Path,
        out: Path,
        *,
        dataset: str = "train",
        labels: Sequence[str] = (),
        thresholds: Mapping[str, float] | None = None,
        sensitive: Sequence[str] = (),
    ) -> Future[DataSchema]:
        """Infer what rows should look like.

        Args:
            statistics: the folder with `statistics.pb`.
            out: a file: TFDV's schema as text, such as `schema.pbtxt`.
            dataset: whose statistics count.
            labels: columns that serving data lack: not in the environment SERVING.
            thresholds: of drift and skew by column; others get the defaults of `core.validation`.
            sensitive: columns of which no value may be in the schema.
        """
        return self._ask(
            DataSchema,
            {
                "do": "schema",
                "statistics": _path(statistics),
                "out": _path(out),
                "dataset": dataset,
                "labels": list(labels),
                "thresholds": dict(thresholds or {}),
                "defaults": {"text": DRIFT_TEXT, "numbers": DRIFT_NUMBERS},
                "sensitive": list(sensitive),
            },
        )

    def validate(
        self,
        statistics: Path,
        schema: Path,
        out: Path,
        *,
        datasets: Sequence[str] | None = None,
        baseline: Path | None = None,
        baseline_dataset: str = "",
        comparison: Literal["skew", "drift"] = "skew",
        environment: str = "",
        sensitive: Sequence[str] = (),
    ) -> Future[Anomalies]:
        """Find where datasets are not as the schema says, and how far from a baseline.

        Args:
            statistics: the folder with `statistics.pb`.
            schema: a `schema.pbtxt`.
            out: a folder, which gets `anomalies.pbtxt` (TFDV's, one after the other) and
                `anomalies.json`.
            datasets: which of them; all by default.
            baseline: a folder with the statistics to compare with; None: no comparison.
            baseline_dataset: which of them; by default the only one there.
            comparison: `skew` against the training rows, `drift` against an earlier state; the
                schema has a threshold for each.
            environment: of the schema, such as SERVING.
            sensitive: columns of which no value may be in the result.
        """
        return self._ask(
            Anomalies,
            {
                "do": "validate",
                "statistics": _path(statistics),
                "schema": _path(schema),
                "out": _path(out),
                "datasets": None if datasets is None else list(datasets),
                "baseline": None if baseline is None else _path(baseline),
                "baseline_dataset": baseline_dataset,
                "comparison": comparison,
                "environment": environment,
                "sensitive": list(sensitive),
            },
        )

    def update(
        self,
        schema: Path,
        anomalies_of: Path,
        out: Path,
        *,
        features: Sequence[str] | None = None,
        dataset: str = "eval",
    ) -> Future[DataSchema]:
        """Change a schema so that what a dataset holds is no anomaly any more.

        Args:
            schema: a `schema.pbtxt`.
            anomalies_of: the folder with the `statistics.pb` that are to be accepted.
            out: the file of the new schema; it may be the old one.
            features: the columns to accept; all by default.
            dataset: whose statistics count.
        """
        return self._ask(
            DataSchema,
            {
                "do": "update",
                "schema": _path(schema),
                "statistics": _path(anomalies_of),
                "out": _path(out),
                "features": None if features is None else list(features),
                "dataset": dataset,
            },
        )

    def read_schema(self, schema: Path) -> Future[DataSchema]:
        """What a `schema.pbtxt` says; of a broken one, the error names line and column.

        Args:
            schema: the file.
        """
        return self._ask(DataSchema, {"do": "read_schema", "schema": _path(schema)})

    def close(self) -> None:
        """End the process. What has no answer yet gets an error; a later request starts anew."""
        with self._lock:
            process, self._process = self._process, None
            waiting = list(self._waiting.values())
            self._waiting.clear()
        if process is not None:
            process.stop()
        for request in waiting:
            _fail(request.future, WorkerError("The TFDV worker was closed."))

    def forget(self) -> None:
        """In a forked child: let go of the parent's process, and start anew when needed."""
        process, self._process = self._process, None
        self._waiting = {}
        self._lock = threading.RLock()
        if process is not None:
            process.forget()

    def _ask(self, kind: type[T], message: dict[str, Any]) -> Future[T]:
        future: Future[T] = Future()
        number = next(self._numbers)
        message = {"id": number, **message}
        with self._lock:
            try:
                process = self._running()
            except WorkerError as error:
                future.set_exception(error)
                return future
            self._waiting[number] = _Waiting(message, kind, future)
            process.send(message)
        # Futures stay pending until they have an answer, so that they can be cancelled until then.
        future.add_done_callback(lambda done: self._cancel(number) if done.cancelled() else None)
        return future

    def _running(self) -> Process:
        if self._process is None:
            environment = self._environment or find_worker_environment()
            self._process = Process(environment, self._answered, self._ended)
        return self._process

    def _cancel(self, number: int) -> None:
        with self._lock:
            known = self._waiting.pop(number, None)
            if known is not None and self._process is not None:
                self._process.send({"cancel": number})

    def _answered(self, answer: dict[str, Any]) -> None:
        with self._lock:
            request = self._waiting.pop(answer["id"], None)
        if request is None:
            return
        error = answer.get("error")
        if error is not None:
            _fail(request.future, self._error(error))
            return
        result = answer["result"]
        try:
            if "file" in result:
                content = Path(result["file"]).read_bytes()
                value = msgspec.json.decode(content, type=request.type)
            else:
                value = msgspec.convert(result, request.type)
        except (OSError, msgspec.MsgspecError) as problem:
            _fail(request.future, WorkerError(f"The TFDV worker's result is lost: {problem}."))
            return
        _succeed(request.future, value)

    def _error(self, error: dict[str, Any]) -> WorkerError:
        hint = error["hint"] or None
        process = self._process
        if error.get("unexpected") and process is not None and process.log is not None:
            hint = f"The worker's log has the details: {process.log}"
        return WorkerError(error["message"], where=error["where"] or None, hint=hint)

    def _ended(self, process: Process, code: int) -> None:
        """It has died: start it again, unless the request that it was at has killed two."""
        with self._lock:
            if self._process is not process:
                return  # closed, or another one is there already
            self._process = None
            failed = None
            for number, request in self._waiting.items():  # the first is the one it was at
                request.attempts += 1
                if request.attempts >= _ATTEMPTS:
                    failed = self._waiting.pop(number)
                break
            lost: list[_Waiting[Any]] = []
            problem: Exception = _died(process, code)
            if self._waiting:
                try:
                    again = self._running()
                    for request in self._waiting.values():
                        again.send(request.message)
                except WorkerError as error:
                    lost, problem = list(self._waiting.values()), error
                    self._waiting.clear()
        if failed is not None:
            _fail(failed.future, _died(process, code))
        for request in lost:
            _fail(request.future, problem)


_all: weakref.WeakSet[Worker] = weakref.WeakSet()
_shared = Worker()


def worker() -> Worker:
    """The worker of this process; everybody shares it."""
    return _shared


def _died(process: Process, code: int) -> WorkerError:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
    memory = " It may have had too little memory." if code == -9 else ""
    tail = process.tail()
    return WorkerError(
        f"The TFDV worker has died twice over one request; it {how}.{memory}",
        where=str(process.log) if process.log else None,
        hint="Its log ends with:\n" + tail if tail else "Its log is empty.",
    )


def _succeed(future: Future[T], value: T) -> None:
    if future.set_running_or_notify_cancel():
        future.set_result(value)


def _fail(future: Future[Any], error: Exception) -> None:
    if future.set_running_or_notify_cancel():
        future.set_exception(error)


def _path(path: Path) -> str:
    return str(Path(path).absolute())


def _paths(paths: Sequence[Path]) -> list[str]:
    return [_path(path) for path in paths]


def _close_all() -> None:
    for one in list(_all):
        one.close()


def _forget_all() -> None:
    for one in list(_all):
        one.forget()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)
