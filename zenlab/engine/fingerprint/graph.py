"""From a graph of objects that refer to each other to one digest a node.

The content of a node is JSON in which a `Ref` stands for another node. Where nodes do not refer
to each other in a circle, a digest is the hash of the content with each reference replaced by the
digest of its target. In a circle (recursion, a method that names its own class) it is found by
colour refinement: the nodes of a strongly connected component start with equal names, and each
round hashes the neighbours' last colours in. So a digest does not depend on where the walk began,
and two nodes of one digest unfold into the same infinite tree: they behave alike.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Ref:
    """A reference to the node at `index`."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class Unordered:
    """Parts whose order does not count: the elements of a set."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts


Part: TypeAlias = "bool | int | str | Ref | Unordered | Sequence[Part] | None"


def part_digest(part: Part, name: Callable[[int], str] = lambda _: "") -> str:
    """Hash one content.

    Args:
        part: JSON with `Ref` and `Unordered` in it.
        name: gives what stands for the node of an index; by default all references look alike.

    Example:
        >>> part_digest(["s", "a"])[:12]
        '23808e427e8f'
    """

    def stand_in(value: object) -> Any:
        if isinstance(value, Ref):
            return {"ref": name(value.index)}
        if isinstance(value, Unordered):
            return {"set": sorted(encode(p) for p in value.parts)}
        raise TypeError(f"not a part: {type(value).__name__}")

    def encode(value: Part) -> str:
        return json.dumps(value, separators=(",", ":"), default=stand_in)

    return hashlib.sha256(encode(part).encode("ascii")).hexdigest()


def node_digests(contents: Sequence[Part]) -> list[str]:
    """The digest of each node.

    Args:
        contents: by index; references lie within the list.

    Example:
        >>> one, two = node_digests([["f", Ref(1)], ["f", Ref(0)]])
        >>> one == two
        True
    """
    successors = [_references(content) for content in contents]
    digests: list[str] = [""] * len(contents)
    for component in _components(successors):
        node = component[0]
        if len(component) == 1 and node not in successors[node]:
            digests[node] = part_digest(contents[node], digests.__getitem__)
        else:
            _refine(component, contents, digests)
    return digests


def _refine(component: list[int], contents: Sequence[Part], digests: list[str]) -> None:
    """Colour refinement until the partition is stable, and one round more.

    Two stable partitions with equal colours after that round have equal signatures class by
    class, so the sorted colours are hashed in: equal digests then mean bisimilar nodes, whatever
    the number of rounds was.
    """
    colours = dict.fromkeys(component, "")
    distinct, stable = 1, 0
    while stable < 2:
        name = _namer(colours, digests)
        colours = {node: part_digest(contents[node], name) for node in component}
        now = len(set(colours.values()))
        stable = stable + 1 if now == distinct else 0
        distinct = now
    everyone = sorted(set(colours.values()))
    for node in component:
        digests[node] = part_digest(["cycle", colours[node], everyone])


def _namer(colours: dict[int, str], digests: list[str]) -> Callable[[int], str]:
    return lambda i: f"cycle:{colours[i]}" if i in colours else digests[i]


def _references(content: Part) -> list[int]:
    found: list[int] = []
    pending: list[Part] = [content]
    while pending:
        part = pending.pop()
        if isinstance(part, Ref):
            found.append(part.index)
        elif isinstance(part, Unordered):
            pending.extend(part.parts)
        elif isinstance(part, (list, tuple)):
            pending.extend(part)
    return found


def _components(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """Strongly connected components, each after those that it refers to (Tarjan, iterative)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    result: list[list[int]] = []
    for root in range(len(successors)):
        if root in order:
            continue
        work = [(root, iter(successors[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(successors[target])))
                    break
                if target in on_stack:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == order[node]:
                    component: list[int] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    result.append(component)
    return result
