"""Words that say nothing about a person by themselves, so that finding one is no residue; folded, Dutch and English.

Only general wording belongs here: of letters, of the migration chain, of addresses, and answers such as yes and no.
Never a country of origin, a faith, an illness or an offence, nor a name, unless it is also a month. A value that
consists of such words alone is not searched for.
"""

from typing import Final

_DUTCH: Final = """
aan aanvraag aanvragen achter afspraak alle alleen alles als altijd ander andere anders april asiel asielaanvraag
asielprocedure augustus avond beide bekend beneden beslissing besluit beter bezwaar bij binnen blijft boven brief
buiten centrum contact daar daarbij daardoor daarmee daarna daarnaast daarom daarvan daarvoor dag dagen dan dat
datum december deel deze die dienst direct dit doet doorgaan drie duidelijk duidelijke duur echter een eerder eerst
eerste eigen elke enkele extra familie februari gaat geachte gebeld geboren gedaan geeft geen gegevens geldig
geldige gemeente genoemd gesprek gesprekken gevraagd geweest gewoon graag groep haar had half hebben heeft heel heer
hele hem het hier hierbij hoe huidige iemand iets informatie ingediend inhoud inmiddels instantie jaar januari jaren
jonger juist juli juni kader kamer kan keer kort kunnen laat laatste land langer later leeftijd leven loopt maand
maanden maar maart maken man mannelijk meer meerdere meest mei mensen met mevrouw middag mijn minder moet moeten
mogelijk mogelijke mogen momenteel morgen naam naar nadere namelijk namens nationaliteit nederland nederlands
nederlandse nee neen niet niets nieuwe nodig nog noodzakelijk nooit november oktober onbekend onder ondersteuning
onderzoek ongeveer ons onze ook opgenomen opvang organisatie ouder over overig overige partij per periode personen
persoon plaats procedure procedures reden rond samen september sinds slechts snel soms staat steeds straat terug
terugkeer terwijl tijd tijdelijk tijdens toch toe toekomst toelichting toen tot traject tussen twee uit uiterlijk uw
van vanaf vandaag vanuit vanwege veel verblijf verder verdere verleden verloop verschillende vertrek vertrekken
vervolg verwacht verzoek vier vindt volgende volgens volledig voor vooral voorbeeld voordat vragen vreemdeling
vreemdelingen vrij vrijwillig vrouw vrouwelijk waar waarbij waardoor waarna waarom waarschijnlijk wanneer ware was
wat week weer weken wel weten wie wil willen wonen woning woont worden wordt zaak zaken zal zeer zelf zelfs
zelfstandig zich zien zij zijn zoals zodat zonder zou zouden zullen
"""

_ENGLISH: Final = """
about above after again against age all also always and any application april are asylum august because been before
being below between both but can case change child children city client contact could country current data date day
days dear december decision does done during each either else evening every family february female few file first
for four friday from full further general given good has have having help her here him his hour house how however
information into january july june just know known last later least less letter letters life like live lives living
long made make male man many march may meeting men monday month months more morning most much must name nationality
need needed needs netherlands never new next none not nothing now number october office often old once one only open
other others our out over own part people per period person persons phone place please possible present procedure
procedures question questions reason received reception report request return same saturday see several she should
since some soon states status still street such sunday support than that the their them then there these they this
those three through thursday time today together too town tuesday two type under unknown until upon used very via
voluntary was wednesday week weeks well were what when where which while who whole will with without woman women
work would year years yes yet you your
"""

COMMON_WORDS: Final = frozenset((_DUTCH + _ENGLISH).split())
