"""What was sent before, as the wrong-recipient guard sees it: keyed digests, ids and times, never a value.

Rules:
1. A person is a pseudonym (GDPR art. 4(5)): a digest under the site's key of the V-number, or else of name and date of
   birth, and of the sending organisation. What two organisations sent about one person can not be joined by it.
2. Content is a digest under the same key: it tells that two sendings were equal, and nothing of either.
"""

import datetime as dt
from dataclasses import dataclass

from gateway.package.ids import RecipientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what a package is recognised: its subject's pseudonym, a keyed digest of its data, and its documents' streams.

    `streams` are those whose digests make the content too, since they may arrive later.
    """

    subject: str
    data: str
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBefore:
    """That this organisation sent something about this subject to one recipient, of this kind then.

    `same_data_at` is when that was last exactly what this package holds; None for never. `same_data_went` is how many
    of its fields and documents went then, at the most: None when that is not known, and then all of them did.
    """

    recipient: RecipientId
    kind: str
    same_data_at: dt.datetime | None = None
    same_data_went: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What this organisation sent before: about this subject, and to which of this package's recipients at all."""

    about_subject: tuple[SentBefore, ...] = ()
    reached: tuple[RecipientId, ...] = ()


NOTHING_SENT = History()
