"""Thousands of damaged PDFs and images: each is rebuilt or trouble, and no marked word comes out of any."""

import io
import random
from collections.abc import Sequence
from typing import Final

import pikepdf
import pytest

from gateway.minimise.documents import image, pdf
from gateway.minimise.documents.model import Limits, Tools, UnreadableError, Word
from tests.integration.minimise import test_image as images
from tests.integration.minimise.nasty_pdf import FIRST, holds, nasty_pdf
from tests.integration.minimise.reading import NAMES, OCR, marks_of, no_other

_MUTATIONS: Final = 10_000
_READ: Final = 200
_PIECES: Final = (b"/", b"<<", b">>", b"[", b"(", b"0", b"9999999999", b"-1", b" R", b"endobj", b"stream", b"\x00")


def _nothing(_page: bytes) -> Sequence[Word]:
    return [Word(text="Woord", box=(10, 10, 200, 40), confidence=70, line=0)]


def _unpacked(content: bytes) -> bytes:
    """The same file with its streams in the clear, so that a changed byte changes what is drawn."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        file.save(
            written,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return written.getvalue()


def _mutated(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20, 100))):
        at, kind = chance.randrange(len(changed)), chance.random()
        if kind < 0.5:
            changed[at] = chance.randrange(256)
        elif kind < 0.7:
            changed[at:at] = chance.choice(_PIECES)
        elif kind < 0.85:
            del changed[at : at + chance.randrange(1, 8)]
        else:
            other = chance.randrange(len(changed))
            changed[at : at + 16] = changed[other : other + 16]
    return bytes(changed)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["pdf", "image"])
def test_a_mutated_file_is_rebuilt_or_trouble_and_nothing_else(kind: str) -> None:
    reader = {"pdf": pdf, "image": image}[kind]
    chance = random.Random(kind)
    nasty = nasty_pdf()
    makers = (images._png, images._jpeg, images._gif, images._tiff, images._webp, images._bmp)
    seeds = [nasty, _unpacked(nasty)] if kind == "pdf" else [make() for make in makers]
    opened = 0
    for number in range(_MUTATIONS):
        read = number < _READ
        tools = Tools(ocr=OCR if read else _nothing, limits=Limits(), open_other=no_other)
        try:
            document = reader.open_document(_mutated(chance.choice(seeds), chance), tools)
            rebuilt = document.rebuilt(marks_of(document, *NAMES))
        except UnreadableError:
            continue
        opened += 1
        assert not holds(reader.second_text(rebuilt.content, OCR if read else None), FIRST)
    assert opened > _MUTATIONS // 100
