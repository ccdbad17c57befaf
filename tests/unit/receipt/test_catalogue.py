import re

import pytest
from babel.messages.mofile import read_mo

from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS
from gateway.package.states import Language
from tests.unit.receipt import catalogue
from tests.unit.receipt.samples import shipped

PLACES = re.compile(r"\{[a-z]+\}|%\([a-z]+\)s")


def every_form() -> set[str]:
    return {form for text in catalogue.texts() for form in catalogue.forms(text)}


def test_every_text_of_problems_slips_and_templates_is_in_the_template_of_translations() -> None:
    assert every_form() == catalogue.pairs(catalogue.read_source(catalogue.TEMPLATE)).keys()


def test_every_text_has_its_dutch_and_no_dutch_is_left_over() -> None:
    translated = catalogue.pairs(catalogue.read_source())
    assert [] == [text for text, dutch in translated.items() if not dutch.strip()]
    assert every_form() == translated.keys()


def test_no_translation_is_a_guess_or_obsolete() -> None:
    source = catalogue.read_source()
    assert [] == [message.id for message in source if message.id and message.fuzzy]
    assert not source.obsolete


def test_the_compiled_translation_is_the_one_that_is_read() -> None:
    with catalogue.COMPILED.open("rb") as compiled:
        assert catalogue.compiled(catalogue.read_source()) == catalogue.pairs(read_mo(compiled))


def test_a_translation_has_the_same_places_to_fill() -> None:
    wrong = [
        text
        for text, dutch in catalogue.pairs(catalogue.read_source()).items()
        if sorted(PLACES.findall(text)) != sorted(PLACES.findall(dutch))
    ]
    assert [] == wrong


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_has_a_dutch_title_and_remedy(code: Code) -> None:
    templates = shipped()
    problem = PROBLEMS[code]
    for text in (problem.title, problem.remedy):
        assert text == templates.text(text, language=Language.EN)
        assert text != templates.text(text, language=Language.NL)
