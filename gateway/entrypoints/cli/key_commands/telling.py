"""Prints keys for people: rows of a table, and one key with everything that is known of it."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.printing import (
    console_for,
    in_language,
    in_number,
    print_json,
    printable,
    table,
    word,
)
from gateway.package.errors import Code
from gateway.package.key_views import WARN_DAYS
from gateway.package.states import Language
from gateway.seal.key_description import in_groups

if TYPE_CHECKING:
    from rich.text import Text

Key = dict[str, Any]
_STATES: Final = {
    "proposed": ("voorgesteld", "proposed"),
    "trusted": ("vertrouwd", "trusted"),
    "retired": ("ingetrokken", "retired"),
}
_HEALTH: Final = {
    "usable": ("bruikbaar", "usable"),
    "missing": ("niet aanwezig", "missing"),
    "expired": ("verlopen", "expired"),
    "revoked": ("herroepen", "revoked"),
    "unusable": ("niet bruikbaar", "unusable"),
    "weak": ("te zwak", "too weak"),
    "not-yet-valid": ("nog niet geldig", "not valid yet"),
    "not-vouched": ("niemand staat ervoor in", "nobody vouches for it"),
    "revocation-unknown": ("onbekend of herroepen", "not known whether revoked"),
}
_STYLES: Final = {"proposed": "held", "trusted": "done", "retired": ""}

_ENDS: Final = (
    ("verloopt over {count} dag", "ends in {count} day"),
    ("verloopt over {count} dagen", "ends in {count} days"),
)


def tell_keys(invocation: Invocation, keys: Iterable[Key], *, name: str) -> None:
    """Print a list of keys, as a command of this name does."""
    if invocation.as_json:
        print_json({"format": f"sluis-keys-{name}/1", "keys": list(keys)})
        return
    language = invocation.language
    heads = in_language(
        "Ontvanger|Vingerafdruk|Sleutel|Geldig tot|Toestand|Kanalen|Nagegaan",
        "Recipient|Fingerprint|Key|Valid until|State|Channels|Verified",
        language=language,
    )
    rows = (
        (
            _whose(each, language),
            each["fingerprint"],
            _kind(each),
            _end(each, language),
            word(_style(each), f"{_state(each, language)}, {_said(_HEALTH, each['health'], language)}"),
            ", ".join(each["channels"]),
            _verified(each, language),
        )
        for each in keys
    )
    console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))


def tell_key(invocation: Invocation, key: Key, *, name: str) -> None:
    """Print one key with all that is known of it, as a command of this name does."""
    if invocation.as_json:
        print_json({"format": f"sluis-keys-{name}/1", **key})
        return
    language, console = invocation.language, console_for(sys.stdout)
    console.print(_whose(key, language), word(_style(key), _state(key, language)))
    console.print(in_groups(key["fingerprint"]))
    for (nl, en), text in _lines(key, language):
        if text:
            console.print(printable(f"  {in_language(nl, en, language=language)}: {text}"))
    for warning in warnings_of(key, language=language):
        console.print(printable(f"  {warning}"), style="yellow")


def warnings_of(key: Key, *, language: Language) -> Iterator[str]:
    """Say what a person should look at."""
    days = key["daysLeft"]
    if days is not None and 0 <= days <= max(WARN_DAYS) and key["health"] == "usable":
        yield f"{Code.KEY_EXPIRES_SOON.value}: {in_number(days, *_ENDS, language=language)}"
    if key["small"]:
        nl, en = "minder dan 3072 bits: vraag om een sterkere sleutel", "below 3072 bits: ask for a stronger key"
        yield f"{Code.KEY_SMALL.value}: {in_language(nl, en, language=language)}"
    if key["namesAnother"]:
        nl, en = (
            "de adressen in de sleutel zijn niet van deze ontvanger: vergelijk de vingerafdruk",
            "the addresses in the key are not of this recipient: compare the fingerprint",
        )
        yield f"{Code.KEY_NAMES_ANOTHER.value}: {in_language(nl, en, language=language)}"
    if key["recordDiffers"]:
        nl, en = (
            "het dossier in keys/ zegt iets anders dan het register",
            "the record in keys/ differs from the register",
        )
        yield f"{Code.KEY_RECORD_DIFFERS.value}: {in_language(nl, en, language=language)}"


def _lines(key: Key, language: Language) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("sleutel", "key"), " ".join(dict.fromkeys((key["type"], _kind(key))))
    yield ("geldig tot", "valid until"), _end(key, language)
    yield ("gezondheid", "health"), _said(_HEALTH, key["health"], language)
    yield ("adressen erin", "addresses in it"), ", ".join(key["addresses"])
    yield ("versleuteld voor", "encrypted for"), ", ".join(key["channels"])
    yield ("herkomst", "source"), key["source"]
    yield ("ingelezen", "imported"), _who(key["importedBy"], key["importedAt"])
    renewed = f"{_who(key['renewedBy'], key['renewedAt'])} {key['renewedSource']}".strip()
    yield ("vernieuwd", "renewed"), renewed
    yield ("nagegaan", "verified"), f"{_verified(key, language)} {key['how']}".strip()
    yield ("ingetrokken", "retired"), _who(key["retiredBy"], key["retiredAt"])
    if key["waitsFor"]:
        trusts = key["waitsFor"] == "trust"
        wants = f"sluis keys {'trust' if trusts else 'retire'} {key['fingerprint']} --recipient {key['recipient']}"
        yield ("wacht op een ander dan", "waits for somebody else than"), f"{key['askedBy']}: {wants}"


def _style(key: Key) -> str:
    """Give the colour of its state; what can not be used is red, whoever trusts it, unless it is retired anyway."""
    return "refused" if key["health"] != "usable" and key["state"] != "retired" else _STYLES[key["state"]]


def _kind(key: Key) -> str:
    """Name the algorithm; of a key that is not there, its kind."""
    return f"{key['algorithm']} {key['bits']}" if key["algorithm"] else str(key["type"])


def _who(person: str, moment: str | None) -> str:
    return f"{person}, {(moment or '')[:10]}" if person else ""


def _verified(key: Key, language: Language) -> "str | Text":
    """Say who verified a key and when, or that nobody is known to have: of the own one and of a proposal nobody has."""
    if key["verifiedBy"] or not key["recipient"] or key["state"] == "proposed":
        return _who(key["verifiedBy"], key["verifiedAt"])
    return word("held", in_language("niet vastgelegd", "not recorded", language=language))


def _whose(key: Key, language: Language) -> str:
    return str(key["recipient"]) or in_language("(eigen sleutel)", "(own key)", language=language)


def _state(key: Key, language: Language) -> str:
    return _said(_STATES, key["state"], language)


def _end(key: Key, language: Language) -> str:
    """Give the last day; of a key that is not there, nothing is known."""
    if key["expires"]:
        return str(key["expires"])[:10]
    return in_language("onbeperkt", "unlimited", language=language) if key["algorithm"] else ""


def _said(words: dict[str, tuple[str, str]], key: str, language: Language) -> str:
    return in_language(*words[key], language=language)
