"""What the commands that ask the audit log have in common: filters, proofs, CSV, and what is said of the log itself."""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from gateway.audit.events import EventAction
from gateway.audit.ledger_questions import Filter
from gateway.bootstrap.audit_reading import ProvedEvent
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import Answers, Basis, FoundEvent
from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.moments import Moment, require_order
from gateway.entrypoints.cli.console.printing import console_for, in_language, in_number, printable
from gateway.entrypoints.cli.console.sites import require_site
from gateway.entrypoints.cli.console.speaking import speak, to_speak
from gateway.minimise.documents.spreadsheet import harmless
from gateway.package.manifest import Category
from gateway.package.states import Language

_Function = TypeVar("_Function", bound=Callable[..., Any])
_POLICY: Final = re.compile(r"(?:sha256:)?[0-9a-f]{8,64}")
_PACKAGE: Final = re.compile(r"[0-9a-f]{8}(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
_PACKAGE_EXPECTED: Final = to_speak("Write the id of a package, or its last eight characters.")
_POLICY_EXPECTED: Final = to_speak("Write at least eight characters of a digest: 0 to 9 and a to f.")
_BEGINS: Final = (
    "Dit antwoord weet alleen van {day} en later: wat voor regel {line} stond, is gewist.",
    "This answer knows of {day} and later alone: what stood before line {line} was deleted.",
)
_UNREADABLE: Final = (
    ("1 regel is niet te lezen, en telt hier niet mee.", "1 line can not be read, and is not counted here."),
    ("{count} regels zijn niet te lezen, en tellen hier niet mee.", "{count} lines can not be read, and are left out."),
)
_DISORDER: Final = (
    ("De nummering klopt op 1 plaats niet.", "The numbering is wrong in 1 place."),
    ("De nummering klopt op {count} plaatsen niet.", "The numbering is wrong in {count} places."),
)
_CHANGED: Final = (
    "Niet elke regel is nog zoals die is gelezen of ondertekend. Dit antwoord volgt het logboek zoals het nu is.",
    "Not every line is shown to be as it was read or signed. This answer is made of the log as it is now.",
)
_UNSIGNED: Final = (
    "Er is geen checkpoint van dit logboek. Of er regels ontbreken, weet dit antwoord niet.",
    "There is no checkpoint of this log. Whether lines are missing, this answer does not know.",
)
_PROVED: Final = (
    (
        "Regel (NUMMER.json) en bewijs (NUMMER.tlog-proof) van 1 gebeurtenis staan in",
        "Line (NUMBER.json) and proof (NUMBER.tlog-proof) of 1 event are in",
    ),
    (
        "Regels (NUMMER.json) en bewijzen (NUMMER.tlog-proof) van {count} gebeurtenissen staan in",
        "Lines (NUMBER.json) and proofs (NUMBER.tlog-proof) of {count} events are in",
    ),
)
_NO_PROOF: Final = (
    "Er is geen bewijs geschreven: er is niets gevonden.",
    "No proof was written: nothing was found.",
)
_VERIFY: Final = ("Kijk wat er is met `sluis audit verify`.", "See what it is with `sluis audit verify`.")


class Formed(click.ParamType[str]):
    """A text of one form, in small letters."""

    name = "text"

    def __init__(self, pattern: re.Pattern[str], expected: str) -> None:
        self._pattern, self._expected = pattern, expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it. Fails as click's own types do."""
        text = str(value).casefold()
        if not self._pattern.fullmatch(text):
            self.fail(speak(self._expected), param, ctx)
        return text


_PERIOD: Final = (
    click.option("--since", type=Moment(at_end=False), help="From this day or moment on (UTC)."),
    click.option("--until", type=Moment(at_end=True), help="Up to and with this day or moment (UTC)."),
)
_FILTERS: Final = (
    click.option("--recipient", help="To this recipient, by its id in the register."),
    click.option(
        "--package",
        type=Formed(_PACKAGE, _PACKAGE_EXPECTED),
        help="About this package, by its id or its last eight characters.",
    ),
    click.option("--person", help="By this colleague, by the id in people.yaml; never a person in a package."),
    click.option(
        "--policy",
        type=Formed(_POLICY, _POLICY_EXPECTED),
        help="Under the rules with this digest, or how it begins.",
    ),
    click.option(
        "--category",
        type=click.Choice([each.value for each in Category]),
        help="With fields of this category.",
    ),
    click.option(
        "--action",
        type=click.Choice([each.value for each in EventAction]),
        metavar="EVENT",
        help="Events of this name, such as package-held.",
    ),
    click.option("--code", help="With this rule or error code, such as mail-bounced."),
    *_PERIOD,
)
distrustful_option: Final = click.option(
    "--anew", "distrustful", is_flag=True, help="Do not trust the index beside the log: read the whole log. Slow."
)
proofs_option: Final = click.option(
    "--proofs",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each event's line and its .tlog-proof into this folder, for an outsider.",
)
csv_option: Final = click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for a spreadsheet.")


def filter_options(function: _Function) -> _Function:
    """Add every filter to a command."""
    return _with(_FILTERS, function)


def period_options(function: _Function) -> _Function:
    """Add the two ends of a period to a command."""
    return _with(_PERIOD, function)


def filter_of(given: dict[str, Any]) -> Filter:
    """Make a filter of what was given by its options. Raises click.UsageError for a period that ends too early."""
    require_order(given["since"], given["until"])
    return Filter(**{name: value for name, value in given.items() if value is not None})


def asked_site(invocation: Invocation) -> SiteLayout:
    """Give the site that is asked. Raises SluisError `site-missing`."""
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    return site


def write_proof(found: ProvedEvent, folder: Path) -> None:
    """Write an event's line and its proof; what another call wrote of the same event is written again."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{found.index}.json").write_bytes(found.line + b"\n")
    (folder / f"{found.index}.tlog-proof").write_bytes(found.proof.as_bytes())


def write_proofs(answers: Answers, events: Sequence[FoundEvent], folder: Path | None) -> int:
    """Write what proves these events, if that is wanted, and count them. Raises as `Answers.proved` does."""
    count = 0
    for each in answers.proved(events) if folder is not None and events else ():
        write_proof(each, folder or Path())
        count += 1
    return count


def tell_proofs(count: int, folder: Path | None, language: Language) -> None:
    """Say on standard error where what proves so many events lies; nothing when it was not wanted."""
    if folder is None:
        return
    told = in_language(*_NO_PROOF, language=language)
    if count:
        told = f"{in_number(count, *_PROVED, language=language)} {folder}"
    console_for(sys.stderr).print(printable(told))


def basis_as_json(basis: Basis) -> dict[str, Any]:
    """Give what an answer rests on."""
    return {
        "lines": basis.lines,
        "unreadable": basis.unreadable,
        "disorder": basis.disorder,
        "changed": basis.changed,
        "unsigned": basis.unsigned,
        "firstLine": basis.first,
        "firstAt": None if basis.since is None else basis.since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def tell_basis(basis: Basis, language: Language) -> None:
    """Say on standard error from when on the log knows, if its beginning was deleted, and what is wrong with it."""
    console = console_for(sys.stderr)
    if basis.first:
        begins = in_language(*_BEGINS, language=language)
        day = "?" if basis.since is None else basis.since.date().isoformat()
        console.print(printable(begins.format(line=basis.first, day=day)), style="yellow")
    if basis.whole:
        return
    for count, words in ((basis.unreadable, _UNREADABLE), (basis.disorder, _DISORDER)):
        if count:
            console.print(printable(in_number(count, *words, language=language)), style="red")
    for is_so, told in ((basis.changed, _CHANGED), (basis.unsigned, _UNSIGNED)):
        if is_so:
            console.print(printable(in_language(*told, language=language)), style="red")
    console.print(printable(in_language(*_VERIFY, language=language)))


def print_csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print CSV (RFC 4180) in which no cell is a formula."""
    for row in (heads, *rows):
        sys.stdout.write(csv_line(row))


def csv_line(cells: Sequence[str]) -> str:
    """Write one row, with its line break; no cell is a formula (CWE-1236) or commands a terminal (CWE-150)."""
    target = io.StringIO()
    csv.writer(target).writerow([harmless(printable(each)) for each in cells])
    return target.getvalue()


def _with(options: Iterable[Callable[[_Function], _Function]], function: _Function) -> _Function:
    for each in reversed(tuple(options)):
        function = each(function)
    return function
