"""What the stages need besides the package, as one bundle, so that the files here show the states alone."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.deliver.port import Courier
from gateway.evidence.documents import Searching
from gateway.evidence.examining import examine
from gateway.evidence.port import FileReader, Registers
from gateway.minimise.minimising import minimise
from gateway.minimise.port import DocumentRebuild
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.package.known import Known
from gateway.package.states import Cleared, Contents, Data, Examined, Held, Minimised, Package, Refused, Sealed
from gateway.policy.deciding import conclude, decide_only
from gateway.policy.policy_set import PolicySet
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.sealing import MailSettings, seal


@dataclass(frozen=True)
class World:
    """Ports and facts; the methods are the stages, with the state as their only argument."""

    contents: Contents
    policy: PolicySet
    sealer: Sealer
    letters: LetterWriter
    courier: Courier
    settings: MailSettings
    staging: Path
    now: dt.datetime
    zone: ZoneInfo
    health: Callable[[Fingerprint], KeyHealth]
    random: Callable[[int], bytes]
    registers: Registers
    files: FileReader
    searching: Searching
    known_of: Callable[[Data | None], Known]
    documents: DocumentRebuild

    def examine(self, package: Package) -> Examined:
        """Gather."""
        return examine(
            package,
            contents=self.contents,
            fingerprints=(),
            key_health=self.health,
            open_channels=frozenset(),
            now=self.now,
            zone=self.zone,
            files=self.files,
            searching=self.searching,
            known_of=self.known_of,
            registers=self.registers,
            bar_numbers={},
        )

    def decide(self, examined: Examined) -> Cleared | Held | Refused:
        """Decide."""
        return conclude(examined, decide_only(examined, policy=self.policy, now=self.now))

    def minimise(self, cleared: Cleared) -> Minimised | Held:
        """Apply."""
        return minimise(cleared, contents=self.contents, documents=self.documents)

    def seal(self, minimised: Minimised) -> Sealed:
        """Encrypt."""
        return seal(
            minimised,
            sealer=self.sealer,
            letters=self.letters,
            now=self.now,
            random=self.random,
            staging=self.staging,
            settings=self.settings,
        )
