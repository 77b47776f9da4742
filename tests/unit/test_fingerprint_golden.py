"""The pinned digests, the speed-up that may not change them, and the properties."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zenlab.engine.fingerprint.graph import Ref, node_digests
from zenlab.engine.fingerprint.syntax import syntax_digest

GOLDEN = Path(__file__).parents[1] / "golden"


def test_digests_are_what_they_were():
    """On every Python and pandas: the smoke jobs run this test, too."""
    script = GOLDEN / "fingerprint_golden.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pinned = json.loads((GOLDEN / "fingerprint_golden.json").read_text(encoding="utf-8"))
    assert json.loads(done.stdout) == pinned
    assert len(set(pinned.values())) == len(pinned)


_names = st.sampled_from(["a", "b", "helper", "np.mean"])
_atoms = st.one_of(
    _names,
    st.integers(-5, 300).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text("ab '\"\n{é", max_size=5).map(repr),
    st.sampled_from(["None", "True", "f'{a}x{b:>{a}}'", "f'{a!r}' 'b'", "b'x'", "..."]),
)


def _grow(inner):
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"[{p[0]}, *{p[1]}]"),
        pair.map(lambda p: f"{{{p[0]}: {p[1]}}}"),
        pair.map(lambda p: f"({p[0]} if {p[1]} else a)"),
        pair.map(lambda p: f"helper({p[0]}, k={p[1]})"),
        pair.map(lambda p: f"[x for x in {p[0]} if {p[1]}]"),
        inner.map(lambda e: f"(lambda x, *y: {e})"),
        inner.map(lambda e: f"(c := {e})"),
        inner.map(lambda e: f"(not {e})"),
    )


_expressions = st.recursive(_atoms, _grow, max_leaves=12)


@given(st.lists(_expressions, min_size=1, max_size=4))
def test_reformatting_keeps_the_digest(expressions):
    body = "".join(f"    if {e}:\n        a = ({e})  # why\n" for e in expressions)
    one = ast.parse(f"def f(a, b=1, *c, **d):\n    'doc'\n{body}    return (a)\n")
    two = ast.parse(ast.unparse(one))
    assert syntax_digest(one) == syntax_digest(two)


@given(_expressions, _expressions)
def test_different_trees_have_different_digests(one, two):
    trees = [ast.parse(text, mode="eval") for text in (one, two)]
    same = ast.dump(trees[0]) == ast.dump(trees[1])
    digests = {syntax_digest(tree) for tree in trees}
    # `f"a" "b"` may be cut differently and still be the same; nothing else may be joined.
    assert (len(digests) == 1) >= same
    if "f'" not in one + two:
        assert (len(digests) == 1) == same


@st.composite
def _graphs(draw):
    size = draw(st.integers(1, 7))
    edge = st.integers(0, size - 1)
    return [(draw(st.sampled_from("xy")), draw(st.lists(edge, max_size=3))) for _ in range(size)]


@given(_graphs(), st.randoms(use_true_random=False))
def test_digests_of_a_graph_do_not_depend_on_the_order_of_discovery(graph, random):
    order = list(range(len(graph)))
    random.shuffle(order)
    place = {node: at for at, node in enumerate(order)}
    straight = node_digests([[tag, [Ref(i) for i in edges]] for tag, edges in graph])
    shuffled = node_digests(
        [[graph[node][0], [Ref(place[i]) for i in graph[node][1]]] for node in order]
    )
    assert straight == [shuffled[place[node]] for node in range(len(graph))]


@given(_graphs())
def test_equal_digests_mean_equal_unfoldings(graph):
    digests = node_digests([[tag, [Ref(i) for i in edges]] for tag, edges in graph])

    def unfold(node, depth):
        tag, edges = graph[node]
        return (tag, tuple(unfold(i, depth - 1) for i in edges)) if depth else tag

    unfolded = [unfold(node, 7) for node in range(len(graph))]
    for one in range(len(graph)):
        for two in range(one):
            if digests[one] == digests[two]:
                assert unfolded[one] == unfolded[two]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_rings_of_equal_nodes_behave_alike(size):
    ring = [["f", Ref((i + 1) % size)] for i in range(size)]
    assert len(set(node_digests(ring))) == 1
