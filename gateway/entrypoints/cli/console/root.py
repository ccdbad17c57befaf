"""The root command `sluis`: finds each command in its own file, and gives every error one voice and one exit code.

Every module in `gateway/entrypoints/cli/` is a command: module `keys_list` would be `sluis keys-list`, and holds it
as `command`. A module is imported only when its command is asked for.
"""

import gc
import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from gateway import __version__
from gateway.entrypoints.cli.console.exits import Exit, exit_of_problem
from gateway.entrypoints.cli.console.file_faults import problem_of_file
from gateway.entrypoints.cli.console.invocation import Invocation, begin, shared_options, take_shared_options
from gateway.entrypoints.cli.console.problems import ApiProblem, local_problem, print_problem
from gateway.entrypoints.cli.console.speaking import SpokenGroup, name_values, spoken
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language

_PACKAGE = "gateway.entrypoints.cli"
_FOLDER = Path(__file__).parents[1]


class CommandFolder(SpokenGroup):
    """A group whose commands are the modules of a folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's own
        """List the commands by name."""
        return sorted(each.replace("_", "-") for each in _modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command; None when there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{_PACKAGE}.{cmd_name.replace('-', '_')}").command
        gc.enable()
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} holds no click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant. Raises click.NoSuchCommand, which suggests those whose names are like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # click looks among the commands that were loaded, and there are none yet.
            known = self.list_commands(ctx)
            raise click.NoSuchCommand(error.command_name, possibilities=known, ctx=ctx) from None

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run, print what went wrong if anything, and exit; a command returns its exit code."""
        words = list(kwargs.get("args") or (args[0] if args else None) or sys.argv[1:])
        invocation = begin(words)
        with spoken(invocation.language):
            sys.exit(self._ended(args, kwargs | {"obj": invocation}, words=words, invocation=invocation))

    def _ended(self, args: tuple[Any, ...], kwargs: dict[str, Any], *, words: list[str], invocation: Invocation) -> int:
        """Run, print what went wrong if anything, and give the exit code."""
        as_json, language = "--json" in words, invocation.language
        try:
            result = super().main(*args, **(kwargs | {"standalone_mode": False}))
        except (click.Abort, KeyboardInterrupt):
            return Exit.REFUSED
        except click.ClickException as error:
            return _tell_usage(error, as_json=as_json, language=language)
        except ApiProblem as problem:
            return _tell(problem.body, as_json=as_json, language=language)
        except SluisError as error:
            return _tell(local_problem(error, language=language), as_json=as_json, language=language)
        except OSError as error:
            mistake = problem_of_file(error, site=invocation.site, words=words)
            if mistake is None:
                raise
            return _tell(local_problem(mistake, language=language), as_json=as_json, language=language)
        return result if isinstance(result, int) else Exit.DONE


def _modules() -> list[str]:
    found = pkgutil.iter_modules([str(_FOLDER)])
    return [each.name for each in found if not each.ispkg and not each.name.startswith("_")]


def _tell(body: dict[str, Any], *, as_json: bool, language: Language) -> Exit:
    print_problem(body, as_json=as_json, language=language)
    return exit_of_problem(body["code"])


def _tell_usage(error: click.ClickException, *, as_json: bool, language: Language) -> Exit:
    if isinstance(error, click.BadParameter):
        name_values(error)
    if as_json:
        fault = ("command line", error.format_message())
        body = local_problem(SluisError(Code.REQUEST_INVALID, faults=(fault,)), language=language)
        print_problem(body, as_json=True, language=language)
    else:
        error.show()
    return Exit.USAGE


@click.group(cls=CommandFolder, params=shared_options())
@click.version_option(__version__, prog_name="sluis", help="Show the version and exit.")
@click.pass_context
def root(ctx: click.Context, /, **_shared: Any) -> None:
    """Sluis: checks, minimises, encrypts and accounts for every data package about a person.

    New here? `sluis demo` shows it with fictitious packages, and `sluis init DIRECTORY` makes a site. What a command
    does and how it ends, it says with --help.
    """
    take_shared_options(ctx)
