"""What every courier promises, on each real one."""

import asyncio
import datetime as dt
import gc
import itertools
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.deliver.drop import DropCourier
from gateway.deliver.notice_mail import NoticeMailer
from gateway.deliver.port import Courier
from gateway.deliver.postbus import PostbusCourier, PostbusSettings
from gateway.deliver.smtp import SmtpCourier, SmtpSettings, domain_limits
from gateway.deliver.upload_folder import PREPARING, TO_UPLOAD, UploadFolderCourier
from gateway.deliver.upload_folder import SENT as UPLOADED
from gateway.entrypoints.demo.mail_server import MailServer
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code, SluisError
from gateway.package.problems import PROBLEMS
from gateway.package.states import Channel, SealedParcel
from tests.chain_partner import Partner
from tests.chain_pki import OWN
from tests.integration.deliver.ssh_server import SshServer
from tests.integration.deliver.ssh_server import parcel as ssh_server_parcel
from tests.integration.deliver.webdav_server import WebDavFolders
from tests.integration.deliver.webdav_server import parcel as webdav_parcel
from tests.integration.pickup.running import TOKEN, RunningPickup
from tests.unit.deliver.parcels import (
    MESSAGE,
    SealedBytes,
    chain_parcel,
    drop_parcel,
    mail_parcel,
    postbus_parcel,
    tampered,
)

MakeParcel = Callable[..., SealedParcel]
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class FarSide:
    """A courier, what it brings, and where that arrives."""

    channel: Channel
    make: Callable[[], Courier]
    make_unreachable: Callable[[], Courier]
    parcel: MakeParcel
    arrived: Callable[[], list[bytes]]
    success: DeliveryOutcome = DeliveryOutcome.SENT
    code: str = ""


def _unused_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


def _mail(request: pytest.FixtureRequest, _folder: Path) -> FarSide:
    """One mail server serves every test; what had arrived before is none of this one's."""
    server: MailServer = request.getfixturevalue("mail_server")
    before = len(server.messages())

    def courier(port: int) -> SmtpCourier:
        settings = SmtpSettings(
            host=server.host,
            port=port,
            ca_file=server.ca_file,
            from_address="verzending@sluis.example",
            local_hostname="sluis.example",
        )
        return SmtpCourier(settings=settings)

    return FarSide(
        channel=Channel.SECURE_MAIL,
        make=lambda: courier(server.port),
        make_unreachable=lambda: courier(_unused_port()),
        parcel=mail_parcel,
        arrived=lambda: [message.content for message in server.messages()[before:]],
    )


def _drop(_request: pytest.FixtureRequest, folder: Path) -> FarSide:
    (folder / "ngo").mkdir()
    return FarSide(
        channel=Channel.FILE_DROP,
        make=lambda: DropCourier(root=folder),
        make_unreachable=lambda: DropCourier(root=folder / "not-mounted"),
        parcel=drop_parcel,
        arrived=lambda: [path.read_bytes() for path in (folder / "ngo").glob("*.pgp")],
    )


@pytest.fixture(scope="module")
def chain_partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    with Partner(tmp_path_factory.mktemp("chain")).running() as partner:
        yield partner


def _chain(request: pytest.FixtureRequest, _folder: Path) -> FarSide:
    """One receiver serves every test, as an empty one each time."""
    partner: Partner = request.getfixturevalue("chain_partner")
    shutil.rmtree(partner.store / OWN, ignore_errors=True)
    return FarSide(
        channel=Channel.CHAIN_FACILITY,
        make=partner.courier,
        make_unreachable=lambda: partner.courier(url=f"https://127.0.0.1:{_unused_port()}"),
        parcel=chain_parcel,
        arrived=partner.arrived,
        success=DeliveryOutcome.DELIVERED,
    )


@pytest.fixture(scope="module")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ss") as home, SshServer(Path(home)).running() as server:
        yield server


def _sftp(request: pytest.FixtureRequest, folder: Path) -> FarSide:
    """One server serves every test; each has a folder of its own."""
    server: SshServer = request.getfixturevalue("ssh_server")
    inbox = server.make_folder(f"t{next(_NUMBERS)}")

    def parcel(*arguments: Any, address: str = inbox.name, **options: Any) -> SealedParcel:
        return ssh_server_parcel(*arguments, address=address, **options)

    return FarSide(
        channel=Channel.FILE_DROP,
        make=server.courier,
        make_unreachable=lambda: server.courier(port=_unused_port()),
        parcel=parcel,
        arrived=lambda: [path.read_bytes() for path in inbox.glob("*.pgp")],
    )


@pytest.fixture(scope="module")
def webdav_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDavFolders]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sw") as home, WebDavFolders(Path(home)).running() as server:
        yield server


def _webdav(request: pytest.FixtureRequest, _folder: Path) -> FarSide:
    """One server serves every test; each has a folder of its own."""
    server: WebDavFolders = request.getfixturevalue("webdav_server")
    inbox = server.make_folder(f"t{next(_NUMBERS)}")

    def parcel(*arguments: Any, address: str = inbox.name, **options: Any) -> SealedParcel:
        return webdav_parcel(*arguments, address=address, **options)

    return FarSide(
        channel=Channel.FILE_DROP,
        make=server.courier,
        make_unreachable=lambda: server.courier(url=f"https://127.0.0.1:{_unused_port()}"),
        parcel=parcel,
        arrived=lambda: [path.read_bytes() for path in inbox.glob("*.pgp")],
    )


@pytest.fixture(scope="module")
def pickup_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPickup]:
    with RunningPickup(tmp_path_factory.mktemp("postbus") / "pickup") as service:
        yield service


def postbus_courier(service: RunningPickup, mail: MailServer, *, push: str = "") -> PostbusCourier:
    settings = SmtpSettings(
        host=mail.host,
        port=mail.port,
        ca_file=mail.ca_file,
        from_address="verzending@sluis.example",
        local_hostname="sluis.example",
    )
    return PostbusCourier(
        settings=PostbusSettings(
            url=service.public,
            push_url=push or service.push,
            ca_file=service.ca_file,
            token=TOKEN,
            timeout_seconds=20,
        ),
        mailer=NoticeMailer(settings=settings, from_name="Sluis"),
        domains=domain_limits(settings),
        render=lambda _language, context: f"Een pakket\n\n{context['link']}\n",
        now=lambda: dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
    )


def _postbus(request: pytest.FixtureRequest, _folder: Path) -> FarSide:
    """One pick-up service serves every test, each with nothing there."""
    service: RunningPickup = request.getfixturevalue("pickup_service")
    mail: MailServer = request.getfixturevalue("mail_server")
    parcels = service.folder / "parcels"
    for left in parcels.iterdir():
        shutil.rmtree(left)
    return FarSide(
        channel=Channel.POSTBUS,
        make=lambda: postbus_courier(service, mail),
        make_unreachable=lambda: postbus_courier(service, mail, push=f"https://127.0.0.1:{_unused_port()}"),
        parcel=postbus_parcel,
        arrived=lambda: [path.read_bytes() for path in parcels.glob("*/ciphertext") if path.parent.suffix != ".part"],
    )


def _upload(_request: pytest.FixtureRequest, folder: Path) -> FarSide:
    """What was brought lies ready for a person, who has not said yet that it went."""
    for name in (PREPARING, TO_UPLOAD, UPLOADED):
        (folder / name).mkdir()

    def courier(root: Path) -> UploadFolderCourier:
        return UploadFolderCourier(
            root=root, note=lambda mailbox, _at: mailbox, now=lambda: dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
        )

    def parcel(*arguments: Any, address: str = "bestandenpostbus:post@ngo.example", **options: Any) -> SealedParcel:
        return drop_parcel(*arguments, address=address, **options)

    return FarSide(
        channel=Channel.FILE_DROP,
        make=lambda: courier(folder),
        make_unreachable=lambda: courier(folder / "not-mounted"),
        parcel=parcel,
        arrived=lambda: [path.read_bytes() for path in (folder / TO_UPLOAD).glob("*/*.pgp")],
        success=DeliveryOutcome.TRANSIENT,
        code=Code.UPLOAD_WAITS,
    )


_COURIERS = {
    "smtp": _mail,
    "drop": _drop,
    "chain": _chain,
    "sftp": _sftp,
    "webdav": _webdav,
    "postbus": _postbus,
    "upload": _upload,
}


@pytest.fixture(params=list(_COURIERS.values()), ids=list(_COURIERS))
def far_side(request: pytest.FixtureRequest, tmp_path: Path) -> FarSide:
    made: FarSide = request.param(request, tmp_path)
    return made


async def test_it_serves_its_channel_and_proves_that_it_is_reachable(far_side: FarSide) -> None:
    courier = far_side.make()

    await courier.check()
    await courier.aclose()

    assert courier.channel is far_side.channel
    assert far_side.arrived() == []


@pytest.mark.parametrize("content", [MESSAGE, MESSAGE + b".\r\n..\r\n" * 400_000], ids=["small", "large"])
async def test_a_parcel_arrives_byte_for_byte(content: bytes, far_side: FarSide) -> None:
    courier = far_side.make()

    result = await courier.deliver(far_side.parcel(sealed=SealedBytes(content, chunk=65_536)))
    await courier.aclose()

    assert result.outcome is far_side.success
    assert result.code == far_side.code
    assert far_side.arrived() == [content]


async def test_a_second_attempt_under_the_same_name_is_a_success_and_brings_nothing_else(far_side: FarSide) -> None:
    courier = far_side.make()

    results = [await courier.deliver(far_side.parcel(MESSAGE)) for _ in range(2)]
    await courier.aclose()

    assert [result.outcome for result in results] == [far_side.success] * 2
    assert set(far_side.arrived()) == {MESSAGE}


@pytest.mark.parametrize(
    "address", ["", "..", "../ngo", "/etc", "ngo/../ngo", "ngo\x00", "ngo\n", "ngo\r\nDATA", "NGÖ", "-"]
)
async def test_an_address_that_could_lead_elsewhere_is_refused_for_good(address: str, far_side: FarSide) -> None:
    courier = far_side.make()

    result = await courier.deliver(far_side.parcel(address=address))
    await courier.aclose()

    assert (result.outcome, result.code) == (DeliveryOutcome.PERMANENT, Code.ADDRESS_INVALID)
    assert far_side.arrived() == []


async def test_tampered_ciphertext_never_arrives(far_side: FarSide) -> None:
    courier = far_side.make()

    with pytest.raises(SluisError) as caught:
        await courier.deliver(far_side.parcel(sealed=tampered(MESSAGE)))
    await courier.aclose()

    assert caught.value.code is Code.PAYLOAD_CORRUPT
    assert far_side.arrived() == []


async def test_an_unreachable_far_side_is_a_result_worth_another_try_and_fails_the_check(far_side: FarSide) -> None:
    courier = far_side.make_unreachable()

    result = await courier.deliver(far_side.parcel())
    with pytest.raises(SluisError) as caught:
        await courier.check()
    await courier.aclose()

    assert result.outcome is DeliveryOutcome.TRANSIENT
    assert caught.value.code == result.code
    assert PROBLEMS[caught.value.code].retryable


async def test_a_question_is_never_answered_with_yes_before_it_is_true(far_side: FarSide) -> None:
    courier = far_side.make()

    before = await courier.probe(far_side.parcel())
    await courier.deliver(far_side.parcel())
    after = await courier.probe(far_side.parcel())
    await courier.aclose()

    assert before is None or before.outcome is DeliveryOutcome.TRANSIENT
    assert after is None or after.outcome is far_side.success


@pytest.mark.parametrize("turns", [0, 1, 3, 10, 30, 100])
async def test_cancelling_at_any_moment_leaves_nothing_half_made(turns: int, far_side: FarSide) -> None:
    content = MESSAGE + b"wEwDAAAAAAAAAAAB\r\n" * 200_000
    courier = far_side.make()
    delivery = asyncio.create_task(courier.deliver(far_side.parcel(sealed=SealedBytes(content, chunk=65_536))))

    for _ in range(turns):
        await asyncio.sleep(0.0005)
    delivery.cancel()
    await asyncio.gather(delivery, return_exceptions=True)
    with warnings.catch_warnings():
        # httpcore drops a connection that was made in the very turn in which it was cancelled; the collector closes it.
        warnings.simplefilter("ignore", ResourceWarning)
        await asyncio.sleep(0)
        gc.collect()
    again = await courier.deliver(far_side.parcel(sealed=SealedBytes(content)))
    await courier.aclose()

    assert again.outcome is far_side.success
    assert set(far_side.arrived()) == {content}


async def test_many_parcels_at_once_all_arrive(far_side: FarSide) -> None:
    courier = far_side.make()
    parcels = [far_side.parcel(MESSAGE) for _ in range(20)]

    results = await asyncio.gather(*(courier.deliver(parcel) for parcel in parcels[:1]))
    results += await asyncio.gather(*(courier.deliver(parcel) for parcel in parcels[1:]))
    await courier.aclose()
    await courier.aclose()

    assert {result.outcome for result in results} == {far_side.success}
    assert set(far_side.arrived()) == {MESSAGE}
