"""Says which own key signs what goes to a recipient: the pin that the recipient has to see.

On the chain facility it is the certificate of that; for a recipient with a certificate the site's own signing one; for
all others the OpenPGP key: for an age key it signs the manifest beside the file.
"""

import datetime as dt

from gateway.bootstrap.build_work import build_openpgp
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, KeyKind, kind_of
from gateway.package.states import Channel
from gateway.policy.policy_set import RecipientChannel
from gateway.seal.certificates import Certificate


class OwnSigners:
    """The own keys of one site. Blocking; files are read at each question, as by what signs."""

    def __init__(self, site: SiteLayout, settings: SiteSettings) -> None:
        self._site, self._settings = site, settings
        self._openpgp = build_openpgp(site, settings)

    def pin(self, channel: RecipientChannel, now: dt.datetime) -> Fingerprint:
        """Give who signs on a channel of a recipient at a moment. Raises SluisError `signing-key-unusable`."""
        chain = self._settings.chain
        if channel.channel is Channel.CHAIN_FACILITY and chain is not None:
            return self._certificate(chain.certificate_file, "chain.certificateFile")
        if any(kind_of(key) is KeyKind.X509 for key in channel.keys):
            return self._certificate(self._settings.seal.certificate_file, "seal.certificateFile")
        return self._openpgp.signer_at(now)

    def _certificate(self, name: str | None, place: str) -> Fingerprint:
        if name is None:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE, where=place)
        try:
            return Certificate.from_pem((self._site.root / name).read_bytes()).pin
        except (OSError, ValueError) as error:
            raise SluisError(Code.SIGNING_KEY_UNUSABLE, where=place) from error
