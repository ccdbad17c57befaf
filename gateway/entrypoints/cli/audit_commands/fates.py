"""What became of a parcel, in words and colours."""

from collections.abc import Mapping
from typing import Final

from gateway.audit.disclosures import Fate
from gateway.entrypoints.cli.console.printing import in_language
from gateway.package.states import Language

STYLES: Final[Mapping[Fate, str]] = {
    Fate.UNCERTAIN: "uncertain",
    Fate.SENT: "sent",
    Fate.DELIVERED: "delivered",
    Fate.COLLECTED: "delivered",
    Fate.RETURNED: "undeliverable",
    Fate.WITHDRAWN: "hold",
}
"""The word of which each has the colour."""

_WORDS: Final = {
    Fate.UNCERTAIN: ("onzeker of het aankwam", "not sure whether it arrived"),
    Fate.SENT: ("verstuurd", "sent"),
    Fate.DELIVERED: ("aangekomen", "delivered"),
    Fate.COLLECTED: ("opgehaald", "collected"),
    Fate.RETURNED: ("teruggekomen of niet opgehaald", "came back, or was not collected"),
    Fate.WITHDRAWN: ("ingetrokken voor het geopend was", "withdrawn before it was opened"),
}


def in_words(fate: Fate, language: Language) -> str:
    """Say it in the reader's language."""
    return in_language(*_WORDS[fate], language=language)
