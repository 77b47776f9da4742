"""Runs under the worker's Python with all of TensorFlow: TFDV's public API beside our results.

    python -I tfdv_public.py FOLDER

FOLDER has what the worker made of `train.parquet` and `eval.parquet`. Prints as JSON what differs.
"""

import json
import sys
import types
from pathlib import Path

sys.modules["farmhash"] = types.ModuleType("farmhash")  # of the feature skew detector alone

import pandas as pd  # noqa: E402
import tensorflow_data_validation as tfdv  # noqa: E402
from google.protobuf import text_format  # noqa: E402
from tensorflow_metadata.proto.v0 import (  # noqa: E402
    anomalies_pb2,
    schema_pb2,
    statistics_pb2,
)

folder = Path(sys.argv[1])
differences = []


def compare(what, ours, theirs):
    if ours != theirs:
        lines = zip(str(ours).splitlines(), str(theirs).splitlines(), strict=False)
        first = next(((a, b) for a, b in lines if a != b), "one is longer")
        differences.append(f"{what}: {first}")


def text(file, kind):
    return text_format.Parse((folder / file).read_text(encoding="utf-8"), kind())


def read(name):
    content = (folder / name / "statistics.pb").read_bytes()
    return {
        d.name: d for d in statistics_pb2.DatasetFeatureStatisticsList.FromString(content).datasets
    }


def public(name, **options):
    frame = pd.read_parquet(folder / f"{name}.parquet")
    return tfdv.generate_statistics_from_dataframe(
        frame, tfdv.StatsOptions(num_top_values=50, **options)
    )


def features(dataset):
    return {tuple(f.path.step): f for f in dataset.features}


def alone(dataset):
    return statistics_pb2.DatasetFeatureStatisticsList(datasets=[dataset])


plain, weighted = read("plain"), read("weighted")
theirs = {}
for name, ours in (("train", plain["train"]), ("eval", plain["eval"])):
    theirs[name] = public(name)
    (dataset,) = theirs[name].datasets
    compare(f"{name}: columns", sorted(features(ours)), sorted(features(dataset)))
    compare(f"{name}: rows", ours.num_examples, dataset.num_examples)
    for path, feature in features(dataset).items():
        compare(f"{name}: {path}", features(ours).get(path), feature)

(dataset,) = public("train", weight_feature="w").datasets
compare("weighted rows", weighted["train"].weighted_num_examples, dataset.weighted_num_examples)
for path, feature in features(dataset).items():
    compare(f"weighted: {path}", features(weighted["train"]).get(path), feature)

ours = alone(plain["train"])
schema = tfdv.infer_schema(ours)
compare("infer_schema", text("inferred.pbtxt", schema_pb2.Schema), schema)
full = text("schema.pbtxt", schema_pb2.Schema)
anomalies = tfdv.validate_statistics(alone(plain["eval"]), full, environment="SERVING")
compare("validate", text("none/anomalies.pbtxt", anomalies_pb2.Anomalies), anomalies)
for kind, argument in (("skew", "serving_statistics"), ("drift", "previous_statistics")):
    anomalies = tfdv.validate_statistics(alone(plain["eval"]), full, **{argument: ours})
    compare(kind, text(f"{kind}/anomalies.pbtxt", anomalies_pb2.Anomalies), anomalies)
updated = tfdv.update_schema(full, alone(plain["eval"]))
compare("update", text("updated.pbtxt", schema_pb2.Schema), updated)
print(json.dumps({"differences": differences, "tensorflow": "tensorflow" in sys.modules}))
