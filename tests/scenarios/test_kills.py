"""Three kills under load; `make soak` does the same with twenty."""

from tests.scenarios.killing import run_under_kills
from tests.scenarios.world import World

KILLS = 3
SEED = 20261123


def test_kill_9_under_load_loses_nothing_and_doubles_only_mail_under_its_message_id(quiet_world: World) -> None:
    report = run_under_kills(quiet_world, kills=KILLS, seed=SEED)

    assert report.dropped + report.submitted >= KILLS
    assert report.mails_sent_again <= KILLS * 6
