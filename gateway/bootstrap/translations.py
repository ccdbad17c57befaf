"""The texts of the house in the reader's language, for whoever has no running service at hand: the command line."""

import gettext
from functools import cache
from pathlib import Path

import yaml

from gateway.bootstrap.layout import SiteLayout, shipped
from gateway.package.states import Language
from gateway.receipt.catalogues import DOMAIN, read_catalogue


def translated(text: str, language: Language) -> str:
    """Give a text in a language by the shipped catalogue; itself where no translation is needed."""
    return _catalogue(language).gettext(text)


def language_of_site(root: Path) -> Language | None:
    """Give the language that the settings of a site name; None where they name none or can not be read.

    Raises nothing: what is wrong with the settings is for the command to say that reads all of them.
    """
    try:
        return Language(yaml.safe_load(SiteLayout(root).settings.read_text(encoding="utf-8"))["language"])
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return None


def catalogue_place() -> tuple[str, Path]:
    """Give text domain and folder of the shipped catalogue, for a library that asks Python's gettext by itself."""
    return DOMAIN, shipped("templates") / "locale"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return read_catalogue([shipped("templates")], language)
