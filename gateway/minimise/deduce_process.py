"""The process that gives the second opinion on names: `python -m gateway.minimise.deduce_process FOLDER`.

In: a line of JSON for each piece of text, `{"text": …}`, on standard input. Out: `ready` once everything is loaded,
then for each piece a line `[[start, end], …]`: what deduce takes for a person, in code points.
With `--build` before the folder it makes the folder and ends.

Rules:
1. Only names are asked of deduce. The folder therefore holds its lists of names and none of streets and institutions:
   it loads in a second and takes a tenth of the memory.
2. deduce keeps what it built as a pickle, and whoever may write that runs code here. So the folder is made outside the
   installed packages, by the install, and refused when somebody else may write it.
3. deduce writes its log to standard output and turns every library's log on: both are shut before it is loaded.

Bounds: memory, no network. The time is the parent's to keep: it kills what takes too long.
"""

import importlib.util
import json
import logging
import os
import resource
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

_MEMORY_BYTES: Final = 2 * 1024 * 1024 * 1024
_CACHE: Final = Path("cache") / "lookup_structs.pickle"
_LEFT_OUT: Final = (
    "locations/lst_street",
    "locations/lst_placename",
    "institutions/lst_hospital",
    "institutions/lst_hospital_abbr",
    "institutions/lst_healthcare_institution",
)
_NO_WAY_OUT: Final = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostby",
    "socket.send",
    "subprocess.",
    "os.system",
)


def main(arguments: list[str]) -> None:
    """Build the folder, or answer until standard input ends."""
    logging.disable()
    with _own_output() as answers:
        if arguments[0] == "--build":
            _build(Path(arguments[1]))
        else:
            _answer(Path(arguments[0]), answers)


def _answer(folder: Path, answers: TextIO) -> None:
    _check(folder)
    _bind()
    deduce = _loaded(folder)
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps([*_people(deduce, json.loads(line)["text"])]) + "\n")
        answers.flush()


def _own_output() -> TextIO:
    """Keep standard output for the answers; what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends.
    return answers


def _bind() -> None:
    """Give up what deduce does not need, before any text is read."""
    for what, most in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_NO_WAY_OUT):
        raise PermissionError(event)


def _build(folder: Path) -> None:
    """Copy the lists of names, and let deduce make its pickle of them."""
    found = importlib.util.find_spec("deduce")
    if found is None or found.origin is None:
        raise OSError("deduce is not installed")
    shutil.copytree(Path(found.origin).parent / "data" / "lookup" / "src", folder / "src")
    for name in _LEFT_OUT:
        shutil.rmtree(folder / "src" / name)
        (folder / "src" / name).mkdir()
        (folder / "src" / name / "items.txt").write_text("", "utf-8")
    _loaded(folder)


def _check(folder: Path) -> None:
    """Refuse a folder that others may write. Raises PermissionError; FileNotFoundError when it was never built."""
    for path in (folder, folder / "cache", folder / _CACHE):
        status = path.stat()
        if status.st_uid not in {0, os.getuid()} or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError("the folder of the second opinion may be written by others")


def _loaded(folder: Path) -> Any:
    import deduce  # noqa: PLC0415 - only after its output and its log have nowhere to go.

    logging.disable()
    return deduce.Deduce(lookup_data_path=folder, cache_path=folder)


def _people(deduce: Any, text: str) -> Iterator[tuple[int, int]]:
    document = deduce.deidentify(
        text,
        disabled={
            "locations",
            "institutions",
            "dates",
            "ages",
            "identifiers",
            "phone_numbers",
            "email_addresses",
            "urls",
            "redactor",
        },
    )
    for each in document.annotations:
        if each.tag == "persoon":
            yield each.start_char, each.end_char


if __name__ == "__main__":
    main(sys.argv[1:])
