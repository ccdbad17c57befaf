"""The catalogue of problems: for each code what happened, what to do now, who helps, and how it travels.

English source texts; the Dutch ones stand in templates/locale. `{name}` places are filled from the error's
`detail` (counts, limits, codes: never personal data). docs/errors.md is compared with this table by a test.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.package.errors import Code, SluisError
from gateway.package.states import Reason


class Helper(StrEnum):
    """Who can help with a problem."""

    SENDER = "sender"
    PRIVACY_OFFICE = "privacy-office"
    ADMINISTRATOR = "administrator"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the catalogue; `status` is the HTTP status (RFC 9110), `retryable` whether trying again may help."""

    title: str
    remedy: str
    status: int
    helper: Helper
    retryable: bool = False


_S, _P, _A, _X = Helper.SENDER, Helper.PRIVACY_OFFICE, Helper.ADMINISTRATOR, Helper.SECURITY

PROBLEMS: dict[Code, Problem] = {
    # Intake.
    Code.MANIFEST_MISSING: Problem(
        "The package has no manifest.",
        "Add a file package.yaml or package.json to the package and hand it in again.",
        400,
        _S,
    ),
    Code.MANIFEST_AMBIGUOUS: Problem(
        "The package has more than one manifest.",
        "Keep one file, package.yaml or package.json, and hand it in again.",
        400,
        _S,
    ),
    Code.MANIFEST_UNREADABLE: Problem(
        "The manifest can not be read as YAML or JSON.",
        "Correct the manifest at the place that is named and hand the package in again.",
        400,
        _S,
    ),
    Code.MANIFEST_INVALID: Problem(
        "The manifest is not complete or not correct.",
        "Correct each place that is named and hand the package in again.",
        400,
        _S,
    ),
    Code.FORMAT_UNKNOWN: Problem(
        "The manifest is of a format that Sluis does not know.",
        "Write 'format: sluis-package/1' in the manifest and hand the package in again.",
        400,
        _S,
    ),
    Code.RECIPIENT_UNKNOWN: Problem(
        "A recipient is not in the recipient register.",
        "Check the spelling of the recipient's id, or ask the administrator to add this recipient.",
        400,
        _A,
    ),
    Code.PURPOSE_UNKNOWN: Problem(
        "The purpose is not in the policy.",
        "Choose a purpose that the policy knows for this recipient, or ask your Privacy Office.",
        400,
        _P,
    ),
    Code.DOCUMENT_MISSING: Problem(
        "A file that the manifest names is not in the package.",
        "Add the file, or take it out of the manifest, and hand the package in again.",
        400,
        _S,
    ),
    Code.DOCUMENT_UNDECLARED: Problem(
        "The package holds files that the manifest does not name. Their number: {count}.",
        "Name each file in the manifest, or take it out of the package, and hand it in again.",
        400,
        _S,
    ),
    Code.DOCUMENT_DIGEST_MISMATCH: Problem(
        "A file is not the one that the manifest describes: its SHA-256 differs.",
        "Check which file is the right one, correct the package and hand it in again.",
        400,
        _S,
    ),
    Code.NAME_UNSAFE: Problem(
        "A file or folder name can not be used.",
        "Use a plain name: letters, digits, spaces, dots and dashes, at most 200 characters, no folders.",
        400,
        _S,
    ),
    Code.LINK_REFUSED: Problem(
        "The package holds a link, a folder or a special file where a plain file is expected.",
        "Put the files themselves in the package, without links or folders, and hand it in again.",
        400,
        _S,
    ),
    Code.ENTRY_WRITABLE_BY_OTHERS: Problem(
        "Other people can write to this package, so it may not be as you made it.",
        "Look whether it is still what you made, copy it so that only you can write to it, and hand in that copy. "
        "Does it happen again? Ask the administrator to look at the rights of the outbox.",
        400,
        _S,
    ),
    Code.PACKAGE_EMPTY: Problem(
        "The package holds no data and no documents.",
        "Add data or at least one document and hand it in again.",
        400,
        _S,
    ),
    Code.PACKAGE_CHANGED: Problem(
        "The package was changed while Sluis was reading it.",
        "Wait until all files are written, then hand the package in again.",
        409,
        _S,
        retryable=True,
    ),
    Code.PACKAGE_TOO_LARGE: Problem(
        "The package is larger than {limit} bytes.",
        "Share fewer or smaller documents, or ask the administrator.",
        413,
        _A,
    ),
    Code.PACKAGE_TOO_MANY_FILES: Problem(
        "The package holds more than {limit} files.",
        "Share fewer documents, or split the package.",
        400,
        _S,
    ),
    Code.FIELDS_TOO_MANY: Problem(
        "The data holds more than {limit} fields.",
        "Share less data, or split the package.",
        400,
        _S,
    ),
    Code.ARCHIVE_UNREADABLE: Problem(
        "The zip file can not be read, or is encrypted.",
        "Make the zip file again without a password, or use a folder, and hand it in again.",
        400,
        _S,
    ),
    Code.ARCHIVE_UNSAFE: Problem(
        "The zip file is built in a way that is not safe to unpack.",
        "Make the zip file again with your own computer's zip program, or use a folder.",
        400,
        _S,
    ),
    Code.ENTRY_UNREADABLE: Problem(
        "Sluis may not read the package, or the disk gave an error.",
        "Copy the package again. Does it happen once more? Ask the administrator.",
        500,
        _A,
        retryable=True,
    ),
    Code.ID_INVALID: Problem(
        "The id is not a UUID.",
        "Give the whole id as it stands on the slip; a command takes its last eight characters too. In a package of "
        "your own, leave the id out or give a UUID.",
        400,
        _S,
    ),
    Code.ID_AMBIGUOUS: Problem(
        "More than one package has this short id.",
        "Give the whole id, as it stands on the slip and in 'sluis holds list'.",
        400,
        _S,
    ),
    Code.ID_CONFLICT: Problem(
        "A package with this id was handed in before. This one was not taken.",
        "Look first what became of the one with this id: it may have been sent. If this one has to go as well, "
        "give it a new id, or none, and hand it in again.",
        409,
        _S,
    ),
    Code.SUBMITTER_UNKNOWN: Problem(
        "Sluis does not know who handed this package in.",
        "Ask the administrator to add you to people.yaml.",
        403,
        _A,
    ),
    Code.SENDER_MISMATCH: Problem(
        "The sender in the manifest is not of the organisation of the person who handed the package in.",
        "Correct the sender in the manifest, or let the sender hand the package in.",
        403,
        _S,
    ),
    # Data and documents.
    Code.DATA_UNREADABLE: Problem(
        "The data file can not be read as what its name says: JSON, CSV, Excel (xlsx), XML or YAML.",
        "Correct the data file and hand the package in again.",
        400,
        _S,
    ),
    Code.DATA_AMBIGUOUS: Problem(
        "The data can be read in more than one way: a key stands twice, a row has more values than columns, or "
        "something in the workbook is hidden.",
        "Correct the data file and hand the package in again.",
        400,
        _S,
    ),
    Code.DATA_READING_FAILED: Problem(
        "The data file could not be read: what reads it stopped, or took too long. Nothing of it was used or sent.",
        "Save the data file anew, or as CSV, and hand the package in again. Did somebody else give you the file? Then "
        "tell the administrator before you open it.",
        409,
        _S,
    ),
    Code.PAPER_READING_FAILED: Problem(
        "A signed paper could not be read: what reads it stopped, or took too long. Nothing was sent.",
        "Scan the signed paper anew and hand the package in again. Did somebody else give you the file? Then tell the "
        "administrator before you open it.",
        409,
        _S,
    ),
    Code.RESIDUE_FOUND: Problem(
        "After stripping, a value that may not leave was still found in what would be sent.",
        "Take it out at the place that is named, or hand in that document in another form; or ask your Privacy Office.",
        409,
        _P,
    ),
    Code.ADDED_ELSEWHERE: Problem(
        "What a reviewer took out of a document stands in another place of what would be sent.",
        "The Privacy Office looks at the documents again and makes all changes anew: there too, or without this one.",
        409,
        _P,
    ),
    Code.DOCUMENT_NOT_REBUILT: Problem(
        "A document could not be written anew, so nothing was sent.",
        "Ask your Privacy Office to look at the document again, or hand in the package with another form of it.",
        409,
        _P,
    ),
    Code.DOCUMENT_NOT_SHOWN: Problem(
        "This document can not be shown: it was not searched.",
        "Look at the original with the sender; what the slip says has to be mended first.",
        409,
        _P,
    ),
    # Policy and site.
    Code.POLICY_INVALID: Problem(
        "The policy files are not correct, so nothing is decided by them.",
        "Correct each place that is named, then run 'sluis check'.",
        409,
        _P,
    ),
    Code.POLICY_UNAVAILABLE: Problem(
        "The rules by which the service decides are not on disk as they were announced; nothing was decided.",
        "Nothing now: it is tried again by itself. If it happens again, tell the administrator: somebody may have "
        "changed 'spool/policies'.",
        503,
        _A,
        retryable=True,
    ),
    Code.POLICY_NOT_APPROVED: Problem(
        "Rules, recipients or keys lie there that no second person has approved.",
        "Let one person look at 'sluis policy diff' and propose them with 'sluis policy propose DIGEST', and another "
        "one, a privacy officer, approve them with 'sluis policy approve DIGEST'.",
        503,
        _P,
        retryable=True,
    ),
    Code.POLICY_CHANGED: Problem(
        "This is not the digest of what lies on disk, or nobody has proposed it: the files may have changed since.",
        "Look at 'sluis policy status' and 'sluis policy diff', and have what lies there now proposed.",
        409,
        _P,
    ),
    Code.POLICY_UNCHANGED: Problem(
        "There is nothing to propose: these rules are in force, or come into force by themselves on this site.",
        "Look at 'sluis policy status'.",
        409,
        _P,
    ),
    Code.APPROVAL_OWN_PROPOSAL: Problem(
        "You proposed this change yourself, so you may not approve it.",
        "Let another privacy officer approve it.",
        403,
        _P,
    ),
    Code.SETTING_INVALID: Problem(
        "A setting of the site is not correct.",
        "Correct each place that is named, or put that file back, then run 'sluis check'. Settings stand in site.yaml, "
        "people.yaml or pickup.yaml.",
        500,
        _A,
    ),
    Code.READ_FORBIDDEN: Problem(
        "You may not read this folder or file of the site.",
        "Ask the administrator for the right to read it, or to do this for you.",
        403,
        _A,
    ),
    Code.WRITE_FORBIDDEN: Problem(
        "You may not write in this folder or file.",
        "Give a place where you may write. Is it part of the site? Do this as the user that Sluis runs as, or ask the "
        "administrator to do it.",
        403,
        _A,
    ),
    Code.PATH_UNUSABLE: Problem(
        "A file or folder can not be used as it was given.",
        "Correct what is named, or give another place, and type the command again.",
        400,
        _S,
    ),
    Code.SUBJECT_INVALID: Problem(
        "The file that says whom the document is about is not correct.",
        "Correct the file of --subject: one JSON object with the key name, and as far as you know them nameVariants, "
        "vNumber, dateOfBirth, numbers, addresses, withheld and others.",
        400,
        _S,
    ),
    Code.OUTPUT_IS_INPUT: Problem(
        "What would be written would overwrite a file that is read here. Nothing was written.",
        "Give what is written a name of its own.",
        400,
        _S,
    ),
    Code.SITE_MISSING: Problem(
        "There is no site in this folder.",
        "Give the site's folder with --site or SLUIS_SITE, or make one with 'sluis init DIR'.",
        500,
        _A,
    ),
    Code.SITE_EXISTS: Problem(
        "The folder is not empty, so no site is made in it.",
        "Choose a new or empty folder.",
        409,
        _A,
    ),
    Code.SECRET_EXISTS: Problem(
        "There is such a key already, so no other was made.",
        "Do nothing. Is the old key lost or seen by others? Read in docs/administrator.md what becomes of it first.",
        409,
        _A,
    ),
    Code.SITE_IN_USE: Problem(
        "Another service is already running on this site.",
        "Stop the other service first; two on one site could send a package twice.",
        409,
        _A,
    ),
    Code.PROGRAM_MISSING: Problem(
        "A program that Sluis needs is not on this machine: {program}.",
        "Install it, for Debian and Ubuntu with deploy/install-debian.sh.",
        500,
        _A,
    ),
    Code.SANDBOX_MISSING: Problem(
        "Files can not be opened safely on this machine: what is missing is its {part}. Nothing was opened.",
        "Install what deploy/install-debian.sh names for the group run, and let the service make user namespaces "
        "(bubblewrap) or use landlock and seccomp; 'sluis check' says when it works.",
        503,
        _A,
        retryable=True,
    ),
    Code.SCANNER_UNREACHABLE: Problem(
        "The malware scanner of the settings does not answer. Documents wait until it does.",
        "Start clamd, or correct documents.malwareScan.address in site.yaml; 'sluis check' says when it answers.",
        503,
        _A,
        retryable=True,
    ),
    Code.FINGERPRINT_INVALID: Problem(
        "A key is not named by its full fingerprint (40 hexadecimal digits), the SHA-256 of its certificate (x509: and "
        "64), or its whole age1 text.",
        "Give it in full and copy it, rather than typing it over; short key ids can be forged.",
        400,
        _A,
    ),
    # Seal.
    Code.KEY_MISSING: Problem(
        "There is no key for the recipient, so nothing can be encrypted for it.",
        "The administrator asks the recipient for its key and imports it with 'sluis keys import'. Until then, "
        "packages for the recipient wait.",
        409,
        _A,
    ),
    Code.KEY_EXPIRED: Problem(
        "The recipient's key has expired, so nothing can be encrypted to it.",
        "The administrator asks the recipient for a new key and imports it with 'sluis keys import'. Packages that "
        "need the old one wait.",
        409,
        _A,
    ),
    Code.KEY_REVOKED: Problem(
        "The recipient's key has been revoked, so nothing can be encrypted to it.",
        "The administrator asks the recipient for a new key and imports it with 'sluis keys import'. Packages that "
        "need the old one wait.",
        409,
        _A,
    ),
    Code.KEY_UNUSABLE: Problem(
        "The recipient's key can not be used for encryption.",
        "The administrator asks the recipient for a key that can encrypt and imports it with 'sluis keys import'. "
        "Packages that need this one wait.",
        409,
        _A,
    ),
    Code.KEY_WEAK: Problem(
        "The recipient's key is too weak to protect personal data.",
        "The administrator asks the recipient for a stronger key and imports it with 'sluis keys import'. Packages "
        "that need this one wait.",
        409,
        _A,
    ),
    Code.KEY_NOT_YET_VALID: Problem(
        "The recipient's certificate is not valid yet: its first day has not come.",
        "The administrator asks the recipient for the certificate that is valid today and imports it with 'sluis keys "
        "import'. Packages that need this one wait.",
        409,
        _A,
    ),
    Code.KEY_NOT_VOUCHED: Problem(
        "No authority that this site trusts vouches for the recipient's certificate.",
        "Ask the recipient for the certificate with those of its issuers behind it, in one file, and compare the root "
        "with the trust anchors of the site. Packages that need this one wait.",
        409,
        _A,
    ),
    Code.KEY_REVOCATION_UNKNOWN: Problem(
        "Nobody can tell today whether the recipient's certificate is revoked: a revocation list is missing, too old, "
        "not signed by its issuer, or can not be read.",
        "Fetch the list again, for example with 'sluis keys fetch-lists'. Packages for the recipient wait.",
        503,
        _A,
        retryable=True,
    ),
    Code.KEY_NAMES_ANOTHER: Problem(
        "A key that is pinned for this recipient bears mail addresses, but none of this recipient or its domain.",
        "Compare the fingerprint with the recipient by another way, such as the telephone. Is it another's? Mend the "
        "entry in recipients/ at once: packages are encrypted to this key.",
        409,
        _A,
    ),
    Code.KEY_OTHER_OIN: Problem(
        "The certificate of this chain partner is on another organisation's OIN; nothing was encrypted to it.",
        "Compare certificate and OIN with the partner by another way, and mend the entry in recipients/.",
        409,
        _X,
    ),
    Code.KEY_SECRET_REFUSED: Problem(
        "A secret key was found where only public keys belong.",
        "Remove the file, warn its owner, and treat that key as known to others.",
        409,
        _X,
    ),
    Code.KEY_UNREADABLE: Problem(
        "The file holds no public key that can be read, keys of several kinds, or more than {limit} bytes.",
        "Ask the recipient for the output of 'gpg --armor --export FINGERPRINT', the certificate in PEM or DER, or the "
        "line that begins with age1, and import that file.",
        400,
        _A,
    ),
    Code.KEY_SEVERAL: Problem(
        "The file holds more than one key: {count}. Nothing was taken from it.",
        "Ask the recipient which fingerprint is meant, and name it with --fingerprint; the places name all.",
        400,
        _A,
    ),
    Code.KEY_UNKNOWN: Problem(
        "There is no such key for this recipient, or not in this file.",
        "Look at 'sluis keys list', and compare the whole fingerprint with the recipient.",
        404,
        _A,
    ),
    Code.KEY_NONE: Problem(
        "No key of this recipient is known, and the recipient's channels name none.",
        "Should it get encrypted files or mail? Ask it for its key, and import that with 'sluis keys import'.",
        404,
        _A,
    ),
    Code.KEY_RETIRED: Problem(
        "This key is retired already; nothing is encrypted to it, and nothing was changed.",
        "Nothing needs to be done. Should it be used again? Import it, and have it trusted.",
        409,
        _A,
    ),
    Code.KEY_OF_ANOTHER: Problem(
        "This key is known as the key of another recipient: {name}. Nothing was taken.",
        "Ask the recipient for its own key by telephone. Did somebody send you another's key as theirs? Tell the "
        "security team.",
        409,
        _X,
    ),
    Code.KEY_NOT_PROPOSED: Problem(
        "This key does not wait for anybody's trust, or what waits was not written by Sluis.",
        "Look at 'sluis keys show RECIPIENT', and import the key again if it has to be trusted.",
        409,
        _A,
    ),
    Code.KEY_LAST_OF_CHANNEL: Problem(
        "This is the only key of the channel {channel}: without it nothing can be encrypted there. It was not retired.",
        "Import and trust the recipient's new key first. Should nothing go there any more? Add --leave-without: "
        "packages for this channel are then held.",
        409,
        _A,
    ),
    Code.KEY_RULES_WAIT: Problem(
        "Other changes of rules or recipients lie on disk and wait; this one would bring them into force too.",
        "Look at 'sluis policy diff'. Have those changes approved or taken back, and repeat the command.",
        409,
        _P,
    ),
    Code.KEY_ENTRY_NOT_EDITED: Problem(
        "The recipient's entry is written in a way that Sluis does not change by itself; nothing was changed.",
        "Write the fingerprint into 'keys:' of the entry in recipients/ by hand, and have it proposed and approved.",
        409,
        _A,
    ),
    Code.KEY_RECORD_DIFFERS: Problem(
        "The keys in this recipient's entry are not those that its record in keys/ calls trusted.",
        "Find out who changed which: 'sluis keys show RECIPIENT' and the audit log. What is encrypted to is the entry.",
        409,
        _A,
    ),
    Code.KEY_EXPIRES_SOON: Problem(
        "A key or certificate ends soon. When it has ended, packages for it wait; of an own one, all that need it.",
        "Ask the recipient for a new or renewed one and import it. Of your own key, run 'sluis keys rotate'; of your "
        "own certificate, ask its authority for a new one.",
        409,
        _A,
    ),
    Code.REVOCATION_LIST_ENDS_SOON: Problem(
        "A revocation list ends soon or has ended. After its end, packages for certificates of its issuer wait.",
        "Run 'sluis keys fetch-lists', or get the new list of that authority, and look at the timer that fetches it.",
        409,
        _A,
    ),
    Code.REVOCATION_LIST_NOT_FETCHED: Problem(
        "A revocation list could not be fetched, or what came is none of today that its issuer signed; the old one "
        "stays.",
        "Is its address in site.yaml still right, and can this machine reach it? 'sluis keys fetch-lists' tries again.",
        409,
        _A,
    ),
    Code.KEY_LOOKUP_FAILED: Problem(
        "The mail domain of this address gives no key for it, or not in the way that can be trusted to be its own.",
        "Ask the recipient for the key as a file, and import that.",
        502,
        _A,
    ),
    Code.KEY_SMALL: Problem(
        "The recipient's key is strong enough for today, and not for what has to stay secret for years.",
        "Ask the recipient for a key of 3072 bits or more, or of ed25519 and cv25519.",
        409,
        _A,
    ),
    Code.ROTATION_UNDER_WAY: Problem(
        "The own signing key is being rotated, and this can not be done now; nothing was changed.",
        "Restart the service, so that it reads seal.nextSigningKey. From the day in seal.nextFrom on: 'sluis keys "
        "rotate --finish', and restart it again.",
        409,
        _A,
    ),
    Code.PSEUDONYM_KEY_RECENT: Problem(
        "The newest key of the pseudonyms, {key}, is of {day}; no other was drawn.",
        "Each key has to be kept and backed up for as long as there are lines under it, and every question about a "
        "person asks under all of them. Do you want one more? Add --again.",
        409,
        _A,
    ),
    Code.SIGNING_KEY_UNUSABLE: Problem(
        "The gateway's own signing key can not be used.",
        "Ask the administrator to run 'sluis check'. The package waits.",
        503,
        _A,
        retryable=True,
    ),
    Code.SEAL_FAILED: Problem(
        "Encrypting the package failed; nothing was sent.",
        "Sluis tries again by itself. Does it stay? Ask the administrator.",
        503,
        _A,
        retryable=True,
    ),
    Code.SEAL_TIMEOUT: Problem(
        "Encrypting the package took longer than {limit} seconds and was stopped; nothing was sent.",
        "Sluis tries again by itself. Does it stay? Ask the administrator to look at gpg-agent.",
        503,
        _A,
        retryable=True,
    ),
    # Deliver.
    Code.CHANNEL_UNAVAILABLE: Problem(
        "The approved channel for this recipient is not connected yet.",
        "Ask the administrator. The package waits; it is never sent over a weaker channel.",
        503,
        _A,
        retryable=True,
    ),
    Code.ADDRESS_INVALID: Problem(
        "The recipient's address in the register can not be used.",
        "Ask the administrator to correct the recipient's entry.",
        500,
        _A,
    ),
    Code.MAIL_UNREACHABLE: Problem(
        "The mail server does not answer.",
        "Sluis tries again by itself. Does it stay? Ask the administrator.",
        503,
        _A,
        retryable=True,
    ),
    Code.MAIL_WITHOUT_TLS: Problem(
        "The mail server offers no encrypted connection, so nothing was sent.",
        "Ask the administrator to switch TLS on at the mail server. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.MAIL_WITHOUT_REQUIRETLS: Problem(
        "The mail server can not promise an encrypted connection on the whole way, so nothing was sent.",
        "Ask the administrator: the site demands REQUIRETLS of the mail server. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.MAIL_DOMAIN_LIMIT: Problem(
        "This organisation gets no more mails in a minute than was agreed; this one waits for its turn.",
        "You need not do anything. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.MAIL_CERTIFICATE_INVALID: Problem(
        "The mail server could not prove who it is, so nothing was sent.",
        "Ask the administrator to check the server's certificate. Sluis tries again.",
        503,
        _X,
        retryable=True,
    ),
    Code.MAIL_DEFERRED: Problem(
        "The mail server can not take the message now.",
        "Nothing to do: Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.MAIL_REFUSED: Problem(
        "The mail server refused the message for good.",
        "Ask the administrator to check the recipient's address, then hand the package in again.",
        502,
        _A,
    ),
    Code.MAIL_BOUNCED: Problem(
        "A mail server on the way took the mail and could not deliver it; it came back.",
        "Check the recipient's address in the register with the recipient, then hand the package in again.",
        502,
        _A,
    ),
    Code.MAIL_COPY_BOUNCED: Problem(
        "This mail may have gone twice. One copy came back; the other one may have arrived.",
        "Call the recipient: did it arrive, and is the address right? Hand the package in again only when it did not "
        "arrive. Was the address wrong? Tell your Privacy Office at once.",
        502,
        _P,
    ),
    Code.BOUNCES_UNREADABLE: Problem(
        "The folder for mail that comes back can not be read, or what was read can not be put away there.",
        "Check mail.bounces: a maildir with new/ and cur/ in which the service may read and write, or with IMAP the "
        "names of the folders there and what the user may do in them.",
        503,
        _A,
        retryable=True,
    ),
    Code.BOUNCES_UNREACHABLE: Problem(
        "The server of the mailbox for mail that comes back does not answer.",
        "Check mail.bounces.imap and that server. Sluis tries again, and what came back waits there.",
        503,
        _A,
        retryable=True,
    ),
    Code.BOUNCES_WITHOUT_TLS: Problem(
        "The server of the mailbox for mail that comes back offers no encrypted connection that is good enough.",
        "Switch TLS on there (1.2 or newer), and check mail.bounces.imap.implicitTls. Nothing was said to it.",
        503,
        _A,
        retryable=True,
    ),
    Code.BOUNCES_CERTIFICATE_INVALID: Problem(
        "The server of the mailbox for mail that comes back could not prove who it is.",
        "Check its certificate and mail.bounces.imap.caFile. It was not told the password.",
        503,
        _X,
        retryable=True,
    ),
    Code.BOUNCES_LOGIN_REFUSED: Problem(
        "The server of the mailbox for mail that comes back does not let us in.",
        "Check mail.bounces.imap.user and the password in its file.",
        503,
        _A,
        retryable=True,
    ),
    Code.MAIL_OUTCOME_UNKNOWN: Problem(
        "The connection broke before the mail server confirmed the message; it may or may not have arrived.",
        "Nothing to do: Sluis sends the same message again under the same Message-ID.",
        503,
        _A,
        retryable=True,
    ),
    Code.REGISTER_UNREACHABLE: Problem(
        "A register outside does not answer as agreed: address, certificate, authorisation or content.",
        "Check the settings under registers, and the other system. What needs it waits, and is never sent unproven.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_PEER_UNKNOWN: Problem(
        "The settings do not say where this chain partner listens.",
        "Ask the administrator to add the partner's OIN under chain.peers. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_UNREACHABLE: Problem(
        "The chain partner does not answer.",
        "Sluis tries again by itself. Does it stay? Ask the administrator.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_WITHOUT_TLS: Problem(
        "The chain partner offers no connection that is safe enough, so nothing was sent.",
        "Ask the administrator to have the partner switch on TLS 1.2 or 1.3. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_NOT_MUTUAL: Problem(
        "The chain partner did not ask who we are, so nothing was sent.",
        "Ask the administrator to have the partner demand a client certificate. Sluis tries again.",
        503,
        _X,
        retryable=True,
    ),
    Code.CHAIN_CERTIFICATE_INVALID: Problem(
        "The chain partner could not prove who it is, so nothing was sent.",
        "Ask the administrator to check the partner's certificate and the root in the settings. Sluis tries again.",
        503,
        _X,
        retryable=True,
    ),
    Code.CHAIN_CERTIFICATE_REVOKED: Problem(
        "The chain partner's certificate has been revoked, so nothing was sent.",
        "Ask the administrator to call the partner. Sluis tries again, and sends when there is a new certificate.",
        503,
        _X,
        retryable=True,
    ),
    Code.CHAIN_REVOCATION_UNKNOWN: Problem(
        "Nobody can tell whether a certificate has been revoked, so nothing was sent.",
        "Ask the administrator to refresh the revocation lists in the folder of the settings. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_WRONG_OIN: Problem(
        "Another organisation than the recipient answered at the chain partner's address, so nothing was sent.",
        "Ask the administrator to check the recipient's OIN and the partner's address. Sluis tries again.",
        503,
        _X,
        retryable=True,
    ),
    Code.CHAIN_OWN_CERTIFICATE: Problem(
        "Our own certificate for the chain facility can not be used, so nothing was sent.",
        "Ask the administrator to renew the certificate, or to correct it in the settings. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_NOT_ADMITTED: Problem(
        "The chain partner does not admit us at this address.",
        "Ask the administrator to arrange access with the partner, and to check the address. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_DEFERRED: Problem(
        "The chain partner can not take the package now.",
        "Nothing to do: Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_REFUSED: Problem(
        "The chain partner refused the package for good.",
        "Ask the administrator to ask the partner why, then hand the package in again.",
        502,
        _A,
    ),
    Code.CHAIN_RECEIPT_INVALID: Problem(
        "The chain partner took the package, but gave no valid receipt for it.",
        "Nothing to do: Sluis asks again. Does it stay? Ask the administrator to call the partner.",
        503,
        _A,
        retryable=True,
    ),
    Code.CHAIN_OUTCOME_UNKNOWN: Problem(
        "The connection broke before the chain partner gave a receipt; the package may or may not have arrived.",
        "Nothing to do: Sluis asks the partner, and sends the same package again only when it has not arrived.",
        503,
        _A,
        retryable=True,
    ),
    Code.DROP_UNAVAILABLE: Problem(
        "The drop folder can not be written.",
        "Nothing to do: Sluis tries again. Does it last long? Ask the administrator to check the folder.",
        503,
        _A,
        retryable=True,
    ),
    Code.DROP_OUTCOME_UNKNOWN: Problem(
        "It is not known whether the file was written to the drop: the attempt broke off. It may or may not lie there.",
        "Ask the recipient, or the administrator, whether the file lies there. Does it not? Hand the package in again.",
        503,
        _S,
        retryable=True,
    ),
    Code.DROP_NAME_TAKEN: Problem(
        "A different file with this name lies on the drop already; it was not overwritten.",
        "Ask the administrator to look at the drop folder.",
        409,
        _A,
    ),
    Code.SMS_UNREACHABLE: Problem(
        "The gateway for text messages does not answer, or could not prove who it is; the code did not go.",
        "Check sms in the settings. The sender reads the code out by telephone.",
        503,
        _A,
        retryable=True,
    ),
    Code.SMS_REFUSED: Problem(
        "The gateway for text messages did not take the message; the code did not go.",
        "Check sms.body, the token and the number in the register. The sender reads the code out by telephone.",
        502,
        _A,
    ),
    Code.SMS_OUTCOME_UNKNOWN: Problem(
        "The connection broke before the gateway for text messages answered; the code may or may not have gone.",
        "Nothing is sent again: the sender reads the code out by telephone.",
        502,
        _A,
    ),
    Code.UPLOAD_WAITS: Problem(
        "The encrypted file is ready; somebody still has to upload it to the Bestandenpostbus of Justid.",
        "Upload the files of its folder in 1-Uploaden, then move that folder to 2-Verzonden. Only then it counts as "
        "sent.",
        503,
        _S,
        retryable=True,
    ),
    Code.UPLOAD_FOLDER_UNAVAILABLE: Problem(
        "The folder with files for the Bestandenpostbus of Justid can not be reached.",
        "Ask the administrator to check bestandenpostbus.folder: it holds .klaarzetten, 1-Uploaden and 2-Verzonden, in "
        "which the service may read and write.",
        503,
        _A,
        retryable=True,
    ),
    Code.POSTBUS_UNREACHABLE: Problem(
        "The pick-up service of the file postbox does not answer.",
        "Check whether it runs, whether postbus.pushUrl is its address, and the packet filter. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.POSTBUS_NOT_TRUSTED: Problem(
        "The pick-up service of the file postbox could not prove who it is, so nothing was sent.",
        "Check its certificate for postbus.pushUrl, and the authority in postbus.caFile. Sluis tries again.",
        503,
        _X,
        retryable=True,
    ),
    Code.POSTBUS_NOT_ADMITTED: Problem(
        "The pick-up service of the file postbox does not admit this gateway, so nothing was sent.",
        "Check that it knows our token (postbus.tokenFile), and our certificate if it asks for one. Sluis tries again.",
        503,
        _A,
        retryable=True,
    ),
    Code.POSTBUS_NOT_AS_AGREED: Problem(
        "What answers in the place of the pick-up service of the file postbox is not it, or is another version.",
        "Check what stands at postbus.pushUrl, and whether a proxy is in between. Sluis tries again.",
        502,
        _A,
        retryable=True,
    ),
    Code.POSTBUS_FULL: Problem(
        "The pick-up service of the file postbox could not keep the package: its disk is full or can not be written.",
        "Make room on its disk. Sluis tries again by itself.",
        503,
        _A,
        retryable=True,
    ),
    Code.POSTBUS_OUTCOME_UNKNOWN: Problem(
        "It is not known whether the e-mail with the link to the file postbox was sent; it may have arrived.",
        "Ask the recipient whether the e-mail has arrived. Has it not? Hand the package in again.",
        503,
        _S,
        retryable=True,
    ),
    Code.POSTBUS_REFUSED: Problem(
        "The pick-up service of the file postbox does not take this package.",
        "Ask the administrator to look at its room and its limits, then hand the package in again.",
        502,
        _A,
    ),
    Code.POSTBUS_LOCKED: Problem(
        "Somebody typed a wrong code five times, so the file postbox locked this package and destroyed it.",
        "Call the recipient on a number that you know. Hand the package in again: it gets a new link and code.",
        409,
        _S,
    ),
    Code.POSTBUS_EXPIRED: Problem(
        "The recipient did not fetch the package in time, so the file postbox destroyed it.",
        "Ask the recipient whether the e-mail with the link has arrived, then hand the package in again.",
        410,
        _S,
    ),
    Code.POSTBUS_UNCONFIRMED: Problem(
        "Somebody with link and code began to fetch the package, and it was never confirmed that all of it arrived.",
        "Ask the recipient whether they have it. If not, hand the package in again.",
        410,
        _S,
    ),
    Code.SFTP_UNREACHABLE: Problem(
        "The SFTP server can not be reached, or the connection to it broke or stood still.",
        "Nothing to do: Sluis tries again. Does it last long? Ask the administrator.",
        503,
        _A,
        retryable=True,
    ),
    Code.SFTP_HOST_KEY_CHANGED: Problem(
        "The SFTP server does not prove the host key that the settings name; nothing was sent to it.",
        "Ask the server's owner, by another road, whether the key is new: only then put it under hostKeys.",
        502,
        _A,
        retryable=True,
    ),
    Code.SFTP_OUTDATED: Problem(
        "The SFTP server offers outdated key agreement, encryption or signatures only; nothing was sent to it.",
        "Ask the server's owner for AES-GCM, and for key agreement and signatures without SHA-1.",
        502,
        _A,
        retryable=True,
    ),
    Code.SFTP_LOGIN_REFUSED: Problem(
        "The SFTP server does not let Sluis in.",
        "Check user and keyFile under sftp in the settings; the server's owner has to know the public key.",
        502,
        _A,
        retryable=True,
    ),
    Code.SFTP_FOLDER_MISSING: Problem(
        "The recipient's folder is not there on the SFTP server.",
        "Check the address in the register and the folder under sftp; ask the server's owner to make it.",
        502,
        _A,
        retryable=True,
    ),
    Code.SFTP_FORBIDDEN: Problem(
        "Sluis may not write, or not read back, in the recipient's folder on the SFTP server.",
        "Ask the server's owner for the right to write, read, link and remove in that folder.",
        502,
        _A,
        retryable=True,
    ),
    Code.SFTP_NOT_STORED: Problem(
        "The SFTP server did not store the file; most often its disk or the account's quota is full.",
        "Nothing to do: Sluis tries again. Does it last long? Ask the server's owner for room.",
        503,
        _A,
        retryable=True,
    ),
    Code.SFTP_OVERWRITES: Problem(
        "The SFTP server gives a name that exists to another file: it may overwrite what lies there.",
        "Ask the server's owner for hard links (hardlink@openssh.com), or for a rename that refuses names that exist.",
        502,
        _A,
        retryable=True,
    ),
    Code.SFTP_SERVER_UNKNOWN: Problem(
        "The register names an SFTP server that the settings do not know; what goes there waits.",
        "Add the server under sftp in the settings, or mend the recipient's address.",
        503,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_UNREACHABLE: Problem(
        "The WebDAV server can not be reached, or the connection to it broke or stood still.",
        "Nothing to do: Sluis tries again. Does it last long? Ask the administrator.",
        503,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_TLS_FAILED: Problem(
        "The WebDAV server does not prove by a valid certificate who it is, or has no TLS 1.2. Nothing was sent to it.",
        "Check url and caFile under webdav in the settings; ask the server's owner about its certificate.",
        502,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_LOGIN_REFUSED: Problem(
        "The WebDAV server does not let Sluis in.",
        "Check user and passwordFile under webdav in the settings; ask the server's owner whether the account is open.",
        502,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_FOLDER_MISSING: Problem(
        "The recipient's folder is not there on the WebDAV server.",
        "Check the address in the register and the url under webdav; ask the server's owner to make it.",
        502,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_FORBIDDEN: Problem(
        "Sluis may not write, or not read back, in the recipient's folder on the WebDAV server.",
        "Ask the server's owner for the right to list, write, read, move and delete in that folder.",
        502,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_NOT_STORED: Problem(
        "The WebDAV server did not store the file; most often its disk or the account's quota is full.",
        "Nothing to do: Sluis tries again. Does it last long? Ask the server's owner for room.",
        503,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_NOT_UNDERSTOOD: Problem(
        "What answers at the address of the WebDAV server does not answer as WebDAV does.",
        "Check the url under webdav in the settings. Is it right? Ask the server's owner.",
        502,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_OVERWRITES: Problem(
        "The WebDAV server gives a name that exists to another file: it may overwrite what lies there.",
        "Ask the server's owner to let MOVE with Overwrite: F refuse names that exist (RFC 4918 section 9.9).",
        502,
        _A,
        retryable=True,
    ),
    Code.WEBDAV_SERVER_UNKNOWN: Problem(
        "The register names a WebDAV server that the settings do not know; what goes there waits.",
        "Add the server under webdav in the settings, or mend the recipient's address.",
        503,
        _A,
        retryable=True,
    ),
    Code.DELIVERY_EXPIRED: Problem(
        "The package could not be delivered within {limit} seconds, so Sluis stopped trying.",
        "Ask the administrator what is wrong with the channel, then hand the package in again.",
        504,
        _A,
    ),
    Code.BASIS_LAPSED: Problem(
        "While this waited to be sent, something on which it rested changed: person, consent or recipient.",
        "Nothing more is sent. Hand the package in again; Sluis then decides by what holds now.",
        409,
        _S,
    ),
    # Spool and audit.
    Code.DISK_FULL: Problem(
        "The disk is nearly full; no new packages are taken.",
        "Ask the administrator to make room. Nothing is lost.",
        507,
        _A,
        retryable=True,
    ),
    Code.SPOOL_UNAVAILABLE: Problem(
        "The spool can not be written; no new packages are taken.",
        "Ask the administrator. Nothing that was accepted is lost.",
        503,
        _A,
        retryable=True,
    ),
    Code.PAYLOAD_CORRUPT: Problem(
        "A stored file is not what it was when it was stored.",
        "Tell the security team. The package waits.",
        500,
        _X,
    ),
    Code.EPOCH_LOST: Problem(
        "Another process has taken this package over.",
        "Nothing to do: the other process goes on with it.",
        409,
        _A,
        retryable=True,
    ),
    Code.AUDIT_UNAVAILABLE: Problem(
        "The audit log can not be read or written. What can not be recorded is not released.",
        "Ask the administrator to check the audit folder and the disk. Work resumes by itself.",
        503,
        _X,
        retryable=True,
    ),
    Code.AUDIT_CHANGED: Problem(
        "The audit log is not the one that was signed for: lines are missing or were changed. Nothing is released.",
        "Leave all files as they are and call your security team: `sluis audit verify` shows where it begins.",
        500,
        _X,
    ),
    Code.AUDIT_RETENTION: Problem(
        "These lines of the audit log are not deleted: the retention policy keeps some of them for longer.",
        "Choose an earlier day: the one that is named, or one before it. How long lines are kept stands in "
        "audit.retention in the settings.",
        409,
        _A,
    ),
    Code.AUDIT_RETENTION_MISSING: Problem(
        "Nothing of the audit log is deleted: the settings name no retention policy.",
        "Has your organisation a written policy for it? Ask the administrator to name it in audit.retention.",
        409,
        _A,
    ),
    Code.AUDIT_NONE_SO_OLD: Problem(
        "Nothing is deleted: the audit log has no lines of before that day.",
        "Do nothing, or choose a later day.",
        409,
        _A,
    ),
    Code.AUDIT_NOT_SENT: Problem(
        "These lines of the audit log are not deleted: somebody who gets the log has not got them yet.",
        "Wait until they have arrived, or mend that connection. Is it used no more? Remove the file of its place.",
        409,
        _A,
    ),
    Code.CHECKPOINT_INVALID: Problem(
        "This checkpoint was not signed by this audit log, or it was changed.",
        "Look whether it is of this log: its first line names the log. If it is, leave all files as they are and call "
        "your security team.",
        400,
        _X,
    ),
    Code.CHECKPOINT_UNREADABLE: Problem(
        "This file is no checkpoint. So it says nothing about the audit log.",
        "Give one single checkpoint, unchanged: from its first line, which names a log, up to and with its signatures. "
        "A file with several of them is none.",
        400,
        _X,
    ),
    Code.WITNESS_CONTRADICTS: Problem(
        "A witness has seen another audit log under this name: this one was rewritten or set back.",
        "Call your security team and the witness. Leave all files as they are.",
        500,
        _X,
    ),
    Code.WITNESS_MISSED: Problem(
        "A witness has not cosigned the audit log for a long time. Packages go all the same.",
        "Check audit.witnesses in the settings and the network, and call the witness. Sluis asks again by itself.",
        503,
        _A,
        retryable=True,
    ),
    Code.LOGBOOK_UNREACHABLE: Problem(
        "The Logboek Dataverwerkingen does not take our records. They wait in the audit log; packages go all the same.",
        "Check audit.logbook in the settings and the network, and call who runs the logbook. Sluis tries again itself.",
        503,
        _A,
        retryable=True,
    ),
    Code.LOGBOOK_REFUSED: Problem(
        "The Logboek Dataverwerkingen refused records. They lie in audit/logbook-refused.jsonl and are offered again.",
        "Ask who runs the logbook why, and check the addresses under audit.logbook. Leave the file as it is.",
        502,
        _A,
        retryable=True,
    ),
    Code.LOGBOOK_DEFAULT_ACTIVITY: Problem(
        "A purpose has no processing activity of its own; its records name the default one.",
        "Name it under audit.logbook.activities, as the register of processing activities has it.",
        409,
        _P,
    ),
    Code.AUDIT_COPY_FAILED: Problem(
        "What goes elsewhere from the audit log has not arrived there: lines, checkpoints or timestamps.",
        "Check audit.exports, audit.checkpoints or audit.timestamps, and the place that they name. Nothing is lost: "
        "Sluis goes on by itself, and packages go all the same.",
        503,
        _A,
        retryable=True,
    ),
    Code.TIMESTAMP_AHEAD: Problem(
        "The newest timestamp over the audit log says a time that is still to come. Sluis goes on asking for others.",
        "Compare the clock of this machine with another one. If it is right, call who gives the timestamps.",
        503,
        _A,
    ),
    # Interfaces.
    Code.NOT_FOUND: Problem(
        "It does not exist, or you may not see it.",
        "Check the id or the path.",
        404,
        _S,
    ),
    Code.METHOD_NOT_ALLOWED: Problem(
        "This method is not allowed here.",
        "Look in the OpenAPI document for the methods of this path.",
        405,
        _S,
    ),
    Code.REQUEST_INVALID: Problem(
        "The request is not complete or not correct.",
        "Correct each place that is named and send the request again.",
        400,
        _S,
    ),
    Code.REQUEST_TIMEOUT: Problem(
        "The request came in too slowly and was stopped.",
        "Send the request again, over a connection that keeps going.",
        408,
        _S,
        retryable=True,
    ),
    Code.BODY_TOO_LARGE: Problem(
        "The request is larger than {limit} bytes.",
        "Send less, or ask the administrator.",
        413,
        _A,
    ),
    Code.MEDIA_TYPE_UNSUPPORTED: Problem(
        "The request's media type is not supported here.",
        "Send {expected}.",
        415,
        _S,
    ),
    Code.DOCUMENT_NOT_EXPECTED: Problem(
        "The package expects no document with this number, or has it already with other content.",
        "Look at 'expected' in the package's answer for the numbers that are still missing.",
        409,
        _S,
    ),
    Code.NOT_AUTHENTICATED: Problem(
        "Sluis does not know who is asking.",
        "Use the socket as a known person, or send a valid token.",
        401,
        _A,
    ),
    Code.NOT_PERMITTED: Problem(
        "You may not do this.",
        "Ask the administrator for the role that it needs.",
        403,
        _A,
    ),
    Code.HOST_REFUSED: Problem(
        "The request was addressed to another host name.",
        "Use the address that the administrator gave you.",
        421,
        _A,
    ),
    Code.STATE_CONFLICT: Problem(
        "The package is in a state in which this can not be done.",
        "Look at the package's state and choose what fits it.",
        409,
        _S,
    ),
    Code.HOLD_NOT_RELEASABLE: Problem(
        "This package waits for something that nobody can release: {codes}.",
        "Have what is named mended. Is it a key, a channel, a register or a rule? Then Sluis decides on the package "
        "again by itself. What only its sender can mend has to be handed in again. You can also refuse the package.",
        409,
        _P,
    ),
    Code.REVIEW_OWN_PACKAGE: Problem(
        "You handed this package in yourself, so you may not decide on it.",
        "Let another person of your Privacy Office decide.",
        403,
        _P,
    ),
    Code.WITHDRAWAL_TOO_LATE: Problem(
        "It is too late to withdraw this package: it was sent, or it is being sent at this moment.",
        "Look how each recipient stands. Was it sent by mistake? Tell your Privacy Office at once.",
        409,
        _P,
    ),
    Code.HOLD_EXPIRED: Problem(
        "Nobody decided on this package, and its cause was not mended, in the time that the rules give.",
        "Mend first what made it wait, or ask your Privacy Office.",
        409,
        _P,
    ),
    Code.SUBMISSION_EXPIRED: Problem(
        "Not every file that the manifest names arrived in time.",
        "Hand the package in again, with all its files.",
        409,
        _S,
    ),
    Code.EVENT_UNKNOWN: Problem(
        "The audit log has no such event.",
        "Check the number or the id: `sluis audit search` names the newest ones. Old days may have been deleted.",
        404,
        _X,
    ),
    Code.EVENT_UNSIGNED: Problem(
        "No checkpoint of the audit log covers this event yet, so nothing proves it.",
        "Try again when the service has signed. If this stays, `sluis audit verify` says from which line on.",
        404,
        _X,
        retryable=True,
    ),
    Code.EVENT_NO_DECISION: Problem(
        "The event with this id tells of no decision.",
        "Take the id of an event 'package-policy-evaluated', or the one that 'sluis show' names.",
        409,
        _X,
    ),
    Code.DECISION_NOT_KEPT: Problem(
        "What this decision was made of is not kept, or this version can not read it; so it can not be replayed.",
        "Look at the package: its record may have rested past its retention. Otherwise tell the security team.",
        410,
        _X,
    ),
    Code.SERVICE_UNREACHABLE: Problem(
        "The service does not answer.",
        "Start it with 'sluis run', or check the site's folder.",
        503,
        _A,
        retryable=True,
    ),
    Code.SERVICE_BUSY: Problem(
        "The service can not take more work now.",
        "Try again in a moment. Nothing is lost.",
        503,
        _A,
        retryable=True,
    ),
    Code.WORKER_LOST: Problem(
        "The process that worked on this package ended in the middle of it; nothing was sent.",
        "Nothing now: it is tried again by itself. If it happens again, tell the administrator: there may be too "
        "little memory.",
        503,
        _A,
        retryable=True,
    ),
    Code.SLIPS_NOT_WRITTEN: Problem(
        "Slips are not written: the folder of the outbox does not answer. Packages go on meanwhile.",
        "Nothing now: each slip is written later by itself. Administrator: see whether the share of the outbox "
        "answers; if it does, restart Sluis.",
        503,
        _A,
        retryable=True,
    ),
    Code.INTERNAL_ERROR: Problem(
        "Something went wrong inside Sluis; nothing was sent.",
        "Tell the administrator the code and the time.",
        500,
        _A,
    ),
}


DID_YOU_MEAN = "Did you mean {names}?"
"""Stands before the remedy of an error whose detail has `names` out of the register."""
NEEDED_ROLE = "It needs one of these roles: {role}."
"""Stands behind the remedy of an error whose detail has the `role` that may do what was asked."""


def problem_of(error: SluisError) -> Problem:
    """Look up the catalogue's row for an error."""
    return PROBLEMS[error.code]


class _Known(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(text: str, detail: dict[str, str | int]) -> str:
    """Fill the `{name}` places of a catalogue text; a missing name is written as a question mark."""
    return text.format_map(_Known(detail))


def reason_of(error: SluisError) -> Reason:
    """Turn an error that stops a package into the reason of its hold."""
    problem = problem_of(error)
    return Reason(rule_id=error.code.value, en=sentence(problem.title, dict(error.detail)))
