"""`sluis keys show` of somebody who has no key says which of two things that is."""

import os
from dataclasses import replace

from tests.contract.api.fake_gateway import FakeGateway, caseworker
from tests.unit.cli.conftest import Sluis


def test_show_tells_somebody_unknown_from_somebody_without_a_key(sluis: Sluis, gateway: FakeGateway) -> None:
    gateway.people = {os.getuid(): replace(caseworker(), roles=("administrator",))}
    known = sluis("--json", "recipients", "list").json["recipients"]
    without = next(each["id"] for each in known if each["id"] != "gemeente-voorbeeld")

    told = [sluis("--json", "keys", "show", name) for name in ("gemeente-voorbeeld", "nobody", without)]

    assert [0, 1, 1] == [each.exit_code for each in told]
    assert ["recipient-unknown", "key-none"] == [each.json["code"] for each in told[1:]]
