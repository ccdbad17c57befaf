"""`sluis redact`: takes other people out of one document, or out of a labelled set of texts, without a site.

What a package's documents go through, for whoever wants to see or to score it. Nothing is sent or kept.
"""

import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import orjson

from gateway.bootstrap.redacting import Redaction, redact_document, redact_items, subject_of
from gateway.bootstrap.translations import translated
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.finding_words import said_kind, said_kinds, said_whose
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table
from gateway.entrypoints.cli.console.speaking import speak
from gateway.package.errors import Code, SluisError
from gateway.package.places import said_place
from gateway.package.problems import PROBLEMS

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MOST_BYTES = 50 * 1024 * 1024
TROUBLES: Final[Mapping[str, tuple[str, str]]] = {
    "not-known": (
        "Sluis kent dit soort bestand niet. Sla het op als tekst, Word (.docx), ODT of PDF.",
        "Sluis does not know this kind of file. Save it as text, Word (.docx), ODT or PDF.",
    ),
    "type-mismatch": (
        "De naam zegt iets anders dan wat erin zit. Sla het opnieuw op in het programma waarmee het is gemaakt.",
        "The name says something else than what is in it. Save it again in the program that it was made with.",
    ),
    "encrypted": (
        "Het heeft een wachtwoord. Sla het op zonder wachtwoord.",
        "It has a password. Save it without one.",
    ),
    "damaged": (
        "Het bestand is beschadigd. Sla het opnieuw op in het programma waarmee het is gemaakt.",
        "The file is damaged. Save it again in the program that it was made with.",
    ),
    "too-large": ("Het is te groot om te doorzoeken. Maak het kleiner.", "It is too large to search. Make it smaller."),
    "active": (
        "Er zitten macro's of ingesloten bestanden in. Sla het op zonder.",
        "It holds macros or embedded files. Save it without them.",
    ),
    "no-text": (
        "Er is geen tekst in te lezen. Neem een betere scan, of een bestand met tekst.",
        "No text can be read in it. Take a better scan, or a file with text.",
    ),
    "died": (
        "Het doorzoeken is niet gelukt. Sla het opnieuw op, en probeer het nog eens.",
        "Searching it did not succeed. Save it anew, and try once more.",
    ),
    "timed-out": (
        "Het doorzoeken duurde te lang. Maak het kleiner.",
        "Searching it took too long. Make it smaller.",
    ),
}
"""What to do about each reason why a document can not be written anew, in Dutch and English."""


@local_command("redact")
@click.argument("source", metavar="[IN]", type=_FILE, required=False)
@click.argument("target", metavar="[OUT]", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--subject", type=_FILE, help="JSON: whom the document is about; that person stays.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where the counts go, as JSON.")
@click.option("--keep-officials", is_flag=True, help="Officials stay, as for a recipient within government.")
@click.option("--items", type=_FILE, help="A labelled set instead: prints {id: text}.")
@click.option("--spans", is_flag=True, help="With --items: prints {id: [[start, end], ...]}.")
def command(
    invocation: Invocation,
    *,
    source: Path | None,
    target: Path | None,
    subject: Path | None,
    report: Path | None,
    keep_officials: bool,
    items: Path | None,
    spans: bool,
) -> int:
    """Write the document IN anew to OUT, without what leads to others than its subject.

    The subject's file has the keys of a manifest's `subject`, and `numbers` and `addresses` as lists if known.

    Exit 0: written. 3: it can not be searched, or something would remain; nothing is written then.
    """
    if items is not None:
        redacted = redact_items(
            _json(items, Code.DATA_UNREADABLE), spans=spans, officials_stay=keep_officials, language=invocation.language
        )
        sys.stdout.buffer.write(orjson.dumps(redacted, option=orjson.OPT_INDENT_2) + b"\n")
        return Exit.DONE
    if source is None or target is None or subject is None:
        raise click.UsageError(speak("Give --subject, IN and OUT, or --items."))
    _keep_apart(read=(source, subject), written=(target, report))
    if source.stat().st_size > _MOST_BYTES:
        raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": _MOST_BYTES})
    redaction = redact_document(
        source.read_bytes(),
        source.name,
        known=subject_of(_json(subject, Code.SUBJECT_INVALID)),
        officials_stay=keep_officials,
        language=invocation.language,
    )
    if redaction.content is not None:
        target.write_bytes(redaction.content)
    if report is not None:
        report.write_bytes(orjson.dumps(redaction.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
    _tell(invocation, redaction)
    return Exit.DONE if redaction.content is not None else Exit.HELD


def _json(path: Path, otherwise: Code) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        raise SluisError(otherwise, faults=((path.name, "JSON in UTF-8"),)) from None


def _keep_apart(*, read: Iterable[Path], written: Iterable[Path | None]) -> None:
    """Raise SluisError `output-is-input` when a file that is written is one that is read, or is written twice."""
    taken = list(read)
    for path in written:
        if path is None:
            continue
        if any(_is_same(path, each) for each in taken):
            raise SluisError(Code.OUTPUT_IS_INPUT, where=path.name)
        taken.append(path)


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, also by another way, a symbolic link or a hard one."""
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def _tell(invocation: Invocation, redaction: Redaction) -> None:
    if invocation.as_json:
        print_json({"format": "sluis-redact/1", **redaction.as_json()})
        return
    console, language = console_for(sys.stdout), invocation.language
    if redaction.content is None:
        nl, en = "Niet geschreven:", "Not written:"
        kinds = said_kinds(redaction.residue, language)
        places = (said_place(place, say=partial(translated, language=language)) for place in redaction.places)
        console.print(in_language(nl, en, language=language), redaction.trouble, kinds, ", ".join(places))
        if redaction.trouble in TROUBLES:
            console.print(in_language(*TROUBLES[redaction.trouble], language=language))
        if redaction.residue:
            remedy = PROBLEMS[Code.RESIDUE_FOUND].remedy
            console.print(printable(translated(remedy, language=language)))
        return
    heads = in_language("Wat|Van wie|Pagina|Aantal|Zeker", "What|Whose|Page|Count|Certain", language=language)
    rows = (
        (
            said_kind(each.kind, language),
            said_whose(each.whose, language),
            str(each.page or ""),
            str(each.count),
            "" if each.certain else "?",
        )
        for each in redaction.taken
    )
    console.print(table(*heads.split("|"), rows=rows))
