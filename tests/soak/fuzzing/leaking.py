"""Looks for what was redacted in a new document, by ways that share no code with the readers and writers.

Rules:
1. What is looked for: every value that the search told of and that was to go, and the names that were planted, unless
   the text that was meant to go holds them as well. The mutation may have torn a name apart over two paragraphs.
2. Where: in the bytes of every part, inflated, decoded, with tags and without, in what `second_text` found, and in the
   strings and streams of a PDF.
3. How: folded, and with everything between letters and digits taken out; values of fewer than six signs as words.
4. A planted name that a passage holds as a whole must have been found, whatever stands around it.
"""

import dataclasses
import html
import io
import quopri
import re
import unicodedata
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pikepdf
from PIL import Image

from gateway.minimise.documents.jobs import Choice, Opening, Rebuilding
from gateway.minimise.documents.model import LABELS, Mark
from gateway.minimise.documents.picture_pdf import page_of, write
from gateway.minimise.documents.registry import reader_of
from gateway.minimise.people.findings import Finding, Kind, Whose
from tests.soak.fuzzing.seeds import DRAWN, PLANTED, READERS, seeds
from tests.unit.minimise.documents.small_engine import ENGINE

_LEAST_SQUEEZED: Final = 6
_PLANTED: Final = re.compile(
    "|".join(rf"\b{re.escape(name).replace(chr(92) + ' ', chr(92) + 's+')}\b" for name in PLANTED)
)
_NOT_IN_WORDS: Final = re.compile(r"[\W_]+")
_TAG: Final = re.compile(r"<[^>]*>")
_BASE64: Final = re.compile(rb"(?:^[A-Za-z0-9+/]{4,}={0,2}\r?$\n?)+", re.MULTILINE)
_ENCODED_WORD: Final = re.compile(rb"=\?utf-8\?b\?([^?]+)\?=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a job was seen to search and to find: the texts of a document, and the findings in each."""

    texts: Sequence[str] = field(repr=False)
    found: Sequence[Sequence[Finding]]


def leaks(seen: Seen, done: Rebuilding, *, choice: Choice) -> list[str]:
    """Tell by which rule, and of which kind, something came out; never what."""
    told: list[str] = []
    meant: list[str] = []
    values: dict[str, str] = {}
    for text, findings in zip(seen.texts, seen.found, strict=True):
        gone = [each for each in findings if _goes(each, choice)]
        left = _without(text, gone)
        told += ["a planted name that was not found"] if _PLANTED.search(left) else []
        meant.append(left)
        for each in gone:
            values.setdefault(folded(text[each.start : each.end]), each.kind.value)
    if done.rebuilt is None:
        return told
    values |= dict.fromkeys(map(folded, PLANTED), "planted")
    layers = [folded(done.text), *map(folded, _layers(done.rebuilt.content))]
    told += (f"{kind} in layer {number}" for kind, number in _found(values, folded("\n".join(meant)), layers))
    return told


def is_planted(read: str, seen: Sequence[Seen], *, choice: Choice) -> bool:
    """Tell whether a planted name stands in what was read in a new document, and in no text that was to go."""
    meant = "\n".join(
        _without(text, [each for each in findings if _goes(each, choice)])
        for one in seen
        for text, findings in zip(one.texts, one.found, strict=True)
    )
    words = folded(read).replace(" ", "")
    return any(name in words and name not in folded(meant).replace(" ", "") for name in _SQUEEZED)


def _goes(finding: Finding, choice: Choice) -> bool:
    if finding.whose is Whose.OFFICIAL:
        return not choice.stays.officials
    return finding.whose is Whose.THIRD_PARTY or finding.kind is Kind.WITHHELD


def _without(text: str, gone: Sequence[Finding]) -> str:
    parts: list[str] = []
    at = 0
    for each in gone:
        parts += (text[at : each.start], "[]")
        at = each.end
    return "".join((*parts, text[at:]))


def folded(text: str) -> str:
    """Fold letters as people would compare them; spaces and signs are one space."""
    plain = unicodedata.normalize("NFKD", text)
    letters = (
        "".join(char for char in plain if unicodedata.category(char) not in {"Mn", "Cf"})
        if not plain.isascii()
        else plain
    )
    return _NOT_IN_WORDS.sub(" ", letters.casefold()).strip()


def _found(values: dict[str, str], meant: str, layers: Sequence[str]) -> Iterator[tuple[str, int]]:
    squeezed_meant, words_meant = meant.replace(" ", ""), f" {meant} "
    squeezed = [layer.replace(" ", "") for layer in layers]
    for value, kind in values.items():
        joined = value.replace(" ", "")
        long = len(joined) >= _LEAST_SQUEEZED
        if not joined or (joined in squeezed_meant if long else f" {value} " in words_meant):
            continue
        for number, layer in enumerate(squeezed if long else layers):
            # Words of the mark-up are nobody's, though a mutation may have made a value of one.
            if (joined in layer if long else f" {value} " in f" {layer} ") and not (number and joined in markup()):
                yield kind, number
                break


def _layers(content: bytes) -> Iterator[str]:
    if content.startswith(b"PK\x03\x04"):
        yield from _zip_layers(content)
    elif content.startswith(b"%PDF"):
        yield from _pdf_layers(content)
    elif b"\nMIME-Version: 1.0" in content[:100_000] or content.startswith(b"MIME-Version"):
        yield from _mail_layers(content)
    else:
        yield from _text_layers(content)


def _text_layers(content: bytes) -> Iterator[str]:
    text = html.unescape(content.decode("utf-8", "replace"))
    yield text
    if "<" in text:
        yield _TAG.sub("", text)
    for value in PLANTED:
        for coding in ("utf-16-le", "utf-16-be"):
            if value.encode(coding) in content:
                yield value


def _zip_layers(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        yield packed.comment.decode("latin-1")
        for info in packed.infolist():
            yield f"{info.filename}\n{info.comment.decode('latin-1')}\n{info.extra.decode('latin-1')}"
            yield from _layers(packed.read(info))


def _mail_layers(content: bytes) -> Iterator[str]:
    # The letters of base64 spell nothing, or a value that was base64 itself; what they say is looked at below.
    plain = _ENCODED_WORD.sub(b"", _BASE64.sub(b"", content))
    yield plain.decode("latin-1")
    yield quopri.decodestring(plain).decode("utf-8", "replace")
    for run in (*_BASE64.findall(content), *_ENCODED_WORD.findall(content)):
        yield from _layers(b64decode(run + b"==="))


def _pdf_layers(content: bytes) -> Iterator[str]:
    yield content.decode("latin-1")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for each in pdf.objects:
            if isinstance(each, pikepdf.Stream) and each.get("/Subtype") != "/Image":
                read = each.read_bytes()
                yield read.decode("latin-1")
                yield read.decode("utf-16-be", "replace")
            elif not isinstance(each, pikepdf.Stream):
                yield str(each.unparse())


_SQUEEZED: Final = tuple(folded(name).replace(" ", "") for name in PLANTED)


@cache
def markup() -> str:
    """Give what stands in new documents in which no word of the old ones is left."""
    engine = dataclasses.replace(ENGINE, readers=reader_of, ocr=lambda _: ())
    written: list[str] = []
    for seed in (each for reader in READERS if reader not in DRAWN for each in seeds(reader)):
        opened = Opening(engine).open(seed.content, seed.name)
        nothing = [
            [Mark(start=0, end=len(each.text), label=LABELS["nl"])] if each.text else [] for each in opened.passages
        ]
        written += (folded(layer).replace(" ", "") for layer in _layers(opened.rebuilt(nothing).content))
    pages = [page_of(Image.new("L", (40, 40), shade), (), dots_per_inch=72) for shade in ("white", "grey")]
    written += (folded(layer).replace(" ", "") for layer in _pdf_layers(write(pages, language="nl-NL")))
    return "\n".join(written)
