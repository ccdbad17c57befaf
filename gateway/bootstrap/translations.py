"""The texts of the house in the reader's language, for whoever has no running service at hand: the command line."""

import gettext
from functools import cache

from gateway.bootstrap.layout import shipped
from gateway.package.states import Language
from gateway.receipt.catalogues import read_catalogue


def translated(text: str, language: Language) -> str:
    """Give a text in a language by the shipped catalogue; itself where no translation is needed."""
    return _catalogue(language).gettext(text)


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return read_catalogue([shipped("templates")], language)
