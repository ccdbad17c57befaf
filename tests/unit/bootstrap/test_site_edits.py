"""The own signing key is written into site.yaml, and nothing else of what people wrote changes."""

import datetime as dt

import pytest
import yaml

from gateway.bootstrap.settings import SealSettings
from gateway.bootstrap.site_edits import with_next_key, with_next_key_alone
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint

OLD, NEW, DAY = Fingerprint("A" * 40), Fingerprint("1" * 40), dt.date(2027, 1, 4)
SETTINGS = f"""\
# Onze instellingen.
format: sluis-site/1
seal:
  # met de hand vergeleken
  signingKey: {OLD}   # tot 2028
  timeoutSeconds: 60

retry:
  firstSeconds: 30
"""


def test_the_next_key_and_its_day_stand_below_the_own_one_and_every_comment_stays() -> None:
    after = with_next_key(SETTINGS, NEW, starts=DAY)
    seal = SealSettings.model_validate(yaml.safe_load(after)["seal"])

    assert ((OLD, NEW), DAY, 60) == (seal.signers(), seal.next_from, seal.timeout_seconds)
    assert SETTINGS.splitlines() == [line for line in after.splitlines() if "next" not in line]


def test_the_next_key_alone_is_the_own_one() -> None:
    after = with_next_key_alone(with_next_key(SETTINGS, NEW, starts=DAY), NEW)

    assert SETTINGS.replace(OLD, f'"{NEW}"') == after
    assert (NEW,) == SealSettings.model_validate(yaml.safe_load(after)["seal"]).signers()


def test_a_key_at_the_end_of_the_file_without_a_line_break_is_followed_too() -> None:
    after = with_next_key(f"seal:\n  signingKey: {OLD}", NEW, starts=DAY)

    assert NEW == yaml.safe_load(after)["seal"]["nextSigningKey"]


@pytest.mark.parametrize(
    "settings",
    [f"seal: {{signingKey: {OLD}}}\n", "format: sluis-site/1\n", "- lijst\n", "seal: ["],
    ids=lambda text: text,
)
def test_what_can_not_be_edited_with_certainty_is_left_to_a_person(settings: str) -> None:
    with pytest.raises(SluisError) as caught:
        with_next_key(settings, NEW, starts=DAY)

    assert (Code.SETTING_INVALID, "site.yaml") == (caught.value.code, caught.value.where)
