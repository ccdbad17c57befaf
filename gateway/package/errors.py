"""The one base of all errors that hostile or broken input can cause.

Rules, in order:
1. Every error has a stable code out of one closed list; `gateway/package/problems.py` says for each what happened,
   what to do now, who helps, and the HTTP status. Misuse by our own code raises a built-in instead.
2. A message never holds personal data, a secret or file content: `where` is a place (a key, a number, a line),
   and `detail` values are counts, limits, codes and names that Sluis itself chose.
"""

from collections.abc import Mapping
from enum import StrEnum, unique


@unique
class Code(StrEnum):
    """Stable code of every error; never renamed, documented in docs/errors.md."""

    # Intake: an entry or a submission that is no package.
    MANIFEST_MISSING = "manifest-missing"
    MANIFEST_AMBIGUOUS = "manifest-ambiguous"
    MANIFEST_UNREADABLE = "manifest-unreadable"
    MANIFEST_INVALID = "manifest-invalid"
    FORMAT_UNKNOWN = "format-unknown"
    RECIPIENT_UNKNOWN = "recipient-unknown"
    PURPOSE_UNKNOWN = "purpose-unknown"
    DOCUMENT_MISSING = "document-missing"
    DOCUMENT_UNDECLARED = "document-undeclared"
    DOCUMENT_DIGEST_MISMATCH = "document-digest-mismatch"
    NAME_UNSAFE = "name-unsafe"
    LINK_REFUSED = "link-refused"
    ENTRY_WRITABLE_BY_OTHERS = "entry-writable-by-others"
    PACKAGE_EMPTY = "package-empty"
    PACKAGE_CHANGED = "package-changed"
    PACKAGE_TOO_LARGE = "package-too-large"
    PACKAGE_TOO_MANY_FILES = "package-too-many-files"
    FIELDS_TOO_MANY = "fields-too-many"
    ARCHIVE_UNREADABLE = "archive-unreadable"
    ARCHIVE_UNSAFE = "archive-unsafe"
    ENTRY_UNREADABLE = "entry-unreadable"
    ID_INVALID = "id-invalid"
    ID_AMBIGUOUS = "id-ambiguous"
    ID_CONFLICT = "id-conflict"
    SUBMITTER_UNKNOWN = "submitter-unknown"
    SENDER_MISMATCH = "sender-mismatch"
    # Data and documents that can not be examined.
    DATA_UNREADABLE = "data-unreadable"
    DATA_AMBIGUOUS = "data-ambiguous"
    DATA_READING_FAILED = "data-reading-failed"
    PAPER_READING_FAILED = "paper-reading-failed"
    RESIDUE_FOUND = "residue-found"
    ADDED_ELSEWHERE = "added-elsewhere"
    DOCUMENT_NOT_REBUILT = "document-not-rebuilt"
    DOCUMENT_NOT_SHOWN = "document-not-shown"
    # Policy and site.
    POLICY_INVALID = "policy-invalid"
    POLICY_UNAVAILABLE = "policy-unavailable"
    POLICY_NOT_APPROVED = "policy-not-approved"
    POLICY_CHANGED = "policy-changed"
    POLICY_UNCHANGED = "policy-unchanged"
    APPROVAL_OWN_PROPOSAL = "approval-own-proposal"
    SETTING_INVALID = "setting-invalid"
    READ_FORBIDDEN = "read-forbidden"
    WRITE_FORBIDDEN = "write-forbidden"
    PATH_UNUSABLE = "path-unusable"
    SUBJECT_INVALID = "subject-invalid"
    OUTPUT_IS_INPUT = "output-is-input"
    SITE_MISSING = "site-missing"
    SITE_EXISTS = "site-exists"
    SECRET_EXISTS = "secret-exists"
    SITE_IN_USE = "site-in-use"
    PROGRAM_MISSING = "program-missing"
    SANDBOX_MISSING = "sandbox-missing"
    SCANNER_UNREACHABLE = "scanner-unreachable"
    FINGERPRINT_INVALID = "fingerprint-invalid"
    # Seal.
    KEY_MISSING = "key-missing"
    KEY_EXPIRED = "key-expired"
    KEY_REVOKED = "key-revoked"
    KEY_UNUSABLE = "key-unusable"
    KEY_WEAK = "key-weak"
    KEY_NOT_YET_VALID = "key-not-yet-valid"
    KEY_NOT_VOUCHED = "key-not-vouched"
    KEY_REVOCATION_UNKNOWN = "key-revocation-unknown"
    KEY_NAMES_ANOTHER = "key-names-another"
    KEY_OTHER_OIN = "key-other-oin"
    KEY_SECRET_REFUSED = "key-secret-refused"
    KEY_UNREADABLE = "key-unreadable"
    KEY_SEVERAL = "key-several"
    KEY_UNKNOWN = "key-unknown"
    KEY_RETIRED = "key-retired"
    KEY_NONE = "key-none"
    KEY_OF_ANOTHER = "key-of-another"
    KEY_NOT_PROPOSED = "key-not-proposed"
    KEY_LAST_OF_CHANNEL = "key-last-of-channel"
    KEY_RULES_WAIT = "key-rules-wait"
    KEY_ENTRY_NOT_EDITED = "key-entry-not-edited"
    KEY_RECORD_DIFFERS = "key-record-differs"
    KEY_EXPIRES_SOON = "key-expires-soon"
    REVOCATION_LIST_ENDS_SOON = "revocation-list-ends-soon"
    REVOCATION_LIST_NOT_FETCHED = "revocation-list-not-fetched"
    KEY_LOOKUP_FAILED = "key-lookup-failed"
    KEY_SMALL = "key-small"
    ROTATION_UNDER_WAY = "rotation-under-way"
    PSEUDONYM_KEY_RECENT = "pseudonym-key-recent"
    SIGNING_KEY_UNUSABLE = "signing-key-unusable"
    SEAL_FAILED = "seal-failed"
    SEAL_TIMEOUT = "seal-timeout"
    # Deliver.
    CHANNEL_UNAVAILABLE = "channel-unavailable"
    ADDRESS_INVALID = "address-invalid"
    MAIL_UNREACHABLE = "mail-unreachable"
    MAIL_WITHOUT_TLS = "mail-without-tls"
    MAIL_WITHOUT_REQUIRETLS = "mail-without-requiretls"
    MAIL_DOMAIN_LIMIT = "mail-domain-limit"
    MAIL_CERTIFICATE_INVALID = "mail-certificate-invalid"
    MAIL_DEFERRED = "mail-deferred"
    MAIL_REFUSED = "mail-refused"
    MAIL_BOUNCED = "mail-bounced"
    MAIL_COPY_BOUNCED = "mail-copy-bounced"
    BOUNCES_UNREADABLE = "bounces-unreadable"
    BOUNCES_UNREACHABLE = "bounces-unreachable"
    BOUNCES_WITHOUT_TLS = "bounces-without-tls"
    BOUNCES_CERTIFICATE_INVALID = "bounces-certificate-invalid"
    BOUNCES_LOGIN_REFUSED = "bounces-login-refused"
    MAIL_OUTCOME_UNKNOWN = "mail-outcome-unknown"
    DROP_UNAVAILABLE = "drop-unavailable"
    DROP_OUTCOME_UNKNOWN = "drop-outcome-unknown"
    DROP_NAME_TAKEN = "drop-name-taken"
    SMS_UNREACHABLE = "sms-unreachable"
    SMS_REFUSED = "sms-refused"
    SMS_OUTCOME_UNKNOWN = "sms-outcome-unknown"
    UPLOAD_WAITS = "upload-waits"
    UPLOAD_FOLDER_UNAVAILABLE = "upload-folder-unavailable"
    CHAIN_PEER_UNKNOWN = "chain-peer-unknown"
    CHAIN_UNREACHABLE = "chain-unreachable"
    CHAIN_WITHOUT_TLS = "chain-without-tls"
    CHAIN_NOT_MUTUAL = "chain-not-mutual"
    CHAIN_CERTIFICATE_INVALID = "chain-certificate-invalid"
    CHAIN_CERTIFICATE_REVOKED = "chain-certificate-revoked"
    CHAIN_REVOCATION_UNKNOWN = "chain-revocation-unknown"
    CHAIN_WRONG_OIN = "chain-wrong-oin"
    CHAIN_OWN_CERTIFICATE = "chain-own-certificate"
    CHAIN_NOT_ADMITTED = "chain-not-admitted"
    CHAIN_DEFERRED = "chain-deferred"
    CHAIN_REFUSED = "chain-refused"
    CHAIN_RECEIPT_INVALID = "chain-receipt-invalid"
    CHAIN_OUTCOME_UNKNOWN = "chain-outcome-unknown"
    SFTP_UNREACHABLE = "sftp-unreachable"
    SFTP_HOST_KEY_CHANGED = "sftp-host-key-changed"
    SFTP_OUTDATED = "sftp-outdated"
    SFTP_LOGIN_REFUSED = "sftp-login-refused"
    SFTP_FOLDER_MISSING = "sftp-folder-missing"
    SFTP_FORBIDDEN = "sftp-forbidden"
    SFTP_NOT_STORED = "sftp-not-stored"
    SFTP_OVERWRITES = "sftp-overwrites"
    SFTP_SERVER_UNKNOWN = "sftp-server-unknown"
    WEBDAV_UNREACHABLE = "webdav-unreachable"
    WEBDAV_TLS_FAILED = "webdav-tls-failed"
    WEBDAV_LOGIN_REFUSED = "webdav-login-refused"
    WEBDAV_FOLDER_MISSING = "webdav-folder-missing"
    WEBDAV_FORBIDDEN = "webdav-forbidden"
    WEBDAV_NOT_STORED = "webdav-not-stored"
    WEBDAV_NOT_UNDERSTOOD = "webdav-not-understood"
    WEBDAV_OVERWRITES = "webdav-overwrites"
    WEBDAV_SERVER_UNKNOWN = "webdav-server-unknown"
    POSTBUS_UNREACHABLE = "postbus-unreachable"
    POSTBUS_NOT_TRUSTED = "postbus-not-trusted"
    POSTBUS_NOT_ADMITTED = "postbus-not-admitted"
    POSTBUS_NOT_AS_AGREED = "postbus-not-as-agreed"
    POSTBUS_FULL = "postbus-full"
    POSTBUS_OUTCOME_UNKNOWN = "postbus-outcome-unknown"
    POSTBUS_REFUSED = "postbus-refused"
    POSTBUS_LOCKED = "postbus-locked"
    POSTBUS_EXPIRED = "postbus-expired"
    POSTBUS_UNCONFIRMED = "postbus-unconfirmed"
    DELIVERY_EXPIRED = "delivery-expired"
    BASIS_LAPSED = "basis-lapsed"
    REGISTER_UNREACHABLE = "register-unreachable"
    # Spool and audit.
    DISK_FULL = "disk-full"
    SPOOL_UNAVAILABLE = "spool-unavailable"
    PAYLOAD_CORRUPT = "payload-corrupt"
    EPOCH_LOST = "epoch-lost"
    AUDIT_UNAVAILABLE = "audit-unavailable"
    AUDIT_CHANGED = "audit-changed"
    AUDIT_RETENTION = "audit-retention"
    AUDIT_RETENTION_MISSING = "audit-retention-missing"
    AUDIT_NONE_SO_OLD = "audit-none-so-old"
    AUDIT_NOT_SENT = "audit-not-sent"
    CHECKPOINT_INVALID = "checkpoint-invalid"
    CHECKPOINT_UNREADABLE = "checkpoint-unreadable"
    WITNESS_CONTRADICTS = "witness-contradicts"
    WITNESS_MISSED = "witness-missed"
    LOGBOOK_UNREACHABLE = "logbook-unreachable"
    LOGBOOK_REFUSED = "logbook-refused"
    LOGBOOK_DEFAULT_ACTIVITY = "logbook-default-activity"
    AUDIT_COPY_FAILED = "audit-copy-failed"
    TIMESTAMP_AHEAD = "timestamp-ahead"
    WORKER_LOST = "worker-lost"
    SLIPS_NOT_WRITTEN = "slips-not-written"
    # Interfaces.
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    REQUEST_INVALID = "request-invalid"
    REQUEST_TIMEOUT = "request-timeout"
    BODY_TOO_LARGE = "body-too-large"
    MEDIA_TYPE_UNSUPPORTED = "media-type-unsupported"
    DOCUMENT_NOT_EXPECTED = "document-not-expected"
    NOT_AUTHENTICATED = "not-authenticated"
    NOT_PERMITTED = "not-permitted"
    HOST_REFUSED = "host-refused"
    STATE_CONFLICT = "state-conflict"
    HOLD_NOT_RELEASABLE = "hold-not-releasable"
    REVIEW_OWN_PACKAGE = "review-own-package"
    WITHDRAWAL_TOO_LATE = "withdrawal-too-late"
    EVENT_UNKNOWN = "event-unknown"
    EVENT_UNSIGNED = "event-unsigned"
    EVENT_NO_DECISION = "event-no-decision"
    DECISION_NOT_KEPT = "decision-not-kept"
    # Endings that time brings.
    HOLD_EXPIRED = "hold-expired"
    SUBMISSION_EXPIRED = "submission-expired"
    SERVICE_UNREACHABLE = "service-unreachable"
    SERVICE_BUSY = "service-busy"
    INTERNAL_ERROR = "internal-error"


class SluisError(Exception):
    """What went wrong, as a code with a place; its sentences stand in the problem catalogue.

    Args:
        code: which problem it is.
        where: the place in the sender's own input: a key path, a document number, a line. Never a value.
        detail: counts, limits, codes; never a value out of a package.
        faults: all the single faults of an invalid input, each a (place, expectation) pair.
    """

    def __init__(
        self,
        code: Code,
        *,
        where: str = "",
        detail: Mapping[str, str | int] | None = None,
        faults: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.where = where
        self.detail: Mapping[str, str | int] = dict(detail or {})
        self.faults = faults

    def __reduce__(self) -> tuple[object, ...]:
        """Let it travel between our own processes: the base class would forget all but the code."""
        return _again, (type(self), self.code, self.where, dict(self.detail), self.faults)

    def __str__(self) -> str:
        place = f" at {self.where}" if self.where else ""
        more = "".join(f" {key}={value}" for key, value in sorted(self.detail.items()))
        return f"{self.code.value}{place}{more}"


def code_of(error: BaseException) -> Code:
    """Tell the code of an error; one that has none is a fault of our own."""
    return error.code if isinstance(error, SluisError) else Code.INTERNAL_ERROR


def _again(
    kind: type[SluisError],
    code: Code,
    where: str,
    detail: dict[str, str | int],
    faults: tuple[tuple[str, str], ...],
) -> SluisError:
    return kind(code, where=where, detail=detail, faults=faults)
