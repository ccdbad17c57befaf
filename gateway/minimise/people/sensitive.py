"""Raises the category of a text by its words: special (GDPR art. 9) or criminal (art. 10).

A list of words may raise a category and never clears one: it knows "insuline" and "moskee", and not what is between the
lines. A text in which it finds nothing is as it was declared, or unknown.
"""

import re
from collections.abc import Sequence
from typing import Final

from gateway.minimise.people.normalising import normalise
from gateway.minimise.people.values import flat
from gateway.package.manifest import Category

_HEALTH: Final = (
    r"ziek(?:te|tes|enhuis|enhuizen|melding|verzuim|tebeeld)?\b|suikerziekte|diagnose|medicati|medicijn|medisch"
    r"|behandelaar|huisarts|psychi"
    r"|psycho|therap|ggz|ptss|posttraumatisch|trauma|depressi|suicid|zelfmoord|automutila|angststoornis"
    r"|slaapproblem|slapeloos"
    r"|epileps|diabet|insuline|astma|copd|kanker|tumor|oncolog|chemo|hartaandoening|hartinfarct|hartfalen"
    r"|hepatitis|hiv\b|hiv-|aids\b"
    r"|tuberculose|tbc\b|malaria|zwanger|bevall|abortus|miskraam|gynaecolo|verloskund|operatie\b|geopereerd"
    r"|opgenomen in|spoedeisende"
    r"|ambulance|rolstoel|gehandicapt|handicap|beperking\b|blind\b|slechtziend|doof\b|slechthorend|autis|adhd"
    r"|dementie|verslav|alcoholprobl"
    r"|ontwenning|methadon|sertraline|mirtazapine|quetiapine|olanzapine|oxazepam|temazepam|lorazepam|diazepam"
    r"|citalopram|fluoxetine"
    r"|paroxetine|venlafaxine|amitriptyline|haloperidol|risperidon|metformine|antidepress|antipsychot"
    r"|slaapmiddel|bma-advies|"
    r"bureau medische|artikel 64|verpleegkund|fysiotherap|emdr|wlz|wmo-indicatie|besneden|besnijdenis"
    r"|verminking|vgv\b|littekens?\b"
    r"|seropositief|allergi|bloeddruk|migraine|hersenletsel|revalidatie|dialyse|transplantatie|tandarts"
    r"|kraamzorg|consultatiebureau"
)
_FAITH: Final = (
    r"moslim|islam|christ|katholiek|protestant|orthodox|pinkster|jehova|moskee|synagoge|tempel\b|imam"
    # Not as any beginning of a word: there are towns and surnames that begin so.
    r"|kerk(?:elijk|dienst|gang|genoot|genot|gemeen|bezoek)|kerk(?:en|lid|leden|raad|enraad|asiel|koor)?\b"
    r"|dominee|pastoor|priester|voorganger"
    r"|gedoopt|doop\b|doopsel|bekeer|bekeerd|bekering|bijbel|koran|bidden|gebed|gelovig|geloofsovertuig"
    r"|godsdienst|religi|atheis|afvallig"
    r"|ramadan|offerfeest|suikerfeest|hadj|sjiiet|sjiit|soenni|alevi|aleviet|alawi|ahmadi|bahai|baha.i|jezidi"
    r"|yezidi|jood\b|joods|joden\b"
    r"|hindoe|boeddhis|sikh|kopt|hoofddoek|halal|koosjer|evangelis|gemeentelid van|theolog"
)
_ORIGIN: Final = (
    r"etnisch|etniciteit|bevolkingsgroep|stam\b|clan\b|subclan|ras\b|huidskleur|afkomst|hazara|pashtun|pasjtoen"
    r"|tadzjiek|oezbeek|koerd|tigrinya-|"
    r"oromo\b|amhara\b|roma\b|sinti\b|berber|rohingya|oeigoer|midgan|reer hamar|bidoon|palestijn|minderheidsgroep|kaste"
)
_POLITICS: Final = (
    r"politiek|partijlid|lid van de partij|kaderlid|oppositie|vakbond|demonstr|betoging|activis|dissident|pkk\b"
    r"|hdp\b|gulen|hizmet|mujahedin"
    r"|overtuiging|levensovertuig|humanis|regimecriti|regeringscriti|studentenbeweging|opposant|separatis|dienstweiger"
)
_SEXUALITY: Final = (
    r"homo(?:seksu|fie)|\bhomo\b|lesb|biseks|transgender|transseks|transvrouw|transman|non-binair|queer|lhbt"
    r"|lgbt|geaardheid|gerichtheid|seksue"
    r"|zijn vriend\b.{0,30}\brelatie|echtgenoot van hem|partner van hetzelfde geslacht|coc\b|uit de kast"
    r"|geslachtsverander|intersek"
)
_BIOMETRY: Final = (
    r"vingerafdruk|dactyloscop|gezichtsopname|gezichtsherken|irisscan|biometri|dna|genetisch|eurodac-treffer"
    r"|eurodac hit"
)
_CRIMINAL: Final = (
    r"strafbaar|strafblad|strafrecht|strafzaak|strafproces|veroordee|verdacht|verdenking|aangehouden|aanhouding"
    r"|arrest|gevangenis|detentie|gedetineerd"
    r"|hechtenis|inverzekering|celstraf|\bcel\b|taakstraf|werkstraf|geldboete|\bboete\b|transactie\b"
    r"|strafbeschikking|sepot|geseponeerd|parketnummer"
    r"|proces-verbaal|proces verbaal|openbaar ministerie|officier van justitie|politierechter|reclassering"
    r"|justitiele documentatie|uittreksel jd\b"
    r"|antecedent|diefstal|inbraak|overval|mishandel|geweldplegi|bedreig|verkracht|aanranding|zedendelict"
    r"|ontucht|moord|doodslag|steekpartij"
    r"|drugshandel|drugsdelict|hennep|opiumwet|heling|fraude|oplichting|witwas|mensenhandel|mensensmokkel"
    r"|terroris|oorlogsmisdr|artikel 1f|1\(f\)"
    r"|ongewenst verkla|ongewenstverkla|inreisverbod wegens|isd-maatregel|\btbs\b|penitentiair"
    r"|\bpi\s|p\.i\.|jeugddetentie|huisverbod"
    r"|winkeldief|rijden onder invloed|vuurwapen|wapenbezit|huiselijk geweld|signalering|veelpleger|recidiv"
    r"|gevangen gezet|vastgezeten"
)
_SPECIAL: Final = re.compile(
    "|".join(rf"\b(?:{part})" for part in (_HEALTH, _FAITH, _ORIGIN, _POLITICS, _SEXUALITY, _BIOMETRY))
)
_CRIME: Final = re.compile(rf"(?<!\w)(?:{_CRIMINAL})")
# A church, a mosque or a hospital that a street is named after says nothing of whoever lives there.
_STREET: Final = re.compile(r"\b\w+(?:straat|laan|weg|plein|steeg|kade|singel|gracht|dreef|hof|pad|dijk)\b")


def raised_categories(texts: Sequence[str]) -> frozenset[Category]:
    """Give the categories that the words of the texts raise, special and criminal; none says nothing."""
    raised: set[Category] = set()
    for text in texts:
        plain = _STREET.sub("", flat(normalise(text).text))
        if Category.SPECIAL not in raised and _SPECIAL.search(plain):
            raised.add(Category.SPECIAL)
        if Category.CRIMINAL not in raised and _CRIME.search(plain):
            raised.add(Category.CRIMINAL)
    return frozenset(raised)
