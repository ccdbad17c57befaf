"""Each way in which a relay can fail, and what becomes of the message."""

import asyncio
import datetime as dt
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from gateway.deliver.smtp import SmtpCourier
from gateway.deliver.smtp_connection import client_context
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from tests.integration.deliver.conftest import MakeCourier, StartRelay, server_context
from tests.integration.deliver.scripted_relay import HOST, Answer, Fault
from tests.outside import outdated, phased_out
from tests.unit.deliver.parcels import MESSAGE, SealedBytes, mail_parcel, tampered

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT, status=250)
_UNREACHABLE = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_UNREACHABLE)
_UNKNOWN = DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.MAIL_OUTCOME_UNKNOWN)
_WITHOUT_TLS = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_WITHOUT_TLS)
_BAD_CERTIFICATE = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_CERTIFICATE_INVALID)


def _deferred(status: int) -> DeliveryResult:
    return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DEFERRED, status=status)


def _refused(status: int) -> DeliveryResult:
    return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.MAIL_REFUSED, status=status)


async def _code_of_check(courier: SmtpCourier) -> Code:
    with pytest.raises(SluisError) as caught:
        await courier.check()
    return caught.value.code


# ---- replies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"451 4.3.0 later", _deferred(451)),
        (b"421 4.3.2 closing", _deferred(421)),
        (b"550 5.1.1 loket@ngo.example unknown", _refused(550)),
        (b"552 too big", _refused(552)),
        (b"530 5.7.0 log in first", _deferred(530)),
    ],
)
async def test_a_reply_of_the_relay_decides_and_the_next_message_goes_as_if_nothing_happened(
    verb: str, reply: bytes, expected: DeliveryResult, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({verb: [reply]})
    courier = courier_to(relay.port)

    first = await courier.deliver(mail_parcel())
    second = await courier.deliver(mail_parcel())

    assert first == expected
    assert second == _SENT
    assert relay.messages[-1] == MESSAGE


async def test_after_a_refused_recipient_the_relay_is_told_to_forget_the_sender(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"RCPT": [b"550 unknown"]})
    courier = courier_to(relay.port)

    await courier.deliver(mail_parcel())
    await courier.deliver(mail_parcel())

    assert relay.verbs() == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA"]
    assert relay.connections == 1


@pytest.mark.parametrize("reply", [b"299 fine", b"250-two\r\n250 lines"])
async def test_any_2xx_after_the_final_dot_means_sent(
    reply: bytes, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"END": [reply]})

    result = await courier_to(relay.port).deliver(mail_parcel())

    assert result.outcome is DeliveryOutcome.SENT


@pytest.mark.parametrize("reply", [b"hello?", b"354 go on", b"", b"x" * 9000])
async def test_nonsense_after_the_final_dot_leaves_the_outcome_unknown(
    reply: bytes, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"END": [reply]})

    assert await courier_to(relay.port, final_timeout_seconds=0.5).deliver(mail_parcel()) == _UNKNOWN


# ---- broken connections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.HANG])
@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY"])
async def test_a_connection_that_breaks_before_the_final_dot_is_worth_another_try(
    verb: str, fault: Fault, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({verb: [fault]}, extensions=())
    large = mail_parcel(MESSAGE + b"wEwDAAAAAAAAAAAB\r\n" * 2_000_000)
    courier = courier_to(relay.port, connect_timeout_seconds=0.5, timeout_seconds=0.5)

    assert await courier.deliver(large) == _UNREACHABLE
    assert relay.messages == []


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.HANG])
async def test_a_connection_that_breaks_after_the_final_dot_leaves_the_outcome_unknown(
    fault: Fault, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"END": [fault]})
    courier = courier_to(relay.port, final_timeout_seconds=0.5)

    first = await courier.deliver(mail_parcel())
    second = await courier.deliver(mail_parcel())

    assert first == _UNKNOWN
    assert second == _SENT
    assert relay.connections == 2


async def test_a_relay_that_never_answers_starttls_is_unreachable(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"STARTTLS": [Fault.HANG]})

    assert await courier_to(relay.port, connect_timeout_seconds=0.5).deliver(mail_parcel()) == _UNREACHABLE


async def test_a_relay_that_is_not_there_is_unreachable(courier_to: MakeCourier) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    courier = courier_to(port)

    assert await courier.deliver(mail_parcel()) == _UNREACHABLE
    assert await _code_of_check(courier) is Code.MAIL_UNREACHABLE


async def test_a_host_name_that_does_not_exist_is_unreachable(courier_to: MakeCourier) -> None:
    assert await courier_to(25, host="relay.invalid").deliver(mail_parcel()) == _UNREACHABLE


@pytest.mark.parametrize("reply", [b"554 5.7.1 no service for you", b"421 busy", b"521 takes no mail"])
@pytest.mark.parametrize("verb", ["GREETING", "EHLO"])
async def test_a_relay_that_refuses_the_connection_itself_says_nothing_about_the_message(
    verb: str, reply: bytes, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({verb: [reply]})

    result = await courier_to(relay.port).deliver(mail_parcel())

    assert result == _deferred(int(reply[:3]))


# ---- protection ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [{"STARTTLS": []}, {"STARTTLS": [b"454 not now", b"454 not now"]}, {"STARTTLS": [b"502 what", b"502 what"]}],
)
async def test_stripping_starttls_stops_everything_after_the_greeting(
    script: dict[str, list[Answer]], start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(script)
    courier = courier_to(relay.port, user="sluis", password=b"geheim")

    assert await courier.deliver(mail_parcel()) == _WITHOUT_TLS
    assert await _code_of_check(courier) is Code.MAIL_WITHOUT_TLS
    assert {line.split(" ")[0] for line in relay.in_clear} <= {"EHLO", "STARTTLS"}
    assert relay.protected == []


async def test_a_certificate_for_another_host_is_refused(
    start_relay: StartRelay, courier_to: MakeCourier, authority: trustme.CA
) -> None:
    relay = await start_relay(context=server_context(authority, "other.example"))
    courier = courier_to(relay.port)

    assert await courier.deliver(mail_parcel()) == _BAD_CERTIFICATE
    assert await _code_of_check(courier) is Code.MAIL_CERTIFICATE_INVALID
    assert relay.protected == []


@pytest.mark.parametrize("implicit_tls", [False, True])
async def test_a_certificate_of_an_unknown_authority_is_refused(
    implicit_tls: bool, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(context=server_context(trustme.CA()), implicit_tls=implicit_tls)

    assert await courier_to(relay.port, implicit_tls=implicit_tls).deliver(mail_parcel()) == _BAD_CERTIFICATE
    assert relay.protected == []


async def test_the_systems_authorities_are_used_when_no_other_is_named(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()

    assert await courier_to(relay.port, ca_file=None).deliver(mail_parcel()) == _BAD_CERTIFICATE


async def test_an_expired_certificate_is_refused(
    start_relay: StartRelay, courier_to: MakeCourier, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expired = authority.issue_cert(HOST, not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    expired.configure_cert(context)
    relay = await start_relay(context=context)

    assert await courier_to(relay.port).deliver(mail_parcel()) == _BAD_CERTIFICATE


@pytest.mark.parametrize("weaken", [outdated, phased_out])
async def test_a_downgrade_below_tls_1_2_with_aead_is_refused(
    weaken: Callable[[ssl.SSLContext], None], start_relay: StartRelay, courier_to: MakeCourier, authority: trustme.CA
) -> None:
    context = server_context(authority)
    weaken(context)
    relay = await start_relay(context=context)

    assert await courier_to(relay.port).deliver(mail_parcel()) == _WITHOUT_TLS
    assert relay.protected == []


@pytest.mark.parametrize(
    "instead", [b"\x15\x03\x03\x00\x02\x02\x46", b"\x15\x03\x03\x00\x02\x02\x28", b"500 what is this", Fault.DROP]
)
async def test_a_relay_that_breaks_off_the_handshake_is_one_without_tls(
    instead: Answer, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"HANDSHAKE": [instead]})

    assert await courier_to(relay.port).deliver(mail_parcel()) == _WITHOUT_TLS
    assert [line.split(" ")[0] for line in relay.in_clear] == ["EHLO", "STARTTLS"]


async def test_tls_1_2_with_forward_secrecy_and_aead_is_enough(
    start_relay: StartRelay, courier_to: MakeCourier, authority: trustme.CA
) -> None:
    context = server_context(authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    relay = await start_relay(context=context)

    assert await courier_to(relay.port).deliver(mail_parcel()) == _SENT


async def test_tls_from_the_first_byte_works_too(start_relay: StartRelay, courier_to: MakeCourier) -> None:
    relay = await start_relay(implicit_tls=True)
    courier = courier_to(relay.port, implicit_tls=True)

    assert await courier.deliver(mail_parcel()) == _SENT
    assert relay.verbs() == ["EHLO", "MAIL", "RCPT", "DATA"]


# ---- TLS on the further way --------------------------------------------------------------------------------------


async def test_a_relay_that_offers_it_is_asked_for_tls_on_every_further_hop(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(extensions=("REQUIRETLS",))

    assert _SENT == await courier_to(relay.port, require_tls="demanded").deliver(mail_parcel())
    assert ["REQUIRETLS"] == [line.split()[-1] for line in relay.protected if line.startswith("MAIL")]


async def test_where_the_site_demands_that_promise_a_relay_without_it_gets_nothing(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()
    courier = courier_to(relay.port, require_tls="demanded")

    assert Code.MAIL_WITHOUT_REQUIRETLS == (await courier.deliver(mail_parcel())).code
    assert Code.MAIL_WITHOUT_REQUIRETLS is await _code_of_check(courier)
    assert "MAIL" not in relay.verbs()


# ---- what one domain gets ----------------------------------------------------------------------------------------


async def test_what_is_over_the_limit_of_a_domain_waits_without_a_word_to_the_relay(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()
    courier = courier_to(relay.port, domain_per_minute=1, domain_connections=1)

    results = [await courier.deliver(mail_parcel()) for _ in range(2)]

    assert [_SENT, DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DOMAIN_LIMIT)] == results
    assert 1 == relay.verbs().count("MAIL")


# ---- log-in ----------------------------------------------------------------------------------------------------


async def test_the_password_goes_through_tls_only(start_relay: StartRelay, courier_to: MakeCourier) -> None:
    relay = await start_relay(extensions=("AUTH PLAIN",))
    courier = courier_to(relay.port, user="sluis", password=b"geheim")

    assert await courier.deliver(mail_parcel()) == _SENT
    assert relay.verbs()[:3] == ["EHLO", "AUTH", "MAIL"]
    assert not any("AUTH" in line for line in relay.in_clear)


async def test_a_refused_log_in_never_ends_a_package(start_relay: StartRelay, courier_to: MakeCourier) -> None:
    relay = await start_relay({"AUTH": [b"535 5.7.8 wrong"] * 2}, extensions=("AUTH PLAIN",))
    courier = courier_to(relay.port, user="sluis", password=b"geheim")

    assert await courier.deliver(mail_parcel()) == _deferred(535)
    assert await _code_of_check(courier) is Code.MAIL_DEFERRED


async def test_a_relay_without_log_in_gets_no_mail_when_one_is_configured(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()
    courier = courier_to(relay.port, user="sluis", password=b"geheim")

    assert (await courier.deliver(mail_parcel())).outcome is DeliveryOutcome.TRANSIENT
    assert relay.messages == []


def test_the_password_is_in_no_repr(courier_to: MakeCourier) -> None:
    assert "geheim" not in repr(courier_to(25, user="sluis", password=b"geheim")._settings)


# ---- reuse -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [b"421 4.4.2 idle too long", Fault.DROP, Fault.HANG])
async def test_a_stale_connection_is_replaced_before_the_message_is_begun(
    second: Answer, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"MAIL": [b"250 fine", second]})
    courier = courier_to(relay.port, timeout_seconds=1.5)

    results = [await courier.deliver(mail_parcel()) for _ in range(3)]

    assert results == [_SENT] * 3
    assert relay.messages == [MESSAGE] * 3
    assert relay.connections == 2


async def test_a_new_connection_that_fails_at_once_is_not_tried_without_end(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"MAIL": [b"421 busy"] * 10})

    assert await courier_to(relay.port).deliver(mail_parcel()) == _deferred(421)
    assert relay.connections == 1


async def test_a_connection_that_rested_long_is_checked_before_use(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()
    courier = courier_to(relay.port, recheck_seconds=0)

    await courier.deliver(mail_parcel())
    await courier.deliver(mail_parcel())

    assert relay.verbs() == ["EHLO", *["RSET", "MAIL", "RCPT", "DATA"] * 2]
    assert relay.connections == 1


async def test_an_idle_connection_is_dismissed_after_its_rest(start_relay: StartRelay, courier_to: MakeCourier) -> None:
    relay = await start_relay()
    courier = courier_to(relay.port, idle_seconds=0.05)

    await courier.deliver(mail_parcel())
    async with asyncio.timeout(5):
        while "QUIT" not in relay.verbs():  # noqa: ASYNC110 - the relay has nothing to wait on but what it has seen.
            await asyncio.sleep(0.01)

    assert await courier.deliver(mail_parcel()) == _SENT
    assert relay.connections == 2


async def test_many_messages_share_no_more_connections_than_allowed(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()
    courier = courier_to(relay.port, connections=3)

    results = await asyncio.gather(*(courier.deliver(mail_parcel()) for _ in range(40)))

    assert results == [_SENT] * 40
    assert len(relay.messages) == 40
    assert relay.connections == 3


# ---- the message -----------------------------------------------------------------------------------------------


async def test_a_message_above_the_relays_limit_is_not_sent_at_all(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(extensions=(f"SIZE {len(MESSAGE) - 1}",))

    assert await courier_to(relay.port).deliver(mail_parcel()) == _refused(552)
    assert relay.verbs() == ["EHLO"]


@pytest.mark.parametrize("size", [1, 400_000])
async def test_tampered_ciphertext_never_becomes_a_message(
    size: int, start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(extensions=())
    courier = courier_to(relay.port)
    content = MESSAGE + b"A" * 60 + b"\r\n" + b"wEwD\r\n" * size

    with pytest.raises(SluisError) as caught:
        await courier.deliver(mail_parcel(sealed=tampered(content)))

    assert caught.value.code is Code.PAYLOAD_CORRUPT
    assert await courier.deliver(mail_parcel()) == _SENT
    assert relay.messages == [MESSAGE]


async def test_an_address_that_injects_a_command_never_reaches_the_relay(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay()

    result = await courier_to(relay.port).deliver(
        mail_parcel(address="loket@ngo.example>\r\nRCPT TO:<thief@evil.example")
    )

    assert result == DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.ADDRESS_INVALID)
    assert relay.connections == 0


async def test_delivery_notices_are_asked_for_where_the_relay_offers_them(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(extensions=("DSN", "SIZE"))

    await courier_to(relay.port).deliver(mail_parcel())

    assert relay.protected[1:3] == [
        f"MAIL FROM:<verzending@sluis.example> SIZE={len(MESSAGE)} RET=HDRS ENVID=0f1e.ngo@sluis.example",
        "RCPT TO:<loket@ngo.example> NOTIFY=SUCCESS,FAILURE,DELAY",
    ]


async def test_a_cancelled_delivery_closes_its_connection_and_sends_no_final_dot(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay({"BODY": [Fault.HANG]}, extensions=())
    courier = courier_to(relay.port)
    delivery = asyncio.create_task(courier.deliver(mail_parcel(MESSAGE + b"wEwD\r\n" * 3_000_000)))
    async with asyncio.timeout(10):
        while not relay.bodies_begun:  # noqa: ASYNC110 - the relay has nothing to wait on but what it has seen.
            await asyncio.sleep(0.01)

    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery

    del relay.script["BODY"]
    assert await courier.deliver(mail_parcel()) == _SENT
    assert relay.messages == [MESSAGE]
    assert relay.connections == 2


async def test_a_message_in_many_chunks_arrives_as_it_was_sealed(
    start_relay: StartRelay, courier_to: MakeCourier
) -> None:
    relay = await start_relay(extensions=())
    content = MESSAGE + b".leading dot\r\n..two\r\n.\r\n" * 30_000

    result = await courier_to(relay.port).deliver(mail_parcel(sealed=SealedBytes(content, chunk=65_537)))

    assert result == _SENT
    assert relay.messages == [content]


def test_certificates_that_are_not_there_are_told_by_the_name_of_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as refused:
        client_context(tmp_path / "nowhere.pem")
    assert (Code.SETTING_INVALID, "mail.caFile") == (refused.value.code, refused.value.where)
