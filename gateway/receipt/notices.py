"""What people are told of a hold by ordinary mail: that it waits, since when, why as codes, and where to look. Pure.

Rules:
1. Nothing of the package: no name, number, field or purpose, not who handed it in and not for whom it is. Its short id,
   days, rule ids and the Privacy Office are enough to find it, where whoever looks has to say who they are.
2. Dutch first, then the same in English.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, short_id
from gateway.package.problems import sentence
from gateway.package.states import Language, PrivacyOffice
from gateway.receipt import wording
from gateway.receipt.slip_model import Texts

_DAYS = {Language.NL: "%d-%m-%Y", Language.EN: "%Y-%m-%d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNotice:
    """A hold of which people are to be told; `sender` is never told of it, nor named."""

    package: PackageId
    organisation: str
    sender: PersonId
    stage: HoldStage
    since: dt.datetime
    expires_at: dt.datetime
    codes: tuple[str, ...]
    privacy_office: PrivacyOffice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """The words of one notice; `mark` is the same each time it is written."""

    mark: str
    subject: str
    text: str


def notice_text(notice: HoldNotice, *, texts: Texts, zone: ZoneInfo) -> NoticeText:
    """Write what people are told of a hold."""
    said = {language: _said(notice, texts=texts, zone=zone, language=language) for language in Language}
    short = short_id(notice.package)
    subject = sentence(texts.text(wording.NOTICE_SUBJECT, language=Language.NL), {"id": short})
    text = f"{said[Language.NL]}\n\n---\n\n{said[Language.EN]}\n"
    return NoticeText(mark=f"hold-{short}-{notice.stage.name.lower()}", subject=subject, text=text)


def pickup_text(package: PackageId, *, until: dt.datetime, texts: Texts, zone: ZoneInfo) -> NoticeText:
    """Write what a sender is told of a parcel at the postbus that nobody fetched and that ends soon; never its code."""
    short = short_id(package)

    def said(text: str, language: Language) -> str:
        places = {"id": short, "day": until.astimezone(zone).strftime(_DAYS[language])}
        return sentence(texts.text(text, language=language), dict(places))

    both = "\n\n---\n\n".join(said(wording.PICKUP_ENDS_NOTICE, language) for language in Language)
    subject = said(wording.PICKUP_ENDS_SUBJECT, Language.NL)
    return NoticeText(mark=f"pickup-{short}", subject=subject, text=f"{both}\n")


def upload_text(package: PackageId, *, texts: Texts) -> NoticeText:
    """Write what a sender is told of a parcel that nobody uploads."""
    places = {"id": short_id(package)}

    def said(text: str, language: Language) -> str:
        return sentence(texts.text(text, language=language), dict(places))

    both = "\n\n---\n\n".join(said(wording.UPLOAD_WAITS_NOTICE, language) for language in Language)
    subject = said(wording.UPLOAD_WAITS_SUBJECT, Language.NL)
    return NoticeText(mark=f"upload-{places['id']}", subject=subject, text=f"{both}\n")


def _said(notice: HoldNotice, *, texts: Texts, zone: ZoneInfo, language: Language) -> str:
    form = _DAYS[language]
    office = notice.privacy_office
    places: dict[str, str | int] = {
        "id": short_id(notice.package),
        "since": notice.since.astimezone(zone).strftime(form),
        "day": notice.expires_at.astimezone(zone).strftime(form),
        "codes": ", ".join(notice.codes),
        "organisation": office.organisation if office else notice.organisation,
        "email": office.email if office else "",
    }
    parts = [wording.NOTICE_WAITS, wording.NOTICE_WHY, wording.NOTICE_LOOK]
    parts += [wording.NOTICE_ESCALATED] if notice.stage is HoldStage.ESCALATED else []
    parts += [wording.NAMED_PRIVACY_OFFICE] if office else []
    return "\n".join(sentence(texts.text(part, language=language), places) for part in (*parts, wording.NOTICE_END))
