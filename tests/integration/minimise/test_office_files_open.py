"""What is written opens in LibreOffice and prints all that remains, and nothing that was marked."""

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from gateway.minimise.documents import docx, html, odt
from gateway.minimise.documents.model import LABELS, Opened, apply_marks
from tests.unit.minimise.documents.nasty_docx import nasty_docx
from tests.unit.minimise.documents.nasty_html import nasty_html
from tests.unit.minimise.documents.nasty_odt import nasty_odt
from tests.unit.minimise.documents.office_building import TOOLS, marks_for

_NAME = r"Merhawi\sTesfay"
_SECONDS = 100
_SOFFICE = shutil.which("soffice") or "soffice"
_PDFTOTEXT = shutil.which("pdftotext") or "pdftotext"


def _all_opened() -> dict[str, Opened]:
    return {
        "docx": docx.open_document(nasty_docx(), TOOLS),
        "odt": odt.open_document(nasty_odt(), TOOLS),
        "html": html.open_document(nasty_html(), TOOLS),
    }


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Print one rebuilt file of each type with LibreOffice, all in one start of it."""
    folder = tmp_path_factory.mktemp("printed")
    for suffix, opened in _all_opened().items():
        written = opened.rebuilt(marks_for(opened.passages, _NAME)).content
        (folder / f"{suffix}.{suffix}").write_bytes(written)
    subprocess.run(
        [
            _SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf", "--outdir",
            str(folder), *(str(folder / f"{suffix}.{suffix}") for suffix in ("docx", "odt", "html")),
        ],
        check=True, capture_output=True, timeout=_SECONDS,
    )  # fmt: skip
    return {suffix: _printed(folder / f"{suffix}.pdf") for suffix in ("docx", "odt", "html")}


def _printed(path: Path) -> str:
    read = subprocess.run([_PDFTOTEXT, "-raw", str(path), "-"], check=True, capture_output=True, timeout=_SECONDS)
    return read.stdout.decode()


@pytest.mark.parametrize("suffix", ["docx", "odt", "html"])
def test_all_that_remains_is_printed_with_the_labels_in_place(suffix: str, printed: dict[str, str]) -> None:
    opened = _all_opened()[suffix]
    rows = marks_for(opened.passages, _NAME)
    wanted = [apply_marks(passage.text, row) for passage, row in zip(opened.passages, rows, strict=True)]

    found = _letters(printed[suffix])

    assert [] == [text for text in wanted if _letters(text) not in found]
    assert LABELS["nl"] in printed[suffix]
    assert "Selam Haile" in printed[suffix]


@pytest.mark.parametrize("suffix", ["docx", "odt", "html"])
def test_nothing_that_was_marked_is_printed(suffix: str, printed: dict[str, str]) -> None:
    assert not re.search(r"merhaw|tesfay|verborgen", printed[suffix], re.IGNORECASE)


def _letters(text: str) -> str:
    """Leave out white space and references to notes, which stand where lines are broken and between words."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
