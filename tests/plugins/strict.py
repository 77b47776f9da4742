"""`ZENLAB_STRICT=1`: what did not run is a failure.

On a machine that lacks something, a suite that skips half of itself is green. CI sets the variable,
and every skip fails: of a test, of a module (`importorskip` included), of an xfail that is not
executed, and of a whole run that collected nothing. An xfail that runs and fails as announced stays
an xfail.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


def pytest_configure(config: pytest.Config) -> None:
    """Register the hooks if the variable asks for them."""
    if os.environ.get("ZENLAB_STRICT", "") not in {"", "0"}:
        config.pluginmanager.register(_Strict(), "zenlab-strict")


class _Strict:
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        # pytest.xfail(), and a marker with run=False, stop a test by this exception.
        stopped = call.excinfo is not None and call.excinfo.errisinstance(pytest.xfail.Exception)
        if report.skipped and (stopped or not hasattr(report, "wasxfail")):
            _fail(report, getattr(report, "wasxfail", None) or _reason(report))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.skipped:
            _fail(report, _reason(report))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    # Of a skip, longrepr is (path, line, reason).
    longrepr: Any = report.longrepr
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)


def _fail(report: pytest.TestReport | pytest.CollectReport, reason: str) -> None:
    report.outcome = "failed"
    report.longrepr = f"not run, and ZENLAB_STRICT is set: {reason}"
    if hasattr(report, "wasxfail"):
        del report.wasxfail  # or it would still be counted as an xfail
