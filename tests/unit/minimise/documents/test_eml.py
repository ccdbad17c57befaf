import email.policy
import io
import quopri
import re
import zipfile
from base64 import b64decode
from email import message_from_bytes
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.minimise.documents import eml
from gateway.minimise.documents.model import Mark, Trouble, UnreadableError, apply_marks
from tests.unit.minimise.documents.door import SUBJECT, THIRD, names_third, tools, without_third
from tests.unit.minimise.documents.extracting import raw_text
from tests.unit.minimise.documents.nasty_ods import nasty_ods
from tests.unit.minimise.documents.nasty_xlsx import nasty_xlsx

_LINE = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp", "Mn"]), min_size=1, max_size=40
).map(str.strip)
_PARAGRAPH = _LINE.filter(lambda line: bool(line) and not line.isspace())


def _nasty() -> bytes:
    """Write a mail with the name in every place where one was ever found."""
    inner = EmailMessage()
    inner["Subject"], inner["From"], inner["X-Name"] = f"Over {THIRD}", f"{THIRD} <m@x.example>", THIRD
    inner.set_content(f"{THIRD} en {SUBJECT}")
    mail = EmailMessage()
    mail["Received"] = f"from merhawi.tesfay.example by x ({THIRD}); Mon, 2 Nov 2026 10:00:00 +0000"
    mail["Return-Path"], mail["Message-ID"] = "<merhawi@x.example>", "<merhawi.tesfay@x.example>"
    mail["In-Reply-To"], mail["References"] = "<merhawi@x.example>", "<tesfay@x.example>"
    mail["From"], mail["To"] = f"{THIRD} <merhawi@x.example>", f"{SUBJECT} <s@x.example>"
    mail["Cc"], mail["Bcc"] = f'"Tesfay, M" <m@x.example>, {SUBJECT} <s@x.example>', "merhawi@x.example"
    mail["Reply-To"], mail["Sender"], mail["Organization"] = "merhawi@x.example", "merhawi@x.example", THIRD
    mail["Subject"] = f"Gesprek met {SUBJECT} en {THIRD}, \u20ac 5"
    mail["Thread-Topic"], mail["X-Merhawi"], mail["Keywords"], mail["Comments"] = THIRD, "ja", THIRD, THIRD
    mail["Date"] = f"Mon, 2 Nov 2026 10:00:00 +0130 ({THIRD})"
    mail.set_content(f"Beste {SUBJECT},\n\n{THIRD} komt met M=65rhawi.\n\n> {THIRD} schreef:\n")
    mail.add_alternative(f"<p>{SUBJECT}</p><p style='display:none'>{THIRD}</p><!-- {THIRD} -->", subtype="html")
    for content, name in ((nasty_xlsx(), f"{THIRD}.xlsx"), (nasty_ods(), "\u1e40erhawi Tesfay.ods")):
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    mail.add_attachment(inner)
    for part in mail.iter_attachments():
        part["Content-Description"], part["Content-ID"], part["Content-Location"] = THIRD, "<merhawi>", "merhawi"
    mail.preamble, mail.epilogue = f"{THIRD}\n", f"{THIRD}\n"
    mail.set_boundary("merhawi-tesfay")
    return b"From merhawi Mon Nov  2 10:00:00 2026\n" + mail.as_bytes()


def _decoded(content: bytes) -> str:
    """Give the raw text, and every run of base64, quoted-printable or encoded word in it decoded; zips opened."""
    text = content.decode("latin-1")
    runs = re.findall(r"(?:^[A-Za-z0-9+/]{4,}={0,2}\r?$\n?)+", text, re.MULTILINE)
    words = re.findall(r"=\?[^?]+\?[bB]\?([^?]+)\?=", text)
    parts = [b64decode(run + "===") for run in (*runs, *words)]
    texts = [
        text,
        quopri.decodestring(content).decode("latin-1"),
        "".join(part.decode("utf-8", "replace") for part in parts),
    ]
    texts += (raw_text(part) for part in parts if zipfile.is_zipfile(io.BytesIO(part)))
    return "\n".join(texts)


def _parsed(content: bytes) -> str:
    """Give all headers and texts as the standard library's strict reader sees them."""
    message = message_from_bytes(content, policy=email.policy.strict)
    texts: list[str] = []
    for part in message.walk():
        texts += (f"{name}: {value}" for name, value in part.items())
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            texts.append(raw_text(payload) if payload.startswith(b"PK") else payload.decode("utf-8"))
    return "\n".join(texts)


def _trouble(content: bytes, depth: int = 5) -> Trouble:
    with pytest.raises(UnreadableError) as caught:
        eml.open_document(content, tools(depth))
    return caught.value.trouble


def _mail(head: str = "", body: str = "tekst") -> bytes:
    return f"Subject: x\r\n{head}\r\n{body}\r\n".encode("latin-1")


def test_a_name_in_every_hiding_place_of_a_mail_is_in_no_layer_of_the_new_one() -> None:
    nasty = _nasty()
    new = without_third(eml.open_document(nasty, tools()))

    assert names_third(_decoded(nasty))
    for text in (_decoded, _parsed, eml.second_text):
        assert not names_third(text(new.content))
        assert SUBJECT in text(new.content)


def test_a_new_mail_has_five_headers_and_neutral_names() -> None:
    mail = message_from_bytes(without_third(eml.open_document(_nasty(), tools())).content, policy=email.policy.strict)

    assert ["Subject", "From", "To", "Cc", "Date", "MIME-Version", "Content-Type"] == list(mail.keys())
    assert f"Gesprek met {SUBJECT} en [gelakt: derde], \u20ac 5" == mail["Subject"]
    assert "Mon, 02 Nov 2026 08:30:00 +0000" == mail["Date"]
    assert ["01-document.xlsx", "02-document.ods", "03-document.eml"] == [
        each.get_filename() for each in mail.iter_attachments()
    ]
    assert () == mail["From"].addresses


def test_what_stays_behind_is_counted() -> None:
    left_behind = without_third(eml.open_document(_nasty(), tools())).left_behind

    assert (20, 1, 2, 2) == tuple(
        left_behind[kind] for kind in ("headers", "alternatives", "file-names", "texts-around-parts")
    )


@settings(max_examples=60, deadline=None)
@given(subject=_PARAGRAPH, paragraphs=st.lists(_PARAGRAPH, min_size=1, max_size=4), data=st.data())
def test_what_is_written_is_what_was_read_without_what_was_marked(
    subject: str, paragraphs: list[str], data: st.DataObject
) -> None:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail.set_content("\n\n".join(paragraphs), cte="base64")
    opened = eml.open_document(mail.as_bytes(), tools())
    marks = [_drawn(each.text, data) for each in opened.passages]

    new = opened.rebuilt(marks)

    texts = [apply_marks(each.text, on) for each, on in zip(opened.passages, marks, strict=True)]
    read = message_from_bytes(new.content, policy=email.policy.default)
    body = read.get_payload(decode=True)
    assert "\n\n".join(texts[1:]).encode() == body
    assert " ".join(texts[0].split()) == read["Subject"] or "=?" in texts[0]
    assert new == opened.rebuilt(marks)


def _drawn(text: str, data: st.DataObject) -> list[Mark]:
    ends = data.draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True).map(sorted))
    return [Mark(start=start, end=end, label="[gelakt]") for start, end in zip(ends[::2], ends[1::2], strict=False)]


def test_a_mail_with_a_page_alone_becomes_plain_text() -> None:
    mail = EmailMessage()
    mail.set_content(f"<p>{SUBJECT}</p><p>Tweede \u00e9</p>", subtype="html")
    mail.add_related(b"GIF89a", maintype="image", subtype="gif", cid="<x>")
    opened = eml.open_document(mail.as_bytes(), tools())
    new = opened.rebuilt([[], []])

    read = message_from_bytes(new.content, policy=email.policy.default)
    assert [SUBJECT, "Tweede \u00e9"] == [each.text for each in opened.passages]
    assert "text/plain" == read.get_content_type()
    assert f"{SUBJECT}\n\nTweede \u00e9" == read.get_content()
    assert {"images": 1, "hidden-text": 1, "headers": 2} == dict(new.left_behind)


def test_mail_within_mail_keeps_its_order_and_every_mark_finds_its_own_text() -> None:
    content = b""
    for number in range(4):
        mail = EmailMessage()
        mail["Subject"] = f"{number} {THIRD}"
        mail.set_content(f"tekst {number}")
        if content:
            mail.add_attachment(message_from_bytes(content, policy=email.policy.default))
        content = mail.as_bytes()
    new = without_third(eml.open_document(content, tools()))

    expected = [text for number in (3, 2, 1, 0) for text in (f"{number} [gelakt: derde]", f"tekst {number}")]
    assert expected == [each.text for each in eml.open_document(new.content, tools()).passages]
    assert Trouble.TOO_LARGE is _trouble(content, depth=2)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15"])
@pytest.mark.parametrize("coding", ["base64", "quoted-printable", "8bit"])
def test_every_usual_charset_and_coding_is_read(charset: str, coding: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = "J\u00fcrgen"
    mail.set_content("J\u00fcrgen", charset=charset, cte=coding)

    assert ["J\u00fcrgen", "J\u00fcrgen"] == [
        each.text for each in eml.open_document(mail.as_bytes(), tools()).passages
    ]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (_mail("Content-Type: multipart/encrypted; boundary=x\r\n", "--x\r\n\r\n--x--"), Trouble.ENCRYPTED),
        (_mail("Content-Type: application/pkcs7-mime\r\n"), Trouble.ENCRYPTED),
        (_mail(body="-----BEGIN PGP MESSAGE-----"), Trouble.ENCRYPTED),
        (_mail(body="-----BEGIN PGP SIGNED MESSAGE-----"), Trouble.NOT_KNOWN),
        (_mail("Content-Type: multipart/signed; boundary=x\r\n", "--x\r\n\r\n--x--"), Trouble.NOT_KNOWN),
        (_mail("Content-Type: application/ms-tnef; name=winmail.dat\r\n"), Trouble.NOT_KNOWN),
        (_mail("Content-Type: message/partial; id=1\r\n"), Trouble.DAMAGED),
        (_mail("Content-Type: multipart/mixed; boundary=x\r\n", "--y--"), Trouble.DAMAGED),
        (_mail("Content-Type: multipart/mixed; boundary=x\r\n", "--x\r\n\r\nafgebroken"), Trouble.DAMAGED),
        (_mail("Content-Type: multipart/mixed\r\n", "x"), Trouble.DAMAGED),
        (_mail("Subject: y\r\n"), Trouble.DAMAGED),
        (_mail("From: a@x.example\r\nfrom: b@x.example\r\n"), Trouble.DAMAGED),
        (_mail("Content-Type: text/plain\r\nContent-Type: text/html\r\n"), Trouble.DAMAGED),
        (_mail("Content-Transfer-Encoding: x-uuencode\r\n"), Trouble.NOT_KNOWN),
        (_mail("Content-Transfer-Encoding: base64\r\n", "a"), Trouble.DAMAGED),
        (_mail("Content-Type: text/plain; charset=utf-7\r\n", "+AE0-erhawi"), Trouble.DAMAGED),
        (_mail("Content-Type: text/plain; charset=rot13\r\n"), Trouble.DAMAGED),
        (_mail("Content-Type: text/plain; charset=utf-8\r\n", "\xff"), Trouble.DAMAGED),
        (_mail("To: =?utf-7?q?+AE0-erhawi?=\r\n"), Trouble.DAMAGED),
        (_mail("To: " + "a" * 40_000 + "\r\n"), Trouble.TOO_LARGE),
        (_mail("geen kop\r\n"), Trouble.DAMAGED),
        (b"", Trouble.NO_TEXT),
        (b"\xff\xfe\x00\x00", Trouble.DAMAGED),
        (_mail(body="QUJD" * 100), Trouble.NO_TEXT),
    ],
)
def test_what_can_not_be_searched_says_why(content: bytes, trouble: Trouble) -> None:
    assert trouble is _trouble(content)


@pytest.mark.parametrize("date", ["gisteren", "", "Mon, 99 Nov 2026 10:00:00 +0000", "31 Dec 9999 23:59:00 -2359"])
def test_a_date_that_is_none_does_not_come_along(date: str) -> None:
    content = eml.open_document(_mail(f"Date: {date}\r\n"), tools()).rebuilt([[], []]).content

    assert b"Date" not in content
