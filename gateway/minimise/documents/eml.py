"""Mail (EML, RFC 5322 and MIME): the headers that people read, the text, and the attachments, in a new message.

Rules, in order:
1. Read strictly: whatever the parser finds wrong, a header that stands twice, or a coding that is not of MIME makes it
   damaged, because mail programs would each show something else.
2. What is encrypted or signed is not read: a signature would not outlive the search, nor could its loss be seen.
3. Of the headers come along `Date` as the same moment in UTC, and `Subject`, `From`, `To`, `Cc` as passages. All others
   (routes, ids, thread topics, blind copies) stay behind, and so do the texts before and after the parts.
4. Of alternatives the plain text counts; of HTML, what its own reader says that people see, as plain text. A picture
   within HTML stays behind.
5. Every attachment, also a mail, goes through the same door, and gets a neutral name.
6. People stand in the new headers without an address to answer to (the group of RFC 6854): what was searched for others
   is no mail to go on with.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from gateway.minimise.documents.eml_reading import Block, read_mail
from gateway.minimise.documents.eml_writing import MAIL, written_mail
from gateway.minimise.documents.inner import Inner, rebuilt_within, second_text_of, text_of_name
from gateway.minimise.documents.model import Mark, Passage, Rebuilt, Tools, Trouble, UnreadableError, apply_marks

_OWN_HEADERS: Final = frozenset(
    {"date", "mime-version", "content-type", "content-transfer-encoding", "content-disposition"}
)


class Mail:
    """A mail that was read: headers by name and passage, blocks of its text, and attachments."""

    def __init__(
        self,
        *,
        date: str,
        headers: Sequence[tuple[str, int]],
        blocks: Sequence[Block],
        attachments: Sequence[Inner],
        passages: Sequence[Passage],
        left_behind: Counter[str],
    ) -> None:
        self._date = date
        self._headers = headers
        self._blocks = blocks
        self._attachments = attachments
        self._passages = passages
        self._left_behind = left_behind

    @property
    def passages(self) -> Sequence[Passage]:
        """Give the headers, the paragraphs of the text, and the passages of each attachment."""
        return self._passages

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        """Write a new message."""
        left_behind = self._left_behind.copy()
        texts = [apply_marks(passage.text, each) for passage, each in zip(self._passages, marks, strict=True)]
        headers = [(name, texts[at]) for name, at in self._headers]
        body: list[str] = []
        for block in self._blocks:
            body += texts[block.first : block.first + block.count]
            if block.page is not None:
                left_behind.update(block.page.rebuilt(block.marks(marks)).left_behind)
        attachments = rebuilt_within(self._attachments, marks, left_behind)
        content = written_mail(
            date=self._date,
            headers=headers,
            body="\n\n".join(body),
            attachments=[(name, new.media_type, new.content) for name, new in attachments],
        )
        return Rebuilt(content=content, suffix=".eml", media_type=MAIL, left_behind=+left_behind)


def open_document(content: bytes, tools: Tools) -> Mail:
    """Read a mail. Raises UnreadableError only."""
    reading = read_mail(content, tools)
    return Mail(
        date=reading.date,
        headers=reading.headers,
        blocks=reading.blocks,
        attachments=reading.attachments,
        passages=reading.passages,
        left_behind=reading.left_behind,
    )


def second_text(content: bytes) -> str:
    """Give every header and text, and every text of the attachments, by the standard library's own reader of mail."""
    # Loaded where it is used: reading and writing need less of it.
    from email import message_from_bytes, policy  # noqa: PLC0415 - see above

    message = message_from_bytes(content, policy=policy.default)
    texts: list[str] = []
    for part in message.walk():
        if part.defects:
            raise UnreadableError(Trouble.DAMAGED)
        texts += (str(value) for name, value in part.items() if name.casefold() not in _OWN_HEADERS)
        name = part.get_filename()
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            texts += (text_of_name(name), second_text_of(name, payload)) if name else (payload.decode("utf-8"),)
    return "\n".join(texts)
