import base64
import datetime as dt
import email
import email.header
import email.policy
import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.seal.mime import Attachment, Envelope, inner_entity, outer_message

ARMORED = b"-----BEGIN PGP MESSAGE-----\n\nhF4D\n=abcd\n-----END PGP MESSAGE-----\n"
BOUNDARY = "b" * 36
DATE = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
SUBJECT = "Besluit op uw verzoek — zaak €2026/17 naïef"


def envelope(**given_fields: str) -> Envelope:
    fields = {
        "from_address": "sluis@afzender.example",
        "from_name": "Sluis DT&V",
        "to_address": "post@gemeente.example",
        "message_id": "0123@afzender.example",
        "subject": SUBJECT,
    }
    return Envelope(date=DATE, **(fields | given_fields))


def inner(*attachments: Attachment, letter: str = "Geachte é\n", **fields: str) -> bytes:
    return inner_entity(envelope(**fields), letter=letter, attachments=attachments, boundary=BOUNDARY)


def decoded(value: str) -> str:
    return str(email.header.make_header(email.header.decode_header(value)))


def parts_of(entity: bytes) -> list[bytes]:
    """Split by the boundary, as RFC 2046 section 5.1.1 says, without any parser's own ideas."""
    mark = f"\r\n--{BOUNDARY}".encode()
    return [part.removeprefix(b"\r\n") for part in entity.split(mark)[1:-1]]


def body_of(part: bytes) -> bytes:
    return part.partition(b"\r\n\r\n")[2]


def outer(**fields: str) -> bytes:
    return outer_message(envelope(**fields), armored=ARMORED, boundary=BOUNDARY)


def test_the_outer_message_shows_addresses_and_date_and_hides_the_subject() -> None:
    message = email.message_from_bytes(outer(), policy=email.policy.default)

    assert "[...]" == message["Subject"]
    assert "Sluis DT&V <sluis@afzender.example>" == message["From"]
    assert "post@gemeente.example" == message["To"]
    assert "<0123@afzender.example>" == message["Message-ID"]
    assert "Fri, 20 Nov 2026 09:30:00 +0000" == message["Date"]
    assert {"From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type"} == set(message.keys())


def test_the_outer_message_is_built_as_rfc_3156_asks() -> None:
    message = email.message_from_bytes(outer(), policy=email.policy.default)

    version, encrypted = message.iter_parts()
    assert ("multipart/encrypted", "application/pgp-encrypted") == (
        message.get_content_type(),
        message.get_param("protocol"),
    )
    assert ("application/pgp-encrypted", b"Version: 1\r\n") == (version.get_content_type(), version.get_content())
    assert ("application/octet-stream", ARMORED.replace(b"\n", b"\r\n")) == (
        encrypted.get_content_type(),
        encrypted.get_content(),
    )


def test_the_outer_message_can_go_over_smtp_as_it_is() -> None:
    raw = outer(from_name="Dienst Tërugkeer en Vertrek, afdeling met een buitengewoon lange naam")

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert not [line for line in raw.split(b"\r\n") if line.startswith(b".") or len(line) > 998]
    assert raw.endswith(b"\r\n")


@pytest.mark.parametrize(
    "armored",
    [b"\xe9", b"line\n.\nRSET\n", b"bare\rreturn\n.", b"-----BEGIN\r\n.QUIT\r\n"],
    ids=["not ASCII", "a dot alone", "a dot after a bare return", "a dot at a line's start"],
)
def test_ciphertext_that_smtp_would_change_is_refused(armored: bytes) -> None:
    with pytest.raises(SluisError, match="seal-failed"):
        outer_message(envelope(), armored=armored, boundary=BOUNDARY)


def test_the_inner_root_protects_the_header_fields_in_both_dialects() -> None:
    root = email.message_from_bytes(inner())

    assert ("v1", "cipher") == (root.get_param("protected-headers"), root.get_param("hp"))
    assert "multipart/mixed" == root.get_content_type()
    assert SUBJECT == decoded(root["Subject"])


def test_every_outer_field_is_repeated_inside_as_it_was_visible() -> None:
    visible = email.message_from_bytes(outer())
    protected = email.message_from_bytes(inner())

    shown = [f"{name}: {value}" for name, value in visible.items() if name not in {"MIME-Version", "Content-Type"}]
    assert shown == protected.get_all("HP-Outer")
    assert [visible[name] for name in ("From", "To", "Date", "Message-ID")] == [
        protected[name] for name in ("From", "To", "Date", "Message-ID")
    ]


def test_no_blind_copy_is_ever_written() -> None:
    assert b"bcc" not in (inner() + outer()).lower()


def test_the_letter_comes_first_as_utf_8_text() -> None:
    first, *_ = parts_of(inner(Attachment(name="data.json", media_type="application/json", content=b"{}")))

    assert first.startswith(b'Content-Type: text/plain; charset="utf-8"\r\n')
    assert "Geachte é\r\n".encode() == body_of(first)


@given(content=st.binary(max_size=300))
def test_an_attachment_arrives_byte_for_byte_even_where_readers_drop_returns_and_zeros(content: bytes) -> None:
    _, part = parts_of(inner(Attachment(name="x.bin", media_type="application/octet-stream", content=content)))

    header, body = part.partition(b"\r\n\r\n")[0], body_of(part)
    as_gmime_reads, as_mutt_reads = body.replace(b"\r\n", b"\n"), body.replace(b"\x00", b"")
    for read in (body, as_gmime_reads, as_mutt_reads):
        assert content == (base64.b64decode(read) if b"Encoding: base64" in header else read)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b'{"name": "\xc3\xa9"}\n', "binary"),
        (b"", "binary"),
        (b"\n\n.\n", "binary"),
        (b"a\r\nb", "base64"),
        (b"a\rb", "base64"),
        (b"a\x00b", "base64"),
    ],
)
def test_only_what_every_reader_leaves_alone_travels_as_it_is(content: bytes, encoding: str) -> None:
    _, part = parts_of(inner(Attachment(name="x", media_type="text/plain", content=content)))

    assert f"Content-Transfer-Encoding: {encoding}\r\n".encode() in part


def test_base64_has_short_lines() -> None:
    _, part = parts_of(inner(Attachment(name="x", media_type="text/plain", content=bytes(1000))))

    assert 76 == max(map(len, body_of(part).split(b"\r\n")))


@given(name=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60))
def test_any_file_name_arrives_as_it_was(name: str) -> None:
    _, part = parts_of(inner(Attachment(name=name, media_type="text/plain", content=b"")))

    header = part.partition(b"\r\n\r\n")[0]
    assert header.isascii()
    assert 3 == len(header.split(b"\r\n"))
    written = email.message_from_bytes(header + b"\r\n\r\n").get_param("filename", header="content-disposition")
    assert written is not None
    assert name == email.utils.collapse_rfc2231_value(written)


@given(subject=st.text(max_size=200).filter(str.isprintable))
def test_any_printable_subject_arrives_as_it_was_and_stays_in_its_field(subject: str) -> None:
    raw = inner(subject=subject)
    root = email.message_from_bytes(raw)

    assert subject.strip() == decoded(root["Subject"]).strip()
    assert 1 == root.keys().count("Subject")
    assert not [line for line in raw.split(b"\r\n") if len(line) > 998]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "post",
        "post@",
        "@gemeente.example",
        "post@gemeente.example\r\nBcc: other@evil.example",
        "post@gemeente.example\nSubject: x",
        "post@gemeente.example\r",
        "post@gemeente.example\x00",
        "post@gemeente.example, other@evil.example",
        "<post@gemeente.example>",
        "Post <post@gemeente.example>",
        '"a b"@gemeente.example',
        "post@[127.0.0.1]",
        "post@gemeente..example",
        ".post@gemeente.example",
        "pöst@gemeente.example",
        "post@gemeénte.example",
        "post@-gemeente.example",
        "relay!post@gemeente.example",
        "post%evil.example@gemeente.example",
        "post @gemeente.example",
        f"{'a' * 65}@gemeente.example",
        f"post@{'a.' * 125}example",
        "post@gemeente.example\u2028",
    ],
)
@pytest.mark.parametrize("field", ["from_address", "to_address", "message_id"])
def test_header_injection_by_an_address_is_refused(field: str, address: str) -> None:
    with pytest.raises(SluisError) as refusal:
        envelope(**{field: address})

    assert Code.ADDRESS_INVALID is refusal.value.code
    assert address not in str(refusal.value) or not address


@pytest.mark.parametrize("text", ["x\r\nBcc: a@b.example", "x\ny", "x\x00", "x\u2028y", "x\x7f", "x\u202ey"])
@pytest.mark.parametrize("field", ["from_name", "subject"])
def test_header_injection_by_a_name_or_subject_is_refused(field: str, text: str) -> None:
    with pytest.raises(SluisError, match="address-invalid"):
        envelope(**{field: text})


@given(text=st.text(max_size=40))
def test_whatever_an_address_holds_it_is_refused_or_changes_no_other_field(text: str) -> None:
    try:
        message = email.message_from_bytes(outer(to_address=text))
    except SluisError:
        return

    assert text == message["To"]
    assert 7 == len(message.keys())


@pytest.mark.parametrize("media_type", ["text", "text/plain; x=y", "text/plain\r\nX: y", "", "text/pläin"])
def test_a_media_type_that_is_none_is_our_own_mistake(media_type: str) -> None:
    with pytest.raises(ValueError, match="media type"):
        inner(Attachment(name="x", media_type=media_type, content=b""))


def test_the_same_input_gives_the_same_bytes() -> None:
    attachment = Attachment(name="naïef.pdf", media_type="application/pdf", content=b"%PDF")

    assert inner(attachment) == inner(attachment)
    assert outer() == outer()


def test_nothing_of_a_mail_is_shown_by_repr() -> None:
    attachment = Attachment(name="naïef.pdf", media_type="application/pdf", content=b"%PDF")

    said = repr(envelope()) + repr(attachment)
    assert not [word for word in ("gemeente", "Besluit", "naïef", "%PDF") if word in said]
