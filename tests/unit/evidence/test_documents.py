"""Promises of the search through a package's documents; who searches one is a port, and stands here as a list."""

from collections.abc import Mapping

from gateway.evidence.documents import SearchedDocuments, Searching, search_documents
from gateway.evidence.port import SearchedDocument
from gateway.package.facts import Searchability
from gateway.package.known import Known
from tests.unit.evidence.building import make_package

SUBJECT = Known(names=("Amina Yusuf",), others=("Samuel",))


class Names:
    """Finds in each document the names that it is told to, doubting small letters; remembers what it was asked."""

    def __init__(self, names: Mapping[bytes, tuple[str, ...]]) -> None:
        self._names = names
        self.asked: list[tuple[bytes, tuple[str, ...]]] = []

    def search(self, content: bytes, _name: str, /, *, known: Known) -> SearchedDocument:
        self.asked.append((content, known.others))
        names = self._names.get(content, ())
        doubted = tuple(each for each in names if each.islower())
        return SearchedDocument(searchability=Searchability.SEARCHED, names=names, doubted=doubted)


def searched(search: Names, files: dict[int, bytes], *, kind: str = "letter") -> SearchedDocuments:
    documents = [{"file": f"{number}.txt", "kind": kind} for number in files]
    package, contents = make_package(files, documents=documents)
    searching = Searching(search=search, holds_others=lambda each: each == "letter", limit=10)
    found = search_documents(package, contents=contents, known=SUBJECT, searching=searching)
    assert all(reader.closed for reader in contents.opened)
    return found


def test_a_name_that_one_document_tells_is_looked_for_in_all() -> None:
    search = Names({b"een": ("Merhawi",), b"twee": ()})

    found = searched(search, {1: b"een", 2: b"twee"})

    assert {1: ("Samuel",), 2: ("Samuel", "Merhawi")} == {number: each.others for number, each in found.told.items()}
    assert [(b"een", ("Samuel",)), (b"twee", ("Samuel",)), (b"twee", ("Samuel", "Merhawi"))] == search.asked


def test_what_a_document_told_itself_is_no_reason_to_search_it_again() -> None:
    search = Names({b"een": ("Merhawi",)})
    searched(search, {1: b"een"})
    assert 1 == len(search.asked)


def test_what_two_documents_doubt_is_certain_in_neither_and_a_name_is_never_told_to_the_one_that_told_it() -> None:
    search = Names({b"een": ("ahmed", "Merhawi"), b"twee": ("ahmed",)})

    told = searched(search, {1: b"een", 2: b"twee"}).told

    assert ((("Samuel",), ()), (("Samuel", "Merhawi"), ())) == tuple(
        (told[number].others, told[number].doubted) for number in (1, 2)
    )


def test_what_one_document_doubts_another_is_told_as_a_doubt() -> None:
    told = searched(Names({b"een": ("ahmed",)}), {1: b"een", 2: b"twee"}).told
    assert (("Samuel",), ("ahmed",)) == (told[2].others, told[2].doubted)


def test_plain_text_of_a_kind_that_holds_nobody_else_is_not_searched_for_people() -> None:
    search = Names({})
    found = searched(search, {1: b"tekst"}, kind="appointment")
    assert ({1: Searchability.TEXT}, []) == (dict(found.searchability), search.asked)


def test_what_is_no_plain_text_is_searched_whatever_its_kind() -> None:
    search = Names({})
    found = searched(search, {1: b"%PDF-1.7"}, kind="appointment")
    assert {1: Searchability.SEARCHED} == dict(found.searchability)


def test_what_is_larger_than_the_limit_is_not_read() -> None:
    search = Names({})
    found = searched(search, {1: b"x" * 11})
    assert ({1: Searchability.TOO_LARGE}, []) == (dict(found.searchability), search.asked)
