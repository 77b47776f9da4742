"""Skips become failures: each kind of skip, with and without `ZENLAB_STRICT`."""

import pytest

SKIPS = {
    "marker": "@pytest.mark.skip(reason='why')\ndef test_it(): pass",
    "condition": "@pytest.mark.skipif(True, reason='why')\ndef test_it(): pass",
    "call": "def test_it(): pytest.skip('why')",
    "fixture": "@pytest.fixture\ndef f(): pytest.skip('why')\ndef test_it(f): pass",
    "unittest": "import unittest\nclass TestIt(unittest.TestCase):\n"
    "    @unittest.skip('why')\n    def test_it(self): pass",
    "xfail not run": "@pytest.mark.xfail(run=False, reason='why')\ndef test_it(): assert False",
    "xfail call": "def test_it(): pytest.xfail('why')",
    "empty parameters": "@pytest.mark.parametrize('x', [])\ndef test_it(x): pass",
}
MODULE_SKIPS = {
    "module": "pytest.skip('why', allow_module_level=True)",
    "importorskip": "pytest.importorskip('no_such_module')",
}


@pytest.fixture
def run(pytester, monkeypatch):
    def run(source, *args, strict):
        monkeypatch.setenv("ZENLAB_STRICT", "1" if strict else "0")
        pytester.makepyfile(f"import pytest\n{source}")
        return pytester.runpytest("-p", "tests.plugins.strict", "-p", "no:cacheprovider", *args)

    return run


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
def test_a_skipped_test_fails_only_when_strict(run, source):
    assert run(source, strict=False).ret == pytest.ExitCode.OK
    result = run(source, strict=True)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes().keys() <= {"failed", "error", "errors"}
    result.stdout.fnmatch_lines(["*ZENLAB_STRICT is set:*"])


@pytest.mark.parametrize("source", MODULE_SKIPS.values(), ids=MODULE_SKIPS)
def test_a_skipped_module_fails_when_strict(run, source):
    assert run(source, strict=False).parseoutcomes() == {"skipped": 1}
    result = run(source, strict=True)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ZENLAB_STRICT is set:*"])


def test_no_tests_fail_when_strict(run):
    assert run("", strict=False).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run("", strict=True).ret == pytest.ExitCode.TESTS_FAILED


def test_deselecting_everything_fails_when_strict(run):
    source = "def test_it(): pass"
    assert run(source, "-k", "other", strict=True).ret == pytest.ExitCode.TESTS_FAILED


def test_what_ran_is_left_alone(run):
    source = """
def test_passes(): pass

@pytest.mark.xfail(reason='known')
def test_fails_as_announced(): assert False
"""
    result = run(source, strict=True)
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=1, xfailed=1)


def test_works_across_processes(run):
    result = run(SKIPS["marker"], "-n", "1", strict=True)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert run("", "-n", "1", strict=True).ret == pytest.ExitCode.TESTS_FAILED
