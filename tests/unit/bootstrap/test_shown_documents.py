"""What was shown of a hold is searched once, is shown by one worker, and does not stay."""

import asyncio
import gc
import weakref
from dataclasses import dataclass, field

import pytest

from gateway.bootstrap.shown_documents import Key, Shown, ShownDocuments
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, PersonId

PACKAGE = PackageId("een")


def key(number: int = 1, *, recipient: str = "gemeente", package: PackageId = PACKAGE) -> Key:
    return Key(package, number, recipient, "digest")


def view(recipient: str = "gemeente") -> DocumentView:
    return DocumentView(recipient=recipient, type="pdf", seen="", passages=())


@dataclass
class Searching:
    """Searches that end when they are let go; counts how many there were, and the most at once."""

    ready: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    under_way: int = 0
    most: int = 0

    async def find(self) -> DocumentView:
        self.begun += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.ready.wait()
        self.under_way -= 1
        return view()


async def settle() -> None:
    """Let everybody go as far as possible."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_attack_of_forty_requests_for_one_page_searches_once() -> None:
    documents, searching = ShownDocuments(), Searching()
    requests = [asyncio.create_task(documents.get(key(), searching.find)) for _ in range(40)]
    await settle()
    searching.ready.set()

    shown = await asyncio.gather(*requests)

    assert 1 == searching.begun
    assert {id(shown[0])} == {id(each) for each in shown}


async def test_documents_are_searched_one_at_a_time_so_that_packages_have_a_worker_left() -> None:
    documents, searching = ShownDocuments(), Searching()
    requests = [asyncio.create_task(documents.get(key(number), searching.find)) for number in range(4)]
    await settle()
    searching.ready.set()
    await asyncio.gather(*requests)

    assert (4, 1) == (searching.begun, searching.most)


@pytest.mark.parametrize("numbers", [list(range(200)), [1] * 200], ids=["each another document", "one document"])
async def test_attack_of_many_requests_is_told_to_come_back_and_what_waited_before_is_answered(
    numbers: list[int],
) -> None:
    documents, searching = ShownDocuments(), Searching()
    requests = [asyncio.create_task(documents.get(key(number), searching.find)) for number in numbers]
    await settle()
    refused = [each for each in requests if each.done()]
    searching.ready.set()
    answers = await asyncio.gather(*requests, return_exceptions=True)

    assert {Code.SERVICE_BUSY} == {each.code for each in answers if isinstance(each, SluisError)}
    assert len(refused) == sum(isinstance(each, SluisError) for each in answers) > 100
    assert isinstance(answers[0], Shown)
    assert isinstance(await documents.get(key(1000), searching.find), Shown)


async def test_nobody_named_is_the_first_recipient_and_is_not_searched_twice() -> None:
    documents, searching = ShownDocuments(), Searching()
    searching.ready.set()
    unnamed = await documents.get(key(recipient=""), searching.find)

    assert unnamed is await documents.get(key(), searching.find)
    assert unnamed is await documents.get(key(recipient=""), searching.find)
    assert 1 == searching.begun


async def test_who_looked_is_known_still_when_nobody_is_named_later() -> None:
    documents, searching = ShownDocuments(), Searching()
    searching.ready.set()
    (await documents.get(key(), searching.find)).told.add(PersonId("privacy-1"))

    assert {"privacy-1"} == (await documents.get(key(recipient=""), searching.find)).told


async def test_an_error_is_everybodys_who_waits_and_the_next_one_searches_anew() -> None:
    documents, searching = ShownDocuments(), Searching()
    searching.ready.set()

    async def fail() -> DocumentView:
        raise SluisError(Code.DOCUMENT_NOT_SHOWN)

    answers = await asyncio.gather(*(documents.get(key(), fail) for _ in range(3)), return_exceptions=True)

    assert [Code.DOCUMENT_NOT_SHOWN] * 3 == [each.code for each in answers if isinstance(each, SluisError)]
    assert isinstance(await documents.get(key(), searching.find), Shown)


async def test_who_goes_away_takes_no_place_and_does_not_stop_the_search_of_the_others() -> None:
    documents, searching = ShownDocuments(), Searching()
    leaving, staying = (asyncio.create_task(documents.get(key(), searching.find)) for _ in range(2))
    await settle()
    leaving.cancel()
    await settle()
    searching.ready.set()

    assert isinstance(await staying, Shown)
    assert (True, 1) == (leaving.cancelled(), searching.begun)


class Watched(DocumentView):
    """A view that can be asked whether it is in memory still."""


async def test_what_was_shown_is_out_of_memory_when_its_time_is_over_and_nobody_asks_again() -> None:
    documents = ShownDocuments(kept_seconds=0.05)
    views: list[weakref.ref[Watched]] = []

    async def find() -> DocumentView:
        found = Watched(recipient="gemeente", type="pdf", seen="", passages=())
        views.append(weakref.ref(found))
        return found

    await documents.get(key(), find)
    assert 1 == len(list(documents.of(PACKAGE, 1)))

    async with asyncio.timeout(10):
        while views[0]() is not None:
            await asyncio.sleep(0.01)
            gc.collect()


async def test_looking_again_does_not_prolong_the_time() -> None:
    documents, searching = ShownDocuments(kept_seconds=0.2), Searching()
    searching.ready.set()
    async with asyncio.timeout(10):
        while searching.begun < 2:
            await documents.get(key(), searching.find)
            await asyncio.sleep(0.01)


async def test_the_end_of_a_hold_lets_go_of_it_and_of_no_other() -> None:
    documents, searching, other = ShownDocuments(), Searching(), PackageId("ander")
    searching.ready.set()
    for package in (PACKAGE, other):
        await documents.get(key(package=package), searching.find)
    documents.forget(PACKAGE)

    assert [0, 1] == [len(list(documents.of(package, 1))) for package in (PACKAGE, other)]


async def test_what_is_still_searched_when_its_hold_ends_is_neither_shown_nor_kept() -> None:
    documents, searching = ShownDocuments(), Searching()
    under_way, waiting = (asyncio.create_task(documents.get(key(each), searching.find)) for each in (1, 2))
    await settle()
    documents.forget(PACKAGE)
    searching.ready.set()
    answers = await asyncio.gather(under_way, waiting, return_exceptions=True)

    assert [Code.STATE_CONFLICT] * 2 == [each.code for each in answers if isinstance(each, SluisError)]
    assert (1, []) == (searching.begun, list(documents.of(PACKAGE, 1)))


async def test_no_more_than_a_few_documents_are_kept() -> None:
    documents, searching = ShownDocuments(), Searching()
    searching.ready.set()
    for number in range(10):
        await documents.get(key(number), searching.find)

    assert [6, 7, 8, 9] == [number for number in range(10) if list(documents.of(PACKAGE, number))]
