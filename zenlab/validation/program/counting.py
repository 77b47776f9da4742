"""TFDV's accumulators over batches: one set a column, so that a column that fails fails alone."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .tfdv import load

if TYPE_CHECKING:
    from collections.abc import Mapping

EXACT_VALUES = 65_536
"""Different values of a column up to which each is counted exactly; TFDV's own default is 1,024."""

EXACT_UNIQUE = 16_384
"""Different values of a column up to which their number is exact, and not an estimate."""

RANKED_VALUES = 1_000
"""How many values TFDV keeps with their counts, for domains and drift."""

_GENERATORS = "tensorflow_data_validation.statistics.generators"


class Counter:
    """Counts the columns of one dataset, or of one slice of it.

    Args:
        weight: the column that rows are weighted by, or empty.
        top_values: how many values of a column are listed with their counts.
    """

    def __init__(self, weight: str = "", top_values: int = 50) -> None:
        self.rows = 0
        self.weighted_rows = 0.0
        self.failed: dict[str, str] = {}
        self._weight = weight
        self._generators = _generators(weight, top_values)
        self._accumulators: dict[str, list[Any]] = {}
        self._results: dict[str, list[Any]] = {}

    def add(self, columns: Mapping[str, Any], rows: int) -> None:
        """Count a batch.

        Args:
            columns: adapted arrays by name, with that of the weight if there is one.
            rows: how many rows the batch has.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        self.rows += rows
        weights = columns.get(self._weight) if self._weight else None
        if weights is not None:
            self.weighted_rows += float(pc.sum(weights.flatten()).as_py() or 0)
        for name, array in columns.items():
            if name in self.failed:
                continue
            given = {name: array}
            if weights is not None:
                given[self._weight] = weights
            try:
                self._accumulators[name] = self._added(name, pa.RecordBatch.from_pydict(given))
            except Exception as error:  # noqa: BLE001 - whatever it is, the other columns go on
                self.fail(name, f"TFDV cannot count it ({_short(error)})")

    def fail(self, name: str, reason: str) -> None:
        """Give a column up."""
        self.failed.setdefault(name, reason)
        self._accumulators.pop(name, None)

    def result(self, name: str) -> list[Any]:
        """TFDV's protos of a column: one, or one for it and each of its parts; empty if it failed.

        Args:
            name: the column's. Nothing can be added to it any more.
        """
        if name not in self._results:
            self._results[name] = self._extract(name)
        return self._results[name]

    def _extract(self, name: str) -> list[Any]:
        if name not in self._accumulators:
            return []
        try:
            accumulators = self._accumulators.pop(name)
            found = load().stats_impl.extract_statistics_output(accumulators, self._generators)
        except Exception as error:  # noqa: BLE001 - the same
            self.fail(name, f"TFDV cannot count it ({_short(error)})")
            return []
        features = [f for f in found.datasets[0].features if f.path.step[0] == name]
        return [tidy(feature) for feature in features]

    def _added(self, name: str, batch: Any) -> list[Any]:
        had = self._accumulators.get(name)
        if had is None:
            had = [generator.create_accumulator() for generator in self._generators]
        return [
            generator.add_input(accumulator, batch)
            for generator, accumulator in zip(self._generators, had, strict=True)
        ]


def tidy(feature: Any) -> Any:
    """Leave out values that were not really counted, so that a result does not vary.

    Beyond `EXACT_VALUES` different values TFDV's counts are too high by up to this many rows,
    and of the values that it lists with no more than that nothing is known.
    """
    text = feature.string_stats
    if not feature.HasField("string_stats") or text.unique < EXACT_VALUES:
        return feature
    bound = text.common_stats.tot_num_values / EXACT_VALUES + 1
    for stats in (text, text.weighted_string_stats):
        if stats is not text and not text.HasField("weighted_string_stats"):
            continue
        kept = [value for value in stats.top_values if value.frequency > bound]
        del stats.top_values[:]
        stats.top_values.extend(kept)
        ranked = [one for one in stats.rank_histogram.buckets if one.sample_count > bound]
        del stats.rank_histogram.buckets[:]
        stats.rank_histogram.buckets.extend(ranked)
    return feature


def _generators(weight: str, top_values: int) -> list[Any]:
    """TFDV's default generators for frames in memory, with more room for exact counts."""
    basic = importlib.import_module(f"{_GENERATORS}.basic_stats_generator")
    ranks = importlib.import_module(f"{_GENERATORS}.top_k_uniques_sketch_stats_generator")
    options = load().stats_options.StatsOptions(weight_feature=weight or None)
    weights = options.example_weight_map
    return [
        basic.BasicStatsGenerator(example_weight_map=weights),
        ranks.TopKUniquesSketchStatsGenerator(
            example_weight_map=weights,
            num_top_values=top_values,
            num_rank_histogram_buckets=RANKED_VALUES,
            num_misragries_buckets=EXACT_VALUES,
            num_kmv_buckets=EXACT_UNIQUE,
        ),
    ]


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"
