"""What somebody on the network sees of a mail, and the demo's mail server as the other end."""

import asyncio
import base64
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop

from gateway.deliver.smtp import SmtpCourier, SmtpSettings
from gateway.entrypoints.demo.mail_server import MailServer
from gateway.package.delivery_results import DeliveryOutcome
from tests.integration.deliver.conftest import MakeCourier
from tests.integration.deliver.recording_proxy import recording
from tests.unit.deliver.parcels import MESSAGE, mail_parcel

_CANARY = b"KANARIE-9f2c71-vogelkooi"


async def test_no_byte_of_a_message_and_no_address_passes_in_clear(
    mail_server: MailServer, courier_to: MakeCourier
) -> None:
    content = MESSAGE + (_CANARY + b"\r\n") * 500
    async with recording(mail_server.port) as wire:
        courier = courier_to(wire.port, ca_file=mail_server.ca_file)
        results = [await courier.deliver(mail_parcel(content)) for _ in range(2)]
        await courier.aclose()

    assert [result.outcome for result in results] == [DeliveryOutcome.SENT] * 2
    assert [message.content for message in mail_server.messages()[-2:]] == [content] * 2
    both = bytes(wire.to_server + wire.to_client)
    for secret in (_CANARY, b"loket@ngo", b"verzending@", b"0f1e.ngo"):
        assert not any(secret[at : at + 6] in both for at in range(len(secret) - 5))
        assert base64.b64encode(secret)[:8] not in both
    in_clear, tls = bytes(wire.to_server).split(b"\x16\x03", 1)
    assert in_clear == b"EHLO sluis.example\r\nSTARTTLS\r\n"
    assert len(tls) > 2 * len(content)


async def test_the_envelope_and_the_tls_version_arrive_with_the_message(
    mail_server: MailServer, courier_to: MakeCourier
) -> None:
    result = await courier_to(mail_server.port, ca_file=mail_server.ca_file).deliver(mail_parcel())

    message = mail_server.messages()[-1]
    assert result.outcome is DeliveryOutcome.SENT
    assert (message.sender, message.recipients) == ("verzending@sluis.example", ("loket@ngo.example",))
    assert message.mail_options == (f"SIZE={len(MESSAGE)}",)
    assert message.tls == "TLSv1.3"
    assert message.content == MESSAGE


async def test_the_mail_server_takes_nothing_before_tls(mail_server: MailServer) -> None:
    reader, writer = await asyncio.open_connection(mail_server.host, mail_server.port)
    await reader.readline()

    writer.write(b"EHLO sluis.example\r\nMAIL FROM:<a@sluis.example>\r\nQUIT\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert b"250-SIZE 52428800\r\n" in answer
    assert b"\r\n530 " in answer


def test_the_mail_server_ends_when_its_standard_input_closes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.entrypoints.demo.mail_server", "--dir", str(tmp_path / "mail")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert b'"port"' in process.stdout.readline()
        process.stdin.close()

        assert process.wait(30) == 0


def test_a_mail_server_that_does_not_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(b"not a folder")

    with pytest.raises(RuntimeError, match="did not start"), MailServer(tmp_path / "mail"):
        pass


def test_the_courier_works_on_the_event_loop_of_the_service(mail_server: MailServer) -> None:
    settings = SmtpSettings(
        host=mail_server.host,
        port=mail_server.port,
        ca_file=mail_server.ca_file,
        from_address="verzending@sluis.example",
        local_hostname="sluis.example",
    )
    content = MESSAGE + b"wEwD\r\n" * 300_000

    async def send() -> list[DeliveryOutcome]:
        courier = SmtpCourier(settings=settings)
        results = [await courier.deliver(mail_parcel(each)) for each in (MESSAGE, content)]
        await courier.check()
        await courier.aclose()
        return [result.outcome for result in results]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcomes = runner.run(send())

    assert outcomes == [DeliveryOutcome.SENT] * 2
    assert [message.content for message in mail_server.messages()[-2:]] == [MESSAGE, content]
