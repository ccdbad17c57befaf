"""The file drop on a real OpenSSH server: whole or not there, pinned, and never overwritten."""

import asyncio
import os
import pwd
import random
import signal
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from gateway.deliver import sftp_connection
from gateway.deliver.sftp import SftpCourier
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.states import SealedParcel
from tests.integration.deliver import killed_sftp
from tests.integration.deliver.cutting_proxy import cutting
from tests.integration.deliver.recording_proxy import recording
from tests.integration.deliver.ssh_server import SERVER, SshServer, parcel
from tests.unit.deliver.parcels import SealedBytes

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)
_ABSENT = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
_TAKEN = DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.DROP_NAME_TAKEN)
_PARCEL = parcel()
_NAMES = [_PARCEL.name, f"{_PARCEL.name}.manifest.json.sig", f"{_PARCEL.name}.manifest.json"]
_LARGE = bytes(range(256)) * 4096 * 8

MakeCourier = Callable[..., SftpCourier]


def _waits(code: Code) -> DeliveryResult:
    return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=code)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ss") as home:
        yield Path(home)


@pytest.fixture
def server(home: Path) -> Iterator[SshServer]:
    with SshServer(home).running() as server:
        yield server


@pytest.fixture
def folder(server: SshServer) -> Path:
    return server.inbox / "ngo"


@pytest.fixture
async def courier_to() -> AsyncIterator[Callable[..., SftpCourier]]:
    """Give a maker of couriers; each is closed after the test."""
    made: list[SftpCourier] = []

    def make(server: SshServer, **changes: Any) -> SftpCourier:
        made.append(server.courier(**changes))
        return made[-1]

    yield make
    for courier in made:
        await courier.aclose()


@pytest.fixture
def courier(server: SshServer, courier_to: MakeCourier) -> SftpCourier:
    return courier_to(server)


def _expected(parcel: SealedParcel) -> dict[str, bytes]:
    return dict(zip(_NAMES, [b"".join(parcel.ciphertext.chunks()), parcel.signature, parcel.manifest], strict=True))


def _found(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _written(folder: Path) -> list[os.stat_result]:
    return [path.stat() for path in sorted(folder.iterdir())]


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _told(server: SshServer, words: str) -> int:
    return server.log.read_text().count(words)


async def _until(found: Callable[[], bool]) -> None:
    for _ in range(2000):
        if found():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("what was waited for did not come")


# ---- what arrives ----------------------------------------------------------------------------------------------


async def test_ciphertext_signature_and_manifest_lie_side_by_side_readable_by_the_group(
    courier: SftpCourier, folder: Path
) -> None:
    assert await courier.deliver(_PARCEL) == _SENT

    assert _found(folder) == _expected(_PARCEL)
    assert {(each.st_mode & 0o777, each.st_nlink) for each in _written(folder)} == {(0o640, 1)}


async def test_every_file_is_on_disk_before_the_first_name_and_the_manifest_is_named_last(
    courier: SftpCourier, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fsync, link = asyncssh.SFTPClientFile.fsync, asyncssh.SFTPClient.link

    async def telling_fsync(self: asyncssh.SFTPClientFile) -> None:
        await fsync(self)
        asked.append("on disk")

    async def telling_link(self: asyncssh.SFTPClient, old: bytes, new: bytes) -> None:
        await link(self, old, new)
        asked.append(new.decode().removeprefix(f"{folder}/"))

    monkeypatch.setattr(asyncssh.SFTPClientFile, "fsync", telling_fsync)
    monkeypatch.setattr(asyncssh.SFTPClient, "link", telling_link)

    assert await courier.deliver(_PARCEL) == _SENT

    # After each name it is the folder that is brought to disk.
    assert ["on disk"] * 3 + [word for name in _NAMES for word in (name, "on disk")] == asked


async def test_an_address_of_another_server_is_none_of_this_one(courier: SftpCourier) -> None:
    result = await courier.deliver(parcel(address="x/../ngo"))

    assert result == DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)


async def test_a_file_that_lies_there_whole_counts_as_arrived_and_is_not_written_again(
    courier: SftpCourier, folder: Path
) -> None:
    await courier.deliver(_PARCEL)
    # Not the time of the last look at it: that is ours.
    before = [(each.st_ino, each.st_size, each.st_mtime_ns) for each in _written(folder)]

    assert await courier.deliver(_PARCEL) == _SENT

    assert before == [(each.st_ino, each.st_size, each.st_mtime_ns) for each in _written(folder)]


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("other", [b"other", b"X" * _PARCEL.ciphertext.size], ids=["size", "content"])
async def test_another_file_under_the_name_is_left_alone_and_reported(
    name: str, other: bytes, courier: SftpCourier, folder: Path
) -> None:
    (folder / name).write_bytes(other)
    (folder / name).chmod(0o644)

    assert await courier.deliver(_PARCEL) == _TAKEN

    assert other == (folder / name).read_bytes()
    assert not any(each.endswith(".part") for each in _found(folder) if each != name)
    assert _NAMES[2] not in _found(folder) or name == _NAMES[2]


@pytest.mark.parametrize("kind", ["folder", "link", "dangling link"])
async def test_what_is_no_ordinary_file_under_the_name_is_never_followed(
    kind: str, courier: SftpCourier, folder: Path, home: Path
) -> None:
    target = home / "elsewhere"
    if kind == "folder":
        (folder / _PARCEL.name).mkdir()
    else:
        if kind == "link":
            target.write_bytes(b"".join(_PARCEL.ciphertext.chunks()))
        (folder / _PARCEL.name).symlink_to(target)

    assert await courier.deliver(_PARCEL) == _TAKEN
    assert (kind == "link") is target.exists()


# ---- who is at the other end -----------------------------------------------------------------------------------


async def test_a_changed_host_key_is_refused_before_anything_is_said_and_waits(
    home: Path, courier_to: MakeCourier
) -> None:
    server = SshServer(home)
    courier = courier_to(server)
    server.new_host_key()
    with server.running():
        result = await courier.deliver(_PARCEL)
        with pytest.raises(SluisError) as caught:
            await courier.check()
        log = server.log.read_text()

    assert result == _waits(Code.SFTP_HOST_KEY_CHANGED)
    assert (caught.value.code, caught.value.where) == (Code.SFTP_HOST_KEY_CHANGED, f"sftp.{SERVER}")
    assert "userauth" not in log.lower()
    assert _found(server.inbox / "ngo") == {}


async def test_a_host_key_of_another_kind_is_a_changed_one_too(home: Path, courier_to: MakeCourier) -> None:
    server = SshServer(home)
    courier = courier_to(server)
    server.new_host_key("ecdsa-sha2-nistp256")
    with server.running():
        assert await courier.deliver(_PARCEL) == _waits(Code.SFTP_HOST_KEY_CHANGED)


async def test_any_of_several_pinned_host_keys_will_do_so_that_a_change_can_be_prepared(
    server: SshServer, courier_to: MakeCourier
) -> None:
    next_key = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()
    courier = courier_to(server, host_keys=(next_key, server.host_key.convert_to_public()))

    assert await courier.deliver(_PARCEL) == _SENT


@pytest.mark.parametrize(
    ("outdated", "code"),
    [
        # Here it is the server that finds no kind of signature in common, and leaves without a word.
        ("HostKeyAlgorithms ssh-rsa", Code.SFTP_UNREACHABLE),
        ("KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1", Code.SFTP_OUTDATED),
        ("Ciphers aes256-cbc,aes128-cbc", Code.SFTP_OUTDATED),
        ("Ciphers aes256-ctr\nMACs hmac-sha1", Code.SFTP_OUTDATED),
        ("Ciphers chacha20-poly1305@openssh.com", Code.SFTP_OUTDATED),
    ],
)
async def test_a_server_with_outdated_algorithms_only_gets_nothing(
    outdated: str, code: Code, home: Path, courier_to: MakeCourier
) -> None:
    server = SshServer(home, more=f"{outdated}\n")
    if "ssh-rsa" in outdated:
        server.host_key = server.new_host_key("ssh-rsa", key_size=3072)
    with server.running():
        results = [await courier_to(server).deliver(_PARCEL) for _ in range(5)]
        # A server that hangs up with a reset may take back the list of algorithms that it has just sent.
        assert {code, Code.SFTP_UNREACHABLE} >= {result.code for result in results}
        assert _waits(code) in results
        assert "Accepted" not in server.log.read_text()


async def test_a_modern_rsa_host_key_signs_with_sha2(home: Path, courier_to: MakeCourier) -> None:
    server = SshServer(home)
    server.host_key = server.new_host_key("ssh-rsa", key_size=3072)
    with server.running():
        assert await courier_to(server).deliver(_PARCEL) == _SENT


async def test_a_key_that_the_server_does_not_know_is_told_and_waits(
    server: SshServer, courier_to: MakeCourier, folder: Path
) -> None:
    courier = courier_to(server, key=server.new_key("another"))

    assert await courier.deliver(_PARCEL) == _waits(Code.SFTP_LOGIN_REFUSED)
    assert _found(folder) == {}


async def test_a_server_that_wants_a_password_gets_none(home: Path, courier_to: MakeCourier) -> None:
    server = SshServer(home, more="PubkeyAuthentication no\n")
    (home / "sshd_config").unlink(missing_ok=True)
    with server.running():
        assert await courier_to(server).deliver(_PARCEL) == _waits(Code.SFTP_LOGIN_REFUSED)
        assert "password" not in server.log.read_text().lower()


@pytest.mark.parametrize("weak", [("ssh-rsa", {"key_size": 2048}), ("ssh-ed448", {})], ids=["rsa-2048", "ed448"])
def test_a_weak_key_is_no_key_for_either_side(weak: tuple[str, dict[str, Any]]) -> None:
    key = asyncssh.generate_private_key(weak[0], **weak[1])

    with pytest.raises(ValueError, match="expected"):
        sftp_connection.read_host_key(key.export_public_key().decode())
    with pytest.raises(ValueError, match="expected"):
        sftp_connection.read_own_key(key.export_private_key())


# ---- what goes wrong there -------------------------------------------------------------------------------------


async def test_a_server_that_is_down_is_waited_for_and_found_again(home: Path, courier_to: MakeCourier) -> None:
    server = SshServer(home)
    courier = courier_to(server)

    assert await courier.deliver(_PARCEL) == _waits(Code.SFTP_UNREACHABLE)
    with server.running():
        assert await courier.deliver(_PARCEL) == _SENT


async def test_a_folder_that_is_not_there_is_told_and_never_made(server: SshServer, courier: SftpCourier) -> None:
    assert await courier.deliver(parcel(address="Gemeente")) == _waits(Code.SFTP_FOLDER_MISSING)
    assert not (server.inbox / "Gemeente").exists()
    with pytest.raises(SluisError) as caught:
        await courier.check_folder(f"sftp:{SERVER}/Gemeente")
    assert caught.value.code is Code.SFTP_FOLDER_MISSING


async def test_a_folder_that_may_not_be_written_is_told(courier: SftpCourier, folder: Path) -> None:
    with _closed(folder):
        assert await courier.deliver(_PARCEL) == _waits(Code.SFTP_FORBIDDEN)
        with pytest.raises(SluisError) as caught:
            await courier.check_folder(_PARCEL.address)

    assert caught.value.code is Code.SFTP_FORBIDDEN
    assert await courier.deliver(_PARCEL) == _SENT


async def test_a_folder_that_can_be_written_passes_the_check_and_stays_as_it_was(
    courier: SftpCourier, folder: Path
) -> None:
    await courier.check()
    await courier.check_folder(_PARCEL.address)

    assert _found(folder) == {}


@contextmanager
def _closed(folder: Path) -> Iterator[None]:
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@contextmanager
def _small_disk(folder: Path, user: str) -> Iterator[None]:
    owner = pwd.getpwnam(user).pw_uid
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=2m,uid={owner},mode=0755", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def test_a_full_disk_leaves_nothing_half_made_and_the_parcel_waits(
    server: SshServer, courier: SftpCourier, folder: Path
) -> None:
    with _small_disk(folder, server.user):
        result = await courier.deliver(parcel(_LARGE))
        left = _found(folder)
        after = await courier.deliver(_PARCEL)

    assert result == _waits(Code.SFTP_NOT_STORED)
    assert left == {}
    assert after == _SENT


# ---- connections that break ------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 1_000, 4_000, 100_000, 4_000_000, 8_000_000])
async def test_a_connection_that_is_cut_half_way_leaves_no_half_file_under_a_name(
    left: int, server: SshServer, courier_to: MakeCourier, folder: Path
) -> None:
    sent = parcel(_LARGE)
    async with cutting(server.port, left=left) as cutter:
        courier = courier_to(server, port=cutter.port)
        result = await courier.deliver(sent)
        named = {name: content for name, content in _found(folder).items() if not name.endswith(".part")}
        cutter.left = None
        found = await courier.probe(sent)
        again = await courier.deliver(sent)
        await courier.aclose()

    assert result == _waits(Code.SFTP_UNREACHABLE)
    assert cutter.cuts
    assert named == {}
    assert found == _ABSENT
    assert again == _SENT
    assert _found(folder) == _expected(sent)


async def test_a_connection_that_is_cut_while_names_are_given_is_uncertain_and_the_question_settles_it(
    server: SshServer, courier_to: MakeCourier, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = asyncssh.SFTPClient.link
    async with cutting(server.port, left=None) as cutter:

        async def link(self: asyncssh.SFTPClient, old: bytes, new: bytes) -> None:
            await given(self, old, new)
            cutter.left = 0

        monkeypatch.setattr(asyncssh.SFTPClient, "link", link)
        courier = courier_to(server, port=cutter.port)
        result = await courier.deliver(_PARCEL)
        monkeypatch.undo()
        cutter.left = None
        found = await courier.probe(_PARCEL)
        again = await courier.deliver(_PARCEL)
        after = await courier.probe(_PARCEL)
        await courier.aclose()

    assert result == DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.SFTP_UNREACHABLE)
    assert (found, again, after) == (_ABSENT, _SENT, _SENT)
    assert _found(folder) == _expected(_PARCEL)


@pytest.mark.parametrize("left", [0, 4_000, 4_000_000])
async def test_a_server_that_hangs_is_given_up_at_the_deadline(
    left: int, server: SshServer, courier_to: MakeCourier, folder: Path
) -> None:
    async with cutting(server.port, left=left, hang=True) as cutter:
        courier = courier_to(server, port=cutter.port, timeout_seconds=1, connect_timeout_seconds=2)
        result = await asyncio.wait_for(courier.deliver(parcel(_LARGE)), timeout=30)
        await courier.aclose()

    assert result == _waits(Code.SFTP_UNREACHABLE)
    assert not set(_found(folder)) & set(_NAMES)


async def test_an_idle_connection_that_died_costs_nothing(server: SshServer, courier_to: MakeCourier) -> None:
    async with cutting(server.port, left=None) as cutter:
        courier = courier_to(server, port=cutter.port, recheck_seconds=0, timeout_seconds=2)
        assert await courier.deliver(_PARCEL) == _SENT
        cutter.left, cutter.once = 0, True
        assert await courier.deliver(_PARCEL) == _SENT
        assert 1 == cutter.cuts
        await courier.aclose()


async def test_connections_are_used_again_and_dismissed_when_they_rest(
    server: SshServer, courier_to: MakeCourier
) -> None:
    courier = courier_to(server, connections=2, idle_seconds=0.3)
    folders = [server.make_folder(f"n{number}").name for number in range(8)]

    results = await asyncio.gather(*(courier.deliver(parcel(address=each)) for each in folders))
    await _until(lambda: _told(server, "Accepted publickey") == _told(server, "Disconnected from user"))

    assert [_SENT] * 8 == results
    assert 1 <= _told(server, "Accepted publickey") <= 2


async def test_a_delivery_that_is_cancelled_half_way_leaves_nothing_behind(courier: SftpCourier, folder: Path) -> None:
    class Endless(SealedBytes):
        def chunks(self) -> Iterator[bytes]:
            while True:
                yield bytes(1 << 20)

    sealed = Endless(b"")
    # So large that none of it is over before somebody has looked.
    sealed.size = 1 << 50
    delivery = asyncio.create_task(courier.deliver(parcel(sealed=sealed)))
    await _until(lambda: any(each.st_size > 1 << 20 for each in _written(folder)))
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery

    assert _found(folder) == {}
    assert await courier.deliver(_PARCEL) == _SENT


async def test_a_client_that_is_killed_half_way_leaves_a_part_that_the_next_attempt_takes_away(
    server: SshServer, courier: SftpCourier, folder: Path
) -> None:
    arguments = [
        str(server.port),
        server.user,
        server.host_key_line,
        os.fspath(server.key_file),
        os.fspath(server.inbox),
    ]
    command = [sys.executable, killed_sftp.__file__, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.fspath(Path(__file__).parents[3])}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(3):
        assert b"one more\n" == await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    left = sorted(_found(folder))
    sent = parcel(killed_sftp.CONTENT)

    found = await courier.probe(sent)
    again = await courier.deliver(sent)

    assert [True] == [name.endswith(".part") for name in left]
    assert found == _ABSENT
    assert again == _SENT
    assert _found(folder) == _expected(sent)


async def test_a_late_request_of_a_hung_attempt_can_not_name_what_this_one_has_half_written(
    server: SshServer, courier: SftpCourier, folder: Path
) -> None:
    """The attack of time: the server carries out the old `link` when a new part lies there."""
    names: list[set[str]] = []

    class Watched(SealedBytes):
        def chunks(self) -> Iterator[bytes]:
            names.append({path.name for path in folder.iterdir()})
            return super().chunks()

    for _ in range(2):
        await courier.deliver(parcel(sealed=Watched(b"sealed")))
        _empty(folder)

    assert 2 == len(names)
    parts = [name for seen in names for name in seen if name.endswith(".part")]
    assert (2, 2) == (len(parts), len(set(parts)))


# ---- what is seen on the way, and what it takes ----------------------------------------------------------------


async def test_nothing_of_the_parcel_is_seen_on_the_wire(server: SshServer, courier_to: MakeCourier) -> None:
    canary = b"KANARIE-0123456789-" * 1000
    async with recording(server.port) as seen:
        courier = courier_to(server, port=seen.port)
        assert await courier.deliver(parcel(canary)) == _SENT
        assert await courier.probe(parcel(canary)) == _SENT
        await courier.aclose()

    wire = bytes(seen.to_server + seen.to_client)
    assert len(wire) > 2 * len(canary)
    # With its folder, since three letters alone stand in so many random bytes by chance.
    for secret in (b"KANARIE", b"ngo/" + _PARCEL.name.encode()[:4], _PARCEL.name.encode(), _PARCEL.manifest):
        assert secret not in wire
    assert server.user.encode() not in wire


async def test_every_packet_of_a_large_file_counts(home: Path, courier_to: MakeCourier) -> None:
    with SshServer(home, more="LogLevel DEBUG3\n").running() as server:
        courier = courier_to(server)
        assert await courier.deliver(parcel(bytes(4 << 20))) == _SENT
        await courier.aclose()
        _, logged_in, then = server.log.read_text(encoding="utf-8", errors="replace").partition("Accepted publickey")

    assert logged_in
    assert "receive packet: type" in then
    assert "SSH2_MSG_IGNORE" not in then.rpartition("[preauth]")[2]


@pytest.mark.parametrize("by", ["the server", "us"])
async def test_new_keys_are_agreed_on_in_the_middle_of_a_file_and_it_arrives_whole(
    by: str, home: Path, courier_to: MakeCourier, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "us":
        monkeypatch.setattr("asyncssh.connection._DEFAULT_REKEY_BYTES", 1 << 20)
    limit = "RekeyLimit 1M\n" if by == "the server" else ""
    content = random.Random(4253).randbytes((8 << 20) + 12_345)
    with SshServer(home, more=f"LogLevel DEBUG3\n{limit}").running() as server:
        courier = courier_to(server)
        assert await courier.deliver(parcel(content)) == _SENT
        await courier.aclose()
        rekeyed = server.log.read_text(encoding="utf-8", errors="replace").count("set_newkeys: rekeying")

        assert content == (server.inbox / "ngo" / _PARCEL.name).read_bytes()
        # A line for each direction. What is on its way when new keys are asked for still goes by the old ones, so that
        # some megabytes lie between two exchanges.
        assert rekeyed >= 4


async def test_a_large_file_is_sent_and_read_back_in_flat_memory(courier: SftpCourier, folder: Path) -> None:
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

    assert results == [_SENT, _SENT]
    assert peak < 24 << 20
