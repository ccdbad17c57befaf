"""The address of a file drop: a folder of our own drop, or a folder on a server that the settings know.

    nidos                   the folder `nidos` of the drop
    sftp:keten/Inbox        the folder `Inbox` on the SFTP server `keten`
    webdav:keten/Inbox      the folder (collection) `Inbox` on the WebDAV server `keten`
    bestandenpostbus:post@ngo.example
                            what a person uploads to the Bestandenpostbus of Justid, for this mailbox

A folder is one plain name in the first three: nothing in an address can lead to another place than that server's own
folder. The mailbox of the fourth is for a person to read; it leads nowhere.
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

_UPLOADED = re.compile(
    r"bestandenpostbus:(?P<mailbox>[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,190})\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAddress:
    """Where a file drop is; `server` is its name under its scheme in the settings, empty for our own drop.

    `mailbox` is for whom a person uploads it to the Bestandenpostbus; there is no folder then.
    """

    folder: str = ""
    server: str = ""
    scheme: DropScheme | None = None
    mailbox: str = ""

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
    if found := _UPLOADED.match(text):
        return DropAddress(mailbox=found["mailbox"])
    return None


def is_uploaded_by_hand(text: str) -> bool:
    """Tell whether a person brings what goes to this address."""
    found = parse_drop_address(text)
    return found is not None and bool(found.mailbox)
