import io
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.tesseract import LANGUAGE, Tesseract, installed
from tests.integration.minimise.nasty_pdf import NAME, simple_pdf, text, written_picture


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def test_words_come_with_their_boxes_lines_and_confidence() -> None:
    picture = Image.new("L", (900, 240), 255)
    picture.paste(written_picture("Eerste regel"), (0, 0))
    picture.paste(written_picture("Tweede regel"), (0, 120))
    first, second, third, fourth = installed()(_png(picture))
    assert ["Eerste", "regel", "Tweede", "regel"] == [each.text for each in (first, second, third, fourth)]
    assert first.line == second.line != third.line == fourth.line
    assert 20 <= first.box[0] < first.box[2] < second.box[0]
    assert first.box[3] < 120 < third.box[1]
    assert all(each.confidence > 80 for each in (first, second, third, fourth))


def test_dutch_is_always_read_and_english_never_asked_for() -> None:
    languages = installed().languages
    assert LANGUAGE == languages[0]
    assert "eng" not in languages


def test_what_is_no_picture_is_no_text() -> None:
    with pytest.raises(UnreadableError) as refused:
        Tesseract()(b"no picture at all")
    assert Trouble.NO_TEXT == refused.value.trouble


def test_a_language_that_is_not_there_is_no_text() -> None:
    with pytest.raises(UnreadableError) as refused:
        Tesseract(languages=("xyz",))(_png(written_picture("Tekst")))
    assert Trouble.NO_TEXT == refused.value.trouble


def test_who_takes_too_long_has_read_nothing() -> None:
    begin = time.monotonic()
    with pytest.raises(UnreadableError):
        Tesseract(timeout_seconds=0.2)(_png(Image.effect_noise((2500, 3000), 90)))
    assert time.monotonic() - begin < 10


def test_it_works_in_a_sandbox_without_network_and_with_a_private_folder_for_temporary_files(tmp_path: Path) -> None:
    file = tmp_path / "brief.pdf"
    curve = "60 500 m 90 560 120 480 150 500 c S"
    file.write_bytes(simple_pdf(text(60, 700, f"Een brief over {NAME}") + curve))
    sandbox = ("bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp")
    # Bound once more, for who works on the code in that very folder.
    code = ("--ro-bind", str(Path.cwd()), str(Path.cwd()))
    inside = ("--proc", "/proc", *code, "--ro-bind", str(tmp_path), "/tmp/in", "--chdir", str(Path.cwd()))
    command = (sys.executable, "-m", "tests.integration.minimise.open_each", "/tmp/in/brief.pdf")
    done = subprocess.run((*sandbox, *inside, *command), capture_output=True, text=True, timeout=60, check=True)
    assert re.match(r"opened \d", done.stdout)
