"""What documents show is true: their `console` blocks are typed in again, and what comes out is compared.

A block holds lines that begin with `$ ` (a command goes on where the shell would) and below each what it prints. Where
a command would only confuse the reader, it stands in a comment above a `text` block: `<!-- prints: COMMAND -->`. Ids,
times, digests and places are made alike on both sides; `…` stands for anything, a whole line of it for any lines.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.preloaded import CLI, preloaded
from tests.scenarios.world import World

PLACE = "/var/lib/sluis"
_FENCE = re.compile(r"^```console\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_PRINTS = re.compile(r"^<!-- prints: (?P<command>.+) -->\n```text\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
_SEPARATOR = "\x1e"
_SHELL = f'printf "{_SEPARATOR}"\n'
_ALIKE = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b(?:[0-9a-f]{64}|[0-9A-F]{40}|[0-9a-f]{32})\b"), "DIGEST"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "TIME"),
    (re.compile(r"\b\d\d-\d\d-\d{4}( \d\d:\d\d)?\b"), "TIME"),
    (re.compile(r"(?<=[. ])(?=[0-9a-f]*[0-9])[0-9a-f]{8}(?=[.\s]|$)", re.MULTILINE), "ID8"),
    (re.compile(r"(?<=date: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "TIME"),
    (re.compile(r"\b\d+(?= s$)", re.MULTILINE), "N"),
    (re.compile(r"(?<=\S  )( *)\d+$", re.MULTILINE), r"\1N"),
    (re.compile(r"\b20\d\d-\d\d-\d\d(?=\.jsonl)"), "DAY"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One command of a block, and what the document says that it prints."""

    place: str
    command: str
    output: str


def blocks_of(document: Path) -> list[list[Shown]]:
    """Read the blocks of a document that are to be typed in."""
    text = document.read_text(encoding="utf-8")
    fences = [list(_commands(found["text"], place=_place(document, text, found))) for found in _FENCE.finditer(text)]
    prints = [
        [Shown(place=_place(document, text, found), command=found["command"], output=found["output"])]
        for found in _PRINTS.finditer(text)
    ]
    return fences + prints


def _place(document: Path, text: str, found: re.Match[str]) -> str:
    return f"{document.name}:{text.count(chr(10), 0, found.start()) + 1}"


def _commands(block: str, *, place: str) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        typed = next(number for number in range(1, len(lines) + 1) if _is_whole("\n".join(lines[:number])))
        yield Shown(place=place, command="\n".join(lines[:typed]), output="\n".join(lines[typed:]))


def _is_whole(command: str) -> bool:
    """Ask the shell whether a command ends here: quotes, loops, here documents and backslashes go on."""
    done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, check=False)
    return done.returncode == 0 and not done.stderr and not command.endswith("\\")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an administrator would sit: a folder that looks like the site, with the sample packages beside."""

    folder: Path
    world: World

    def arrange(self) -> "Desk":
        """Make the folder look like the site; the packages themselves lie there, since links are refused.

        Whoever sits here has used gpg before: the first time it tells of the files that it makes in one's home.
        """
        (self._home / ".gnupg").mkdir(mode=0o700, parents=True)
        subprocess.run(
            ["gpg", "--list-keys"], env={**os.environ, "HOME": str(self._home)}, stderr=subprocess.DEVNULL, check=True
        )
        for samples in ("api", "outbox"):
            shutil.copytree(self.world.site.sample / "packages" / samples, self.folder, dirs_exist_ok=True)
        for path in self.world.site.root.iterdir():
            (self.folder / path.name).symlink_to(path)
        return self

    def type_in(self, block: Sequence[Shown]) -> list[str]:
        """Type the commands of one block into one shell; give what each printed, errors with it."""
        keep = "__status=$?\n" + _SHELL + "(exit $__status)\n"
        script = "".join(f"{_as_typed_here(each.command)}\n{keep}" for each in block)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment(),
            pass_fds=[preloaded(CLI).orders],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=100,
            check=False,
        )
        return self._at_its_place(done.stdout.decode("utf-8")).split(_SEPARATOR)[:-1]

    @property
    def _home(self) -> Path:
        return self.folder.with_name("home")

    def _environment(self) -> dict[str, str]:
        programs = self.folder.with_name("bin")
        programs.mkdir(exist_ok=True)
        door = preloaded(CLI).door(programs, name="sluis")
        path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
        site = str(self.world.site.root)
        return {**os.environ, **door, "HOME": str(self._home), "PATH": path, "SLUIS_SITE": site, "LC_ALL": "C.UTF-8"}

    def _at_its_place(self, text: str) -> str:
        return text.replace(str(self.world.site.root), f"{PLACE}/site").replace(str(self.folder), PLACE)


def _as_typed_here(command: str) -> str:
    """`make demo` is `sluis demo` without a site, once everything is installed, as it is here: the program itself."""
    return f"env -u SLUIS_SITE {Path(sys.executable).with_name('sluis')} demo" if command == "make demo" else command


def agree(expected: str, actual: str) -> bool:
    """Tell whether a document says what was printed."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in _lines(expected)
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in _lines(actual))) is not None


def _lines(text: str) -> list[str]:
    """Give the lines with everything alike that differs each time, and without what nobody sees."""
    text = text.replace("\N{ZERO WIDTH NO-BREAK SPACE}", "")
    text = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
    for pattern, word in _ALIKE:
        text = pattern.sub(word, text)
    return text.splitlines()
