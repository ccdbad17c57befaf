"""What would have to change for a field to get another verdict: which line of which file, or what of the package.

A remedy names the place, never that it would be right to change it: that is for whoever owns the rules.
"""

from typing import NamedTuple

from gateway.policy.rules import RuleId


class Remedy(NamedTuple):
    """One sentence in both languages."""

    nl: str
    en: str


_SECOND_PERSON = Remedy(
    "Iemand anders moet de noodzaak beoordelen en dit vrijgeven.",
    "A second person has to judge the necessity and release it.",
)
_NECESSITY = Remedy(
    "Het pakket moet een geschreven noodzaak hebben (necessity). Daarna beoordeelt een tweede persoon die.",
    "The package has to say a written necessity; then a second person judges it.",
)
_OTHER_PURPOSE = Remedy(
    "In policies/purposes.yaml moet {purpose} bij {kind} staan, zonder 'refused'. Daarna geeft "
    "recipients/{recipient}.yaml de velden.",
    "policies/purposes.yaml has to have {purpose} under {kind}, without 'refused'; then "
    "recipients/{recipient}.yaml gives the fields.",
)
_RELEASED = Remedy(
    "Niets: het veld gaat mee. Haal het uit recipients/{recipient}.yaml om het achter te houden.",
    "Nothing: the field goes. Take it out of recipients/{recipient}.yaml to keep it here.",
)
_BLOCKED = Remedy(
    "De regel {rule} in policies/rules.yaml houdt dit tegen. Zolang die er staat, gaat het veld niet mee.",
    "The rule {rule} in policies/rules.yaml stops it: as long as it stands there, the field does not go.",
)
_REMEDIES: dict[str, Remedy] = {
    RuleId.FIELD_PERMITTED: _RELEASED,
    RuleId.SPECIAL_SMALL_CHAIN: _RELEASED,
    RuleId.SPECIAL_REVIEWED: _RELEASED,
    RuleId.CRIMINAL_REVIEWED: _RELEASED,
    RuleId.FIELD_UNCLASSIFIED: Remedy(
        "Het veld moet eerst in policies/fields.yaml staan, met zijn soort. Daarna bij het doel en bij de ontvanger.",
        "The field has to stand in policies/fields.yaml first, with its category; then with purpose and recipient.",
    ),
    RuleId.FIELD_VALUE_NOT_VALID: Remedy(
        "In het pakket moet in dit veld staan wat de naam van het veld zegt.",
        "The package has to hold in this field what its name says.",
    ),
    RuleId.FIELD_INTERNAL: Remedy(
        "Interne gegevens gaan nooit weg. Alleen een andere soort (category) in policies/fields.yaml verandert dat.",
        "Internal data never leaves; only another category in policies/fields.yaml changes that.",
    ),
    RuleId.MINIMUM_NOT_NEEDED: Remedy(
        "Het doel {purpose} bij {kind} in policies/purposes.yaml moet het veld noemen. Daarna ook "
        "recipients/{recipient}.yaml.",
        "The purpose {purpose} under {kind} in policies/purposes.yaml has to name the field, and then "
        "recipients/{recipient}.yaml too.",
    ),
    RuleId.MINIMUM_NOT_GIVEN: Remedy(
        "De toestemming voor {purpose} in recipients/{recipient}.yaml moet het veld noemen (fields).",
        "The permission for {purpose} in recipients/{recipient}.yaml has to name the field (fields).",
    ),
    RuleId.PERMISSION_MISSING: Remedy(
        "In recipients/{recipient}.yaml moet een toestemming (permissions) voor {purpose} staan.",
        "recipients/{recipient}.yaml has to have a permission for {purpose} (permissions).",
    ),
    RuleId.PURPOSE_NOT_FOR_RECIPIENT: _OTHER_PURPOSE,
    RuleId.MUNICIPALITY_OTHER_PURPOSE: _OTHER_PURPOSE,
    RuleId.SPECIAL_NO_NECESSITY: _NECESSITY,
    RuleId.CRIMINAL_NO_NECESSITY: _NECESSITY,
    RuleId.SPECIAL_SECOND_PERSON: _SECOND_PERSON,
    RuleId.CRIMINAL_SECOND_PERSON: _SECOND_PERSON,
}


def remedy_for(rule_id: str, *, recipient: str, purpose: str, kind: str) -> Remedy:
    """Say what would have to change; a rule that the program does not know is one that blocks."""
    remedy = _REMEDIES.get(rule_id, _BLOCKED)
    told = (text.format(rule=rule_id, recipient=recipient, purpose=purpose, kind=kind) for text in remedy)
    return Remedy(*told)
