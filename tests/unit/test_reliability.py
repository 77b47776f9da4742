"""The table of docs/reliability.md: checked and written by a whole run, and by no other."""

from __future__ import annotations

import pytest

from tests.plugins import reliability
from tests.plugins.reliability import END, START, replaced, table

TESTS = {
    "test_one": """
        from zenlab.core.errors import StoreError

        def test_success(trials):
            for _ in range(3):
                with trials("cut", "PostgreSQL", "claim"):
                    pass
            with trials("cut", "PostgreSQL", "claim") as trial:
                trial.did_not_come()
    """,
    "test_two": """
        from zenlab.core.errors import StoreError

        def test_failure(trials):
            with trials("cut", "MariaDB", "claim", times=5) as trial:
                trial.failed(StoreError("It is gone.", hint="Run again."))

        def test_other():
            pass
    """,
}
WANTED = """\
| Fault | Server | Operation | Tried | Succeeded | Failed clearly | Survived | Lost |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
| cut | MariaDB | claim | 5 | 0 | 5 | 5 | 0 |
| cut | PostgreSQL | claim | 3 | 3 | 0 | 3 | 0 |
| **All** |  |  | **8** | **3** | **5** | **8** | **0** |"""


@pytest.fixture
def document(tmp_path, monkeypatch):
    made = tmp_path / "reliability.md"
    made.write_text(f"Before.\n\n{START}\n{END}\n\nAfter.\n")
    monkeypatch.setattr(reliability, "DOCUMENT", made)
    return made


@pytest.fixture
def run(pytester, document):
    folder = pytester.mkdir("tests") / "integration"
    folder.mkdir()
    for name, text in TESTS.items():
        lines = [line[8:] for line in text.splitlines()]
        (folder / f"{name}.py").write_text("\n".join(lines))

    def run(*args, place="tests/integration"):
        plugins = ("-p", "tests.plugins.reliability", "-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(*plugins, place, *args)

    return run


def test_a_whole_run_writes_the_table_and_then_agrees_with_it(run, document):
    assert run("--reliability=update").ret == pytest.ExitCode.OK
    assert document.read_text() == f"Before.\n\n{START}\n\n{WANTED}\n\n{END}\n\nAfter.\n"
    assert run("--reliability=check").ret == pytest.ExitCode.OK
    assert run("--reliability=check", "-n", "2").ret == pytest.ExitCode.OK
    assert run("--reliability=check", "-m", "reliability").ret == pytest.ExitCode.OK
    assert run("--reliability=check", place="tests").ret == pytest.ExitCode.OK


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_another_table_fails_the_run_and_says_how_to_write_it(run, document, more):
    before = document.read_text()
    result = run("--reliability=check", *more)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*is not what this run has given*", "*make reliability*"])
    assert document.read_text() == before
    assert run(*more).ret == pytest.ExitCode.OK, "nobody has asked"


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("tests/integration", ("-k", "test_success")),
        ("tests/integration", ("-k", "test_success", "-n", "2")),
        ("tests/integration/test_one.py", ()),
        ("tests/integration/test_one.py::test_success", ()),
    ],
)
def test_a_part_of_the_tests_checks_and_writes_nothing(run, document, place, more):
    before = document.read_text()
    assert run("--reliability=check", *more, place=place).ret == pytest.ExitCode.OK
    assert run("--reliability=update", *more, place=place).ret == pytest.ExitCode.TESTS_FAILED
    assert document.read_text() == before


def test_a_run_with_a_failed_test_writes_nothing(run, document, pytester):
    bad = pytester.path / "tests" / "integration" / "test_bad.py"
    bad.write_text(
        "def test_bad(trials):\n    with trials('f', 's', 'o') as t:\n        t.find(['a', 'b'])\n"
    )
    before = document.read_text()
    assert run("--reliability=update").ret == pytest.ExitCode.TESTS_FAILED
    assert document.read_text() == before


# ------------------------------------------------------------------------------------ the counts


@pytest.fixture
def told():
    return []


@pytest.fixture
def trials(told):
    return reliability.Trials(told.append)


def test_what_was_found_is_lost(trials, told):
    def act():
        with trials("f", "s", "o") as trial:
            trial.find([])
            trial.find(["a row twice", "half an artifact"])

    with pytest.raises(AssertionError, match="a row twice"):
        act()
    (fact,) = told
    assert (fact.tried, fact.succeeded, fact.failed, fact.lost) == (1, 0, 0, 2)


@pytest.mark.parametrize("error", [AssertionError(), OSError(), KeyboardInterrupt()])
def test_whatever_else_is_raised_is_a_loss(trials, told, error):
    with pytest.raises(type(error)), trials("f", "s", "o"):
        raise error
    assert (told[0].tried, told[0].succeeded, told[0].lost) == (1, 0, 1)


def test_an_error_that_helps_nobody_is_no_clear_failure(trials, told):
    from zenlab.core.errors import StoreError

    def act(error):
        with trials("f", "s", "o") as trial:
            trial.failed(error)

    for error in (OSError("x"), StoreError("Without a hint.")):
        with pytest.raises(AssertionError, match=r"no error|not say"):
            act(error)
    assert [fact.lost for fact in told] == [1, 1]


def test_the_table_adds_up_equal_operations():
    rows = [("cut", "B", "x", 2, 1, 1, 0), ("cut", "A", "x", 1, 0, 0, 3)]
    assert table([*rows, rows[0]]).splitlines()[2:] == [
        "| cut | A | x | 1 | 0 | 0 | 0 | 3 |",
        "| cut | B | x | 4 | 2 | 2 | 4 | 0 |",
        "| **All** |  |  | **5** | **2** | **2** | **4** | **3** |",
    ]


def test_a_document_without_markers_is_told():
    with pytest.raises(AssertionError, match="has no line"):
        replaced("text", "table")
