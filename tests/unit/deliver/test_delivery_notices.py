import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deliver.delivery_notices import MAX_BYTES, Action, DeliveryNotice, read_notice

NAME = "0123456789abcdef0123456789abcdef01234567@sluis.example"


def report(
    *,
    kind: str = "delivery-status",
    about: str = f"Reporting-MTA: dns; mx.ngo.example\nOriginal-Envelope-Id: {NAME}\n",
    recipients: str = "Final-Recipient: rfc822; loket@ngo.example\nAction: failed\nStatus: 5.1.1\n",
    returned: str = f"Message-ID: <{NAME}>\nSubject: [...]\n",
) -> bytes:
    """Write a report as mail servers do."""
    return (
        f'From: MAILER-DAEMON@mx.ngo.example\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nTo somebody@else.example: Action: delivered\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{about}\n{recipients}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    ).encode()


def test_a_failed_mail_is_named_by_the_envelope_id_that_we_gave_it() -> None:
    expected = DeliveryNotice(name=NAME, recipient="loket@ngo.example", action=Action.FAILED)

    assert expected == read_notice(report())
    assert expected == read_notice(report().replace(b"\n", b"\r\n"))


def test_without_an_envelope_id_the_header_that_came_back_names_it() -> None:
    notice = read_notice(report(about="Reporting-MTA: dns; mx.ngo.example\n"))

    assert notice is not None
    assert NAME == notice.name


def test_a_mail_that_arrived_is_reported_as_delivered_to_the_address_that_we_wrote() -> None:
    recipients = (
        "Original-Recipient: rfc822;loket@ngo.example\nFinal-Recipient: rfc822; a.jansen@intern.example\n"
        "Action: delivered\nStatus: 2.0.0\n"
    )

    assert DeliveryNotice(name=NAME, recipient="loket@ngo.example", action=Action.DELIVERED) == read_notice(
        report(recipients=recipients)
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Subject: Afwezig\n\nIk ben er niet. Action: failed", id="an out-of-office answer"),
        pytest.param(report(kind="disposition-notification"), id="a read receipt"),
        pytest.param(report(recipients="Final-Recipient: rfc822; a@b.example\nAction: delayed\n"), id="a delay"),
        pytest.param(report(recipients="Final-Recipient: rfc822; a@b.example\nAction: relayed\n"), id="relayed"),
        pytest.param(report(recipients="Final-Recipient: x400; /C=NL/\nAction: failed\n"), id="no mail address"),
        pytest.param(report(about="Reporting-MTA: dns; x\n", returned="Subject: x\n"), id="a mail without a name"),
        pytest.param(report(recipients=""), id="about nobody"),
        pytest.param(
            report(
                recipients="Final-Recipient: rfc822; a@b.example\nAction: failed\n\n"
                "Final-Recipient: rfc822; loket@ngo.example\nAction: delivered\n"
            ),
            id="about two recipients",
        ),
        pytest.param(
            report(recipients="Final-Recipient: rfc822; a@b.example\nAction: failed\nAction: delivered\n"),
            id="two answers in one",
        ),
        pytest.param(report() + b"x" * MAX_BYTES, id="larger than any report"),
    ],
)
def test_everything_else_is_nobodys_report(content: bytes) -> None:
    assert read_notice(content) is None


@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 60))
def test_whatever_a_letter_holds_it_is_a_report_or_nothing(noise: bytes, at: int, cut: int) -> None:
    whole = report()

    notice = read_notice(whole[:at] + noise + whole[at + cut :])

    assert notice is None or (bool(notice.name) and bool(notice.recipient))


def test_an_attack_with_parts_within_parts_ends_soon() -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number) for number in range(3_000)
    )

    assert read_notice(deep[:MAX_BYTES]) is None
