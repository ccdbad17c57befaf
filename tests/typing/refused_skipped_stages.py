"""Each line skips a stage; mypy must refuse each with the code that the line expects."""

from gateway.minimise.minimising import minimise
from gateway.package.states import Cleared, Examined, Held, Minimised, Package, Parcel, Refused, Sealed
from gateway.policy.deciding import conclude, decide, decide_only
from tests.typing.world import World


def policy_without_evidence(package: Package, world: World) -> None:
    """A decision on a package whose facts nobody gathered."""
    decide_only(package, policy=world.policy, now=world.now)  # expect: arg-type


def policy_with_values(package: Package, examined: Examined, world: World) -> None:
    """A decision that could look at a value, and so be another one when it is replayed."""
    decide(package, policy=world.policy)  # expect: arg-type
    decide(examined, policy=world.policy)  # expect: arg-type


def conclude_without_decision(package: Package, examined: Examined, world: World) -> None:
    """A package that goes on by what was asked, or by nobody's decision."""
    conclude(package, decide_only(examined, policy=world.policy, now=world.now))  # expect: arg-type
    conclude(examined, examined)  # expect: arg-type


def minimise_without_decision(package: Package, examined: Examined, world: World) -> None:
    """Data stripped by nobody's verdict."""
    minimise(package, contents=world.contents, documents=world.documents)  # expect: arg-type
    minimise(examined, contents=world.contents, documents=world.documents)  # expect: arg-type


def minimise_what_is_held_or_refused(held: Held, refused: Refused, world: World) -> None:
    """An ending is no state to go on from."""
    minimise(held, contents=world.contents, documents=world.documents)  # expect: arg-type
    minimise(refused, contents=world.contents, documents=world.documents)  # expect: arg-type


def minimise_without_looking_at_the_decision(examined: Examined, world: World) -> None:
    """The decision may be a hold or a refusal; who does not look can not go on."""
    minimise(world.decide(examined), contents=world.contents, documents=world.documents)  # expect: arg-type


def seal_without_minimising(package: Package, examined: Examined, cleared: Cleared, world: World) -> None:
    """Whole packages, encrypted and sent."""
    world.seal(package)  # expect: arg-type
    world.seal(examined)  # expect: arg-type
    world.seal(cleared)  # expect: arg-type


def seal_without_looking_at_the_residue(cleared: Cleared, world: World) -> None:
    """Minimising may end in a hold: something that may not leave was still there."""
    world.seal(minimise(cleared, contents=world.contents, documents=world.documents))  # expect: arg-type


async def deliver_plaintext(minimised: Minimised, parcel: Parcel, sealed: Sealed, world: World) -> None:
    """A courier only ever holds ciphertext, one parcel at a time."""
    await world.courier.deliver(minimised)  # expect: arg-type
    await world.courier.deliver(parcel)  # expect: arg-type
    await world.courier.deliver(sealed)  # expect: arg-type
    await world.courier.deliver(b"Beste lezer")  # expect: arg-type


def go_back(minimised: Minimised, sealed: Sealed, world: World) -> None:
    """There is no way back: what is decided is not gathered again, what is sealed is not opened."""
    world.examine(minimised)  # expect: arg-type
    world.decide(sealed)  # expect: arg-type
    world.minimise(minimised)  # expect: arg-type
