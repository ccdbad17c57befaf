"""What slips say, in English; the Dutch stands in templates/locale/nl and is what caseworkers read first.

Plain words, short sentences. `{name}` places are filled with counts, codes and the organisation's own facts. A test
compares every text here, in the problem catalogue and in the templates with the translations.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.package.facts import Kind, Whose
from gateway.package.problems import DID_YOU_MEAN, Helper
from gateway.package.reviews import ReviewReason
from gateway.package.states import Channel, DeliveryState, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Plural:
    """A text for a count of one, and the same for any other count."""

    one: str
    many: str


class Ending(StrEnum):
    """How a package stands, as its sender should understand it."""

    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    HELD = "held"
    REFUSED = "refused"
    RELEASING = "releasing"
    STUCK = "stuck"
    TO_UPLOAD = "to-upload"
    DONE = "done"
    PARTLY_DONE = "partly-done"
    IN_DOUBT = "in-doubt"
    UNDELIVERABLE = "undeliverable"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


TITLES: dict[Ending, str] = {
    Ending.REJECTED: "Your package was not taken",
    Ending.IN_PROGRESS: "Your package is being checked",
    Ending.HELD: "Your package is waiting",
    Ending.REFUSED: "Your package may not be sent",
    Ending.RELEASING: "Your package is being sent",
    Ending.STUCK: "Your package is being sent, but something has to be done",
    Ending.TO_UPLOAD: "Your package is ready to be uploaded",
    Ending.DONE: "Your package was sent",
    Ending.PARTLY_DONE: "Your package was sent to some of the recipients",
    Ending.IN_DOUBT: "It is not certain whether your package arrived",
    Ending.UNDELIVERABLE: "Your package could not be delivered",
    Ending.WITHDRAWN: "Your package was withdrawn",
    Ending.EXPIRED: "Your package has expired",
}

HAPPENED: dict[Ending, str] = {
    Ending.REJECTED: "Sluis could not take this package. Nothing was sent.",
    Ending.IN_PROGRESS: "Sluis has taken this package and is checking it. Nothing has been sent yet.",
    Ending.HELD: "Sluis has stopped this package for now. Nothing has been sent. The package is kept safely.",
    Ending.REFUSED: "The rules do not allow this package. Nothing was sent, and it will not be sent later either.",
    Ending.RELEASING: "The package was checked and encrypted. Sluis is sending it now.",
    Ending.STUCK: "The package was checked and encrypted. At least one recipient can not get it as things are now.",
    Ending.TO_UPLOAD: "The package was checked and encrypted. A person still has to upload it.",
    Ending.DONE: "The package was checked, encrypted and sent.",
    Ending.PARTLY_DONE: "The package was checked and encrypted. It was sent to {sent} of {total} recipients.",
    Ending.IN_DOUBT: "The package was checked and encrypted. It may have arrived, but that is not certain.",
    Ending.UNDELIVERABLE: "The package was checked and encrypted, but it reached none of the recipients.",
    Ending.WITHDRAWN: "This package was withdrawn. What had not been sent yet will not be sent.",
    Ending.EXPIRED: "This package waited too long. It was not sent, and its content has been deleted.",
}

# Of a package whose documents all stayed behind for everybody who got it: nothing but data went.
TITLE_WITHOUT_DOCUMENTS = Plural(
    "Your package was sent, but WITHOUT its document", "Your package was sent, but WITHOUT its documents"
)
HAPPENED_WITHOUT_DOCUMENTS = Plural(
    "Only the data was checked, encrypted and sent. The document was NOT sent.",
    "Only the data was checked, encrypted and sent. The documents were NOT sent.",
)
NOW_WITHOUT_DOCUMENTS = Plural(
    "Does the recipient need the document? Above stands why it stayed behind. Ask your Privacy Office what is "
    "possible, and do not send it in another way.",
    "Does the recipient need the documents? Above stands why they stayed behind. Ask your Privacy Office what is "
    "possible, and do not send them in another way.",
)
# Of each document that stayed behind for somebody who got the rest.
DOCUMENT_NOT_SENT = "Document {number} ({kind}) was NOT sent to {recipients}. {reason}"

# Why, when no rule and no problem has to be named.
WHY: dict[Ending, str] = {
    Ending.REJECTED: "The package could not be read as Sluis expects it.",
    Ending.IN_PROGRESS: "Each package is checked against the rules of its recipients before anything is sent.",
    Ending.HELD: "A person has to look at this package first.",
    Ending.REFUSED: "The rules of the recipient do not allow it.",
    Ending.RELEASING: "Each recipient may have what is sent, by the rules that are named below.",
    Ending.STUCK: "Below stands for each recipient what is wrong.",
    Ending.TO_UPLOAD: "Each recipient may have what is sent, by the rules that are named below.",
    Ending.DONE: "Each recipient may have what was sent, by the rules that are named below.",
    Ending.PARTLY_DONE: "Below stands for each recipient why it was sent or not.",
    Ending.IN_DOUBT: "Below stands for each recipient what went wrong.",
    Ending.UNDELIVERABLE: "Below stands for each recipient what went wrong.",
    Ending.WITHDRAWN: "Somebody who may do so withdrew it.",
    Ending.EXPIRED: "Packages that wait are kept for a limited time only, to protect personal data.",
}

# Why a package was withdrawn, when it is known by whom.
WITHDRAWN_BY: dict[bool, str] = {
    True: "The sender withdrew it.",
    False: "Your Privacy Office withdrew it.",
}

# Why a reviewer refused a package: the code that the reviewer chose.
REVIEW_REASONS: dict[ReviewReason, str] = {
    ReviewReason.NECESSITY_PROVEN: "Who decided found that the data is needed.",
    ReviewReason.CONSENT_SEEN: "Who decided has seen the consent.",
    ReviewReason.IDENTITY_SETTLED: "Who decided has settled who the person is.",
    ReviewReason.CHANNEL_AGREED: "Who decided has agreed on the channel.",
    ReviewReason.RECIPIENT_CHECKED: "Who decided has checked the recipient.",
    ReviewReason.NOT_NECESSARY: "Who decided found that the data is not needed for this purpose.",
    ReviewReason.NO_GROUND: "Who decided found no article of law that permits sharing this data.",
    ReviewReason.OTHER: "Who decided wrote the reason down. Ask your Privacy Office for it.",
}

NOW_ASKS_THE_ADMINISTRATOR = "You can not mend this in the package. Ask the administrator of Sluis."
NOW_ASKS_THE_PRIVACY_OFFICE = "You can not mend this in the package. Ask your Privacy Office."
NOW_IS_DECIDED_AGAIN = (
    "Do not hand it in again: once that is mended, Sluis decides on this package again by itself, and a new slip comes."
)
NOW: dict[Ending, str] = {
    Ending.REJECTED: "You find your package unchanged beside this slip.",
    Ending.IN_PROGRESS: "You need not do anything.",
    Ending.HELD: "Read under 'Why' what is missing. Add it and hand the package in again, or ask your Privacy Office.",
    Ending.REFUSED: "Do not share these data in another way. Ask your Privacy Office what is possible.",
    Ending.RELEASING: "You need not do anything. This slip is replaced when the package has arrived.",
    Ending.STUCK: "Ask the person who can help, named below. Sluis goes on as soon as it can.",
    Ending.TO_UPLOAD: "Is it not yours to upload? Tell whoever does that. This slip is replaced when it was done.",
    Ending.DONE: "You need not do anything. Was it sent by mistake? Tell your Privacy Office at once.",
    Ending.PARTLY_DONE: "Look below at the recipients who did not get it. Hand in a new package for them if needed.",
    Ending.IN_DOUBT: "Ask the recipient whether the package arrived. Hand it in again only when it did not.",
    Ending.UNDELIVERABLE: "Let the cause be mended first. Then hand the package in again.",
    Ending.WITHDRAWN: "Hand the package in again if it has to be sent after all.",
    Ending.EXPIRED: "Hand the package in again if it still has to be sent.",
}

NOW_DECIDES_THE_PRIVACY_OFFICE = (
    "Your Privacy Office decides. Do not hand it in again: a new slip comes by itself as soon as it has decided."
)

# What stayed behind, and could have gone if the package had been written otherwise.
WANTED_UNKNOWN_FIELDS = Plural(
    "Should {names} have gone too? Sluis does not know this field. Check how it is written, or ask your Privacy "
    "Office to add it; then send it in a new package.",
    "Should {names} have gone too? Sluis does not know these fields. Check how they are written, or ask your Privacy "
    "Office to add them; then send them in a new package.",
)
WANTED_UNKNOWN_KIND = Plural(
    "Should document {names} have gone too? Sluis does not know this kind of document. Check how the kind is written, "
    "or choose one that Sluis knows, and send the document in a new package.",
    "Should documents {names} have gone too? Sluis does not know these kinds of document. Check how the kinds are "
    "written, or choose ones that Sluis knows, and send the documents in a new package.",
)
WANTED_WITH_NECESSITY = Plural(
    "Should {names} have gone too? Write under 'necessity' why the recipient needs it for this purpose, in a full "
    "sentence, and send it in a new package.",
    "Should {names} have gone too? Write under 'necessity' why the recipient needs them for this purpose, in a full "
    "sentence, and send them in a new package.",
)
WANTED_DOCUMENTS_WITH_NECESSITY = Plural(
    "Should document {names} have gone too? Write under 'necessity' why the recipient needs it for this purpose, in a "
    "full sentence, and send it in a new package.",
    "Should documents {names} have gone too? Write under 'necessity' why the recipient needs them for this purpose, in "
    "a full sentence, and send them in a new package.",
)
NOW_CALL = "Call the recipient and read out the code that stands below. Without it nobody can open the package."
NOW_BY_MISTAKE = "Was it sent by mistake? Tell your Privacy Office at once."

REMINDED = "Your Privacy Office was told again that this package waits."
KEPT_UNTIL = "The package waits until {day}. If nothing has happened by then, it expires and its content is deleted."

NOTICE_SUBJECT = "Sluis: a package waits for a decision ({id})"
NOTICE_WAITS = "Package {id} has waited for a decision since {since}. If nobody decides, it expires on {day}."
NOTICE_WHY = "It waits because of: {codes}."
NOTICE_LOOK = "See what waits with 'sluis holds list', and decide with 'sluis holds release' or 'sluis holds refuse'."
NOTICE_ESCALATED = "The privacy officers were told before. Now their deputies and the administrators are told too."
NOTICE_END = "Sluis sent this by itself. It says nothing of what is in the package."

HELPERS: dict[Helper, str] = {
    Helper.SENDER: "You can solve this yourself. Does it not work? Ask the administrator of Sluis.",
    Helper.PRIVACY_OFFICE: "The Privacy Office of your organisation.",
    Helper.ADMINISTRATOR: "The administrator of Sluis in your organisation.",
    Helper.SECURITY: "The security team of your organisation.",
}
NAMED_PRIVACY_OFFICE = "The Privacy Office of {organisation}: {email}"

CHANNELS: dict[Channel, str] = {
    Channel.CHAIN_FACILITY: "the chain facility (BVV)",
    Channel.SECURE_MAIL: "secure e-mail, encrypted for this recipient",
    Channel.POSTBUS: "the file postbox (Bestandenpostbus)",
    Channel.FILE_DROP: "an encrypted file in the recipient's own folder",
}
NO_CHANNEL = "no channel was chosen"

PICKUP_CODE = (
    "Call the recipient on a number that you know and read out reference {reference} and this code: {code}. Never send "
    "it by e-mail. "
    "With the link in their e-mail they can fetch the package until {day}."
)
PICKUP_TEXTED = (
    "The code of reference {reference} was sent to the recipient as a text message. With the link in their e-mail they "
    "can fetch the package until {day}. Did it not come? Call them on a number that you know and read out: {code}."
)
PICKUP_NOT_TEXTED = "The text message with the code may not have come: call them."
PICKUP_ENDS = "The recipient has not fetched it yet, and it ends soon: call them."
PICKUP_ENDS_SUBJECT = "Not fetched yet: package {id} ends on {day}"
PICKUP_ENDS_NOTICE = (
    "The recipient of package {id} has not fetched it from the file postbox. It is destroyed on {day}. "
    "Call the recipient on a number that you know; the code stands on your slip."
)
UPLOAD_WAITS_SUBJECT = "Not uploaded yet: package {id}"
UPLOAD_WAITS_NOTICE = (
    "Nobody has uploaded package {id} to the Bestandenpostbus of Justid yet. Its folder lies in 1-Uploaden. "
    "Move it to 2-Verzonden after the upload; only then it counts as sent."
)
DELIVERIES: dict[DeliveryState, str] = {
    DeliveryState.WAITING: "not sent yet",
    DeliveryState.SENDING: "being sent",
    DeliveryState.UNCERTAIN: "perhaps arrived; Sluis is finding out",
    DeliveryState.SENT: "sent",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.UNDELIVERABLE: "not delivered",
    DeliveryState.WITHDRAWN: "withdrawn",
}
# Of a recipient who may have it although its delivery was given up, and of what goes to them.
ENDED_IN_DOUBT = "may have arrived"
OUTCOMES: dict[Outcome, str] = {
    Outcome.CLEARED: "allowed, not sent",
    Outcome.HELD: "waits for a person",
    Outcome.REFUSED: "not allowed",
}

# How it stands with a recipient of a package that ended before anything was sent.
NEVER_SENT: dict[Ending, str] = {
    Ending.WITHDRAWN: "withdrawn; nothing was sent",
    Ending.EXPIRED: "expired; nothing was sent",
}

# Instead of waiting for a person or a decision, when only the sender can mend it.
WAITS_FOR_SENDER = "waits until you do something"

VERDICTS: dict[Verdict, str] = {
    Verdict.RELEASE: "allowed",
    Verdict.STRIP: "left out",
    Verdict.REDACT: "partly redacted",
    Verdict.HOLD: "waits for a decision",
    Verdict.BLOCK: "blocked",
}
# The form for one is also what a kind is called where nothing is counted.
KINDS: dict[Kind, Plural] = {
    Kind.NAME: Plural("name", "names"),
    Kind.BSN: Plural("citizen service number (BSN)", "citizen service numbers (BSN)"),
    Kind.V_NUMBER: Plural("V-number", "V-numbers"),
    Kind.CASE_NUMBER: Plural("case number", "case numbers"),
    Kind.DOCUMENT_NUMBER: Plural("document number", "document numbers"),
    Kind.MRZ: Plural("line of a passport's reading zone", "lines of a passport's reading zone"),
    Kind.IBAN: Plural("account number", "account numbers"),
    Kind.PAYMENT_CARD: Plural("payment card", "payment cards"),
    Kind.TELEPHONE: Plural("telephone number", "telephone numbers"),
    Kind.EMAIL: Plural("e-mail address", "e-mail addresses"),
    Kind.ONLINE: Plural("name on the internet", "names on the internet"),
    Kind.LICENCE_PLATE: Plural("licence plate", "licence plates"),
    Kind.REGISTER_NUMBER: Plural(
        "number of an interpreter, doctor or lawyer", "numbers of interpreters, doctors and lawyers"
    ),
    Kind.STAFF_NUMBER: Plural("staff number", "staff numbers"),
    Kind.ADDRESS: Plural("address", "addresses"),
    Kind.POSTCODE: Plural("postcode", "postcodes"),
    Kind.TOWN: Plural("town", "towns"),
    Kind.BIRTH_DATE: Plural("date of birth", "dates of birth"),
    Kind.WITHHELD: Plural("value that this recipient does not get", "values that this recipient does not get"),
}
WHOSE: dict[Whose, str] = {
    Whose.SUBJECT: "of the person",
    Whose.THIRD_PARTY: "of somebody else",
    Whose.OFFICIAL: "of an official",
}
SENT_REDACTED = "sent, partly redacted"
ADDED_IN_REVIEW = Plural("more place by the Privacy Office", "more places by the Privacy Office")
SENT_VERDICT = "sent"
NOT_SENT_VERDICT = "not sent"
AND_MORE = "and {count} more, see the .json file beside this slip"


def every_plural() -> list[Plural]:
    """List all that has to be translated in two forms."""
    return [
        ADDED_IN_REVIEW,
        TITLE_WITHOUT_DOCUMENTS,
        HAPPENED_WITHOUT_DOCUMENTS,
        NOW_WITHOUT_DOCUMENTS,
        WANTED_UNKNOWN_FIELDS,
        WANTED_UNKNOWN_KIND,
        WANTED_WITH_NECESSITY,
        WANTED_DOCUMENTS_WITH_NECESSITY,
        *KINDS.values(),
    ]


def every_text() -> list[str]:
    """List all that has to be translated and is said in one form."""
    tables: list[dict[Ending, str] | dict[Helper, str] | dict[Channel, str]] = [
        TITLES, HAPPENED, WHY, NOW, NEVER_SENT, HELPERS, CHANNELS,
    ]  # fmt: skip
    states: list[dict[DeliveryState, str] | dict[Outcome, str] | dict[Verdict, str]] = [DELIVERIES, OUTCOMES, VERDICTS]
    singles = [
        *WHOSE.values(),
        DOCUMENT_NOT_SENT,
        PICKUP_CODE,
        PICKUP_TEXTED,
        PICKUP_NOT_TEXTED,
        PICKUP_ENDS,
        PICKUP_ENDS_SUBJECT,
        PICKUP_ENDS_NOTICE,
        UPLOAD_WAITS_SUBJECT,
        UPLOAD_WAITS_NOTICE,
        SENT_REDACTED,
        NOW_DECIDES_THE_PRIVACY_OFFICE,
        NOW_CALL,
        NOW_BY_MISTAKE,
        REMINDED,
        KEPT_UNTIL,
        NAMED_PRIVACY_OFFICE,
        NO_CHANNEL,
        SENT_VERDICT,
        NOT_SENT_VERDICT,
        ENDED_IN_DOUBT,
        WAITS_FOR_SENDER,
        *WITHDRAWN_BY.values(),
        *REVIEW_REASONS.values(),
        AND_MORE,
        DID_YOU_MEAN,
        NOW_ASKS_THE_ADMINISTRATOR,
        NOW_ASKS_THE_PRIVACY_OFFICE,
        NOW_IS_DECIDED_AGAIN,
    ]
    notices = [NOTICE_SUBJECT, NOTICE_WAITS, NOTICE_WHY, NOTICE_LOOK, NOTICE_ESCALATED, NOTICE_END]
    return [text for table in (*tables, *states) for text in table.values()] + singles + notices
