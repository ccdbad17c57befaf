"""The options that commands take, before or after their name: --site, --json, --lang, and --token for who acts."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import click

from gateway.bootstrap.translations import language_of_site
from gateway.entrypoints.cli.console.speaking import SpokenCommand, speak, to_speak
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language

_Function = Callable[..., Any]
_NO_TOKEN: Final = to_speak("This command asks no service: it does what your own user may. Leave --token out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What was asked of the command line, apart from the command itself."""

    site: Path | None = None
    as_json: bool = False
    token: str | None = field(default=None, repr=False)
    is_token_given: bool = False
    language: Language = Language.NL
    is_language_given: bool = False

    def required_site(self) -> Path:
        """Give the site's folder. Raises SluisError `site-missing`."""
        if self.site is None:
            raise SluisError(Code.SITE_MISSING)
        return self.site


def shared_options() -> list[click.Parameter]:
    """Make the shared options anew; unset ones are None."""
    # Who may only pass through a site to its socket or its rules can not list it, and need not.
    site = click.Path(path_type=Path, readable=False)
    languages = click.Choice([each.value for each in Language])
    return [
        click.Option(["--site"], type=site, help="Folder of the site; or SLUIS_SITE."),
        click.Option(["--json", "as_json"], is_flag=True, default=None, help="Print one JSON object."),
        click.Option(["--token"], help="Act as the person of this token; or SLUIS_TOKEN."),
        click.Option(["--lang", "language"], type=languages, help="Speak nl or en; or SLUIS_LANG. Else as the site."),
    ]


def begin(words: list[str]) -> Invocation:
    """Read what the environment says, and in which language whoever typed these words is answered.

    That language is the one that a person chose, by --lang or else SLUIS_LANG, or else the one of the site. LANG says
    nothing: servers are often `en_US`, whoever uses them.
    """
    site, token = _typed(words, "--site") or os.environ.get("SLUIS_SITE"), os.environ.get("SLUIS_TOKEN")
    known = {each.value: each for each in Language}
    # As LANG is written: EN and en_GB.UTF-8 are English too.
    chosen = known.get(_typed(words, "--lang") or os.environ.get("SLUIS_LANG", "")[:2].lower())
    found = Invocation(site=Path(site) if site else None, token=token or None, is_language_given=chosen is not None)
    language = chosen or (language_of_site(found.site) if found.site else None)
    return replace(found, language=language) if language else found


def _typed(words: list[str], option: str) -> str:
    """Find the value of an option among the words typed, before they are read; the last one counts."""
    found = ""
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        if word == option:
            found = after
        elif word.startswith(f"{option}="):
            found = word.removeprefix(f"{option}=")
    return found


def take_shared_options(ctx: click.Context) -> None:
    """Move the shared options that were given out of a command's own parameters into its invocation."""
    given: dict[str, Any] = {name: ctx.params.pop(name) for name in ("site", "as_json", "token", "language")}
    if given["language"] is not None:
        given["language"] = Language(given["language"])
        given["is_language_given"] = True
    if given["token"] is not None:
        given["is_token_given"] = True
    ctx.obj = replace(ctx.obj, **{name: value for name, value in given.items() if value is not None})


class ConsoleCommand(SpokenCommand):
    """A command that takes the shared options after its name as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(shared_options())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with the options of both places; those after the name win."""
        take_shared_options(ctx)
        return super().invoke(ctx)


class LocalCommand(ConsoleCommand):
    """A command that asks no service, but reads files on this machine: nobody is anybody else there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.params:
            if isinstance(each, click.Option) and each.name == "token":
                each.hidden = True

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises click.UsageError for a token on the command line; one of the environment may stay."""
        if ctx.obj.is_token_given or ctx.params["token"] is not None:
            raise click.UsageError(speak(_NO_TOKEN), ctx)
        return super().invoke(ctx)


def console_command(name: str, *, kind: type[ConsoleCommand] = ConsoleCommand) -> Callable[[_Function], ConsoleCommand]:
    """Make a function a command; its first argument is the `Invocation`."""

    def decorate(function: _Function) -> ConsoleCommand:
        return click.command(name, cls=kind)(click.pass_obj(function))

    return decorate


def local_command(name: str) -> Callable[[_Function], ConsoleCommand]:
    """Make a function a command that asks no service; its first argument is the `Invocation`."""
    return console_command(name, kind=LocalCommand)
