"""Policy sets that differ from the shipped one, and a reading of our own of what they permit.

The reading works on the plain files and shares no code with the product: it is what the product is compared with.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.bootstrap.layout import shipped
from gateway.policy.policy_files import sample_recipients

SECOND_MUNICIPALITY = "gemeente-tweede"
_FILES = ("documents", "fields", "kinds", "organisations", "purposes", "rules")
_ALL_KINDS = ("chain_partner", "municipality", "ngo", "guardian", "lawyer")
_ALWAYS_BLOCKED = frozenset({"bsn", "departureStrategy"})


@dataclass(frozen=True)
class PolicyVariant:
    """The policy files and the recipient register as plain data."""

    files: Mapping[str, Any]
    recipients: Mapping[str, Any]

    def spellings(self) -> dict[str, Any]:
        return {
            name: item for item in self.files["fields"]["fields"] for name in (item["id"], *item.get("aliases", ()))
        }

    def validator(self, path: str) -> str | None:
        """Give the form that a field's values must have, if it has one."""
        item: Any = self.spellings().get(path, {})
        form: str | None = item.get("validator")
        return form

    def field(self, path: str) -> str:
        """Give the id of the field that a path is a spelling of; the path itself for one that nobody classified."""
        item: Any = self.spellings().get(path, {"id": path})
        return str(item["id"])

    def purposes(self, recipient: str) -> list[Any]:
        purposes: list[Any] = self.files["purposes"]["purposes"][self.recipients[recipient]["kind"]]
        return purposes

    def permits(self, path: str, *, recipient: str, purpose: str, secret_address: bool) -> bool:
        """Tell whether a field may go to this recipient without anybody's further word."""
        item = self.spellings().get(path)
        if item is None or item["category"] != "ordinary":
            return False
        if any(_stops(rule, item, self.recipients[recipient]["kind"], secret_address) for rule in self._blocks()):
            return False
        needed = [each for each in self.purposes(recipient) if each["id"] == purpose and not each.get("refused")]
        given = [each for each in self.recipients[recipient]["permissions"] if each["purpose"] == purpose]
        return any(item["id"] in each["fields"] for each in needed) and any(
            item["id"] in each["fields"] for each in given
        )

    def _blocks(self) -> Iterator[Any]:
        return (rule["blocks"] for rule in self.files["rules"]["rules"] if "blocks" in rule)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both folders; give them as `load_policy_set` wants them."""
        policies, register = folder / "policies", folder / "recipients"
        for each in (policies, register):
            each.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            _write(policies / f"{name}.yaml", content)
        for name, content in self.recipients.items():
            _write(register / f"{name}.yaml", content)
        return policies, register


def _stops(block: Any, item: Any, kind: str, secret_address: bool) -> bool:
    about = item["id"] in block.get("fields", ()) or item.get("special") in block.get("special", ())
    now = block.get("when", "always") == "always" or secret_address
    return about and now and kind in block.get("for", _ALL_KINDS)


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


def make_variant(seed: int, *, fingerprints: Mapping[str, str]) -> PolicyVariant:
    """Change the shipped policy by chance; kinds that need a proof nobody can give yet need none here."""
    chance = random.Random(seed)
    variant = _shipped(fingerprints)
    for kind in variant.files["kinds"]["kinds"]:
        if kind["id"] in ("ngo", "lawyer"):
            kind["needs"] = []
    for edit in (_reclassify, _forget_spellings, _block, _narrow_purposes, _widen, _narrow_permissions, _address):
        if chance.random() < 0.6:
            edit(variant, chance)
    _cut_to_purposes(variant)
    return variant


def _shipped(fingerprints: Mapping[str, str]) -> PolicyVariant:
    folder = shipped("policies")
    files = {name: _read((folder / f"{name}.yaml").read_bytes()) for name in _FILES}
    samples = sample_recipients(folder, fingerprints=fingerprints)
    recipients = {Path(name).stem: _read(content) for name, content in samples.items()}
    second = _read(samples["gemeente-voorbeeld.yaml"])
    channel = {**second["channels"][0], "channel": "file-drop", "address": SECOND_MUNICIPALITY}
    second |= {"id": SECOND_MUNICIPALITY, "name": "Gemeente Tweede", "language": "en", "channels": [channel]}
    return PolicyVariant(files, recipients | {SECOND_MUNICIPALITY: second})


def _read(content: bytes) -> Any:
    return yaml.load(content, Loader=yaml.CSafeLoader)


def _every_purpose(variant: PolicyVariant) -> Iterator[tuple[str, Any]]:
    for kind, purposes in variant.files["purposes"]["purposes"].items():
        for purpose in purposes:
            if not purpose.get("refused"):
                yield kind, purpose


def _reclassify(variant: PolicyVariant, chance: random.Random) -> None:
    for item in chance.sample(variant.files["fields"]["fields"], 4):
        if "special" not in item:
            item["category"] = chance.choice(["internal", "criminal", "special"])
            item.update({"special": "health"} if item["category"] == "special" else {})
    internal = {item["id"] for item in variant.files["fields"]["fields"] if item["category"] == "internal"}
    for _, purpose in _every_purpose(variant):
        purpose["fields"] = [name for name in purpose["fields"] if name not in internal]


def _forget_spellings(variant: PolicyVariant, chance: random.Random) -> None:
    for item in chance.sample(variant.files["fields"]["fields"], 6):
        item["aliases"] = [alias for alias in item.get("aliases", []) if chance.random() < 0.5]


def _block(variant: PolicyVariant, chance: random.Random) -> None:
    kind, purpose = chance.choice(list(_every_purpose(variant)))
    # A rule that only repeats one before it is refused by the linter.
    named = {name for rule in variant.files["rules"]["rules"] for name in rule.get("blocks", {}).get("fields", ())}
    blocked = chance.sample([name for name in purpose["fields"] if name not in named], 2)
    rule = {"id": "field.own-rule", "step": 2, "article": "AVG art. 5", "nl": "Dit veld niet.", "en": "Not this one."}
    when = chance.choice(["always", "secret-address"])
    variant.files["rules"]["rules"].append(rule | {"blocks": {"fields": blocked, "for": [kind], "when": when}})
    for each, other in _every_purpose(variant):
        if each == kind and when == "always":
            other["fields"] = [name for name in other["fields"] if name not in blocked]


def _narrow_purposes(variant: PolicyVariant, chance: random.Random) -> None:
    for _, purpose in _every_purpose(variant):
        purpose["fields"] = [name for name in purpose["fields"] if chance.random() < 0.8]
        purpose["documents"] = [name for name in purpose["documents"] if chance.random() < 0.8]


def _widen(variant: PolicyVariant, chance: random.Random) -> None:
    ordinary = {item["id"] for item in variant.files["fields"]["fields"] if item["category"] == "ordinary"}
    blocked = {name for rule in variant.files["rules"]["rules"] for name in rule.get("blocks", {}).get("fields", ())}
    for recipient in variant.recipients.values():
        for permission in recipient["permissions"]:
            (purpose,) = (p for p in variant.files["purposes"]["purposes"][recipient["kind"]] if _is(p, permission))
            free = sorted(ordinary - blocked - set(purpose["fields"]) - _ALWAYS_BLOCKED)
            more = chance.sample(free, 2)
            purpose["fields"] += more
            permission["fields"] += more


def _is(purpose: Any, permission: Any) -> bool:
    return bool(purpose["id"] == permission["purpose"])


def _narrow_permissions(variant: PolicyVariant, chance: random.Random) -> None:
    for recipient in variant.recipients.values():
        for permission in recipient["permissions"]:
            permission["fields"] = chance.sample(permission["fields"], chance.randint(2, len(permission["fields"])))


def _address(variant: PolicyVariant, chance: random.Random) -> None:
    for recipient in variant.recipients.values():
        recipient |= {"language": chance.choice(["nl", "en"]), "tellLeftOut": chance.random() < 0.7}


def _cut_to_purposes(variant: PolicyVariant) -> None:
    """A permission can not be wider than its purpose; the checker refuses such a register."""
    for recipient in variant.recipients.values():
        purposes = {p["id"]: p for p in variant.files["purposes"]["purposes"][recipient["kind"]]}
        for permission in recipient["permissions"]:
            widest = purposes[permission["purpose"]]
            for key in ("fields", "documents"):
                if key in permission:
                    permission[key] = list(dict.fromkeys(name for name in permission[key] if name in widest[key]))
