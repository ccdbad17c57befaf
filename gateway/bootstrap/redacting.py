"""Takes other people out of a document or a text without a site: what `sluis redact` does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from gateway.intake.manifest_faults import validation_faults
from gateway.minimise import engine
from gateway.minimise.documents.jobs import Choice
from gateway.minimise.documents.model import LABELS, Mark, apply_marks
from gateway.minimise.people.findings import Finding, Known, Whose
from gateway.minimise.sandbox import Sandbox
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Counted, Kind, Stays
from gateway.package.states import Language

_Texts = Annotated[list[str], Field(max_length=1000)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True, hide_input_in_errors=True)


class _Subject(_Form):
    """Whom a document is about."""

    name: str
    name_variants: _Texts = []
    v_number: str | None = None
    date_of_birth: str = ""
    numbers: _Texts = []
    addresses: _Texts = []
    withheld: _Texts = []
    others: _Texts = []


_TOLD: Final = frozenset(each.alias or name for name, each in _Subject.model_fields.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What came of one document. Without `content` it was not written, and `trouble` says why.

    `residue` are the kinds of what would have remained, and `places` where in it that stands, as far as it is known.
    """

    content: bytes | None = field(repr=False)
    media_type: str = ""
    trouble: str = ""
    residue: tuple[Kind, ...] = ()
    places: tuple[str, ...] = ()
    taken: tuple[Counted, ...] = ()
    left_behind: Mapping[str, int] = field(default_factory=dict)
    pages: int = 0
    used_ocr: bool = False

    def as_json(self) -> dict[str, Any]:
        """Give the report; nothing of it is a value."""
        return {
            "written": self.content is not None,
            "mediaType": self.media_type or None,
            "trouble": self.trouble or None,
            "residue": list(self.residue),
            "places": list(self.places),
            "pages": self.pages,
            "usedOcr": self.used_ocr,
            "redacted": [
                {
                    "kind": each.kind.value,
                    "whose": each.whose.value,
                    "page": each.page or None,
                    "certain": each.certain,
                    "count": each.count,
                }
                for each in self.taken
            ],
            "leftBehind": dict(sorted(self.left_behind.items())),
        }


def subject_of(body: Any) -> Known:
    """Read whom a document is about. Raises SluisError `subject-invalid`, naming the keys."""
    try:
        subject = _Subject.model_validate(body)
    except ValidationError as error:
        faults = validation_faults(error, whole="subject")
        raise SluisError(Code.SUBJECT_INVALID, faults=faults) from None
    number = (subject.v_number,) if subject.v_number else ()
    return Known(
        names=(subject.name, *subject.name_variants),
        numbers=(*number, *subject.numbers),
        birth_date=subject.date_of_birth,
        addresses=tuple(subject.addresses),
        withheld=tuple(subject.withheld),
        others=tuple(subject.others),
    )


def redact_document(content: bytes, name: str, *, known: Known, officials_stay: bool, language: Language) -> Redaction:
    """Write a document anew in a sandbox of its own. Raises SluisError `sandbox-missing`."""
    stays = Stays(officials=officials_stay, subject=tuple(Kind))
    with Sandbox() as sandbox:
        made = sandbox.rebuild(
            content,
            name,
            known=known,
            choice=Choice(stays=stays, language=language),
        )
    found = made.findings
    if made.rebuilt is None:
        trouble = found.trouble.value if found.trouble is not None else Code.RESIDUE_FOUND.value
        return Redaction(
            content=None,
            trouble=trouble,
            residue=tuple(sorted(made.residue)),
            places=made.places,
            pages=found.pages,
            used_ocr=found.used_ocr,
        )
    return Redaction(
        content=made.rebuilt.content,
        media_type=made.rebuilt.media_type,
        taken=made.taken,
        left_behind=made.rebuilt.left_behind,
        pages=found.pages,
        used_ocr=found.used_ocr,
    )


def redact_items(
    items: Sequence[Mapping[str, Any]], *, spans: bool, officials_stay: bool, language: Language
) -> dict[str, Any]:
    """Search a labelled set (`id`, `text`, `subject`); give its texts without others, or the spans that went.

    Raises SluisError `data-unreadable` for what is no such set, `subject-invalid` for a subject that is none.
    """
    loaded = engine.load()
    redacted: dict[str, Any] = {}
    for item in items:
        try:
            key, text, subject = str(item["id"]), str(item["text"]), item["subject"]
        except (KeyError, TypeError):
            raise SluisError(Code.DATA_UNREADABLE, where="items") from None
        # A labelled set may say more of a subject than a search is told.
        told = {key: value for key, value in dict(subject).items() if key in _TOLD}
        (found,) = loaded.find([text], known=subject_of(told), second_opinion=())
        gone = _going(found, officials_stay=officials_stay)
        label = LABELS[language.value]
        marks = [Mark(start=start, end=end, label=label) for start, end in gone]
        redacted[key] = [list(each) for each in gone] if spans else apply_marks(text, marks)
    return redacted


def _going(found: Iterable[Finding], *, officials_stay: bool) -> list[tuple[int, int]]:
    """Give the spans that go, merged where they overlap."""
    stays = {Whose.SUBJECT, Whose.OFFICIAL} if officials_stay else {Whose.SUBJECT}
    spans: list[tuple[int, int]] = []
    for each in sorted(found, key=lambda one: (one.start, one.end)):
        if each.whose in stays:
            continue
        if spans and each.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], each.end))
        else:
            spans.append((each.start, each.end))
    return spans
