"""Words that say that what stands beside them is an organisation, a place or a thing, and no person."""

from typing import Final


def _row(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORGANISATIONS: Final = _row(
    "stichting vereniging bv nv vof bakkerij slagerij restaurant hotel cafe school basisschool college lyceum"
    " universiteit"
    " hogeschool ziekenhuis kliniek gemeente rechtbank gerechtshof ministerie dienst bureau kantoor advocaten"
    " advocatuur"
    " advocatenkantoor kerk moskee transport bank partij raad hof commissie afdeling praktijk huisartsenpraktijk"
    " apotheek garage supermarkt winkel uitzendbureau uitzendbureaus schoonmaakbedrijf bouwbedrijf bedrijf"
    " holding groep group"
    " zorg zorggroep zorginstelling instelling woningcorporatie corporatie woonstichting federatie bond"
    " vakbond fonds instituut"
    " centrum zorgcentrum opvangcentrum opvanglocatie asielzoekerscentrum aanmeldcentrum azc pol kinderopvang"
    " kinderdagverblijf"
    " taxi autobedrijf kwekerij rederij uitgeverij krant gmbh ltd inc llc sarl as csa logistics services"
    " catering cleaning"
    " media consult consultancy team platform netwerk comite parochie bisdom tempel synagoge gevangenis penitentiaire"
    " brigade eenheid politie-eenheid district basisteam ambassade consulaat universitair medisch isk roc mbo hbo vmbo"
    " kapsalon eetcafe shoarma pizzeria snackbar juwelier drogist camping vakantiepark theater museum"
    " bibliotheek zwembad bar"
    " taalhuis taalcafe buurthuis dorpshuis inloophuis wijkcentrum jongerencentrum mondzorg thuiszorg"
    " notariskantoor accountants makelaardij maatschap sportschool voetbalclub fc sv vv"
)
"""Words that make the capitals beside them an organisation, whose name may stay."""

_COMPOUNDED: Final = _row(
    "salon winkel centrum restaurant theater instituut moskee kantoor bedrijf school kliniek kerk"
)
ORGANISED: Final = tuple(sorted(_COMPOUNDED | {"stichting", "vereniging", "ziekenhuis"}))
"""What compounds end with that are organisations: `wooncentrum`."""

ORGANISATION_ENDS: Final = _row(
    "bv nv vof gmbh ltd inc llc sarl advocaten advocatuur holding groep group transport logistics services catering"
    " cleaning accountants makelaardij notarissen consultancy consult media college lyceum ziekenhuis school"
    " bakkers zonen"
)

FIRMS: Final = _row(
    "bank kerk moskee school garage hotel restaurant bakkerij slagerij supermarkt fonds museum theater instituut"
    " apotheek kliniek stadion universiteit bibliotheek taxi krant"
)
"""With these ends a name that is nobody's, unless a list has one of the words before as a name."""

LEGAL_FORMS: Final = _row("bv nv vof gmbh ltd inc llc sarl")
"""Legal forms of firms: everything with a capital before them is the firm's name."""

LEADS_TO_THING: Final = _row(
    "wijk dorp dorpje stadje stadsdeel gehucht provincie district regio rivier kamp vluchtelingenkamp eiland schip boot"
    " veerboot cruiseschip vlucht arrest arresten trein buslijn katheter gevangenis ziekenhuis kazerne checkpoint"
    " stam clan subclan maand ziekte syndroom zoba woreda kebele oblast gouvernement taal merk film boek lied"
    " zaal vergaderzaal lokaal gebouw vleugel paviljoen blok"
    " samsung huawei xiaomi nokia opel toyota volkswagen vw renault peugeot kia hyundai skoda škoda seat volvo nissan"
    " mazda citroën citroen fiat honda suzuki mitsubishi dacia chevrolet audi bmw tesla yamaha"
)
"""Right before something that is no person, also when a list has it as a name."""

LEADS_TO_THING_OF: Final = _row(
    "gevangenis rechtbank sjariarechtbank ziekenhuis stad provincie haven vliegveld luchthaven slag val regio ambassade"
    " consulaat checkpoint ziekte syndroom test teken proef schaal methode wet universiteit bisdom omgeving nabijheid"
    " buitenwijk centrum omstreken grens"
)
"""With `van` before something that is no person: `syndroom van Cushing`."""

THINGS: Final = _row(
    "hospital street road avenue lane university church mosque cathedral prison airport barracks police army movement"
    " foundation council square bridge district province region international organisation organization institute"
    " clinic ministry department agency association federation committee phase highway river mountain island"
    " administration commission emirate merkezi spital werf"
    " groenten cup schaal marathon festival airlines airways nails tigers corps police guard hukuk burosu"
    " hastanesi bürosu"
    " universitesi belediyesi partisi camii cezaevi mahkemesi okulu bankasi krankenhaus klinikum ministerium"
)
"""What a row of capitals ends with that is a place or an organisation abroad."""

COUNTRY_CODES: Final = _row(
    "AFG AGO ALB AND ARE ARG ARM AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BIH BLR BOL BRA BTN BWA CAF CAN"
    " CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DNK DOM DZA ECU EGY ERI ESH ESP EST"
    " ETH FIN FRA GAB GBR GEO GHA GIN GMB GNB GNQ GRC GTM GUY HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR"
    " ITA JAM JOR JPN KAZ KEN KGZ KHM KWT LAO LBN LBR LBY LKA LSO LTU LUX LVA MAR MDA MDG MEX MKD MLI MLT"
    " MMR MNE MNG MOZ MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NZL OMN PAK PAN PER PHL POL PRT PRY PSE"
    " QAT RKS ROU RUS RWA SAU SDN SEN SGP SLE SLV SOM SRB SSD SUR SVK SVN SWE SWZ SYR TCD TGO THA TJK TKM"
    " TLS TTO TUN TUR TWN TZA UGA UKR UNK URY USA UZB VEN VNM XKX XXA YEM ZAF ZMB ZWE"
)
"""Of states and of who has none: ISO 3166-1 alpha-3, and ICAO 9303 for travel documents."""

ROOMS: Final = _row(
    "zaal vergaderzaal lokaal gebouw vleugel paviljoen blok wijk straat schip boot veerboot arrest film boek lied merk"
)
"""Called after people now and then: `zaal Merel`."""

WHERE_PEOPLE_ARE: Final = _row("ziekenhuis kamp gevangenis winkel kantoor moskee kerk bedrijf restaurant hotel kliniek")
"""Organisations in which somebody may have been met."""
