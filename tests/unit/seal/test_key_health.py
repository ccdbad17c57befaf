import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.seal.key_health import KeyFacts, SubkeyFacts, health_of, names_another, read_listing

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
AT = int(NOW.timestamp())
PRIMARY = Fingerprint("A" * 40)
SUBKEY = Fingerprint("B" * 40)
_DAY = 86_400


def key(
    *,
    fingerprint: Fingerprint = SUBKEY,
    validity: str = "-",
    bits: int = 255,
    algorithm: int = 18,
    created: int = AT - _DAY,
    expires: int | None = AT + _DAY,
    capabilities: str = "e",
    bound: bool = True,
    curve: str = "",
) -> SubkeyFacts:
    return SubkeyFacts(
        fingerprint=fingerprint,
        validity=validity,
        bits=bits,
        algorithm=algorithm,
        created=created,
        expires=expires,
        capabilities=capabilities,
        bound=bound,
        curve=curve,
    )


OWN = key(fingerprint=PRIMARY, algorithm=22, capabilities="scESC")
REVOKED = key(validity="r")
EXPIRED = key(expires=AT)
INVALID = key(validity="i")
FUTURE = key(created=AT + 1)
SHA1 = key(bound=False)
SMALL = key(algorithm=1, bits=2047)


def facts(*subkeys: SubkeyFacts, primary: SubkeyFacts = OWN, disabled: bool = False) -> KeyFacts:
    return KeyFacts(primary=primary, disabled=disabled, subkeys=subkeys)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (facts(key()), KeyHealth.USABLE),
        (facts(key(expires=None)), KeyHealth.USABLE),
        (facts(key(algorithm=1, bits=2048)), KeyHealth.USABLE),
        (facts(primary=key(fingerprint=PRIMARY, algorithm=1, bits=3072, capabilities="escESC")), KeyHealth.USABLE),
        (facts(), KeyHealth.UNUSABLE),
        (facts(key(capabilities="s")), KeyHealth.UNUSABLE),
        (facts(key(), disabled=True), KeyHealth.UNUSABLE),
        (facts(REVOKED), KeyHealth.REVOKED),
        (facts(EXPIRED), KeyHealth.EXPIRED),
        (facts(INVALID), KeyHealth.UNUSABLE),
        (facts(FUTURE), KeyHealth.UNUSABLE),
        (facts(SHA1), KeyHealth.WEAK),
        (facts(SMALL), KeyHealth.WEAK),
        (facts(key(), primary=key(validity="r", capabilities="sc")), KeyHealth.REVOKED),
        (facts(key(), primary=key(expires=AT - 1, capabilities="sc")), KeyHealth.EXPIRED),
        (facts(key(), primary=key(algorithm=17, bits=1024, capabilities="sc")), KeyHealth.WEAK),
        (facts(key(), primary=key(bound=False, capabilities="sc")), KeyHealth.WEAK),
    ],
)
def test_each_fault_has_its_name(subject: KeyFacts, expected: KeyHealth) -> None:
    assert expected is subject.health(NOW)


@pytest.mark.parametrize("gone", [REVOKED, EXPIRED, INVALID, FUTURE])
def test_a_good_encryption_key_beside_a_gone_one_is_enough(gone: SubkeyFacts) -> None:
    assert KeyHealth.USABLE is facts(gone, key()).health(NOW)
    assert KeyHealth.USABLE is facts(key(), gone).health(NOW)


def test_the_newest_encryption_key_is_judged_because_gpg_takes_that_one() -> None:
    newer_and_weak = key(algorithm=1, bits=1024, created=AT - 1)
    older_and_weak = key(algorithm=1, bits=1024, created=AT - 2 * _DAY)

    assert KeyHealth.WEAK is facts(key(), newer_and_weak).health(NOW)
    assert KeyHealth.USABLE is facts(key(), older_and_weak).health(NOW)


def test_a_key_that_is_not_pinned_is_missing_and_so_is_a_subkey_by_its_own_fingerprint() -> None:
    keys = {PRIMARY: facts(key())}

    assert KeyHealth.MISSING is health_of({}, PRIMARY, now=NOW)
    assert KeyHealth.MISSING is health_of(keys, SUBKEY, now=NOW)
    assert KeyHealth.USABLE is health_of(keys, PRIMARY, now=NOW)


@given(created=st.integers(0, 2**33), life=st.integers(1, 2**33), at=st.integers(0, 2**33))
def test_a_key_is_usable_exactly_from_its_making_to_its_expiry(created: int, life: int, at: int) -> None:
    subkey = key(created=created, expires=created + life)
    primary = key(fingerprint=PRIMARY, created=0, expires=None, capabilities="sc")

    health = facts(subkey, primary=primary).health(dt.datetime.fromtimestamp(at, tz=dt.UTC))

    assert (health is KeyHealth.USABLE) == (created <= at < created + life)


def test_the_newest_signing_subkey_signs_before_the_primary() -> None:
    older = key(fingerprint=Fingerprint("C" * 40), capabilities="s", created=AT - 9)
    newer = key(fingerprint=Fingerprint("D" * 40), capabilities="s", created=AT - 8)

    assert PRIMARY == facts(key()).signing_key(NOW)
    assert older.fingerprint == facts(older).signing_key(NOW)
    assert newer.fingerprint == facts(older, newer).signing_key(NOW)


@pytest.mark.parametrize("gone", ["r", "i"])
def test_a_signing_subkey_that_is_gone_gives_way_to_the_primary(gone: str) -> None:
    assert PRIMARY == facts(key(capabilities="s", validity=gone)).signing_key(NOW)


@pytest.mark.parametrize(
    "subject",
    [
        facts(primary=key(capabilities="sc", expires=AT)),
        facts(primary=key(capabilities="sc", validity="r")),
        facts(primary=key(capabilities="sc", bound=False)),
        facts(primary=key(capabilities="c")),
        facts(primary=OWN, disabled=True),
        facts(key(capabilities="s"), primary=key(capabilities="c", validity="r")),
    ],
)
def test_no_key_signs_when_the_own_key_can_not_be_used(subject: KeyFacts) -> None:
    assert subject.signing_key(NOW) is None


_LISTING = """tru:o:1:1795466367:1:3:1:5
pub:-:255:22:AAAAAAAAAAAAAAAA:1795000000:1858538367::-:::scESC:::::ed25519:::0:
fpr:::::::::AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:
uid:-::::1795466367::0D88::A \\x3a pub\\x3a <a@x.example>::::::::::0:
sig:{mark}::22:AAAAAAAAAAAAAAAA:1795466367::::A:{kind}::{issuer}:::{digest}:
sub:-:255:18:BBBBBBBBBBBBBBBB:1795000000::::::e:::::cv25519::
fpr:::::::::BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB:
sig:!::22:AAAAAAAAAAAAAAAA:1795466367::::A:18x::AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:::8:
"""


def _listed(*, mark: str = "!", kind: str = "13x", issuer: str = PRIMARY, digest: str = "8") -> KeyFacts:
    return read_listing(_LISTING.format(mark=mark, kind=kind, issuer=issuer, digest=digest))[PRIMARY]


def test_a_listing_is_read_as_gpg_wrote_it() -> None:
    assert (
        KeyFacts(
            primary=key(
                fingerprint=PRIMARY,
                algorithm=22,
                created=1795000000,
                expires=1858538367,
                capabilities="scESC",
                curve="ed25519",
            ),
            disabled=False,
            subkeys=(key(created=1795000000, expires=None, curve="cv25519"),),
            addresses=("a@x.example",),
        )
        == _listed()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"mark": "?"},
        {"mark": "-"},
        {"mark": "%"},
        {"issuer": "C" * 40},
        {"issuer": ""},
        {"kind": "30x"},
        {"kind": "28x"},
        {"digest": "1"},
        {"digest": "2"},
        {"digest": "3"},
    ],
    ids=["unchecked", "bad", "error", "stranger", "nobody", "revokes", "other class", "MD5", "SHA-1", "RIPEMD"],
)
def test_only_a_good_own_signature_with_a_sound_digest_holds_a_key_together(change: dict[str, str]) -> None:
    assert not _listed(**change).primary.bound
    assert _listed(**change).subkeys[0].bound


def test_an_empty_keyring_holds_no_keys() -> None:
    assert {} == read_listing("tru::1:1795466367:0:3:1:5\n")


def test_what_is_no_listing_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises((ValueError, IndexError)):
        read_listing("pub:what\n")


def listed(*user_ids: tuple[str, str]) -> dict[Fingerprint, KeyFacts]:
    """List a key as gpg does, with user ids of a validity."""
    lines = [f"pub:-:255:22:{PRIMARY[-16:]}:{AT}:::-:::scESC:::::ed25519:::0:", f"fpr:::::::::{PRIMARY}:"]
    lines += [f"uid:{validity}::::{AT}::HASH::{name}::::::::::0:" for validity, name in user_ids]
    return read_listing("\n".join(lines))


@pytest.mark.parametrize(
    ("user_ids", "expected"),
    [
        ([("-", "Nidos <post@nidos.example>")], True),
        ([("-", "post@nidos.example")], True),
        ([("-", "Gemeente <post@gemeente.example.nidos.example>")], True),
        ([("-", "post@gemeente.example <post@nidos.example>")], True),
        ([("r", "Gemeente <post@gemeente.example>"), ("-", "Nidos <post@nidos.example>")], True),
        ([("-", "Gemeente <balie@gemeente.example>")], False),
        ([("-", "Gemeente <Post@GEMEENTE.example>")], False),
        ([("-", "Nidos <post@nidos.example>"), ("-", "Gemeente <post@gemeente.example>")], False),
        ([("-", "Gemeente, zonder adres")], False),
        ([], False),
    ],
)
def test_a_key_names_another_when_its_user_ids_have_addresses_and_none_in_the_domain(
    user_ids: list[tuple[str, str]], expected: bool
) -> None:
    assert expected is names_another(listed(*user_ids), PRIMARY, address="post@gemeente.example")
