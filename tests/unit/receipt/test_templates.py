import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.package.errors import SluisError
from gateway.package.states import Language
from gateway.receipt.templates import Templates
from tests.unit.receipt.samples import NUMBER, SHIPPED, shipped

LETTER: dict[str, Any] = {
    "package_id": NUMBER,
    "purpose": "legal-support",
    "recipient_name": "Mr. A. de Vries",
    "recipient_organisation": "Vluchtelingenhulp <Voorbeeld>",
    "sender_organisation": "DT&V",
    "sender_unit": "Unit 3",
    "reference": "K-12",
    "released": ["name", "address.street"],
    "left_out": [{"path": "departureStrategy", "reason": "Niet nodig."}],
    "unnamed": 0,
    "unnamed_documents": 0,
    "redacted_documents": 0,
    "documents": [{"number": 1, "kind": "letter", "name": "01-brief.txt"}],
    "has_data": True,
    "date": dt.date(2026, 11, 20),
}


def letter(language: Language = Language.NL, **changes: Any) -> str:
    return shipped().render("letter.txt.j2", language=language, context=LETTER | changes)


def own(folder: Path, name: str, content: str) -> Templates:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return Templates(folders=[folder, SHIPPED])


def test_a_letter_says_what_is_in_it_what_is_not_and_why() -> None:
    text = letter()
    for part in ("Geachte Mr. A. de Vries,", "DT&V stuurt u gegevens", "Datum: 20-11-2026", "Uw kenmerk: K-12"):
        assert part in text
    assert "- data.html (om te lezen), data.json (voor programma's)\n    name\n    address.street\n" in text
    assert "    address.street\n- documents/01-brief.txt (letter)\n" in text
    assert "Wat is weggelaten, en waarom\n- departureStrategy\n    Niet nodig.\n" in text
    assert "Verstuurd door: DT&V, Unit 3" in text


def test_a_letter_is_written_in_the_language_of_its_recipient() -> None:
    text = letter(Language.EN)
    assert "Dear Mr. A. de Vries," in text
    assert "Date: 2026-11-20" in text
    assert "Geachte" not in text


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({"left_out": []}, "weggelaten"),
        ({"reference": ""}, "kenmerk"),
        ({"has_data": False}, "data.json"),
        ({"has_data": False}, "address.street"),
        ({"documents": []}, "documents/"),
        ({"sender_unit": ""}, ", Unit"),
    ],
)
def test_what_is_not_there_leaves_no_empty_heading(changes: dict[str, Any], absent: str) -> None:
    text = letter(**changes)
    assert absent not in text
    assert "\n\n\n" not in text


def test_a_letter_is_plain_text_and_escapes_nothing() -> None:
    assert "Vluchtelingenhulp <Voorbeeld>" in letter()


@pytest.mark.parametrize("key", LETTER)
def test_a_missing_variable_is_an_error_and_never_a_gap(key: str) -> None:
    context = {name: value for name, value in LETTER.items() if name != key}
    with pytest.raises(SluisError, match=r"setting-invalid at templates/letter\.txt\.j2"):
        shipped().render("letter.txt.j2", language=Language.NL, context=context)


def test_a_sites_own_template_stands_in_for_the_shipped_one(tmp_path: Path) -> None:
    templates = own(tmp_path, "letter.txt.j2", "{{ _('Date') }} {{ date | day }}")
    assert "Datum 20-11-2026" == templates.render("letter.txt.j2", language=Language.NL, context=LETTER)


def test_a_sites_own_translation_stands_in_for_the_shipped_one(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "locale", tmp_path / "locale")
    path = tmp_path / "locale" / "nl" / "LC_MESSAGES" / "sluis.mo"
    path.write_bytes(path.read_bytes().replace(b"Datum", b"Datxm"))
    templates = Templates(folders=[tmp_path, SHIPPED])
    assert "Datxm" == templates.text("Date", language=Language.NL)


def test_a_site_without_templates_of_its_own_uses_the_shipped_ones(tmp_path: Path) -> None:
    templates = Templates(folders=[tmp_path / "nowhere", SHIPPED])
    assert letter() == templates.render("letter.txt.j2", language=Language.NL, context=LETTER)


def test_the_extensions_own_way_to_mark_a_text_works_in_a_sites_template(tmp_path: Path) -> None:
    templates = own(tmp_path, "own.txt.j2", "{% trans %}Date{% endtrans %} {{ gettext('Time') }}")
    assert "Datum Tijd" == templates.render("own.txt.j2", language=Language.NL, context={})


@pytest.mark.parametrize(
    "content",
    [
        "{% trans count=2, who=who %}{{ who }}{% pluralize %}{{ count }} van {{ who }}{% endtrans %}",
        '{{ ngettext("%(who)s", "%(num)s van %(who)s", 2, who=who) }}',
    ],
)
def test_a_counted_text_in_a_sites_template_has_its_places_filled_and_in_a_page_escaped(
    content: str, tmp_path: Path
) -> None:
    context = {"who": "<b>"}
    text = own(tmp_path / "a", "telling.txt.j2", content).render(
        "telling.txt.j2", language=Language.NL, context=context
    )
    page = own(tmp_path / "b", "telling.html.j2", content).render(
        "telling.html.j2", language=Language.NL, context=context
    )
    assert ("2 van <b>", "2 van &lt;b&gt;") == (text, page)


def test_a_broken_template_is_named_with_its_line_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SluisError, match=r"setting-invalid at templates/letter\.txt\.j2:2"):
        own(tmp_path, "letter.txt.j2", "one\n{% if %}")


def test_a_template_that_is_not_utf_8_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "letter.txt.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(SluisError, match=r"setting-invalid at templates/letter\.txt\.j2"):
        Templates(folders=[tmp_path, SHIPPED])


def test_a_translation_that_is_no_translation_is_named_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "sluis.mo").write_bytes(b"not a catalogue")
    with pytest.raises(SluisError, match="setting-invalid at templates/locale/nl"):
        Templates(folders=[tmp_path, SHIPPED])


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(SluisError, match="setting-invalid"):
        shipped().render("nothing.j2", language=Language.NL, context={})


@pytest.mark.parametrize(
    "attack",
    [
        "{{ released.__class__ }}",
        "{{ released.append('x') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ '%s' | format(released.__class__) }}",
        "{{ '{0.__class__}'.format(released) }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{% include '/etc/hostname' %}",
        "{% include '../pyproject.toml' %}",
        "{{ range(99999999) | list }}",
    ],
)
def test_a_hostile_template_reaches_nothing_but_what_it_is_given(tmp_path: Path, attack: str) -> None:
    templates = own(tmp_path, "own.txt.j2", attack)
    # What was allowed once is remembered: the second time is the harder one.
    for _ in range(2):
        with pytest.raises((SluisError, OverflowError)):
            templates.render("own.txt.j2", language=Language.NL, context=LETTER)


def test_a_text_is_translated_into_the_language_that_is_set_where_it_stands(tmp_path: Path) -> None:
    inner = '{% for each in [1] %}{% set language = "en" %}{{ _("Package") }}{% endfor %}'
    templates = own(tmp_path, "own.txt.j2", '{{ _("Package") }} ' + inner)
    assert "Pakket Package" == templates.render("own.txt.j2", language=Language.NL, context={})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unnamed": 1}, "- Eén ander veld, hier niet genoemd\n"),
        ({"unnamed": 2}, "- 2 andere velden, hier niet genoemd\n"),
        ({"unnamed_documents": 1}, "- Eén ander document, hier niet genoemd\n"),
        ({"unnamed_documents": 2}, "- 2 andere documenten, hier niet genoemd\n"),
    ],
)
def test_what_may_not_be_named_is_counted_in_the_letter_as_people_say_it(changes: dict[str, Any], said: str) -> None:
    text = letter(left_out=[], **changes)
    assert said in text
    assert "weggelaten" in text


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "In één document zijn delen onleesbaar gemaakt.\n"),
        (2, "In 2 documenten zijn delen onleesbaar gemaakt.\n"),
    ],
)
def test_the_letter_says_how_many_documents_were_redacted_and_calls_none_of_them_left_out(
    count: int, said: str
) -> None:
    text = letter(left_out=[], redacted_documents=count)
    assert said in text
    assert "weggelaten" not in text
    assert "onleesbaar" not in letter()
