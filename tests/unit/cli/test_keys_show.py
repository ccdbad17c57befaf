"""`sluis keys show` says who verified a key, and of somebody who has no key which of two things that is."""

import os
from dataclasses import replace
from pathlib import Path
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


def test_an_import_says_of_a_key_that_is_there_just_so_that_nothing_was_changed(
    sluis: Sluis, gateway: FakeGateway, tmp_path: Path
) -> None:
    gateway.people = {os.getuid(): replace(caseworker(), roles=("administrator",))}
    file = tmp_path / "key.asc"
    file.write_bytes(b"PUBLIC KEY")
    words = ("keys", "import", str(file), "--recipient", "gemeente-voorbeeld", "--source", "letter", "--lang", "en")
    first, again = sluis(*words), sluis(*words)

    assert [(0, False), (0, True)] == [(each.exit_code, "was there already" in each.out) for each in (first, again)]


def test_a_renewal_is_shown_with_its_own_source_beside_the_first_one(sluis: Sluis, gateway: FakeGateway) -> None:
    gateway.people = {os.getuid(): replace(caseworker(), roles=("administrator",))}
    desk = gateway.key_desk
    renewed: dict[str, Any] = {
        "source": "letter",
        "renewed_by": "b-voorbeeld",
        "renewed_at": NOW,
        "renewed_source": "their second",
    }
    desk.keys = {name: replace(each, **renewed) for name, each in desk.keys.items()}
    told = sluis("keys", "show", "gemeente-voorbeeld", "--lang", "en").out

    assert "  source: letter\n" in told
    assert "  renewed: b-voorbeeld, 2026-11-20 their second\n" in told
