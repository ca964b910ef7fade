"""When keys were used is noted after the answer, together, and a failure of it harms nothing."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from sidecar.bearers import Uses
from sidecar.tables.accounts import ApiKey
from tests.sidecar.test_api import key_for

BREAK = "ALTER TABLE api_keys RENAME TO api_keys_away"
MEND = "ALTER TABLE api_keys_away RENAME TO api_keys"


@pytest.fixture
def keys(service):
    """Three keys that were never used: their numbers."""
    user = service.account()
    for _ in range(3):
        key_for(service, user, "account:read")
    return service.rows(select(ApiKey.id).order_by(ApiKey.id))


def used(service):
    return service.rows(select(ApiKey.id).where(ApiKey.used.is_not(None)).order_by(ApiKey.id))


def test_keys_that_are_used_while_one_waits_for_its_turn_are_all_noted(service, keys):
    uses = Uses(service.db)

    async def story():
        async with service.db.write() as tx:
            await tx.execute(select(ApiKey).with_for_update())
            waiting = [asyncio.create_task(uses.note(key)) for key in keys]
            await asyncio.sleep(0.1)
        await asyncio.gather(*waiting)

    service.run(story())

    assert used(service) == keys


@pytest.mark.row("S002")
def test_a_use_that_cannot_be_written_is_left_out_and_the_next_one_is_noted(service, keys):
    uses = Uses(service.db)
    service.write(lambda tx: tx.execute(text(BREAK)))

    service.run(uses.note(keys[0]))
    service.write(lambda tx: tx.execute(text(MEND)))
    assert used(service) == []

    service.run(uses.note(keys[1]))
    assert used(service) == [keys[1]]


def test_a_key_that_was_revoked_meanwhile_is_no_failure(service, keys):
    service.run(Uses(service.db).note(max(keys) + 1))

    assert used(service) == []
