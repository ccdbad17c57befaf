"""A test that does not run can not fail: each way of not running is refused by tests/conftest.py."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

_CONFTEST = Path(__file__).parents[1] / "conftest.py"

_EVASIONS = {
    "mark-skip": "import pytest\n@pytest.mark.skip(reason='later')\ndef test_it(): pass\n",
    "mark-skipif": "import pytest\n@pytest.mark.skipif(True, reason='not here')\ndef test_it(): pass\n",
    "skip-inside": "import pytest\ndef test_it(): pytest.skip('not here')\n",
    "skip-in-a-fixture": "import pytest\n@pytest.fixture\ndef no(): pytest.skip()\ndef test_it(no): pass\n",
    "mark-xfail": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False\n",
    "mark-xfail-that-passes": "import pytest\n@pytest.mark.xfail(strict=False)\ndef test_it(): pass\n",
    "xfail-inside": "import pytest\ndef test_it(): pytest.xfail('known')\n",
    "unittest-skip": "import unittest\nclass T(unittest.TestCase):\n @unittest.skip('no')\n def test_it(self): pass\n",
    "module-skip": "import pytest\npytest.skip('later', allow_module_level=True)\n",
    "importorskip": "import pytest\npytest.importorskip('no_such_module_anywhere')\n",
}


@pytest.fixture(autouse=True)
def _without_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.parametrize("evasion", sorted(_EVASIONS))
def test_a_test_that_evades_running_fails_the_run(evasion: str, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(_CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(_EVASIONS[evasion])

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    assert result.ret != pytest.ExitCode.OK
    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 1
    assert {"passed", "skipped", "xfailed", "xpassed"}.isdisjoint(outcomes)


def test_an_honest_test_still_passes(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(_CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile("def test_it(): assert True\n")

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    assert result.parseoutcomes() == {"passed": 1}
