"""Words raise the category of a text, and never clear one."""

import pytest

from gateway.minimise.people.sensitive import raised_categories
from gateway.package.manifest import Category


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("Zij gebruikt insuline en is bekend bij de GGZ.", {Category.SPECIAL}),
        ("Op vrijdag gaat hij naar de moskee.", {Category.SPECIAL}),
        ("Hij behoort tot de Hazara-bevolkingsgroep.", {Category.SPECIAL}),
        ("Hij is veroordeeld door de politierechter.", {Category.CRIMINAL}),
        ("Betrokkene verblijft in PI Ter Apel.", {Category.CRIMINAL}),
        ("Er zijn vinger\u00adafdrukken genomen.", {Category.SPECIAL}),
        ("De verdachte slikt sertraline.", {Category.SPECIAL, Category.CRIMINAL}),
        ("Zij gaat naar de kerk en leidt kerkdiensten.", {Category.SPECIAL}),
        ("Kerkgenoten helpen haar.", {Category.SPECIAL}),
        ("De afspraak is verzet naar dinsdag.", set()),
        ("Zij woont aan de Kerkstraat 5 en werkt aan het Moskeeplein.", set()),
        ("Mevrouw Kerkhof uit Kerkrade belde over de Ziekenhuislaan.", set()),
    ],
)
def test_words_raise_what_they_speak_of(text: str, raised: set[Category]) -> None:
    assert raised == raised_categories(["Zie hieronder.", text])
