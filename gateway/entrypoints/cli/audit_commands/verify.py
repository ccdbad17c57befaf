"""`sluis audit verify`: proves that nobody changed the log, as far as its own keys and checkpoints can prove it."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from gateway.audit.deletion_records import Deletion
from gateway.audit.findings import Doubt, LogFault, Verified
from gateway.bootstrap.audit_reading import verify_site_log
from gateway.bootstrap.audit_timestamps import SiteTimestamp, newest_site_timestamp
from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, word
from gateway.entrypoints.cli.console.sites import require_site
from gateway.package.states import Language

_TOLD = {
    Doubt.CHANGED: (
        "Regel {first} tot en met {last}: minstens een ervan is niet wat er ondertekend is.",
        "Lines {first} up to {last}: at least one of them is not what was signed.",
    ),
    Doubt.LINES_MISSING: (
        "Regel {first} tot en met {last}: ondertekend, maar niet meer aanwezig.",
        "Lines {first} up to {last}: signed, but no longer there.",
    ),
    Doubt.NOT_SIGNED: (
        "Regel {first} tot en met {last}: aanwezig, maar niet ondertekend. Na een crash doet de volgende start dat.",
        "Lines {first} up to {last}: there, but not signed. After a crash the next start does that.",
    ),
    Doubt.HASHES_MISSING: (
        (
            "Regel {first} tot en met {last}: verwijderd, en de hashes ervan in audit/tree zijn weg. "
            "Zonder die is niets te controleren."
        ),
        (
            "Lines {first} up to {last}: deleted, and their hashes in audit/tree are gone. Without them nothing can be "
            "verified."
        ),
    ),
    Doubt.CHECKPOINT_FALSE: (
        "Een checkpoint na regel {first} draagt geen geldige handtekening van dit logboek.",
        "A checkpoint after line {first} bears no valid signature of this log.",
    ),
}
_ORDER = ("De nummering klopt niet op {count} plaatsen.", "The numbering is wrong in {count} places.")
_TO_DO = (
    "Laat alle bestanden zoals ze zijn en bel uw beveiligingsteam. Vergelijk met een checkpoint dat elders ligt.",
    "Leave all files as they are and call your security team. Compare with a checkpoint that is kept elsewhere.",
)
_DELETED = (
    (
        "Regel 0 tot en met {last} zijn verwijderd op {at} onder beleid {policy}: voorgesteld door {proposer}, "
        "goedgekeurd door {approver}. Bewijzen die al zijn afgegeven, blijven geldig."
    ),
    (
        "Lines 0 up to {last} were deleted at {at} under policy {policy}: proposed by {proposer}, approved by "
        "{approver}. Proofs that were given away still hold."
    ),
)
_UNFINISHED = (
    (
        "Het verwijderen van de regels tot en met {last} is goedgekeurd op {at}, maar niet klaar: de regels {first} "
        "tot en met {last} staan er nog. Is de verwijdering nu bezig, wacht dan een minuut. Anders is zij onderbroken: "
        "start Sluis opnieuw, dan gaat zij verder."
    ),
    (
        "Deleting the lines up to {last} was approved at {at} and is not finished: lines {first} up to {last} are "
        "still there. If the deletion is under way now, wait a minute. Otherwise it was interrupted: start Sluis "
        "again, and it goes on."
    ),
)
_LAPSED = (
    (
        "Het verwijderen van de regels tot en met {last} is goedgekeurd op {at}, maar nooit begonnen: Sluis stopte "
        "voordat het logboek daarvoor had getekend. Er is niets verwijderd, en een start gaat er niet mee verder. Is "
        "het nog nodig? Stel het dan opnieuw voor."
    ),
    (
        "Deleting the lines up to {last} was approved at {at} and never begun: Sluis stopped before the log had signed "
        "for it. Nothing was deleted, and a start does not go on with it. Is it still wanted? Then propose it anew."
    ),
)
_UNWITNESSED = (
    "Niemand anders heeft een checkpoint medeondertekend: wie de sleutel heeft, kan alles herschreven hebben.",
    "Nobody else has cosigned a checkpoint: whoever has the key may have rewritten everything.",
)


@local_command("verify")
@click.option(
    "--checkpoint",
    "trusted",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A checkpoint of this log that was kept elsewhere; may be given several times.",
)
def verify(invocation: Invocation, trusted: tuple[Path, ...]) -> int:
    """Verify all lines of the audit log against all checkpoints that it signed, and those kept elsewhere.

    Exit 0: it holds. Exit 4: it does not.
    """
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    stamp = newest_site_timestamp(site)
    verified = verify_site_log(site, trusted=[*trusted, *([stamp.checkpoint] if stamp else [])])
    if invocation.as_json:
        stamped = {"size": stamp.size, "at": stamp.told} if stamp else None
        print_json({"format": "sluis-audit-verify/1", **_as_json(verified), "timestamp": stamped})
    else:
        _tell(verified, invocation.language, beside=bool(trusted), stamp=stamp)
    return Exit.DONE if verified.holds else Exit.NOT_VERIFIED


def _as_json(verified: Verified) -> dict[str, Any]:
    return {
        "holds": verified.holds,
        "origin": verified.origin,
        "first": verified.first,
        "deletion": None if verified.deletion is None else _deleted(verified.deletion),
        "unfinished": None if verified.unfinished is None else _deleted(verified.unfinished),
        "lapsed": None if verified.lapsed is None else _deleted(verified.lapsed),
        "size": verified.size,
        "root": verified.root.hex(),
        "checkpoints": verified.checkpoints,
        "witnesses": [{"name": each.name, "size": each.size, "at": _time(each.at)} for each in verified.witnessed],
        "faults": [{"fault": each.doubt.value, "first": each.first, "last": _last(each)} for each in verified.faults],
        "order": [
            {"fault": each.finding.value, "file": each.file, "line": each.line, "expected": each.expected}
            for each in verified.order
        ],
    }


def _tell(verified: Verified, language: Language, *, beside: bool, stamp: SiteTimestamp | None) -> None:
    console = console_for(sys.stdout)
    style, nl, en = ("done", "klopt", "holds") if verified.holds else ("refused", "klopt niet", "does not hold")
    counted = in_language(
        f"{verified.size - verified.first} regels, {verified.checkpoints} checkpoints",
        f"{verified.size - verified.first} lines, {verified.checkpoints} checkpoints",
        language=language,
    )
    console.print(word(style, in_language(nl, en, language=language)), printable(f"{verified.origin}: {counted}"))
    if verified.deletion is not None:
        told = in_language(*_DELETED, language=language)
        console.print(printable(told.format_map({**_deleted(verified.deletion), "last": verified.first - 1})))
    for pending, words in ((verified.unfinished, _UNFINISHED), (verified.lapsed, _LAPSED)):
        if pending is not None:
            told = in_language(*words, language=language)
            facts = {"first": verified.first, "last": pending.end - 1, "at": pending.at}
            console.print(printable(told.format_map(facts)), style="yellow")
    for each in verified.faults:
        told = in_language(*_TOLD[each.doubt], language=language)
        console.print(printable(told.format(first=each.first, last=_last(each))), style="red")
    if verified.order:
        told = in_language(*_ORDER, language=language)
        console.print(printable(told.format(count=len(verified.order))), style="red")
    for witness in verified.witnessed:
        nl = f"{witness.name} zag {witness.size} regels op {_time(witness.at)}"
        en = f"{witness.name} saw {witness.size} lines at {_time(witness.at)}"
        console.print(printable(in_language(nl, en, language=language)))
    if stamp is not None:
        nl = f"Een tijdstempel van {stamp.told} staat over {stamp.size} regels"
        en = f"A timestamp of {stamp.told} stands over {stamp.size} lines"
        console.print(printable(in_language(nl, en, language=language)))
    if not verified.holds:
        console.print(printable(in_language(*_TO_DO, language=language)))
    elif not verified.witnessed and not beside and stamp is None:
        console.print(printable(in_language(*_UNWITNESSED, language=language)), style="yellow")


def _deleted(deletion: Deletion) -> dict[str, Any]:
    return {
        "event": deletion.index,
        "first": deletion.first,
        "end": deletion.end,
        "at": deletion.at,
        "policy": deletion.policy,
        "proposer": deletion.proposer,
        "approver": deletion.approver,
    }


def _last(fault: LogFault) -> int:
    return max(fault.first, fault.end - 1)


def _time(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
