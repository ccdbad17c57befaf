"""Writes the vectors of manifests anew: `python -m tests.vectors.manifests.make`.

A valid one is called NAME.yaml or NAME.json; an invalid one NAME.CODE.yaml, with one fault and the code that it gets.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

PLAIN = """\
format: sluis-package/1
recipients: [gemeente-voorbeeld]
purpose: housing
sender: {organisation: DT&V, name: Alex Voorbeeld, unit: Zuid}
subject: {vNumber: "0123456789", name: Sam Proef, dateOfBirth: 1990-05-01}
data:
  name: Sam Proef
  address: {street: Proefstraat, number: 12}
"""

WHOLE = """\
# Every key of the format, once.
format: sluis-package/1
id: 0f1e2d3c-4b5a-4968-8776-655443322110
recipients: [vluchtelingenhulp-voorbeeld, nidos-voorbeeld]
partial: allowed
purpose: legal-support
sender: {organisation: DT&V, name: Alex Voorbeeld, unit: Zuid}
request:
  requestedBy: Robin Vraag
  role: caseworker
  reference: AB-12
  receivedOn: 2026-11-20
  question: |
    First line.
    Second line.
subject:
  vNumber: "0123456789"
  name: Sam Proef
  nameVariants: [S. Proef, "Proef, Sam"]
  dateOfBirth: 1990-00-00
  secretAddress: false
consent:
  document: machtiging.pdf
  signedOn: 2026-11-01
  signedBy: Sam Proef
  signerRole: subject
  validUntil: 2027-11-01
  recipient: Vluchtelingenhulp Voorbeeld
  categories: [ordinary]
  proof: seen
  caseReference: IS-TV/2026/118
mandate: {document: mandaat.pdf, signedOn: 2026-11-01, signedBy: Sam Proef, endsOn: 2027-01-01}
guardianship: {reference: NI-7}
necessity: Because the question can not be answered without it.
channel: secure-mail
dataFile: data.csv
documents:
  - {file: gespreksverslag.docx, kind: interview-report, declaredCategories: [ordinary]}
  - {file: brief.txt, kind: letter, sha256: SHA}
""".replace("SHA", "0" * 64)


def valid() -> dict[str, bytes]:
    """Give every valid manifest by its file name."""
    return {
        "plain.yaml": PLAIN.encode(),
        "plain.json": _json(_plain()),
        "whole.yaml": WHOLE.encode(),
        "byte-order-mark.yaml": b"\xef\xbb\xbf" + PLAIN.encode(),
        "byte-order-mark.json": b"\xef\xbb\xbf" + _json(_plain()),
        "windows-line-ends.yaml": PLAIN.replace("\n", "\r\n").encode(),
        "words-stay-text.yaml": _with_data(
            "a: no\n  b: 2026-11-20\n  c: 007\n  d: 12:30\n  e: 1_000\n  f: Null\n  g: .nan"
        ),
        "quoted-merge-key.yaml": _with_data('"<<": text'),
        "whole-number-of-many-digits.yaml": _with_data("a: 123456789012345678901234567890"),
        "document-end.yaml": b"---\n" + PLAIN.encode() + b"...\n",
    }


def invalid() -> dict[str, bytes]:
    """Give every manifest with one fault by its file name, which holds the expected code."""
    made = dict(_unreadable()) | dict(_wrong())
    made["not-json.manifest-unreadable.json"] = b'{"format": "sluis-package/1",\n "recipients": [\n}'
    made["key-twice.manifest-unreadable.json"] = b'{"format": "sluis-package/1", "purpose": "a", "purpose": "b"}'
    made["not-a-number.manifest-unreadable.json"] = _json(_plain()).replace(b"12", b"NaN")
    made["infinity.manifest-unreadable.json"] = _json(_plain()).replace(b"12", b"1e999")
    made["half-a-surrogate-pair.manifest-unreadable.json"] = _json(_plain()).replace(b"Proefstraat", b"\\ud800")
    made["deep.manifest-unreadable.json"] = b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    made["list.manifest-invalid.json"] = b"[]"
    return made


def _unreadable() -> Iterator[tuple[str, bytes]]:
    for name, text in {
        "empty-bytes": b"\x00",
        "latin-1": PLAIN.encode().replace(b"Proefstraat", b"Proefstra\xdfe"),
        "utf-16": PLAIN.encode("utf-16"),
        "tab-indent": PLAIN.encode().replace(b"  name: Sam", b"\tname: Sam"),
        "open-quote": PLAIN.encode().replace(b'"0123456789"', b'"0123456789'),
        "key-twice": PLAIN.encode() + b"purpose: other\n",
        "key-twice-in-data": _with_data("a: 1\n  a: 2"),
        "anchor": PLAIN.encode().replace(b"purpose: ", b"purpose: &x "),
        "alias": PLAIN.encode().replace(b"purpose: housing", b"purpose: *x"),
        "tag": PLAIN.encode().replace(b"purpose: ", b"purpose: !!str "),
        "python-tag": _with_data("a: !!python/object/apply:os.getcwd []"),
        "tag-directive": b"%TAG ! tag:example.org,2026:\n---\n" + PLAIN.encode(),
        "merge-key": _with_data("<<: {a: 1}"),
        "two-documents": PLAIN.encode() + b"---\n" + PLAIN.encode(),
        "list-as-key": _with_data("? [a]\n  : b"),
        "deep": _with_data("a: " + "[" * 100 + "]" * 100),
        "number-out-of-range": _with_data("a: 1e999"),
        "number-of-5000-digits": _with_data("a: " + "9" * 5000),
    }.items():
        yield f"{name}.manifest-unreadable.yaml", text


def _wrong() -> Iterator[tuple[str, bytes]]:
    yield "format.format-unknown.yaml", PLAIN.replace("sluis-package/1", "sluis-package/2").encode()
    yield "format-as-number.format-unknown.yaml", PLAIN.replace("sluis-package/1", "1").encode()
    for name, old, new in (
        ("unknown-key", "purpose:", "extra: 1\npurpose:"),
        ("snake-case-key", "dateOfBirth", "date_of_birth"),
        ("no-purpose", "purpose: housing\n", ""),
        ("no-format", "format: sluis-package/1\n", ""),
        ("recipient-twice", "[gemeente-voorbeeld]", "[gemeente-voorbeeld, gemeente-voorbeeld]"),
        ("recipient-with-path", "[gemeente-voorbeeld]", "[../gemeente]"),
        ("no-recipient", "[gemeente-voorbeeld]", "[]"),
        ("v-number-as-number", '"0123456789"', "1234567890"),
        ("v-number-too-short", '"0123456789"', '"123"'),
        ("birth-date-that-does-not-exist", "1990-05-01", "1990-02-30"),
        ("control-character", "name: Alex Voorbeeld", r'name: "Alex\eVoorbeeld"'),
        ("partial-unknown", "purpose:", "partial: maybe\npurpose:"),
        ("channel-unknown", "purpose:", "channel: carrier-pigeon\npurpose:"),
        ("id-no-uuid", "purpose:", "id: twelve\npurpose:"),
        ("data-and-data-file", "data:", "dataFile: data.csv\ndata:"),
        ("document-in-folder", "data:", "documents: [{file: a/b.txt, kind: letter}]\ndata:"),
        ("document-above-folder", "data:", "documents: [{file: ../b.txt, kind: letter}]\ndata:"),
        ("document-hidden", "data:", "documents: [{file: .b.txt, kind: letter}]\ndata:"),
        ("document-twice", "data:", "documents: [{file: a, kind: letter}, {file: A, kind: letter}]\ndata:"),
        ("digest-too-short", "data:", "documents: [{file: a, kind: letter, sha256: abc}]\ndata:"),
        ("truth-value-as-text", "subject: {", "subject: {secretAddress: yes, "),
    ):
        yield f"{name}.manifest-invalid.yaml", PLAIN.replace(old, new, 1).encode()


def _with_data(lines: str) -> bytes:
    head, _, _ = PLAIN.partition("data:\n")
    return f"{head}data:\n  {lines}\n".encode()


def _plain() -> dict[str, Any]:
    return {
        "format": "sluis-package/1",
        "recipients": ["gemeente-voorbeeld"],
        "purpose": "housing",
        "sender": {"organisation": "DT&V", "name": "Alex Voorbeeld", "unit": "Zuid"},
        "subject": {"vNumber": "0123456789", "name": "Sam Proef", "dateOfBirth": "1990-05-01"},
        "data": {"name": "Sam Proef", "address": {"street": "Proefstraat", "number": 12}},
    }


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def main() -> None:
    """Write the files."""
    for kind, files in (("valid", valid()), ("invalid", invalid())):
        (FOLDER / kind).mkdir(exist_ok=True)
        for name, content in files.items():
            (FOLDER / kind / name).write_bytes(content)


if __name__ == "__main__":
    main()
