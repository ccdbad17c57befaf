"""Extracts the texts to be translated and compiles the translations: `python -m tests.unit.receipt.catalogue`.

The compiled catalogue is kept beside its source, so that nobody needs Babel to run Sluis; a test compares the two.
"""

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from gateway.bootstrap.audit_keys import VKEYS_EXPECTED
from gateway.bootstrap.key_rotation import DAY_EXPECTED
from gateway.bootstrap.outside_tls import EXPECTATIONS as TLS_EXPECTATIONS
from gateway.bootstrap.pickup_settings import PICKUP_FILE_EXPECTED
from gateway.bootstrap.pseudonym_keys import KNOWN_EXPECTED
from gateway.bootstrap.secrets_store import FILE_EXPECTED
from gateway.bootstrap.setting_faults import EXPECTATIONS as SETTING_EXPECTATIONS
from gateway.bootstrap.witness_settings import EXPECTATIONS as WITNESS_EXPECTATIONS
from gateway.endings import NOTHING_TO_WITHDRAW
from gateway.entrypoints.api.invalid_input import EXPECTATIONS as REQUEST_EXPECTATIONS
from gateway.entrypoints.api.problem_details import AT_PLACE
from gateway.entrypoints.cli.console.root import root
from gateway.entrypoints.cli.console.speaking import LIBRARY_TEXTS, help_text, value_names
from gateway.intake.manifest_faults import every_expectation
from gateway.intake.manifest_text import SENTENCES
from gateway.package.expectations import ONE_OF, PATTERNS
from gateway.package.places import PLACES
from gateway.package.problems import NEEDED_ROLE, PROBLEMS
from gateway.package.reviews import EXPECTATIONS
from gateway.policy.expectations import EXPECTATIONS as POLICY_EXPECTATIONS
from gateway.receipt.wording import every_plural, every_text

# A text, or what is said of one and of more.
Message = str | tuple[str, ...]

TEMPLATES = Path(__file__).parents[3] / "templates"
LOCALE = TEMPLATES / "locale"
TEMPLATE = LOCALE / "sluis.pot"
SOURCE = LOCALE / "nl" / "LC_MESSAGES" / "sluis.po"
COMPILED = SOURCE.with_suffix(".mo")
CONSOLE = Path(__file__).parents[3] / "gateway" / "entrypoints" / "cli"
_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}


_TABLES: tuple[tuple[str, Iterable[Message]], ...] = (
    ("gateway/package/problems.py", [text for each in PROBLEMS.values() for text in (each.title, each.remedy)]),
    ("gateway/receipt/wording.py", every_text()),
    ("gateway/receipt/wording.py", [(each.one, each.many) for each in every_plural()]),
    ("gateway/intake/manifest_faults.py", sorted(every_expectation())),
    ("gateway/package/expectations.py", (*PATTERNS, ONE_OF, "or")),
    ("gateway/policy/expectations.py", POLICY_EXPECTATIONS),
    ("gateway/bootstrap/setting_faults.py", SETTING_EXPECTATIONS),
    ("gateway/bootstrap/outside_tls.py", TLS_EXPECTATIONS),
    ("gateway/bootstrap/pseudonym_keys.py", (KNOWN_EXPECTED,)),
    ("gateway/bootstrap/key_rotation.py", (DAY_EXPECTED,)),
    ("gateway/bootstrap/pickup_settings.py", (PICKUP_FILE_EXPECTED,)),
    ("gateway/bootstrap/secrets_store.py", (FILE_EXPECTED,)),
    ("gateway/bootstrap/audit_keys.py", (VKEYS_EXPECTED,)),
    ("gateway/bootstrap/witness_settings.py", WITNESS_EXPECTATIONS),
    ("gateway/entrypoints/api/invalid_input.py", REQUEST_EXPECTATIONS),
    ("gateway/entrypoints/api/problem_details.py", (AT_PLACE,)),
    ("gateway/package/problems.py", (NEEDED_ROLE,)),
    ("gateway/package/places.py", PLACES),
    ("gateway/endings.py", NOTHING_TO_WITHDRAW.values()),
    ("gateway/package/reviews.py", EXPECTATIONS),
    ("gateway/intake/manifest_text.py", SENTENCES),
)


def texts() -> dict[Message, set[str]]:
    """Collect every text with the files in which it stands."""
    found: dict[Message, set[str]] = {}
    for file, table in _TABLES:
        for text in table:
            found.setdefault(text, set()).add(file)
    for text, file in _console_texts():
        found.setdefault(text, set()).add(file)
    for path in sorted(TEMPLATES.glob("*.j2")):
        with path.open("rb") as source:
            for _, message, _, _ in extract("jinja2.ext:babel_extract", source, options=_OPTIONS):
                found.setdefault(message, set()).add(f"templates/{path.name}")
    return found


def _console_texts() -> Iterator[tuple[Message, str]]:
    """Give what the command line says by gettext: of its own, of its library, and of every command and option."""
    for path in sorted(CONSOLE.rglob("*.py")):
        with path.open("rb") as source:
            for _, message, _, _ in extract("python", source, keywords={"speak": None, "to_speak": None}):
                yield message, str(path.relative_to(CONSOLE.parents[2]))
    for text in LIBRARY_TEXTS:
        yield text, "gateway/entrypoints/cli/console/speaking.py"
    for command in _commands(root, click.Context(root)):
        options = [each.help for each in command.params if isinstance(each, click.Option) and each.help]
        yield from ((text, "gateway/entrypoints/cli") for text in (help_text(command), *options, *value_names(command)))


def _commands(command: click.Command, context: click.Context) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            yield from _commands(found, context) if found else ()


def make_template() -> Catalog:
    """Make the catalogue without translations."""
    began = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    catalogue = Catalog(project="Sluis", version="1", charset="utf-8", fuzzy=False, creation_date=began)
    for text, files in texts().items():
        catalogue.add(text, locations=[(file, 1) for file in sorted(files)])
    return catalogue


def read_source(path: Path = SOURCE) -> Catalog:
    """Read a translation."""
    with path.open("rb") as source:
        return read_po(source, locale="nl", abort_invalid=True)


def compiled(catalogue: Catalog) -> dict[str, str]:
    """Compile a catalogue and give what came out, without its header."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return pairs(read_mo(buffer))


def pairs(catalogue: Catalog) -> dict[str, str]:
    """Give each text with its translation; of what has two forms, each form with its own."""
    messages = [message for message in catalogue if message.id]
    return {
        text: dutch
        for message in messages
        for text, dutch in zip(forms(message.id), forms(message.string), strict=True)
    }


def forms(message: object) -> tuple[str, ...]:
    """Give the forms of a text: one, or those for one and for more."""
    return tuple(map(str, message)) if isinstance(message, list | tuple) else (str(message),)


def main() -> None:
    """Write the template anew, bring the translation up to date with it, and compile that."""
    template, source = make_template(), read_source()
    source.update(template, no_fuzzy_matching=True)
    source.obsolete.clear()
    for path, catalogue in ((TEMPLATE, template), (SOURCE, source)):
        with path.open("wb") as target:
            write_po(target, catalogue, width=110, include_lineno=False, ignore_obsolete=True)
    with COMPILED.open("wb") as target:
        write_mo(target, source)


if __name__ == "__main__":
    main()
