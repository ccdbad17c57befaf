"""Text messages over real HTTPS: taken once, or for a person to call; never twice, and never to a stranger."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from gateway.deliver.text_messages import TextGateway, TextGatewaySettings
from gateway.package.errors import Code, SluisError
from tests.integration.deliver.text_server import TextServer, text_server

NUMBER, TEXT = "+31612345678", 'Code ABCDE-FGHIJ {number} "é"'


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[TextServer]:
    with text_server(authority) as running:
        yield running


@pytest.fixture
def settings(server: TextServer, ca_file: Path) -> TextGatewaySettings:
    return TextGatewaySettings(
        url=server.url,
        ca_file=ca_file,
        token=b"geheim-token",
        sender="Sluis",
        body={"recipients": ["{number}"], "originator": "{sender}", "body": "{text}", "type": "sms"},
        timeout_seconds=1,
    )


async def test_a_message_arrives_once_in_the_form_that_the_settings_give(
    server: TextServer, settings: TextGatewaySettings
) -> None:
    gateway = TextGateway(settings)
    await gateway.check()

    assert "" == await gateway.send(NUMBER, TEXT)

    assert [{"recipients": [NUMBER], "originator": "Sluis", "body": TEXT, "type": "sms"}] == server.asked
    assert ["Bearer geheim-token"] == server.shown


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
async def test_whatever_is_no_2xx_is_for_a_person_to_call_and_is_not_tried_again(
    status: int, server: TextServer, settings: TextGatewaySettings
) -> None:
    server.status = status

    assert Code.SMS_REFUSED == await TextGateway(settings).send(NUMBER, TEXT)
    assert 1 == len(server.asked)


async def test_an_attack_with_a_redirect_to_what_is_no_address_does_not_end_the_service(
    server: TextServer, settings: TextGatewaySettings
) -> None:
    server.status, server.location = 302, "/" + "a" * 65_530

    assert Code.SMS_OUTCOME_UNKNOWN == await TextGateway(settings).send(NUMBER, TEXT)
    assert 1 == len(server.asked)


async def test_a_gateway_that_took_it_and_never_answers_is_unknown_in_time_and_not_tried_again(
    server: TextServer, settings: TextGatewaySettings
) -> None:
    server.hangs = True
    began = time.monotonic()

    assert Code.SMS_OUTCOME_UNKNOWN == await TextGateway(settings).send(NUMBER, TEXT)

    assert 5 > time.monotonic() - began
    assert 1 == len(server.asked)


async def test_an_attack_with_another_certificate_gets_neither_number_nor_token(
    server: TextServer, settings: TextGatewaySettings, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    gateway = TextGateway(replace(settings, ca_file=tmp_path / "other.pem"))

    assert Code.SMS_UNREACHABLE == await gateway.send(NUMBER, TEXT)
    with pytest.raises(SluisError) as caught:
        await gateway.check()
    assert Code.SMS_UNREACHABLE is caught.value.code
    assert [] == server.asked


async def test_a_gateway_without_tls_gets_nothing(settings: TextGatewaySettings) -> None:
    with text_server(None) as plain:
        assert Code.SMS_UNREACHABLE == await TextGateway(replace(settings, url=plain.url)).send(NUMBER, TEXT)
        assert [] == plain.asked


async def test_a_gateway_that_is_not_there_is_told(settings: TextGatewaySettings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = replace(settings, url=f"https://127.0.0.1:{free.getsockname()[1]}/")
        assert Code.SMS_UNREACHABLE == await TextGateway(gone).send(NUMBER, TEXT)


def test_a_secret_is_in_no_representation(settings: TextGatewaySettings) -> None:
    assert "geheim-token" not in repr(settings)


@pytest.mark.parametrize("change", [{"token": b"\xff"}, {"ca_file": Path("/nowhere/ca.pem")}])
def test_a_token_or_ca_of_no_use_stops_the_start(change: dict[str, object], settings: TextGatewaySettings) -> None:
    with pytest.raises(SluisError) as caught:
        TextGateway(replace(settings, **change))  # type: ignore[arg-type]  # any setting
    assert Code.SETTING_INVALID is caught.value.code
