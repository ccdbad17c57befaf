"""The words by which lists of people, rows of numbers and homes are read.

All are in lower case. They are words of the language, not of any case.
"""

from typing import Final

from gateway.minimise.people.word_rows import words_row

NUMBERED: Final = words_row(
    "zaal kamer unit blok groep lid artikel art bijlage locatie gebouw etage verdieping spoor perron lijn bus klas"
    " cel afdeling team vleugel dag week zitting kantoor postbus nummer nr huis vak box regio district bureau station"
    " fase deel versie nota pagina punt vraag gate zone sector sectie paragraaf hoofdstuk gehoor dossier zaak kind tolk"
)
"""What is numbered and no street."""

NEAR_KIN: Final = words_row(
    "vrijwilliger vrijwilligster landgenoot landgenoten verhuurder huisbaas kennis kennissen bekende bekenden maatje"
    " reisgenoot familie gezin gastgezin pleeggezin opvanggezin buren schoonfamilie particulieren"
)
"""Whose town is told as that of kin is: `een landgenoot in Gouda`."""

OF_A_PERSON: Final = words_row(
    "man vrouw m v x mnl vrl jongen meisje jaar jr j gr groep klas mj bsn vnr vnummer nummer nr v-nr v-nummer nat"
    " nationaliteit referent referente hoofdpersoon aanvrager aanvraagster geb gehuwd ongehuwd en enig oudste jongste"
    " middelste minderjarig meerderjarig alias zn dr dtr ega unit kamer kr blok woning"
)
"""What a list tells of a person between the name and the birth date."""

HOUSEHOLD: Final = words_row(
    "kinderen gezin gezinsleden gezinssamenstelling huishouden familieleden familie gezinslid medereizigers broers"
    " zussen ouders huisgenoten personen bewoners kind personalia leerlingen pupillen"
)
"""How a list of people begins whose birth dates it tells."""
