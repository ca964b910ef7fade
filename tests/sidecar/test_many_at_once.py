"""Many who hand something in at the same moment, and what is kept of each."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import select

from sidecar.tables.cases import Submission, Submitter
from tests.sidecar.conftest import HIDDEN, Service
from tests.sidecar.test_cases import FORM, GOOD

MANY = 50


@pytest.fixture
def deployment(ready):
    """A service behind a proxy, so that each visitor comes from a network of their own."""
    running = Service(msgspec.structs.replace(ready, proxies="127.0.0.1"))
    yield running
    running.close()


def handed_in_by(deployment, number):
    """Open the form in a browser of its own; what sends it."""
    browser = deployment.browser()
    headers = {"x-forwarded-for": f"203.0.113.{number}", "accept": "text/html"}
    browser.client.headers.update(headers)
    shown = browser.get(FORM)
    hidden = dict(HIDDEN.findall(shown.text))
    typed = {**GOOD, "sender": f"ada{number}@d{number}.example"}
    return lambda: browser.client.post(FORM, data=hidden | typed)


@pytest.mark.row("S018", "S003")
def test_fifty_at_once_are_all_kept_each_under_an_address_of_its_own(deployment):
    senders = [handed_in_by(deployment, number) for number in range(MANY)]

    async def all_of_them():
        return await asyncio.gather(*(send() for send in senders))

    answers = deployment.run(all_of_them())

    assert {answer.status_code for answer in answers} == {303}
    kept = deployment.rows(select(Submission))
    assert len(kept) == MANY
    assert {row.title for row in kept} == {GOOD["title"]}
    assert len({row.public_id for row in kept}) == MANY
    assert {row.public_id for row in kept}.isdisjoint(str(row.id) for row in kept)
    assert all(row.created and row.updated and row.version for row in kept)
    senders_kept = {row.id: row.email for row in deployment.rows(select(Submitter))}
    assert {senders_kept[row.submitter_id] for row in kept} == {
        f"ada{number}@d{number}.example" for number in range(MANY)
    }
