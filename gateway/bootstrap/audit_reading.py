"""Reads a site's audit log for who asks: verifies it, and gives single events with their proofs. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.checkpoint import LineProof
from gateway.audit.findings import Verified
from gateway.audit.notes import Note, NoteError, read_note
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

    Raises SluisError `audit-unavailable`, `setting-invalid` for the file of public keys, `checkpoint-invalid` when one
    of the files is no checkpoint of this log.
    """
    keys = read_audit_keys(site)
    try:
        return verify_log(site.audit_log.parent, keys, trusted=[_read(path) for path in trusted])
    except NoteError as error:
        raise SluisError(Code.CHECKPOINT_INVALID, where=", ".join(path.name for path in trusted)) from error


def find_proved_event(site: SiteLayout, asked: str) -> ProvedEvent:
    """Find one event by its id or its number, with its proof.

    Raises SluisError `not-found`, `audit-unavailable`, `setting-invalid`.
    """
    own, *_ = read_audit_keys(site)
    if asked.isascii() and asked.isdigit():
        numbered = find_numbered_line(site.audit_log, int(asked))
        found = None if numbered is None else (int(asked), numbered)
    else:
        found = find_line(site.audit_log, asked)
    if found is None:
        raise SluisError(Code.NOT_FOUND)
    return ProvedEvent(*found, prove_line(site.audit_log.parent, own, found[0]))


def _read(path: Path) -> Note:
    try:
        return read_note(path.read_bytes().rstrip(b"\n") + b"\n")
    except OSError as error:
        raise SluisError(Code.CHECKPOINT_INVALID, where=path.name) from error
