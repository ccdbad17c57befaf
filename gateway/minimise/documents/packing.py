"""Packs the parts of a new document: the same parts give the same bytes, and nothing tells when, where or by whom."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Final

_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)


def packed_anew(parts: Mapping[str, str | bytes], *, stored: Iterable[str] = ()) -> bytes:
    """Write a zip of the parts in their order; `stored` names those that must not be deflated."""
    plain = frozenset(stored)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _NO_DATE)
            # Zero is MS-DOS: the system on which it is written is nobody's business.
            entry.create_system = 0
            entry.compress_type = zipfile.ZIP_STORED if name in plain else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()
