"""`BaseDatasource`: what every source of rows offers, and how a commit is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from zenlab.core import canonical
from zenlab.core.dataset import Dataset
from zenlab.core.errors import DoesNotExistException, ParameterError
from zenlab.core.params import bind, signature_of
from zenlab.core.workspace import current_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from zenlab.metadata.records import CommitRecord
    from zenlab.views import AnomaliesPanel, SchemaPanel, StatisticsPanel

MIN_PREFIX = 6
"""The fewest digits of a commit id that are accepted for the whole."""

_SAMPLE_SEED = 0


class BaseDatasource:
    """A source of rows with a name, and the commits that were taken of it.

    A commit is an immutable snapshot in the artifact store. Its id is the digest of its values,
    so that the same content is the same commit, whoever takes it and from whichever file.

    Args:
        name: what the team calls it.
        schema: the types of columns where the source's own are not wanted: `{column: type}`, with
            `int`, `float`, `bool`, `string`, `date`, `timestamp`, or an Arrow type's name.
        sensitive: columns whose values no panel and no file may show.

    Example:
        >>> flights = CSVDatasource(name="flights", path="data/flights.csv")  # doctest: +SKIP
        >>> flights.commit()[:12]  # doctest: +SKIP
        '61b6dc4eae0c'
        >>> flights.head(3)  # doctest: +SKIP
    """

    code_version: ClassVar[int | None] = None
    """As with steps: a number for what zenlab brings."""

    in_memory: ClassVar[bool] = False
    """Whether the source is an object of this process, which only this process can read."""

    _params: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Record the arguments of the constructor."""
        self = super().__new__(cls)
        self._params = bind(cls, args, kwargs)
        return self

    def __init__(
        self,
        name: str,
        schema: Mapping[str, str] | None = None,
        sensitive: list[str] | None = None,
    ) -> None:
        if not isinstance(name, str) or not name.strip():
            raise ParameterError(
                f"The name of a datasource is text, not {name!r}.",
                where=type(self).__name__,
                hint='Give it one: name="flights".',
            )
        self.name = name
        self.schema = dict(schema or {})
        self.sensitive = list(sensitive or [])

    def __repr__(self) -> str:
        args = ", ".join(f"{k}={v!r}" for k, v in self.tracked_args().items())
        return f"{type(self).__name__}(name={self.name!r}{', ' if args else ''}{args})"

    # ------------------------------------------------------------------ what a subclass says

    def read(self) -> Iterator[Any]:
        """The rows as they are now: batches, tables or frames of one schema, in order.

        Raises:
            DatasourceError: the source cannot be read; the message names file, line and column.
        """
        raise NotImplementedError(f"{type(self).__name__} has no read()")

    def stamp(self) -> Any:
        """Plain data that differs when the source may have changed. Cheap: no row is read.

        Raises:
            DatasourceError: the source is out of reach.
        """
        raise NotImplementedError(f"{type(self).__name__} has no stamp()")

    def sealed_stamp(self, stamp: Any) -> Any:
        """What a commit keeps of its stamp, once the rows were read; a source may add to it.

        Args:
            stamp: what `stamp()` said before the rows were read.
        """
        return stamp

    def differs_from(self, stamp: Any) -> bool:
        """Whether the source seems to have changed since a commit.

        Args:
            stamp: what the commit has kept.

        Raises:
            DatasourceError: the source is out of reach.
        """
        return bool(self.stamp() != stamp)

    def tracked(self, params: dict[str, Any]) -> dict[str, Any]:
        """Rewrite arguments into what can be recorded; override where there are rich ones."""
        return params

    # ------------------------------------------------------------------ recording

    def tracked_args(self) -> dict[str, Any]:
        """The arguments to record: by name, plain, without the name and without defaults.

        Defaults are left out, so that a new option of a later version changes no pipeline. What
        a default means is never changed.
        """
        defaults = {
            p.name: p.default for p in signature_of(type(self).__init__).parameters.values()
        }
        params = {
            key: value
            for key, value in self._params.items()
            if key != "name" and not (value is None or value is defaults[key])
        }
        found = canonical.plain(self.tracked(params), self.name)
        return {
            k: v for k, v in found.items() if v != defaults[k] or type(v) is not type(defaults[k])
        }

    def to_config(self) -> dict[str, Any]:
        """Name, class and arguments as plain data; `from_config` makes an equal datasource."""
        return {"name": self.name, "source": _source(type(self)), "args": self.tracked_args()}

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> BaseDatasource:
        """The datasource of `to_config`."""
        from zenlab.datasources.registry import kind_of

        made: BaseDatasource = kind_of(config["source"], config["name"])(
            name=config["name"], **config.get("args", {})
        )
        return made

    # ------------------------------------------------------------------ commits

    def commit(self) -> str:
        """Take an immutable snapshot of the source as it is now.

        The rows are read in batches. If the source fails half-way, nothing is left behind; if
        its content is that of an earlier commit, that is the commit.

        Returns:
            The commit's id: the content digest, 64 hexadecimal digits.

        Raises:
            DatasourceError: the source cannot be read.
        """
        from zenlab.datasources.committing import take_commit

        return take_commit(self, current_workspace()).digest

    @property
    def commits(self) -> list[str]:
        """The ids of all commits, oldest first."""
        workspace = current_workspace()
        return [c.digest for c in workspace.metadata.commits(workspace.project, self.name)]

    def get_latest_commit(self) -> str | None:
        """The id of the newest commit, or None."""
        return next(reversed(self.commits), None)

    def get_first_commit(self) -> str | None:
        """The id of the oldest commit, or None."""
        return next(iter(self.commits), None)

    def snapshot(self, commit_id: str | None = None) -> Dataset:
        """The rows of a commit, lazily.

        Args:
            commit_id: the whole id or its first digits (6 or more); the newest by default. If
                there is none yet, one is taken.

        Raises:
            DoesNotExistException: no such commit.
        """
        from zenlab.engine.values import stored_of

        workspace = current_workspace()
        record = self._record(commit_id)
        stored = stored_of(record.artifact)
        return Dataset(
            lambda: workspace.artifacts.fetch(stored),
            digest=record.digest,
            num_rows=record.num_rows,
            name=self.name,
        )

    # ------------------------------------------------------------------ looking at the rows

    def head(self, n: int = 5, commit_id: str | None = None) -> pd.DataFrame:
        """The first `n` rows of a commit.

        Args:
            n: how many.
            commit_id: see `snapshot`.
        """
        return self.snapshot(commit_id).head(n)

    def sample_data(self, sample_size: int = 100_000, commit_id: str | None = None) -> pd.DataFrame:
        """Rows that are drawn evenly from a commit: the same ones each time, in their order.

        Args:
            sample_size: how many; all rows if there are no more.
            commit_id: see `snapshot`.
        """
        data = self.snapshot(commit_id)
        if data.num_rows <= sample_size:
            return data.to_pandas()
        import numpy as np
        import pyarrow as pa

        chosen = np.random.default_rng(_SAMPLE_SEED).choice(
            data.num_rows, sample_size, replace=False, shuffle=False
        )
        chosen.sort()
        parts, start = [], 0
        for batch in data.batches():
            low, high = np.searchsorted(chosen, [start, start + batch.num_rows])
            parts.append(batch.take(pa.array(chosen[low:high] - start)))
            start += batch.num_rows
        sample: pd.DataFrame = pa.Table.from_batches(parts).to_pandas()
        return sample

    def view_statistics(
        self, commit_id: str | None = None, sample: int | None = None
    ) -> StatisticsPanel:
        """What the rows of a commit look like, as a panel.

        Args:
            commit_id: see `snapshot`.
            sample: count at most so many rows, always the same ones.

        Raises:
            WorkerMissingError: it has to be computed, and TFDV's worker is not installed.
        """
        from zenlab.views import StatisticsPanel

        looked = self._look_at(commit_id, sample=sample)
        return StatisticsPanel(looked.statistics, title=self.name)

    def view_schema(self, commit_id: str | None = None) -> SchemaPanel:
        """What the rows should look like: the committed schema, or one inferred from a commit.

        Args:
            commit_id: see `snapshot`.

        Raises:
            WorkerMissingError: it has to be computed, and TFDV's worker is not installed.
        """
        from zenlab.views import SchemaPanel

        looked = self._look_at(commit_id, validated=True)
        return SchemaPanel(
            looked.schema,
            title=self.name,
            statistics=looked.statistics,
            accept=looked.accept_schema,
        )

    def view_anomalies(
        self, commit_id: str | None = None, against: str | Any | None = None
    ) -> AnomaliesPanel:
        """Where the rows of a commit are not as they should be: this month against last month.

        Args:
            commit_id: see `snapshot`.
            against: another commit, or a pipeline: then its transforms are applied first, and its
                training rows are what is compared with. By default the commit before this one.

        Raises:
            DoesNotExistException: no such commit.
            WorkerMissingError: it has to be computed, and TFDV's worker is not installed.
        """
        from zenlab.views import AnomaliesPanel

        record = self._record(commit_id)
        looked = self._look_at(
            record.digest, validated=True, against=self._baseline(record.digest, against)
        )
        label = looked.anomalies.datasets[0].name
        return AnomaliesPanel(
            looked.anomalies,
            title=self.name,
            statistics=looked.statistics,
            accept=lambda features: looked.accept_anomalies(features, label),
        )

    def _look_at(self, commit_id: str | None, **options: Any) -> Any:
        data = self.snapshot(commit_id)
        return current_workspace().look_at(
            self.name, data, _labelled(data).name, sensitive=self.sensitive, **options
        )

    def _baseline(self, digest: str, against: str | Any | None) -> Any:
        if against is not None and not isinstance(against, str):
            return against
        if against is None:
            known = self.commits
            earlier = known[: known.index(digest)] if digest in known else known
            if not earlier:
                return None
            against = earlier[-1]
        return _labelled(self.snapshot(against))

    @property
    def n_datapoints(self) -> int:
        """The number of rows of the newest commit; one is taken if there is none."""
        return self._record(None).num_rows

    @property
    def is_empty(self) -> bool:
        """Whether the newest commit has no row; one is taken if there is none."""
        return self.n_datapoints == 0

    def _record(self, commit_id: str | None) -> CommitRecord:
        workspace = current_workspace()
        store, project = workspace.metadata, workspace.project
        if commit_id is None:
            latest = self.get_latest_commit() or self.commit()
            record = store.commit(project, self.name, latest)
        else:
            _check_prefix(commit_id, self.name)
            record = store.commit(project, self.name, commit_id.lower())
        if record is None:
            known = [digest[:12] for digest in self.commits]
            raise DoesNotExistException(
                f"Datasource '{self.name}' has no commit {commit_id}.",
                where=self.name,
                hint=f"Its commits: {', '.join(known[-8:])}." if known else "Take one: commit().",
            )
        found: CommitRecord = record
        return found


def _labelled(data: Dataset) -> Dataset:
    """The rows of a commit under a name that tells it from others."""
    return Dataset(
        lambda: data.path,
        digest=data.digest,
        num_rows=data.num_rows,
        name=f"{data.name} {data.digest[:8]}",
    )


def _check_prefix(commit_id: str, name: str) -> None:
    digits = set("0123456789abcdef")
    if not MIN_PREFIX <= len(commit_id) <= 64 or not set(commit_id.lower()) <= digits:
        raise ParameterError(
            f"{commit_id!r} is no commit id.",
            where=name,
            hint=f"Give the 64 hexadecimal digits, or the first {MIN_PREFIX} or more of them.",
        )


def _source(cls: type) -> str:
    from zenlab._version import __version__

    return f"{cls.__module__}.{cls.__name__}@zenlab_{__version__}"
