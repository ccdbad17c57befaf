"""Rules for every test: what can not run here has failed. A skipped or expected failure hides a promise."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is, and how busy, is nothing that a test tells.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_RULE = "a skipped, xfailed or xpassed test is a failure in this project; mend the test or remove it"


def _fail_when_evaded(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" and not hasattr(report, "wasxfail"):
        return
    report.longrepr = f"{report.nodeid}: {_RULE} ({report.longrepr})"
    report.outcome = "failed"
    if isinstance(report, pytest.TestReport) and hasattr(report, "wasxfail"):
        del report.wasxfail


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn each skipped or expected failure into a failure, after every plugin has had its say."""
    report = yield
    _fail_when_evaded(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a whole module that skips itself."""
    report = yield
    _fail_when_evaded(report)
    return report
