import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from gateway.deliver.imap_connection import ImapSettings
from gateway.deliver.smtp import SmtpCourier, SmtpSettings
from gateway.entrypoints.demo.mail_server import MailServer
from tests.integration.deliver.dovecot import Dovecot, imap_settings
from tests.integration.deliver.scripted_relay import HOST, Answer, Relay, running

StartRelay = Callable[..., Awaitable[Relay]]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names or (HOST, "localhost")).configure_cert(context)
    return context


@pytest.fixture
async def start_relay(authority: trustme.CA) -> AsyncIterator[StartRelay]:
    async with AsyncExitStack() as stack:

        async def start(
            script: dict[str, list[Answer]] | None = None,
            *,
            extensions: Sequence[str] = ("SIZE 1000000",),
            context: ssl.SSLContext | None = None,
            implicit_tls: bool = False,
        ) -> Relay:
            relay = Relay(
                script=script or {},
                extensions=extensions,
                context=context or server_context(authority),
                implicit_tls=implicit_tls,
            )
            return await stack.enter_async_context(running(relay))

        yield start


MakeCourier = Callable[..., SmtpCourier]


@pytest.fixture
async def courier_to(ca_file: Path) -> AsyncIterator[MakeCourier]:
    """Give a maker of couriers with short waits; each is closed after the test."""
    made: list[SmtpCourier] = []

    def make(port: int, **changes: object) -> SmtpCourier:
        settings = SmtpSettings(
            host=HOST,
            port=port,
            from_address="verzending@sluis.example",
            local_hostname="sluis.example",
            ca_file=ca_file,
            connect_timeout_seconds=5,
            timeout_seconds=5,
            final_timeout_seconds=5,
        )
        made.append(SmtpCourier(settings=replace(settings, **changes)))  # type: ignore[arg-type]  # any setting
        return made[-1]

    yield make
    for courier in made:
        await courier.aclose()


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(scope="module")
def dovecot(authority: trustme.CA) -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sd") as home, Dovecot(Path(home), authority).running() as it:
        yield it


@pytest.fixture
def settings(dovecot: Dovecot, ca_file: Path) -> ImapSettings:
    """Give what a look takes, for a folder of the test's own that begins empty."""
    dovecot.make_anew("Terug")
    dovecot.make_anew("Gelezen")
    return imap_settings(dovecot, ca_file)
