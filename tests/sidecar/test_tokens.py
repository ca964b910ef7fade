"""Tokens that work once, for one purpose, for a while."""

from __future__ import annotations

import asyncio
import datetime

import pytest
from sqlalchemy import update

from sidecar.clock import now
from sidecar.tables.accounts import Purpose, Token
from sidecar.tokens import forget, look, make, spend, was_used
from tests.sidecar.test_database import run, user


async def made(db, **data) -> tuple[int, str]:
    async with db.write() as tx:
        tx.add(ada := user("ada"))
        await tx.flush()
        return ada.id, await make(tx, Purpose.RESET, ada.id, data)


async def spent(db, purpose: Purpose, token: str) -> Token | None:
    async with db.write() as tx:
        return await spend(tx, purpose, token)


@pytest.mark.row("S032", "S048")
def test_a_token_works_once_and_brings_what_it_was_given(settings):
    async def story(db):
        ada, token = await made(db, to="ada@b.example")
        async with db.read() as tx:
            seen = await look(tx, Purpose.RESET, token)
        first, second = [await spent(db, Purpose.RESET, token) for _ in range(2)]
        async with db.read() as tx:
            return ada, seen, first, second, await was_used(tx, Purpose.RESET, token)

    ada, seen, first, second, used = run(settings, story)

    assert (seen.user_id, first.user_id, first.data) == (ada, ada, {"to": "ada@b.example"})
    assert (second, used.id) == (None, first.id)


@pytest.mark.row("S032", "S048")
def test_a_token_of_another_purpose_one_that_is_too_old_and_one_nobody_made_do_not_work(settings):
    async def story(db):
        _, token = await made(db)
        answers = [
            await spent(db, Purpose.CONFIRM, token),
            await spent(db, Purpose.RESET, "\ud800"),
        ]
        async with db.write() as tx:
            await tx.execute(update(Token).values(expires=now() - datetime.timedelta(seconds=1)))
        return [*answers, await spent(db, Purpose.RESET, token)]

    assert run(settings, story) == [None, None, None]


def test_of_two_who_spend_a_token_at_once_one_gets_it(settings):
    async def story(db):
        _, token = await made(db)
        return await asyncio.gather(*(spent(db, Purpose.RESET, token) for _ in range(4)))

    assert sum(found is not None for found in run(settings, story)) == 1


def test_tokens_that_are_forgotten_do_not_work(settings):
    async def story(db):
        ada, token = await made(db)
        async with db.write() as tx:
            await forget(tx, Purpose.RESET, ada)
        return await spent(db, Purpose.RESET, token)

    assert run(settings, story) is None
