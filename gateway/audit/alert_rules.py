"""The closed list of what the security team is alerted to, as data: what it says, how much it matters, what to do.

An alert is a question to a person, never a verdict: nothing is held or let through because of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from gateway.package.labels import Label


@unique
class AlertId(StrEnum):
    """Every alert there is; a new one is argued for in DECISIONS.md."""

    FIRST_RECIPIENT = "first-recipient"
    FIRST_BY_PERSON = "first-by-person"
    RECIPIENT_VOLUME = "recipient-volume"
    FIELDS_JUMP = "fields-jump"
    HELD_RATIO = "held-ratio"
    HOLDS_BY_PERSON = "holds-by-person"
    WRONG_CODES = "wrong-codes"
    HOLD_RELEASED = "hold-released"
    SAME_PAIR = "same-pair"
    OUT_OF_HOURS = "out-of-hours"
    KEY_CHANGED = "key-changed"
    KEY_ENDS = "key-ends"
    RULES_CHANGED = "rules-changed"
    CHECKPOINT_OLD = "checkpoint-old"
    WITNESS_OLD = "witness-old"
    LOG_KEYS_DROPPED = "log-keys-dropped"
    LOG_RECOVERED = "log-recovered"
    CLOCK_STEP = "clock-step"


class Severity(StrEnum):
    """How much it matters, in the words of Sigma."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """What an alert says and what to do about it, in both languages."""

    severity: Severity
    sentence: Label
    remedy: Label


STANDING: Final = frozenset({AlertId.KEY_ENDS, AlertId.WITNESS_OLD, AlertId.LOG_KEYS_DROPPED, AlertId.CHECKPOINT_OLD})
"""Those that no event of the log tells: how things stand, known to the running service."""

RULES: Final[Mapping[AlertId, AlertRule]] = {
    AlertId.FIRST_RECIPIENT: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Deze ontvanger krijgt voor het eerst iets.", "This recipient gets something for the first time."
        ),
        remedy=Label(
            "Klopt de inschrijving: wie bracht de sleutel, en hoe is die gecontroleerd? Zie `sluis keys list`.",
            "Is the registration right: who brought the key, and how was it verified? See `sluis keys list`.",
        ),
    ),
    AlertId.FIRST_BY_PERSON: AlertRule(
        severity=Severity.LOW,
        sentence=Label(
            "Deze medewerker stuurt voor het eerst iets naar deze ontvanger.",
            "This caseworker sends something to this recipient for the first time.",
        ),
        remedy=Label(
            "Hoort deze ontvanger bij het werk van deze medewerker? Vraag het bij twijfel.",
            "Does this recipient belong to this caseworker's work? Ask when in doubt.",
        ),
    ),
    AlertId.RECIPIENT_VOLUME: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Deze ontvanger krijgt op een dag veel meer pakketten dan anders.",
            "This recipient gets many more packages on one day than usual.",
        ),
        remedy=Label(
            "Zoek uit wie ze stuurt en waarom; stop zo nodig het account of het programma.",
            "Find out who sends them and why; stop the account or the program if need be.",
        ),
    ),
    AlertId.FIELDS_JUMP: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "In dit pakket gaan veel meer velden mee dan anders naar deze ontvanger.",
            "Many more fields go with this package than usual to this recipient.",
        ),
        remedy=Label(
            "Vergelijk met de regels: is er net een machtiging verruimd, of vraagt iemand te veel op?",
            "Compare with the rules: was a permission widened just now, or does somebody ask for too much?",
        ),
    ),
    AlertId.HELD_RATIO: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "In dit uur wordt een groot deel van de pakketten vastgehouden.",
            "A large part of the packages of this hour is held.",
        ),
        remedy=Label(
            "Kijk naar de redenen: nieuwe regels, een register dat niet antwoordt, of iemand die probeert wat kan?",
            "Look at the reasons: new rules, a register that does not answer, or somebody trying what works?",
        ),
    ),
    AlertId.HOLDS_BY_PERSON: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Van deze medewerker zijn op een dag veel pakketten vastgehouden.",
            "Many packages of this caseworker were held on one day.",
        ),
        remedy=Label(
            "Help als het een vergissing is; kijk anders of iemand probeert wat er door de regels komt.",
            "Help when it is a mistake; otherwise look whether somebody tries what passes the rules.",
        ),
    ),
    AlertId.WRONG_CODES: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Op een dag zijn veel verkeerde codes getypt bij pakketten in de Bestandenpostbus.",
            "Many wrong codes were typed on one day for packages at the postbus.",
        ),
        remedy=Label(
            "Om welke ontvangers gaat het? Bel ze: leest iemand hun mail mee? Neem zo nodig de pakketten terug.",
            "Which recipients is it about? Call them: does somebody read their mail? Withdraw the packages if need be.",
        ),
    ),
    AlertId.HOLD_RELEASED: AlertRule(
        severity=Severity.LOW,
        sentence=Label(
            "Een vastgehouden pakket is door een persoon vrijgegeven.", "A held package was released by a person."
        ),
        remedy=Label(
            "Past de reden bij wat er werd vastgehouden? Bekijk af en toe een steekproef.",
            "Does the reason fit what was held? Look at a sample now and then.",
        ),
    ),
    AlertId.SAME_PAIR: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Dezelfde twee mensen keuren deze maand steeds elkaars werk goed.",
            "The same two people approve each other's work again and again this month.",
        ),
        remedy=Label(
            "Laat een derde een paar besluiten nakijken, en wissel de tweede persoon af.",
            "Let a third person look at some of the decisions, and let others be the second person.",
        ),
    ),
    AlertId.OUT_OF_HOURS: AlertRule(
        severity=Severity.LOW,
        sentence=Label("Er is gewerkt buiten werktijd.", "Somebody worked out of hours."),
        remedy=Label(
            "Was het deze persoon zelf? Zo niet: blokkeer het account. Programma's: `audit.alerts.hoursExcept`.",
            "Was it this person? If not, lock the account. For programs: `audit.alerts.hoursExcept`.",
        ),
    ),
    AlertId.KEY_CHANGED: AlertRule(
        severity=Severity.HIGH,
        sentence=Label("Een sleutel is veranderd.", "A key was changed."),
        remedy=Label(
            "Bel de ontvanger op een bekend nummer en vergelijk de vingerafdruk.",
            "Call the recipient on a number that you know, and compare the fingerprint.",
        ),
    ),
    AlertId.KEY_ENDS: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label("Een sleutel eindigt binnenkort, of is geëindigd.", "A key ends soon, or has ended."),
        remedy=Label(
            "Vraag om de nieuwe sleutel (`sluis keys import`), of vervang de eigen sleutel (`sluis keys rotate`).",
            "Ask for the new key (`sluis keys import`), or rotate the own one (`sluis keys rotate`).",
        ),
    ),
    AlertId.RULES_CHANGED: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label("Er gelden andere regels of ontvangers.", "Other rules or recipients are in force."),
        remedy=Label(
            "Bekijk wie het voorstelde en goedkeurde, en vraag wat er veranderde. De oude en de nieuwe versie staan in "
            "spool/policies.",
            "Look who proposed and approved it, and ask what changed. The old and the new version lie in "
            "spool/policies.",
        ),
    ),
    AlertId.CHECKPOINT_OLD: AlertRule(
        severity=Severity.HIGH,
        sentence=Label(
            "Er staan regels in het auditlogboek die nog niet ondertekend zijn.",
            "There are lines in the audit log that are not signed yet.",
        ),
        remedy=Label(
            "Kijk met `sluis status` of de dienst leeft en of er ruimte op de schijf is; dan `sluis audit verify`.",
            "Look with `sluis status` whether the service lives and the disk has room; then `sluis audit verify`.",
        ),
    ),
    AlertId.WITNESS_OLD: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Een getuige heeft al lang niet meer voor het logboek getekend.",
            "A witness has not cosigned the log for long.",
        ),
        remedy=Label(
            "Vraag het de organisatie die de getuige beheert; bewaar zolang zelf checkpoints elders.",
            "Ask the organisation that runs the witness; keep checkpoints elsewhere meanwhile.",
        ),
    ),
    AlertId.LOG_KEYS_DROPPED: AlertRule(
        severity=Severity.MEDIUM,
        sentence=Label(
            "Het dienstlogboek liet iets weg dat er niet in mag staan.",
            "The service log left something out that it may not carry.",
        ),
        remedy=Label(
            "Er is niets gelekt. Meld de fout aan de makers van Sluis, met de naam van de gebeurtenis.",
            "Nothing leaked. Report the fault to the makers of Sluis, with the name of the event.",
        ),
    ),
    AlertId.LOG_RECOVERED: AlertRule(
        severity=Severity.HIGH,
        sentence=Label("Het auditlogboek is na een storing hersteld.", "The audit log was recovered after a failure."),
        remedy=Label(
            "Controleer met `sluis audit verify`, en zoek de oorzaak: stroom, schijf, of iemand die het proces doodde?",
            "Check with `sluis audit verify`, and find the cause: power, disk, or somebody who killed the process?",
        ),
    ),
    AlertId.CLOCK_STEP: AlertRule(
        severity=Severity.HIGH,
        sentence=Label("De klok is teruggezet.", "The clock was set back."),
        remedy=Label(
            "Wie of wat deed dat? Kijk naar de tijdserver (`timedatectl`). Het regelnummer zegt de volgorde.",
            "Who or what did it? Look at the time server (`timedatectl`). The line's number tells the order.",
        ),
    ),
}
