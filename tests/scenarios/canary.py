"""A person who exists nowhere else, and every form in which a trace of that person could lie somewhere.

The values are drawn anew for each run, so that nothing found can come from an older run or from a source file.
"""

import base64
import hashlib
import json
import random
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from quopri import encodestring
from typing import Any
from urllib.parse import quote, quote_plus

_SIGNS = "bdfghjklmnprstvz"
_VOWELS = "áéíóúäëïöüŷ"
_SHORTEST = 8
_CUT_DIGEST = 32


@dataclass(frozen=True)
class Canary:
    """`values` are personal data; `names` stand where a slip may name them: an entry, a file, a field."""

    values: Mapping[str, str] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)

    def __getitem__(self, label: str) -> str:
        return self.values.get(label) or self.names[label]

    def everything(self) -> dict[str, str]:
        return {**self.values, **self.names}


def make_canary(chance: random.Random) -> Canary:
    given, family = _word(chance), _word(chance)
    year, month, day = chance.randint(2010, 2013), chance.randint(1, 12), chance.randint(13, 28)
    values = {
        "name": f"{given} Đỗ-{family}",
        "family name": family,
        "bsn": _bsn(chance),
        "v-number": str(chance.randint(10**8, 10**9 - 1)).rjust(10, "0"),
        "e-mail": f"{_plain(given).lower()}.{chance.randint(100, 999)}@{_plain(family).lower()}.example",
        "telephone": f"+316{chance.randint(10**7, 10**8 - 1)}",
        "birth date": f"{year:04}-{month:02}-{day:02}",
        "birth date in Dutch": f"{day:02}-{month:02}-{year:04}",
        "free text": f"is ziek sinds {_word(chance)} {_word(chance)}",
    }
    names = {
        "entry": _word(chance),
        "file": _word(chance),
        "field": _word(chance),
        "slug": _plain(_word(chance)).lower(),
    }
    return Canary(values, names)


def _word(chance: random.Random) -> str:
    syllables = (chance.choice(_SIGNS) + chance.choice(_VOWELS) for _ in range(6))
    return "".join(syllables).capitalize()


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _bsn(chance: random.Random) -> str:
    """Draw a number that passes the 11-test: nine digits weighed 9 to 2 and -1, the sum a multiple of 11."""
    while True:
        digits = [chance.randint(1, 9) for _ in range(9)]
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        if 0 == sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11:
            return "".join(map(str, digits))


# ---- Traces --------------------------------------------------------------------------------------------------


def traces(text: str) -> dict[str, tuple[bytes, ...]]:
    """Give each form of a value that is looked for, by the name of the form."""
    written = dict.fromkeys(_spellings(text))
    content = [each.encode() for each in written]
    made = {
        "raw": tuple(content),
        "UTF-16": tuple(each.encode(codec) for each in written for codec in ("utf-16-le", "utf-16-be")),
        "Latin-1": tuple(each.encode("latin-1") for each in written if _is_latin(each)),
        "reversed": tuple(each[::-1].encode() for each in written),
        "URL": tuple(coded.encode() for each in written for coded in (quote(each, safe=""), quote_plus(each))),
        "JSON": tuple(json.dumps(each)[1:-1].encode() for each in written),
        "Python": tuple(ascii(each)[1:-1].encode() for each in written),
        "quoted-printable": tuple(encodestring(each).rstrip(b"=\n") for each in content),
        "hexadecimal": tuple(coded.encode() for each in content for coded in (each.hex(), each.hex().upper())),
        "base64": tuple(part for each in content for part in _base64(each)),
        "digest": tuple(digest for each in content for digest in _digests(each)),
    }
    return {form: tuple(dict.fromkeys(each)) for form, each in made.items() if each}


def _spellings(text: str) -> Iterator[str]:
    for form in (text, _plain(text)):
        for cased in (form, form.lower(), form.upper(), form.casefold()):
            yield unicodedata.normalize("NFC", cased)
            yield unicodedata.normalize("NFD", cased)


def _is_latin(text: str) -> bool:
    return all(ord(char) < 0x100 for char in text)


def _base64(content: bytes) -> Iterator[bytes]:
    """Encode at all three alignments, without the characters that depend on what stands beside it."""
    for shift in range(3):
        padded = bytes(shift) + content
        whole = base64.b64encode(padded[: len(padded) // 3 * 3])[4 * bool(shift) :]
        if len(whole) >= _SHORTEST:
            yield whole
            yield whole.replace(b"+", b"-").replace(b"/", b"_")


def _digests(content: bytes) -> Iterator[bytes]:
    for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
        # The beginning is what a digest that was cut short still has; so long a one never comes by chance.
        digest = hashlib.new(name, content, usedforsecurity=False).hexdigest()[:_CUT_DIGEST]
        yield digest.encode()
        yield digest.upper().encode()


class Search:
    """Looks for every trace of some values at once; what it finds it names, and never shows."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._traces = [
            (f"{label} ({form})", trace)
            for label, text in values.items()
            for form, found in traces(text).items()
            for trace in found
        ]

    def of(self, content: bytes) -> set[str]:
        return {label for label, trace in self._traces if trace in content}

    def of_all(self, contents: Iterable[tuple[str, bytes]]) -> dict[str, set[str]]:
        """Search named contents, their names too; give the places where something was found."""
        found: dict[str, set[str]] = {}
        for number, (place, content) in enumerate(contents):
            if labels := self.of(content) | self.of(place.encode("utf-8", "surrogateescape")):
                found[f"{number} {place.rpartition('.')[2]}"] = labels
        return found


# ---- The canary's packages -----------------------------------------------------------------------------------


def data_of(canary: Canary, **changes: Any) -> dict[str, Any]:
    """Give data with what a municipality may have, what it may not have, and a field that is called after somebody."""
    return {
        "name": canary["name"],
        "dateOfBirth": canary["birth date"],
        "vNumber": canary["v-number"],
        "bsn": canary["bsn"],
        "email": canary["e-mail"],
        "telephone": canary["telephone"],
        "medication": canary["free text"],
        canary["field"]: canary["birth date in Dutch"],
        **changes,
    }


def subject_of(canary: Canary, **changes: Any) -> dict[str, Any]:
    return {
        "name": canary["name"],
        "nameVariants": [canary["family name"]],
        "vNumber": canary["v-number"],
        "dateOfBirth": canary["birth date"],
        **changes,
    }
