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
    " beweging partij militie groepering sekte kartel pizzeria hotel tankstation filiaal huisartsenpost"
    " noodopvang wijkteam buurtteam"
    " detentiecentrum politie-eenheid basisteam legerbasis vliegbasis telefoonbedrijf noodopvanglocatie"
)
"""Right before a body or a firm, unless a list has the word as a name: `GGZ Breburg`, `rb. Oost-Brabant`."""

SHORT_BODIES: Final = _row("rb rechtb hof gem st sticht ver zkh")
"""The same, cut short with a full stop."""

LEADS_TO_BODY_OF: Final = _row(
    "leden lid aanhangers aanhanger sympathisanten sympathisant strijders militie milities troepen tankstation filiaal"
    " kerk moskee klooster parochie politie burgemeester gouverneur"
    " inwoners bewoners"
    " bisschop"
)
"""With `van` before a body, unless a list has the word as a name: `leden van Jaysh al-Islam`."""

FOREIGN_BODIES: Final = _row(
    "centre banque banco banca hopital hospital clinica universidad universite universita iglesia eglise"
    " policia polizia"
    " fiscalia procuraduria ministerio ministere prefecture commissariat gendarmerie lycee ecole escuela colegio"
    " instituto partido movimiento ejercito mouvement armee jaysh jaish liwa harakat hizb hezb jabhat kataib"
    " faylaq saraya masjid madrasa madrassa krankenhaus klinikum jugendamt landratsamt gazeta"
)
"""How bodies abroad begin, folded: what follows is their name."""

FOREIGN_LINKS: Final = _row(
    "de la el los las del du des et e i y al of für der van primaire secondaire national nationale"
)
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

BEFORE_BODIES: Final = _row(
    "bij van naar in op door met voor tegen uit aan via door namens om tot over te ter onder binnen vanuit per van"
)
"""Behind other words a body may be who acts, and a name behind it another: `heeft de militie Hiwot gezien`."""

FIELDS_OF_THINGS: Final = _row(
    "geboorteplaats plaats woonplaats geboorteland land stam clan subclan moedertaal taal talen spreektaal"
    " religie geloof"
    " nationaliteit bevolkingsgroep medicijn medicijnen medicatie allergie merk type kleur vlucht vluchtroute route"
    " ambassade locatie bestemming herkomst opleiding beroep"
)
"""With a colon before what is no person: `Moedertaal : Pular`, `Geboorteplaats : Dekemhare`."""

LANGUAGES: Final = _row("frans spaans turks engels duits portugees russisch arabisch pools hongaars somalisch perzisch")
BEFORE_LANGUAGES: Final = _row("het taal talen spreekt spreken sprak alleen beetje vloeiend gebrekkig later tolk in")
"""Before a language, of which some are given names as well: `het gesprek verliep in het Frans`."""

COLOURS: Final = _row("zwarte witte grijze blauwe rode groene gele zilveren zilvergrijze donkerblauwe donkergrijze")
"""Before a car: `een zwarte Patriot`."""

PLACE_ENDINGS: Final = _row("abad shahr kalay qala bazar bazaar city camp")
"""How places abroad end that are made of two words."""
