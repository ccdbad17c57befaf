"""Letters that came back are read from a real IMAP server, over TLS; every fault of it is told and nothing is lost."""

import asyncio
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from gateway.bounces import Returning
from gateway.deliver.imap_connection import ImapSettings
from gateway.deliver.notice_imap import NoticeMailbox
from gateway.package.errors import Code, SluisError
from tests.integration.deliver.conftest import server_context
from tests.integration.deliver.dovecot import Dovecot

LETTER = b"Subject: Afwezig\r\nFrom: iemand@ngo.example\r\n\r\nIk ben er niet.\r\n"


@contextmanager
def look(settings: ImapSettings) -> Iterator[NoticeMailbox]:
    box = NoticeMailbox(settings)
    try:
        yield box
    finally:
        box.close()


def code_of(step: Callable[[], object]) -> Code:
    with pytest.raises(SluisError) as caught:
        step()
    return Code(caught.value.code)


@pytest.mark.parametrize("implicit_tls", [True, False])
def test_a_letter_is_read_whole_by_imaps_and_by_starttls(
    implicit_tls: bool, dovecot: Dovecot, settings: ImapSettings
) -> None:
    dovecot.put(LETTER, folder="Terug")
    port = dovecot.imaps if implicit_tls else dovecot.starttls

    with look(replace(settings, implicit_tls=implicit_tls, port=port)) as box:
        box.check()
        names = box.waiting()
        assert [LETTER] == [box.read(name) for name in names]


def test_a_treated_letter_is_moved_where_the_settings_say(dovecot: Dovecot, settings: ImapSettings) -> None:
    dovecot.put(LETTER, folder="Terug")

    with look(replace(settings, move_to="Gelezen")) as box:
        box.check()
        for name in box.waiting():
            box.seen(name)

    assert (0, 1) == (dovecot.letters("Terug"), dovecot.letters("Gelezen"))


def test_a_letter_that_a_person_has_opened_is_read_all_the_same_where_letters_are_moved(
    dovecot: Dovecot, settings: ImapSettings
) -> None:
    dovecot.put(LETTER, folder="Terug")
    with dovecot.session() as client:
        client.select("Terug")
        client.store("1", "+FLAGS", r"(\Seen)")

    with look(replace(settings, move_to="Gelezen")) as box:
        assert 1 == len(box.waiting())


def test_when_the_mailbox_was_made_anew_an_old_name_puts_no_other_letter_away(
    dovecot: Dovecot, settings: ImapSettings
) -> None:
    dovecot.put(LETTER, folder="Terug")
    with look(settings) as box:
        old = box.waiting()[0]
        box.close()
        time.sleep(1.1)  # The new UIDVALIDITY is the second in which the folder was made.
        dovecot.make_anew("Terug")
        dovecot.put(LETTER, folder="Terug")
        new = box.waiting()[0]

        assert old != new
        assert [Code.BOUNCES_UNREADABLE] * 2 == [code_of(lambda: box.read(old)), code_of(lambda: box.seen(old))]
    assert 1 == dovecot.letters("Terug", wanted="UNSEEN")


# ---- faults of the server -----------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_as_such(settings: ImapSettings) -> None:
    with look(replace(settings, password=b"fout")) as box:
        assert Code.BOUNCES_LOGIN_REFUSED is code_of(box.check)


@pytest.mark.parametrize("implicit_tls", [True, False])
def test_a_server_of_another_ca_is_not_told_the_password(
    implicit_tls: bool, dovecot: Dovecot, settings: ImapSettings, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    port = dovecot.imaps if implicit_tls else dovecot.starttls

    with look(replace(settings, ca_file=tmp_path / "other.pem", implicit_tls=implicit_tls, port=port)) as box:
        assert Code.BOUNCES_CERTIFICATE_INVALID is code_of(box.check)


def test_a_server_of_another_name_is_not_told_the_password(settings: ImapSettings) -> None:
    with look(replace(settings, host="localhost")) as box:
        assert Code.BOUNCES_CERTIFICATE_INVALID is code_of(box.check)


@pytest.mark.parametrize("implicit_tls", [True, False])
def test_a_server_without_tls_is_not_told_the_password(
    implicit_tls: bool, authority: trustme.CA, settings: ImapSettings
) -> None:
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="sd") as home,
        Dovecot(Path(home), authority, tls=False).running() as plain,
        look(replace(settings, port=plain.starttls, implicit_tls=implicit_tls)) as box,
    ):
        assert Code.BOUNCES_WITHOUT_TLS is code_of(box.check)
        assert "Login" not in (Path(home) / "dovecot.log").read_text()


def test_a_folder_that_is_not_there_is_told(settings: ImapSettings) -> None:
    for wrong in (replace(settings, folder="Nergens"), replace(settings, move_to="Nergens")):
        with look(wrong) as box:
            assert Code.BOUNCES_UNREADABLE is code_of(box.check)


def test_a_server_that_is_not_there_is_told(settings: ImapSettings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with look(replace(settings, port=free.getsockname()[1])) as box:
            assert Code.BOUNCES_UNREACHABLE is code_of(box.waiting)


Play = Callable[[socket.socket], None]


@contextmanager
def playing(play: Play, context: ssl.SSLContext | None) -> Iterator[int]:
    """Run a server that plays one connection; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            wire, _ = listening.accept()
            try:
                with context.wrap_socket(wire, server_side=True) if context else wire as said:
                    play(said)
            except OSError:
                wire.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
    thread.join(5)


def _silent(wire: socket.socket) -> None:
    while wire.recv(1):
        pass


def _dripping(wire: socket.socket) -> None:
    wire.sendall(b"* OK ")
    while True:
        wire.sendall(b"x")
        time.sleep(0.05)


def _then_hangs(wire: socket.socket) -> None:
    """Let somebody in, and say nothing any more when the mailbox is to be opened."""
    wire.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
    lines = wire.makefile("rb")
    for line in lines:
        tag, _, command = line.partition(b" ")
        if command.startswith(b"CAPABILITY"):
            wire.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
        elif command.startswith(b"AUTHENTICATE"):
            wire.sendall(b"+ \r\n")
            lines.readline()
            wire.sendall(tag + b" OK done\r\n")


def _has_two_validities(wire: socket.socket) -> None:
    """Let somebody in, and say of the mailbox twice which one it is."""
    wire.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
    lines = wire.makefile("rb")
    for line in lines:
        tag, _, command = line.partition(b" ")
        if command.startswith(b"CAPABILITY"):
            wire.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        elif command.startswith(b"AUTHENTICATE"):
            wire.sendall(b"+ \r\n")
            lines.readline()
        elif command.startswith(b"SELECT"):
            wire.sendall(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] one\r\n* OK [UIDVALIDITY 2] two\r\n")
        wire.sendall(tag + b" OK done\r\n")


def test_an_attack_with_two_validities_is_told_and_does_not_end_the_service(
    settings: ImapSettings, authority: trustme.CA
) -> None:
    with playing(_has_two_validities, server_context(authority)) as port:
        box = NoticeMailbox(replace(settings, implicit_tls=True, port=port))
        assert Code.BOUNCES_UNREADABLE is code_of(box.waiting)
        box.close()


def _greets_as_known(wire: socket.socket) -> None:
    wire.sendall(b"* PREAUTH welcome back\r\n")
    for line in wire.makefile("rb"):
        tag, _, _ = line.partition(b" ")
        wire.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n" + tag + b" OK done\r\n")


def _endless_literal(wire: socket.socket) -> None:
    wire.sendall(b"* OK {99999999999}\r\n")
    try:
        while True:
            wire.sendall(b"x" * 65536)
    finally:
        wire.close()


@pytest.mark.parametrize("play", [_silent, _dripping, _then_hangs, _endless_literal])
def test_a_server_that_hangs_drips_or_floods_ends_the_look_in_time(
    play: Play, settings: ImapSettings, authority: trustme.CA
) -> None:
    hasty = replace(settings, connect_timeout_seconds=0.5, timeout_seconds=0.5)
    began = time.monotonic()

    with playing(play, server_context(authority)) as port, look(replace(hasty, port=port)) as box:
        assert Code.BOUNCES_UNREACHABLE is code_of(box.waiting)

    assert 5 > time.monotonic() - began


def test_an_attack_that_greets_before_tls_as_if_we_were_known_gets_no_command(settings: ImapSettings) -> None:
    with (
        playing(_greets_as_known, None) as port,
        look(replace(settings, port=port, implicit_tls=False)) as box,
    ):
        assert Code.BOUNCES_WITHOUT_TLS is code_of(box.waiting)


async def test_a_look_that_is_given_up_ends_at_once_though_the_server_hangs(
    settings: ImapSettings, authority: trustme.CA
) -> None:
    patient = replace(settings, connect_timeout_seconds=60, timeout_seconds=60)
    nothing: Any = SimpleNamespace()
    with playing(_then_hangs, server_context(authority)) as port:
        box = NoticeMailbox(replace(patient, port=port))
        looking = asyncio.create_task(Returning(nothing, nothing, nothing, box=box).look())
        await asyncio.sleep(0.5)
        began = time.monotonic()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        # What the loop waits for at its end: the threads that nobody could cancel.
        await asyncio.get_running_loop().shutdown_default_executor()

    assert 5 > time.monotonic() - began


def test_a_connection_that_is_lost_takes_no_letter_for_treated(dovecot: Dovecot, settings: ImapSettings) -> None:
    dovecot.put(LETTER, folder="Terug")
    with look(settings) as box:
        name = box.waiting()[0]
        box.read(name)
        box.abandon()
        assert Code.BOUNCES_UNREACHABLE is code_of(lambda: box.seen(name))

    assert 1 == dovecot.letters("Terug", wanted="UNSEEN")
    with look(settings) as box:
        assert [name] == box.waiting()
