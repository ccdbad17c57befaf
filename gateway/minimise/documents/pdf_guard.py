"""Looks at the structure of a PDF before anything of it is drawn, with another library than draws it.

Rules:
1. It begins with its own first bytes and ends with its own last ones: what comes before or after is another file.
2. Nothing is repaired. A file that only opens with guesses is damaged.
3. It must be cheap to draw. A form in a form in a form draws billions of letters out of two kilobytes, and no drawing
   library stops by itself; so the work is counted beforehand, each use of each content stream, without inflating more
   than the limit.
4. What never comes along is counted by kind, for the report; none of it is run or followed.
"""

import base64
import binascii
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from gateway.minimise.documents.model import Limits, Trouble, UnreadableError

_BEGIN: Final = b"%PDF-"
_END: Final = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\x00]*\Z")
_TAIL: Final = 2048
_MOST_OBJECTS: Final = 250_000
_MOST_PAGE_WORK: Final = 48 * 1024 * 1024
_MOST_WORK: Final = 256 * 1024 * 1024
"""In bytes of content to go through, each use counted; measured: about 20 MiB a second."""
_PIXELS_A_BYTE: Final = 64
"""Pixels of a picture that cost as much as one byte of content."""
_ODD_RAW: Final = 64 * 1024
"""How large a stream in a rare encoding may be, since it can not be inflated in pieces."""
_DEPTH: Final = 30
_NAME: Final = re.compile(rb"/([^\s/<>\[\](){}%]+)")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_INLINE_SIZE: Final = re.compile(rb"/(?:W|Width|H|Height)\s+(\d{5,})")
_CONTENT_PLACES: Final = ("/XObject", "/Pattern", "/ExtGState", "/Font")
_COMMENTS: Final = frozenset(
    {"/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Ink", "/Stamp", "/Popup", "/Caret"}
)


def examine(content: bytes, limits: Limits) -> tuple[int, Counter[str]]:
    """Check a PDF; give how many pages it has, and what it holds that never comes along.

    Raises UnreadableError: `type-mismatch`, `damaged`, `encrypted`, `active`, `too-large`.
    """
    if not content.startswith(_BEGIN):
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    tail = content[-_TAIL:]
    if not _END.search(tail):
        after = b"%%EOF" in content and content.rpartition(b"%%EOF")[2].strip(b"\x00\t\n\f\r ")
        raise UnreadableError(Trouble.TYPE_MISMATCH if after else Trouble.DAMAGED)
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, inherit_page_attributes=False) as pdf:
            if pdf.is_encrypted:
                raise UnreadableError(Trouble.ENCRYPTED)
            return _examined(pdf, limits)
    except pikepdf.PasswordError:
        raise UnreadableError(Trouble.ENCRYPTED) from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, zlib.error):
        raise UnreadableError(Trouble.DAMAGED) from None


def _examined(pdf: pikepdf.Pdf, limits: Limits) -> tuple[int, Counter[str]]:
    if len(pdf.objects) > _MOST_OBJECTS or len(pdf.pages) > limits.pages:
        raise UnreadableError(Trouble.TOO_LARGE)
    if not len(pdf.pages):
        raise UnreadableError(Trouble.DAMAGED)
    if bool(pdf.Root.get("/NeedsRendering", False)):
        # A form that only a program of its maker draws: what others show is "please wait".
        raise UnreadableError(Trouble.ACTIVE)
    left_behind = _left_behind(pdf)
    work = _Work(limits)
    total = 0
    for page in pdf.pages:
        cost = work.of_page(page.obj)
        total += cost
        if cost > _MOST_PAGE_WORK or total > _MOST_WORK:
            raise UnreadableError(Trouble.TOO_LARGE)
    return len(pdf.pages), left_behind


def _left_behind(pdf: pikepdf.Pdf) -> Counter[str]:
    """Rule 4."""
    counted: Counter[str] = Counter()
    for each in pdf.objects:
        counted.update(kind for value in _dictionaries(each, depth=0) for kind in _kinds(value))
    root: Any = pdf.Root
    form = root.get("/AcroForm")
    counted["xfa"] += isinstance(form, pikepdf.Dictionary) and "/XFA" in form
    counted["metadata"] += ("/Info" in pdf.trailer) + ("/Metadata" in root) + ("/PieceInfo" in root)
    counted["layers"] += "/OCProperties" in root
    return +counted


def _dictionaries(value: Any, *, depth: int) -> Iterator[Any]:
    """Give a dictionary and those that stand within it; what is referred to is an object of its own."""
    if (depth and isinstance(value, pikepdf.Object) and value.is_indirect) or depth > _DEPTH:
        return
    if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield value
        for key in value.keys():  # noqa: SIM118 - a stream is not iterable by its keys.
            yield from _dictionaries(value.get(key), depth=depth + 1)
    elif isinstance(value, pikepdf.Array):
        for each in value:
            if isinstance(each, pikepdf.Object):
                yield from _dictionaries(each, depth=depth + 1)


def _kinds(value: Any) -> list[str]:
    """Name what a dictionary is, as far as it never comes along."""
    kinds = []
    if "/JS" in value or value.get("/S") == "/JavaScript":
        kinds.append("scripts")
    if "/EF" in value:
        kinds.append("attachments")
    if "/Title" in value and "/Parent" in value:
        kinds.append("bookmarks")
    subtype = str(value.get("/Subtype", "")) if "/Rect" in value else ""
    if subtype == "/Link":
        kinds.append("links")
    elif subtype == "/Widget":
        kinds.append("form-fields")
    elif subtype in _COMMENTS:
        kinds.append("comments")
    return kinds


class _Work:
    """Rule 3: what it costs to draw. Nothing is counted twice that was counted before; a use costs it again."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[tuple[int, int], int] = {}
        self._open: set[tuple[int, int]] = set()

    def of_page(self, page: Any) -> int:
        """Count a page's own content, and the looks of its comments and form fields."""
        contents = page.get("/Contents")
        parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        text = b"\n".join(self._inflated(part) for part in parts if isinstance(part, pikepdf.Stream))
        cost = self._of_content(text, _inherited(page, "/Resources"), depth=0)
        annotations = page.get("/Annots")
        for annotation in annotations if isinstance(annotations, pikepdf.Array) else ():
            cost += self._reached(annotation.get("/AP"), depth=0) if isinstance(annotation, pikepdf.Dictionary) else 0
        return cost

    def _of_content(self, text: bytes, resources: Any, *, depth: int) -> int:
        if any(int(size) > self._limits.pixels // 1000 for size in _INLINE_SIZE.findall(text)):
            raise UnreadableError(Trouble.TOO_LARGE)
        cost = len(text)
        if not isinstance(resources, pikepdf.Dictionary):
            return cost
        uses = Counter(_ESCAPED.sub(_unescaped, name) for name in _NAME.findall(text))
        for place in _CONTENT_PLACES:
            named = resources.get(place)
            for name, value in named.items() if isinstance(named, pikepdf.Dictionary) else ():
                times = uses[name.encode("latin-1", "replace")[1:]]
                cost += max(times, 1) * self._reached(value, depth=depth + 1)
                if cost > _MOST_WORK:
                    raise UnreadableError(Trouble.TOO_LARGE)
        return cost

    def _reached(self, value: Any, *, depth: int) -> int:
        """Count what a resource draws: a form, a picture, a pattern, a font of drawings, a mask."""
        if depth > _DEPTH:
            raise UnreadableError(Trouble.TOO_LARGE)
        if not isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
            return 0
        key = value.objgen
        if key in self._open:
            # A form that draws itself: no program writes that.
            raise UnreadableError(Trouble.TOO_LARGE)
        if key in self._known:
            return self._known[key]
        if key == (0, 0):
            return self._counted(value, depth=depth)
        self._open.add(key)
        cost = self._counted(value, depth=depth)
        self._known[key] = cost
        self._open.discard(key)
        return cost

    def _counted(self, value: Any, *, depth: int) -> int:
        if value.get("/Subtype") == "/Image":
            return self._of_picture(value) + sum(
                self._reached(value.get(mask), depth=depth + 1) for mask in ("/SMask", "/Mask")
            )
        if isinstance(value, pikepdf.Stream):
            return self._of_content(self._inflated(value), value.get("/Resources"), depth=depth)
        if value.get("/Subtype") == "/Type3":
            return self._of_type3(value, depth=depth)
        inner = [value.get(key) for key in ("/SMask", "/G", "/N", "/D", "/R")]
        if value.get("/Type") == "/Font":
            return 0
        states = [each for state in inner for each in _states(state)]
        return sum(self._reached(each, depth=depth + 1) for each in states)

    def _of_type3(self, font: Any, *, depth: int) -> int:
        drawings = font.get("/CharProcs")
        costs = [
            self._of_content(self._inflated(each), font.get("/Resources"), depth=depth + 1)
            for each in (drawings.values() if isinstance(drawings, pikepdf.Dictionary) else ())
            if isinstance(each, pikepdf.Stream)
        ]
        # Each use of the font may draw a line of its dearest letters.
        return 100 * max(costs, default=0)

    def _of_picture(self, picture: Any) -> int:
        pixels = int(picture.get("/Width", 0)) * int(picture.get("/Height", 0))
        # A scan of 600 dots per inch has more pixels than the page as we draw it.
        if pixels > 2 * self._limits.pixels:
            raise UnreadableError(Trouble.TOO_LARGE)
        return pixels // _PIXELS_A_BYTE

    def _inflated(self, stream: Any) -> bytes:
        """Give a stream's content, and never more than the limit of it."""
        raw = stream.read_raw_bytes()
        named = stream.get("/Filter")
        filters = [str(each) for each in named] if isinstance(named, pikepdf.Array) else [str(named)] if named else []
        for each in filters:
            raw = _step(raw, each, stream)
            if len(raw) > _MOST_PAGE_WORK:
                raise UnreadableError(Trouble.TOO_LARGE)
        return bytes(raw)


def _step(raw: bytes, name: str, stream: Any) -> bytes:
    """Undo one encoding of a content stream. Raises UnreadableError for one that may grow without bound."""
    plain = stream.get("/DecodeParms") is None and stream.get("/DP") is None
    if plain and name in {"/FlateDecode", "/Fl"}:
        return zlib.decompressobj().decompress(raw, _MOST_PAGE_WORK + 1)
    if name in {"/ASCII85Decode", "/A85"}:
        return base64.a85decode(raw.strip().removesuffix(b"~>"), adobe=False)
    if name in {"/ASCIIHexDecode", "/AHx"}:
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", raw.partition(b">")[0])
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    if len(stream.read_raw_bytes()) > _ODD_RAW or stream.get("/Filter") != name:
        raise UnreadableError(Trouble.TOO_LARGE)
    return bytes(stream.read_bytes())


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),))


def _inherited(page: Any, key: str) -> Any:
    """Look up what a page may have from the folder that it stands in."""
    for _ in range(_DEPTH):
        if key in page or "/Parent" not in page:
            break
        page = page.Parent
    return page.get(key)


def _states(value: Any) -> list[Any]:
    """Give the streams of an appearance: itself, or one for each of its states."""
    if isinstance(value, pikepdf.Stream):
        return [value]
    if isinstance(value, pikepdf.Dictionary):
        return [value, *(each for _, each in value.items() if isinstance(each, pikepdf.Stream))]
    return []
