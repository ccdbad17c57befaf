"""Hostile spreadsheets, mail and archives: refused with a trouble, soon, and in little memory."""

import io
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from gateway.minimise.documents import archive, eml, ods, xlsx
from gateway.minimise.documents.model import UnreadableError
from tests.unit.minimise.documents.door import tools
from tests.unit.minimise.documents.nasty_ods import nasty_ods, simple_ods, text_cell
from tests.unit.minimise.documents.nasty_xlsx import nasty_xlsx, patched_zip

_SECONDS: Final = 10.0
_KIB: Final = 512 * 1024
_MIB: Final = 1024 * 1024
_WHOLE_ROW: Final = 'table:number-columns-repeated="16384"'
_SHEET: Final = "xl/worksheets/sheet1.xml"
# A process of its own, so that the memory is that of one document; its time is what it worked, not what it waited.
_READ = """
import sys, time
from importlib import import_module
from gateway.minimise.documents.model import UnreadableError
from tests.unit.minimise.documents.door import tools
module = import_module(f"gateway.minimise.documents.{sys.argv[1]}")
content = sys.stdin.buffer.read()
began = time.process_time()
try:
    opened = module.open_document(content, tools())
    opened.rebuilt([[] for _ in opened.passages])
    trouble = "none"
except UnreadableError as error:
    trouble = error.trouble.value
# Not `ru_maxrss`, in which the process that started this one counts too.
most = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(trouble, time.process_time() - began, most)
"""


def _sheet(before: str, after: str) -> bytes:
    return patched_zip(nasty_xlsx(), changes={_SHEET: ((before, after),)})


def _rows(rows: str) -> bytes:
    return _sheet("<sheetData>", f"<sheetData>{rows}</sheetData><sheetData>")


def _members(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members:
            new.writestr(name, content)
    return packed.getvalue()


def _overlapping() -> bytes:
    """Let two names share the bytes of one member (CVE-2024-0450)."""
    content = _members(("a.eml", b"x" * 1000), ("b.eml", b"x" * 1000))
    directory = content.rindex(b"PK\x01\x02")
    return content[: directory + 42] + struct.pack("<L", 0) + content[directory + 46 :]


def _symlink() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as new:
        entry = zipfile.ZipInfo("a.eml")
        entry.external_attr = 0o120777 << 16
        new.writestr(entry, "/etc/passwd")
    return packed.getvalue()


def _entity(number: int) -> str:
    inner = f"&a{number};" * 9
    return f'<!ENTITY a{number + 1} "{inner}">'


def _laughs() -> str:
    entities = "".join(_entity(number) for number in range(30))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>'


def _hidden_everywhere() -> bytes:
    row = f"<table:table-row>{text_cell('x', _WHOLE_ROW)}</table:table-row>"
    column = f'<table:table-column table:visibility="collapse" {_WHOLE_ROW}/>'
    return simple_ods(f'<table:table table:name="x">{column}{row * 9_000}</table:table>')


def _nested_multiparts() -> bytes:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n" for number in range(5_000))
    return head.encode()


def _nested_zips() -> bytes:
    content = b"\0" * (100 * _MIB)
    for _ in range(4):
        content = _members(("a.zip", content))
    return content


_HOSTILE: Final[dict[str, tuple[ModuleType, Callable[[], bytes]]]] = {
    "a sheet of 400 MB": (xlsx, lambda: patched_zip(nasty_xlsx(), added={"xl/x.xml": "0" * (400 * _MIB)})),
    "billion laughs": (xlsx, lambda: _sheet("<worksheet", f"{_laughs()}<worksheet")),
    "elements without end": (xlsx, lambda: _rows("<x/>" * 3_500_000)),
    "attributes without end": (
        xlsx,
        lambda: _rows(f"<x {' '.join(f'a{n}=' + chr(34) * 2 for n in range(1_300_000))}/>"),
    ),
    "depth without end": (xlsx, lambda: _rows("<x>" * 100_000)),
    "merged cells everywhere": (
        xlsx,
        lambda: _sheet("</sheetData>", "</sheetData>" + '<mergeCell ref="A1:XFD1048576"/>' * 100_000),
    ),
    "one text shown everywhere": (
        xlsx,
        lambda: _rows(
            "".join(
                f'<row r="{n}"><c t="str"><v>{"tekst " * 1000 if n == 1 else "x"}</v></c></row>' for n in range(1, 9)
            )
            + "<row>"
            + f"<c t='str'><v>{'lang ' * 2000}</v></c>" * 4_000
            + "</row>"
        ),
    ),
    "a number of a million digits": (xlsx, lambda: _rows(f"<row><c><v>{'9' * _MIB}</v></c></row>")),
    "a place of a million digits": (xlsx, lambda: _rows(f'<row r="{"9" * _MIB}"/>')),
    "a format of a million digits": (
        xlsx,
        lambda: patched_zip(nasty_xlsx(), changes={"xl/styles.xml": (('"0000000000"', f'"{"0" * _MIB}"'),)}),
    ),
    "a member name of a thousand characters": (xlsx, lambda: patched_zip(nasty_xlsx(), added={"x" * 1000: ""})),
    "control characters in a member name": (xlsx, lambda: patched_zip(nasty_xlsx(), added={"a\x07b\nc": ""})),
    "a path out of the file": (xlsx, lambda: patched_zip(nasty_xlsx(), added={"../../x": ""})),
    "a truncated workbook": (xlsx, lambda: nasty_xlsx()[:-100]),
    "a text repeated in every cell": (
        ods,
        lambda: simple_ods(
            '<table:table table:name="x"><table:table-column/><table:table-row table:number-rows-repeated="200000">'
            f"{text_cell('lang ' * 100_000)}</table:table-row></table:table>"
        ),
    ),
    "blanks without end": (
        ods,
        lambda: simple_ods(
            '<table:table table:name="x"><table:table-column/><table:table-row>'
            f"{text_cell('a', within='<text:s text:c=' + chr(34) + '999999' + chr(34) + '/>' * 1)}"
            f"{text_cell(('<text:s text:c=' + chr(34) + '999999' + chr(34) + '/>') * 600_000)}"
            "</table:table-row></table:table>"
        ),
    ),
    "hidden cells repeated in every row": (ods, _hidden_everywhere),
    "a truncated spreadsheet": (ods, lambda: nasty_ods()[: len(nasty_ods()) // 2]),
    "mail within mail without end": (eml, lambda: b"Content-Type: message/rfc822\n\n" * 20_000),
    "parts within parts without end": (eml, _nested_multiparts),
    "a hundred thousand headers": (eml, lambda: b"X-A: b\n" * 100_000 + b"\nx"),
    "a header of a million parameters": (
        eml,
        lambda: b"Content-Type: multipart/mixed; " + b"a=b; " * _MIB + b"\n\nx",
    ),
    "a subject of a million encoded words": (eml, lambda: b"Subject: " + b"=?utf-8?q?a?= " * 500_000 + b"\n\nx"),
    "a hundred thousand parts": (
        eml,
        lambda: b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 100_000 + b"--x--\n",
    ),
    "a bomb in an archive": (archive, lambda: _members(("a.eml", b"a" * (500 * _MIB)))),
    "bombs in archives in archives": (archive, _nested_zips),
    "overlapping members": (archive, _overlapping),
    "a symbolic link": (archive, _symlink),
    "a path out of the archive": (archive, lambda: _members(("../a.eml", b"x"))),
    "a name twice": (archive, lambda: _members(("a.eml", b"Subject: x\n\nx"), ("A.EML", b"Subject: y\n\ny"))),
    "two archives in one": (archive, lambda: _members(("a.eml", b"x")) + _members(("b.eml", b"y"))),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_file_is_refused_within_ten_seconds_and_512_mebibytes(name: str) -> None:
    module, make = _HOSTILE[name]
    child = subprocess.run(
        [sys.executable, "-c", _READ, module.__name__.rpartition(".")[2]],
        input=make(),
        capture_output=True,
        cwd=Path(__file__).parents[4],
        check=False,
        timeout=100,
    )

    assert (0, b"") == (child.returncode, child.stderr[-2000:])
    trouble, seconds, kib = child.stdout.split()
    assert b"none" != trouble
    assert _SECONDS > float(seconds)
    assert _KIB > int(kib)


@pytest.mark.parametrize(
    ("module", "make"), [(xlsx, nasty_xlsx), (ods, nasty_ods), (eml, lambda: b"Subject: x\nTo: y\n\ntekst\n" * 9)]
)
def test_mutated_files_are_read_or_refused_and_never_anything_else(
    module: ModuleType, make: Callable[[], bytes]
) -> None:
    chance = random.Random(4)
    sound = make()
    for _ in range(60):
        content = bytearray(sound)
        for _ in range(chance.randrange(1, 9)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            opened = module.open_document(bytes(content), tools())
            opened.rebuilt([[] for _ in opened.passages])
        except UnreadableError as error:
            assert str(error) == error.trouble.value  # noqa: PT017 - that nothing else is raised is the promise.


@pytest.mark.parametrize("module", [xlsx, ods])
def test_mutated_parts_are_read_or_refused_and_never_anything_else(module: ModuleType) -> None:
    """Mutations in the packed bytes mostly break a checksum; these reach the parsers."""
    chance = random.Random(5)
    sound = nasty_xlsx() if module is xlsx else nasty_ods()
    with zipfile.ZipFile(io.BytesIO(sound)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    for _ in range(120):
        name = chance.choice([each for each in members if each.endswith((".xml", ".rels"))])
        content = bytearray(members[name])
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(content))
            content[at : at + chance.randrange(3)] = chance.choice([b"", b"9", b"-", b"A", b'"', b"<x/>", b"999999999"])
        mutated = _members(*((each, bytes(content) if each == name else members[each]) for each in members))
        try:
            opened = module.open_document(mutated, tools())
            opened.rebuilt([[] for _ in opened.passages])
        except UnreadableError as error:
            assert str(error) == error.trouble.value  # noqa: PT017 - that nothing else is raised is the promise.
