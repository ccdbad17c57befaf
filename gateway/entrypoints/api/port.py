"""What the API needs of the gateway behind it."""

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from gateway.package.deletion_views import DeletionView
from gateway.package.document_view import DocumentView
from gateway.package.ids import Fingerprint, PackageId
from gateway.package.key_views import KeyImport, KeyView, PseudonymKeyView, RecipientTest, Rotation
from gateway.package.labels import Labels
from gateway.package.manifest import Manifest
from gateway.package.reviews import Opinion
from gateway.package.states import Decision, PackageState, Submitter
from gateway.package.views import Health, HoldPage, HoldView, PackageView, Page, RecipientView, ReplayView, TokenGrant
from gateway.policy.comparing import Changes
from gateway.policy.standing import PolicyView

__all__ = ["GatewayPort", "Health", "RecipientView", "TokenGrant"]


class GatewayPort(Protocol):
    """The gateway as the API sees it; every method raises SluisError only, and never shows another's package.

    A submitter sees and completes its own packages; roles privacy-officer, security and administrator may look at all.
    """

    async def submit(
        self, manifest: Manifest, /, *, submitter: Submitter, traceparent: str = ""
    ) -> tuple[PackageView, bool]:
        """Accept a submission durably; the flag tells whether it is new (False: the same id and content again).

        `traceparent` is the caller's trace (W3C Trace Context): a new package is in it, unless the standard does not
        allow what it says.

        Raises `id-conflict`, `recipient-unknown`, `purpose-unknown`, `sender-mismatch`, `package-empty`,
        `fields-too-many`, `disk-full`, `audit-unavailable`.
        """
        ...

    async def put_document(
        self, package_id: PackageId, number: int, chunks: AsyncIterator[bytes], /, *, submitter: Submitter
    ) -> PackageView:
        """Stream one declared document into the encrypting spool; the last one completes the package.

        Raises `not-found`, `document-not-expected`, `document-digest-mismatch`, `package-too-large`, `state-conflict`.
        """
        ...

    async def package(self, package_id: PackageId, /, *, submitter: Submitter) -> PackageView:
        """Show one package, with its decision and slip when there are any. Raises `not-found`."""
        ...

    async def packages(self, *, state: PackageState | None, cursor: str, limit: int, submitter: Submitter) -> Page:
        """List packages, newest first. Raises `request-invalid` for a cursor that is not ours."""
        ...

    async def holds(self, *, cursor: str, limit: int, submitter: Submitter) -> HoldPage:
        """List the holds of a privacy officer's own organisation. Raises `not-permitted`, `request-invalid`."""
        ...

    async def hold(self, package_id: PackageId, /, *, submitter: Submitter) -> HoldView:
        """Show one hold of the officer's organisation, with its necessity. Raises `not-permitted`, `not-found`."""
        ...

    async def hold_document(
        self, package_id: PackageId, number: int, /, *, recipient: str, submitter: Submitter
    ) -> DocumentView:
        """Show a document of a hold as it came and would go to a recipient; empty: to the first that may get it.

        Raises `not-permitted`, `review-own-package`, `not-found`, `state-conflict`, `document-not-shown`,
        `audit-unavailable`.
        """
        ...

    async def hold_page(
        self, package_id: PackageId, number: int, page: int, /, *, recipient: str, after: bool, submitter: Submitter
    ) -> bytes:
        """Give a page of such a document as PNG, `after` as it would go. Raises as `hold_document`."""
        ...

    async def review(self, package_id: PackageId, opinion: Opinion, /, *, submitter: Submitter) -> PackageView:
        """Release or refuse a held package: on the disk, and in the log, when this returns.

        Raises `review-own-package`, `not-permitted`, `not-found`, `state-conflict`, `hold-not-releasable`,
        `request-invalid`, `audit-unavailable`.
        """
        ...

    async def withdraw(self, package_id: PackageId, /, *, submitter: Submitter) -> PackageView:
        """Take a package back as far as it was not sent, as its submitter or its privacy officer; twice is once.

        Raises `not-found`, `not-permitted`, `withdrawal-too-late`, `state-conflict`, `audit-unavailable`.
        """
        ...

    async def replay(self, audit_id: str, /, *, submitter: Submitter) -> ReplayView:
        """Make the decision that an audit event tells of again, of what was kept for it.

        Raises `not-permitted`, `not-found`, `event-no-decision`, `decision-not-kept`, `policy-unavailable`.
        """
        ...

    async def preview(
        self, manifest: Manifest, files: Mapping[int, bytes], /, *, submitter: Submitter
    ) -> tuple[Decision, Labels]:
        """Decide without keeping or sending anything; `files` by document number, as far as they were given.

        Beside the decision stands what people call what it names.
        """
        ...

    def recipients(self) -> Sequence[RecipientView]:
        """List the register."""
        ...

    async def policy(self, *, submitter: Submitter) -> PolicyView:
        """Tell which rules are in force, what lies on disk and what is proposed. Raises `not-permitted`."""
        ...

    async def policy_changes(self, *, submitter: Submitter) -> Changes:
        """Tell what would change with what lies on disk. Raises `not-permitted`, `policy-invalid`."""
        ...

    async def propose_policy(self, digest: str, /, *, submitter: Submitter) -> PolicyView:
        """Propose what lies on disk under this digest: on the disk, and in the log, when this returns.

        Raises `not-permitted`, `policy-changed`, `policy-invalid`, `policy-unchanged`, `audit-unavailable`,
        `disk-full`.
        """
        ...

    async def approve_policy(self, digest: str, /, *, submitter: Submitter) -> PolicyView:
        """Bring what another person proposed into force: on the disk, in the log, and used, when this returns.

        Raises `not-permitted`, `policy-changed`, `approval-own-proposal`, `audit-unavailable`, `disk-full`.
        """
        ...

    async def keys(self, *, submitter: Submitter) -> Sequence[KeyView]:
        """List every public key, the own ones first. Raises `not-permitted`, `setting-invalid`."""
        ...

    async def bring_key(self, brought: KeyImport, /, *, submitter: Submitter) -> tuple[KeyView, bool]:
        """Take a recipient's key as proposed: on the disk, and in the log, when this returns; nothing is sealed for it.

        Tells whether that changed anything: a known key that comes again as it is there does not.
        Raises `not-permitted`, `key-unreadable`, `key-several`, `key-secret-refused`, `key-of-another`, `key-expired`,
        `key-revoked`, `key-unusable`, `key-weak`, `audit-unavailable`, `disk-full`.
        """
        ...

    async def trust_key(self, recipient: str, key: Fingerprint, /, *, how: str, submitter: Submitter) -> KeyView:
        """Put a proposed key into force beside those that are, when another person has brought it.

        Raises `not-permitted`, `key-unknown`, `key-not-proposed`, `approval-own-proposal`, `key-rules-wait`.
        """
        ...

    async def retire_key(
        self, recipient: str, key: Fingerprint, /, *, leave_without: bool, submitter: Submitter
    ) -> KeyView:
        """Take a key out of force; the first of two people only asks for it.

        Raises `not-permitted`, `key-unknown`, `key-last-of-channel`, `approval-own-proposal`, `key-rules-wait`.
        """
        ...

    async def rotate_key(self, starts: dt.date | None, /, *, finish: bool, submitter: Submitter) -> Rotation:
        """Draw the own signing key of from a day on, or let it be the only one.

        Raises `not-permitted`, `rotation-under-way`, `request-invalid`, `key-unknown`, `signing-key-unusable`.
        """
        ...

    async def rotate_pseudonyms(self, *, again: bool, submitter: Submitter) -> PseudonymKeyView:
        """Draw another key for the pseudonyms of the audit log, which takes over at the next start; the log says who.

        Raises `not-permitted`, `pseudonym-key-recent` unless it is meant (`again`), `audit-unavailable`,
        `setting-invalid`, `disk-full`.
        """
        ...

    async def test_recipient(self, recipient: str, /, *, submitter: Submitter) -> RecipientTest:
        """Send a recipient a message without data about anybody, once, and say what came of it.

        Raises `not-permitted`, `recipient-unknown`, `channel-unavailable`, `key-missing`, `signing-key-unusable`.
        """
        ...

    async def delete_audit_lines(self, until: dt.date, /, *, submitter: Submitter) -> DeletionView:
        """Delete the lines of the audit log of all days before `until`; the first of two people only proposes it.

        The deletion is a line of the log, on the disk, before the first file goes. Raises `not-permitted`,
        `audit-retention-missing`, `audit-retention`, `audit-none-so-old`, `audit-not-sent`, `approval-own-proposal`,
        `audit-unavailable`.
        """
        ...

    async def health(self) -> Health:
        """Tell how the service is."""
        ...

    async def metrics(self) -> bytes:
        """Give the numbers of this moment in Prometheus's text format. Raises `spool-unavailable`."""
        ...

    def person_of_uid(self, uid: int, /) -> Submitter | None:
        """Find the one person or application of an operating-system user; None when there is none or several."""
        ...

    async def login(self, person: str, scopes: frozenset[str], /, *, uid: int) -> tuple[str, int]:
        """Give a short-lived token for a person that this uid may be, and its lifetime in seconds.

        Raises `not-permitted`.
        """
        ...

    async def token(self, token: str, /) -> TokenGrant | None:
        """Find whom a token speaks for; None when unknown or expired."""
        ...
