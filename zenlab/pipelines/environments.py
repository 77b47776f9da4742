"""How the environment in which a pipeline was executed differs from the one that is here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zenlab.engine.environment import Environment, present_environment, read_environment
from zenlab.engine.versions import minor
from zenlab.pipelines.compare.targets import named
from zenlab.pipelines.wiring import slot_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zenlab.core.workspace import Workspace

MISSING = "-"
"""What stands for a package that is not installed."""


@dataclass(frozen=True)
class PackageDifference:
    """A package of which another version is here.

    Attributes:
        name: of the distribution.
        there: the version with which the steps were executed; `-`: it was not installed.
        here: likewise, of this environment.
        slots: the steps whose code reaches it directly; empty where none does.
        counts: whether the two versions differ in a key, so that those steps would run again.
    """

    name: str
    there: str
    here: str
    slots: tuple[str, ...] = ()
    counts: bool = False


@dataclass(frozen=True)
class EnvironmentDifference:
    """An environment in which steps of a run were executed, against the present one.

    Attributes:
        label: the run that executed them.
        slots: those steps.
        facts: what else differs than packages: name, there, here.
        packages: those that steps reach first, then by name.
        same: how many packages are of the same version.
        known: whether the environment was recorded; if not, only what is in the keys is known.
    """

    label: str
    slots: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]
    packages: tuple[PackageDifference, ...]
    same: int
    known: bool = True

    @property
    def differs(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.facts or self.packages)


def environment_differences(
    target: str, workspace: Workspace
) -> tuple[str, list[EnvironmentDifference]]:
    """How the environments behind the latest successful run of a pipeline differ from here.

    A run from the cache has executed nothing: what counts is where its steps were executed, which
    may be in several places.

    Args:
        target: a name, or a name with a revision.
        workspace: the repository.

    Returns:
        The label of the run, and a difference for each environment, in the order of the steps.

    Raises:
        DoesNotExistException: no such pipeline or revision.
        PipelineNotSucceededException: it has no successful run.
    """
    (found,), _ = named([target], workspace)
    store = workspace.metadata
    slots = {r.execution_id: r.slot for r in found.run.resolved}
    executions = sorted(store.executions(list(slots)), key=lambda e: slot_order(slots[e.id]))
    runs = list(dict.fromkeys(e.run_id for e in executions))
    texts = store.environments(runs)
    labels = store.run_names(runs)
    here = present_environment(dict.fromkeys((workspace.code_root, workspace.root)))
    # Runs in one environment are one difference: `%zen run` after `%zen run` in one kernel.
    groups: dict[str, list[int]] = {}
    for run in runs:
        groups.setdefault(texts.get(run, ""), []).append(run)
    differences = []
    for text, members in groups.items():
        own = [e for e in executions if e.run_id in members]
        names = [labels[run] for run in members if run in labels]
        label = ", ".join(dict.fromkeys(f"{name}#{number}" for name, number in names))
        reached: dict[str, dict[str, str]] = {}
        for e in own:
            for name, version in ((e.identity or {}).get("packages") or {}).items():
                reached.setdefault(_normal(name), {})[slots[e.id]] = version
        differences.append(
            _difference(
                label or "a run that is gone",
                tuple(slots[e.id] for e in own),
                read_environment(text) if text else None,
                here,
                reached,
            )
        )
    return found.label, differences


def _difference(
    label: str,
    slots: tuple[str, ...],
    there: Environment | None,
    here: Environment,
    reached: Mapping[str, Mapping[str, str]],
) -> EnvironmentDifference:
    if there is None:
        # Keys have the versions of what steps reach, as far as they count.
        packages = [
            PackageDifference(name, version, here.packages.get(name, MISSING), tuple(by_slot), True)
            for name, by_slot in reached.items()
            for version in dict.fromkeys(by_slot.values())
            if not _fits(version, here.packages.get(name))
        ]
        return EnvironmentDifference(label, slots, (), tuple(packages), 0, known=False)
    names = sorted({*there.packages, *here.packages})
    differing = [n for n in names if there.packages.get(n) != here.packages.get(n)]
    rows = [
        PackageDifference(
            name,
            there.packages.get(name, MISSING),
            here.packages.get(name, MISSING),
            tuple(reached.get(name, ())),
            any(not _fits(v, here.packages.get(name)) for v in reached.get(name, {}).values()),
        )
        for name in differing
    ]
    rows.sort(key=lambda row: (not row.counts, not row.slots, row.name))
    facts = tuple(_facts(there, here))
    return EnvironmentDifference(label, slots, facts, tuple(rows), len(names) - len(differing))


def _facts(there: Environment, here: Environment) -> Iterator[tuple[str, str, str]]:
    for name, old, new in (
        ("Python", there.python, here.python),
        ("implementation", there.implementation, here.implementation),
        ("platform", f"{there.system} {there.machine}", f"{here.system} {here.machine}"),
        ("C library", there.libc or MISSING, here.libc or MISSING),
    ):
        if old != new:
            yield name, old, new
    for name in sorted({*there.locks, *here.locks}):
        digests = there.locks.get(name, MISSING), here.locks.get(name, MISSING)
        if digests[0] != digests[1]:
            yield name, digests[0][:12], digests[1][:12]


def _fits(counted: str, version: str | None) -> bool:
    """Whether an installed version is one that a key has, however much of it counts.

    Example:
        >>> _fits("1.9", "1.9.1"), _fits("1.9", "1.10.0"), _fits("*", None), _fits("absent", None)
        (True, False, True, True)
        >>> _fits("2.0", "2.0rc1"), _fits("1.9.1", "1.9.1.post1")
        (True, False)
    """
    if counted == "*":
        return True
    if version is None:
        return counted == "absent"
    return counted in (version, minor(version))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
