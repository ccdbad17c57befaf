"""Data files and their mutations: JSON, CSV, YAML, XML and workbooks with a record in them, or a list of records."""

import io
import random
import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.soak.fuzzing.damage import cut, damaged, spliced
from tests.soak.fuzzing.markup import VALUES, mutated_tags, mutated_xml, with_characters, written
from tests.soak.fuzzing.seeds import members, packed

KINDS: Final = (".json", ".csv", ".yaml", ".xml", ".xlsx")
_TOKENS: Final = re.compile(r'("[^"\n]*"|[{}\[\],:;\n-]|[\w.+]+)')
_RECORDS: Final = (
    {"naam": "Merhawi Tesfay", "geboren": "1987-03-12", "nummer": "0123456789"},
    {"naam": "Fatemeh Rezai", "geboren": "1990-00-00", "nummer": "-12,5"},
)
_MARKS: Final = (
    *"{}[],:;|>-?*&!%@`'\"#\t\r\n\\", "---", "...", "? ", "- ", "<<: *a", "&a [*a]", "!!python/object:x", "%YAML 9.9",
    '"a": ', "null", "NaN", "-Infinity", "1e400", "-0", "0x1F", "0o17", "1_000", "1:30", "yes", "~", "1" * 5000,
    "\\ud800", "\\u0000", "=1+1", "@SUM(1)", "\x00", "\ud800", "[" * 2000, '{"a":' * 500, "- " * 500, "  " * 200,
    '"' * 3, "naam", "sep=;\n",
)  # fmt: skip


@cache
def _seeds(kind: str) -> Sequence[bytes]:
    first, second = _RECORDS
    if kind == ".json":
        objects = ["{" + ", ".join(f'"{key}": "{value}"' for key, value in each.items()) + "}" for each in _RECORDS]
        return (
            objects[0].encode(),
            f"[{objects[0]}, {objects[1]}]".encode(),
            b'{"a": {"b": [1, 2.50, true, null]}, "c": -1e3}',
        )
    if kind == ".csv":
        rows = "\r\n".join(";".join(each) for each in (list(first), list(first.values()), list(second.values())))
        return (
            rows.encode(),
            rows.replace(";", ",").replace("-12,5", '"-12,5"').encode("utf-16"),
            rows.encode("cp1252"),
        )
    if kind == ".yaml":
        lines = "".join(f"{key}: {value!r}\n" for key, value in first.items())
        return (lines.encode(), b"- a: 1\n  b: [x, 'y']\n- a: 2\n  b:\n    - c: |\n        tekst\n")
    if kind == ".xml":
        rows = "".join(
            f"<rij>{''.join(f'<{key}>{value}</{key}>' for key, value in each.items())}</rij>" for each in _RECORDS
        )
        return (
            f"<zaak>{rows}</zaak>".encode(),
            f'<?xml version="1.0"?><z xmlns="urn:x"><naam>{first["naam"]}</naam></z>'.encode(),
        )
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    for row in (list(first), list(first.values()), [*list(second.values())[:2], 12.5]):
        sheet.append(row)
    made = io.BytesIO()
    workbook.save(made)
    return (made.getvalue(),)


def mutated_data(kind: str, *, seed: int, number: int) -> bytes:
    """Give one mutated data file; the same arguments give the same bytes."""
    chance = random.Random(f"{seed}/data{kind}/{number}")
    content = chance.choice(_seeds(kind))
    way = chance.random()
    if way < 0.1:
        return damaged(content, chance, (b'"', b",", b"\n", b"\x00", b"\xff", b"<", b"PK\x03\x04"))
    if way < 0.15:
        return cut(content, chance)
    if way < 0.2:
        return spliced(content, chance.choice(_seeds(chance.choice(KINDS))), chance)
    if kind == ".xlsx":
        parts = members(content)
        name = chance.choice([*parts, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
        parts[name] = mutated_xml(parts[name], chance)
        return packed(parts)
    if kind == ".xml" and way < 0.8:
        return mutated_xml(content, chance)
    text = content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8")
    return written(mutated_tags(text, chance, html=False) if kind == ".xml" else _mutated_tokens(text, chance), chance)


def _mutated_tokens(text: str, chance: random.Random) -> str:
    tokens = _TOKENS.split(text)
    for _ in range(chance.choice((1, 1, 2, 4, 10))):
        at, other, way = chance.randrange(len(tokens)), chance.randrange(len(tokens)), chance.random()
        if way < 0.15:
            tokens.insert(at, tokens[other])
        elif way < 0.3:
            tokens[at] = ""
        elif way < 0.4:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif way < 0.6:
            tokens[at] = chance.choice(VALUES)
        elif way < 0.85:
            tokens.insert(at, chance.choice(_MARKS))
        else:
            tokens[at] = with_characters(tokens[at], chance)
    return "".join(tokens)
