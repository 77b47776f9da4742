"""The request `statistics`: Parquet files -> `statistics.pb` and `statistics.json`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import files
from .adapter import adapt
from .counting import Counter
from .plan import Feature, features_of
from .problems import RefusedError, UnreadableError
from .reading import Source
from .slicing import Slices, find_slices, value_text
from .tfdv import load
from .values import TOP_VALUES, feature_json, scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PROTO = "statistics.pb"
JSON = "statistics.json"


@dataclass
class Options:
    """What is asked for, the same for all datasets."""

    slices: Sequence[Sequence[str]] = ()
    weight: str = ""
    sensitive: set[str] = field(default_factory=set)
    sample: int | None = None


def statistics(request: Mapping[str, Any], check: Callable[[], None]) -> dict[str, Any]:
    """Count datasets.

    Args:
        request: `datasets` (name -> files), `out`, `slices`, `weight`, `sensitive`, `sample`.
        check: raises if nobody waits any more.

    Returns:
        Where the results are.

    Raises:
        RefusedError: a file, a column or an option does not fit.
    """
    options = Options(
        slices=request.get("slices", ()),
        weight=request.get("weight", ""),
        sensitive=set(request.get("sensitive", ())),
        sample=request.get("sample"),
    )
    tfdv = load()
    protos = tfdv.statistics_pb2.DatasetFeatureStatisticsList()
    whole: list[dict[str, Any]] = []
    sliced: list[dict[str, Any]] = []
    for name, paths in request["datasets"].items():
        source = Source(name, [Path(path) for path in paths], options.sample, check)
        all_rows, groups = _dataset(source, options, protos)
        whole += all_rows
        sliced += groups
    out = Path(request["out"])
    files.write(out / PROTO, protos.SerializeToString(deterministic=True))
    result = {
        "datasets": whole + sliced,
        "weight": options.weight,
        "tool": tfdv.name,
        "version": 1,
    }
    files.write_json(out / JSON, result)
    return {"file": str(out / JSON)}


def _dataset(
    source: Source, options: Options, protos: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Count one dataset; the JSON of all its rows, and that of its slices."""
    features = features_of(source.schema, source.name)
    _check_weight(source, options, features)
    slices = find_slices(source, options.slices, options.sensitive)
    counters = _count(source, options, slices)
    infinite = {key: _infinite(counter, source) for key, counter in counters.items()}
    again = sorted(set().union(*infinite.values()))
    finite = _count(source, options, slices, again) if again else {}
    made = []
    for key, counter in counters.items():
        one = _Made(source, options, features, key, slices)
        made.append(one.json(counter, finite.get(key), infinite[key], protos))
    return made[:1], made[1:]


def _count(
    source: Source, options: Options, slices: list[Slices], again: Sequence[str] | None = None
) -> dict[tuple[Any, ...], Counter]:
    """Count all rows, at the key (), and the slices, at (number of the list, values).

    Args:
        source: the dataset.
        options: what is asked for.
        slices: the groups to count.
        again: count these columns without their infinite values; None: all columns, as they are.
    """
    columns = list(source.schema.names if again is None else again)
    try:
        return _counted(source, options, slices, columns, finite=again is not None)
    except (OSError, ValueError, NotImplementedError):  # Arrow's errors are among these
        bad = source.unreadable(columns)
        if not bad:
            raise
    needed = {options.weight, *(name for one in slices for name in one.columns)}
    for name in needed & bad.keys():
        raise RefusedError(f"The column '{name}' cannot be read: {bad[name]}", where=source.name)
    good = [name for name in columns if name not in bad]
    counters = _counted(source, options, slices, good, finite=again is not None)
    for name, reason in bad.items():
        for counter in counters.values():
            counter.fail(name, f"its values cannot be read ({reason})")
    return counters


def _counted(
    source: Source, options: Options, slices: list[Slices], columns: list[str], *, finite: bool
) -> dict[tuple[Any, ...], Counter]:
    counted = [*columns, options.weight] if options.weight else [*columns]
    read = list(dict.fromkeys([*counted, *(c for one in slices for c in one.columns)]))
    keys = [(), *((n, *group) for n, one in enumerate(slices) for group in one.groups)]
    counters = {key: Counter(options.weight, TOP_VALUES) for key in keys}
    if not columns:
        counters[()].rows = source.rows
        return counters
    for batch in source.batches(read):
        adapted = {}
        for name in dict.fromkeys(counted):
            array = batch.column(batch.schema.get_field_index(name))
            try:
                adapted[name] = adapt(array, finite=finite)
            except Exception as error:  # noqa: BLE001 - one bad column never fails the others
                _give_up(counters, name, error)
        counters[()].add(adapted, batch.num_rows)
        for number, one in enumerate(slices):
            for group, rows in one.split(batch):
                part = {name: array.take(rows) for name, array in adapted.items()}
                counters[number, *group].add(part, len(rows))
    return counters


def _give_up(counters: Mapping[Any, Counter], name: str, error: Exception) -> None:
    known = isinstance(error, UnreadableError)
    reason = str(error) if known else f"its values cannot be read ({error})"
    for counter in counters.values():
        counter.fail(name, " ".join(reason.split()))


def _infinite(counter: Counter, source: Source) -> set[str]:
    """The columns that have infinite values, which make means and deviations undefined."""
    return {
        name
        for name in source.schema.names
        for proto in counter.result(name)
        if proto.HasField("num_stats")
        and not abs(proto.num_stats.min) + abs(proto.num_stats.max) < float("inf")
    }


def _check_weight(source: Source, options: Options, features: list[Feature]) -> None:
    """Refuse a weight that is missing, negative or no number: TFDV would say less."""
    import pyarrow.compute as pc

    if not options.weight:
        return
    feature = next((f for f in features if f.path == (options.weight,)), None)
    if feature is None or feature.kind not in ("integer", "number", "truth") or feature.many:
        what = "is not there" if feature is None else f"holds {feature.dtype}, no number a row"
        raise RefusedError(f"The weight '{options.weight}' {what}.", where=source.name)
    for batch in source.batches([options.weight]):
        values = adapt(batch.column(0)).flatten()
        bad = batch.num_rows - len(values)
        bad += pc.sum(pc.or_(pc.less(values, 0), pc.is_inf(values.cast("float64")))).as_py() or 0
        if bad:
            raise RefusedError(
                f"The weight '{options.weight}' is missing, negative or infinite in some rows.",
                where=source.name,
                hint="Give every row a weight of zero or more.",
            )


@dataclass
class _Made:
    """Makes the results of one dataset or slice."""

    source: Source
    options: Options
    features: list[Feature]
    key: tuple[Any, ...]
    slices: list[Slices]

    def json(
        self, counter: Counter, finite: Counter | None, infinite: set[str], protos: Any
    ) -> dict[str, Any]:
        """The JSON; TFDV's proto is added to `protos`."""
        dataset = protos.datasets.add()
        dataset.num_examples = counter.rows
        dataset.weighted_num_examples = counter.weighted_rows
        group: dict[str, str] = {}
        dataset.name = self.source.name
        if self.key:
            one = self.slices[self.key[0]]
            group = dict(zip(one.columns, map(value_text, self.key[1:]), strict=True))
            dataset.name = f"{self.source.name}/{one.groups[self.key[1:]]}"
        results = {
            name: {tuple(proto.path.step): proto for proto in counter.result(name)}
            for name in self.source.schema.names
        }
        clean = {
            tuple(proto.path.step): proto
            for name in infinite
            if finite is not None
            for proto in finite.result(name)
        }
        features = []
        for feature in self.features:
            proto = results[feature.path[0]].get(feature.path)
            hidden = bool(self.options.sensitive & {feature.path[0], feature.name})
            features.append(
                feature_json(
                    feature,
                    proto,
                    clean.get(feature.path),
                    counter.rows,
                    sensitive=hidden,
                    reason=counter.failed.get(feature.path[0], "TFDV has no statistics of it"),
                )
            )
            if proto is not None:
                if hidden:
                    scrub(proto)
                dataset.features.add().CopyFrom(proto)
        return {
            "name": self.source.name,
            "rows": counter.rows,
            "features": features,
            "slice": group,
            "notes": self._notes(),
        }

    def _notes(self) -> list[str]:
        notes = []
        if self.source.sampled:
            notes.append(f"A sample: {self.source.rows:,} of {self.source.total:,} rows.")
        if not self.key:
            notes += [
                f"Slices by {', '.join(one.columns)}: {one.omitted:,} groups are left out, those "
                "with the fewest rows."
                for one in self.slices
                if one.omitted
            ]
        return notes
