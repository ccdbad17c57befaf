"""Lets another signing key follow the own one, with an overlap in which recipients can take the new one in.

Rules, in order:
1. The new key is drawn on the machine. From that moment both public keys lie in `keys/`, with a statement that names
   the new key and its day, signed by the old one: whoever has the old key can verify it with any OpenPGP program.
2. Until the day only the old key signs, from that day on only the new one. Never both on one message: readers show a
   signature by an unknown key as a doubt, and our own engine believes one proven signer only.
3. `seal.signingKey` in site.yaml stays until the rotation is finished; the next key and its day stand beside it. They
   are read at the start, so the service is to be started again before that day.
4. To finish, the next key becomes `seal.signingKey`, and the secret half of the old one is destroyed. Its public half
   stays: what it signed can be verified until its end and after.
5. A crash at any moment leaves nothing that stops the next start (`gateway.bootstrap.rotation_journal`).
6. With `seal.engine: sequoia` the file of each key is written when it is drawn, and goes when its secret half does.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal, Protocol

from gateway.audit.events import Event
from gateway.audit.telling_keys import signing_key_rotated
from gateway.bootstrap.durable_files import storing, write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.rotation_journal import Intent, done, intend, put_right_under_lock, rotating
from gateway.bootstrap.rule_changes import require_role
from gateway.bootstrap.setting_types import NO_ADDRESS
from gateway.bootstrap.settings import ZONE, SiteSettings, read_site_settings
from gateway.bootstrap.signing_files import remove_signing_file, write_signing_file
from gateway.bootstrap.site_edits import with_next_key, with_next_key_alone
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.package.key_views import Rotation
from gateway.package.states import Submitter
from gateway.seal.key_description import in_groups
from gateway.seal.keyring import create_signing_key, destroy_secret, export_public, secret_keys
from gateway.seal.port import Sealer

DAY_EXPECTED: Final = "a day after today"
_OVERLAP: Final = dt.timedelta(days=30)
_STATEMENT: Final = """\
Sluis, {organisation}

De sleutel waarmee wij ondertekenen verandert.
Tot {starts} ondertekenen wij met: {before}
Vanaf {starts} ondertekenen wij met: {after}
Dit bericht is ondertekend met de sleutel van tot nu toe.

The key with which we sign changes.
Until {starts} we sign with: {before}
From {starts} on we sign with: {after}
This message is signed with the key of until now.
"""


class _Recorder(Protocol):
    async def record(self, event: Event, /) -> str: ...


class KeyRotation:
    """The rotation of one site. `settings` are those that the running service was started with."""

    def __init__(
        self,
        site: SiteLayout,
        settings: SiteSettings,
        *,
        sealer: Sealer,
        audit: _Recorder,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._site, self._settings, self._sealer, self._audit, self._now = site, settings, sealer, audit, now
        self._turn = asyncio.Lock()

    async def start(self, starts: dt.date | None, *, person: Submitter) -> Rotation:
        """Draw the next key, which signs from a day on; without one, in 30 days.

        Raises SluisError `not-permitted`, `rotation-under-way`, `request-invalid` for a day that is not ahead,
        `signing-key-unusable`, `setting-invalid`, `audit-unavailable`, `disk-full`.
        """
        require_role(person, ("administrator",))
        async with self._turn, self._alone():
            today = self._now().astimezone(ZONE).date()
            day = starts or today + _OVERLAP
            if day <= today:
                raise SluisError(Code.REQUEST_INVALID, where="body", faults=(("from", DAY_EXPECTED),))
            lying = await asyncio.to_thread(read_site_settings, self._site.settings)
            # Also when it was finished and the service was not restarted: it still holds the key of before.
            if lying.seal.next_signing_key is not None or lying.seal.signers() != self._settings.seal.signers():
                raise SluisError(Code.ROTATION_UNDER_WAY)
            before = self._settings.seal.signers()[0]
            await asyncio.to_thread(self._intend_to_draw)
            try:
                after = await asyncio.to_thread(self._draw)
                await self._audit.record(signing_key_rotated(after, by=person))
                made = await asyncio.to_thread(self._announce, before, after, day)
            except BaseException:
                # A secret key that the settings do not name is not started beside.
                await asyncio.shield(asyncio.to_thread(put_right_under_lock, self._site))
                raise
            await asyncio.to_thread(done, self._site)
            return made

    async def finish(self, *, person: Submitter) -> Rotation:
        """Let the next key be the only one, when its day has come and the running service signs with it.

        Raises SluisError `not-permitted`, `rotation-under-way` before that, `request-invalid` when there is none, and
        as `start`.
        """
        require_role(person, ("administrator",))
        async with self._turn, self._alone():
            lying = (await asyncio.to_thread(read_site_settings, self._site.settings)).seal
            if lying.next_signing_key is None or lying.next_from is None:
                fault = ("finish", "no rotation is under way: 'sluis keys rotate' begins one")
                raise SluisError(Code.REQUEST_INVALID, where="body", faults=(fault,))
            before, after = lying.signers()
            signs_with_it = self._settings.seal.next_signing_key == lying.next_signing_key
            if not signs_with_it or self._now() < lying.follows_at():
                raise SluisError(Code.ROTATION_UNDER_WAY)
            await asyncio.to_thread(self._intend, "destroy", (before,))
            await self._audit.record(signing_key_rotated(after, by=person))
            await asyncio.to_thread(self._write_settings, lambda text: with_next_key_alone(text, after))
            # First: when this is cut off, the secret half that is left keeps the service from starting, and is seen.
            await asyncio.to_thread(remove_signing_file, self._site, before)
            await asyncio.to_thread(destroy_secret, self._site.gnupg, before)
            await asyncio.to_thread(done, self._site)
            return Rotation(before=before, after=after, starts=lying.next_from, files=_files(before, after), done=True)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lock of rotations, with whatever a crash left put right. Raises SluisError `rotation-under-way`."""
        with rotating(self._site):
            await asyncio.to_thread(put_right_under_lock, self._site)
            yield

    def _intend_to_draw(self) -> None:
        announced = (path.name.removesuffix(".rotation.txt") for path in self._site.keys.glob("*.rotation.txt"))
        self._intend("draw", (*sorted(secret_keys(self._site.gnupg)), *sorted(announced)))

    def _intend(self, does: Literal["draw", "destroy"], known: tuple[str, ...]) -> None:
        # By the machine's clock, as gpg counts.
        intent = Intent(does=does, at=dt.datetime.now(dt.UTC), address=self._address(), known=known)
        intend(self._site, intent)

    def _address(self) -> str:
        mail = self._settings.mail
        return mail.from_address if mail else NO_ADDRESS

    def _draw(self) -> Fingerprint:
        name = f"Sluis {self._settings.organisation}"
        return create_signing_key(self._site.gnupg, name=name, email=self._address())

    def _announce(self, before: Fingerprint, after: Fingerprint, starts: dt.date) -> Rotation:
        said = _STATEMENT.format(
            organisation=self._settings.organisation,
            starts=starts.isoformat(),
            before=in_groups(before),
            after=in_groups(after),
        ).encode()
        signature = self._sealer.sign_detached(said)
        files = _files(before, after)
        # The statement first: by its name all of them are found when they come to nothing.
        contents = {
            files[2]: said,
            files[3]: signature,
            files[0]: export_public(self._site.gnupg, before),
            files[1]: export_public(self._site.gnupg, after),
        }
        for name, content in contents.items():
            with storing("keys"):
                write_durably(self._site.root / name, content)
        if self._settings.seal.engine == "sequoia":
            write_signing_file(self._site, after, signing=after)
        # Last, so that a crash before leaves a key that nothing is signed with.
        self._write_settings(lambda text: with_next_key(text, after, starts=starts))
        return Rotation(before=before, after=after, starts=starts, files=files)

    def _write_settings(self, edit: Callable[[str], str]) -> None:
        path = self._site.settings
        text = edit(path.read_text(encoding="utf-8"))
        with storing("site.yaml"):
            write_durably(path, text.encode())


def _files(before: Fingerprint, after: Fingerprint) -> tuple[str, ...]:
    statement = f"keys/{after}.rotation.txt"
    return f"keys/{before}.asc", f"keys/{after}.asc", statement, f"{statement}.sig"
