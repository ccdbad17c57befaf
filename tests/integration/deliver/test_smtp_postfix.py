"""Debian's Postfix as the relay: what it puts in a maildir is what was sealed."""

import asyncio
import os
import pwd
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
import trustme

from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code
from tests.integration.deliver.conftest import MakeCourier
from tests.unit.deliver.parcels import MESSAGE, mail_parcel

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
default_transport = error:no mail leaves this test
relay_transport = error:no mail leaves this test
virtual_mailbox_domains = ngo.example
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{loket@ngo.example=loket/, vol@ngo.example=vol/, post@ngo.example=post/}}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
message_size_limit = 3000000
smtpd_recipient_restrictions = reject_unlisted_recipient,
    check_recipient_access inline:{{vol@ngo.example=DEFER}}, permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {home}/server.pem
smtpd_tls_key_file = {home}/server.pem
smtpd_tls_received_header = yes
smtpd_tls_session_cache_database =
default_process_limit = 5
maillog_file_prefixes = {home}
maillog_file = {home}/mail.log
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
"""


_WAIT_SECONDS = 30


class Postfix:
    """A Postfix of its own below a short folder; it ends with the process that started it."""

    def __init__(self, home: Path, authority: trustme.CA) -> None:
        self._home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        # Postfix hands the delivery to this user, and its own daemons must be able to come through the folder.
        home.chmod(0o755)
        owner = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "data", "mail"):
            (home / name).mkdir()
        for name in ("data", "mail"):
            os.chown(home / name, owner.pw_uid, owner.pw_gid)
        settings = {"home": home, "port": self.port, "uid": owner.pw_uid, "gid": owner.pw_gid}
        (home / "etc" / "main.cf").write_text(_MAIN.format_map(settings))
        (home / "etc" / "master.cf").write_text(_MASTER.format_map(settings))
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(home / "server.pem")

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run its master as a child of this process, and stop it at the end.

        In a session of its own: a master that is told to stop passes that on to its whole process group.
        """
        settings = ["-c", os.fspath(self._home / "etc")]
        subprocess.run(["postfix", *settings, "check"], check=True)
        command = ["setpriv", "--pdeathsig", "TERM", "/usr/lib/postfix/sbin/master", *settings, "-d"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                self._wait_until(self._listens)
                yield self
            finally:
                process.terminate()

    def received(self, mailbox: str, *, at_least: int) -> list[bytes]:
        """Give what lies in a maildir once so many messages do."""
        folder = self._home / "mail" / mailbox / "new"
        self._wait_until(lambda: len(list(folder.glob("*"))) >= at_least)
        return [path.read_bytes() for path in folder.glob("*")]

    def _wait_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                log = self._home / "mail.log"
                pytest.fail(log.read_text() if log.exists() else "Postfix did not start; it needs root")
            time.sleep(0.05)

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False


@pytest.fixture(scope="module")
def postfix(authority: trustme.CA) -> Iterator[Postfix]:
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="s") as home,
        Postfix(Path(home), authority).running() as server,
    ):
        yield server


def _without_trace(message: bytes) -> bytes:
    """Take off what a relay puts before a message: Return-Path, Delivered-To, Received."""
    return message[message.index(b"From: ") :]


async def test_what_postfix_delivers_is_byte_for_byte_what_was_sealed(
    postfix: Postfix, courier_to: MakeCourier
) -> None:
    content = MESSAGE + b".dot\r\n..two dots\r\n.\r\n" + b"wEwDAAAAAAAAAAAB\r\n" * 100_000
    courier = courier_to(postfix.port)

    await courier.check()
    results = [await courier.deliver(mail_parcel(each)) for each in (MESSAGE, content)]
    arrived = await asyncio.to_thread(postfix.received, "loket", at_least=2)

    assert [result.outcome for result in results] == [DeliveryOutcome.SENT] * 2
    # A maildir holds Unix lines.
    expected = sorted(each.replace(b"\r\n", b"\n") for each in (MESSAGE, content))
    assert sorted(_without_trace(each) for each in arrived) == expected
    assert all(b"using TLSv1.3" in each for each in arrived)


async def test_postfix_decides_for_good_for_later_or_by_size(postfix: Postfix, courier_to: MakeCourier) -> None:
    courier = courier_to(postfix.port)

    results = [
        await courier.deliver(mail_parcel(address="niemand@ngo.example")),
        await courier.deliver(mail_parcel(address="vol@ngo.example")),
        await courier.deliver(mail_parcel(MESSAGE + b"wEwD\r\n" * 600_000)),
    ]

    assert results == [
        DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.MAIL_REFUSED, status=550),
        DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DEFERRED, status=450),
        DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.MAIL_REFUSED, status=552),
    ]


async def test_two_hundred_messages_over_four_connections_all_arrive(postfix: Postfix, courier_to: MakeCourier) -> None:
    courier = courier_to(postfix.port)
    parcels = [mail_parcel(MESSAGE, address="post@ngo.example") for _ in range(200)]

    results = await asyncio.gather(*(courier.deliver(parcel) for parcel in parcels))
    arrived = await asyncio.to_thread(postfix.received, "post", at_least=200)

    assert {result.outcome for result in results} == {DeliveryOutcome.SENT}
    assert len(arrived) == 200
