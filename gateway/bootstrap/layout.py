"""Where everything of a site lies, and where what travels inside the wheel lies."""

from dataclasses import dataclass
from pathlib import Path

import gateway


@dataclass(frozen=True, slots=True)
class SiteLayout:
    """The folders and files of one site, as design and README name them."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings."""
        return self.root / "site.yaml"

    @property
    def people(self) -> Path:
        """The people."""
        return self.root / "people.yaml"

    @property
    def recipients(self) -> Path:
        """The recipient register."""
        return self.root / "recipients"

    @property
    def policies(self) -> Path:
        """The policy files."""
        return self.root / "policies"

    @property
    def keys(self) -> Path:
        """The recipients' public keys, one file per fingerprint."""
        return self.root / "keys"

    @property
    def templates(self) -> Path:
        """The site's own templates, in place of shipped ones of the same name."""
        return self.root / "templates"

    @property
    def gnupg(self) -> Path:
        """The gateway's own GNUPGHOME."""
        return self.root / "gnupg"

    @property
    def drop(self) -> Path:
        """The file drop, a folder for each recipient."""
        return self.root / "drop"

    @property
    def spool(self) -> Path:
        """State and payloads."""
        return self.root / "spool"

    @property
    def policy_copies(self) -> Path:
        """Every policy set that was used, by its digest."""
        return self.root / "spool" / "policies"

    @property
    def policy_standing(self) -> Path:
        """Which set was approved by a second person, and which one is proposed."""
        return self.root / "spool" / "policy-standing.json"

    @property
    def audit_log(self) -> Path:
        """The audit log's lines."""
        return self.root / "audit" / "log"

    @property
    def audit_keys(self) -> Path:
        """The public keys by which anybody checks the audit log."""
        return self.root / "audit" / "vkeys"

    @property
    def pseudonym_keys(self) -> Path:
        """Under which keys the audit log may hold pseudonyms, and how each is recognised; never a key."""
        return self.root / "audit" / "pseudonym-keys"

    @property
    def transaction_log(self) -> Path:
        """Every request on the chain facility, as FSC logs it."""
        return self.root / "audit" / "fsc-transactions.jsonl"

    @property
    def service_log(self) -> Path:
        """The operational log."""
        return self.root / "log" / "service.jsonl"

    @property
    def socket(self) -> Path:
        """The API's socket."""
        return self.root / "run" / "api.sock"

    @property
    def secrets(self) -> Path:
        """The site key and its fellows."""
        return self.root / "secrets"

    @property
    def sample(self) -> Path:
        """Sample packages, and the sample recipients' secret keys; only in demonstrations."""
        return self.root / "sample"


def shipped(name: str) -> Path:
    """Find a folder that is shipped with the product: beside the package in a checkout, inside it in a wheel."""
    package = Path(gateway.__file__).parent
    inside = package / "_shipped" / name
    return inside if inside.is_dir() else package.parent / name
