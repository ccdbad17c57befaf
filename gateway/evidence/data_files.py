"""Reads a data file by what its name says that it is.

Rules:
1. The name's suffix decides; a content that is something else is `data-unreadable`, never tried as something else.
2. JSON and CSV are read here: their parsers are small, of the standard library, and have bounds. Whatever takes a
   parser of a larger format is read where that parser can reach nothing, and is not loaded here.
"""

from collections.abc import Callable
from typing import Final

from gateway.evidence.data_bounds import check_size
from gateway.evidence.data_reading import read_csv, read_json
from gateway.evidence.file_questions import ask_data
from gateway.evidence.port import FileReader
from gateway.package.errors import Code, SluisError
from gateway.package.states import Data

_READ_HERE: Final[dict[str, Callable[[bytes], Data]]] = {".json": read_json, ".csv": read_csv}
_READ_ASIDE: Final = frozenset({".yaml", ".yml", ".xml", ".xlsx"})
SUFFIXES: Final = _READ_ASIDE.union(_READ_HERE)


def read_data(content: bytes, *, suffix: str, files: FileReader) -> Data:
    """Read a whole data file; `suffix` is the end of its name, from its last dot, in lower case.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`,
    `data-reading-failed`, and what the reader of files raises.
    """
    if suffix in _READ_HERE:
        return _READ_HERE[suffix](content)
    if suffix not in _READ_ASIDE:
        raise SluisError(Code.DATA_UNREADABLE, where="dataFile")
    check_size(content)
    return ask_data(files, content, suffix=suffix)
