"""Fifty kills of the service at random moments under load."""

import time
from collections.abc import Callable

import pytest

from tests.scenarios.killing import run_under_kills
from tests.scenarios.world import new_world
from tests.soak.seeds import drawn_seed

KILLS = 50


@pytest.mark.soak
def test_fifty_kills_lose_nothing_and_double_only_mail_under_its_message_id(tell: Callable[[str], None]) -> None:
    seed = drawn_seed()
    tell(f"kill -9 at moments drawn from SLUIS_SOAK_SEED={seed}")
    began = time.monotonic()
    with new_world() as world:
        report = run_under_kills(world, kills=KILLS, seed=seed)
    tell(
        f"{report.kills} kills in {time.monotonic() - began:.0f} s: {report.dropped} dropped and {report.submitted}"
        f" submitted packages ({report.repeated} requests repeated), none lost; of {report.mails} mails"
        f" {report.mails_sent_again} came again under the same Message-ID; no drop file twice"
    )
