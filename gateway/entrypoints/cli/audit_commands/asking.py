"""What the commands that ask the audit log have in common: filters, proofs, CSV, and what is said of the log itself."""

import csv
import datetime as dt
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
from gateway.entrypoints.cli.check import require_site
from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.printing import console_for, in_language, in_number, printable
from gateway.minimise.documents.spreadsheet import harmless
from gateway.package.manifest import Category
from gateway.package.states import Language

_Function = TypeVar("_Function", bound=Callable[..., Any])
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_POLICY: Final = re.compile(r"(?:sha256:)?[0-9a-f]{8,64}")
_PACKAGE: Final = re.compile(r"[0-9a-f]{8}(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
_LAST_MOMENT: Final = dt.time(23, 59, 59, 999_999, dt.UTC)
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
    "Regels zijn veranderd sinds ze gelezen werden. Dit antwoord is gemaakt van het logboek zoals het nu is.",
    "Lines have changed since they were read. This answer is made of the log as it is now.",
)
_VERIFY: Final = ("Kijk wat er is met `sluis audit verify`.", "See what it is with `sluis audit verify`.")


class Moment(click.ParamType[dt.datetime]):
    """A day or a moment, in UTC unless it says another zone; a day ends with its last microsecond."""

    name = "time"

    def __init__(self, *, at_end: bool) -> None:
        self._time = _LAST_MOMENT if at_end else dt.time(tzinfo=dt.UTC)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """Read it. Fails as click's own types do."""
        if isinstance(value, dt.datetime):
            return value
        try:
            if _DAY.fullmatch(value):
                return dt.datetime.combine(dt.date.fromisoformat(value), self._time)
            at = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail("a day (2026-11-20) or a moment (2026-11-20T14:30:00Z) expected", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


class Formed(click.ParamType[str]):
    """A text of one form, in small letters."""

    name = "text"

    def __init__(self, pattern: re.Pattern[str], expected: str) -> None:
        self._pattern, self._expected = pattern, expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it. Fails as click's own types do."""
        text = str(value).casefold()
        if not self._pattern.fullmatch(text):
            self.fail(self._expected, param, ctx)
        return text


_PERIOD: Final = (
    click.option("--since", type=Moment(at_end=False), help="From this day or moment on (UTC)."),
    click.option("--until", type=Moment(at_end=True), help="Up to and with this day or moment (UTC)."),
)
_FILTERS: Final = (
    click.option("--recipient", help="To this recipient, by its id in the register."),
    click.option(
        "--package",
        type=Formed(_PACKAGE, "an id, or its last eight characters, expected"),
        help="About this package, by its id or the short form.",
    ),
    click.option("--person", help="By this colleague, by the id in people.yaml; never a person in a package."),
    click.option(
        "--policy",
        type=Formed(_POLICY, "at least eight characters of a digest expected"),
        help="Under the rules with this digest, or how it begins.",
    ),
    click.option(
        "--category",
        type=click.Choice([each.value for each in Category]),
        show_choices=False,
        help="With fields of this category.",
    ),
    click.option(
        "--action",
        type=click.Choice([each.value for each in EventAction]),
        show_choices=False,
        help="Events of this name.",
    ),
    click.option("--code", help="With this rule or error code."),
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
    """Make a filter of what was given by its options."""
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


def write_proofs(answers: Answers, events: Sequence[FoundEvent], folder: Path | None) -> None:
    """Write what proves these events, if that is wanted. Raises as `Answers.proved` does."""
    for each in answers.proved(events) if folder is not None and events else ():
        write_proof(each, folder or Path())


def basis_as_json(basis: Basis) -> dict[str, Any]:
    """Give what an answer rests on."""
    return {
        "lines": basis.lines,
        "unreadable": basis.unreadable,
        "disorder": basis.disorder,
        "changed": basis.changed,
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
    if basis.changed:
        console.print(printable(in_language(*_CHANGED, language=language)), style="red")
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
