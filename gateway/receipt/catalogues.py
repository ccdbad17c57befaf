"""Reads the translations of the house's texts: a site's own before the shipped ones. Needs no template."""

import gettext
from collections.abc import Sequence
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.package.states import Language

DOMAIN = "sluis"


def read_catalogue(folders: Sequence[Path], language: Language) -> gettext.NullTranslations:
    """Chain the folders' translations of one language; a text that none has stays as it is in the source.

    Raises SluisError `setting-invalid` for a catalogue that can not be read.
    """
    first = gettext.NullTranslations()
    for folder in folders:
        first.add_fallback(_translations(folder, language))
    return first


def _translations(folder: Path, language: Language) -> gettext.NullTranslations:
    try:
        return gettext.translation(DOMAIN, folder / "locale", [language.value], class_=_Catalogue, fallback=True)
    except (OSError, UnicodeDecodeError) as error:
        raise SluisError(Code.SETTING_INVALID, where=f"templates/locale/{language.value}") from error


class _Catalogue(gettext.GNUTranslations):
    """A catalogue that also knows a text by itself when it has a plural, on every Python.

    The standard library does so since one of the later 3.11; the Python of Debian 12 left such texts in English.
    """

    def gettext(self, message: str) -> str:
        said = super().gettext(message)
        return self.ngettext(message, message, 1) if said == message else said
