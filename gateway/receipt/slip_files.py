"""Slips in the outbox's folders, where the sender looks: text for Notepad, a page, and JSON.

Rules:
1. A slip lies in the folder where its package would be looked for: where a person can act, where it was refused, or
   where it was sent. In the first only when somebody really can do something; what passes by itself is no task.
2. `ENTRY.ID8.txt|.html|.json`. The entry's name is made safe for every file system and share; the id keeps two
   entries of one name apart.
3. A slip appears whole or not at all (new file, flush, rename), and takes the place of an older one of its package,
   also in another folder.
4. The folders belong to people: nothing is followed that is not a plain folder, and nothing but slips is touched.
"""

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from gateway.package.ids import short_id
from gateway.package.manifest import unsafe_name
from gateway.package.states import Language
from gateway.receipt.slip_model import Slip
from gateway.receipt.templates import Templates
from gateway.receipt.wording import Ending

_MODE = 0o640
_MAX_ENTRY_BYTES = 180
_WITHOUT_ENTRY = "sluis"
_UNSAFE = re.compile(r'[/\\:*?"<>|]')
_NOT_SENT = frozenset({Ending.REFUSED, Ending.WITHDRAWN, Ending.EXPIRED})
_LANGUAGES = (Language.NL.value, Language.EN.value)


def render_slip(slip: Slip, *, templates: Templates) -> dict[str, bytes]:
    """Render a slip in its three forms, by file ending. Raises SluisError `setting-invalid` for a broken template."""
    context = {"slip": slip, "languages": _LANGUAGES}
    text = templates.render("slip.txt.j2", language=Language.NL, context=context)
    page = templates.render("slip.html.j2", language=Language.NL, context=context)
    return {
        ".txt": text.replace("\n", "\r\n").encode("utf-8-sig"),
        ".html": page.encode("utf-8"),
        ".json": orjson.dumps(slip.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE),
    }


class SlipFiles:
    """The three folders in which slips end. Blocking."""

    def __init__(self, *, action_needed: Path, refused: Path, sent: Path) -> None:
        self._action_needed = action_needed
        self._refused = refused
        self._sent = sent

    def write(self, slip: Slip, /, *, templates: Templates, durable: bool = True) -> Path:
        """Write a slip in place of an older one of the same package; give its text file.

        `durable` flushes it to the disk first: for a slip that nobody could write again, since its entry never became
        a package. Every other one is written again from the spool after a power cut. Raises OSError, after which an
        older slip is still whole; SluisError `setting-invalid`.
        """
        forms = render_slip(slip, templates=templates)
        folder = self._folder_of(slip)
        stem = slip_stem(slip)
        with _opened(folder) as descriptor:
            for ending, content in forms.items():
                _put(descriptor, stem + ending, content, durable=durable)
            if durable:
                os.fsync(descriptor)
        for other in {self._action_needed, self._refused, self._sent} - {folder}:
            _remove(other, [stem + ending for ending in forms])
        return folder / f"{stem}.txt"

    def _folder_of(self, slip: Slip) -> Path:
        if slip.needs_person:
            return self._action_needed
        return self._refused if slip.ending in _NOT_SENT and not slip.sent_something else self._sent


def slip_stem(slip: Slip) -> str:
    """Name a slip's files, without their ending."""
    return f"{safe_entry(slip.entry)}.{short_id(slip.id)}"


def safe_entry(entry: str) -> str:
    """Make an entry's name fit for every file system and Windows share; the result can not leave its folder.

    The same name comes out the same, so that a slip finds its older one.
    """
    name = unicodedata.normalize("NFC", entry.encode("utf-8", "replace").decode("utf-8"))
    name = "".join("_" if unicodedata.category(char)[0] in "CZ" and char != " " else char for char in name)
    name = _UNSAFE.sub("_", name).lstrip(". ")
    name = name.encode("utf-8")[:_MAX_ENTRY_BYTES].decode("utf-8", "ignore").rstrip(". ")
    if not name:
        return _WITHOUT_ENTRY
    return f"_{name}" if unsafe_name(name) else name


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _put(folder: int, name: str, content: bytes, *, durable: bool) -> None:
    part = f".{name}.part"
    try:
        with os.fdopen(_created(folder, part), "wb") as target:
            target.write(content)
            if durable:
                target.flush()
                os.fsync(target.fileno())
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        _unlink(folder, part)
        raise


def _created(folder: int, part: str) -> int:
    """Make a new file; what a crash left under its name goes."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(part, flags, _MODE, dir_fd=folder)
    except FileExistsError:
        _unlink(folder, part)
        return os.open(part, flags, _MODE, dir_fd=folder)


def _remove(folder: Path, names: list[str]) -> None:
    """Remove an older slip; a folder that is not there holds none."""
    with contextlib.suppress(FileNotFoundError), _opened(folder) as descriptor:
        for name in names:
            _unlink(descriptor, name)


def _unlink(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
