"""Lets the command line speak the reader's language, also where its library, click, has the word.

click asks Python's gettext for each of its own texts, and gettext looks at LANGUAGE for the reader's language and at
its text domain for the catalogue. So both are set for as long as a command runs, and our own usage errors and help
texts go the same way. Names of values (`TEXT`, `FILE`) stay as they are.
"""

import copy
import gettext
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from gateway.bootstrap.translations import catalogue_place
from gateway.package.states import Language

_VARIABLE: Final = "LANGUAGE"

LIBRARY_TEXTS: Final[tuple[str | tuple[str, str], ...]] = (
    "Usage:",
    "Options",
    "Commands",
    "Error: {message}",
    "Error: invalid input",
    "Try '{command} {option}' for help.",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "Missing argument",
    "Missing option",
    "Missing command.",
    "No such option {name!r}.",
    "No such command {name!r}.",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    "Option {name!r} does not take a value.",
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a file.",
    "{name} {filename!r} is a directory.",
    "{name} {filename!r} is not readable.",
    "{name} {filename!r} is not writable.",
    "file",
    "directory",
    "path",
    "default: {default}",
    "required",
    "Show this message and exit.",
)
"""The texts of click that people meet here; of two the first is said of one thing, the second of more."""


def speak(text: str) -> str:
    """Say a text of the catalogue in the language of `spoken`; the text itself when there is no translation."""
    return gettext.gettext(text)


def to_speak(text: str) -> str:
    """Mark a text for the catalogue that is spoken later; gives it as it is."""
    return text


@contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Let click and `speak` use a language."""
    domain, folder = catalogue_place()
    gettext.bindtextdomain(domain, folder)
    gettext.textdomain(domain)
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = language.value
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


def help_text(command: click.Command) -> str:
    """Give what a command says of itself, as it stands in the catalogue."""
    return inspect.cleandoc(command.help or "").strip()


class SpokenCommand(click.Command):
    """A command whose help is in the reader's language."""

    def get_help(self, ctx: click.Context) -> str:
        """Give the help, with that of each option."""
        return click.Command.get_help(self._translated(), ctx)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Give the first sentence of the help, for a list of commands."""
        return click.Command.get_short_help_str(self._translated(), limit)

    def _translated(self) -> click.Command:
        # The command itself stays: it is asked again, perhaps in another language.
        told = copy.copy(self)
        told.help = speak(help_text(self)) or None
        told.params = [_translated_option(each) if isinstance(each, click.Option) else each for each in self.params]
        return told


class SpokenGroup(SpokenCommand, click.Group):
    """A group whose help is in the reader's language."""


def _translated_option(option: click.Option) -> click.Option:
    told = copy.copy(option)
    told.help = speak(option.help) if option.help else option.help
    return told
