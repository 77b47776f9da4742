"""Pipeline files: no loss on the way to YAML and back, and nothing dangerous on the way in."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.core import canonical
from zenlab.core.errors import ParameterError
from zenlab.core.files import write_atomically
from zenlab.pipelines.conflict import conflict_error, conflict_in
from zenlab.pipelines.document import dump, load, slug
from zenlab.pipelines.spec import DatasourceSpec, PipelineSpec, StepSpec, from_document

text = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | text
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(text | st.integers(), inner),
    max_leaves=20,
)
args = st.dictionaries(text, values, max_size=5)
steps = st.builds(
    StepSpec,
    source=st.from_regex(r"[a-z]{1,5}(\.[A-Za-z]{1,5}){1,2}", fullmatch=True),
    args=args,
    pin=st.none() | st.just("zenlab_0.1.0"),
    code=st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    packages=st.lists(st.sampled_from(["numpy", "pandas"]), unique=True).map(sorted).map(tuple),
)
specs = st.builds(
    PipelineSpec,
    name=text.filter(bool),
    type=st.just("training"),
    datasource=st.none()
    | st.builds(
        DatasourceSpec,
        name=text,
        source=st.just("zenlab.datasources.CSVDatasource"),
        args=args,
        commit=st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    ),
    steps=st.dictionaries(st.sampled_from(["transform", "split", "trainer"]), steps),
    enable_cache=st.booleans(),
)


@given(values)
def test_values_survive_yaml(value):
    again = load(dump({"value": value}))["value"]
    assert canonical.encode(again) == canonical.encode(value)


@given(specs)
def test_a_specification_survives_its_file(spec):
    written = dump(spec.to_document())
    again = from_document(load(written))
    assert again.digest == spec.digest
    assert dump(again.to_document()) == written


def test_values_that_yaml_is_known_to_lose():
    value = {
        "a": 1e-3,
        "b": "no",
        "c": "1e-3",
        "d": "null",
        "e": "2020-01-01",
        "f": "0o7",
        "g": "~",
    }
    assert load(dump(value)) == value
    assert load("a: 1e-3\nb: no\n") == {"a": 0.001, "b": "no"}


@pytest.mark.parametrize(
    "hostile",
    ["a: !!python/object/apply:os.system ['true']", "a: !custom 1", "a: 1\na: 2", "a: [1", "\t- a"],
)
def test_tags_and_broken_files_are_refused(hostile):
    with pytest.raises(ParameterError, match="not valid YAML"):
        load(hostile)


def test_an_error_names_line_and_column():
    with pytest.raises(ParameterError) as error:
        load("a: 1\nb: [1\n", "pipelines/a.yaml")
    assert error.value.where == "pipelines/a.yaml, line 3, column 1"


def spec(**changes: object) -> PipelineSpec:
    step = StepSpec("zenlab.steps.split.RandomSplit", {"seed": 0}, pin="zenlab_0.1.0")
    fields: dict = {"name": "A", "type": "training", "datasource": None, "steps": {"split": step}}
    return PipelineSpec(**fields | changes)


def test_an_edit_by_hand_is_refused():
    edited = dump(spec().to_document()).replace("seed: 0", "seed: 1")
    with pytest.raises(ParameterError, match="edited by hand"):
        from_document(load(edited))


def test_unknown_keys_and_newer_versions_are_refused():
    document = spec().to_document()
    with pytest.raises(ParameterError, match="unknown field `extra`"):
        from_document(document | {"extra": 1})
    with pytest.raises(ParameterError, match="has version 2; this zenlab knows up to 1"):
        from_document(document | {"version": 2})


def test_the_digest_is_of_what_the_pipeline_does():
    assert spec(name="B", copied_from={"name": "A"}).digest == spec().digest
    newer = StepSpec("zenlab.steps.split.RandomSplit", {"seed": 0}, pin="zenlab_9.9.9")
    assert spec(steps={"split": newer}).digest == spec().digest
    other = StepSpec("zenlab.steps.split.RandomSplit", {"seed": 0.0}, pin="zenlab_0.1.0")
    assert spec(steps={"split": other}).digest != spec().digest


def test_golden_digest():
    assert spec().digest == "4f354d3ba61d8ca8e57e7452d2ebc3bbbf7784e55c1104e37fbe8f45a3e51bf3"


def test_slugs():
    assert slug("Pipeline A") == "pipeline-a"
    assert slug("a/../b") != slug("a.b")
    assert "/" not in slug("../../etc/passwd")
    assert slug("日本") != slug("中国")
    assert len(slug("x" * 500)) < 100


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.yaml"
    write_atomically(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.yaml"]


def test_the_commands_of_a_conflict_name_one_file_each():
    """The folder is what `zenlab.yaml` says, and a command is pasted into a shell."""
    sides = conflict_in("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n")
    file = "team's;x/a.yaml"
    hint = str(conflict_error(sides, file, file).hint)
    commands = [line for line in hint.splitlines() if line.startswith("  git ")]
    words = [shlex.split(line.partition("   (")[0]) for line in commands]
    assert words == [
        ["git", "checkout", "--ours", "--", file],
        ["git", "checkout", "--theirs", "--", file],
        ["git", "show", f":3:./{file}", ">", "team's;x/pipeline-2.yaml"],
    ]
