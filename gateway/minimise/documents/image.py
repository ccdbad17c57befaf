"""Images (PNG, JPEG, TIFF, GIF, WebP, BMP): the visible pixels and nothing else, rebuilt as a PDF of pictures.

Rules:
1. The size is checked before anything is unpacked: a 17 KB file can hold 144 million pixels.
2. What is taken over is what is seen on white paper: grey pixels. Colours under full transparency, comments, EXIF and
   its thumbnail, colour profiles, text chunks and layers stay behind and are counted.
3. Every frame is a page: a second picture in a GIF or TIFF is as good as a second sheet.
4. The result is a PDF, for one frame as for many: it can hold the words as text, and is checked as every other.
"""

import io
from collections import Counter
from math import sqrt
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from gateway.minimise.documents.model import Limits, Tools, Trouble, UnreadableError
from gateway.minimise.documents.paged import PagedDocument, Sheet, read
from gateway.minimise.documents.pdf import second_text

__all__ = ("open_document", "second_text")

_FORMATS: Final = ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP")
_PAPER_WIDTH: Final = 8.27
_PAPER_LENGTH: Final = 11.69
"""Inches: A4, for images that do not say how large they are."""
_BELIEVED: Final = (100, 1300)
"""Dots per inch that a scanner gives; other figures are a program's habit."""
_WORKING: Final = 200
_ENLARGED: Final = 3
_INFO: Final = {"exif": "metadata", "xmp": "metadata", "icc_profile": "metadata", "photoshop": "metadata"}
_MARKUP: Final = frozenset({"comment", "Software", "Title", "Author", "Description", "Comment", "Copyright", "Source"})
_SIXTEEN_BITS: Final = frozenset({"I", "I;16", "I;16B", "I;16L"})


def open_document(content: bytes, tools: Tools) -> PagedDocument:
    """Read an image. Raises UnreadableError: `too-large`, `damaged`, `no-text`."""
    try:
        frames = _Frames(content, tools.limits)
        return PagedDocument(
            sheets=read([Sheet()] * len(frames), frames.draw, tools),
            draw=frames.draw,
            dots_per_inch=frames.dots_per_inch,
            tools=tools,
            left_behind=frames.left_behind,
        )
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableError(Trouble.TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, MemoryError, EOFError, KeyError):
        # Whatever a hostile file does to a decoder, it can not be read.
        raise UnreadableError(Trouble.DAMAGED) from None


class _Frames:
    """The frames of an image, each unpacked when it is needed."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._content = content
        self._limits = limits
        self.left_behind: Counter[str] = Counter()
        with self._open() as image:
            count = getattr(image, "n_frames", 1)
            if count > limits.pages:
                raise UnreadableError(Trouble.TOO_LARGE)
            self._dots = []
            for number in range(count):
                image.seek(number)
                self._check_size(image)
                self._dots.append(_dots(image))
            self.left_behind.update({_INFO[key] for key in image.info if key in _INFO})
            self.left_behind["comments"] = sum(key in _MARKUP for key in image.info)
        self.left_behind = +self.left_behind

    def __len__(self) -> int:
        return len(self._dots)

    def dots_per_inch(self, number: int) -> float:
        """Give the density of the picture as `draw` gives it."""
        with self._open() as image:
            image.seek(number)
            return self._dots[number] * self._scale(number, image.size)

    def draw(self, number: int) -> Image.Image:
        """Give what a person sees of a frame on white paper, in grey, at about 200 dots per inch."""
        with self._open() as image:
            image.seek(number)
            self._check_size(image)
            upright = ImageOps.exif_transpose(image)
            grey = _on_paper(upright)
            scale = self._scale(number, grey.size)
            size = (max(round(grey.width * scale), 1), max(round(grey.height * scale), 1))
            drawn = grey if size == grey.size else grey.resize(size, Image.Resampling.LANCZOS)
        # Pixels into a fresh image: whatever else Pillow carries along with one stays here.
        return Image.frombytes("L", drawn.size, drawn.tobytes())

    def _scale(self, number: int, size: tuple[int, int]) -> float:
        scale = min(_WORKING / self._dots[number], _ENLARGED)
        most = sqrt(self._limits.pixels / (size[0] * size[1]))
        return min(scale, most)

    def _check_size(self, image: Image.Image) -> None:
        width, height = image.size
        if not 0 < width * height <= self._limits.pixels:
            raise UnreadableError(Trouble.TOO_LARGE)

    def _open(self) -> Image.Image:
        return Image.open(io.BytesIO(self._content), formats=_FORMATS)


def _dots(image: Image.Image) -> float:
    """Give the density of a frame, as it says, or as if it filled a sheet of A4."""
    said = image.info.get("dpi", (0, 0))
    dots = float(said[0]) if isinstance(said, tuple) and said else 0.0
    if _BELIEVED[0] <= dots <= _BELIEVED[1]:
        return dots
    short, long = sorted(image.size)
    return max(short / _PAPER_WIDTH, long / _PAPER_LENGTH, 1.0)


def _on_paper(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BITS:
        return image.point(lambda shade: shade / 256).convert("L")
    coloured = image.convert("RGBA")
    paper = Image.new("RGBA", coloured.size, "white")
    paper.alpha_composite(coloured)
    return paper.convert("L")
