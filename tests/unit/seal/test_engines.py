"""The choice of an engine: by the pinned key, and by nothing else."""

from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind
from gateway.seal.engines import Engines
from tests.contract.seal.memory_sealer import MemorySealer

PGP = Fingerprint("A" * 40)
X509 = Fingerprint("x509:" + "0a" * 32)
AGE = Fingerprint("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")


@pytest.fixture
def parts() -> dict[KeyKind, MemorySealer]:
    keys = {KeyKind.OPENPGP: PGP, KeyKind.X509: X509}
    return {kind: MemorySealer({key: KeyHealth.USABLE}) for kind, key in keys.items()}


@pytest.fixture
def engines(parts: dict[KeyKind, MemorySealer]) -> Engines:
    return Engines(parts[KeyKind.OPENPGP], others={KeyKind.X509: parts[KeyKind.X509]})


@pytest.mark.parametrize(("key", "kind"), [(PGP, KeyKind.OPENPGP), (X509, KeyKind.X509)])
def test_the_engine_of_the_key_seals_and_signs(
    key: Fingerprint, kind: KeyKind, parts: dict[KeyKind, MemorySealer], engines: Engines, tmp_path: Path
) -> None:
    sealed = engines.encrypt_bytes(b"tekst", recipients=(key,), armor=False)
    engines.encrypt_stream([b"tekst"], recipients=(key,), output=tmp_path / "out")

    assert b"tekst" == parts[kind].open_sealed(sealed, key)
    assert 2 == parts[kind].calls
    assert engines.sign_detached(b"x", readers=(key,)) == parts[kind].sign_detached(b"x")
    assert engines.sign_detached(b"x") == parts[KeyKind.OPENPGP].sign_detached(b"x")


def test_keys_of_two_kinds_in_one_sealing_are_our_own_mistake(engines: Engines, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one kind"):
        engines.encrypt_stream([b"tekst"], recipients=(PGP, X509), output=tmp_path / "out")


def test_a_kind_that_has_no_engine_has_no_usable_key(engines: Engines) -> None:
    assert KeyHealth.MISSING is engines.health(AGE)
    assert not engines.names_another(AGE, address="post@ind.example")
    with pytest.raises(SluisError) as refusal:
        engines.encrypt_bytes(b"tekst", recipients=(AGE,), armor=False)
    assert Code.KEY_MISSING is refusal.value.code
    with pytest.raises(SluisError, match="signing-key-unusable"):
        engines.check_signer_of(KeyKind.AGE)


def test_health_is_asked_of_the_engine_of_the_key_alone(engines: Engines) -> None:
    assert [KeyHealth.USABLE] * 2 == [engines.health(key) for key in (PGP, X509)]
