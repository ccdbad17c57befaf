"""What a word says of the name that follows it."""

from functools import lru_cache
from typing import ClassVar, Final

from gateway.minimise.people import cues
from gateway.minimise.people.one_of import OneOf


class Cue(OneOf):
    """What the words before a name say it is."""

    NONE: ClassVar["Cue"]
    HONORIFIC: ClassVar["Cue"]
    NAMED: ClassVar["Cue"]
    KIN: ClassVar["Cue"]
    ROLE: ClassVar["Cue"]
    OFFICIAL: ClassVar["Cue"]
    SUBJECT: ClassVar["Cue"]


@lru_cache(maxsize=20_000)
def cue_of(word: str) -> Cue:
    """Give what a word, in lower case, says of the name after it."""
    for known, cue in _CUES:
        if word in known:
            return cue
    if word.endswith(_OFFICIAL_ENDINGS):
        return Cue.OFFICIAL
    if word.endswith(_KIN_ENDINGS):
        return Cue.KIN
    if "-" in word and word.rsplit("-", 1)[1] in cues.STAFF:
        return Cue.OFFICIAL if word.split("-", 1)[0] in cues.OFFICES else Cue.ROLE
    return Cue.ROLE if word.endswith(_ROLE_ENDINGS) else Cue.NONE


_OFFICIAL_ENDINGS: Final = ("ambtenaar", "rechter", "agent", "inspecteur", "griffier", "regievoerder", "marechaussee")
_KIN_ENDINGS: Final = ("moeder", "vader", "broertje", "zusje", "dochtertje", "zoontje")
_ROLE_ENDINGS: Final = (
    "arts",
    "meester",
    "therapeut",
    "verpleegkundige",
    "begeleider",
    "begeleidster",
    "medewerkster",
    "leerkracht",
    "psycholoog",
    "psychologe",
    "ondersteuner",
    "assistente",
    "docente",
    "genoot",
    "genote",
)
_CUES: Final = (
    (cues.OFFICIALS, Cue.OFFICIAL),
    (cues.KIN, Cue.KIN),
    (cues.HONORIFICS, Cue.HONORIFIC),
    (cues.NAMED, Cue.NAMED),
    (cues.SUBJECTS, Cue.SUBJECT),
    (cues.ROLES | cues.STAFF, Cue.ROLE),
)
