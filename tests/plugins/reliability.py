"""What the fault tests have found, and the table of it in docs/reliability.md.

A fault test asks for `trials` and does each operation in a trial of its own, which counts how it
ended. The counts travel with the test's report, so that they arrive from any process of
pytest-xdist; the controller adds them up. Tests that ask for `trials` get the marker `reliability`.

`--reliability=check` fails a run whose table is not the committed one, `--reliability=update`
writes it. Both want every fault test: of a part of them nothing is checked, and nothing written.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from zenlab.core.errors import ZenlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
START = "<!-- table: written by `make reliability` -->"
END = "<!-- end of the table -->"

_PROPERTY = "reliability"
_HEAD = ("Fault", "Server", "Operation")
_COUNTS = ("Tried", "Succeeded", "Failed clearly", "Survived", "Lost")


@dataclass
class Fact:
    """How some operations of one kind ended under one fault.

    Attributes:
        fault: what was done to them.
        server: to whom they spoke.
        operation: what they were.
        tried: how many there were.
        succeeded: how many did what they should.
        failed: how many said clearly that they did not, and left nothing half visible.
        lost: how many things were found that must not be: rows without their artifacts, rows
            twice, results that are gone, half artifacts that can be seen.
    """

    fault: str
    server: str
    operation: str
    tried: int = 0
    succeeded: int = 0
    failed: int = 0
    lost: int = 0


@dataclass
class Trial:
    """One operation under a fault, or several alike; it succeeds if nothing else is said."""

    times: int = 1
    clearly: bool = False
    lost: list[str] = field(default_factory=list)

    def failed(self, error: BaseException) -> None:
        """Say that the operation has failed; the error must be one that helps a user."""
        assert isinstance(error, ZenlabError), f"no error for a user: {error!r}"
        assert error.message, "an error without words"
        assert error.hint, f"an error that does not say what to do: {error.message}"
        self.clearly = True

    def find(self, wrong: Iterable[str]) -> None:
        """Count what was found and must not be, and fail the test if there is anything."""
        self.lost += wrong
        assert not self.lost, "\n".join(self.lost)

    def did_not_come(self) -> None:
        """Say that there was no fault, so that nothing was tried."""
        self.times = 0


class Trials:
    """What one test has to tell. Call it: `with trials(fault, server, operation) as trial`."""

    def __init__(self, tell: Callable[[Fact], None]) -> None:
        self._tell = tell

    @contextmanager
    def __call__(
        self, fault: str, server: str, operation: str, *, times: int = 1
    ) -> Iterator[Trial]:
        """Count what is done in the block; whatever else it raises is a loss.

        Args:
            fault: what is done to the operation, as it stands in the table.
            server: see `Fact`.
            operation: see `Fact`.
            times: how many operations the block does.
        """
        trial = Trial(times)
        fact = Fact(fault, server, operation)
        try:
            yield trial
        except BaseException:
            fact.lost = max(1, len(trial.lost))
            raise
        else:
            fact.failed = trial.times if trial.clearly else 0
            fact.succeeded = trial.times - fact.failed
        finally:
            fact.tried = trial.times
            self._tell(fact)


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Trials:
    """For a fault test, to count how its operations ended; see `Trials`."""

    def tell(fact: Fact) -> None:
        request.node.user_properties.append((_PROPERTY, list(astuple(fact))))

    return Trials(tell)


def table(facts: Iterable[Iterable[Any]]) -> str:
    """The table in Markdown: equal operations are added up, and the last line is the sum.

    Args:
        facts: the fields of a `Fact` each.
    """
    sums: dict[tuple[str, ...], Counter[str]] = {}
    for fact in (Fact(*fields) for fields in facts):
        sums.setdefault((fact.fault, fact.operation, fact.server), Counter()).update(
            {
                "Tried": fact.tried,
                "Succeeded": fact.succeeded,
                "Failed clearly": fact.failed,
                "Survived": fact.succeeded + fact.failed,
                "Lost": fact.lost,
            }
        )
    rows = [
        (fault, server, operation, *(str(counts[name]) for name in _COUNTS))
        for (fault, operation, server), counts in sorted(sums.items())
    ]
    total = sum(sums.values(), Counter())
    rows.append(("**All**", "", "", *(f"**{total[name]}**" for name in _COUNTS)))
    lines = [(*_HEAD, *_COUNTS), ("---",) * 3 + ("---:",) * len(_COUNTS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replaced(document: str, made: str) -> str:
    """The document with another table between its markers."""
    before, start, rest = document.partition(START)
    _, end, after = rest.partition(END)
    assert start, f"docs/reliability.md has no line {START}"
    assert end, f"docs/reliability.md has no line {END}"
    return f"{before}{START}\n\n{made}\n\n{END}{after}"


# ---------------------------------------------------------------------------------------- pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say whether the table is checked or written."""
    parser.getgroup("zenlab").addoption(
        "--reliability",
        choices=("check", "update"),
        help="check or update the table in docs/reliability.md, if all fault tests have run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and, if it is asked for, who looks at the table."""
    config.addinivalue_line("markers", "reliability: tells what becomes of operations under faults")
    config.pluginmanager.register(_Collected(config), "zenlab-reliability-collected")
    asked = config.getoption("reliability")
    if asked and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Keeper(config, asked), "zenlab-reliability")


class _Collected:
    """Knows the fault tests there are, whatever `-k` and `-m` leave of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        told = [item for item in items if "trials" in getattr(item, "fixturenames", ())]
        for item in told:
            item.add_marker("reliability")
        names = [item.nodeid for item in told]
        keeper = self._config.pluginmanager.get_plugin("zenlab-reliability")
        if keeper is not None:
            keeper.expected.update(names)
        elif hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_PROPERTY] = names


class _Keeper:
    """Adds up what the reports bring, and compares or writes the table in the end."""

    def __init__(self, config: pytest.Config, asked: str) -> None:
        self._asked = asked
        self._whole = _is_whole(config)
        self.expected: set[str] = set()
        self._passed: set[str] = set()
        self._facts: list[Any] = []
        self._said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._facts += [value for name, value in report.user_properties if name == _PROPERTY]
            if report.passed:
                self._passed.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.expected.update(getattr(node, "workeroutput", {}).get(_PROPERTY, ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._whole or not self.expected or self.expected - self._passed:
            self._said = "docs/reliability.md: not looked at, since not all fault tests have passed"
            if self._asked == "update" and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            return
        before = DOCUMENT.read_text()
        now = replaced(before, table(self._facts))
        if self._asked == "update":
            DOCUMENT.write_text(now)
            self._said = "docs/reliability.md: written" if now != before else ""
        elif now != before:
            self._said = (
                "docs/reliability.md: its table is not what this run has given.\n"
                "Look at what has changed, write it with `make reliability`, and commit it."
            )
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._said:
            terminalreporter.section("reliability")
            terminalreporter.write_line(self._said)


def _is_whole(config: pytest.Config) -> bool:
    """Whether all integration tests are among those that were asked for."""
    tests = config.rootpath / "tests" / "integration"
    places = [(config.invocation_params.dir / arg).resolve() for arg in config.args]
    return any(place == tests or place in tests.parents for place in places)
