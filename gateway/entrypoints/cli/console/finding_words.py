"""The people's words for what was found in a document; what a newer service knows and we do not is shown as its id."""

from collections.abc import Iterable

from gateway.bootstrap.translations import translated
from gateway.package.facts import Kind, Whose
from gateway.package.states import Language
from gateway.receipt.wording import KINDS, WHOSE


def said_kind(kind: str, language: Language) -> str:
    """Say what kind of value something is."""
    return translated(KINDS[Kind(kind)].one, language) if kind in set(Kind) else kind


def said_kinds(kinds: Iterable[str], language: Language) -> str:
    """Say several kinds, in one line."""
    return ", ".join(said_kind(kind, language) for kind in kinds)


def said_whose(whose: str, language: Language) -> str:
    """Say whom something leads to."""
    return translated(WHOSE[Whose(whose)], language) if whose in set(Whose) else whose
