"""Documents of a hold in a real house: searched no more often than needed, and let go of when the hold ends."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path

import pytest

from gateway.audit.reading import read_events
from gateway.bootstrap.build import House, open_house
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.package.document_view import DocumentView
from gateway.package.edits import DocumentEdits, Edits, Span
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, PersonId
from gateway.package.manifest import Manifest
from gateway.package.reviews import SEEN_EXPECTED, Opinion, ReviewReason, ReviewVerdict
from gateway.package.states import PackageState, Submitter
from gateway.parts import WantedDocument, WantedDocuments
from gateway.seal.keyring import stop_agent
from tests.scenarios.test_document_reviews import TEXT
from tests.scenarios.world import manifest

SENDER, OFFICER = "medewerker", "privacy-1"
RECIPIENT = "gemeente-voorbeeld"


@pytest.fixture(scope="module")
def site() -> Iterator[SiteLayout]:
    root = Path(tempfile.mkdtemp(prefix="sl", dir="/tmp"))
    made = create_site(root / "s", SiteWishes(sample=True, smtp=("127.0.0.1", 1)))
    yield made
    for home in (made.gnupg, *made.sample.glob("*/gnupg")):
        stop_agent(home)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
async def house(site: SiteLayout) -> AsyncIterator[House]:
    async with open_house(site) as opened:
        await opened.policy.announce()
        yield opened


@pytest.fixture
def searches(house: House, monkeypatch: pytest.MonkeyPatch) -> list[WantedDocument]:
    """What the workers are asked to show, while they really do."""
    asked: list[WantedDocument] = []
    show = house.workers.show_document

    async def counted(*arguments: object) -> DocumentView:
        asked.append(arguments[-1])  # type: ignore[arg-type]  # the port's last argument
        return await show(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(type(house.workers), "show_document", staticmethod(counted))
    return asked


def person(house: House, name: str) -> Submitter:
    found = house.gateway.people.get(PersonId(name))
    assert found is not None
    return found


async def held(house: House, *, texts: tuple[str, ...] = (TEXT,)) -> PackageId:
    """Hand in a package whose documents are doubtful, and lead it to its hold."""
    documents = [
        {"file": f"verslag-{number}.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
        for number in range(1, len(texts) + 1)
    ]
    said = Manifest.model_validate_json(json.dumps(manifest(documents=documents)))
    sender = person(house, SENDER)
    view, _ = await house.gateway.submit(said, submitter=sender)
    for number, text in enumerate(texts, 1):
        await house.gateway.put_document(view.id, number, _piece(text), submitter=sender)
    await house.pipeline.advance(view.id)
    assert PackageState.HELD is (await house.gateway.package(view.id, submitter=sender)).state
    return view.id


async def _piece(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


async def look(house: House, package: PackageId, *, recipient: str = "", number: int = 1) -> DocumentView:
    officer = person(house, OFFICER)
    return await house.gateway.hold_document(package, number, recipient=recipient, submitter=officer)


async def decide(house: House, package: PackageId, verdict: ReviewVerdict, *edits: DocumentEdits) -> None:
    reason = ReviewReason.NOT_NECESSARY if verdict is ReviewVerdict.REFUSE else ReviewReason.NECESSITY_PROVEN
    opinion = Opinion(verdict=verdict, reason=reason, edits=edits)
    await house.gateway.review(package, opinion, submitter=person(house, OFFICER))


async def withdraw(house: House, package: PackageId) -> None:
    await house.gateway.withdraw(package, submitter=person(house, SENDER))


async def expire(house: House, package: PackageId) -> None:
    row = await house.spool.find(package)
    assert row is not None
    await house.endings._expire(row, ("hold-expired",))


async def release(house: House, package: PackageId) -> None:
    await decide(house, package, ReviewVerdict.RELEASE)


async def refuse(house: House, package: PackageId) -> None:
    await decide(house, package, ReviewVerdict.REFUSE)


async def test_attack_of_many_requests_at_once_is_one_search_and_packages_go_on(
    house: House, searches: list[WantedDocument]
) -> None:
    package = await held(house)

    views = await asyncio.gather(*(look(house, package, recipient=("", RECIPIENT)[at % 2]) for at in range(40)))

    assert (1, 1) == (len(searches), len({view.seen for view in views}))


async def test_pages_that_are_asked_for_at_once_are_told_of_once(house: House) -> None:
    package, officer = await held(house), person(house, OFFICER)

    def page(number: int) -> Awaitable[bytes]:
        return house.gateway.hold_page(package, 1, number, recipient="", after=True, submitter=officer)

    answers = await asyncio.gather(*(page(number) for number in range(1, 9)), return_exceptions=True)

    assert [Code.NOT_FOUND] * 8 == [each.code for each in answers if isinstance(each, SluisError)]
    actions = [each["event.action"] for each in read_events(house.site.audit_log, package=package)]
    assert 1 == actions.count("document-viewed")


async def test_what_is_not_in_the_package_and_whom_it_is_not_for_is_not_searched(
    house: House, searches: list[WantedDocument]
) -> None:
    package = await held(house)

    for number, recipient in ((2, ""), (400, ""), (1, "nidos-voorbeeld"), (1, "niemand")):
        with pytest.raises(SluisError) as refused:
            await look(house, package, number=number, recipient=recipient)
        assert Code.NOT_FOUND is refused.value.code
    assert [] == searches


async def test_nothing_that_was_shown_is_in_memory_after_the_end_of_its_hold(house: House) -> None:
    other = await held(house, texts=("Een andere buurman, nummer 123456782.",))
    await look(house, other)
    kept = house.gateway.holds_of._documents._shown

    for end in (withdraw, expire, release, refuse):
        package = await held(house)
        await look(house, package)
        assert [1, 1] == [len(list(kept.of(each, 1))) for each in (package, other)]
        await end(house, package)
        assert [0, 1] == [len(list(kept.of(each, 1))) for each in (package, other)], end.__name__


async def test_attack_a_review_with_changes_in_hundreds_of_documents_searches_none_that_is_not_there(
    house: House, searches: list[WantedDocument]
) -> None:
    package = await held(house)
    edits = [DocumentEdits(number=number, edits=Edits(seen="0" * 64)) for number in range(1, 401)]

    with pytest.raises(SluisError) as refused:
        await decide(house, package, ReviewVerdict.RELEASE, *edits)

    assert Code.REQUEST_INVALID is refused.value.code
    assert {f"edits[{place}].document" for place in range(1, 400)} < {where for where, _ in refused.value.faults}
    assert 1 >= len(searches)


async def test_a_review_with_changes_in_many_documents_gathers_the_evidence_once(
    house: House, searches: list[WantedDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = await held(house, texts=(TEXT, TEXT.replace("123456782", "111222333"), "Niets."))
    seen = {number: (await look(house, package, number=number)).seen for number in (1, 2)}
    house.gateway.holds_of._documents.forget(package)
    reads: list[tuple[int, ...]] = []
    read = house.workers.read_documents

    async def counted(*arguments: object) -> tuple[DocumentView | None, ...]:
        wanted = arguments[-1]
        assert isinstance(wanted, WantedDocuments)
        reads.append(wanted.numbers)
        return await read(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(type(house.workers), "read_documents", staticmethod(counted))
    added = (Span(passage=0, start=0, end=7),)
    edits = [DocumentEdits(number=number, edits=Edits(seen=seen[number], added=added)) for number in seen]
    stale = DocumentEdits(number=3, edits=Edits(seen="0" * 64, added=added))

    with pytest.raises(SluisError) as refused:
        await decide(house, package, ReviewVerdict.RELEASE, *edits, stale)
    await decide(house, package, ReviewVerdict.RELEASE, *edits)

    assert [("edits[2].seen", SEEN_EXPECTED)] == list(refused.value.faults)
    assert ([(1, 2, 3), (1, 2)], 2) == (reads, len(searches))
