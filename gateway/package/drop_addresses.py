"""The address of a file drop: a folder of our own drop, or a folder on an SFTP server that the settings know.

    nidos                   the folder `nidos` of the drop
    sftp:keten/Inbox        the folder `Inbox` on the server `keten`

A folder is one plain name in both: nothing in an address can lead to another place than that server's own folder.
"""

import re
from dataclasses import dataclass

from gateway.package.ids import SLUG

_OWN = re.compile(SLUG.replace("$", r"\Z"))
_REMOTE = re.compile(rf"sftp:(?P<server>{SLUG.strip('^$')})/(?P<folder>[A-Za-z0-9][A-Za-z0-9._-]{{0,99}})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAddress:
    """Where a file drop is; `server` is the name of an SFTP server in the settings, empty for our own drop."""

    folder: str
    server: str = ""


def parse_drop_address(text: str) -> DropAddress | None:
    """Read an address; None for one that is none."""
    if _OWN.match(text):
        return DropAddress(folder=text)
    if found := _REMOTE.match(text):
        return DropAddress(folder=found["folder"], server=found["server"])
    return None
