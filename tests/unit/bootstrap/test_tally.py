"""What the audit log was told becomes numbers with closed labels: no person, no recipient, no package."""

import datetime as dt
from dataclasses import replace

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.metrics import Standing, write_page
from gateway.bootstrap.tally import BYTES, MOST_REASONS, SECONDS, Counted, Spread, Tally
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.views import Health

AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
ONE, OTHER = PackageId("0190a0b0-0000-7000-8000-00000000beef"), PackageId("0190a0b0-0000-7000-8000-00000000cafe")
RECIPIENT, PERSON = RecipientId("hulp-voorbeeld"), PersonId("a-voorbeeld")
HEALTH = Health(ready=True, version="1.2.3", packages={"held": 2}, holds={HoldStage.REMINDED: 2})
STANDING = Standing(health=HEALTH, age=0.0, tree_size=0, key_ends={}, witnessed={}, dropped_keys=0)


def counted(*events: Event, seconds: float = 0.0) -> Counted:
    """Count events that lie so many seconds apart."""
    tally = Tally()
    for number, event in enumerate(events):
        tally.wrote(event, AT + number * dt.timedelta(seconds=seconds))
    return tally.counted()


def of(action: EventAction, package: PackageId = ONE, **more: object) -> Event:
    event = Event(action=action, package=package, person=PERSON)
    return replace(event, **more)  # type: ignore[arg-type]  # Each test names keys of Event.


def sealed(package: PackageId, recipient: str = "hulp-voorbeeld", *, size: int = 1000) -> Event:
    return of(EventAction.PACKAGE_SEALED, package, recipient=RecipientId(recipient), size=size)


def attempt(action: EventAction) -> Event:
    return of(action, recipient=RECIPIENT, channel="secure-mail")


def lines_of(found: Counted, standing: Standing = STANDING) -> list[str]:
    return [each for each in write_page(found, standing).decode().splitlines() if not each.startswith("#")]


def test_each_ending_of_a_package_is_counted_once() -> None:
    found = counted(
        of(EventAction.PACKAGE_RECEIVED),
        of(EventAction.PACKAGE_HELD, codes=("guard-new-recipient", "key-expired")),
        of(EventAction.PACKAGE_REFUSED),
        of(EventAction.PACKAGE_REJECTED),
        of(EventAction.PACKAGE_WITHDRAWN),
        of(EventAction.PACKAGE_EXPIRED, codes=("hold-expired",)),
    )

    assert {"received", "held", "refused", "rejected", "withdrawn", "expired"} == {
        state for state, count in found.packages.items() if count == 1
    }
    assert {"guard-new-recipient": 1, "key-expired": 1} == found.held


def test_what_retention_destroys_is_no_package_that_expired() -> None:
    assert 0 == counted(of(EventAction.PACKAGE_EXPIRED)).packages["expired"]


def test_a_package_to_two_recipients_is_sealed_once_and_has_two_sizes() -> None:
    found = counted(sealed(ONE), sealed(ONE, "nidos-voorbeeld", size=5000), sealed(OTHER))

    assert (2, 7000.0) == (found.packages["sealed"], found.sizes.total)
    assert [("1024.0", 2), ("4096.0", 2), ("16384.0", 3)] == [
        (line.split('"')[1], int(float(line.split()[1])))
        for line in lines_of(found)
        if line.startswith("gateway_package_size_bytes_bucket")
    ][:3]


def test_one_recipients_withdrawal_is_of_a_delivery_and_not_of_the_package() -> None:
    found = counted(attempt(EventAction.PACKAGE_WITHDRAWN))

    assert (0, {("secure-mail", "withdrawn"): 1}) == (found.packages["withdrawn"], found.deliveries)


def test_fields_that_go_are_not_counted_among_those_removed() -> None:
    found = counted(of(EventAction.PACKAGE_POLICY_EVALUATED, verdicts=(("release", 4), ("strip", 3), ("redact", 1))))

    assert {"strip": 3, "redact": 1, "block": 0} == found.removed


def test_time_is_taken_from_received_to_sealed_and_of_each_attempt() -> None:
    started, released = EventAction.PACKAGE_RELEASE_STARTED, EventAction.PACKAGE_RELEASED
    found = counted(of(EventAction.PACKAGE_RECEIVED), sealed(ONE), attempt(started), attempt(released), seconds=2.0)

    assert {"prepare": (1, 2.0), "deliver": (1, 2.0)} == {
        stage: (sum(spread.counts), spread.total) for stage, spread in found.processing.items()
    }


def test_an_attempt_that_began_before_the_service_did_is_counted_and_not_timed() -> None:
    found = counted(attempt(EventAction.PACKAGE_RELEASED))

    assert (1, 0) == (found.deliveries["secure-mail", "sent"], sum(found.processing["deliver"].counts))


def test_a_clock_that_goes_back_gives_no_time_below_zero() -> None:
    found = counted(of(EventAction.PACKAGE_RECEIVED), sealed(ONE), seconds=-5.0)

    assert 0.0 == found.processing["prepare"].total


def test_a_policy_that_invents_reasons_does_not_make_numbers_without_end() -> None:
    many = (of(EventAction.PACKAGE_HELD, codes=(f"rule-{number}",)) for number in range(MOST_REASONS + 7))
    found = counted(*many)

    assert (MOST_REASONS + 1, 7) == (len(found.held), found.held["other"])


def test_the_numbers_name_neither_person_nor_recipient_nor_package() -> None:
    found = counted(of(EventAction.PACKAGE_RECEIVED), sealed(ONE), attempt(EventAction.PACKAGE_RELEASED))
    page = "\n".join(lines_of(found))

    assert 'gateway_deliveries_total{channel="secure-mail",outcome="sent"} 1.0' in page
    assert [] == [each for each in (PERSON, RECIPIENT, ONE) if each in page]


def test_a_recipient_is_named_with_the_end_of_its_key_and_the_own_key_apart() -> None:
    standing = replace(STANDING, key_ends={"hulp-voorbeeld": AT, "": AT})
    lines = [each for each in lines_of(counted(), standing) if "key_expiry" in each]

    assert [AT.timestamp()] * 2 == [float(line.split()[1]) for line in lines]
    assert ["hulp-voorbeeld" in line for line in lines] == [True, False]


def test_notices_and_problems_are_counted_by_code_without_their_place() -> None:
    told = (("key-expires-soon", "hulp-voorbeeld AB12"), ("key-expires-soon", "nidos-voorbeeld CD34"))
    health = replace(HEALTH, ready=False, problems=(("disk-full", "spool"),), notices=told)
    lines = lines_of(counted(), replace(STANDING, health=health))

    assert 'gateway_notices{code="key-expires-soon"} 2.0' in lines
    assert 'gateway_problems{code="disk-full"} 1.0' in lines
    assert "gateway_ready 0.0" in lines
    assert not any("nidos-voorbeeld" in line for line in lines)


def test_a_number_on_a_bound_belongs_under_it() -> None:
    for bounds in (SECONDS, BYTES):
        spread = Spread(bounds)
        spread.add(bounds[1])
        spread.add(bounds[-1] + 1)
        assert (1, 1) == (spread.counts[1], spread.counts[-1])


def test_no_family_of_creation_times_is_written() -> None:
    assert not any("_created" in line for line in lines_of(counted(sealed(ONE))))
