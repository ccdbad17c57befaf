"""The address of a file drop: a folder of our own drop, or a folder on a server that the settings know.

    nidos                   the folder `nidos` of the drop
    sftp:keten/Inbox        the folder `Inbox` on the SFTP server `keten`
    webdav:keten/Inbox      the folder (collection) `Inbox` on the WebDAV server `keten`

A folder is one plain name in all: nothing in an address can lead to another place than that server's own folder.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.package.ids import SLUG


class DropScheme(StrEnum):
    """How a server is spoken to; also the section of the settings in which it stands."""

    SFTP = "sftp"
    WEBDAV = "webdav"


_OWN = re.compile(SLUG.replace("$", r"\Z"))
_REMOTE = re.compile(
    rf"(?P<scheme>{'|'.join(DropScheme)}):(?P<server>{SLUG.strip('^$')})/(?P<folder>[A-Za-z0-9][A-Za-z0-9._-]{{0,99}})\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAddress:
    """Where a file drop is; `server` is its name under its scheme in the settings, empty for our own drop."""

    folder: str
    server: str = ""
    scheme: DropScheme | None = None

    @property
    def at(self) -> tuple[DropScheme, str] | None:
        """Give the server's scheme and name; None for our own drop."""
        return (self.scheme, self.server) if self.scheme else None


def parse_drop_address(text: str) -> DropAddress | None:
    """Read an address; None for one that is none."""
    if _OWN.match(text):
        return DropAddress(folder=text)
    if found := _REMOTE.match(text):
        return DropAddress(folder=found["folder"], server=found["server"], scheme=DropScheme(found["scheme"]))
    return None
