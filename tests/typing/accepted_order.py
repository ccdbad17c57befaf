"""The whole order of the states, as mypy must accept it."""

from typing import assert_never, assert_type

from gateway.package.delivery_results import DeliveryResult
from gateway.package.states import Cleared, Examined, Held, Minimised, Package, Refused, Sealed
from tests.typing.world import World


async def the_whole_way(package: Package, world: World) -> list[DeliveryResult] | Held | Refused:
    """Take a package from the door to the courier."""
    examined = assert_type(world.examine(package), Examined)
    decided = assert_type(world.decide(examined), Cleared | Held | Refused)
    match decided:
        case Held() | Refused():
            return decided
        case Cleared():
            minimised = assert_type(world.minimise(decided), Minimised | Held)
        case _:
            assert_never(decided)
    match minimised:
        case Held():
            return minimised
        case Minimised():
            sealed = assert_type(world.seal(minimised), Sealed)
        case _:
            assert_never(minimised)
    return [await world.courier.deliver(parcel) for parcel in sealed.parcels]
