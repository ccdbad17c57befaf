"""The mailbox on an IMAP server into which comes what is sent back to the sender of our mails. See `NoticeBox`.

Rules, in order:
1. A letter is named by the mailbox's UIDVALIDITY and its UID (RFC 9051 section 2.3.1.1): a name never means another
   letter, also when the mailbox was made anew.
2. Its size is asked before it is read, and it is read as far as that only; reading does not mark it.
3. It is put away when what it says is durable: marked as seen, or moved to a folder. Nothing is ever deleted.
4. Each look is a connection of its own; one that breaks ends the look, and nothing is taken for treated by that.
"""

import imaplib
import re
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.deliver.delivery_notices import MAX_BYTES
from gateway.deliver.imap_connection import WHERE, ImapSettings, Line, connect, hang_up, translated
from gateway.deliver.smtp_connection import client_context
from gateway.package.errors import Code, SluisError

_AT_ONCE: Final = 10_000
_IN_ONE_ANSWER: Final = 10_000
"""So many numbers stay far below the longest line that the library reads."""
_LARGEST_MAILBOX: Final = 1_000_000
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,20})\b")
_Piece = bytes | tuple[bytes, bytes]
_QUOTED = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"')


class NoticeMailbox:
    """Implements the port `NoticeBox` by IMAP. Raises SluisError `setting-invalid` for a CA file of no use."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._context = _context(settings.ca_file)
        self._line = Line()
        self._client: imaplib.IMAP4 | None = None
        self._validity = ""

    def check(self) -> None:
        """See the port; also whether letters can be moved where they are to go."""
        try:
            client, _ = self._open()
            if self._settings.move_to:
                with self._line.within(self._settings.timeout_seconds), translated(Code.BOUNCES_UNREADABLE):
                    _well(client.status(_quoted(self._settings.move_to), "(MESSAGES)"))
                    # Asked again: many servers offer more once somebody has logged in.
                    if b"MOVE" not in _flat(_well(client.capability())).upper().split():
                        raise SluisError(Code.BOUNCES_UNREADABLE, where=f"{WHERE}.moveTo")
        finally:
            self.close()

    def waiting(self) -> list[str]:
        """See the port."""
        self.close()
        client, number = self._open()
        # Once moved away a letter is not here any more; else somebody who only looked at it must not hide it from us,
        # but there is no other mark that every server keeps.
        wanted = "UNDELETED" if self._settings.move_to else "UNSEEN UNDELETED"
        found: list[int] = []
        for first in range(1, min(number, _LARGEST_MAILBOX) + 1, _IN_ONE_ANSWER):
            last = min(first + _IN_ONE_ANSWER - 1, number)
            with self._line.within(self._settings.timeout_seconds), translated(Code.BOUNCES_UNREADABLE):
                found += _numbers(_well(client.uid("SEARCH", f"{first}:{last}", wanted)))
            if len(found) >= _AT_ONCE:
                break
        return [f"{self._validity}-{uid}" for uid in sorted(found)[:_AT_ONCE]]

    def read(self, name: str) -> bytes:
        """See the port."""
        client, uid = self._known(name)
        with self._line.within(self._settings.timeout_seconds), translated(Code.BOUNCES_UNREADABLE):
            size = _size(_well(client.uid("FETCH", uid, "(RFC822.SIZE)")))
            if size is None or size > MAX_BYTES:
                return b""
            return _content(_well(client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_BYTES}>)")))

    def seen(self, name: str) -> None:
        """See the port."""
        client, uid = self._known(name)
        with self._line.within(self._settings.timeout_seconds), translated(Code.BOUNCES_UNREADABLE):
            if self._settings.move_to:
                _well(client.uid("MOVE", uid, _quoted(self._settings.move_to)))
            else:
                _well(client.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))

    def close(self) -> None:
        """See the port; what goes wrong here is nobody's concern any more."""
        if self._client is not None:
            try:
                with self._line.within(self._settings.timeout_seconds), translated(Code.BOUNCES_UNREACHABLE):
                    self._client.logout()
            except SluisError:
                hang_up(self._client)
        self._client = None
        self._line.close()
        self._line = Line()

    def abandon(self) -> None:
        """See the port."""
        self._line.cut()

    def _open(self) -> tuple[imaplib.IMAP4, int]:
        """Log in and open the mailbox; give the connection and how many letters there are."""
        client = self._client = connect(self._settings, context=self._context, line=self._line)
        with self._line.within(self._settings.timeout_seconds), translated(Code.BOUNCES_UNREADABLE):
            answer = _well(client.select(_quoted(self._settings.folder)))
            _, validity = client.response("UIDVALIDITY")
            validities = _numbers([each for each in validity if each])
            if len(validities) != 1:
                # Without it, or with two, a name would mean nothing.
                raise client.error("no one UIDVALIDITY")
            self._validity = str(validities[0])
            return client, sum(_numbers(answer))

    def _known(self, name: str) -> tuple[imaplib.IMAP4, str]:
        """Find what a name means in the mailbox as it is open now."""
        validity, _, uid = name.partition("-")
        if self._client is None:
            raise SluisError(Code.BOUNCES_UNREACHABLE, where=WHERE)
        if validity != self._validity:
            raise SluisError(Code.BOUNCES_UNREADABLE, where=WHERE)
        return self._client, uid


def _context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return client_context(ca_file)
    except SluisError as error:
        raise SluisError(Code.SETTING_INVALID, where=f"{WHERE}.caFile") from error


def _well(answer: tuple[str, Sequence[_Piece | None]]) -> list[_Piece]:
    """Give what a command came to. Raises the library's error for one that was not carried out."""
    status, pieces = answer
    if status != "OK":
        raise imaplib.IMAP4.error("not carried out")
    return [each for each in pieces if each is not None]


def _flat(pieces: Sequence[_Piece]) -> bytes:
    return b" ".join(b" ".join(each) if isinstance(each, tuple) else each for each in pieces)


def _numbers(pieces: Sequence[_Piece]) -> list[int]:
    return [int(each) for each in _flat(pieces).split() if each.isdigit()]


def _size(pieces: Sequence[_Piece]) -> int | None:
    """Give a letter's size; None when somebody took the letter away meanwhile."""
    found = _SIZE.search(_flat(pieces))
    return int(found[1]) if found else None


def _content(pieces: Sequence[_Piece]) -> bytes:
    """Give a letter. Raises the library's error for an answer that is none."""
    for each in pieces:
        if isinstance(each, tuple) and b"BODY[]" in each[0]:
            return each[1]
    if found := _QUOTED.search(_flat(pieces)):
        return re.sub(rb"\\(.)", rb"\1", found[1])
    raise imaplib.IMAP4.error("no letter in the answer")


def _quoted(folder: str) -> str:
    """Write a folder's name as IMAP does; the settings let no quote, backslash or character outside ASCII through."""
    return f'"{folder}"'
