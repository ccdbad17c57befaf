"""The manifest `sluis-package/1`: what a sender says about a package.

Rules: camelCase keys, unknown keys refused by name, strict types, no control characters, plain file names only.
Validated from JSON text always (a YAML manifest is turned into JSON first), so that the outbox and the API accept
exactly the same thing. Nothing here is trusted further than its form: policy decides.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from gateway.package.ids import SLUG

FORMAT = "sluis-package/1"
MAX_DOCUMENTS = 500
MAX_RECIPIENTS = 50
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z")
_MAX_NAME_BYTES = 200
_NOT_IN_A_NAME = frozenset('/\\:*?"<>|')
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NOT_ON_A_LINE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Category(StrEnum):
    """GDPR category of a field or document: ordinary, special (art. 9), criminal (art. 10), or internal."""

    ORDINARY = "ordinary"
    SPECIAL = "special"
    CRIMINAL = "criminal"
    INTERNAL = "internal"


class FileRole(StrEnum):
    """Why a file is in the package; only a document ever leaves as a file."""

    DOCUMENT = "document"
    DATA = "data"
    CONSENT = "consent"
    MANDATE = "mandate"


def _holds(text: str, categories: frozenset[str], *, but: str = "") -> bool:
    """Tell whether a text holds characters of these categories; what is printable never does, and most texts are."""
    return not text.isprintable() and any(unicodedata.category(char) in categories and char not in but for char in text)


def _no_control(text: str) -> str:
    if _holds(text, _CONTROL, but="\n\t"):
        raise ValueError("text without control characters expected")
    return text


def _one_line(text: str) -> str:
    """Refuse what could pass itself off as a line of the letter, or read otherwise than it was searched."""
    if _holds(text, _NOT_ON_A_LINE):
        raise ValueError("one line without hidden characters expected")
    return text


def _telling(text: str) -> str:
    if not any(char.isalnum() for char in text):
        raise ValueError("text with a letter or a digit expected")
    return text


def unsafe_name(name: str) -> bool:
    """Tell whether a file name could leave its folder, hide, or break a terminal or a Windows share."""
    return (
        not name
        or name != unicodedata.normalize("NFC", name)
        or len(name.encode("utf-8", "surrogateescape")) > _MAX_NAME_BYTES
        or name.startswith((".", " "))
        or name.endswith((".", " "))
        or not _NOT_IN_A_NAME.isdisjoint(name)
        or _holds(name, _NOT_ON_A_LINE)
        or bool(_RESERVED.match(name))
    )


def _plain_file_name(name: str) -> str:
    if unsafe_name(name):
        raise ValueError("a plain file name without folders or control characters expected")
    return name


def _partial_date(text: str) -> str:
    PartialDate.parse(text)
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_no_control)]
Line = Annotated[Text, AfterValidator(_one_line)]
Proof = Annotated[Text, AfterValidator(_telling)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(_no_control)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
FileName = Annotated[str, AfterValidator(_plain_file_name)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Version and variant of RFC 9562 section 4: an id stands in file names and addresses, so it must not be just any number
# that somebody writes into it.
UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
Uuid = Annotated[str, StringConstraints(pattern=UUID)]


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which month or day may be unknown, as registers write it: 1990-00-00."""

    year: int
    month: int
    day: int

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read YYYY-MM-DD, with 00 for an unknown month or day. Raises ValueError."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError("a date as YYYY-MM-DD expected, 00 for an unknown month or day")
        year, month, day = (int(part) for part in text.split("-"))
        if month == 0 and day != 0:
            raise ValueError("a date with a known day needs a known month")
        dt.date(year, month or 1, day or 1)
        return cls(year=year, month=month, day=day)

    def earliest(self) -> dt.date:
        """Give the first day that the date can mean."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> dt.date:
        """Give the last day that the date can mean."""
        if self.day:
            return self.earliest()
        month = self.month or 12
        following = dt.date(self.year + month // 12, month % 12 + 1, 1)
        return following - dt.timedelta(days=1)


BirthDate = Annotated[str, AfterValidator(_partial_date)]


class _Part(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
        # A repr would put a person's data in a traceback or a log.
        validate_default=False,
    )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class Sender(_Part):
    """Who says to send; checked against who really submitted it."""

    organisation: Text
    name: Text
    unit: Line | None = None


class Request(_Part):
    """The question that the package answers."""

    requested_by: Text | None = None
    role: Text | None = None
    reference: Line | None = None
    received_on: dt.date | None = None
    question: LongText | None = None


class Subject(_Part):
    """The person whom the package is about."""

    name: Text
    v_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")] | None = None
    name_variants: Annotated[list[Text], Field(max_length=50)] = []
    date_of_birth: BirthDate | None = None
    secret_address: bool = False


class Consent(_Part):
    """An authorisation (machtiging) of the subject: GDPR art. 6(1)(a) and 7."""

    document: FileName | None = None
    signed_on: dt.date | None = None
    signed_by: Text | None = None
    signer_role: Literal["subject", "guardian", "parent"] | None = None
    valid_until: dt.date | None = None
    recipient: Text | None = None
    categories: Annotated[list[Category], Field(max_length=4)] = []
    proof: Text | None = None
    case_reference: Text | None = None


class Mandate(_Part):
    """A mandate of an authorised representative, or of the lawyer of this case."""

    document: FileName | None = None
    signed_on: dt.date | None = None
    signed_by: Text | None = None
    ends_on: dt.date | None = None


class Guardianship(_Part):
    """The order that made Nidos the guardian."""

    reference: Proof


class DocumentDeclaration(_Part):
    """A document that the sender wants to share."""

    file: FileName
    kind: Slug
    declared_categories: Annotated[list[Category], Field(max_length=4)] = []
    sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file that must arrive with the manifest; `number` is its place in the API's `/documents/{n}`."""

    number: int
    role: FileRole
    kind: str
    name: str = ""
    sha256: str | None = None

    def __repr__(self) -> str:
        return f"<DeclaredFile {self.number} {self.role}>"


class Manifest(_Part):
    """A whole manifest; raises pydantic's ValidationError, which intake turns into `manifest-invalid`."""

    format: Literal["sluis-package/1"]
    recipients: Annotated[list[Slug], Field(min_length=1, max_length=MAX_RECIPIENTS)]
    purpose: Slug
    sender: Sender
    subject: Subject
    id: Uuid | None = None
    partial: Literal["refused", "allowed"] = "refused"
    request: Request | None = None
    consent: Consent | None = None
    mandate: Mandate | None = None
    guardianship: Guardianship | None = None
    necessity: LongText | None = None
    channel: Literal["chain-facility", "secure-mail", "postbus", "file-drop"] | None = None
    data: dict[Text, JsonValue] | None = None
    data_file: FileName | None = None
    documents: Annotated[list[DocumentDeclaration], Field(max_length=MAX_DOCUMENTS)] = []

    @model_validator(mode="after")
    def _is_whole(self) -> "Manifest":
        if self.data is not None and self.data_file is not None:
            raise ValueError("either data or dataFile expected, not both")
        if len(set(self.recipients)) != len(self.recipients):
            raise ValueError("each recipient once expected")
        names = [file.name.casefold() for file in self.declared_files()]
        if len(set(names)) != len(names):
            raise ValueError("each file name once expected, also when upper and lower case differ")
        return self

    def declared_files(self) -> tuple[DeclaredFile, ...]:
        """List every file that belongs to the package: documents first, then data, consent and mandate."""
        return tuple(self._number_files())

    def _number_files(self) -> Iterator[DeclaredFile]:
        number = 0
        for number, doc in enumerate(self.documents, 1):
            yield DeclaredFile(number, FileRole.DOCUMENT, doc.kind, doc.file, doc.sha256)
        extras: list[tuple[FileRole, str | None]] = [
            (FileRole.DATA, self.data_file),
            (FileRole.CONSENT, self.consent.document if self.consent else None),
            (FileRole.MANDATE, self.mandate.document if self.mandate else None),
        ]
        for role, name in extras:
            if name is not None:
                number += 1
                yield DeclaredFile(number, role, role.value, name)


def count_fields(value: Any) -> int:
    """Count the leaves of a JSON value, without recursion so that depth can not exhaust the stack."""
    count, pending = 0, [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        else:
            count += 1
    return count
