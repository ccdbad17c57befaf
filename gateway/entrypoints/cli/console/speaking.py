"""Lets the command line speak the reader's language, also where its library, click, has the word.

click asks Python's gettext for each of its own texts, and gettext looks at LANGUAGE for the reader's language and at
its text domain for the catalogue. So both are set for as long as a command runs, and our own usage errors and help
texts go the same way, with the names of values (`FILE`, `DAY`), which are words in capitals.
"""

import copy
import gettext
import inspect
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from gateway.bootstrap.translations import catalogue_place
from gateway.package.states import Language

_VARIABLE: Final = "LANGUAGE"
_WHOLE_SENTENCE: Final = 1_000
_VALUE: Final = re.compile(r"[A-Z]{2,}")

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
    "Choose from:\n\t{choices}",
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


def value_names(command: click.Command) -> set[str]:
    """Give the names of values in a command's help, as they stand in the catalogue."""
    context = click.Context(command, info_name=command.name)
    options = (each for each in command.params if isinstance(each, click.Option) and not each.is_flag)
    told = (*click.Command.collect_usage_pieces(command, context), getattr(command, "subcommand_metavar", ""))
    return {name for text in (*told, *(_value_of(each, context) for each in options)) for name in _VALUE.findall(text)}


def name_values(error: click.BadParameter) -> None:
    """Let a usage error call the argument that it is about as the help does."""
    if error.param_hint is None and isinstance(error.param, click.Argument):
        error.param_hint = _spoken_values(error.param.get_error_hint(error.ctx))


class SpokenCommand(click.Command):
    """A command whose help is in the reader's language."""

    def get_usage(self, ctx: click.Context) -> str:
        """Give the line that says how it is typed."""
        return click.Command.get_usage(self._translated(ctx), ctx)

    def get_help(self, ctx: click.Context) -> str:
        """Give the help, with that of each option."""
        return click.Command.get_help(self._translated(ctx), ctx)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Give the first sentence of the help, for a list of commands: the whole of it, which the list folds."""
        told = copy.copy(self)
        told.help = speak(help_text(self)) or None
        return click.Command.get_short_help_str(told, max(limit, _WHOLE_SENTENCE))

    def _translated(self, ctx: click.Context) -> click.Command:
        # The command itself stays: it is asked again, perhaps in another language.
        told = copy.copy(self)
        told.help = speak(help_text(self)) or None
        told.params = [_translated(each, ctx) for each in self.params]
        told.options_metavar = _spoken_values(self.options_metavar or "")
        return told


class SpokenGroup(SpokenCommand, click.Group):
    """A group whose help is in the reader's language."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Give the pieces of the line that says how it is typed."""
        return [_spoken_values(each) for each in super().collect_usage_pieces(ctx)]


def _translated(param: click.Parameter, ctx: click.Context) -> click.Parameter:
    told = copy.copy(param)
    told.metavar = _spoken_values(_value_of(param, ctx))
    if isinstance(told, click.Option):
        told.help = speak(told.help) if told.help else told.help
    return told


def _value_of(param: click.Parameter, ctx: click.Context) -> str:
    """Name what a parameter takes, as it stands in the catalogue."""
    kind = param.type
    if isinstance(param, click.Option) and param.metavar is None and isinstance(kind, click.Path):
        # click named this type when it was made, in the language of that moment.
        return "PATH" if kind.file_okay and kind.dir_okay else "FILE" if kind.file_okay else "DIRECTORY"
    return param.make_metavar(ctx)


def _spoken_values(text: str) -> str:
    return _VALUE.sub(lambda found: speak(found[0]), text)
