"""New spreadsheets as LibreOffice reads them: it opens them, shows what was meant, and finds nothing else."""

import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from gateway.minimise.documents import ods, xlsx
from tests.unit.minimise.documents.door import SUBJECT, names_third, tools, without_third
from tests.unit.minimise.documents.nasty_ods import nasty_ods
from tests.unit.minimise.documents.nasty_xlsx import nasty_xlsx

_ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def _converted(folder: Path, name: str, form: str) -> None:
    subprocess.run(
        [
            "soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to", form, "--outdir", str(folder), str(folder / name),
        ],
        check=True, capture_output=True, timeout=110,
    )  # fmt: skip


@pytest.mark.parametrize(("module", "content"), [(xlsx, nasty_xlsx()), (ods, nasty_ods())])
def test_libreoffice_opens_a_new_spreadsheet_and_finds_no_third_party(
    module: ModuleType, content: bytes, tmp_path: Path
) -> None:
    new = without_third(module.open_document(content, tools()))
    (tmp_path / f"nieuw{new.suffix}").write_bytes(new.content)

    _converted(tmp_path, f"nieuw{new.suffix}", _ALL_SHEETS)
    _converted(tmp_path, f"nieuw{new.suffix}", "pdf")
    subprocess.run(["pdftotext", "nieuw.pdf", "nieuw.txt"], cwd=tmp_path, check=True)

    texts = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.suffix in {".csv", ".txt"}]
    assert len(texts) == 2
    for text in texts:
        assert SUBJECT in text
        assert "[gelakt: derde]" in text
        assert "0123456789" in text
        assert not names_third(text)


def test_a_workbook_that_libreoffice_wrote_hides_what_it_hid_before(tmp_path: Path) -> None:
    """The same hiding places as another program writes them: shared texts, its own styles, cached conditions."""
    (tmp_path / "nasty.xlsx").write_bytes(nasty_xlsx())
    _converted(tmp_path, "nasty.xlsx", "ods")
    as_ods = ods.open_document((tmp_path / "nasty.ods").read_bytes(), tools())
    (tmp_path / "nasty.xlsx").unlink()
    _converted(tmp_path, "nasty.ods", "xlsx")
    as_xlsx = xlsx.open_document((tmp_path / "nasty.xlsx").read_bytes(), tools())

    for opened in (as_ods, as_xlsx):
        texts = [passage.text for passage in opened.passages]
        # The name of the sheet, the cell that shows the name, and the formula, which LibreOffice calculates again.
        assert 3 == sum(map(names_third, texts))
        assert SUBJECT in texts
        assert "1990-05-01" in texts
        assert "0123456789" in texts
