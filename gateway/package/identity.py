"""By what a person is known. The same name and date of birth give the same words, however they were written."""

from enum import StrEnum, unique

from gateway.package.folding import words_of


@unique
class Identifier(StrEnum):
    """By what a person is known; the values stand in front of pseudonyms, and are never given another meaning."""

    V_NUMBER = "vnr"
    BSN = "bsn"
    NAME_AND_BIRTH = "nbd"


def by_name(name: str, date_of_birth: str) -> tuple[str, ...]:
    """Give the words of a name, folded and in one order, and then the date of birth as it is; empty: unknown.

    Case, diacritics, composed or decomposed letters, signs between words and their order make no difference.
    """
    return (*sorted(words_of(name)), date_of_birth)
