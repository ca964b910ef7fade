"""The JSON interface as its description says: schemathesis asks it what nobody would think of.

Signed out, and with the keys of a member and of staff: no answer is a 500, none has a shape or a status that is not described.
"""

from __future__ import annotations

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sidecar import database
from sidecar.keys import SCOPES
from sidecar.openapi import document
from sidecar.rates import Rates
from tests.sidecar.test_api import key_for

CHECKS = (
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
# Half are as the description says, half are not: wrong types, too long, control characters.
ASKED = settings(
    max_examples=30, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def every(*, is_for_staff):
    found = document("http://test.example", is_for_staff=is_for_staff)
    return [each.ok() for each in schemathesis.openapi.from_dict(found).get_all_operations()]


OPERATIONS = [*every(is_for_staff=False), *every(is_for_staff=True)]


def cases(operation):
    """What the description allows and what it does not, where it says anything at all."""
    is_asked_something = list(operation.iter_parameters()) or list(operation.body)
    modes = list(GenerationMode) if is_asked_something else [GenerationMode.POSITIVE]
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])


@pytest.mark.row("S287")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_whatever_nobody_a_member_and_staff_ask_is_answered_as_described(
    service, operation, monkeypatch
):
    monkeypatch.setattr(database, "ASKED_FOR", 60)  # it is well, however slow the machine is
    users = (service.account("eve", is_member=True), service.account("grace", "superuser"))
    keys = [key_for(service, user, *(scope.value for scope in SCOPES)) for user in users]
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=service.app))

    @ASKED
    @given(case=cases(operation))
    def ask(case):
        asked = case.as_transport_kwargs(base_url=service.settings.url)
        del asked["cookies"]  # none counts below /api/
        if "data" in asked:
            asked["content"] = asked.pop("data")
        # To think of what to ask takes longer than to answer it.
        for who in ({}, *({"Authorization": f"Bearer {key}"} for key in keys)):
            service.app.inner.state.rates = Rates()
            sent = asked | {"headers": {**asked["headers"], **who}}
            answer = service.run(client.request(**sent))
            if answer.status_code != 405:  # a method that nobody described
                case.validate_response(answer, checks=list(CHECKS))

    ask()
    service.run(client.aclose())
