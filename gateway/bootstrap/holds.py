"""The holds of one organisation, and who may decide on them: four eyes, by who really is behind them.

Rules, in order:
1. Only a person with the role privacy-officer decides, or one who is a deputy of such a person on that day; never an
   application. A deputy never decides in the place of the one who handed the package in, and without another's place
   sees nothing of it.
2. Never on a package of its own, nor on one that another person under the same operating-system user handed in, also
   when that person has another id by now; nor on one that an application handed in with that person's id as the
   sender's name.
3. Only for its own organisation; another's holds are not shown at all.
4. Only what is held now. A release also needs that a person may settle everything that holds it, and the legal ground
   where special or criminal data waits.
"""

from dataclasses import replace

from gateway.audit import telling
from gateway.audit.about import about
from gateway.bootstrap.document_views import DocumentViews
from gateway.bootstrap.package_views import before_of, view_of
from gateway.bootstrap.people import PeopleRegister
from gateway.endings import Endings
from gateway.package.document_view import DocumentView
from gateway.package.encoding import Record
from gateway.package.errors import Code, SluisError
from gateway.package.folding import words_of
from gateway.package.ids import PackageId, PersonId
from gateway.package.law_articles import names_an_article
from gateway.package.manifest import Manifest
from gateway.package.problems import PROBLEMS, sentence
from gateway.package.reviews import GROUND_EXPECTED, Opinion, Review, ReviewVerdict
from gateway.package.states import PackageState, Submitter
from gateway.package.views import HoldPage, HoldView
from gateway.parts import Parts, WantedDocument, expires_at
from gateway.pipeline import Pipeline
from gateway.policy.register import privacy_office_of
from gateway.policy.reviewing import needs_ground, not_releasable
from gateway.spool.candidates import read_manifest
from gateway.spool.port import PackageRow, Stored

_ROLE = "privacy-officer"


class Holds:
    """What waits for a privacy officer."""

    def __init__(
        self, pipeline: Pipeline, parts: Parts, *, people: PeopleRegister, endings: Endings, documents: DocumentViews
    ) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._people = people
        self._endings = endings
        self._documents = documents

    async def page(self, *, cursor: str, limit: int, officer: Submitter) -> HoldPage:
        """List the holds of the officer's organisation, newest first. Raises SluisError `not-permitted`."""
        self._require_officer(officer)
        found: list[PackageRow] = []
        before = before_of(cursor)
        while len(found) <= limit:
            rows = await self._parts.spool.page(state=PackageState.HELD, before=before, person=None, limit=limit + 1)
            found += [row for row in rows if self.decides_for(row, officer)]
            if len(rows) <= limit:
                break
            before = rows[-1].id
        more = len(found) > limit
        views = tuple(self._view(row) for row in found[:limit])
        return HoldPage(holds=views, cursor=found[limit - 1].id if more else "")

    async def show(self, package: PackageId, *, officer: Submitter) -> HoldView:
        """Show one hold, with the necessity that the officer has to judge. Raises `not-permitted`, `not-found`."""
        self._require_officer(officer)
        stored = await self._parts.spool.load(package)
        if stored is None or stored.row.state is not PackageState.HELD or not _same_organisation(stored.row, officer):
            raise SluisError(Code.NOT_FOUND)
        self._deputy_for(stored, officer)
        return self._view(stored.row, necessity=self._manifest(stored).necessity or "")

    async def show_document(self, package: PackageId, wanted: WantedDocument, *, officer: Submitter) -> DocumentView:
        """Show a document of a hold to who may review it; the log says so before anything of it is given.

        Raises SluisError `not-permitted`, `review-own-package`, `not-found`, `state-conflict`, `document-not-shown`,
        `service-busy`, `audit-unavailable`.
        """
        return await self._shown(package, wanted, officer=officer, again=True)

    async def show_page(
        self, package: PackageId, wanted: WantedDocument, *, page: int, after: bool, officer: Submitter
    ) -> bytes:
        """Give the picture of a page, from 1, as PNG. Raises as `show_document`, `not-found` for no such page.

        The log says that the officer looks at the document, unless it said so when the same pages were shown before.
        """
        view = await self._shown(package, wanted, officer=officer, again=False)
        pictures = view.after if after else view.before
        if not 1 <= page <= len(pictures):
            raise SluisError(Code.NOT_FOUND)
        return pictures[page - 1]

    async def _shown(
        self, package: PackageId, wanted: WantedDocument, *, officer: Submitter, again: bool
    ) -> DocumentView:
        stored, _ = await self._for_review(package, officer)
        shown = await self._documents.show(stored, wanted)
        async with shown.turn:
            if again or officer.person not in shown.told:
                recipient = shown.view.recipient
                viewed = telling.document_viewed(package, recipient=recipient, officer=officer)
                await self._parts.audit.record(*about(package, self._pipeline.record_of(stored.row), viewed))
                shown.told.add(officer.person)
        return shown.view

    async def review(self, package: PackageId, opinion: Opinion, *, officer: Submitter) -> None:
        """Let an officer decide; one at a time for each package, so that the log tells of no decision that lost.

        Raises SluisError `not-permitted`, `review-own-package`, `not-found`, `state-conflict`, `hold-not-releasable`,
        `request-invalid` for an opinion that is not complete, `service-busy`, `audit-unavailable`.
        """
        async with self._endings.turn(package):
            stored, deputy_for = await self._for_review(package, officer)
            record = self._pipeline.record_of(stored.row)
            _require_fitting(opinion, record)
            opinion = replace(opinion, edits=await self._documents.checked(stored, opinion.edits))
            review = Review(
                reviewer=officer.person,
                organisation=officer.organisation,
                opinion=opinion,
                rule_ids=record.to_review,
                policy_digest=record.decision.policy_digest if record.decision else "",
                at=self._parts.now(),
                deputy_for=deputy_for,
            )
            await self._pipeline.review(stored, review)
            self._documents.forget(package)

    async def _for_review(self, package: PackageId, officer: Submitter) -> tuple[Stored, PersonId | None]:
        """Give a hold to who may decide on it, and the officer in whose place; nobody else sees a document of it."""
        stored = self._reviewable(await self._parts.spool.load(package), officer)
        self._require_another_than_named(stored, officer)
        return stored, self._deputy_for(stored, officer)

    def _reviewable(self, stored: Stored | None, officer: Submitter) -> Stored:
        if stored is not None and self._handed_in(stored.row, officer.person):
            raise SluisError(Code.REVIEW_OWN_PACKAGE)
        self._require_officer(officer)
        if stored is None:
            raise SluisError(Code.NOT_FOUND)
        if not _same_organisation(stored.row, officer):
            raise SluisError(Code.NOT_PERMITTED, where="organisation")
        if stored.row.state is not PackageState.HELD:
            raise SluisError(Code.STATE_CONFLICT)
        return stored

    def _require_another_than_named(self, stored: Stored, officer: Submitter) -> None:
        """Refuse who stands behind an application: it hands in for the person that the manifest names."""
        if self._is_named(stored, officer.person):
            raise SluisError(Code.REVIEW_OWN_PACKAGE)

    def _is_named(self, stored: Stored, person: PersonId) -> bool:
        """Tell whether an application handed a package in for a person."""
        handed_in_by = self._people.get(stored.row.person)
        if handed_in_by is None or not handed_in_by.application:
            return False
        named = self._manifest(stored).sender.name
        return words_of(named) == words_of(person) or self._people.share_a_user(PersonId(named), person)

    def _handed_in(self, row: PackageRow, person: PersonId) -> bool:
        """Tell whether a person handed a package in, or may be the one who did."""
        return row.person == person or self._people.are_one_user(row.person, person, uid=row.uid)

    def _manifest(self, stored: Stored) -> Manifest:
        return read_manifest(self._parts.vault.contents(stored.row, stored.payloads))

    def decides_for(self, row: PackageRow, officer: Submitter) -> bool:
        """Tell whether a package is one for a privacy officer of its organisation, or one in whose place to stand."""
        if not self._is_officer(officer) or not _same_organisation(row, officer):
            return False
        return _ROLE in officer.roles or bool(self._places(row, officer))

    def _is_officer(self, officer: Submitter) -> bool:
        return not officer.application and (_ROLE in officer.roles or bool(self._officers_behind(officer)))

    def _require_officer(self, officer: Submitter) -> None:
        if not self._is_officer(officer):
            raise SluisError(Code.NOT_PERMITTED, detail={"role": _ROLE})

    def _officers_behind(self, deputy: Submitter) -> tuple[PersonId, ...]:
        today = self._parts.now().astimezone(self._parts.settings.zone).date()
        return self._people.deputised_by(deputy.person, on=today)

    def _places(self, row: PackageRow, deputy: Submitter) -> list[PersonId]:
        """Give the officers in whose place a deputy decides; one who handed the package in has no place to give."""
        return [each for each in self._officers_behind(deputy) if not self._handed_in(row, each)]

    def _deputy_for(self, stored: Stored, officer: Submitter) -> PersonId | None:
        """Find the first officer who gives a deputy a place, None for an officer. Raises SluisError `not-permitted`."""
        if _ROLE in officer.roles:
            return None
        for each in self._places(stored.row, officer):
            if not self._is_named(stored, each):
                return each
        raise SluisError(Code.NOT_PERMITTED, where="deputies", detail={"role": _ROLE})

    def _view(self, row: PackageRow, *, necessity: str = "") -> HoldView:
        record, policy = self._pipeline.record_of(row), self._parts.policy()
        kinds = [policy.recipients[each].kind for each in row.recipients if each in policy.recipients]
        return HoldView(
            package=replace(view_of(row, ()), decision=record.decision),
            purpose_label=policy.labels.purpose_for(row.purpose, kinds),
            rule_ids=record.codes,
            to_mend=not_releasable(record.to_review),
            needs_ground=needs_ground(record.to_review),
            held_since=row.updated_at,
            expires_at=expires_at(row, policy=policy),
            stage=row.hold_stage,
            privacy_office=privacy_office_of(policy, row.organisation),
            where=record.where,
            kinds=tuple(str(record.detail.get("kinds", "")).split()),
            necessity=necessity,
        )


def _same_organisation(row: PackageRow, officer: Submitter) -> bool:
    return row.organisation.casefold() == officer.organisation.casefold()


def _title(code: str, record: Record) -> str:
    """Give the sentence of a problem that came up after the decision; a rule's own stands in the decision."""
    return sentence(PROBLEMS[Code(code)].title, record.detail) if code in set(Code) else code


def _require_fitting(opinion: Opinion, record: Record) -> None:
    faults = opinion.faults()
    if opinion.verdict is ReviewVerdict.RELEASE:
        to_mend = not_releasable(record.to_review)
        if to_mend or not record.to_review:
            reasons = {each.rule_id: each.en for each in record.decision.deciding_reasons()} if record.decision else {}
            named = tuple((code, reasons.get(code) or _title(code, record)) for code in to_mend)
            raise SluisError(Code.HOLD_NOT_RELEASABLE, detail={"codes": ", ".join(to_mend)}, faults=named)
        if needs_ground(record.to_review) and not names_an_article(opinion.ground):
            faults += (("ground", GROUND_EXPECTED),)
    if faults:
        raise SluisError(Code.REQUEST_INVALID, faults=faults)
