"""HTML: read as lxml parses it, written anew with a fixed head, paragraphs, headings, lists and tables.

Rules:
1. Only text that people see is read. Scripts, styles, comments, forms, embedded pages, pictures and every attribute
   stay behind.
2. Hidden text is not carried over (`html_looks`).
3. The encoding is found by the bytes; a file that declares another one than it is in is refused, since browsers would
   see another text.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from lxml import etree

from gateway.minimise.documents.html_reading import Reading
from gateway.minimise.documents.html_writing import HEAD, OWN_VALUES, write_html
from gateway.minimise.documents.model import Opened, Tools, Trouble, UnreadableError
from gateway.minimise.documents.plain_encoding import decoded
from gateway.minimise.documents.rich_text import Left, OpenedRichText

_MOST_CHARACTERS: Final = 16 * 1024 * 1024
_DEEPEST: Final = 200
_DECLARED: Final = re.compile(r"<meta[^>]{0,500}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,30})", re.IGNORECASE)
_KNOWN: Final = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "cp1252", "latin1"}
)
_WIDE: Final = frozenset({"utf-16", "utf-16le", "utf-16be"})
_NUL: Final = "\x00"
_BREAKING: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "tr", "br", "div"})


def open_document(content: bytes, tools: Tools) -> Opened:
    """Read a file. Raises UnreadableError, and nothing else."""
    if len(content) > min(tools.limits.inflated_bytes, 2 * _MOST_CHARACTERS):
        raise UnreadableError(Trouble.TOO_LARGE)
    text = decoded(content)
    _check_declared(text, content)
    root = _parsed(text)
    left_behind: Counter[str] = Counter({Left.COMMENTS: text.count("<!--")})
    return OpenedRichText(
        document=Reading(left_behind=left_behind).document(root),
        write=write_html,
        suffix=".html",
        media_type="text/html; charset=utf-8",
        left_behind=left_behind,
    )


def _check_declared(text: str, content: bytes) -> None:
    for found in _DECLARED.finditer(text):
        name = found[1].lower()
        has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"))
        is_utf8_in_other_words = (
            name in _KNOWN and not name.startswith("utf") and not text.isascii() and _is_utf8(content)
        )
        if not has_mark and (name not in _KNOWN or is_utf8_in_other_words):
            raise UnreadableError(Trouble.TYPE_MISMATCH)
        if has_mark and name not in _KNOWN | _WIDE:
            raise UnreadableError(Trouble.TYPE_MISMATCH)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parsed(text: str) -> etree._Element:
    if _NUL in text or not text.strip():
        raise UnreadableError(Trouble.DAMAGED)
    parser = etree.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError):
        raise UnreadableError(Trouble.DAMAGED) from None
    if root is None:
        raise UnreadableError(Trouble.DAMAGED)
    if any(True for _ in _deep(root)):
        # The parser drops what is deeper than 256 without a word.
        raise UnreadableError(Trouble.TOO_LARGE)
    return root


def _deep(root: etree._Element) -> Iterator[int]:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            yield depth


# ---- The second reading ----------------------------------------------------------------------------------------------


def second_text(content: bytes) -> str:
    """Give all text of a file that was written here, as Python's own parser reads it: with attributes and comments."""
    parser = _Everything()
    parser.feed(content.decode("utf-8").removeprefix(HEAD))
    parser.close()
    return "\n".join(line for line in "".join(parser.texts).split("\n") if line)


class _Everything(HTMLParser):
    """Collects text, comments, declarations and the values of attributes that are not the writer's own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self.texts.append("\n")
        self.texts += (f"\n{written}\n" for _, written in attrs if written and not OWN_VALUES.fullmatch(written))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.texts.append(f"\n{data}\n")

    def handle_pi(self, data: str) -> None:
        self.texts.append(f"\n{data}\n")

    def unknown_decl(self, data: str) -> None:
        self.texts.append(f"\n{data}\n")
