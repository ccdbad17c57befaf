"""Peer for decisions: Cedar by cedarpy, with the meaning of the shipped policies for fields.

A permission is a `permit` for its recipient and purpose over a group of fields; what is special or criminal goes inside
the small chain only. Each rule of policies/rules.yaml that blocks is a `forbid`. Policies and entities are parsed once.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import cedarpy
import yaml

from gateway.policy.policy_set import PolicySet
from tests.unit.policy.building import SHIPPED

_FORBID = """
@id("field.internal")
forbid(principal, action, resource) when { resource.category == "internal" };
@id("field.biometrics")
forbid(principal, action, resource) when { resource.special == "biometrics" };
@id("field.genetics")
forbid(principal, action, resource) when { resource.special == "genetics" };
@id("field.bsn")
forbid(principal, action, resource)
when { resource.id == "bsn" && ["ngo", "guardian", "lawyer"].contains(principal.kind) };
@id("field.departure-strategy")
forbid(principal, action, resource) when { resource.id == "departureStrategy" && principal.kind == "ngo" };
@id("field.secret-address")
forbid(principal, action, resource) when { context.secretAddress && resource.address };
"""
_PERMIT = """
permit(principal == Recipient::"%s", action == Action::"%s", resource in Permission::"%s")
when { resource.category == "ordinary" || principal.smallChain };
"""


def deciding(policy: PolicySet, *, recipient: str, purpose: str, paths: tuple[str, ...]) -> Callable[[], list[bool]]:
    """Give what decides one package: every path in one batch of questions."""
    register = _shipped("sample/recipients/*.yaml")
    permits = "".join(
        _PERMIT % (each["id"], given["purpose"], f"{each['id']}/{given['purpose']}")
        for each in register
        for given in each["permissions"]
    )
    policies = cedarpy.PolicySet.from_str(_FORBID + permits)
    entities = cedarpy.Entities.from_json_str(json.dumps([*_fields(register), *_recipients(policy)]))
    requests = [
        {
            "principal": f'Recipient::"{recipient}"',
            "action": f'Action::"{purpose}"',
            "resource": f'Field::"{path}"',
            "context": {"secretAddress": False},
        }
        for path in paths
    ]
    return lambda: [each.allowed for each in cedarpy.is_authorized_batch(requests, policies, entities)]


def _fields(register: list[Any]) -> Iterator[dict[str, Any]]:
    hidden = next(rule for rule in _shipped("rules.yaml")[0]["rules"] if rule["id"] == "field.secret-address")["blocks"]
    for item in _shipped("fields.yaml")[0]["fields"]:
        given = [
            {"type": "Permission", "id": f"{each['id']}/{permission['purpose']}"}
            for each in register
            for permission in each["permissions"]
            if item["id"] in permission["fields"]
        ]
        about = {
            "id": item["id"],
            "category": item["category"],
            "special": item.get("special", ""),
            "address": item["id"] in hidden["fields"],
        }
        for spelling in (item["id"], *item.get("aliases", ())):
            yield {"uid": {"type": "Field", "id": spelling}, "attrs": about, "parents": given}


def _recipients(policy: PolicySet) -> Iterator[dict[str, Any]]:
    for each in policy.recipients.values():
        about = {"kind": each.kind.value, "smallChain": each.small_chain}
        yield {"uid": {"type": "Recipient", "id": each.id}, "attrs": about, "parents": []}


def _shipped(pattern: str) -> list[Any]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SHIPPED.glob(pattern))]
