"""One value a format, there and back; what is refused, and whom a model may name."""

from __future__ import annotations

import json
import math
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from zenlab.artifacts import DatasetWriter, Described, Stored, read_value, write_value
from zenlab.artifacts.json_format import decode
from zenlab.core import canonical
from zenlab.core.dataset import Dataset
from zenlab.core.errors import ArtifactError, ParameterError, TrustError
from zenlab.core.evaluation import Evaluation, LabelEvaluation

if TYPE_CHECKING:
    from pathlib import Path


def stored(described: Described) -> Stored:
    return Stored(
        "a/value",
        described.format,
        described.format_version,
        described.content_digest,
        "",
        0,
        described.num_rows,
        described.summary,
    )


def round_trip(value: object, folder: Path, resolve: Any = None) -> Any:
    return read_value(stored(write_value(value, folder)), folder, resolve=resolve)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.integers() | st.just("$float"), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_decoding_undoes_encoding(value: Any) -> None:
    again = decode(canonical.encode(value))
    assert canonical.encode(again) == canonical.encode(value)
    assert repr(canonical.plain(value)) == repr(again) or isinstance(value, (dict, list))


def test_json_keeps_what_json_cannot_say(tmp_path: Path) -> None:
    value = {"nan": math.nan, "inf": -math.inf, "zero": -0.0, 1: "one", "$x": [(1, 2)], "n": None}
    again = round_trip(value, tmp_path)
    assert math.isnan(again.pop("nan"))
    assert math.copysign(1, again.pop("zero")) == -1
    assert again == {"inf": -math.inf, 1: "one", "$x": [[1, 2]], "n": None}


def test_equal_json_is_equal_bytes(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    one = write_value({"a": 1, "b": 2}, tmp_path / "1")
    other = write_value({"b": 2, "a": 1}, tmp_path / "2")
    assert one == other


def test_a_struct_of_ours_is_one_again(tmp_path: Path) -> None:
    value = Evaluation([LabelEvaluation("late", "binary", "test", 3, {"auc": None})])
    assert round_trip(value, tmp_path) == value


class Point(msgspec.Struct):
    x: float


def test_another_struct_is_a_dict_unless_somebody_finds_its_class(tmp_path: Path) -> None:
    described = stored(write_value(Point(1.5), tmp_path))
    assert read_value(described, tmp_path) == {"x": 1.5}
    assert read_value(described, tmp_path, resolve=lambda _: Point) == Point(1.5)


def test_what_json_cannot_keep_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"value\['a'\]\[0\]"):
        write_value({"a": [np.arange(3)]}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "a\r\nb\n", "Größe", "\udc80", "x" * 10])
def test_text_is_not_touched(tmp_path: Path, text: str) -> None:
    assert round_trip(text, tmp_path) == text


def test_a_folder_of_files(tmp_path: Path) -> None:
    mine, folder = tmp_path / "mine", tmp_path / "artifact"
    (mine / "deep").mkdir(parents=True)
    folder.mkdir()
    (mine / "deep" / "a.txt").write_text("a")
    again = round_trip(mine, folder)
    assert (again / "deep" / "a.txt").read_text() == "a"
    with pytest.raises(ArtifactError, match="Only a folder"):
        write_value(mine / "deep" / "a.txt", folder)


ROWS = pa.table({"x": [1, 2]})


def _reader() -> Any:
    return pa.RecordBatchReader.from_batches(ROWS.schema, ROWS.to_batches())


@pytest.mark.parametrize(
    "value",
    [
        lambda: ROWS,
        lambda: ROWS.to_batches()[0],
        ROWS.to_pandas,
        lambda: iter(ROWS.to_batches()),
        lambda: (frame for frame in [ROWS.to_pandas()]),
        _reader,
    ],
)
def test_rows_in_any_shape(tmp_path: Path, value: Any) -> None:
    data = round_trip(value(), tmp_path)
    assert data.to_arrow().equals(ROWS)
    assert data.num_rows == 2
    copy = tmp_path / "copy"
    copy.mkdir()
    assert round_trip(data, copy).digest == data.digest


def test_a_writer_is_closed_in_its_own_folder_only(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path)
    writer.write(ROWS)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(ArtifactError, match="another folder"):
        write_value(writer, other)
    assert write_value(writer, tmp_path).num_rows == 2


def test_a_dataset_is_fetched_at_its_first_read(tmp_path: Path) -> None:
    described = stored(write_value(ROWS, tmp_path))
    asked: list[int] = []

    def fetch() -> Path:
        asked.append(1)
        return tmp_path

    data = read_value(described, fetch)
    assert isinstance(data, Dataset)
    assert (len(data), asked) == (2, [])
    assert data.column_names == ["x"]
    assert asked == [1]


def test_an_iterator_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def rows() -> Any:
        yield ROWS
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        write_value(rows(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (object(), "does not pickle"),
        ({1, 2}, "does not pickle"),
        (pd.Series([1]), "to_frame"),
        (np.arange(3), "pandas.DataFrame"),
    ],
)
def test_no_pickle(tmp_path: Path, value: object, hint: str) -> None:
    with pytest.raises(ArtifactError, match="cannot be stored") as caught:
        write_value(value, tmp_path)
    assert hint in str(caught.value)


class Net:
    """A model that saves itself, into two files."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def save(self, path: Path) -> None:
        path.mkdir()
        (path / "weight").write_text(str(self.weight))
        (path / "shape").write_text("1")

    @classmethod
    def load(cls, path: Path) -> Net:
        return cls(float((path / "weight").read_text()))


class Lazy(Net):
    def save(self, path: Path) -> None:
        """Write nothing."""


def test_a_model_that_saves_itself(tmp_path: Path) -> None:
    described = stored(write_value(Net(2.5), tmp_path))
    with pytest.raises(TrustError, match="nobody vouches"):
        read_value(described, tmp_path)
    asked: list[str] = []

    def resolve(source: str) -> type:
        asked.append(source)
        return Net

    assert read_value(described, tmp_path, resolve=resolve).weight == 2.5
    assert asked == [f"{__name__}.Net"]
    (tmp_path / "2").mkdir()
    with pytest.raises(ArtifactError, match="wrote nothing"):
        write_value(Lazy(1.0), tmp_path / "2")


X = np.random.default_rng(0).random((120, 3))
Y = (X[:, 0] + 0.1 * X[:, 1] > 0.5).astype(int)

ESTIMATORS: dict[str, Any] = {
    "logistic": LogisticRegression,
    "hist": lambda: HistGradientBoostingClassifier(max_iter=5, random_state=0),
    "forest": lambda: RandomForestClassifier(n_estimators=3, random_state=0),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=3, random_state=0),
    "mlp": lambda: MLPClassifier((4,), max_iter=400, random_state=0, tol=0.05),
    "neighbors": KNeighborsClassifier,
    "svc": lambda: SVC(random_state=0),
    "calibrated": lambda: CalibratedClassifierCV(LogisticRegression(), method="isotonic", cv=2),
    "search": lambda: GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "pipeline": lambda: make_pipeline(
        StandardScaler(), FunctionTransformer(np.tanh), LogisticRegression()
    ),
}


@pytest.mark.parametrize("kind", sorted(ESTIMATORS))
def test_estimators_predict_the_same_and_equal_fits_are_equal(tmp_path: Path, kind: str) -> None:
    digests = []
    for name in ("1", "2"):
        folder = tmp_path / name
        folder.mkdir()
        model = ESTIMATORS[kind]().fit(X, Y)
        described = write_value(model, folder)
        digests.append(described.content_digest)
        again = read_value(stored(described), folder)
        assert np.array_equal(again.predict(X), model.predict(X))
    assert digests[0] == digests[1]


def test_another_fit_is_another_digest(tmp_path: Path) -> None:
    found = set()
    for i, model in enumerate(
        [
            LogisticRegression(),
            LogisticRegression(C=2.0),
            HistGradientBoostingClassifier(max_iter=5),
        ]
    ):
        folder = tmp_path / str(i)
        folder.mkdir()
        found.add(write_value(model.fit(X, Y), folder).content_digest)
        (tmp_path / f"{i}b").mkdir()
        found.add(write_value(model.fit(X[:-9], Y[:-9]), tmp_path / f"{i}b").content_digest)
    assert len(found) == 6


class Scaler(StandardScaler):
    """A user's own transformer."""


def test_a_type_of_somebody_else_needs_a_word(tmp_path: Path) -> None:
    described = stored(
        write_value(make_pipeline(Scaler(), LogisticRegression()).fit(X, Y), tmp_path)
    )
    assert described.summary["types"] == [f"{__name__}.Scaler"]
    with pytest.raises(TrustError, match=f"{__name__}.Scaler"):
        read_value(described, tmp_path)

    def refuse(source: str) -> type:
        raise TrustError(f"no {source}")

    with pytest.raises(TrustError, match="no "):
        read_value(described, tmp_path, resolve=refuse)


def test_a_lambda_is_refused_when_it_is_stored(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="has no name"):
        write_value(FunctionTransformer(lambda x: x), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("numpy", "memmap"),
        ("sklearn.base", "warnings"),
        ("sklearn.datasets._base", "urlretrieve"),
        ("sklearn.utils._param_validation", "operator"),
        ("scipy.io", "netcdf_file"),
        ("subprocess", "Popen"),
    ],
)
def test_a_file_that_names_something_else_is_refused(
    tmp_path: Path, module: str, name: str
) -> None:
    described = stored(write_value(LogisticRegression().fit(X, Y), tmp_path))
    file = tmp_path / "model.skops"
    with zipfile.ZipFile(file) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    schema = json.loads(parts["schema.json"])
    arguments = schema["content"]["content"]["classes_"]
    schema["content"]["content"]["C"] = {
        "__class__": name,
        "__module__": module,
        "__loader__": "ConstructorFromReduceNode",
        "__id__": 1,
        "content": arguments,
    }
    parts["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    with pytest.raises(TrustError, match="nobody vouches"):
        read_value(described, tmp_path)
