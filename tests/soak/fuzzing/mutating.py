"""Changes a seed as chance will have it; the same reader, seed and number give the same document anywhere.

`python -m tests.soak.fuzzing.mutating READER SEED NUMBER > FILE` writes one out, for who looks for what it did.
"""

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.soak.fuzzing.damage import cut, damaged, spliced
from tests.soak.fuzzing.markup import VALUES, mutated_tags, mutated_xml, with_characters, with_other_space, written
from tests.soak.fuzzing.pictures import change_pdf, change_picture
from tests.soak.fuzzing.seeds import PACKED, READERS, Seed, members, packed, seeds
from tests.vectors.archives.building import DEFLATED, STORED, End, Piece, Told, build

_WITHIN: Final = ("text", "markdown", "html", "eml", "docx", "ods", "xlsx", "odt")
_PIECES: Final[Mapping[str, Sequence[bytes]]] = {
    "pdf": (
        b"/",
        b"<<",
        b">>",
        b"[",
        b"(",
        b"0",
        b"9999999999",
        b"-1",
        b" R",
        b"endobj",
        b"stream",
        b"\x00",
        b"BT",
        b"Q",
    ),
    "image": (b"\x00", b"\xff", b"\xff\xd9", b"IDAT", b"\x7f\xff\xff\xff", b"\x00" * 64, b"RIFF", b"II*\x00"),
    "text": (
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x81",
        b"\x00",
        b"\r",
        b"\xc2\xad",
        b"\xe2\x80\x8b",
        b"<p>",
        b"&#77;",
        b"Subject: ",
    ),
    "html": (b"<", b">", b"&", b";", b'"', b"<!--", b"\x00", b"\xc2\xad", b"\xff"),
    "eml": (b"\r\n", b"\n", b"--", b"=?utf-8?b?", b"?=", b"=\n", b"=3D", b"\x00", b"\xff", b'"', b"(", b";"),
}
_ZIP_PIECES: Final = (
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
)
_LINE_ENDS: Final = ("\r", "\r\n", "\n\n", "\f", "\v", "\u2028", "\x85", "-\n", " \n ")
_HEADERS: Final = (
    "Content-Type: text/plain; charset={}", "Content-Type: text/html; charset={}",
    "Content-Type: multipart/{}; boundary=x", "Content-Type: message/rfc822",
    "Content-Type: message/partial; id=x; number={}", "Content-Type: application/{}; name={}",
    "Content-Transfer-Encoding: {}", "Content-Disposition: attachment; filename*=utf-8''%4Derhawi%20Tesfay.txt",
    "Content-Disposition: {}; filename=x.{}", "Subject: =?{}?q?Merhawi=20Tesfay?=",
    "Subject: =?utf-8?b?TWVyaGF3aSBUZXNmYXk?=", "From: {}", "To: Merhawi Tesfay: a@x.example, {};", "Date: {}",
    "MIME-Version: {}", "Cc: (Merhawi (Tesfay) {}", "X: {}", " {}", ":{}",
    "Content-Type: text/plain; charset*0=ut; charset*1=f-8", "Content-Type: text/plain; name*{}*=x",
    "Content-Type: {}",
)  # fmt: skip
_WORDS: Final = (
    "utf-8", "utf-7", "utf-16", "hz", "unknown-8bit", "idna", "punycode", "rot13", "base64", "quoted-printable",
    "7bit", "8bit", "binary", "uuencode", "x-uuencode", "mixed", "alternative", "related", "digest", "signed",
    "encrypted", "octet-stream", "pdf", "zip", "inline", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs",
    "zlib", "\u00b2", "attachment", "Mon, 2 Nov 99999 10:00:00 +9999", "Mon, 31 Feb 2026 10:00:00 -0000",
    "1 Jan 0001 00:00:00 +2359", "=?utf-8?b?/////w==?=",
)  # fmt: skip


def mutated(reader: str, *, seed: int, number: int) -> Seed:
    """Give one mutated document."""
    chance = random.Random(f"{seed}/{reader}/{number}")
    return _mutated(reader, chance)


def _mutated(reader: str, chance: random.Random) -> Seed:
    begun = chance.choice(seeds(reader))
    kind = chance.random()
    content = begun.content
    if kind < 0.8:
        content = _CHANGES[reader](content, chance)
    elif kind < 0.9:
        content = _damaged(reader, content, chance)
    elif kind < 0.93:
        content = cut(content, chance)
    else:
        content = spliced(content, chance.choice(seeds(chance.choice((reader, reader, *READERS)))).content, chance)
    return Seed(name=begun.name, content=content)


def _damaged(reader: str, content: bytes, chance: random.Random) -> bytes:
    if reader not in PACKED:
        return damaged(content, chance, _PIECES.get(reader, _PIECES["text"]))
    if chance.random() < 0.5:
        return damaged(content, chance, _ZIP_PIECES)
    parts = members(content)
    name = chance.choice(list(parts))
    parts[name] = damaged(parts[name] or b"x", chance, _PIECES["html"])
    return packed(parts)


def _change_text(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "replace")
    for _ in range(chance.choice((1, 1, 2, 5))):
        lines = text.split("\n")
        kind, at, other = chance.random(), chance.randrange(len(lines)), chance.randrange(len(lines))
        if kind < 0.5:
            text = with_characters(text, chance)
        elif kind < 0.7:
            lines[at], lines[other] = lines[other], lines[at]
            text = "\n".join(lines)
        elif kind < 0.8:
            text = "\n".join((*lines[:at], chance.choice(VALUES), *lines[at:]))
        elif kind < 0.9:
            text = text.replace(" ", chance.choice(_LINE_ENDS), chance.choice((1, 3, -1)))
        else:
            text = text.replace("\n", chance.choice(_LINE_ENDS))
    return written(text, chance)


def _change_page(content: bytes, chance: random.Random) -> bytes:
    coding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return written(mutated_tags(content.decode(coding, "replace"), chance, html=True), chance)


def _change_mail(content: bytes, chance: random.Random) -> bytes:
    """Change lines: headers and boundaries doubled, moved, gone, refolded, with other codings; or the page within."""
    lines = content.split(b"\n")
    for _ in range(chance.choice((1, 1, 2, 4, 10))):
        marked = [at for at, line in enumerate(lines) if b":" in line[:40] or line.startswith(b"--")]
        at, other, kind = chance.choice(marked or [0]), chance.randrange(len(lines)), chance.random()
        if kind < 0.45:
            header = chance.choice(_HEADERS).replace("{}", chance.choice((*_WORDS, *VALUES)))
            lines[at : at + chance.choice((0, 0, 1))] = [header.encode("utf-8", "replace")]
        elif kind < 0.6:
            lines.insert(other, lines[at])
        elif kind < 0.7:
            del lines[at]
            lines = lines or [b""]
        elif kind < 0.8:
            lines[at] = lines[at].replace(b" ", chance.choice((b"\n ", b"\r\n\t", b"", b"\x0b", b"\xa0")))
        elif kind < 0.9:
            lines[at] = with_characters(lines[at].decode("utf-8", "replace"), chance).encode()
        else:
            lines[at] = damaged(lines[at] or b"x", chance, _PIECES["eml"])
    return b"\n".join(lines)


def _change_office(content: bytes, chance: random.Random) -> bytes:
    """Change one part, mostly one that is read; or which parts there are; or what the zip says of them."""
    parts = members(content)
    kind = chance.random()
    if kind < 0.85:
        names = [name for name in parts if name.endswith((".xml", ".rels"))]
        main = [name for name in names if name.endswith(("document.xml", "content.xml", "sheet1.xml", "styles.xml"))]
        name = chance.choice(main if chance.random() < 0.7 else names)
        parts[name] = mutated_xml(parts[name], chance)
        if chance.random() < 0.05:
            parts[name] = with_other_space(parts[name], chance)
        return packed(parts)
    if kind < 0.92:
        return packed(_other_parts(parts, chance))
    return _told_otherwise(parts, chance)


def _other_parts(parts: dict[str, bytes], chance: random.Random) -> dict[str, bytes]:
    name, other = chance.choice(list(parts)), chance.choice(list(parts))
    match chance.randrange(5):
        case 0:
            del parts[name]
        case 1:
            parts[name], parts[other] = parts[other], parts[name]
        case 2:
            parts[name] = spliced(parts[name], parts[other], chance)
        case 3:
            parts[f"{name}{chance.choice(('2', '.xml', '/x', ' '))}"] = parts[other]
        case _:
            foreign = members(chance.choice(seeds(chance.choice(sorted(PACKED)))).content)
            parts[name] = chance.choice(list(foreign.values()))
    return parts


def _change_archive(content: bytes, chance: random.Random) -> bytes:
    """Change a member as its own reader would be tried, or put archives in archives, or lie about members."""
    parts = members(content)
    kind = chance.random()
    if kind < 0.6:
        made = _mutated(chance.choice(_WITHIN), chance)
        name = chance.choice(list(parts))
        parts[chance.choice((name, made.name, f"Merhawi Tesfay/{made.name}", f"x.{name}"))] = made.content
        return packed(parts)
    if kind < 0.7:
        for _ in range(chance.choice((1, 2, 4, 6))):
            content = packed({"a.zip": content, **({"b.txt": b"Merhawi Tesfay"} if chance.random() < 0.3 else {})})
        return content
    return _told_otherwise(parts, chance)


def _told_otherwise(parts: Mapping[str, bytes], chance: random.Random) -> bytes:
    """Build a zip of which one record lies: names, sizes, methods, flags, places."""
    pieces = [
        Piece(name=name.encode(), content=part, method=STORED if name == "mimetype" else DEFLATED)
        for name, part in parts.items()
    ]
    at = chance.randrange(len(pieces))
    names = (
        b"",
        b"../x.txt",
        b"/a.txt",
        b"a\\b.txt",
        b"C:/x.txt",
        b"\xff.txt",
        b"a.txt\x00",
        b"CON.txt",
        b"a.txt/",
        b"x" * 300,
    )
    lies: dict[str, Sequence[Any]] = {
        "name": (*names, *(each.name for each in pieces)),
        "method": (0, 1, 8, 9, 12, 93, 99),
        "crc": (0, 1),
        "compressed": (0, 1, 0xFFFFFFFF, 10**6),
        "size": (0, 1, 0xFFFFFFFF, 10**6),
        "offset": (0, 1, 30, 0xFFFFFFFF),
        "extra": (
            b"\x01\x00\x00\x00",
            b"\x01\x00\x08\x00" + b"\xff" * 8,
            b"up" + b"\x09\x00\x01" + b"\x00" * 8,
            b"\x00",
        ),
    }
    told: list[Told] = []
    for _ in range(2):
        what = chance.choice(list(lies))
        told.append(Told(**{what: chance.choice(lies[what])}) if chance.random() < 0.6 else Told())
    old = pieces[at]
    pieces[at] = Piece(
        name=old.name,
        content=old.content,
        method=old.method,
        flags=chance.choice((0, 0, 0, 1, 0x20, 0x40, 0x800, 0x2000)),
        mode=chance.choice((0o100644, 0o100644, 0o120777, 0o040755, 0o060644, 0)),
        local=told[0],
        central=told[1],
        descriptor=chance.random() < 0.2,
    )
    if chance.random() < 0.1:
        pieces.append(pieces[at])
    return build(pieces, end=_end(chance), prefix=chance.choice((b"", b"", b"", b"MZ", b"%PDF-1.7")))


def _end(chance: random.Random) -> End:
    match chance.randrange(8):
        case 0:
            return End(count=chance.choice((0, 1, 0xFFFF)))
        case 1:
            return End(comment=chance.choice((b"Merhawi Tesfay", b"PK\x05\x06" + b"\x00" * 18)))
        case 2:
            return End(zip64=True)
        case _:
            return End()


_CHANGES: Final[Mapping[str, Callable[[bytes, random.Random], bytes]]] = {
    "text": _change_text,
    "markdown": _change_text,
    "html": _change_page,
    "eml": _change_mail,
    "archive": _change_archive,
    "pdf": change_pdf,
    "image": change_picture,
    **dict.fromkeys(("docx", "odt", "xlsx", "ods"), _change_office),
}

if __name__ == "__main__":
    sys.stdout.buffer.write(mutated(sys.argv[1], seed=int(sys.argv[2]), number=int(sys.argv[3])).content)
