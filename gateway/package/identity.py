"""Says who somebody is by name and date of birth: the same person gives the same words, however it was written."""

from gateway.package.folding import words_of


def by_name(name: str, date_of_birth: str) -> tuple[str, ...]:
    """Give the words of a name, folded and in one order, and then the date of birth as it is; empty: unknown.

    Case, diacritics, composed or decomposed letters, signs between words and their order make no difference.
    """
    return (*sorted(words_of(name)), date_of_birth)
