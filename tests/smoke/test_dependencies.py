"""Each dependency imports in the version that is there: a wrong lower bound shows here first."""

import importlib

import pytest

MODULES = [
    "IPython",
    "alembic",
    "click",
    "fsspec",
    "msgspec",
    "numpy",
    "pandas",
    "plotly.graph_objects",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pygit2",
    "rich",
    "ruamel.yaml",
    "sklearn.ensemble",
    "skops.io",
    "sqlalchemy",
]


@pytest.mark.filterwarnings("ignore")  # what the lowest versions warn about is theirs
@pytest.mark.parametrize("name", MODULES)
def test_imports(name):
    importlib.import_module(name)


@pytest.mark.filterwarnings("ignore")
def test_frames_pass_through_parquet(tmp_path):
    # pandas, numpy and pyarrow are built against each other: importing them alone proves little.
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, None], "c": ["x", None]})
    frame.to_parquet(tmp_path / "frame.parquet")
    assert pandas.read_parquet(tmp_path / "frame.parquet").shape == (2, 3)
