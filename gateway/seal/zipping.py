"""The file that a recipient with only a browser gets: a plain zip, which any Windows machine opens by a double click.

Rules: stored, never compressed, since most documents are compressed already; a fixed time, so that nothing tells when
it was made; written as a stream with flat memory; a document of another size than was said stops the whole of it.
"""

import html
import zipfile
from collections.abc import Generator, Iterable

from gateway.package.states import Language, ParcelDocument
from gateway.seal.container import Entry, document_pieces

_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100600 << 16
_TITLES = {Language.NL: "Brief", Language.EN: "Letter"}


def zip_pieces(
    entries: Iterable[Entry], *, documents: Iterable[tuple[str, ParcelDocument]]
) -> Generator[bytes, None, None]:
    """Give the zip piece by piece, at most about 1 MiB each. Raises SluisError `payload-corrupt` as the container."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", compression=zipfile.ZIP_STORED, allowZip64=True) as archive:
        for entry in entries:
            archive.writestr(_member(entry.name, len(entry.content)), entry.content)
            yield sink.taken()
        for name, document in documents:
            with archive.open(_member(name, document.size), "w") as member:
                for piece in document_pieces(document):
                    member.write(piece)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()


def letter_page(letter: str, *, language: Language) -> bytes:
    """Give the letter as a page that every browser shows as it was written; all of it is escaped."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language.value}">\n'
        f'<head><meta charset="utf-8"><title>{_TITLES[language]}</title>'
        "<style>pre{white-space:pre-wrap;font:1rem/1.5 sans-serif;max-width:70ch;margin:2rem auto}</style></head>\n"
        f"<body><main><pre>{html.escape(letter)}</pre></main></body>\n</html>\n"
    ).encode()


class _Sink:
    """Takes what zipfile writes; it can not seek, so zipfile writes sizes and checksums behind each member."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, content: bytes, /) -> int:
        self._waiting.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Do nothing: what waits is taken by `taken`."""

    def close(self) -> None:
        """Do nothing: zipfile leaves what it was given open."""

    def taken(self) -> bytes:
        # One piece alone, as most are, is not copied.
        content = b"".join(self._waiting)
        self._waiting.clear()
        return content


def _member(name: str, size: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _TIME)
    member.file_size = size
    member.external_attr = _MODE
    return member
