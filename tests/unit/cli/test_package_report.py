"""How the command line tells a package's standing: what counts now, not what was once decided."""

import io
from typing import Any

import pytest
from rich.console import Console

from gateway.entrypoints.cli.console.package_report import said, show_package
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.states import Language


def shown(state: str, *, outcome: str | None, delivery: str | None = None) -> str:
    recipient: dict[str, Any] = {
        "id": "gemeente-voorbeeld", "outcome": outcome, "channel": None, "state": delivery, "code": "",
    }  # fmt: skip
    out = io.StringIO()
    package = {"id": "1", "state": state, "code": "", "recipients": [recipient]}
    show_package(Console(file=out, width=200), package, language=Language.NL)
    return out.getvalue()


@pytest.mark.parametrize(("state", "said"), [("withdrawn", "ingetrokken"), ("expired", "verlopen")])
def test_a_package_that_is_over_does_not_say_that_it_waits_for_action(state: str, said: str) -> None:
    told = shown(state, outcome="held")

    assert "wacht" not in told
    assert 2 == told.count(said)


def test_what_is_held_after_it_was_allowed_does_not_say_that_it_may_go() -> None:
    told = shown("held", outcome="cleared")

    assert "mag door" not in told
    assert 2 == told.count("wacht op actie")


@pytest.mark.parametrize("outcome", list(DeliveryOutcome))
def test_the_outcome_of_an_attempt_is_said_in_dutch(outcome: DeliveryOutcome) -> None:
    assert outcome.value != said(outcome.value, Language.NL)
