"""The file drop on a real WebDAV server, Debian's Apache: whole or not there, verified, and never overwritten."""

import hashlib
import pwd
import subprocess
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.deliver.webdav import WebDavCourier
from gateway.deliver.webdav_connection import WebDavSettings
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.states import SealedParcel
from tests.integration.deliver.cutting_proxy import cutting
from tests.integration.deliver.recording_proxy import recording
from tests.integration.deliver.webdav_relay import Relay, relaying
from tests.integration.deliver.webdav_server import HOST, PASSWORD, SERVER, USER, WebDavFolders, parcel
from tests.unit.deliver.parcels import SealedBytes

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_ABSENT = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
_TAKEN = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)
_PARCEL = parcel()
_NAMES = [_PARCEL.name, f"{_PARCEL.name}.manifest.json.sig", f"{_PARCEL.name}.manifest.json"]
_LARGE = bytes(range(256)) * 4096 * 8
_PAGE = b"<!doctype html><title>Inloggen</title>"
_HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(_PAGE) + _PAGE
_ELSEWHERE = (
    b"HTTP/1.1 302 Found\r\nLocation: https://elders.example/inloggen\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)

MakeCourier = Callable[..., WebDavCourier]


def _told(result: DeliveryResult | None) -> tuple[DeliveryOutcome, str]:
    assert result is not None
    return result.outcome, result.code


def _waits(code: Code) -> tuple[DeliveryOutcome, str]:
    return DeliveryOutcome.TRANSIENT, code


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sw") as home:
        yield Path(home)


@pytest.fixture
def server(home: Path) -> Iterator[WebDavFolders]:
    with WebDavFolders(home).running() as server:
        yield server


@pytest.fixture
async def courier_to() -> AsyncIterator[MakeCourier]:
    """Give a maker of couriers; each is closed after the test."""
    made: list[WebDavCourier] = []

    def make(server: WebDavFolders, **changes: Any) -> WebDavCourier:
        made.append(server.courier(**changes))
        return made[-1]

    yield make
    for courier in made:
        await courier.aclose()


@pytest.fixture
def courier(server: WebDavFolders, courier_to: MakeCourier) -> WebDavCourier:
    return courier_to(server)


@pytest.fixture
async def relay(server: WebDavFolders) -> AsyncIterator[Relay]:
    async with relaying(server) as relay:
        yield relay


def _expected(parcel: SealedParcel) -> dict[str, bytes]:
    return dict(zip(_NAMES, [b"".join(parcel.ciphertext.chunks()), parcel.signature, parcel.manifest], strict=True))


def _found(folder: Path) -> dict[str, bytes]:
    """Give what lies in a folder, without what the server writes aside until it has all of it or notices the end."""
    files = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".davfs.tmp"))
    return {path.name: path.read_bytes() for path in files}


def _put(server: WebDavFolders, name: str, content: bytes) -> Path:
    path = server.folder / name
    path.write_bytes(content)
    server.give(path)
    return path


async def _code_of_check(courier: WebDavCourier) -> str:
    with pytest.raises(SluisError) as caught:
        await courier.check()
    return caught.value.code


# ---- what arrives ----------------------------------------------------------------------------------------------


async def test_ciphertext_signature_and_manifest_lie_side_by_side(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    assert await courier.deliver(_PARCEL) == _SENT

    assert _found(server.folder) == _expected(_PARCEL)


async def test_everything_is_whole_under_another_name_before_the_first_is_named_and_the_manifest_is_named_last(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    assert await courier.deliver(_PARCEL) == _SENT

    changes = [asked for asked in server.asked() if asked[0] in {"PUT", "MOVE"}]
    put, moved = changes[:3], changes[3:]
    assert ["PUT"] * 3 + ["MOVE"] * 3 == [method for method, *_ in changes]
    assert all(path.endswith(".part") for _, path, *_ in changes)
    assert [path for _, path, *_ in put] == [path for _, path, *_ in moved]
    assert [(f"{server.url}/ngo/{name}", "F", "201") for name in _NAMES] == [tuple(asked[2:]) for asked in moved]


async def test_what_lies_there_already_is_read_back_and_not_written_again(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    assert await courier.deliver(_PARCEL) == _SENT
    before = len(server.asked())

    assert await courier.deliver(_PARCEL) == _SENT

    after = [method for method, *_ in server.asked()[before:]]
    assert ["GET"] * 3 == [method for method in after if method != "PROPFIND"]


async def test_a_question_finds_the_parcel_only_when_all_of_it_lies_there(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    before = await courier.probe(_PARCEL)
    await courier.deliver(_PARCEL)
    whole = await courier.probe(_PARCEL)
    (server.folder / _NAMES[2]).unlink()

    assert (_ABSENT, _SENT, _ABSENT) == (before, whole, await courier.probe(_PARCEL))


async def test_what_an_earlier_attempt_left_is_taken_away_and_nothing_else(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    ours = _put(server, f"{_NAMES[0]}.{'0f' * 8}.part", b"half")
    others = [_put(server, name, b"x") for name in ("iets.anders.part", f"{_NAMES[0]}.part", "brief.pdf")]

    assert await courier.deliver(_PARCEL) == _SENT

    assert not ours.exists()
    assert all(each.exists() for each in others)


# ---- never overwritten -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("same_size", [True, False])
async def test_another_file_under_the_name_is_left_alone_and_told(
    same_size: bool, name: str, courier: WebDavCourier, server: WebDavFolders
) -> None:
    size = len(_expected(_PARCEL)[name]) if same_size else 3
    other = _put(server, name, b"x" * size)

    assert await courier.deliver(_PARCEL) == _TAKEN
    assert await courier.probe(_PARCEL) in {_TAKEN, _ABSENT}

    assert {name: b"x" * size} == _found(server.folder)
    assert other.exists()


async def test_a_folder_under_the_name_is_left_alone_and_told(courier: WebDavCourier, server: WebDavFolders) -> None:
    (server.folder / _NAMES[0]).mkdir()

    assert await courier.deliver(_PARCEL) == _TAKEN
    assert (server.folder / _NAMES[0]).is_dir()


async def test_whoever_takes_the_name_in_the_last_moment_keeps_it(
    relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    def taken_first(content: bytes) -> bytes:
        if relay.method_of(content) == "MOVE":
            _put(server, _NAMES[0], b"van een ander")
        return content

    relay.rewrite = taken_first

    assert await courier_to(server, url=relay.url).deliver(_PARCEL) == _TAKEN
    assert {_NAMES[0]: b"van een ander"} == _found(server.folder)


async def test_a_server_that_would_overwrite_is_told_by_the_check_of_the_folder(
    relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    relay.rewrite = lambda content: content.replace(b"Overwrite: F", b"Overwrite: T")

    with pytest.raises(SluisError) as caught:
        await courier_to(server, url=relay.url).check_folder(_PARCEL.address)

    assert Code.WEBDAV_OVERWRITES is caught.value.code
    assert {} == _found(server.folder)


async def test_the_check_of_a_folder_writes_names_and_leaves_nothing(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    await courier.check()
    await courier.check_folder(_PARCEL.address)

    assert {"PUT", "MOVE", "DELETE"} <= {method for method, *_ in server.asked()}
    assert {} == _found(server.folder)


# ---- who it is, and who we are ---------------------------------------------------------------------------------


async def test_a_certificate_of_another_authority_gets_neither_file_nor_password(
    server: WebDavFolders, courier_to: MakeCourier, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    courier = courier_to(server, ca_file=tmp_path / "other.pem")

    assert _told(await courier.deliver(_PARCEL)) == _waits(Code.WEBDAV_TLS_FAILED)
    assert Code.WEBDAV_TLS_FAILED == await _code_of_check(courier)
    assert [] == server.asked()


async def test_a_certificate_with_another_name_gets_nothing(home: Path, courier_to: MakeCourier) -> None:
    other = WebDavFolders(home, names=("elders.example",))
    with other.running():
        result = await courier_to(other).deliver(_PARCEL)

    assert _told(result) == _waits(Code.WEBDAV_TLS_FAILED)
    assert [] == other.asked()


async def test_a_server_with_tls_1_1_alone_gets_nothing(home: Path, courier_to: MakeCourier) -> None:
    outdated = WebDavFolders(home, more="SSLCipherSuite ALL:@SECLEVEL=0")
    with outdated.running(protocol="-all +TLSv1.1"):
        result = await courier_to(outdated).deliver(_PARCEL)

    assert _told(result) == _waits(Code.WEBDAV_TLS_FAILED)
    assert [] == outdated.asked()


async def test_a_wrong_password_waits_for_a_person(server: WebDavFolders, courier_to: MakeCourier) -> None:
    courier = courier_to(server, password=b"verkeerd")

    assert _told(await courier.deliver(_PARCEL)) == _waits(Code.WEBDAV_LOGIN_REFUSED)
    assert Code.WEBDAV_LOGIN_REFUSED == await _code_of_check(courier)
    assert {} == _found(server.folder)


async def test_a_redirect_is_not_followed_and_gets_no_second_log_in(
    relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    relay.answers = dict.fromkeys(("PROPFIND", "PUT", "MOVE"), _ELSEWHERE)
    courier = courier_to(server, url=relay.url)

    assert _told(await courier.deliver(_PARCEL)) == _waits(Code.WEBDAV_NOT_UNDERSTOOD)
    assert ["PROPFIND"] == relay.seen


async def test_an_attack_with_a_redirect_to_what_is_no_address_is_a_fault_like_any_other(
    relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    nowhere = b"HTTP/1.1 302 Found\r\nLocation: /" + b"a" * 65_530 + b"\r\nContent-Length: 0\r\n\r\n"
    relay.answers = {"PROPFIND": nowhere}

    assert _waits(Code.WEBDAV_UNREACHABLE) == _told(await courier_to(server, url=relay.url).deliver(_PARCEL))


async def test_nothing_of_the_parcel_and_no_password_is_seen_on_the_wire(
    server: WebDavFolders, courier_to: MakeCourier
) -> None:
    canary = b"KANARIE-0123456789-" * 1000
    async with recording(server.port) as seen:
        courier = courier_to(server, url=f"https://{HOST}:{seen.port}")
        assert await courier.deliver(parcel(canary)) == _SENT
        assert await courier.probe(parcel(canary)) == _SENT
        await courier.aclose()

    wire = bytes(seen.to_server + seen.to_client)
    assert len(wire) > 2 * len(canary)
    for secret in (b"KANARIE", _PARCEL.name.encode(), b"ngo", _PARCEL.manifest, USER.encode(), b"Basic", b"PROPFIND"):
        assert secret not in wire


def test_the_password_is_not_shown_with_the_settings() -> None:
    settings = WebDavSettings(name=SERVER, url="https://keten.example", user=USER, password=PASSWORD.encode())

    assert "wachtwoord" not in repr(settings)


# ---- a server that does not take it ----------------------------------------------------------------------------


async def test_a_folder_that_is_not_there_waits(courier: WebDavCourier) -> None:
    missing = parcel(address="nergens")

    assert _told(await courier.deliver(missing)) == _waits(Code.WEBDAV_FOLDER_MISSING)
    with pytest.raises(SluisError) as caught:
        await courier.check_folder(missing.address)
    assert Code.WEBDAV_FOLDER_MISSING is caught.value.code


async def test_a_server_that_forbids_writing_waits(home: Path, courier_to: MakeCourier) -> None:
    closed = WebDavFolders(home, more='<Location "/">\n<Limit PUT>\nRequire all denied\n</Limit>\n</Location>')
    with closed.running():
        result = await courier_to(closed).deliver(_PARCEL)

    assert _told(result) == _waits(Code.WEBDAV_FORBIDDEN)
    assert {} == _found(closed.folder)


@contextmanager
def _small_disk(server: WebDavFolders) -> Iterator[None]:
    owner = pwd.getpwnam(server.user).pw_uid
    options = f"size=2m,uid={owner},mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", server.folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", server.folder], check=True)


async def test_a_full_disk_leaves_nothing_half_made_and_the_parcel_waits(
    server: WebDavFolders, courier: WebDavCourier
) -> None:
    with _small_disk(server):
        result = await courier.deliver(parcel(_LARGE))
        left = _found(server.folder)
        after = await courier.deliver(_PARCEL)

    assert _told(result) == _waits(Code.WEBDAV_NOT_STORED)
    assert result.status == 507
    assert left == {}
    assert after == _SENT


# ---- connections that break, and answers that are none ---------------------------------------------------------


@pytest.mark.parametrize("left", [0, 500, 5_000, 100_000, 4_000_000, 8_000_000])
async def test_a_server_that_dies_during_the_upload_leaves_no_half_file_under_a_name(
    left: int, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    sent = parcel(_LARGE)
    async with cutting(server.port, left=left) as cutter:
        courier = courier_to(server, url=f"https://{HOST}:{cutter.port}")
        result = await courier.deliver(sent)
        named = {name for name in _found(server.folder) if not name.endswith(".part")}
        cutter.left = None
        found = await courier.probe(sent)
        again = await courier.deliver(sent)
        await courier.aclose()

    assert _told(result) == _waits(Code.WEBDAV_UNREACHABLE)
    assert cutter.cuts
    assert set() == named
    assert (_ABSENT, _SENT) == (found, again)
    assert _expected(sent) == _found(server.folder)


async def test_an_answer_that_got_lost_after_a_file_was_named_is_uncertain_and_the_next_try_finds_out(
    relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    relay.loses = frozenset({"MOVE"})
    courier = courier_to(server, url=relay.url)
    result = await courier.deliver(_PARCEL)
    lying = _found(server.folder)
    relay.loses = frozenset()
    asked = await courier.probe(_PARCEL)
    again = await courier.deliver(_PARCEL)

    assert (DeliveryOutcome.UNCERTAIN, Code.WEBDAV_UNREACHABLE) == _told(result)
    assert {_NAMES[0]: _expected(_PARCEL)[_NAMES[0]]} == {
        name: content for name, content in lying.items() if not name.endswith(".part")
    }
    assert (_ABSENT, _SENT) == (asked, again)
    assert _expected(_PARCEL) == _found(server.folder)
    moved = [asked[2].rpartition("/")[2] for asked in server.asked() if asked[0] == "MOVE"]
    assert _NAMES == moved


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        ("PROPFIND", DeliveryOutcome.TRANSIENT),
        ("PUT", DeliveryOutcome.TRANSIENT),
        ("MOVE", DeliveryOutcome.UNCERTAIN),
    ],
)
async def test_a_page_with_status_200_is_no_answer(
    method: str, outcome: DeliveryOutcome, relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    relay.answers = {method: _HTML}
    courier = courier_to(server, url=relay.url)
    result = await courier.deliver(_PARCEL)
    named = {name for name in _found(server.folder) if not name.endswith(".part")}
    relay.answers = {}
    again = await courier.deliver(_PARCEL)

    assert (outcome, Code.WEBDAV_NOT_UNDERSTOOD) == _told(result)
    assert set() == named
    assert _SENT == again
    assert _expected(_PARCEL) == _found(server.folder)


async def test_a_server_that_answers_everything_with_a_page_fails_the_check_and_loses_nothing(
    relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    relay.answers = dict.fromkeys(("PROPFIND", "PUT", "MOVE", "GET", "DELETE"), _HTML)
    courier = courier_to(server, url=relay.url)

    assert Code.WEBDAV_NOT_UNDERSTOOD == await _code_of_check(courier)
    for result in (await courier.deliver(_PARCEL), await courier.probe(_PARCEL)):
        assert _waits(Code.WEBDAV_NOT_UNDERSTOOD) == _told(result)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><D:multistatus xmlns:D="DAV:"/>',
        b'<D:multistatus xmlns:D="DAV:"/>',
        b'<D:multistatus xmlns:D="DAV:"><D:response><D:href>/</D:href></D:response></D:multistatus>',
        b'<D:multistatus xmlns:D="DAV:"><D:response><D:getcontentlength>'
        + b"9" * 5000
        + b"</D:getcontentlength></D:response></D:multistatus>",
        b" " * (1 << 20),
    ],
    ids=["nothing", "a page", "a document type", "no answer in it", "no size", "an attack by digits", "a large one"],
)
async def test_a_multi_status_that_says_nothing_is_no_answer(
    body: bytes, relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    head = b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body)
    relay.answers = {"PROPFIND": head + body}
    courier = courier_to(server, url=relay.url)

    assert _waits(Code.WEBDAV_NOT_UNDERSTOOD) == _told(await courier.deliver(_PARCEL))
    assert {} == _found(server.folder)


@pytest.mark.parametrize("method", ["PROPFIND", "PUT", "MOVE"])
async def test_a_server_that_never_answers_is_given_up(
    method: str, relay: Relay, server: WebDavFolders, courier_to: MakeCourier
) -> None:
    relay.answers = {method: b""}
    result = await courier_to(server, url=relay.url, timeout_seconds=2).deliver(_PARCEL)

    uncertain = method == "MOVE"
    assert (uncertain, Code.WEBDAV_UNREACHABLE) == (result.outcome is DeliveryOutcome.UNCERTAIN, result.code)


# ---- size ------------------------------------------------------------------------------------------------------


async def test_what_is_longer_than_it_was_sealed_is_told_as_corrupt_and_never_named(
    courier: WebDavCourier, server: WebDavFolders
) -> None:
    sealed = SealedBytes(_LARGE)
    sealed.content += b"meer"

    with pytest.raises(SluisError) as caught:
        await courier.deliver(parcel(sealed=sealed))

    assert Code.PAYLOAD_CORRUPT is caught.value.code
    assert {} == _found(server.folder)


async def test_a_large_file_is_sent_and_read_back_in_flat_memory(courier: WebDavCourier, server: WebDavFolders) -> None:
    class Streamed(SealedBytes):
        def chunks(self) -> Iterator[bytes]:
            return (bytes(1 << 20) for _ in range(128))

    sealed = Streamed(bytes(1 << 27))
    sealed.content = b""
    tracemalloc.start()
    try:
        results = [await courier.deliver(parcel(sealed=sealed)), await courier.probe(parcel(sealed=sealed))]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    with (server.folder / _NAMES[0]).open("rb") as file:
        assert sealed.sha256 == hashlib.file_digest(file, "sha256").hexdigest()
    assert [_SENT] * 2 == results
    assert peak < 24 << 20
