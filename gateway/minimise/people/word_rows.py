"""How the lists of words in the code are written: a row of words between spaces."""


def words_row(text: str) -> frozenset[str]:
    """Give the words of a row."""
    return frozenset(text.split())
