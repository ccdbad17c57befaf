"""What the readers' tests send: a letter that is hard to carry, the data as a table, and two documents."""

from collections.abc import Mapping

from gateway.package.states import Language
from tests.unit.seal.parcels import document

LETTER = "Geachte heer De Vries,\n\nHierbij de gegevens — één bijlage van €0.\n. een punt aan het begin\n"
TABLE = "<table></table>"
PDF = b"%PDF-1.7\r\n\x00\xff\n.\r\n--\r\n" + bytes(range(256))
DOCUMENTS = (
    document("besluit é — zaak.pdf", PDF, media_type="application/pdf"),
    document("verslag.txt", "Gesprek met naïef €\n".encode(), media_type="text/plain"),
)


class Letters:
    """Renders the letter and the table, in Dutch alone."""

    def render(self, template: str, /, *, language: Language, context: Mapping[str, object]) -> str:
        assert (language, bool(context)) == (Language.NL, True)
        return {"letter.txt.j2": LETTER, "data.html.j2": TABLE}[template]
