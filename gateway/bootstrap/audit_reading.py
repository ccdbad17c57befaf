"""Reads a site's audit log for who asks: verifies it, and gives single events with their proofs. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.checkpoint import LineProof, read_checkpoint
from gateway.audit.findings import Verified
from gateway.audit.notes import MAX_NOTE_BYTES, Note, NoteError, read_note
from gateway.audit.reading import find_line, find_numbered_line
from gateway.audit.verifying import prove_line, verify_log
from gateway.bootstrap.audit_keys import read_audit_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code, SluisError


@dataclass(frozen=True, slots=True)
class ProvedEvent:
    """One event: the exact line, its number, and what proves that it is in the log."""

    index: int
    line: bytes
    proof: LineProof


def verify_site_log(site: SiteLayout, *, trusted: Sequence[Path] = ()) -> Verified:
    """Verify a site's log, also against checkpoints from elsewhere, a file each.

    Raises SluisError `audit-unavailable`, `setting-invalid` for the file of public keys, `checkpoint-unreadable` when
    one of the files is no checkpoint, and `checkpoint-invalid` when it is none that this log has signed.
    """
    keys = read_audit_keys(site)
    try:
        return verify_log(site.audit_log.parent, keys, trusted=[_read(path) for path in trusted])
    except NoteError as error:
        raise SluisError(Code.CHECKPOINT_INVALID, where=", ".join(path.name for path in trusted)) from error


def find_proved_event(site: SiteLayout, asked: str) -> ProvedEvent:
    """Find one event by its id or its number, with its proof.

    Raises SluisError `event-unknown` when there is none, `not-found` when the log has not signed for it yet,
    `audit-unavailable`, `setting-invalid`.
    """
    own, *_ = read_audit_keys(site)
    if not site.audit_log.exists():
        # Nothing was ever written; a log that somebody removed is missed by its checkpoints.
        raise SluisError(Code.EVENT_UNKNOWN)
    if asked.isascii() and asked.isdigit():
        numbered = find_numbered_line(site.audit_log, int(asked))
        found = None if numbered is None else (int(asked), numbered)
    else:
        found = find_line(site.audit_log, asked)
    if found is None:
        raise SluisError(Code.EVENT_UNKNOWN)
    return ProvedEvent(*found, prove_line(site.audit_log.parent, own, found[0]))


def _read(path: Path) -> Note:
    """Read a file as a checkpoint, whoever signed it: what is none is bad input, and no finding about the log."""
    try:
        with path.open("rb") as file:
            note = read_note(file.read(MAX_NOTE_BYTES + 1).rstrip(b"\n") + b"\n")
        read_checkpoint(note)
    except (OSError, NoteError) as error:
        raise SluisError(Code.CHECKPOINT_UNREADABLE, where=path.name) from error
    return note
