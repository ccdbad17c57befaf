"""The words beside the name of a body, a firm, a group or a place that say that it is nobody's name.

They are words of the language, folded where they are another than Dutch. A body's name may stay, a person's may not:
what leads to a body says so only of words that no list has as a name.
"""

from typing import Final


def _row(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAINTS: Final = _row("sint sankt saint sainte heilige")
"""Before a saint, after whom places and churches are called."""

LEADS_TO_BODY: Final = _row(
    "ggz ggd taalhuis rb rechtbank gerechtshof pi jji mondzorg tandartspraktijk huisartsenpraktijk fysiotherapie"
    " vluchtelingenwerk vwn obs pcbs rkbs ikc isk azc pol tnv hvo woonzorg thuiszorg zorggroep gemeente verslavingszorg"
    " jeugdzorg kinderopvang bso kdv apotheek zorgcentrum woonstichting woningcorporatie uitzendbureau supermarkt"
    " winkelketen verzekeraar zorgverzekeraar energiebedrijf telecombedrijf beveiligingsbedrijf nagelstudio"
    " hoofdkantoor"
    " beweging partij bende brigade pizzeria hotel tankstation filiaal"
)
"""Right before a body or a firm, unless a list has the word as a name: `GGZ Breburg`, `rb. Oost-Brabant`."""

SHORT_BODIES: Final = _row("rb rechtb hof gem st sticht ver zkh")
"""The same, cut short with a full stop."""

LEADS_TO_BODY_OF: Final = _row(
    "leden lid aanhangers aanhanger sympathisanten sympathisant strijders militie milities troepen tankstation filiaal"
    " kerk moskee klooster parochie bankpas kassa vestiging app webshop"
)
"""With `van` before a body, unless a list has the word as a name: `leden van Jaysh al-Islam`."""

FOREIGN_BODIES: Final = _row(
    "banque banco banca hopital hospital clinica universidad universite universita iglesia eglise policia polizia"
    " fiscalia procuraduria ministerio ministere prefecture commissariat gendarmerie lycee ecole escuela colegio"
    " instituto partido movimiento ejercito mouvement armee jaysh jaish liwa harakat hizb hezb jabhat kataib"
    " faylaq saraya masjid madrasa madrassa krankenhaus klinikum jugendamt landratsamt gazeta"
)
"""How bodies abroad begin, folded: what follows is their name."""

FOREIGN_LINKS: Final = _row("de la el los las del du des et e i y al of für der van")
"""Words within the name of a body abroad."""

PLACE_OPENERS: Final = _row(
    "adi mai enda deir tell tel kafr beit bayt bab ain wadi jabal jebel qala pul shahr dasht kot char new saint san"
    " santa puerto ciudad villa port fort monte nova novi nizhny stary"
)
"""How places abroad begin that are made of two words: `Adi Abeto`; some are names as well."""

APPOSED_PLACES: Final = _row(
    "gevangenis stad hoofdstad havenstad dorp stadje dorpje bank winkel krant partij kerk moskee haven kamp kazerne"
    " ziekenhuis rivier berg wijk militie organisatie stichting website luchthaven supermarkt restaurant basis"
)
"""After a name and a comma: says that it is a place or a body: `Adi Abeto, de gevangenis`."""

ARTICLES: Final = _row("de het een")
