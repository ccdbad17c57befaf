"""Rules for every test: what can not run here has failed. A skipped or expected failure hides a promise.

And their order, by which several workers end at about the same time.
"""

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.examples import register_profiles

register_profiles()

# The files that take longest; begun first, they have ended when the many short ones have.
_LONG = ("scenarios", "integration", "contract", "house")
_TESTS = Path(__file__).parent

# What is loaded while tests are collected stays to the end, millions of objects: nobody needs to look through them.
gc.disable()

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders with long files before the others; within a folder nothing moves."""
    items.sort(key=_turn)


def pytest_collection_finish() -> None:
    """Look for garbage again, among what the tests make."""
    gc.freeze()
    gc.enable()


def _turn(item: pytest.Item) -> int:
    folder = item.path.relative_to(_TESTS).parts[0]
    return _LONG.index(folder) if folder in _LONG else len(_LONG)
