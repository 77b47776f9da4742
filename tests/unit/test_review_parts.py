"""Parts of a review: schema files as text, Markdown that nobody's strings break, code by Git."""

from __future__ import annotations

import pytest

from zenlab.pipelines.review.code import definition, stale
from zenlab.pipelines.review.model import Side
from zenlab.pipelines.review.pairing import pipeline_changes
from zenlab.pipelines.review.schema_text import schema_changes
from zenlab.pipelines.spec import PipelineSpec, StepSpec
from zenlab.views.document import Code, Column, Document, Facts, Table
from zenlab.views.markdown import markdown, to_markdown

ONE = """
# a comment
feature {
  name: "a"
  type: INT
  presence { min_fraction: 1.0 min_count: 1 }
  int_domain: < min: 0 >
}
feature { name: "b, c" type: BYTES domain: "kinds" }
string_domain { name: "kinds" value: "x" value: "y {z}" }
default_environment: "TRAINING"
"""


def columns(new: str, old: str = ONE) -> tuple[str, ...]:
    (change,) = schema_changes({"s.pbtxt": old}, {"s.pbtxt": new})
    return change.columns


def test_the_columns_of_a_schema_that_differ():
    assert schema_changes({"s": ONE}, {"s": ONE}) == ()
    assert columns(ONE.replace("min_fraction: 1.0", "min_fraction: 0.5")) == (
        "a: presence.min_fraction: 1.0 -> presence.min_fraction: 0.5",
    )
    assert columns(ONE.replace("type: INT", "type: FLOAT").replace("min: 0", "min: 1")) == (
        "a: type: INT, int_domain.min: 0 -> type: FLOAT, int_domain.min: 1",
    )
    assert columns(ONE.replace('value: "y {z}"', 'value: "y" value: "w"')) == (
        'string domain kinds: value: "y {z}" -> value: "y", value: "w"',
    )
    assert columns(ONE.replace('name: "b, c" type: BYTES domain: "kinds"', 'name: "d"')) == (
        "- b, c (BYTES)",
        "+ d",
    )
    assert columns(ONE.replace('value: "x"', 'value: "x" value: "x"')) == (
        'string domain kinds: - -> value: "x"',
    )
    assert columns(ONE.replace("# a comment", "")) == (
        "only its comments, its order or its layout",
    )
    assert columns(ONE.replace('"TRAINING"', '"SERVING"')) == (
        'default environment: "TRAINING" -> "SERVING"',
    )
    (gone,) = schema_changes({"s": ONE}, {})
    assert gone.how == "removed"
    assert gone.columns[0] == "- a (INT)"


@pytest.mark.parametrize("text", ["feature {", "}", "b: [1, 2", '"', "x {" * 5000, "feature"])
def test_a_broken_schema_stops_nothing(text):
    assert "- a (INT)" in columns(text)


def test_code_fences_are_longer_than_what_they_hold():
    out = to_markdown(Document("t", (Code(("+````", "\u202eabc")),)))
    assert out == "## t\n\n`````diff\n+````\n\\u202eabc\n`````\n"


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("roc_auc 0.73 -> 0.74", "roc_auc 0.73 -> 0.74"),
        ("_x_ a_b", r"\_x\_ a_b"),
        ("__init__ a__b", r"\_\_init\_\_ a\_\_b"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("1.5 of 3", "1.5 of 3"),
        ("http://a.b www.a.b", r"http\://a.b www\.a.b"),
        ("[a](b) `c` <d>", r"\[a\](b) \`c\` \<d>"),
        ("a\nb", r"a\\nb"),
        ("@team/x #1", "@<!-- -->team/x \\#<!-- -->1"),
    ],
)
def test_text_means_nothing_to_markdown(raw, written):
    assert markdown(raw) == written


def test_cells_keep_their_columns():
    table = Table((Column("a|b"), Column("n", "right")), ((("x", "y"), "1|2"),))
    assert to_markdown(Document("t", (table, Facts((("k", "v"),))))).splitlines()[2:5] == [
        r"| a\|b | n |",
        "| --- | ---: |",
        r"| x<br>y | 1\|2 |",
    ]


def test_the_last_definition_counts_and_others_are_none():
    text = "def f():\n    return 1\n\nclass f:\n    x = 1\n\nf = 3\n"
    assert definition(text, "m.f") == "class f:\n    x = 1"
    assert definition(text, "m.g") is None
    assert definition("def (", "m.f") is None
    # Lines are those of Python: a form feed and U+2028 end none.
    fed = "x = '\u2028'\n\f\ndef f():\r\n    return 1\r\n"
    assert definition(fed, "m.f") == "def f():\n    return 1"


def step_spec(name: str) -> PipelineSpec:
    steps = {"transform": StepSpec("features.late", code="a" * 64)}
    return PipelineSpec(name, "data", None, steps)


@pytest.mark.parametrize(("body", "is_told"), [('"""Late."""\n    return 1', 0), ("return 2", 1)])
def test_an_edit_that_no_fingerprint_sees_is_no_other_code(body, is_told):
    texts = (f"def late(df):\n    {b}\n" for b in ("return 1", body))
    old, new = (Side("x", {"A": step_spec("A")}, read={"features.py": text}.get) for text in texts)
    assert len(stale(set(), old, new)) == is_told


def test_of_a_file_that_is_broken_at_one_side_nothing_is_said():
    whole = Side("whole", {"Pipeline A": step_spec("Pipeline A")})
    broken = Side("broken", broken={"pipeline-a.yaml": "no YAML"})
    assert pipeline_changes(broken, whole) == pipeline_changes(whole, broken) == ()
    assert stale(set(), broken, whole) == []
    assert [c.kind for c in pipeline_changes(Side("x", broken={"b.yaml": ""}), whole)] == ["added"]
