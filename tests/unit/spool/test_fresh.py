"""What was accepted a moment ago is given out once, and never fills the memory."""

import os

from gateway.package.encoding import Record
from gateway.package.ids import PackageId, PersonId, RecipientId, new_package_id
from gateway.package.states import PackageState, Source
from gateway.spool.fresh import Fresh
from gateway.spool.port import NewPackage, Payload
from tests.contract.spool.conftest import NOW

RECORD = Record(entry="brief")


def new(*, size: int = 10) -> NewPackage:
    return NewPackage(
        id=new_package_id(unix_ms=1_700_000_000_000, random=os.urandom(10)),
        claim="",
        state=PackageState.RECEIVED,
        source=Source.OUTBOX,
        person=PersonId("jansen"),
        organisation="DT&V",
        purpose="public-order",
        recipients=(RecipientId("gemeente-voorbeeld"),),
        at=NOW,
        content_digest="digest",
        content_key=b"key",
        record_key=b"key",
        record=b"record",
        payloads=(Payload(stream="manifest", size=size, sealed=bytes(size)),),
    )


def test_a_package_is_given_out_once_with_everything_that_it_was_accepted_with() -> None:
    fresh, package = Fresh(), new()
    fresh.put(package, RECORD)
    taken = fresh.take(package.id)

    assert taken is not None
    stored, record = taken
    assert (package.id, package.payloads, ()) == (stored.row.id, stored.payloads, stored.deliveries)
    assert RECORD is record
    assert fresh.take(package.id) is None


def test_one_that_was_never_kept_is_read_from_its_row() -> None:
    assert Fresh().take(PackageId("unknown")) is None


def test_a_burst_is_kept_in_part_only() -> None:
    fresh, packages = Fresh(), [new() for _ in range(100)]
    for package in packages:
        fresh.put(package, RECORD)

    assert 32 == sum(fresh.take(package.id) is not None for package in packages)


def test_large_ones_are_kept_only_as_far_as_there_is_room_and_taking_one_makes_room() -> None:
    fresh, packages = Fresh(), [new(size=3_000_000) for _ in range(3)]
    fresh.put(packages[0], RECORD)
    fresh.put(packages[1], RECORD)
    first, second = fresh.take(packages[0].id), fresh.take(packages[1].id)
    fresh.put(packages[2], RECORD)

    assert (True, False) == (first is not None, second is not None)
    assert fresh.take(packages[2].id) is not None


def test_what_was_cleared_is_read_from_its_row() -> None:
    fresh = Fresh()
    package = new()
    fresh.put(package, RECORD)

    fresh.clear()

    assert fresh.take(package.id) is None
