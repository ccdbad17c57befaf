"""`sluis keys show` says who verified a key, and of somebody who has no key which of two things that is."""

import os
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.api.fake_gateway import NOW, FakeGateway, caseworker
from tests.unit.cli.conftest import Sluis


def test_show_tells_somebody_unknown_from_somebody_without_a_key(sluis: Sluis, gateway: FakeGateway) -> None:
    gateway.people = {os.getuid(): replace(caseworker(), roles=("administrator",))}
    known = sluis("--json", "recipients", "list").json["recipients"]
    without = next(each["id"] for each in known if each["id"] != "gemeente-voorbeeld")

    told = [sluis("--json", "keys", "show", name) for name in ("gemeente-voorbeeld", "nobody", without)]

    assert [0, 1, 1] == [each.exit_code for each in told]
    assert ["recipient-unknown", "key-none"] == [each.json["code"] for each in told[1:]]


@pytest.mark.parametrize(
    ("verified", "told", "as_json"),
    [
        (
            {"verified_by": "p-office", "verified_at": NOW, "how": "by telephone"},
            "  verified: p-office, 2026-11-20 by telephone\n",
            ("p-office", "2026-11-20T09:30:00+01:00"),
        ),
        ({}, "  verified: not recorded\n", ("", None)),
    ],
)
def test_show_says_who_verified_a_key_in_force_and_when_or_that_nobody_is_recorded(
    sluis: Sluis, gateway: FakeGateway, verified: dict[str, Any], told: str, as_json: tuple[str, str | None]
) -> None:
    gateway.people = {os.getuid(): replace(caseworker(), roles=("administrator",))}
    desk = gateway.key_desk
    desk.keys = {name: replace(each, **verified) for name, each in desk.keys.items()}

    (key,) = sluis("--json", "keys", "show", "gemeente-voorbeeld").json["keys"]

    assert told in sluis("keys", "show", "gemeente-voorbeeld", "--lang", "en").out
    assert as_json == (key["verifiedBy"], key["verifiedAt"])
