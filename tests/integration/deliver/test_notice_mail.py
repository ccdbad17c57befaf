"""Mails to the organisation's own people: over a protected connection or not at all, one for each address."""

import datetime as dt
import email
import email.policy
from pathlib import Path
from typing import Literal

import pytest

from gateway.deliver.notice_mail import NoticeMail, NoticeMailer
from gateway.deliver.smtp import SmtpSettings
from gateway.package.errors import Code, SluisError
from tests.integration.deliver.conftest import StartRelay
from tests.integration.deliver.scripted_relay import HOST, Answer, Fault

AT = dt.datetime(2026, 11, 25, 8, 0, tzinfo=dt.UTC)
TEXT = "Pakket 1a2b3c4d wacht op één besluit.\n.\nEen regel van punten.\n"


def mailer(
    port: int,
    ca_file: Path,
    *,
    from_name: str = "Dienst Terugkeer & Vertrek",
    require_tls: Literal["offered", "demanded"] = "offered",
) -> NoticeMailer:
    settings = SmtpSettings(
        host=HOST,
        port=port,
        from_address="verzending@sluis.example",
        local_hostname="sluis.example",
        ca_file=ca_file,
        require_tls=require_tls,
        connect_timeout_seconds=5,
        timeout_seconds=1,
        final_timeout_seconds=1,
    )
    return NoticeMailer(settings=settings, from_name=from_name)


def mail(number: int) -> NoticeMail:
    return NoticeMail(
        address=f"officer-{number}@dtv.example", mark=f"hold-{number}", subject="Sluis: één wacht", text=TEXT, at=AT
    )


async def test_each_gets_a_mail_of_its_own_that_says_what_was_written(start_relay: StartRelay, ca_file: Path) -> None:
    relay = await start_relay()

    left = await mailer(relay.port, ca_file).send([mail(1), mail(2)])
    read = [email.message_from_bytes(each, policy=email.policy.default) for each in relay.messages]

    assert () == left
    assert ["officer-1@dtv.example", "officer-2@dtv.example"] == [each["To"] for each in read]
    assert {"Sluis: één wacht"} == {each["Subject"] for each in read}
    assert {TEXT} == {each.get_content().replace("\r\n", "\n") for each in read}
    assert {"auto-generated"} == {each["Auto-Submitted"] for each in read}
    assert 2 == len({each["Message-ID"] for each in read})
    assert 1 == relay.connections


async def test_without_tls_nothing_is_said_and_everything_waits(start_relay: StartRelay, ca_file: Path) -> None:
    relay = await start_relay({"STARTTLS": []})

    left = await mailer(relay.port, ca_file).send([mail(1)])

    assert (mail(1),) == left
    assert [] == [line for line in relay.in_clear if line.startswith(("MAIL", "RCPT", "DATA"))]
    assert ([], []) == (relay.protected, relay.messages)


async def test_where_tls_on_the_further_way_is_demanded_and_not_promised_everything_waits(
    start_relay: StartRelay, ca_file: Path
) -> None:
    """What it raises there would end the service, and with it every delivery."""
    relay = await start_relay()
    demanding = mailer(relay.port, ca_file, require_tls="demanded")

    assert ((mail(1), mail(2)), None) == (await demanding.send([mail(1), mail(2)]), await demanding.deliver(mail(1)))
    assert "MAIL" not in relay.verbs()


@pytest.mark.parametrize("verb", ["RCPT", "END"])
async def test_one_that_is_put_off_waits_one_that_is_refused_does_not_and_neither_stops_the_others(
    verb: str, start_relay: StartRelay, ca_file: Path
) -> None:
    relay = await start_relay({verb: [b"451 later", b"550 no such person", b"250 fine"]})

    left = await mailer(relay.port, ca_file).send([mail(1), mail(2), mail(3)])

    assert (mail(1),) == left
    assert b"officer-3@dtv.example" in relay.messages[-1]


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.HANG, b"421 closing"])
async def test_what_a_broken_connection_left_behind_waits_in_its_order(
    fault: Answer, start_relay: StartRelay, ca_file: Path
) -> None:
    relay = await start_relay({"MAIL": [b"250 fine", fault]})

    left = await mailer(relay.port, ca_file).send([mail(1), mail(2), mail(3)])

    assert (mail(2), mail(3)) == left
    assert 1 == len(relay.messages)


def test_a_shown_name_that_forges_a_header_does_not_start(ca_file: Path) -> None:
    with pytest.raises(SluisError) as refused:
        mailer(25, ca_file, from_name="Sluis\r\nBcc: iedereen@voorbeeld.example")

    assert Code.SETTING_INVALID is refused.value.code
