"""The log's lines reach a real receiver: all of them, in order, whoever is killed, and nobody who is not trusted."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.audit.checkpoint import read_checkpoint, trusted_checkpoint
from gateway.audit.events import Event, EventAction
from gateway.audit.exports.forms import ExportForm, formatted, in_syslog
from gateway.audit.exports.syslog import framed
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import read_note
from gateway.audit.reading import lines_of
from gateway.bootstrap.audit_copy_settings import ExportSettings
from gateway.bootstrap.export_targets import ExportTarget, FileTarget, StdoutTarget, build_target
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.log_exports import LogExport
from gateway.bootstrap.tls_syslog import TlsReceiver
from gateway.deliver.tls import harden
from gateway.package.errors import Code, SluisError
from tests.integration.audit.conftest import Opener
from tests.integration.audit.signing import SIGNER
from tests.syslog_receiver import Receiver, syslog_receiver
from tests.unit.audit.test_exports import LINE, tampered

Exporting = Callable[..., LogExport]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with syslog_receiver(tmp_path / "rsyslog") as found:
        yield found


@pytest.fixture
def log(open_log: Opener) -> AuditLogFiles:
    return open_log()


@pytest.fixture
def exporting(log: AuditLogFiles, folder: Path, tmp_path: Path) -> Exporting:
    """Make an export anew, as a service does that starts; all of one test have the same place in the log."""

    def make(target: ExportTarget, **changes: Any) -> LogExport:
        settings: dict[str, Any] = {"checkpoints": False, "late_seconds": 900.0} | changes
        return LogExport(
            name="siem",
            audit=log,
            folder=folder,
            place=tmp_path / "exports" / "siem.json",
            target=target,
            every_seconds=0.01,
            now=lambda: dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
            **settings,
        )

    return make


def target_at(receiver: Receiver, folder: Path, form: str = "syslog", **changes: Any) -> ExportTarget:
    peer = {
        "host": "127.0.0.1",
        "port": receiver.port,
        "ca_file": str(receiver.ca_file),
        "timeout_seconds": 5,
    } | changes
    wanted = ExportSettings.model_validate({"name": "siem", "format": form, "syslog": peer})
    return build_target(SiteLayout(folder), wanted)


def write(log: AuditLogFiles, count: int) -> None:
    log.write([(Event(action=EventAction.PACKAGE_SEALED),)] * count)


def lines_in(folder: Path) -> list[bytes]:
    return [line for _, _, line in lines_of(folder)]


async def test_every_line_arrives_at_a_real_receiver_to_the_byte_and_in_order(
    log: AuditLogFiles, folder: Path, tmp_path: Path, receiver: Receiver, exporting: Exporting
) -> None:
    write(log, 1200)
    export = exporting(target_at(receiver, tmp_path))
    while await export.send_once():
        pass
    assert lines_in(folder) == receiver.texts()


async def test_no_line_is_lost_when_receiver_and_sender_are_killed_again_and_again(
    log: AuditLogFiles, folder: Path, tmp_path: Path, receiver: Receiver, exporting: Exporting
) -> None:
    for _ in range(4):
        write(log, 700)
        # The sender is cut off at whatever it is doing, and begins anew with what it had kept.
        task = asyncio.create_task(exporting(target_at(receiver, tmp_path)).run())
        await asyncio.sleep(0.05)
        receiver.stop(by=signal.SIGKILL)
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task])
        receiver.start()
    export = exporting(target_at(receiver, tmp_path))
    while await export.send_once():
        pass

    numbers = [json.loads(each)["event.sequence"] for each in _whole(receiver)]
    assert list(range(2800)) == list(dict.fromkeys(numbers))


def _whole(receiver: Receiver) -> list[bytes]:
    return [text for text in receiver.texts() if text.endswith(b"}")]


def test_a_real_receiver_reads_the_head_and_the_structured_data(receiver: Receiver, tmp_path: Path) -> None:
    hostile = tampered(**{"user.id": 'a="b"] \\ [c]'})
    _handed_over(receiver, in_syslog(LINE, ExportForm.SYSLOG), in_syslog(hostile, ExportForm.SYSLOG))
    first, second = receiver.received()
    head = ("priority", "at", "host", "app", "id")
    assert ["110", "2026-11-20T09:30:15.123456Z", "gateway-1", "sluis", "package-policy-evaluated"] == [
        first[key] for key in head
    ]
    data = [json.loads(each["read"])["rfc5424-sd"]["gateway@32473"] for each in (first, second)]
    record = json.loads(LINE)
    assert (str(record["event.sequence"]), record["gateway.package.id"]) == (data[0]["sequence"], data[0]["package"])
    assert 'a="b"] \\ [c]' == data[1]["person"]


def test_a_real_reader_of_cef_gets_each_value_whole_also_a_hostile_one(receiver: Receiver, tmp_path: Path) -> None:
    forged = "x outcome=success\r\ncs1=forged\\"
    _handed_over(receiver, in_syslog(tampered(**{"gateway.purpose": forged}), ExportForm.CEF))
    read = json.loads(receiver.received()[0]["read"])["read"]["cef"]
    record, said = json.loads(LINE), read["Extensions"]
    assert ["Sluis", "Sluis", "0.1.0", "package-policy-evaluated", "Package evaluated", "3"] == [
        read[key] for key in ("DeviceVendor", "DeviceProduct", "DeviceVersion", "SignatureID", "Name", "Severity")
    ]
    assert ["x outcome=success\ncs1=forged\\", record["rule.version"], record["event.outcome"]] == [
        said[key] for key in ("gatewayPurpose", "cs1", "outcome")
    ]


def _handed_over(receiver: Receiver, *messages: bytes) -> None:
    context = harden(ssl.create_default_context(cafile=str(receiver.ca_file)))
    peer = TlsReceiver("127.0.0.1", receiver.port, context=context, strict=True, seconds=5)
    asyncio.run(peer.deliver(framed(each) for each in messages))


async def test_an_attack_by_a_receiver_that_others_vouch_for_gets_no_line(
    log: AuditLogFiles, tmp_path: Path, receiver: Receiver, exporting: Exporting
) -> None:
    write(log, 3)
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    with pytest.raises(ssl.SSLCertVerificationError):
        await exporting(target_at(receiver, tmp_path, ca_file=str(stranger))).send_once()
    assert [] == receiver.received()


async def test_an_attack_by_a_receiver_with_another_name_gets_no_line(
    log: AuditLogFiles, tmp_path: Path, receiver: Receiver, exporting: Exporting
) -> None:
    write(log, 3)
    with pytest.raises(ssl.SSLCertVerificationError):
        await exporting(target_at(receiver, tmp_path, host="localhost")).send_once()
    assert [] == receiver.received()


async def test_a_receiver_that_asks_who_we_are_is_shown_the_certificate_of_the_settings(
    log: AuditLogFiles, folder: Path, tmp_path: Path, exporting: Exporting
) -> None:
    write(log, 3)
    with syslog_receiver(tmp_path / "choosy", choosy=True) as receiver:
        with pytest.raises(OSError):
            await exporting(target_at(receiver, tmp_path)).send_once()
        with pytest.raises(OSError):
            await target_at(receiver, tmp_path).check()
        assert [] == receiver.received()
        certificate, key = receiver.client_certificate("client.example")
        shown = {"certificate_file": str(certificate), "key_file": str(key)}
        assert await exporting(target_at(receiver, tmp_path, **shown)).send_once()
        assert lines_in(folder) == receiver.texts()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, receiver: Receiver) -> None:
    certificate, key = receiver.client_certificate("client.example")
    key.chmod(0o644)
    with pytest.raises(SluisError) as refused:
        target_at(receiver, tmp_path, certificate_file=str(certificate), key_file=str(key))
    assert Code.SETTING_INVALID is refused.value.code


# ---- How a connection ends ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def ending(folder: Path, how: Callable[[ssl.SSLSocket], None]) -> Iterator[TlsReceiver]:
    """Run a receiver that treats one connection in its own way; give it as a strict sender sees it."""
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with contextlib.suppress(OSError), server_side.wrap_socket(connection, server_side=True) as tls:
                how(tls)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        yield TlsReceiver("127.0.0.1", port, context=harden(context), strict=True, seconds=3)
        thread.join(20)


def read_all(tls: ssl.SSLSocket) -> None:
    while tls.recv(65_536):
        pass


def end_without_a_word(tls: ssl.SSLSocket) -> None:
    read_all(tls)
    os.close(tls.detach())


def end_unread(tls: ssl.SSLSocket) -> None:
    tls.recv(1)
    os.close(tls.detach())


def never_end(tls: ssl.SSLSocket) -> None:
    read_all(tls)
    with contextlib.suppress(OSError):
        tls.settimeout(10)
        socket.socket.recv(tls, 1)


BULK = [framed(bytes(100_000))]


async def test_an_end_that_the_receiver_answers_is_an_arrival(tmp_path: Path) -> None:
    def answer(tls: ssl.SSLSocket) -> None:
        read_all(tls)
        tls.unwrap()

    with ending(tmp_path, answer) as receiver:
        await receiver.deliver(BULK)


def end_at_once(tls: ssl.SSLSocket) -> None:
    """End as rsyslog does with a client that it refuses: with close_notify, and everything unread."""
    tls.setblocking(False)
    with contextlib.suppress(OSError):
        tls.unwrap()
    time.sleep(0.2)
    os.close(tls.detach())


@pytest.mark.parametrize("how", [end_without_a_word, end_unread, end_at_once, never_end])
async def test_an_attack_that_takes_lines_and_does_not_answer_the_end_is_no_arrival(
    how: Callable[[ssl.SSLSocket], None], tmp_path: Path
) -> None:
    with ending(tmp_path, how) as receiver, pytest.raises(OSError):
        await receiver.deliver(BULK)


async def test_where_a_setting_says_so_an_orderly_end_is_an_arrival_and_a_reset_is_not(tmp_path: Path) -> None:
    with ending(tmp_path, end_without_a_word) as receiver:
        receiver._strict = False
        await receiver.deliver(BULK)
    with ending(tmp_path, end_unread) as receiver:
        receiver._strict = False
        with pytest.raises(OSError):
            await receiver.deliver(BULK)


# ---- Files and standard output -----------------------------------------------------------------------------------


async def test_a_file_is_appended_to_and_made_for_its_group_only(
    log: AuditLogFiles, folder: Path, tmp_path: Path, exporting: Exporting
) -> None:
    path = tmp_path / "copy.jsonl"
    export = exporting(FileTarget(path, ExportForm.ECS))
    for _ in range(2):
        write(log, 2)
        await export.send_once()
    assert [formatted(line, ExportForm.ECS) for line in lines_in(folder)] == path.read_bytes().splitlines()
    assert 0o640 == path.stat().st_mode & 0o777


async def test_a_file_that_somebody_rotates_is_begun_anew(
    log: AuditLogFiles, folder: Path, tmp_path: Path, exporting: Exporting
) -> None:
    path, export = tmp_path / "copy.jsonl", exporting(FileTarget(tmp_path / "copy.jsonl", ExportForm.JSONL))
    write(log, 2)
    await export.send_once()
    path.rename(tmp_path / "copy.jsonl.1")
    write(log, 1)
    await export.send_once()
    assert lines_in(folder)[2:] == path.read_bytes().splitlines()


async def test_a_line_that_a_crash_tore_stands_alone(log: AuditLogFiles, tmp_path: Path, exporting: Exporting) -> None:
    path = tmp_path / "copy.jsonl"
    path.write_bytes(b'{"torn":')
    write(log, 1)
    await exporting(FileTarget(path, ExportForm.JSONL)).send_once()
    assert [b'{"torn":', *lines_in(tmp_path / "log")] == path.read_bytes().splitlines()


async def test_an_attack_that_puts_a_link_in_place_of_the_file_gets_nothing_written(
    log: AuditLogFiles, tmp_path: Path, exporting: Exporting
) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "copy.jsonl").symlink_to(tmp_path / "victim")
    write(log, 1)
    with pytest.raises(OSError):
        await exporting(FileTarget(tmp_path / "copy.jsonl", ExportForm.JSONL)).send_once()
    assert b"mine" == (tmp_path / "victim").read_bytes()


async def test_lines_that_nobody_reads_from_standard_output_are_given_again_on_a_line_of_their_own(
    log: AuditLogFiles, folder: Path, exporting: Exporting
) -> None:
    reading, writing = os.pipe()
    write(log, 400)
    export = exporting(StdoutTarget(ExportForm.JSONL, descriptor=writing, seconds=0.1))
    with pytest.raises(TimeoutError):
        await export.send_once()
    before = os.read(reading, 10_000_000)
    said: list[bytes] = []
    thread = threading.Thread(target=lambda: said.extend(_until_closed(reading)))
    thread.start()
    await export.send_once()
    os.close(writing)
    thread.join()
    os.close(reading)
    lines = lines_in(folder)
    assert lines == (before + b"".join(said)).splitlines()[-len(lines) :]


def _until_closed(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, 65_536):
        yield piece


# ---- Places and notices ------------------------------------------------------------------------------------------


async def test_the_newest_checkpoint_follows_and_is_one_that_the_log_has_signed(
    log: AuditLogFiles, tmp_path: Path, receiver: Receiver, exporting: Exporting
) -> None:
    write(log, 5)
    await exporting(target_at(receiver, tmp_path), checkpoints=True).send_once()
    *lines, last = receiver.texts()
    note = read_note(json.loads(last)["gateway.checkpoint.note"].encode())
    assert (5, 5) == (len(lines), trusted_checkpoint(note, [SIGNER.public()])[0].size)


async def test_a_place_beyond_the_end_of_the_log_sends_nothing_and_is_told_of(
    log: AuditLogFiles, tmp_path: Path, exporting: Exporting
) -> None:
    path = tmp_path / "copy.jsonl"
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "siem.json").write_text(
        '{"next":9,"file":"2026-11-20.jsonl","offset":9,"length":9,"leaf":""}'
    )
    write(log, 3)
    export = exporting(FileTarget(path, ExportForm.JSONL), late_seconds=0.0)
    with pytest.raises(SluisError) as refused:
        await export.send_once()
    assert (Code.AUDIT_COPY_FAILED, False, True) == (refused.value.code, path.exists(), export.is_late())


@pytest.mark.parametrize("content", [b"", b"[]", b'{"next":"x"}'])
async def test_a_place_that_can_not_be_read_sends_nothing_and_is_told_of(
    content: bytes, log: AuditLogFiles, tmp_path: Path, exporting: Exporting
) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "siem.json").write_bytes(content)
    write(log, 1)
    export = exporting(FileTarget(tmp_path / "copy.jsonl", ExportForm.JSONL), late_seconds=0.0)
    with pytest.raises(SluisError):
        await export.send_once()
    assert (True, False) == (export.is_late(), (tmp_path / "copy.jsonl").exists())


async def test_a_name_that_is_none_is_a_receiver_that_can_not_be_reached(tmp_path: Path, receiver: Receiver) -> None:
    with pytest.raises(OSError, match="can not be reached"):
        await target_at(receiver, tmp_path, host=f"{'a' * 64}.example").check()


async def test_an_export_is_late_when_what_was_there_once_has_not_arrived_and_not_because_more_came(
    log: AuditLogFiles, folder: Path, tmp_path: Path, exporting: Exporting
) -> None:
    moment = [0.0]
    gone = tmp_path / "gone"
    export = exporting(FileTarget(gone / "copy.jsonl", ExportForm.JSONL), monotonic=lambda: moment[0])
    write(log, 1)
    with pytest.raises(OSError):
        await export.send_once()
    before = export.is_late()
    moment[0] = 900.0
    late = export.is_late()
    gone.mkdir()
    await export.send_once()
    write(log, 1)
    assert (False, True, False) == (before, late, export.is_late())


async def test_what_a_checkpoint_does_not_cover_yet_is_not_sent(
    log: AuditLogFiles, folder: Path, tmp_path: Path, exporting: Exporting
) -> None:
    path = tmp_path / "copy.jsonl"
    write(log, 2)
    with (folder / "2026-11-20.jsonl").open("ab") as file:
        file.write(b'{"event.sequence":2}\n')
    await exporting(FileTarget(path, ExportForm.JSONL)).send_once()
    note = log.checkpoint()
    assert note is not None
    assert read_checkpoint(note).size == len(path.read_bytes().splitlines())
