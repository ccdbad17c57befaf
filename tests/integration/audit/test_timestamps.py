"""A timestamp of a real authority over a checkpoint is kept when it verifies, and never otherwise."""

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rfc3161_client
from asn1crypto import tsp
from cryptography import x509

from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import Note
from gateway.bootstrap.timestamps import TimestampFolder, Timestamping, verified_reply
from tests.integration.audit.conftest import Opener
from tests.time_authority import TimeAuthority, openssl_accepts, time_authority


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeAuthority]:
    with time_authority(tmp_path_factory.mktemp("tsa")) as found:
        yield found


@pytest.fixture
def authority(running: TimeAuthority) -> TimeAuthority:
    """The authority as it answers when nothing is wrong; nobody has asked it yet."""
    running.chain, running.change = False, lambda reply: reply
    running.asked.clear()
    return running


@pytest.fixture
def log(open_log: Opener) -> AuditLogFiles:
    log = open_log()
    write(log)
    return log


@pytest.fixture
def kept(authority: TimeAuthority, tmp_path: Path) -> TimestampFolder:
    return TimestampFolder(tmp_path / "timestamps", roots_of(authority))


@pytest.fixture
def stamping(log: AuditLogFiles, kept: TimestampFolder, authority: TimeAuthority) -> Timestamping:
    return started(log, kept, authority)


def started(
    log: AuditLogFiles,
    kept: TimestampFolder,
    authority: TimeAuthority,
    *,
    late_seconds: float = 7200,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Timestamping:
    """Give what asks, as after a start of the service: it knows what is kept and nothing else."""
    return Timestamping(
        audit=log,
        kept=kept,
        url=authority.url,
        context=ssl.create_default_context(),
        every_seconds=3600,
        late_seconds=late_seconds,
        timeout_seconds=2,
        now=now,
    )


def roots_of(authority: TimeAuthority) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(authority.roots.read_bytes())


def write(log: AuditLogFiles) -> None:
    log.write([(Event(action=EventAction.PACKAGE_SEALED),)])


def checkpoint(log: AuditLogFiles) -> Note:
    note = log.checkpoint()
    assert note is not None
    return note


async def test_a_timestamp_is_kept_beside_its_checkpoint_and_openssl_accepts_both(
    stamping: Timestamping, log: AuditLogFiles, kept: TimestampFolder, authority: TimeAuthority, tmp_path: Path
) -> None:
    await stamping.stamp_when_due()
    reply, stamped = tmp_path / "timestamps" / "1.tsr", tmp_path / "timestamps" / "1.checkpoint"
    newest = kept.newest()
    assert newest is not None
    assert (1, stamped) == (newest.size, newest.checkpoint)
    assert checkpoint(log).as_bytes() == stamped.read_bytes()
    assert openssl_accepts(reply, stamped, authority.roots)


async def test_certificates_in_an_order_that_strict_readers_refuse_are_put_in_order(
    stamping: Timestamping, kept: TimestampFolder, authority: TimeAuthority, tmp_path: Path
) -> None:
    refused: list[bool] = []

    def watched(reply: bytes) -> bytes:
        refused.append(_is_refused(reply))
        return reply

    authority.chain, authority.change = True, watched
    await stamping.stamp_when_due()
    assert ([True], True) == (refused, kept.newest() is not None)
    folder = tmp_path / "timestamps"
    assert openssl_accepts(folder / "1.tsr", folder / "1.checkpoint", authority.roots)


def _is_refused(reply: bytes) -> bool:
    try:
        rfc3161_client.decode_timestamp_response(reply)
    except ValueError:
        return True
    return False


def for_another_hash(authority: TimeAuthority) -> bytes:
    request = rfc3161_client.TimestampRequestBuilder().data(b"something else").build()
    return authority.reply(request.as_bytes())


def with_another_nonce(authority: TimeAuthority) -> bytes:
    query = tsp.TimeStampReq.load(authority.asked[-1])
    query["nonce"] = 4242
    return authority.reply(query.dump(force=True))


def refusal(authority: TimeAuthority) -> bytes:
    return authority.reply(b"no query at all")


def with_a_torn_signature(authority: TimeAuthority) -> bytes:
    return authority.reply(authority.asked[-1])[:-1] + b"\x00"


def of_a_stranger(authority: TimeAuthority) -> bytes:
    stranger = TimeAuthority(authority.folder / "stranger")
    stranger.prepare()
    return stranger.reply(authority.asked[-1])


@pytest.mark.parametrize(
    "attack",
    [
        for_another_hash,
        with_another_nonce,
        refusal,
        with_a_torn_signature,
        of_a_stranger,
        lambda _: b"",
        lambda _: b"<html>sign in</html>",
        lambda _: b"\x30\x84\xff\xff\xff\xff",
        lambda _: bytes(100_000),
        lambda _: b"drip",
    ],
    ids=["hash", "nonce", "refusal", "torn signature", "stranger", "empty", "page", "length", "too long", "drip"],
)
async def test_an_attack_by_a_reply_that_is_not_the_timestamp_asked_for_keeps_nothing(
    attack: Callable[[TimeAuthority], bytes],
    stamping: Timestamping,
    kept: TimestampFolder,
    authority: TimeAuthority,
    tmp_path: Path,
) -> None:
    authority.change = lambda _: attack(authority)
    with pytest.raises((OSError, ValueError)):
        await stamping.stamp_when_due()
    assert (None, False) == (kept.newest(), (tmp_path / "timestamps").exists())


async def test_a_timestamp_that_somebody_changed_later_does_not_count_and_the_one_before_does(
    stamping: Timestamping, log: AuditLogFiles, kept: TimestampFolder, tmp_path: Path
) -> None:
    await stamping.stamp(checkpoint(log))
    write(log)
    await stamping.stamp(checkpoint(log))
    (tmp_path / "timestamps" / "2.checkpoint").write_bytes(b"another log\n2\n")
    newest = kept.newest()
    assert newest is not None
    assert 1 == newest.size


def test_one_byte_that_is_changed_anywhere_in_the_checkpoint_is_refused(authority: TimeAuthority) -> None:
    request = rfc3161_client.TimestampRequestBuilder().data(b"checkpoint").build()
    reply, roots = authority.reply(request.as_bytes()), roots_of(authority)
    verified_reply(reply, b"checkpoint", roots=roots, nonce=request.nonce)
    for place in range(len(b"checkpoint")):
        changed = bytearray(b"checkpoint")
        changed[place] ^= 1
        with pytest.raises(ValueError):
            verified_reply(reply, bytes(changed), roots=roots)


async def test_a_timestamp_is_asked_for_when_the_newest_is_old_and_the_log_has_grown(
    stamping: Timestamping, log: AuditLogFiles, authority: TimeAuthority
) -> None:
    now = dt.datetime.now(dt.UTC)
    await stamping.stamp_when_due()
    write(log)
    await stamping.stamp_when_due()
    too_soon = len(authority.asked)
    stamping.now = lambda: now + dt.timedelta(hours=2)
    await stamping.stamp_when_due()
    assert (1, 2) == (too_soon, len(authority.asked))


async def test_a_start_goes_on_from_the_timestamps_that_are_kept(
    stamping: Timestamping, log: AuditLogFiles, kept: TimestampFolder, authority: TimeAuthority
) -> None:
    await stamping.stamp_when_due()
    write(log)
    again = started(log, kept, authority, late_seconds=0)
    await again.stamp_when_due()
    assert (1, (("audit-copy-failed", "timestamps"),)) == (len(authority.asked), again.notices())


async def test_nobody_is_told_of_an_old_timestamp_over_a_log_that_has_not_grown(stamping: Timestamping) -> None:
    await stamping.stamp_when_due()
    stamping.late_seconds = 0
    assert () == stamping.notices()


async def test_a_timestamp_from_the_future_is_told_of_and_stops_no_further_one(
    stamping: Timestamping, log: AuditLogFiles, kept: TimestampFolder, authority: TimeAuthority
) -> None:
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=300)
    await stamping.stamp_when_due()
    before = stamping.notices()
    stamping.now = lambda: past
    told = stamping.notices()
    write(log)
    await stamping.stamp_when_due()
    too_soon = len(authority.asked)
    stamping.every_seconds = 0
    await stamping.stamp_when_due()
    after = len(authority.asked)

    assert ((), (("timestamp-ahead", "timestamps"),)) == (before, told)
    assert (1, 2) == (too_soon, after)


async def test_a_start_that_finds_a_timestamp_from_the_future_asks_for_another_one(
    stamping: Timestamping, log: AuditLogFiles, kept: TimestampFolder, authority: TimeAuthority
) -> None:
    await stamping.stamp_when_due()
    write(log)
    again = started(log, kept, authority, now=lambda: dt.datetime.now(dt.UTC) - dt.timedelta(days=300))
    await again.stamp_when_due()
    write(log)
    await again.stamp_when_due()

    assert (2, (("timestamp-ahead", "timestamps"),)) == (len(authority.asked), again.notices())


async def test_what_is_kept_is_never_overwritten_by_another_timestamp_over_as_many_lines(
    stamping: Timestamping, log: AuditLogFiles, kept: TimestampFolder, tmp_path: Path
) -> None:
    folder = tmp_path / "timestamps"
    await stamping.stamp(checkpoint(log))
    (folder / "1.tsr").write_bytes(b"spoilt")
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    await stamping.stamp(checkpoint(log))
    await stamping.stamp(checkpoint(log))

    newest = kept.newest()
    assert before == {name: (folder / name).read_bytes() for name in before}
    assert newest is not None
    assert (1, folder / "1-3.checkpoint") == (newest.size, newest.checkpoint)
