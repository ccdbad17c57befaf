"""The look for leaks sees one wherever it was planted, and what was meant to go is none."""

from base64 import encodebytes
from collections.abc import Mapping
from typing import Final

import pytest
from PIL import Image

from gateway.minimise.documents.jobs import Findings, Rebuilding
from gateway.minimise.documents.model import Rebuilt
from gateway.minimise.documents.picture_pdf import page_of, write
from gateway.minimise.people.findings import Finding, Kind, Whose
from tests.hostile_documents import pdf, zipped
from tests.soak.fuzzing.leaking import Seen, leaks
from tests.soak.fuzzing.mutating import mutated
from tests.soak.fuzzing.seeds import PLANTED, READERS
from tests.soak.fuzzing.trying import CHOICE

_NAME: Final = PLANTED[0]
_MAIL: Final = b"Subject: x\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n"
_LEAKING: Final[Mapping[str, bytes]] = {
    "text": _NAME.encode(),
    "letters of other words": b"MERHAWI-TESF\xc3\x81Y",
    "attribute": f'<p title="{_NAME}">x</p>'.encode(),
    "comment": f"<!-- {_NAME} -->".encode(),
    "torn by tags": b"Mer<b>hawi</b> Tes<i>fay</i>",
    "references": b"&#77;erhawi Tesf&#x61;y",
    "utf-16": _NAME.encode("utf-16-le"),
    "part of a zip": zipped({"a.xml": f"<x>{_NAME}</x>".encode()}),
    "name in a zip": zipped({f"{_NAME}.xml": b"<x/>"}),
    "zip in a zip": zipped({"a.docx": zipped({"b.xml": _NAME.encode("utf-16-be")})}),
    "base64": _MAIL + encodebytes(_NAME.encode()),
    "document in a mail": _MAIL + encodebytes(zipped({"a.xml": _NAME.encode()})),
    "stream of a PDF": pdf(_NAME),
}


def _done(content: bytes, text: str = "") -> Rebuilding:
    return Rebuilding(findings=Findings(), rebuilt=Rebuilt(content=content, suffix=".x", media_type="x/x"), text=text)


def _seen(text: str, *names: str) -> Seen:
    spans = [(text.index(name), text.index(name) + len(name)) for name in names]
    found = [Finding(start=start, end=end, kind=Kind.NAME, whose=Whose.THIRD_PARTY) for start, end in spans]
    return Seen(texts=[text], found=[found])


@pytest.mark.parametrize("place", _LEAKING)
def test_a_redacted_name_is_seen_wherever_it_comes_out(place: str) -> None:
    assert [] != leaks(_seen(f"over {_NAME}", _NAME), _done(_LEAKING[place]), choice=CHOICE)


def test_a_redacted_name_is_seen_in_what_another_library_read() -> None:
    assert [] != leaks(_seen("over Yonas Berhe", "Yonas Berhe"), _done(b"", "over Yonas Berhe"), choice=CHOICE)


def test_a_planted_name_that_the_search_did_not_find_is_seen() -> None:
    assert [] != leaks(_seen(f"over {_NAME}"), _done(b""), choice=CHOICE)


def test_a_word_of_every_pdf_is_no_leak_though_a_torn_file_made_a_name_of_it() -> None:
    pages = [page_of(Image.new("L", (40, 40), "grey"), (), dots_per_inch=72)]
    written = write(pages, language="nl-NL")

    assert [] == leaks(_seen("geb< /Length 497 >> woont", "Length"), _done(written), choice=CHOICE)


def test_what_was_meant_to_go_is_no_leak() -> None:
    text = "over Yonas Berhe, en Merhawi; Tesfay"
    assert [] == leaks(_seen(text, "Yonas Berhe"), _done(b"over [], en Merhawi; Tesfay"), choice=CHOICE)


@pytest.mark.parametrize("reader", READERS)
def test_the_same_seed_and_number_give_the_same_document(reader: str) -> None:
    first, second = (mutated(reader, seed=1, number=3) for _ in range(2))

    assert first == second
    assert first != mutated(reader, seed=1, number=4)
