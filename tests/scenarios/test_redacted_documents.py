"""Documents travel the whole way: searched, redacted, written anew, sealed, and opened as the recipient would."""

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest

from gateway.entrypoints.demo.opening import Opened, open_mail
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import MUNICIPALITY, World, manifest

SUBJECT, OTHER, SURNAME = "Amina Yusuf", "Merhawi Gebremeskel", "Gebremeskel"
TEXT = f"""Verslag van het gesprek

Betrokkene {SUBJECT} vertelt dat zij samen met haar buurman {OTHER} reisde.
{OTHER} is bereikbaar op 06-12345678 en woont op Stationsstraat 12, 7311 AB Apeldoorn.
Op 4 maart 2026 meldde zij zich bij de balie.
"""


def letter(file: str, **more: Any) -> dict[str, Any]:
    return manifest(documents=[{"file": file, "kind": "letter", "declaredCategories": ["ordinary"], **more}])


def opened(world: World, entry: str) -> tuple[dict[str, Any], Opened]:
    slip = world.slip(entry, "done")
    return slip, open_mail(mail_of(world, slip["id"]), home=world.home(MUNICIPALITY))


def word_file(text: str = TEXT) -> bytes:
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.core_properties.author = OTHER
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def as_pdf_of(text: str, folder: Path) -> bytes:
    return printed(word_file(text), folder)


def printed(document: bytes, folder: Path) -> bytes:
    """Let LibreOffice make a PDF of a Word file."""
    (folder / "brief.docx").write_bytes(document)
    command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "brief.docx")]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=environment)
    return (folder / "brief.pdf").read_bytes()


def test_a_package_whose_only_document_is_not_needed_goes_without_it_and_its_slip_begins_with_that(
    world: World,
) -> None:
    plan = {"file": "plan.txt", "kind": "travel-plan", "declaredCategories": ["ordinary"]}
    world.drop("zonder-document", {"package.yaml": manifest(documents=[plan]), "plan.txt": "Vlucht op maandag."})

    slip, mail = opened(world, "zonder-document")

    (said,) = slip["text"]["nl"]["notSent"]
    assert "Uw pakket is verstuurd, maar ZONDER het document" == slip["text"]["nl"]["title"]
    assert said.startswith("Document 1 (Reisplan) is NIET verstuurd aan ")
    assert said.endswith("Dit document is niet nodig voor dit doel. Daarom blijft het achter.")
    assert "5-Verzonden" == slip["folder"]
    assert [] == [name for name in mail.parts if name.startswith("01-")]
    assert "data.json" in mail.parts


def test_a_text_leaves_without_the_other_person_and_the_slip_says_how_much_was_redacted(world: World) -> None:
    world.drop("verslag-tekst", {"package.yaml": letter("verslag.txt"), "verslag.txt": TEXT})

    slip, mail = opened(world, "verslag-tekst")

    text = mail.parts["01-letter.txt"].decode()
    assert SUBJECT in text
    assert "4 maart 2026" in text
    assert "[gelakt: derde]" in text
    assert SURNAME.encode() not in b"".join(mail.parts.values())
    assert b"12345678" not in b"".join(mail.parts.values())
    (document,) = slip["documents"]
    assert "redact" == document["verdict"]
    assert {"name": 2, "telephone": 1} == {
        each["kind"]: each["count"] for each in document["redacted"] if each["kind"] in ("name", "telephone")
    }


def test_a_word_file_leaves_as_a_new_one_that_python_docx_opens(world: World) -> None:
    world.drop("verslag-word", {"package.yaml": letter("verslag.docx"), "verslag.docx": word_file()})

    _, mail = opened(world, "verslag-word")

    document = docx.Document(io.BytesIO(mail.parts["01-letter.docx"]))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert SUBJECT in text
    assert SURNAME not in text
    assert SURNAME not in (document.core_properties.author or "")


def test_a_pdf_leaves_as_pictures_with_a_text_layer_without_the_other_person(world: World, tmp_path: Path) -> None:
    world.drop("verslag-pdf", {"package.yaml": letter("verslag.pdf"), "verslag.pdf": as_pdf_of(TEXT, tmp_path)})

    _, mail = opened(world, "verslag-pdf")

    (tmp_path / "out.pdf").write_bytes(mail.parts["01-letter.pdf"])
    read = subprocess.run(
        ["pdftotext", str(tmp_path / "out.pdf"), "-"], check=True, capture_output=True
    ).stdout.decode()
    assert "Amina" in read
    assert SURNAME not in read
    assert SURNAME.encode() not in mail.parts["01-letter.pdf"]


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("brief.docx", b"PK\x03\x04 geen zip", "document.not-searchable"),
        ("brief.pdf", b"Gewone tekst onder de naam van een PDF.", "document.type-mismatch"),
        ("brief.bin", b"\x00\x01\x02", "document.not-searchable"),
    ],
)
def test_what_can_not_be_searched_waits_and_names_why(world: World, name: str, content: bytes, rule: str) -> None:
    entry = f"ongelezen-{rule}-{name}"
    world.drop(entry, {"package.yaml": letter(name), name: content})

    slip = world.slip(entry, "held")

    assert [rule] == [each["ruleId"] for each in slip["documents"]]


def test_a_preview_shows_what_would_be_redacted_by_kind_and_number(world: World) -> None:
    with world.client() as client:
        answer = preview(client, letter("verslag.txt"), {"verslag.txt": TEXT.encode()})

    (document,) = answer["recipients"][0]["documents"]
    assert ("redact", "document.redacted") == (document["verdict"], document["ruleId"])
    assert SURNAME not in str(answer)


def preview(client: httpx.Client, body: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    parts: list[tuple[str, tuple[str | None, bytes, str]]] = [
        ("manifest", (None, json.dumps(body).encode(), "application/json"))
    ]
    parts += [("file", (name, content, "application/octet-stream")) for name, content in files.items()]
    answer = client.post("/v1/previews", files=parts)
    assert 200 == answer.status_code, answer.text
    shown: dict[str, Any] = answer.json()
    return shown
