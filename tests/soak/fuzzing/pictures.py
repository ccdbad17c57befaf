"""Changes what is drawn: pictures in their own formats, and the objects and content streams of a PDF."""

import io
import random
import re
import struct
from contextlib import suppress
from typing import Any, Final

import pikepdf
from PIL import Image, ImageDraw

from tests.soak.fuzzing.damage import damaged
from tests.soak.fuzzing.seeds import PLANTED

_PIECES: Final = (b"\x00", b"\xff", b"\xff\xd9", b"IDAT", b"\x7f\xff\xff\xff", b"\x00" * 64, b"RIFF", b"II*\x00")
_PDF_KEYS: Final = (
    "/Contents",
    "/Annots",
    "/Resources",
    "/MediaBox",
    "/Rotate",
    "/Kids",
    "/Parent",
    "/F",
    "/FT",
    "/Filter",
    "/Length",
)
_TURNED: Final = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"
"""The beginning of EXIF that says which side of a picture is up."""


def change_picture(content: bytes, chance: random.Random) -> bytes:
    """Draw over a picture, turn it, save it in another mode, size, density or number of frames; or only damage it."""
    if chance.random() < 0.25:
        return damaged(content, chance, _PIECES)
    picture: Image.Image = Image.open(io.BytesIO(content))
    kind = picture.format or ""
    for _ in range(chance.choice((1, 1, 2, 3))):
        picture = _redrawn(picture, chance)
    made = io.BytesIO()
    try:
        picture.convert(chance.choice(("L", "L", "RGB", "1"))).save(made, kind, **_options(picture, kind, chance))
    except (OSError, ValueError, TypeError, RuntimeError, struct.error):
        # Not every format takes every option.
        return damaged(content, chance, _PIECES)
    return made.getvalue()


def _redrawn(picture: Image.Image, chance: random.Random) -> Image.Image:
    left, top = chance.randrange(picture.width), chance.randrange(picture.height)
    match chance.randrange(6):
        case 0:
            size = (chance.choice((1, 20, 200)), chance.choice((1, 20, 100)))
            picture.paste(Image.frombytes("L", size, chance.randbytes(size[0] * size[1])), (left, top))
        case 1:
            ImageDraw.Draw(picture).line((0, top, left, 0), fill=chance.choice((0, 128)), width=chance.choice((1, 5)))
        case 2:
            return picture.rotate(chance.choice((1, -3, 90, 180)), expand=True)
        case 3:
            return picture.resize((max(left, 1), max(top, 1)))
        case 4:
            return picture.crop((left // 2, top // 2, picture.width, picture.height))
    return picture


def _options(picture: Image.Image, kind: str, chance: random.Random) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if chance.random() < 0.3:
        options["dpi"] = chance.choice(((1, 1), (72, 300), (0, 0), (1200, 1200), (60_000, 60_000)))
    if chance.random() < 0.3 and kind in {"GIF", "TIFF", "WEBP"}:
        options |= {"save_all": True, "append_images": [picture.copy()] * chance.choice((1, 3))}
    if chance.random() < 0.3:
        options["exif"] = _TURNED + chance.randbytes(7)
    return options


def change_pdf(content: bytes, chance: random.Random) -> bytes:
    """Change words and numbers of one object or content stream, or where an object stands, in a file that is whole."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        for _ in range(chance.choice((1, 1, 2, 4))):
            # What a change before this one broke is left as it is.
            with suppress(pikepdf.PdfError, ValueError, KeyError, TypeError):
                _change_object(file, chance)
        try:
            file.save(made, static_id=True, compress_streams=chance.random() < 0.5)
        except pikepdf.PdfError:
            # Broken too far to be written by a library.
            return damaged(content, chance, _PIECES)
    return made.getvalue()


def _change_object(file: pikepdf.Pdf, chance: random.Random) -> None:
    objects: list[Any] = list(file.objects)
    at = chance.randrange(len(objects))
    if isinstance(objects[at], pikepdf.Stream) and chance.random() < 0.7:
        read = objects[at].read_bytes()
        objects[at].write(_other_words(read, chance) if len(read) < 50_000 else damaged(read, chance, _PIECES))
        return
    if not isinstance(objects[at], pikepdf.Dictionary | pikepdf.Stream) or not list(objects[at].keys()):
        return
    key = chance.choice(list(objects[at].keys()))
    match chance.randrange(4):
        case 0:
            del objects[at][key]
        case 1:
            objects[at][key] = chance.choice(objects)
        case 2:
            objects[at][key] = chance.choice(
                (0, -1, 10**9, pikepdf.Name.X, pikepdf.Array([]), pikepdf.String(PLANTED[0]))
            )
        case _:
            objects[at][chance.choice(_PDF_KEYS)] = objects[at][key]


def _other_words(stream: bytes, chance: random.Random) -> bytes:
    words = re.split(rb"([/A-Za-z]+|[0-9.-]+)", stream)
    for _ in range(chance.choice((1, 2, 5))):
        if len(words) > 1:
            at, other = chance.randrange(1, len(words), 2), chance.randrange(1, len(words), 2)
            words[at] = chance.choice(
                (words[other], b"0", b"-1", b"1e9", b"99999", b"/X", b"", b"0.00001", b"Tr", b"Tj", b"Q")
            )
    return b"".join(words)
