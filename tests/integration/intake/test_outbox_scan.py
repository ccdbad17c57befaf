"""What the scan finds: entries are taken when they are finished, and never before."""

import os
from pathlib import Path

import pytest

from gateway.intake.outbox import DUTCH_FOLDERS, ENGLISH_FOLDERS, Outbox, OutboxFolders
from gateway.package.errors import Code, SluisError
from tests.integration.intake.dropping import PACKAGE, Site


def test_the_folders_are_made_with_the_names_that_people_know(tmp_path: Path) -> None:
    for folders in (DUTCH_FOLDERS, ENGLISH_FOLDERS):
        Outbox(root=tmp_path / folders.send, folders=folders, settle_seconds=10).prepare()
        assert sorted(folders.names()) == sorted(path.name for path in (tmp_path / folders.send).iterdir())


def test_folders_on_two_file_systems_are_refused(tmp_path: Path) -> None:
    far = Path("/dev/shm") / f"sluis-{os.getpid()}-{tmp_path.name}"
    far.mkdir()
    try:
        (tmp_path / DUTCH_FOLDERS.processing).symlink_to(far)
        with pytest.raises(SluisError) as raised:
            Outbox(root=tmp_path, folders=DUTCH_FOLDERS, settle_seconds=10).prepare()
    finally:
        far.rmdir()

    assert (Code.SETTING_INVALID, "outbox.path") == (raised.value.code, raised.value.where)
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


def test_an_outbox_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folders = OutboxFolders(draft="a", send="b", processing="c", action_needed="d", refused="e", sent="f")

    with pytest.raises(SluisError) as raised:
        Outbox(root=tmp_path / "file", folders=folders, settle_seconds=10).prepare()

    assert Code.SETTING_INVALID is raised.value.code


def test_an_entry_is_ready_when_nothing_has_changed_for_the_settle_time(site: Site) -> None:
    site.drop("zaak", PACKAGE)
    site.drop("zaak.zip", b"x")

    assert [] == site.names_ready()
    assert [] == site.names_ready(after=9.9)
    assert ["zaak", "zaak.zip"] == site.names_ready(after=0.1)


def test_the_scan_tells_when_to_look_again(site: Site) -> None:
    assert (0, None) == (site.outbox.scan(now=3).waiting, site.outbox.scan(now=3).next_due)

    site.drop("zaak", PACKAGE)
    first = site.outbox.scan(now=5)
    site.drop("zaak.zip", b"x")
    second = site.outbox.scan(now=6)

    assert (1, 15) == (first.waiting, first.next_due)
    assert (2, 15) == (second.waiting, second.next_due)


@pytest.mark.parametrize("change", ["content", "touch", "new file", "renamed file", "permissions", "growing part"])
def test_any_change_deep_in_an_entry_starts_the_settle_time_anew(site: Site, change: str) -> None:
    folder = site.drop("zaak", PACKAGE)
    site.scan()
    match change:
        case "content":
            (folder / "brief.txt").write_bytes(b"B letter.\n" * 20)
        case "touch":
            os.utime(folder / "brief.txt", ns=(0, 0))
        case "new file":
            (folder / "more.txt").touch()
        case "renamed file":
            (folder / "brief.txt").rename(folder / "brief2.txt")
        case "permissions":
            (folder / "brief.txt").chmod(0o600)
        case _:
            (folder / "brief.docx.part").write_bytes(b"half")

    assert [] == site.names_ready(after=10)
    assert [] == site.names_ready(after=9)
    assert ["zaak"] == site.names_ready(after=1)


def test_an_old_modification_time_does_not_make_a_copy_finished(site: Site) -> None:
    path = site.drop("zaak.zip", b"first half")
    os.utime(path, ns=(0, 0))
    site.scan()
    with path.open("ab") as file:
        file.write(b", second half")
    os.utime(path, ns=(0, 0))

    assert [] == site.names_ready(after=10)


def test_a_file_that_somebody_holds_open_for_writing_is_not_ready_however_long_it_rests(site: Site) -> None:
    folder = site.drop("zaak", PACKAGE)
    with (folder / "brief.txt").open("ab"):
        site.scan()
        found = site.outbox.scan(now=1000)

        assert ((), 1, 1001) == (found.ready, found.waiting, found.next_due)

    assert ["zaak"] == [entry.name for entry in site.outbox.scan(now=1001).ready]


def test_a_file_that_somebody_reads_is_ready(site: Site) -> None:
    path = site.drop("zaak.zip", b"x")
    with path.open("rb"):
        site.scan()

        assert ["zaak.zip"] == site.names_ready(after=10)


@pytest.mark.parametrize("marker", ["verzenden.klaar", "send.ready"])
def test_a_marker_inside_a_folder_makes_it_ready_at_once(site: Site, marker: str) -> None:
    folder = site.drop("zaak", PACKAGE)
    (folder / marker).touch()

    assert ["zaak"] == site.names_ready()


@pytest.mark.parametrize("marker", ["zaak.zip.klaar", "zaak.zip.ready"])
def test_a_marker_beside_an_entry_makes_it_ready_at_once_and_is_no_entry_itself(site: Site, marker: str) -> None:
    site.drop("zaak.zip", b"x")
    site.drop("other.zip", b"x")
    (site.send / marker).touch()

    assert ["zaak.zip"] == site.names_ready()
    assert ["other.zip", "zaak.zip"] == site.names_ready(after=10)


def test_a_marker_does_not_make_a_file_finished_that_is_still_being_written(site: Site) -> None:
    path = site.drop("zaak.zip", b"x")
    (site.send / "zaak.zip.klaar").touch()
    with path.open("ab"):
        assert [] == site.names_ready()


def test_a_folder_that_is_called_like_a_marker_is_an_entry(site: Site) -> None:
    site.drop("zaak.klaar", PACKAGE)
    site.scan()

    assert ["zaak.klaar"] == site.names_ready(after=10)


def test_what_programs_leave_behind_is_no_entry(site: Site) -> None:
    for name in (".DS_Store", "._zaak", "zaak.zip.part", "a.tmp", "a.crdownload", "~$a.docx", ".~lock.a#", "Thumbs.db"):
        site.drop(name, b"x")
    site.drop(".hidden", PACKAGE)
    site.scan()

    assert [] == site.names_ready(after=10)


def test_drafts_are_left_alone(site: Site) -> None:
    (site.outbox.root / DUTCH_FOLDERS.draft / "zaak.zip").write_bytes(b"x")
    site.scan()

    assert [] == site.names_ready(after=10)


def test_names_that_are_not_utf_8_are_found(site: Site) -> None:
    name = os.fsdecode(b"dossi\xebr.zip")
    site.drop(name, b"x")
    site.scan()

    assert [name] == site.names_ready(after=10)


def test_links_pipes_and_deep_folders_are_found_and_do_not_stop_the_scan(site: Site) -> None:
    os.mkfifo(site.send / "pipe")
    (site.send / "link").symlink_to("/nowhere")
    deep = site.send / "deep" / "/".join("d" * 60)
    deep.mkdir(parents=True)
    (deep / "file").touch()
    site.scan()

    assert ["deep", "link", "pipe"] == site.names_ready(after=10)


def test_an_entry_that_is_gone_is_forgotten(site: Site) -> None:
    path = site.drop("zaak.zip", b"x")
    site.scan()
    path.unlink()
    site.scan(after=9)
    site.drop("zaak.zip", b"x")

    assert [] == site.names_ready(after=1)


def test_without_leases_the_scan_relies_on_rest_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.intake.outbox.leases_work", lambda _folder: False)
    site.outbox.prepare()
    path = site.drop("zaak.zip", b"x")
    with path.open("ab"):
        site.scan()

        assert ["zaak.zip"] == site.names_ready(after=10)
