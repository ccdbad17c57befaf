"""What anybody on the network sees of a package on each channel: dumpcap captures on loopback, and finds nobody in it.

One person's packages go by mail, file drop, postbus and chain facility, over real servers. What arrived is opened, so
that it is known that the person was in what passed; then a second, made-up person is said in clear to each of the same
ports, and is found in the same capture.
"""

import io
import random
import secrets
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.entrypoints.demo.opening import open_drop, open_mail
from tests.chain_partner import Partner
from tests.chain_pki import OWN
from tests.integration.pickup.running import RunningPickup
from tests.scenarios import test_chain_facility, test_postbus
from tests.scenarios.canary import Canary, Search, data_of, make_canary, subject_of
from tests.scenarios.capture import Capture, Conversation, capturing, say_in_clear
from tests.scenarios.test_drop_over_sftp import Chain, chain_of
from tests.scenarios.test_drop_over_webdav import NORTH, WebDrop, web_drop_of
from tests.scenarios.test_postbus import Postbus, a_browser, code_of, fetched
from tests.scenarios.wire import tls_records
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, guardian_manifest, manifest, new_world

_BEFORE_TLS = b"EHLO afzender.example\r\nSTARTTLS\r\n"
_APPLICATION_DATA = 23
_CLIENT_HELLO = b"\x16\x03"
_PACKAGES = 2
_LINES = 300
CHANNELS = ("mail", "file drop", "web drop", "postbus", "pick-up", "chain facility")


@dataclass
class Session:
    """One person's packages over every channel: what was captured, what arrived, and what was found in it."""

    world: World
    canary: Canary
    planted: Canary
    ports: Mapping[str, int]
    capture: Capture
    arrived: dict[str, bytes] = field(repr=False)
    opened: dict[str, bytes] = field(repr=False)
    mails: list[bytes] = field(repr=False)

    def of(self, channel: str) -> list[Conversation]:
        """Give what passed on a channel, without what was said in clear on purpose."""
        every = self.capture.of(self.ports[channel])
        return [each for each in every if not each.to_server.startswith(_planted(self.planted))]

    def streams(self, channel: str) -> list[bytes]:
        return [stream for each in self.of(channel) for stream in each.both]


@dataclass
class Far:
    """The far sides of a site."""

    world: World
    guardian: Chain
    north: WebDrop
    postbus: Postbus
    partner: Partner

    def ports(self) -> dict[str, int]:
        service = self.postbus.service
        found = (
            self.world.mail.port,
            self.guardian.server.port,
            self.north.server.port,
            _port(service.push),
            _port(service.public),
            self.partner.port,
        )
        return dict(zip(CHANNELS, found, strict=True))


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def _somebody() -> Canary:
    """Make a canary of whom a letter says something that is not health or the like, and therefore stays in it."""
    canary = make_canary(random.Random(secrets.token_bytes(16)))
    return Canary({**canary.values, "sentence": f"Het gesprek ging over {canary['slug']}"}, canary.names)


def _planted(canary: Canary) -> bytes:
    return "".join(f"{value}\r\n" for value in canary.everything().values()).encode()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    canary, planted = _somebody(), _somebody()
    with ExitStack() as stack:
        far = _far_sides(stack)
        ports = far.ports()
        with capturing(far.world.site.root.parent / "wire.pcapng", ports.values()) as capture:
            far.world.start()
            session = Session(far.world, canary, planted, ports, capture, {}, {}, [])
            for send in (_by_mail, _by_file_drop, _by_web_drop, _by_postbus, _by_chain):
                send(far, session)
            far.world.stop()
            for port in ports.values():
                say_in_clear(port, _planted(planted))
        yield session


def _far_sides(stack: ExitStack) -> Far:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp", prefix="ss")))
    world = stack.enter_context(new_world())
    world.set("mail", connections=1)
    guardian = chain_of(world, home)
    guardian.connect(port=guardian.server.port, host_key=guardian.server.host_key_line)
    stack.enter_context(guardian.server.running())
    web_home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp", prefix="sw")))
    north = web_drop_of(world, web_home)
    north.connect()
    stack.enter_context(north.server.running())
    service = stack.enter_context(RunningPickup(world.site.root.parent / "pickup"))
    test_postbus.connect(world, service, lookSeconds=0.3)
    folder = world.site.root / "chain"
    folder.mkdir()
    partner = Partner(folder)
    stack.enter_context(partner.running(opens=True))
    test_chain_facility.connect(world, partner, url=partner.url)
    return Far(world, guardian, north, Postbus(world, service, stack.enter_context(a_browser())), partner)


def _send(
    far: Far, session: Session, entry: str, made: Callable[..., dict[str, Any]], **changes: Any
) -> dict[str, Any]:
    """Drop a package about the canary, with a letter that says of that person what a letter says."""
    canary = session.canary
    document = {"file": f"{canary['file']}.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    whole = made(subject=subject_of(canary), data=data_of(canary), documents=[document], **changes)
    whole["data"].pop(canary["field"])
    letter = f"Dit gaat over {canary['name']} met nummer {canary['v-number']}. {canary['sentence']}.\n"
    files: dict[str, bytes | str | dict[str, Any]] = {"package.json": whole, f"{canary['file']}.txt": letter * _LINES}
    far.world.drop(entry, files)
    slip = far.world.slip(entry, "done", "held", "refused", "rejected")
    assert ("done", "") == (slip["state"], slip["code"])
    return slip


def _by_mail(far: Far, session: Session) -> None:
    for number in range(_PACKAGES):
        _send(far, session, f"post-{number}", manifest)
    session.mails.extend(each.content for each in far.world.mail.messages())
    session.arrived["mail"] = b"".join(session.mails)
    opened = open_mail(session.mails[0], home=far.world.home(MUNICIPALITY))
    session.opened["mail"] = b"".join(opened.parts.values())


def _by_file_drop(far: Far, session: Session) -> None:
    _send(far, session, "schijf", guardian_manifest)
    _drop_read(far, session, "file drop", far.guardian.inbox)


def _by_web_drop(far: Far, session: Session) -> None:
    _send(far, session, "web", guardian_manifest, recipients=[NORTH])
    _drop_read(far, session, "web drop", far.north.inbox)


def _drop_read(far: Far, session: Session, channel: str, inbox: Path) -> None:
    (file,) = inbox.glob("*.tar.pgp")
    session.arrived[channel] = file.read_bytes()
    session.opened[channel] = b"".join(open_drop(file, home=far.world.home(GUARDIAN)).parts.values())


def _by_postbus(far: Far, session: Session) -> None:
    slip = _send(far, session, "bus", manifest, channel="postbus")
    # Read before the browser takes it away.
    sealed = (far.postbus.parcel(slip) / "ciphertext").read_bytes()
    found = fetched(far.postbus, far.postbus.link(slip), code_of(slip))
    far.postbus.slip_of("bus", "delivered")
    with zipfile.ZipFile(io.BytesIO(found)) as archive:
        opened = b"".join(archive.read(name) for name in archive.namelist())
    for channel in ("postbus", "pick-up"):
        session.arrived[channel], session.opened[channel] = sealed, opened


def _by_chain(far: Far, session: Session) -> None:
    _send(far, session, "keten", test_chain_facility.to_the_ind)
    (session.arrived["chain facility"],) = far.partner.arrived()
    (received,) = (far.partner.store / OWN).glob("*.tar")
    with tarfile.open(received) as archive:
        opened = (source.read() for member in archive if (source := archive.extractfile(member)) is not None)
        session.opened["chain facility"] = b"".join(opened)


# ---- Every channel -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_byte_of_the_person_passes_in_clear(session: Session, channel: str) -> None:
    search = Search(session.canary.everything())
    streams = session.streams(channel)

    assert sum(map(len, streams)) > len(session.arrived[channel]) > 0
    assert [set()] * len(streams) == [search.of(stream) for stream in streams]


def test_no_packet_of_the_capture_holds_a_byte_of_the_person(session: Session) -> None:
    content = session.capture.file.read_bytes()

    assert len(content) > sum(map(len, session.arrived.values()))
    assert set() == Search(session.canary.everything()).of(content)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_person_was_in_what_passed_and_the_recipient_finds_it(session: Session, channel: str) -> None:
    found = Search(session.canary.values).of(session.opened[channel])

    assert {"name (raw)", "v-number (raw)", "birth date (raw)", "sentence (raw)"} <= found
    assert ("bsn (raw)" in found) == (channel == "chain facility")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_person_who_is_told_in_clear_on_the_same_port_is_found_in_the_same_capture(
    session: Session, channel: str
) -> None:
    search = Search(session.planted.everything())
    said = [each for each in session.capture.of(session.ports[channel]) if search.of(each.to_server)]

    assert 1 == len(said)
    assert {f"{label} (raw)" for label in session.planted.everything()} <= search.of(said[0].to_server)
    assert set() == search.of(b"".join(session.streams(channel)))


# ---- What each channel shows ------------------------------------------------------------------------------------


def test_no_address_and_no_mail_command_passes_in_clear(session: Session) -> None:
    said = b"".join(session.streams("mail"))

    assert not [
        secret for secret in (b"openbareorde@", b"sluis@", b"MAIL FROM", b"Message-ID", b"BEGIN PGP") if secret in said
    ]


def test_after_starttls_only_tls_records_pass(session: Session) -> None:
    for conversation in session.of("mail"):
        in_clear, starttls, to_server = conversation.to_server.partition(b"STARTTLS\r\n")
        greeting, ready, to_client = conversation.to_client.partition(b"220 Ready to start TLS\r\n")

        assert _BEFORE_TLS == in_clear + starttls
        assert ready
        assert b"250-STARTTLS" in greeting or b"250 STARTTLS" in greeting
        for records in (tls_records(to_server), tls_records(to_client)):
            assert _APPLICATION_DATA in records


@pytest.mark.parametrize("channel", ["web drop", "postbus", "chain facility"])
def test_from_the_gateway_to_a_web_address_only_tls_records_pass(session: Session, channel: str) -> None:
    for conversation in session.of(channel):
        assert _APPLICATION_DATA in tls_records(conversation.to_server)
        assert _APPLICATION_DATA in tls_records(conversation.to_client)


def test_the_browser_says_nothing_before_tls_and_no_link_in_clear(session: Session) -> None:
    spoken = [each for each in session.of("pick-up") if each.to_server]

    assert spoken
    assert all(each.to_server.startswith(_CLIENT_HELLO) for each in spoken)
    assert not any(word in each.to_server for each in spoken for word in (b"GET ", b"HTTP", b"/nl/"))


def test_to_the_drop_only_the_greeting_of_ssh_passes_in_clear(session: Session) -> None:
    names = (b"Van-DTenV", b"sluis-", b".manifest.json", b".part")
    for conversation in session.of("file drop"):
        assert conversation.to_server.startswith(b"SSH-2.0-")
        assert conversation.to_client.startswith(b"SSH-2.0-")
        assert not any(name in stream for stream in conversation.both for name in names)


# ---- Beside the wire --------------------------------------------------------------------------------------------


def test_what_the_mail_server_has_after_tls_holds_no_trace_either(session: Session) -> None:
    search = Search(session.canary.everything())

    assert _PACKAGES <= len(session.mails)
    assert [set()] * len(session.mails) == [search.of(mail) for mail in session.mails]


def test_a_stream_with_anything_in_clear_is_not_taken_for_tls(session: Session) -> None:
    _, _, to_server = session.of("mail")[0].to_server.partition(b"STARTTLS\r\n")

    with pytest.raises(AssertionError):
        tls_records(to_server + b"MAIL FROM:<sluis@afzender.example>\r\n")
    with pytest.raises(AssertionError):
        tls_records(to_server[:-1])


def test_a_capture_that_can_not_begin_fails_and_quotes_why(tmp_path: Path) -> None:
    no_port = 65_536

    with pytest.raises(AssertionError, match="does not capture on loopback"), capturing(tmp_path / "x", [no_port]):
        pass
