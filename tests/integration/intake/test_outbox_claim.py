"""Claims: of two that claim one gets it, nothing is overwritten, nothing is lost."""

import errno
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.intake import moving
from gateway.intake.outbox import Claimed
from gateway.package.errors import Code, SluisError
from tests.integration.intake.dropping import PACKAGE, Site, make_site, names_in


def test_a_claimed_entry_lies_in_the_second_folder_under_its_name_and_claim(site: Site) -> None:
    site.drop("zaak", PACKAGE)
    claimed = site.take()

    assert [] == list(site.send.iterdir())
    assert [f"zaak.{claimed.claim_id}"] == names_in(site.processing)
    assert ("zaak", os.getuid()) == (claimed.name, claimed.owner_uid)
    assert "zaak" not in repr(claimed)


def test_of_many_that_claim_one_gets_it(site: Site) -> None:
    for number in range(20):
        site.drop(f"zaak{number}.zip", b"x")
    site.scan()
    entries = site.scan(after=10)
    won: list[Claimed] = []

    def claim_all() -> None:
        won.extend(filter(None, map(site.claim, entries)))

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(entry.name for entry in entries) == sorted(claimed.name for claimed in won)


def test_a_marker_beside_the_entry_is_used_up_by_the_claim(site: Site) -> None:
    site.drop("zaak.zip", b"x")
    (site.send / "zaak.zip.klaar").touch()
    (site.send / "zaak.zip.ready").touch()
    (entry,) = site.scan()

    assert site.claim(entry) is not None
    assert [] == list(site.send.iterdir())


@pytest.mark.parametrize("change", ["content", "new file", "other file of that name"])
def test_an_entry_that_changed_since_the_scan_goes_back(site: Site, change: str) -> None:
    folder = site.drop("zaak", PACKAGE)
    entry = site.finished()
    match change:
        case "content":
            (folder / "brief.txt").write_bytes(b"x")
        case "new file":
            (folder / "more.txt").touch()
        case _:
            folder.rename(folder.with_name(".elsewhere"))
            site.drop("zaak", PACKAGE)

    assert site.claim(entry) is None
    assert [] == names_in(site.processing)
    assert (site.send / "zaak").is_dir()
    assert [] == site.names_ready()


def test_an_entry_that_somebody_began_to_write_since_the_scan_goes_back(site: Site) -> None:
    path = site.drop("zaak.zip", b"x")
    entry = site.finished()
    with path.open("ab"):
        assert site.claim(entry) is None

    assert {"1-Verzenden/zaak.zip": b"x"} == site.everything()


def test_going_back_never_overwrites_what_came_in_its_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = site.drop("zaak.zip", b"first")
    entry = site.finished()
    monkeypatch.setattr(
        "gateway.intake.outbox.moved_unchanged", lambda _before, _after: site.drop("zaak.zip", b"new") is None
    )
    assert site.claim(entry) is None

    assert b"new" == path.read_bytes()
    assert b"first" == (site.send / "zaak (2).zip").read_bytes()


def test_what_can_not_go_back_stays_claimed_and_is_not_forgotten(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_source: Path, _target: Path) -> None:
        raise PermissionError(errno.EACCES, "no")

    site.drop("zaak.zip", b"x")
    entry = site.finished()
    monkeypatch.setattr("gateway.intake.outbox.moved_unchanged", lambda _before, _after: False)
    monkeypatch.setattr("gateway.intake.outbox.move_without_overwriting", refuse)
    claimed = site.claim(entry)

    assert claimed is not None
    assert b"x" == claimed.path.read_bytes()
    with pytest.raises(PermissionError):
        site.outbox.reject(claimed)
    assert b"x" == claimed.path.read_bytes()


def test_a_claim_that_the_disk_can_not_keep_goes_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_folder: Path) -> None:
        raise OSError(errno.EIO, "broken")

    site.drop("zaak.zip", b"x")
    entry = site.finished()
    monkeypatch.setattr(moving, "flush_folder", broken)
    monkeypatch.setattr("gateway.intake.outbox.flush_folder", broken)
    assert site.claim(entry) is None
    assert {"1-Verzenden/zaak.zip": b"x"} == site.everything()


def test_an_entry_that_is_gone_can_not_be_claimed(site: Site) -> None:
    path = site.drop("zaak.zip", b"x")
    entry = site.finished()
    path.unlink()

    assert site.claim(entry) is None


def test_an_entry_that_can_not_be_moved_is_counted_and_tried_again_later(
    site: Site, as_somebody: Callable[[Callable[[], None]], None]
) -> None:
    site.drop("zaak.zip", b"x")

    def try_twice() -> None:
        entry = site.finished()
        site.processing.chmod(0o500)
        assert site.claim(entry) is None
        found = site.outbox.scan(now=30)
        assert ((), 1) == (found.ready, found.stuck)
        site.processing.chmod(0o700)
        (again,) = site.outbox.scan(now=100).ready
        assert site.claim(again) is not None
        assert 0 == site.outbox.scan(now=100).stuck

    as_somebody(try_twice)


def test_a_claim_without_a_proper_id_is_our_own_mistake(site: Site) -> None:
    site.drop("zaak.zip", b"x")
    entry = site.finished()

    for claim_id in ("../../etc", "{018f0000-0000-7000-8000-000000000001}"):
        with pytest.raises(ValueError):
            site.outbox.claim([(entry, claim_id)])


def test_after_a_crash_every_claimed_entry_is_found_with_its_name_and_claim(site: Site) -> None:
    names = sorted(["zaak.zip", "dossier 7", os.fsdecode(b"dossi\xebr.zip"), "a.b.c"])
    for name in names:
        site.drop(name, b"x")
    site.scan()
    claimed = {entry.name: site.claim(entry) for entry in site.scan(after=10)}
    (site.processing / "not ours.txt").touch()

    after_the_crash = list(make_site(site.outbox.root).outbox.claimed())

    assert names == sorted(each.name for each in after_the_crash)
    assert after_the_crash == [claimed[each.name] for each in after_the_crash]


@pytest.mark.parametrize("name", ["é" * 120 + "x.zip", "z" * 250, "é" * 127 + "x"], ids=["245", "250", "255"])
def test_an_entry_whose_name_fills_the_file_system_is_claimed_and_given_back_under_it(site: Site, name: str) -> None:
    site.drop(name, b"x")
    claimed = site.take()
    site.outbox.reject(claimed)

    assert [name] == names_in(site.outbox.action_needed)


@pytest.mark.parametrize(
    "name", ["zaak", os.fsdecode(b"dossi\xebr"), "line\nbreak"], ids=["plain", "not UTF-8", "two lines"]
)
def test_a_rejected_entry_lies_unchanged_where_its_owner_can_act(site: Site, name: str) -> None:
    site.drop(name, PACKAGE)
    site.outbox.reject(site.take())

    assert {f"3-Actie nodig/{name}/{file}": content for file, content in PACKAGE.items()} == site.everything()


def test_a_rejected_entry_never_takes_the_place_of_another(site: Site) -> None:
    for content in (b"1", b"2", b"3"):
        site.drop("zaak.zip", content)
        site.outbox.reject(site.take())
    site.drop("map", {"a": b"1"})
    (site.outbox.action_needed / "map").mkdir()
    site.outbox.reject(site.take())

    assert {
        "3-Actie nodig/zaak.zip": b"1",
        "3-Actie nodig/zaak (2).zip": b"2",
        "3-Actie nodig/zaak (3).zip": b"3",
        "3-Actie nodig/map (2)/a": b"1",
    } == site.everything()


def test_rejecting_what_somebody_took_away_is_no_failure(site: Site) -> None:
    site.drop("zaak.zip", b"x")
    claimed = site.take()
    claimed.path.unlink()

    site.outbox.reject(claimed)
    site.outbox.discard([claimed])

    assert {} == site.everything()


def test_a_rejected_link_is_moved_as_a_link(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (site.send / "zaak").symlink_to(secret)
    site.outbox.reject(site.take())

    assert secret == (site.outbox.action_needed / "zaak").readlink()


def test_a_discarded_entry_leaves_nothing(site: Site) -> None:
    site.drop("zaak", PACKAGE)
    claimed = site.take()
    site.outbox.discard([claimed])
    site.outbox.discard([claimed])

    assert {} == site.everything()
    assert [] == names_in(site.processing)


def test_a_discarded_entry_leaves_nothing_even_in_read_only_folders_and_any_depth(
    site: Site, as_somebody: Callable[[Callable[[], None]], None]
) -> None:
    folder = site.drop("zaak", PACKAGE)
    deep = folder
    for number in range(40):
        deep = deep / f"{number}"
        deep.mkdir()
        (deep / "file").touch()
        (deep / "side").mkdir()

    def discard() -> None:
        for path, _, _ in os.walk(folder, topdown=False):
            Path(path).chmod(0o500 if Path(path) != folder else 0o700)
        site.outbox.discard([site.take()])
        assert [] == names_in(site.processing)

    as_somebody(discard)


def test_discarding_never_follows_a_link(site: Site, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"x")
    folder = site.drop("zaak", PACKAGE)
    (folder / "link").symlink_to(outside)
    (folder / "sub").mkdir()
    (folder / "sub" / "link").symlink_to(outside)
    site.outbox.discard([site.take()])

    assert b"x" == (outside / "file").read_bytes()
    assert [] == names_in(site.processing)


@pytest.mark.parametrize("answer", [errno.EINVAL, errno.ENOSYS])
def test_nothing_is_overwritten_where_the_file_system_can_not_promise_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    monkeypatch.setattr(moving, "_rename_noreplace", lambda _source, _target: answer)
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "taken").write_bytes(b"2")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_bytes(b"3")

    for source in ("file", "folder"):
        with pytest.raises(FileExistsError):
            moving.move_without_overwriting(tmp_path / source, tmp_path / "taken")
        moving.move_without_overwriting(tmp_path / source, tmp_path / f"new-{source}")

    assert b"1" == (tmp_path / "new-file").read_bytes()
    assert b"2" == (tmp_path / "taken").read_bytes()
    assert b"3" == (tmp_path / "new-folder" / "a").read_bytes()
    assert ["new-file", "new-folder", "taken"] == names_in(tmp_path)


def counted_flushes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    flushed: list[Path] = []
    monkeypatch.setattr("gateway.intake.outbox.flush_folder", flushed.append)
    return flushed


def test_entries_that_are_claimed_or_discarded_together_share_one_flush(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = counted_flushes(monkeypatch)
    for number in range(5):
        site.drop(f"zaak-{number}.zip", b"x")
    site.scan()
    entries = sorted(site.scan(after=10), key=lambda entry: entry.name)
    (site.send / "zaak-3.zip").unlink()
    claimed = site.outbox.claim([(entry, str(uuid.uuid4())) for entry in entries])
    claims = len(flushed)
    failed = site.outbox.discard([each for each in claimed if each is not None])

    assert [True, True, True, False, True] == [each is not None for each in claimed]
    assert (1, 2, []) == (claims, len(flushed), failed)
    assert {} == site.everything()


def test_what_can_not_be_discarded_is_named_and_the_others_go(
    site: Site, as_somebody: Callable[[Callable[[], None]], None]
) -> None:
    def discard() -> None:
        site.drop("a.zip", b"x")
        kept = site.take()
        site.drop("b.zip", b"x")
        gone = site.take()
        gone.path.unlink()
        site.processing.chmod(0o500)
        failed = site.outbox.discard([kept, gone])
        site.processing.chmod(0o700)
        assert [kept] == [claimed for claimed, _ in failed]

    as_somebody(discard)


def test_a_disk_that_fails_to_flush_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        moving.flush_folder(tmp_path / "gone")


def test_an_entry_of_two_owners_has_no_submitter(site: Site) -> None:
    folder = site.drop("zaak", PACKAGE)
    claimed = site.take()
    stranger = Claimed(
        name=claimed.name,
        claim_id=claimed.claim_id,
        path=claimed.path,
        owner_uid=claimed.owner_uid + 1,
        leases=True,
    )
    with pytest.raises(SluisError) as raised:
        site.read(stranger)

    assert folder.name == claimed.name
    assert (Code.SUBMITTER_UNKNOWN, "owners") == (raised.value.code, raised.value.where)


def test_an_entry_that_is_unlinked_while_claimed_ones_are_listed_keeps_no_other_from_being_found(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.drop("blijft", PACKAGE)
    kept = site.take()
    listed = os.listdir

    def one_more_that_is_gone(folder: Path) -> list[str]:
        return [f"aanvaard.{uuid.uuid4()}", *listed(folder)]

    monkeypatch.setattr(os, "listdir", one_more_that_is_gone)

    assert [kept.claim_id] == [each.claim_id for each in site.outbox.claimed()]
