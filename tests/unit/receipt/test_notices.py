"""A notice of a hold is enough to find it, and says nothing of what is in the package."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId
from gateway.package.states import PrivacyOffice
from gateway.receipt.notices import HoldNotice, notice_text, pickup_text
from gateway.receipt.templates import Templates
from tests.unit.receipt.samples import SHIPPED

TEXTS = Templates(folders=[SHIPPED])
ZONE = ZoneInfo("Europe/Amsterdam")
NOTICE = HoldNotice(
    package=PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab"),
    organisation="DT&V",
    sender=PersonId("m-de-vries"),
    stage=HoldStage.REMINDED,
    since=dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC),
    expires_at=dt.datetime(2026, 12, 20, 23, 30, tzinfo=dt.UTC),
    codes=("special.second-person", "subject.age-unsure"),
    privacy_office=PrivacyOffice(organisation="DT&V", email="privacy@dtv.example"),
)


def test_a_notice_says_since_when_until_when_why_and_where_to_look_in_both_languages() -> None:
    made = notice_text(NOTICE, texts=TEXTS, zone=ZONE)

    dutch, english = made.text.split("\n---\n")
    assert "Sluis: een pakket wacht op een besluit (456789ab)" == made.subject
    assert (
        "Pakket 456789ab wacht sinds 21-11-2026 op een besluit. Beslist niemand, dan vervalt het op 21-12-2026."
        in dutch
    )
    assert "since 2026-11-21" in english
    for half in (dutch, english):
        assert "special.second-person, subject.age-unsure" in half
        assert "sluis holds list" in half
        assert "privacy@dtv.example" in half


def test_a_notice_names_neither_the_sender_nor_the_whole_id_and_an_escalation_says_that_it_is_one() -> None:
    reminder = notice_text(NOTICE, texts=TEXTS, zone=ZONE)
    escalation = notice_text(replace(NOTICE, stage=HoldStage.ESCALATED), texts=TEXTS, zone=ZONE)

    assert [] == [each for each in ("m-de-vries", "0198f0de") if each in repr((reminder, escalation))]
    assert ("hold-456789ab-reminded", "hold-456789ab-escalated") == (reminder.mark, escalation.mark)
    assert [False, True] == ["plaatsvervangers" in each.text for each in (reminder, escalation)]


def test_a_notice_without_a_known_privacy_office_has_no_gap() -> None:
    made = notice_text(replace(NOTICE, privacy_office=None), texts=TEXTS, zone=ZONE)

    assert [] == [line for line in made.text.splitlines() if "{" in line or line.endswith(": ")]


def test_a_sender_is_told_that_a_parcel_at_the_postbus_ends_and_never_its_code() -> None:
    made = pickup_text(NOTICE.package, until=NOTICE.expires_at, texts=TEXTS, zone=ZONE)
    dutch, english = made.text.split("\n---\n")

    assert "Nog niet opgehaald: pakket 456789ab verloopt op 21-12-2026" == made.subject
    assert "21-12-2026" in dutch
    assert "2026-12-21" in english
    assert [] == [each for each in ("m-de-vries", "0198f0de") if each in repr(made)]
