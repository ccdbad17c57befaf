"""Reads a mail part by part; the rules stand in `gateway.minimise.documents.eml`."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from gateway.minimise.documents.inner import Inner, opened_within
from gateway.minimise.documents.model import Mark, Opened, Passage, Tools, Trouble, UnreadableError
from gateway.minimise.documents.visible import holds_base64, searchable

_KEPT: Final = ("Subject", "From", "To", "Cc")
_COMING_ALONG: Final = frozenset({"date", *map(str.casefold, _KEPT)})
_MAX_PARTS: Final = 500
_MAX_MULTIPARTS: Final = 100
_MAX_DEPTH: Final = 10
_MAX_HEADERS: Final = 1_000
_MAX_HEADER_CHARACTERS: Final = 32 * 1024
_MULTIPART = re.compile(rb"multipart/|message/", re.IGNORECASE)
_OF_STRUCTURE = re.compile(rb"^content-[a-z-]+[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_SEALED: Final = frozenset(
    {
        "multipart/encrypted",
        "application/pgp-encrypted",
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
    }
)
_SEALED_TEXT: Final = "-----BEGIN PGP MESSAGE"
_SIGNED_TEXT: Final = "-----BEGIN PGP SIGN"
_SIGNED: Final = frozenset({"multipart/signed", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-?[0-9]{1,2}|(?:windows-|cp)125[0-8]|koi8-[ru]|gb2312|gbk|gb18030|big5|iso-2022-jp"
    r"|euc-(?:jp|kr)|shift_jis",
    re.IGNORECASE,
)
_CODINGS: Final = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"})
_OF_MIME: Final = ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID")
_BETWEEN_PARAGRAPHS = re.compile(r"\n(?:[ \t\xa0]*\n)+")
_ENDINGS: Final = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/zip": ".zip",
    "text/plain": ".txt",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of the text: paragraphs, or what a page of HTML shows; its passages stand from `first` on."""

    first: int
    count: int
    page: Opened | None = field(default=None, repr=False)

    def marks(self, of_whole: Sequence[Sequence[Mark]]) -> Sequence[Sequence[Mark]]:
        """Give the marks that are its own."""
        return of_whole[self.first : self.first + self.count]


def read_mail(content: bytes, tools: Tools) -> "MailReading":
    """Read a mail. Raises UnreadableError only."""
    if len(_MULTIPART.findall(content)) > _MAX_MULTIPARTS:
        raise UnreadableError(Trouble.TOO_LARGE)
    if any(len(header) > _MAX_HEADER_CHARACTERS for header in _OF_STRUCTURE.findall(content)):
        # The standard library takes quadratic time over their parameters.
        raise UnreadableError(Trouble.TOO_LARGE)
    try:
        message = message_from_bytes(content, policy=compat32)
        return MailReading(message, tools)
    except RecursionError:
        raise UnreadableError(Trouble.TOO_LARGE) from None
    except (ValueError, LookupError, TypeError, AttributeError, HeaderParseError):
        # What the standard library raises for headers that are none.
        raise UnreadableError(Trouble.DAMAGED) from None


class MailReading:
    """A mail that is being read."""

    def __init__(self, message: Message, tools: Tools) -> None:
        self.passages: list[Passage] = []
        self.headers: list[tuple[str, int]] = []
        self.blocks: list[Block] = []
        self.attachments: list[Inner] = []
        self.left_behind: Counter[str] = Counter()
        self._tools = tools
        self._parts = 0
        self.date = self._date(message)
        self._read_headers(message)
        self._read_part(message, depth=0, is_within_page=False)
        if not self.passages:
            raise UnreadableError(Trouble.NO_TEXT)

    def _date(self, message: Message) -> str:
        """Give the moment in UTC: neither a zone of its own nor a comment behind it comes along."""
        try:
            moment = parsedate_to_datetime(str(message.get("Date", "")))
        except (ValueError, TypeError, OverflowError):
            return ""
        try:
            return format_datetime(moment.replace(microsecond=0).astimezone(dt.UTC) if moment.tzinfo else moment)
        except OverflowError:
            return ""

    def _read_headers(self, message: Message) -> None:
        by_name: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            by_name.setdefault(name.casefold(), []).append(str(value))
        self.left_behind["headers"] += sum(len(by_name[name]) for name in by_name.keys() - _COMING_ALONG)
        self.left_behind["headers"] += message.get_unixfrom() is not None
        if any(len(by_name.get(name, ())) > 1 for name in _COMING_ALONG):
            raise UnreadableError(Trouble.DAMAGED)
        for name in _KEPT:
            values = by_name.get(name.casefold(), ())
            if text := " ".join(self._seen("".join(map(_decoded, values))).split()):
                self.headers.append((name, len(self.passages)))
                self.passages.append(Passage(text=text))

    def _read_part(self, part: Message, *, depth: int, is_within_page: bool) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS or depth > _MAX_DEPTH or len(part.keys()) > _MAX_HEADERS:
            raise UnreadableError(Trouble.TOO_LARGE)
        kind = part.get_content_type()
        if kind in _SEALED:
            raise UnreadableError(Trouble.ENCRYPTED)
        if kind in _SIGNED:
            raise UnreadableError(Trouble.NOT_KNOWN)
        if part.defects or any(len(part.get_all(name, [])) > 1 for name in _OF_MIME):
            raise UnreadableError(Trouble.DAMAGED)
        if kind == "message/rfc822":
            self._attach(_nested(part), ".eml")
        elif part.is_multipart():
            self._read_multipart(part, kind, depth=depth, is_within_page=is_within_page)
        elif kind.startswith("multipart/"):
            raise UnreadableError(Trouble.DAMAGED)
        else:
            self._read_leaf(part, kind, is_within_page=is_within_page)

    def _read_multipart(self, part: Message, kind: str, *, depth: int, is_within_page: bool) -> None:
        self.left_behind["texts-around-parts"] += bool((part.preamble or "").strip())
        self.left_behind["texts-around-parts"] += bool((part.epilogue or "").strip())
        children = list(_children(part))
        if kind == "multipart/alternative":
            chosen = _chosen(children)
            self.left_behind["alternatives"] += len(children) - 1
            children = [chosen]
        for child in children:
            within = is_within_page or kind == "multipart/related"
            self._read_part(child, depth=depth + 1, is_within_page=within)

    def _read_leaf(self, part: Message, kind: str, *, is_within_page: bool) -> None:
        name = part.get_filename() or ""
        content = _payload(part)
        is_attached = bool(name) or part.get_content_disposition() == "attachment"
        if kind == "text/plain" and not is_attached:
            self._read_text(_text(part, content))
        elif kind == "text/html" and not is_attached:
            self._read_page(_text(part, content))
        elif kind.startswith("image/") and is_within_page and part.get_content_disposition() != "attachment":
            self.left_behind["images"] += 1
        else:
            self.left_behind["file-names"] += bool(name)
            self._attach(content, name if "." in name else _ENDINGS.get(kind, ""))

    def _read_text(self, text: str) -> None:
        if _SEALED_TEXT in text or _SIGNED_TEXT in text:
            raise UnreadableError(Trouble.ENCRYPTED if _SEALED_TEXT in text else Trouble.NOT_KNOWN)
        first = len(self.passages)
        paragraphs = _BETWEEN_PARAGRAPHS.split(self._seen(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n"))
        self.passages += (Passage(text=each) for each in paragraphs if each.strip())
        self.blocks.append(Block(first=first, count=len(self.passages) - first))

    def _read_page(self, text: str) -> None:
        # The charset that the page names for itself is another one now; the mark says so before it is read.
        inner = opened_within(
            b"\xef\xbb\xbf" + text.encode("utf-8", "replace"),
            ".html",
            number=1,
            tools=self._tools,
            passages=self.passages,
        )
        self.blocks.append(Block(first=inner.first, count=inner.count, page=inner.opened))

    def _attach(self, content: bytes, name: str) -> None:
        inner = opened_within(
            content, name, number=len(self.attachments) + 1, tools=self._tools, passages=self.passages
        )
        self.attachments.append(inner)

    def _seen(self, text: str) -> str:
        seen, count = searchable(text)
        if holds_base64(seen):
            raise UnreadableError(Trouble.NO_TEXT)
        self.left_behind["invisible-characters"] += count
        return seen


def _decoded(header: str) -> str:
    """Decode the encoded words of a header. Raises UnreadableError for codings that not every program knows."""
    if len(header) > _MAX_HEADER_CHARACTERS:
        raise UnreadableError(Trouble.TOO_LARGE)
    parts: list[str] = []
    for text, charset in decode_header(header.encode("utf-8", "surrogateescape").decode("utf-8")):
        if isinstance(text, str):
            parts.append(text)
        elif charset is None:
            # This is how the standard library hands on what stands beside encoded words.
            parts.append(text.decode("raw-unicode-escape"))
        else:
            parts.append(_by_charset(text, charset))
    return "".join(parts)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    for each in payload if isinstance(payload, list) else ():
        if not isinstance(each, Message):
            raise UnreadableError(Trouble.DAMAGED)
        yield each


def _chosen(alternatives: Sequence[Message]) -> Message:
    """Choose the plain text, else what holds the page; other alternatives show the same in a richer way."""
    for wanted in ("text/plain", "text/html", "multipart/related", "multipart/mixed", "multipart/alternative"):
        for each in alternatives:
            if each.get_content_type() == wanted:
                return each
    raise UnreadableError(Trouble.NOT_KNOWN)


def _nested(part: Message) -> bytes:
    children = list(_children(part))
    if len(children) != 1:
        raise UnreadableError(Trouble.DAMAGED)
    return children[0].as_bytes(policy=compat32)


def _payload(part: Message) -> bytes:
    coding = str(part.get("Content-Transfer-Encoding", "")).strip().casefold()
    if coding not in _CODINGS or part.get_content_maintype() == "message":
        raise UnreadableError(Trouble.NOT_KNOWN)
    content = part.get_payload(decode=True)
    # Faults of base64 are noticed now.
    if part.defects or not isinstance(content, bytes):
        raise UnreadableError(Trouble.DAMAGED)
    return content


def _text(part: Message, content: bytes) -> str:
    charset = part.get_content_charset("")
    if charset:
        return _by_charset(content, charset)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _by_charset(content, "windows-1252")


def _by_charset(content: bytes, charset: str) -> str:
    if not _CHARSET.fullmatch(charset):
        raise UnreadableError(Trouble.DAMAGED)
    text = content.decode(charset)
    return text.removeprefix("\ufeff")
