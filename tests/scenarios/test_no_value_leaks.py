"""For any package and any policy: what may not go is in no byte that leaves, and what may go arrives as it was."""

import asyncio
import datetime as dt
import io
import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import seed as reproduced
from hypothesis import strategies as st

from gateway.bootstrap.build import House, open_house
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.package.errors import SluisError
from gateway.package.ids import PackageId, PersonId
from gateway.package.manifest import Manifest
from gateway.package.states import Document, Package, Sealed, SealedParcel, Source, Submitter
from gateway.pipeline import Way
from gateway.policy.policy_files import load_policy_set
from gateway.policy.policy_set import PolicySet
from gateway.seal.keyring import stop_agent
from gateway.spool.candidates import documents_of, stream_of
from gateway.spool.port import Payload
from tests.scenarios.generated import Generated, packages
from tests.scenarios.leaving import Left, open_parcel
from tests.scenarios.policy_variants import SECOND_MUNICIPALITY, PolicyVariant, make_variant

NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
# Neither chance nor an id may look like six characters of a value: all of this is letters, or fixed.
ID = PackageId("abcdefab-cdef-4abc-8abc-abcdefabcdef")
MESSAGE_ID_KEY = bytes(range(32))
LEAST_PART_THAT_LEAVES = 0.4


@dataclass
class Ways:
    """Where the packages ended, and what was in those that left: the property must never be about nothing."""

    endings: list[str] = field(default_factory=list)
    with_secrets: int = 0

    def note(self, ending: str) -> None:
        self.endings.append(ending)
        event(ending)


@dataclass
class Stages:
    """The real stages of one site, with a policy that each example chooses."""

    house: House
    folder: Path

    def way(self, policy: PolicySet) -> Way:
        parts = self.house.way.parts
        mail = replace(parts.settings.mail, message_id_key=MESSAGE_ID_KEY)
        return Way(
            replace(
                parts,
                policy=lambda: policy,
                random=lambda size: b"\xab" * size,
                settings=replace(parts.settings, mail=mail),
            )
        )

    def home(self, recipient: str) -> Path:
        owner = "gemeente-voorbeeld" if SECOND_MUNICIPALITY == recipient else recipient
        return self.house.site.sample / owner / "gnupg"

    def fingerprints(self) -> dict[str, str]:
        policy = self.house.parts.policy()
        return {str(each.id): str(each.channels[0].keys[0]) for each in policy.recipients.values()}


@pytest.fixture(scope="module")
def way() -> Iterator[Stages]:
    root = Path(tempfile.mkdtemp(prefix="sl", dir="/tmp"))
    site = create_site(root / "s", SiteWishes(sample=True, smtp=("127.0.0.1", 1)))
    opened = AsyncExitStack()
    with asyncio.Runner() as runner:
        house = runner.run(opened.enter_async_context(open_house(site)))
        yield Stages(house, root)
        runner.run(opened.aclose())
    for home in (site.gnupg, *site.sample.glob("*/gnupg")):
        stop_agent(home)
    shutil.rmtree(root, ignore_errors=True)


class Contents:
    """The documents of one package, in memory."""

    def __init__(self, files: Mapping[int, bytes]) -> None:
        self._files = files

    def open(self, document: Document, /) -> io.BytesIO:
        return io.BytesIO(self._files[document.number])


def package_of(made: Generated) -> Package:
    manifest = Manifest.model_validate_json(json.dumps(made.manifest))
    payloads = tuple(Payload(stream=stream_of(number), size=len(file)) for number, file in made.files.items())
    return Package(
        id=ID,
        source=Source.OUTBOX,
        submitter=Submitter(person=PersonId("medewerker"), organisation="DT&V", roles=("caseworker",)),
        received_at=NOW,
        manifest=manifest,
        documents=documents_of(manifest, payloads),
    )


def send(way: Stages, variant: PolicyVariant, made: Generated) -> tuple[SealedParcel, ...]:
    """Lead one package through the real stages; give what would leave."""
    with tempfile.TemporaryDirectory(dir=way.folder) as folder:
        policies, register = variant.write(Path(folder))
        policy = load_policy_set(policies, recipients=register)
    try:
        prepared = way.way(policy).prepare(package_of(made), Contents(made.files), NOW)
    except SluisError:
        return ()
    return prepared.ending.parcels if isinstance(prepared.ending, Sealed) else ()


def check(made: Generated, parcel: SealedParcel, left: Left) -> set[str]:
    forbidden = made.forbidden(parcel.recipient)
    found = {part for text in left.texts() for part in forbidden if part in text}
    assert not found, f"parts of a value that may not leave: {found}"
    assert made.expected(parcel.recipient) == left.data
    return forbidden


def hold(way: Stages, ways: Ways, *, examples: int, start: int, phases: tuple[Phase, ...]) -> None:
    """Try the property on examples that a number starts: the same number gives the same examples."""
    fingerprints = way.fingerprints()

    @reproduced(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=phases,
    )
    @given(data=st.data(), seed=st.integers(0, 1_000_000))
    def no_value_leaks(data: st.DataObject, seed: int) -> None:
        variant = make_variant(seed, fingerprints=fingerprints)
        made = data.draw(packages(variant))
        parcels = send(way, variant, made)
        assert parcels or not made.must_leave(), "a package in whose way nothing stood did not leave"
        for parcel in parcels:
            forbidden = check(made, parcel, open_parcel(parcel, home=way.home(parcel.recipient)))
            ways.with_secrets += bool(forbidden)
            event(parcel.channel)
        ways.note("left" if parcels else "stayed")

    no_value_leaks()


def assert_not_empty(ways: Ways, *, examples: int) -> None:
    left = ways.endings.count("left")
    assert len(ways.endings) >= examples
    assert left >= LEAST_PART_THAT_LEAVES * len(ways.endings)
    assert ways.with_secrets >= left


def test_no_part_of_a_value_that_may_not_go_is_in_what_leaves_and_the_rest_arrives(way: Stages) -> None:
    ways = Ways()
    # Several starts, since the examples of one are much alike.
    for start in range(3):
        hold(way, ways, examples=10, start=start, phases=(Phase.generate,))

    assert_not_empty(ways, examples=30)


@pytest.mark.soak
def test_no_part_of_a_value_that_may_not_go_is_in_what_leaves_of_a_thousand_packages(way: Stages) -> None:
    ways = Ways()
    for _ in range(20):
        hold(way, ways, examples=50, start=secrets.randbits(32), phases=(Phase.generate, Phase.shrink))

    assert_not_empty(ways, examples=1000)
