"""The JupyterLab extension, as far as Python sees it: versions, made types, the lock."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import hatch_build
from tools.payload_types import SOURCES, files
from zenlab import __version__

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "labextension"


def package():
    return json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))


def test_python_and_javascript_have_one_version():
    assert package()["version"] == __version__


def test_python_and_javascript_call_it_by_one_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared["zenlab/labextension"] == f"share/jupyter/labextensions/{package()['name']}"


@pytest.mark.parametrize("name", ["payloads.ts", "protocol.ts"])
def test_the_types_are_made_from_python(name):
    made = files()[name]
    assert (SOURCES / name).read_text(encoding="utf-8") == made, "python -m tools.payload_types"


def test_the_lock_names_no_address():
    lock = (EXTENSION / "yarn.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert len(re.findall(r"^  checksum:", lock, re.MULTILINE)) > 100


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A copy of what the extension is made from, with nothing built."""
    monkeypatch.setattr(hatch_build, "SOURCES", tmp_path / "labextension")
    monkeypatch.setattr(hatch_build, "OUTPUT", tmp_path / "zenlab" / "labextension")
    monkeypatch.setattr(hatch_build, "WIDGET", tmp_path / "zenlab" / "widget")
    (tmp_path / "labextension" / "src").mkdir(parents=True)
    (tmp_path / "labextension" / "src" / "index.ts").write_text("export {};\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_node_the_build_goes_on_with_a_warning(sources):
    said = []
    assert not hatch_build.ensure(said.append)
    assert said == [
        "node is missing: zenlab's JupyterLab extension is not built; panels will be static tables"
    ]
    assert list((sources / "zenlab" / "labextension").iterdir()) == []


def test_the_skip_can_be_forbidden(sources, monkeypatch):
    monkeypatch.setenv("ZENLAB_REQUIRE_LABEXTENSION", "1")
    with pytest.raises(RuntimeError, match="node is missing"):
        hatch_build.ensure()


def test_what_is_built_of_the_same_sources_is_kept_and_needs_no_node(sources, monkeypatch):
    monkeypatch.setenv("ZENLAB_REQUIRE_LABEXTENSION", "1")
    output = sources / "zenlab" / "labextension"
    output.mkdir(parents=True)
    (output / "package.json").write_text("{}")
    (output / hatch_build.STAMP).write_text(hatch_build.digest())
    assert not hatch_build.built()  # the widget is missing
    (sources / "zenlab" / "widget").mkdir()
    (sources / "zenlab" / "widget" / "widget.js").write_text("")
    assert hatch_build.ensure()
    (sources / "labextension" / "src" / "index.ts").write_text("export const a = 1;\n")
    with pytest.raises(RuntimeError, match="node is missing"):
        hatch_build.ensure()


def test_an_sdist_without_sources_has_what_it_has(sources):
    (sources / "labextension" / "src" / "index.ts").unlink()
    assert not hatch_build.ensure()
