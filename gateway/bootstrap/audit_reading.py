"""Reads a site's audit log for who asks: verifies it, and gives single events with their proofs. Changes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import LineProof, read_checkpoint
from gateway.audit.deletion_records import read_deletion
from gateway.audit.findings import Verified
from gateway.audit.notes import MAX_NOTE_BYTES, Note, NoteError, read_note
from gateway.audit.reading import find_line, find_numbered_line, first_number, lines_of
from gateway.audit.tree_files import CHECKPOINTS, latest_checkpoint
from gateway.audit.verifying import are_signed_for, prove_lines, verify_log
from gateway.bootstrap.audit_keys import read_audit_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code, SluisError

_MAX_DIGITS: Final = 18
"""No log has a line with a number of more digits, and what counts lines can not count that far."""


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
    """Find one event by its id or its number, and prove it.

    Raises SluisError `event-unknown` when there is none, `audit-changed` also when lines are missing among which it may
    have been, and as `prove_events` does.
    """
    signed = signed_lines(site)
    found = _find(site, asked) if site.audit_log.exists() else None
    if found is None:
        if signed > _lines_in(site) or _begins_too_late(site):
            raise SluisError(Code.AUDIT_CHANGED)
        raise SluisError(Code.EVENT_UNKNOWN)
    return next(prove_events(site, [found]))


def prove_events(site: SiteLayout, events: Sequence[tuple[int, bytes]]) -> Iterator[ProvedEvent]:
    """Give events, each the number of a line and that line, with their proofs, all by the last checkpoint.

    Raises SluisError `audit-changed` when a line is not the one that was signed for, `event-unsigned` when it was not
    signed for yet, `audit-unavailable`, `setting-invalid`.
    """
    own, *_ = read_audit_keys(site)
    proofs = prove_lines(site.audit_log.parent, own, [number for number, _ in events])
    for (number, line), proof in zip(events, proofs, strict=True):
        try:
            proof.verify(line, (own,))
        except NoteError as error:
            # A changed line, a wrong number, or a tree that is not that of the lines: `sluis audit verify` says which.
            raise SluisError(Code.AUDIT_CHANGED) from error
        yield ProvedEvent(number, line, proof)


def signed_lines(site: SiteLayout) -> int:
    """Tell for how many lines the log has signed; one without checkpoints, such as one from before, for none.

    Raises SluisError `audit-unavailable`, `read-forbidden`, `setting-invalid` for the file of public keys.
    """
    try:
        if not (site.audit_log.parent / CHECKPOINTS).exists():
            return 0
        own, *_ = read_audit_keys(site)
        latest = latest_checkpoint(site.audit_log.parent, own)
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="audit/checkpoints") from error
    except OSError as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0}) from error
    return latest[1].size if latest else 0


def were_deleted(site: SiteLayout, first: int, lines: Iterable[bytes]) -> bool:
    """Tell whether the log itself says that the lines before this number were deleted by two people.

    It does when it has signed for one of `lines` that says so. Raises as `signed_lines` does.
    """
    signed = signed_lines(site)
    told = [(each, line) for line in lines if (each := read_deletion(line)) is not None]
    numbered = [(each.index, line) for each, line in told if each.end >= first and each.index < signed]
    if not numbered:
        return False
    own, *_ = read_audit_keys(site)
    return any(are_signed_for(site.audit_log.parent, own, [each]) for each in numbered)


def _find(site: SiteLayout, asked: str) -> tuple[int, bytes] | None:
    if not (asked.isascii() and asked.isdigit()):
        return find_line(site.audit_log, asked)
    if len(asked) > _MAX_DIGITS:
        return None
    numbered = find_numbered_line(site.audit_log, int(asked))
    return None if numbered is None else (int(asked), numbered)


def _lines_in(site: SiteLayout) -> int:
    """Count the lines, deleted ones as well; before the first event there is no folder of them."""
    if not site.audit_log.exists():
        return 0
    return first_number(site.audit_log) + sum(1 for _ in lines_of(site.audit_log))


def _begins_too_late(site: SiteLayout) -> bool:
    """Tell whether lines before the first one are gone that nobody let go."""
    first = first_number(site.audit_log) if site.audit_log.exists() else 0
    return first > 0 and not were_deleted(site, first, (line for _, _, line in lines_of(site.audit_log)))


def _read(path: Path) -> Note:
    """Read a file as a checkpoint, whoever signed it: what is none is bad input, and no finding about the log."""
    try:
        with path.open("rb") as file:
            note = read_note(file.read(MAX_NOTE_BYTES + 1).rstrip(b"\n") + b"\n")
        read_checkpoint(note)
    except (OSError, NoteError) as error:
        raise SluisError(Code.CHECKPOINT_UNREADABLE, where=path.name) from error
    return note
