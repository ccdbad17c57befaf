"""Reads a data file by what its name says that it is: bytes in, rows out, so that it can be done in a sandbox.

Rules:
1. The name's suffix decides; a content that is something else is `data-unreadable`, never tried as something else.
2. A reader is loaded when a file of its kind comes: most packages have none.
"""

from collections.abc import Callable
from typing import Final

from gateway.package.errors import Code, SluisError
from gateway.package.states import Data


def read_data(content: bytes, *, suffix: str) -> Data:
    """Read a whole data file; `suffix` is the end of its name, from its last dot, in lower case.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`.
    """
    read = _READERS.get(suffix)
    if read is None:
        raise SluisError(Code.DATA_UNREADABLE, where="dataFile")
    return read(content)


def _json(content: bytes) -> Data:
    from gateway.evidence.data_reading import read_json  # noqa: PLC0415 - see rule 2

    return read_json(content)


def _csv(content: bytes) -> Data:
    from gateway.evidence.data_reading import read_csv  # noqa: PLC0415 - see rule 2

    return read_csv(content)


def _yaml(content: bytes) -> Data:
    from gateway.evidence.data_yaml import read_yaml  # noqa: PLC0415 - see rule 2

    return read_yaml(content)


def _xml(content: bytes) -> Data:
    from gateway.evidence.data_xml import read_xml  # noqa: PLC0415 - see rule 2

    return read_xml(content)


def _workbook(content: bytes) -> Data:
    from gateway.evidence.data_workbook import read_workbook  # noqa: PLC0415 - see rule 2

    return read_workbook(content)


_READERS: Final[dict[str, Callable[[bytes], Data]]] = {
    ".json": _json,
    ".csv": _csv,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".xml": _xml,
    ".xlsx": _workbook,
}
SUFFIXES: Final = frozenset(_READERS)
