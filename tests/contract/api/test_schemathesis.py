"""Schemathesis holds the application against its own OpenAPI document, in process, with the same cases each time."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.types import ASGIApp

from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.settings import ApiSettings
from tests.contract.api.conftest import UID, as_peer
from tests.contract.api.fake_gateway import AN_ID, FakeGateway, caseworker
from tests.contract.api.manifests import with_documents
from tests.examples import examples

# What no schema can say is 400 too, by the design rules: a file name that stands twice, a form in another order.
_ACCEPTED = ["2xx", "400", "401", "403", "404", "409"]
_CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": _ACCEPTED}}}
_OPERATIONS = [
    "submitPackage",
    "listPackages",
    "showPackage",
    "putDocument",
    "showDecision",
    "showSlip",
    "listHolds",
    "showHold",
    "showHeldDocument",
    "showHeldPage",
    "createReview",
    "showReplay",
    "createPreview",
    "listRecipients",
    "showPolicy",
    "listPolicyChanges",
    "createPolicyProposal",
    "createPolicyApproval",
    "listKeys",
    "createKey",
    "createKeyTrust",
    "createKeyRetirement",
    "createKeyRotation",
    "createPseudonymKey",
    "createRecipientTest",
    "createAuditDeletion",
    "createToken",
    "showOpenapi",
    "withdrawPackage",
]
_WITHOUT_INPUT = {"listRecipients", "showPolicy", "listPolicyChanges", "listKeys", "showOpenapi"}
_MODES = {True: schemathesis.GenerationMode.POSITIVE, False: schemathesis.GenerationMode.NEGATIVE}


def application() -> ASGIApp:
    gateway = FakeGateway()
    gateway.has_register = False
    gateway.people = {UID: caseworker(roles=("caseworker", "privacy-officer"))}
    gateway.may_be = {UID: {"a-voorbeeld"}}
    return as_peer(build_app(gateway, settings=ApiSettings()), UID)


@pytest.fixture(scope="module")
def api() -> OpenApiSchema:
    """The document as the application gives it, beside an application that has a package with documents."""
    config = schemathesis.Config.from_dict(_CONFIG)
    found = schemathesis.openapi.from_asgi("/v1/openapi.json", application(), config=config)
    declared = with_documents(*(f"{number}.txt" for number in range(1, 501)))
    submit = found.find_operation_by_id("submitPackage")
    assert 201 == submit.Case(body=declared, media_type="application/json").call().status_code
    return found


@pytest.mark.hypothesis
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("operation_id", _OPERATIONS)
def test_every_answer_keeps_the_promises_of_the_document(
    api: OpenApiSchema, operation_id: str, mode: schemathesis.GenerationMode
) -> None:
    operation = api.find_operation_by_id(operation_id)
    right = mode is schemathesis.GenerationMode.POSITIVE or operation_id in _WITHOUT_INPUT
    there = {"id": AN_ID} if right and "{id}" in operation.path else None
    statuses: set[int] = set()

    @settings(
        max_examples=examples(15, many=200), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=_MODES[right], path_parameters=there))
    def holds(case: schemathesis.Case[Any]) -> None:
        statuses.add(case.call_and_validate().status_code)

    holds()
    # The package has no decision and no slip while documents are missing, and its own sender may not review it. No
    # digest that was made up is that of the rules, no content is a key, and no fingerprint one that is known.
    expected = {
        "showDecision": {404},
        "showSlip": {404},
        "showHold": {404},
        "showHeldDocument": {404},
        "showHeldPage": {404},
        "showReplay": {404},
        "createReview": {403},
        "createPolicyProposal": {409},
        "createPolicyApproval": {409},
        "createKey": {400},
        "createKeyTrust": {404},
        "createKeyRetirement": {404},
        "createKeyRotation": {403},
        "createPseudonymKey": {403},
        "createRecipientTest": {400},
        "createAuditDeletion": {201, 409},
    }.get(operation_id, {200, 201})
    assert not right or statuses & expected


def test_no_operation_is_left_out(api: OpenApiSchema) -> None:
    paths = api.raw_schema["paths"].values()
    assert set(_OPERATIONS) == {each["operationId"] for item in paths for each in item.values()}
