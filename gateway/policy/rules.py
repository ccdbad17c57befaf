"""The closed list of rules that the program itself applies; their sentences stand in policies/rules.yaml.

Every other rule in that file is a `blocks` rule, which a privacy officer may add or take away.
"""

from enum import StrEnum, unique


@unique
class RuleId(StrEnum):
    """Stable id of every built-in rule; a policy set without one of them does not load."""

    # Step 1: who asks, and on which basis.
    PURPOSE_NOT_FOR_RECIPIENT = "purpose.not-for-recipient"
    MUNICIPALITY_OTHER_PURPOSE = "municipality.other-purpose"
    PERMISSION_MISSING = "permission.missing"
    PERMISSION_REVIEW_DUE = "permission.review-due"
    CONSENT_MISSING = "consent.missing"
    CONSENT_NOT_VERIFIED = "consent.not-verified"
    BAR_REGISTER_NOT_CHECKED = "bar-register.not-checked"
    GUARDIANSHIP_MISSING = "guardianship.missing"
    SUBJECT_ADULT = "subject.adult"
    SUBJECT_AGE_UNSURE = "subject.age-unsure"
    SENDER_NOT_SENDING_ORGANISATION = "sender.not-sending-organisation"
    # Step 2: what kind of data.
    FIELD_UNCLASSIFIED = "field.unclassified"
    FIELD_INTERNAL = "field.internal"
    SPECIAL_SMALL_CHAIN = "special.small-chain"
    SPECIAL_NO_NECESSITY = "special.no-necessity"
    SPECIAL_SECOND_PERSON = "special.second-person"
    SPECIAL_REVIEWED = "special.reviewed"
    CRIMINAL_NO_NECESSITY = "criminal.no-necessity"
    CRIMINAL_SECOND_PERSON = "criminal.second-person"
    CRIMINAL_REVIEWED = "criminal.reviewed"
    REVIEW_REFUSED = "review.refused"
    DOCUMENT_INTERNAL = "document.internal"
    DOCUMENT_UNDECLARED = "document.undeclared"
    # Step 3: the minimum.
    FIELD_PERMITTED = "field.permitted"
    MINIMUM_NOT_NEEDED = "minimum.not-needed"
    MINIMUM_NOT_GIVEN = "minimum.not-given"
    MINIMUM_NOTHING_LEFT = "minimum.nothing-left"
    DOCUMENT_PERMITTED = "document.permitted"
    DOCUMENT_UNKNOWN_KIND = "document.unknown-kind"
    DOCUMENT_NOT_NEEDED = "document.not-needed"
    DOCUMENT_NOT_GIVEN = "document.not-given"
    DOCUMENT_NOT_SEARCHABLE = "document.not-searchable"
    DOCUMENT_TOO_LARGE = "document.too-large"
    DOCUMENT_THIRD_PARTIES = "document.third-parties"
    DOCUMENT_FACIAL_IMAGE = "document.facial-image"
    DOCUMENT_SECRET_ADDRESS = "document.secret-address"
    # Step 4: share it safely.
    CHANNEL_NOT_APPROVED = "channel.not-approved"
    CHANNEL_BVV_OUTSIDE_CHAIN = "channel.bvv-outside-chain"
    CHANNEL_CHAIN_PARTNER_BY_BVV = "channel.chain-partner-by-bvv"
    CHANNEL_EXCEPTION_REVIEW = "channel.exception-review"
    CHANNEL_NOT_CONNECTED = "channel.not-connected"
