"""A known key that comes again: what is new in it is taken, noted and told, and what is there just so alarms nobody."""

from pathlib import Path

from gateway.bootstrap.key_records import KeyRecord
from gateway.package.ids import Fingerprint
from gateway.package.key_views import KeyImport
from tests.integration.bootstrap.test_four_eyes import ANNA, BEHEER
from tests.integration.bootstrap.test_key_desk import MUNICIPALITY, OLD, Desk, desk, theirs
from tests.integration.seal.homes import KINDS, public, run

__all__ = ["desk", "theirs"]


async def _again(desk: Desk, content: bytes) -> bool:
    brought = KeyImport(recipient=MUNICIPALITY, content=content, source="nog eens")
    return (await desk.desk.bring(brought, person=BEHEER))[1]


def _record(desk: Desk, key: Fingerprint) -> KeyRecord:
    found = desk.records.read(MUNICIPALITY).find(key)
    assert found is not None
    return found


async def test_the_same_file_imported_twice_is_no_renewal_and_no_event(desk: Desk, theirs: Path) -> None:
    key = KINDS["ok"](theirs)
    content = public(theirs, key)
    await desk.bring(content)
    assert not await _again(desk, content)
    await desk.trust(key)
    (desk.site.keys / f"{key}.asc").unlink()
    before = _record(desk, key)

    assert not await _again(desk, content)
    assert (["key-proposed", "key-trusted"], before) == (desk.told(), _record(desk, key))
    assert (desk.site.keys / f"{key}.asc").exists()


async def test_a_longer_life_is_a_renewal_with_a_source_of_its_own_and_the_older_copy_is_none(
    desk: Desk, theirs: Path
) -> None:
    key = KINDS["ok"](theirs)
    older = public(theirs, key)
    await desk.bring(older)
    await desk.trust(key)
    run(theirs, "--quick-set-expire", key, "5y")
    renewed = await desk.bring(public(theirs, key), by=ANNA, source="brief van de verlenging")

    assert ("hun brief", "beheer") == (renewed.source, renewed.imported_by)
    assert ("brief van de verlenging", "anna") == (renewed.renewed_source, renewed.renewed_by)
    assert "key-renewed" == desk.told()[-1]
    assert not await _again(desk, older)
    assert 1 == desk.told().count("key-renewed")


async def test_the_first_copy_of_a_key_that_was_pinned_by_hand_is_told_as_a_change(desk: Desk, theirs: Path) -> None:
    key = KINDS["ok"](theirs)
    path = desk.site.recipients / f"{MUNICIPALITY}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(OLD, key), encoding="utf-8")
    await desk.house.approved()
    first = await desk.bring(public(theirs, key))

    assert (["key-renewed"], "hun brief", "") == (desk.told(), first.source, first.renewed_by)
    assert not await _again(desk, public(theirs, key))
    assert ["key-renewed"] == desk.told()
