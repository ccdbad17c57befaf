"""Writes the vectors of zip files anew: `python -m tests.vectors.archives.make`.

A valid one is called NAME.zip; an invalid one NAME.CODE.zip, with one fault and the code that it gets.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.vectors.archives.building import DEFLATED, STORED, End, Piece, Told, build, deflated
from tests.vectors.manifests.make import PLAIN

FOLDER = Path(__file__).parent

MANIFEST = PLAIN.encode() + b"documents: [{file: brief.txt, kind: letter}]\n"
LETTER = b"A letter.\n" * 20

_MANIFEST = Piece(name=b"package.yaml", content=MANIFEST)
_LETTER = Piece(name=b"brief.txt", content=LETTER)
_MIB = 1024 * 1024


def _with(**changes: Any) -> list[Piece]:
    """Give the plain package with another letter."""
    return [_MANIFEST, replace(_LETTER, **changes)]


def valid() -> dict[str, bytes]:
    """Give every archive that is a package, by its file name."""
    return {
        "plain.zip": build([_MANIFEST, _LETTER]),
        "stored.zip": build(_with(method=STORED)),
        "descriptors.zip": build(_with(descriptor=True)),
        "commented.zip": build([_MANIFEST, _LETTER], end=End(comment=b"made by hand")),
        "zip64.zip": build([_MANIFEST, _wide(_LETTER)], end=End(zip64=True)),
        "top-folder.zip": build([_folder(b"pkg/"), *_moved(b"pkg/")]),
        "finder.zip": build(
            [_folder(b"pkg/"), *_moved(b"pkg/"), Piece(name=b"__MACOSX/pkg/._brief.txt", content=b"x")]
        ),
        "marker-and-litter.zip": build([_MANIFEST, _LETTER, Piece(name=b"Thumbs.db", content=b"x")]),
        "dos-attributes.zip": build(_with(mode=0)),
    }


def invalid() -> dict[str, bytes]:
    """Give every archive with one fault by its file name, which holds the expected code."""
    sources = {
        "archive-unreadable": _unreadable(),
        "archive-unsafe": _unsafe(),
        "link-refused": _links(),
        "name-unsafe": _names(),
        "package-too-many-files": _counts(),
        "package-too-large": _sizes(),
        "document-missing": iter([("spelling", build(_with(name=b"BRIEF.txt")))]),
        "document-undeclared": iter([("one-more", build([_MANIFEST, _LETTER, Piece(name=b"other.txt")]))]),
        "manifest-missing": iter([("no-manifest", build([_LETTER])), ("empty", build([]))]),
        "manifest-ambiguous": iter([("two-manifests", build([_MANIFEST, Piece(name=b"package.json"), _LETTER]))]),
    }
    return {f"{name}.{code}.zip": content for code, made in sources.items() for name, content in made}


def _unreadable() -> Iterator[tuple[str, bytes]]:
    plain = build([_MANIFEST, _LETTER])
    yield "no-zip", b"This is not a zip file."
    yield "no-bytes", b""
    yield "cut-off", plain[:-30]
    yield "encrypted", build(_with(flags=1))
    yield "strongly-encrypted", build(_with(flags=0x41))
    yield "method", build(_with(local=Told(method=12), central=Told(method=12)))
    yield "crc", build(_with(local=Told(crc=7), central=Told(crc=7)))
    yield "longer-than-told", build(_with(local=Told(size=10), central=Told(size=10)))
    yield "shorter-than-told", build(_with(local=Told(size=900), central=Told(size=900)))
    yield "no-deflate", build(_with(packed=b"\xff" * 40))
    yield "bytes-after-deflate", build(_with(packed=deflated(LETTER) + b"hidden"))
    yield "deflate-without-end", build(_with(packed=deflated(LETTER)[:-4]))
    yield "second-disk", plain[:-18] + b"\x01" + plain[-17:]


def _unsafe() -> Iterator[tuple[str, bytes]]:
    zeros = bytes(2 * _MIB)
    yield "ratio", build(_with(content=zeros))
    yield "total-ratio", build([_MANIFEST, *(_zeros(number) for number in range(8))])
    yield "overlap", _overlapping()
    longer = Told(compressed=100_000, size=100_000)
    yield "overlapping-directory", build(_with(central=longer, local=longer, method=STORED))
    yield "name-differs-inside", build(_with(local=Told(name=b"other.txt")))
    yield "method-differs-inside", build(_with(local=Told(method=STORED)))
    yield "size-differs-inside", build(_with(local=Told(size=5)))
    yield "crc-differs-inside", build(_with(local=Told(crc=5)))
    yield "name-twice", build([_MANIFEST, _LETTER, _LETTER])
    yield "name-twice-in-other-case", build([_MANIFEST, _LETTER, Piece(name=b"Brief.TXT")])
    yield "name-twice-composed", build([_MANIFEST, Piece(name="e\u0301".encode()), Piece(name="\u00e9".encode())])
    yield "above", build(_with(name=b"../brief.txt"))
    yield "above-inside", build(_with(name=b"pkg/../../brief.txt"))
    yield "absolute", build(_with(name=b"/etc/brief.txt"))
    yield "backslash", build(_with(name=b"..\\brief.txt"))
    yield "drive", build(_with(name=b"C:brief.txt"))
    yield "no-name", build(_with(name=b""))
    yield "folder-with-content", build([_MANIFEST, _LETTER, Piece(name=b"pkg/", content=b"x", mode=0o040755)])
    yield "something-before", build([_MANIFEST, _LETTER], prefix=b"#!/bin/sh\n")
    yield "something-before-the-end", build([_MANIFEST, _LETTER], end=End(before=b"hidden"))
    yield "two-ends", build([_MANIFEST, _LETTER], end=End(comment=build([])))
    yield "directory-too-large", build(_with(central=Told(extra=bytes(60_000))))
    yield "stored-with-two-sizes", build(_with(method=STORED, central=Told(size=900), local=Told(size=900)))


def _links() -> Iterator[tuple[str, bytes]]:
    yield "symlink", build(_with(content=b"/etc/passwd", mode=0o120777))
    yield "device", build(_with(mode=0o020666))
    yield "fifo", build(_with(mode=0o010666))
    yield "subfolder", build([_MANIFEST, Piece(name=b"docs/brief.txt", content=LETTER)])
    yield "two-folders-deep", build(_moved(b"a/b/"))


def _names() -> Iterator[tuple[str, bytes]]:
    yield "control-character", build(_with(name=b"brief\x1b[2J.txt"))
    yield "zero-byte", build(_with(name=b"brief\x00.txt"))
    yield "not-utf-8", build(_with(name=b"brief\xff.txt", flags=0x800))
    yield "turned-around", build(_with(name="brief\u202etxt.exe".encode()))
    yield "windows-device", build(_with(name=b"CON.txt"))


def _counts() -> Iterator[tuple[str, bytes]]:
    yield "many-members", build([_MANIFEST, *(Piece(name=b"%d" % number, method=STORED) for number in range(505))])
    yield "told-count", build([_MANIFEST, _LETTER], end=End(count=60_000))


def _sizes() -> Iterator[tuple[str, bytes]]:
    told = Told(size=3 * 1024**3, compressed=100 * _MIB)
    yield "told-size", build(_with(local=told, central=told))


def _zeros(number: int) -> Piece:
    """Make a member that stays below the bound of one alone."""
    return Piece(name=b"%d.txt" % number, content=bytes(_MIB))


def _overlapping() -> bytes:
    """Let two members share their bytes (as the bombs of David Fifield do): the second lies inside the first one."""
    inner = build([_LETTER])[: 30 + len(_LETTER.name) + len(_LETTER.bytes_at_rest())]
    outer = Piece(name=b"outer.txt", content=inner, method=STORED)
    offset = 30 + len(_MANIFEST.name) + len(_MANIFEST.bytes_at_rest()) + 30 + len(outer.name)
    return build([_MANIFEST, outer, replace(_LETTER, central=Told(offset=offset))])


def _wide(piece: Piece) -> Piece:
    """Write a member's sizes in 64 bits."""
    size, packed = len(piece.content), len(piece.bytes_at_rest())
    extra = struct.pack("<2H2Q", 1, 16, size, packed)
    told = Told(size=0xFFFFFFFF, compressed=0xFFFFFFFF, extra=extra, crc=zlib.crc32(piece.content))
    return Piece(name=piece.name, content=piece.content, method=DEFLATED, local=told, central=told)


def _folder(name: bytes) -> Piece:
    return Piece(name=name, method=STORED, mode=0o040755)


def _moved(folder: bytes) -> Sequence[Piece]:
    return [Piece(name=folder + piece.name, content=piece.content) for piece in (_MANIFEST, _LETTER)]


def main() -> None:
    """Write the files."""
    for kind, files in (("valid", valid()), ("invalid", invalid())):
        (FOLDER / kind).mkdir(exist_ok=True)
        for name, content in files.items():
            (FOLDER / kind / name).write_bytes(content)


if __name__ == "__main__":
    main()
