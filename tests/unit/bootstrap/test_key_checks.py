"""What the checks say of a recipient's key: every doubt of one that can be used, and why another one can not."""

from dataclasses import replace

import pytest

from gateway.bootstrap.key_checks import key_finding
from gateway.entrypoints.cli.check import rows_of
from gateway.package.errors import Code
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import Fingerprint
from gateway.package.key_views import KeyView
from gateway.package.problems import PROBLEMS
from gateway.package.states import Language

_WELL = KeyView(
    recipient="nidos-voorbeeld",
    fingerprint=Fingerprint("A" * 40),
    type="openpgp",
    state="trusted",
    health=KeyHealth.USABLE,
    channels=("secure-mail",),
    days_left=700,
)


def _told(view: KeyView) -> list[str]:
    return [str(result) for _, _, result, _ in rows_of(key_finding(view), Language.EN)]


def test_a_key_that_names_another_and_ends_in_two_days_is_warned_of_for_both() -> None:
    view = replace(_WELL, names_another=True, days_left=2, small=True)

    expected = [Code.KEY_NAMES_ANOTHER, Code.KEY_EXPIRES_SOON, Code.KEY_SMALL]
    assert expected == [each.code for each in key_finding(view).doubts]
    assert ["key-names-another", "key-expires-soon", "key-small"] == _told(view)


@pytest.mark.parametrize(
    ("view", "expected"),
    [(_WELL, ["good"]), (replace(_WELL, health=KeyHealth.EXPIRED, days_left=-1), ["key-expired"])],
)
def test_a_key_without_doubts_and_one_that_can_not_be_used_are_told_in_one_row(
    view: KeyView, expected: list[str]
) -> None:
    assert expected == _told(view)


@pytest.mark.parametrize("code", KEY_REFUSALS.values())
def test_why_a_key_can_not_be_used_is_said_in_words_that_are_true_at_an_import_too(code: Code) -> None:
    """There is no package then, and whoever imports is the administrator, who can not ask one."""
    told = f"{PROBLEMS[code].title} {PROBLEMS[code].remedy}"

    assert [] == [each for each in ("the package", "Ask the administrator") if each in told]
