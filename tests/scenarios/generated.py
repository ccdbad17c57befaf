"""Packages by chance: what may go is written in plain letters, what may not in signs that nothing else here uses."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.scenarios.policy_variants import SECOND_MUNICIPALITY, PolicyVariant

PART = 6
_GEORGIAN = "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ"
_ETHIOPIC = "ሀለሐመሠረሰሸቀበተቸኀነኘአከኸወዐዘዠየደጀገጠጨጰጸፀፈፐ"
_PLAIN_SIGNS = "abcdefghiklmnoprstuv"
_PURPOSES = {
    "gemeente-voorbeeld": "public-order",
    SECOND_MUNICIPALITY: "public-order",
    "nidos-voorbeeld": "guardianship",
    "vluchtelingenhulp-voorbeeld": "legal-support",
    "advocaat-voorbeeld": "representation",
    "ind-voorbeeld": "return",
}
# Most packages may go; the others are there because being held or refused must not let anything out either.
_RECIPIENTS = [
    *[["gemeente-voorbeeld"], ["nidos-voorbeeld"], ["vluchtelingenhulp-voorbeeld"], ["advocaat-voorbeeld"]] * 3,
    *[["gemeente-voorbeeld", SECOND_MUNICIPALITY], [SECOND_MUNICIPALITY, "gemeente-voorbeeld"]] * 3,
    ["ind-voorbeeld"],
    ["gemeente-voorbeeld", "nidos-voorbeeld"],
]
Leaf = str | int | float | bool | None
_NECESSITY = "Voor de veiligheid is dit gegeven echter nodig: "
# What a field with a validator may hold; none of it looks like six characters of a secret.
_FITTING: dict[str, list[Leaf]] = {
    "bsn": ["123456782", "999990342"],
    "v-number": ["0991234501"],
    "iban": ["NL91ABNA0417164300"],
    "postcode": ["3511 AB"],
    "date": ["1990-05-01", "1-5-1990", "1990-00-00", "2014-04-05", "5-4-2014", "2014-00-00"],
}
# What a row may say of whom it is about; the manifest says the same person, and more about nobody.
_SUBJECT = {"name": "Ada de Bel", "vNumber": "0991234501", "dateOfBirth": "2014-04-05"}
_SAYS_WHO: dict[str, list[Leaf]] = {
    "name": ["Ada de Bel", "bel, de ADA"],
    "givenNames": ["Ada"],
    "familyName": ["Bel", "de Bel"],
    "namePrefix": ["de"],
    "vNumber": ["0991234501"],
    "dateOfBirth": ["2014-04-05", "5-4-2014", "2014-00-00"],
}
# No channel for chain partners is connected here.
_WAITING = frozenset({"ind-voorbeeld"})

Items = tuple[tuple[str, Leaf], ...]


def plain_words() -> st.SearchStrategy[str]:
    return st.lists(st.text(_PLAIN_SIGNS, min_size=1, max_size=9), min_size=1, max_size=4).map(" ".join)


def plain_leaves() -> st.SearchStrategy[Leaf]:
    odd: list[Leaf] = ["", 0, True, None, 4.5, 12451245124512451245]
    return st.one_of(plain_words(), plain_words(), st.sampled_from(odd))


def leaves_of(form: str, *, text_only: bool) -> st.SearchStrategy[Leaf]:
    return st.sampled_from([*_FITTING[form], "" if text_only else None])


def secret_texts() -> st.SearchStrategy[str]:
    return st.one_of(
        st.text(_GEORGIAN, min_size=PART, max_size=20),
        st.text(_ETHIOPIC + " ", min_size=PART + 2, max_size=20).map(lambda text: text.replace("  ", "ሀለ").strip()),
        st.text("37", min_size=PART, max_size=12),
        st.text("qxzjwQXZJW", min_size=PART, max_size=14),
    ).filter(lambda text: len(text) >= PART)


def secret_leaves() -> st.SearchStrategy[Leaf]:
    return st.one_of(secret_texts(), secret_texts(), st.text("37", min_size=PART, max_size=17).map(int))


def parts_of(leaf: Leaf) -> set[str]:
    """Give every six characters in a row of a value, in one case."""
    text = (leaf if isinstance(leaf, str) else repr(leaf)).casefold()
    return {text[at : at + PART] for at in range(len(text) - PART + 1)}


@dataclass(frozen=True)
class Generated:
    """One package, and what of it may go to whom."""

    manifest: dict[str, Any]
    files: Mapping[int, bytes]
    rows: tuple[Items, ...]
    shape: str
    names: tuple[str, ...]
    other_secrets: tuple[str, ...]
    plain: bool
    permitted: Callable[[str, str], bool]
    validator: Callable[[str], str | None]
    field: Callable[[str], str]

    def expected(self, recipient: str) -> Any:
        """Give the data that this recipient may get; None when there is none."""
        rows = [structured(item for item in row if self.permitted(item[0], recipient)) for row in self.rows]
        kept = [row for row in rows if row]
        if "record" == self.shape:
            return kept[0] if kept else None
        return kept or None

    def must_leave(self) -> bool:
        """Tell whether nothing stands in the way: nothing copied or mistyped, no document, no wish for special data."""
        recipients = self.manifest["recipients"]
        free = all(each not in _WAITING and self.expected(each) is not None for each in recipients)
        mistyped = any(self._is_mistyped(*item) for row in self.rows for item in row)
        return self.plain and free and not mistyped and all(map(self._is_about_subject, self.rows))

    def _is_about_subject(self, row: Items) -> bool:
        """Tell whether a row says nothing of another person, and says whom it is about where there are more."""
        said = {(self.field(path), leaf) for path, leaf in row if self.field(path) in _SAYS_WHO and leaf is not None}
        said = {(what, leaf) for what, leaf in said if leaf != ""}
        names = {what for what, leaf in said}
        named = not names.isdisjoint({"name", "vNumber"}) or names >= {"givenNames", "familyName"}
        return all(leaf in _SAYS_WHO[what] for what, leaf in said) and (named or len(self.rows) == 1)

    def _is_mistyped(self, path: str, leaf: Leaf) -> bool:
        """Tell whether a field would leave whose value is something else than its name says."""
        form = self.validator(path)
        known = form is None or leaf in ("", None) or leaf in _FITTING[form]
        return not known and any(self.permitted(path, each) for each in self.manifest["recipients"])

    def forbidden(self, recipient: str) -> set[str]:
        """Give every part that may not reach this recipient, without what it gets anyway."""
        leaves = {(path, leaf) for row in self.rows for path, leaf in row}
        secret = [leaf for path, leaf in leaves if not self.permitted(path, recipient) and _tells(leaf)]
        known = {part for path, leaf in leaves if self.permitted(path, recipient) for part in parts_of(leaf)}
        return {part for each in (*secret, *self.names, *self.other_secrets) for part in parts_of(each)} - known


def _tells(leaf: Leaf) -> bool:
    return isinstance(leaf, str | int) and not isinstance(leaf, bool)


# ---- Rows ----------------------------------------------------------------------------------------------------


def structured(items: Iterable[tuple[str, Leaf]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for path, leaf in items:
        assert put(row, path, leaf)
    return row


def put(row: dict[str, Any], path: str, leaf: Leaf) -> bool:
    """Put a leaf under its path; False when something else stands there."""
    *parents, last = path.split(".")
    for step in parents:
        name, is_list = _step(step)
        child: Any = row.setdefault(name, [{}] if is_list else {})
        if is_list is not isinstance(child, list):
            return False
        inner: Any = child[0] if is_list else child
        if not isinstance(inner, dict):
            return False
        row = inner
    name, is_list = _step(last)
    if name in row:
        return False
    row[name] = [leaf] if is_list else leaf
    return True


def _step(step: str) -> tuple[str, bool]:
    name = step.removesuffix("[]")
    return name.replace("~1", ".").replace("~2", "[").replace("~0", "~"), name != step


def _fitting(items: Iterable[tuple[str, Leaf]]) -> Iterator[tuple[str, Leaf]]:
    row: dict[str, Any] = {}
    for path, leaf in items:
        trial = json.loads(json.dumps(row))
        if put(trial, path, leaf):
            row = trial
            yield path, leaf


def _flat(path: str) -> bool:
    return "." not in path and "[]" not in path


# ---- Packages ------------------------------------------------------------------------------------------------


@st.composite
def packages(draw: st.DrawFn, variant: PolicyVariant) -> Generated:
    recipients = draw(st.sampled_from(_RECIPIENTS))
    purpose = _PURPOSES[recipients[0]]
    secret_address = draw(st.booleans())

    def permitted(path: str, recipient: str) -> bool:
        return variant.permits(path, recipient=recipient, purpose=purpose, secret_address=secret_address)

    names = tuple(draw(st.lists(secret_texts(), max_size=3, unique=True)))
    source = draw(st.sampled_from(["inline", "inline", "json", "list", "csv"]))
    paths = draw(_paths(variant, recipients[0], names, permitted, flat="csv" == source))
    count = draw(st.integers(1, 3)) if source in ("list", "csv") else 1
    text_only = "csv" == source
    rows = tuple(draw(_row(paths, recipients, permitted, variant, text_only=text_only)) for _ in range(count))
    secrets = [leaf for row in rows for path, leaf in row if not all(permitted(path, each) for each in recipients)]
    others = [draw(secret_texts()) for _ in range(7)]
    plain = draw(st.booleans())
    copied = draw(_copies(secrets)) if secrets and not plain else {}
    documents = [] if plain else draw(_documents(copied))
    manifest = _manifest(
        recipients, purpose, secret_address=secret_address, others=others, documents=documents, copied=copied
    )
    manifest |= {
        "partial": draw(st.sampled_from(["refused", "allowed"])),
        "necessity": None if plain else draw(st.sampled_from([None, _NECESSITY + others[6]])),
    }
    files = {number: content for number, (_, content) in enumerate(documents, 1)}
    if "inline" == source:
        manifest["data"] = structured(rows[0])
    else:
        suffix = "csv" if text_only else "json"
        manifest["dataFile"] = f"{others[5].strip()}.{suffix}"
        files[len(files) + 1] = _data_file(source, rows)
    manifest = {key: value for key, value in manifest.items() if value is not None}
    shape = "record" if source in ("inline", "json") else "list"
    return Generated(
        manifest, files, rows, shape, names, tuple(others), plain, permitted, variant.validator, variant.field
    )


@st.composite
def _paths(
    draw: st.DrawFn,
    variant: PolicyVariant,
    recipient: str,
    names: tuple[str, ...],
    permitted: Callable[[str, str], bool],
    *,
    flat: bool,
) -> list[str]:
    every = sorted(path for path in variant.spellings() if not flat or _flat(path))
    good = [path for path in every if permitted(path, recipient)]
    chosen = draw(st.lists(st.sampled_from(every), max_size=6))
    if good:
        chosen += draw(st.lists(st.sampled_from(good), min_size=1, max_size=6))
    chosen += [name.replace("~", "") for name in names]
    if not flat and names:
        # A name that nobody knows below, above and in the place of one that may go.
        first = draw(st.sampled_from(good or every))
        chosen += draw(st.sampled_from([[], [f"{first}.{names[0]}"], [f"{names[0]}.{first}"], [f"{names[0]}[].x"]]))
    order = draw(st.permutations(chosen))
    return [path for path, _ in _fitting((path, None) for path in order)]


@st.composite
def _row(
    draw: st.DrawFn,
    paths: list[str],
    recipients: list[str],
    permitted: Callable[[str, str], bool],
    variant: PolicyVariant,
    *,
    text_only: bool,
) -> Items:
    row: list[tuple[str, Leaf]] = []
    for path in paths:
        form = variant.validator(path)
        if not all(permitted(path, each) for each in recipients):
            leaf = draw(secret_texts() if text_only else secret_leaves())
        elif (who := variant.field(path)) in _SAYS_WHO:
            leaf = draw(st.sampled_from([*_SAYS_WHO[who], "" if text_only else None]))
        elif form is not None:
            leaf = draw(leaves_of(form, text_only=text_only))
        else:
            leaf = draw(plain_words() if text_only else plain_leaves())
        row.append((path, leaf))
    return tuple(row)


@st.composite
def _copies(draw: st.DrawFn, secrets: list[Leaf]) -> dict[str, str]:
    """Say where, if anywhere, the sender has copied something that may not leave."""
    place = draw(st.sampled_from(["", "", "", "", "document", "document", "reference", "unit"]))
    if not place:
        return {}
    leaf = draw(st.sampled_from(secrets))
    text = leaf if isinstance(leaf, str) else repr(leaf)
    return {place: text}


@st.composite
def _documents(draw: st.DrawFn, copied: Mapping[str, str]) -> list[tuple[dict[str, Any], bytes]]:
    made = []
    least = 1 if "document" in copied else 0
    for number in range(draw(st.integers(least, 2))):
        # A copy stands in a document that would go, or nothing would be tried.
        odd = st.sampled_from(["letter", "decision", "internal-note", "medical-report"])
        kind = "letter" if "document" in copied else draw(odd)
        text = f"{draw(plain_words())} {copied.get('document', '')} {draw(plain_words())}\n"
        categories = ["special"] if "medical-report" == kind else ["ordinary"]
        declared = {"file": f"{number}-{draw(secret_texts()).strip()}.txt", "kind": kind}
        made.append((declared | {"declaredCategories": categories}, text.encode()))
    return made


def _manifest(
    recipients: list[str],
    purpose: str,
    *,
    secret_address: bool,
    others: list[str],
    documents: list[tuple[dict[str, Any], bytes]],
    copied: Mapping[str, str],
) -> dict[str, Any]:
    """Fill every place of the manifest that never leaves with something that may not."""
    return {
        "format": "sluis-package/1",
        "recipients": recipients,
        "purpose": purpose,
        "sender": {"organisation": "DT&V", "name": others[0], "unit": f"team a {copied.get('unit', '')}"},
        "request": {
            "requestedBy": others[1],
            "question": others[2],
            "reference": f"kenmerk {copied.get('reference', 'abc')}",
        },
        "subject": {
            **_SUBJECT,
            "nameVariants": [others[3], others[4]],
            "secretAddress": secret_address,
        },
        "consent": {"signedBy": others[1], "proof": others[2]},
        "guardianship": {"reference": others[2]},
        "documents": [declared for declared, _ in documents],
    }


def _data_file(source: str, rows: tuple[Items, ...]) -> bytes:
    made = [structured(row) for row in rows]
    if "csv" == source:
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(made[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(made)
        return text.getvalue().encode()
    content: Any = made if "list" == source else made[0]
    return json.dumps(content).encode()
