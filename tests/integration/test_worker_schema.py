"""Schemas and anomalies of the real worker; and all its results beside TFDV's public API."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.worker_harness import SECONDS, parquet, running
from zenlab.core.errors import WorkerError
from zenlab.core.validation import DRIFT_NUMBERS, DRIFT_TEXT
from zenlab.validation import find_worker_environment

client = pytest.fixture(scope="module")(running)

PUBLIC = Path(__file__).with_name("tfdv_public.py")


def rows(seed, count=4_000):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "carrier": rng.choice(["AA", "UA", "WN"], count, p=[0.5, 0.3, 0.2]),
            "delay": rng.exponential(20, count),
            "distance": rng.integers(100, 3_000, count),
            "late": rng.random(count) < 0.3,
            "w": rng.random(count),
        }
    )
    frame.loc[::50, "delay"] = np.nan
    return frame


@pytest.fixture(scope="module")
def data(client, tmp_path_factory):
    """Statistics and a schema of `train`; `eval` breaks it in several ways."""
    folder = tmp_path_factory.mktemp("schema")
    train, bad = rows(1), rows(2)
    bad.loc[:29, "carrier"] = "ZZ"
    bad.loc[30:41, "carrier"] = "Q9"
    bad.loc[:999, "distance"] = -1
    bad["delay"] += 40
    bad = bad.drop(columns="late").assign(gate="x")
    bad.loc[5:24, "w"] = None
    files = {
        name: [parquet(folder, pa.Table.from_pandas(frame, preserve_index=False), name)]
        for name, frame in (("train", train), ("eval", bad))
    }
    client.statistics(files, folder / "plain").result(SECONDS)
    client.statistics({"train": files["train"]}, folder / "weighted", weight="w").result(SECONDS)
    client.schema(folder / "plain", folder / "schema.pbtxt", labels=["late"]).result(SECONDS)
    return folder


def anomalies_of(found, dataset, feature):
    return [a for a in found.dataset(dataset).anomalies if a.feature == feature]


def test_the_schema_says_what_train_holds(client, data):
    schema = client.read_schema(data / "schema.pbtxt").result(SECONDS)
    by_name = {feature.name: feature for feature in schema.features}
    assert list(by_name) == ["carrier", "delay", "distance", "late", "w"]
    carrier, delay, late = by_name["carrier"], by_name["delay"], by_name["late"]
    assert (carrier.type, carrier.required, carrier.domain) == ("BYTES", True, ["AA", "UA", "WN"])
    assert (carrier.skew, carrier.drift) == (DRIFT_TEXT, DRIFT_TEXT)
    assert (delay.type, delay.required, delay.domain) == ("FLOAT", False, None)
    assert (delay.skew, delay.drift) == (DRIFT_NUMBERS, DRIFT_NUMBERS)
    assert late.not_in_environments == ["SERVING"]
    assert schema.environments == ["TRAINING", "SERVING"]
    assert schema.origin == "schema.pbtxt"


def test_a_schema_is_the_same_text_each_time(client, data, tmp_path):
    made = client.schema(data / "plain", tmp_path / "again.pbtxt", labels=["late"])
    assert made.result(SECONDS).origin == "inferred from train"
    assert (tmp_path / "again.pbtxt").read_bytes() == (data / "schema.pbtxt").read_bytes()


def test_thresholds_by_column(client, data, tmp_path):
    future = client.schema(data / "plain", tmp_path / "s.pbtxt", thresholds={"carrier": 0.02})
    by_name = {feature.name: feature for feature in future.result(SECONDS).features}
    assert (by_name["carrier"].skew, by_name["delay"].skew) == (0.02, DRIFT_NUMBERS)


def test_no_sensitive_value_is_in_a_schema(client, data, tmp_path):
    future = client.schema(data / "plain", tmp_path / "s.pbtxt", sensitive=["carrier"])
    (carrier,) = [f for f in future.result(SECONDS).features if f.name == "carrier"]
    assert (carrier.domain, carrier.skew) == (None, None)
    assert "AA" not in (tmp_path / "s.pbtxt").read_text()


def test_anomalies_in_words_with_numbers(client, data, tmp_path):
    future = client.validate(
        *(data / "plain", data / "schema.pbtxt", tmp_path),
        baseline=data / "plain",
        baseline_dataset="train",
        environment="TRAINING",
    )
    found = future.result(SECONDS)
    train, bad = found.dataset("train"), found.dataset("eval")
    assert (train.anomalies, train.baseline, train.drift) == ([], "", [])
    assert (bad.baseline, bad.environment, bad.rows) == ("train", "TRAINING", 4_000)
    (carrier,) = anomalies_of(found, "eval", "carrier")
    assert carrier.text == "2 values are not in the schema, 1.05 % of rows."
    assert [(value.value, value.count) for value in carrier.values] == [("ZZ", 30), ("Q9", 12)]  # noqa: PD011 - no frame
    assert (carrier.rows, carrier.severity) == (42, "error")
    (gate,) = anomalies_of(found, "eval", "gate")
    assert gate.text == "The column is not in the schema."
    (late,) = anomalies_of(found, "eval", "late")
    assert late.text == "The column is missing, and the schema requires it."
    (w,) = anomalies_of(found, "eval", "w")
    assert w.text == "20 rows have no value (0.5 %); none may lack it."
    assert w.rows == 20
    (delay,) = anomalies_of(found, "eval", "delay")
    assert delay.measure == "Jensen-Shannon"
    assert delay.distance > delay.threshold == DRIFT_NUMBERS
    assert delay.text.startswith("The values differ from the baseline's")
    assert [a.feature for a in bad.anomalies] == sorted(a.feature for a in bad.anomalies)
    for anomaly in bad.anomalies:
        assert not any(value.value in anomaly.text for value in anomaly.values)  # noqa: PD011
    distances = [drift.distance for drift in bad.drift]
    assert distances == sorted(distances, reverse=True)
    assert {drift.feature for drift in bad.drift} == {"carrier", "delay", "distance", "w"}
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        *("anomalies.eval.pbtxt", "anomalies.json", "anomalies.train.pbtxt"),
    ]


def test_serving_data_need_no_label(client, data, tmp_path):
    future = client.validate(
        *(data / "plain", data / "schema.pbtxt", tmp_path),
        datasets=["eval"],
        environment="SERVING",
    )
    assert anomalies_of(future.result(SECONDS), "eval", "late") == []


def test_distances_are_measured_without_a_threshold(client, data, tmp_path):
    schema = tmp_path / "s.pbtxt"
    client.schema(data / "plain", schema).result(SECONDS)
    text = schema.read_text()
    schema.write_text(remove(remove(text, "skew_comparator"), "drift_comparator"))
    future = client.validate(
        *(data / "plain", schema, tmp_path),
        baseline=data / "plain",
        baseline_dataset="train",
        comparison="drift",
    )
    bad = future.result(SECONDS).dataset("eval")
    assert {drift.threshold for drift in bad.drift} == {None}
    assert bad.drift[0].distance > DRIFT_NUMBERS
    assert not any(anomaly.measure for anomaly in bad.anomalies)


def remove(text, block):
    """Leave a block of a text proto out, wherever it stands."""
    lines, depth = [], 0
    for line in text.splitlines():
        if depth or line.strip() == f"{block} {{":
            depth += line.count("{") - line.count("}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def test_random_parts_of_heavy_tails_do_not_drift(client, tmp_path):
    # With TFDV's default, bins of equal width, they do: the edges follow the farthest outlier.
    rng = np.random.default_rng(5)
    values = np.exp(rng.normal(0, 1.5, 60_000))
    files = {
        "train": [parquet(tmp_path, {"x": values[:40_000]}, "train")],
        "eval": [parquet(tmp_path, {"x": values[40_000:]}, "eval")],
        "moved": [parquet(tmp_path, {"x": values[40_000:] * 3}, "moved")],
    }
    client.statistics(files, tmp_path).result(SECONDS)
    client.schema(tmp_path, tmp_path / "s.pbtxt").result(SECONDS)
    future = client.validate(
        tmp_path, tmp_path / "s.pbtxt", tmp_path, baseline=tmp_path, baseline_dataset="train"
    )
    found = future.result(SECONDS)
    assert found.dataset("eval").drift[0].distance < DRIFT_NUMBERS / 4
    assert found.dataset("eval").anomalies == []
    assert [a.feature for a in found.dataset("moved").anomalies] == ["x"]


def test_sensitive_values_are_in_no_anomaly(client, data, tmp_path):
    future = client.validate(
        *(data / "plain", data / "schema.pbtxt", tmp_path), sensitive=["carrier"]
    )
    for anomaly in anomalies_of(future.result(SECONDS), "eval", "carrier"):
        assert anomaly.values == []  # noqa: PD011
    for file in tmp_path.iterdir():
        assert "ZZ" not in file.read_text()


def test_accepting_all(client, data, tmp_path):
    schema = tmp_path / "s.pbtxt"
    client.update(data / "schema.pbtxt", data / "plain", schema).result(SECONDS)
    future = client.validate(data / "plain", schema, tmp_path, datasets=["eval"])
    assert future.result(SECONDS).dataset("eval").anomalies == []


def test_accepting_one_column_changes_no_other(client, data, tmp_path):
    schema = tmp_path / "s.pbtxt"
    future = client.update(data / "schema.pbtxt", data / "plain", schema, features=["carrier"])
    by_name = {feature.name: feature for feature in future.result(SECONDS).features}
    assert set(by_name["carrier"].domain) == {"AA", "UA", "WN", "ZZ", "Q9"}
    before = client.read_schema(data / "schema.pbtxt").result(SECONDS)
    for feature in before.features:
        if feature.name != "carrier":
            assert by_name[feature.name] == feature
    left = client.validate(data / "plain", schema, tmp_path, datasets=["eval"]).result(SECONDS)
    assert {a.feature for a in left.dataset("eval").anomalies} == {"gate", "late", "w"}


def test_accepting_a_new_and_a_missing_column(client, data, tmp_path):
    schema = tmp_path / "s.pbtxt"
    client.update(data / "schema.pbtxt", data / "plain", schema, features=["gate", "late"]).result(
        SECONDS
    )
    left = client.validate(data / "plain", schema, tmp_path, datasets=["eval"]).result(SECONDS)
    assert {a.feature for a in left.dataset("eval").anomalies} == {"carrier", "w"}


def test_other_kinds_of_anomalies(client, data, tmp_path):
    schema = (data / "schema.pbtxt").read_text()
    schema = schema.replace(
        '  name: "distance"\n  type: INT\n',
        '  name: "distance"\n  type: INT\n  int_domain { min: 0 max: 500 }\n',
    )
    schema = schema.replace('  name: "delay"\n', '  name: "delay"\n  float_domain { min: 50 }\n')
    schema = schema.replace('  name: "gate"\n', "")
    (tmp_path / "s.pbtxt").write_text(schema)
    found = client.validate(data / "plain", tmp_path / "s.pbtxt", tmp_path).result(SECONDS)
    texts = {a.text for a in anomalies_of(found, "eval", "distance")}
    assert texts == {
        "Some values are below the least that the schema allows.",
        "Some values are above the greatest that the schema allows.",
    }
    assert [a.kind for a in anomalies_of(found, "train", "delay")] == ["FLOAT_TYPE_SMALL_FLOAT"]
    (feature,) = [
        f
        for f in client.read_schema(tmp_path / "s.pbtxt").result(SECONDS).features
        if f.name == "distance"
    ]
    assert (feature.min, feature.max) == (0, 500)


def test_a_column_of_another_type(client, tmp_path):
    one = parquet(tmp_path, {"x": ["a"] * 20, "y": [7] * 20}, "one")
    two = parquet(tmp_path, {"x": [7] * 20, "y": ["a"] * 20}, "two")
    client.statistics({"train": [one], "eval": [two]}, tmp_path).result(SECONDS)
    client.schema(tmp_path, tmp_path / "s.pbtxt").result(SECONDS)
    found = client.validate(tmp_path, tmp_path / "s.pbtxt", tmp_path).result(SECONDS)
    texts = [a.text for a in found.dataset("eval").anomalies]
    assert texts == [
        "The column holds integers; the schema says text.",
        "The column holds text; the schema says integers.",
    ]


def test_truth_values_and_lists(client, tmp_path):
    one = parquet(tmp_path, {"t": [True, False], "l": [[1, 2], [3, 4]], "m": [[1], [1, 2]]}, "one")
    two = parquet(tmp_path, {"t": [3, 0], "l": [[1, 2], [3]], "m": [[1, 2, 3], None]}, "two")
    client.statistics({"train": [one], "eval": [two]}, tmp_path).result(SECONDS)
    client.schema(tmp_path, tmp_path / "s.pbtxt").result(SECONDS)
    found = client.validate(tmp_path, tmp_path / "s.pbtxt", tmp_path).result(SECONDS)
    assert found.dataset("train").anomalies == []
    texts = {a.feature: a.text for a in found.dataset("eval").anomalies}
    assert texts == {
        "t": "Some values are neither 0 nor 1, as truth values are.",
        "l": "Rows have 1 to 2 values; each should have 2.",
        "m": "1 row has no value (50 %); none may lack it.",
    }


def test_no_rows_and_empty_columns_are_validated(client, tmp_path):
    full = parquet(tmp_path, {"x": [1.0, 2.0], "n": pa.nulls(2)}, "full")
    none = parquet(tmp_path, pa.table({"x": pa.array([], pa.float64()), "n": pa.nulls(0)}), "none")
    client.statistics({"train": [full], "eval": [none]}, tmp_path).result(SECONDS)
    client.schema(tmp_path, tmp_path / "s.pbtxt").result(SECONDS)
    found = client.validate(
        tmp_path, tmp_path / "s.pbtxt", tmp_path, baseline=tmp_path, baseline_dataset="train"
    ).result(SECONDS)
    assert found.dataset("train").anomalies == []
    assert [a.severity for a in found.dataset("eval").anomalies] == ["error"]
    assert found.dataset("eval").drift == []


def test_errors_name_the_place(client, data, tmp_path):
    broken = tmp_path / "broken.pbtxt"
    broken.write_text('feature {\n  name: "x"\n  tpye: INT\n}\n')
    with pytest.raises(WorkerError, match='no field named "tpye"') as error:
        client.read_schema(broken).result(SECONDS)
    assert error.value.where == f"{broken}, line 3, column 3"
    with pytest.raises(WorkerError, match="cannot be read: No such file"):
        client.read_schema(tmp_path / "none.pbtxt").result(SECONDS)
    with pytest.raises(WorkerError, match="no statistics of 'trian'") as error:
        client.schema(data / "plain", tmp_path / "s", dataset="trian").result(SECONDS)
    assert error.value.hint == "Did you mean 'train'?"
    with pytest.raises(WorkerError, match="no column 'carier'") as error:
        client.schema(data / "plain", tmp_path / "s", labels=["carier"]).result(SECONDS)
    assert error.value.hint == "Did you mean 'carrier'?"
    with pytest.raises(WorkerError, match="no environment 'SERVE'") as error:
        client.validate(
            data / "plain", data / "schema.pbtxt", tmp_path, environment="SERVE"
        ).result(SECONDS)
    assert error.value.hint == "Did you mean 'SERVING'?"


@pytest.mark.slow
def test_all_results_equal_those_of_tfdvs_public_api(client, data):
    """With TensorFlow loaded, as its documentation has it: that takes ten seconds."""
    plain, schema = data / "plain", data / "schema.pbtxt"
    client.validate(plain, schema, data / "none", datasets=["eval"], environment="SERVING").result(
        SECONDS
    )
    for kind in ("skew", "drift"):
        client.validate(
            *(plain, schema, data / kind),
            datasets=["eval"],
            baseline=plain,
            baseline_dataset="train",
            comparison=kind,
        ).result(SECONDS)
    client.update(schema, plain, data / "updated.pbtxt").result(SECONDS)
    client.schema(plain, data / "with_thresholds.pbtxt").result(SECONDS)
    # What infer_schema gives, without what we add to it.
    text = (data / "with_thresholds.pbtxt").read_text()
    text = remove(remove(text, "skew_comparator"), "drift_comparator")
    kept = [line for line in text.splitlines() if not line.startswith("default_environment")]
    (data / "inferred.pbtxt").write_text("\n".join(kept))
    done = subprocess.run(
        [find_worker_environment().python, "-I", PUBLIC, data],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"differences": [], "tensorflow": True}
