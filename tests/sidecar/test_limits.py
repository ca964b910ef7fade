"""Limits that hold over all processes."""

from __future__ import annotations

import asyncio

import pytest
from litestar.exceptions import TooManyRequestsException
from sqlalchemy import func, select

from sidecar.limits import count, forget
from sidecar.tables.work import Limit
from tests.sidecar.test_database import run

HUNDRED_YEARS = 100 * 365 * 86400


@pytest.mark.row("S395")
def test_one_more_than_may_be_is_refused_and_told_when_to_come_back(settings):
    async def story(db):
        for _ in range(3):
            await count(db, "sign-in ada", most=3, seconds=HUNDRED_YEARS)
        await count(db, "sign-in bob", most=3, seconds=HUNDRED_YEARS)
        with pytest.raises(TooManyRequestsException) as refused:
            await count(db, "sign-in ada", most=3, seconds=HUNDRED_YEARS)
        return refused.value

    refused = run(settings, story)

    assert 0 < int(refused.headers["Retry-After"]) <= HUNDRED_YEARS


def test_many_at_once_are_all_counted(settings):
    async def story(db):
        tries = [count(db, "mail ada", most=99, seconds=HUNDRED_YEARS) for _ in range(20)]
        await asyncio.gather(*tries)
        async with db.read() as tx:
            return await tx.scalar(select(func.sum(Limit.count)))

    assert run(settings, story) == 20


def test_a_count_may_be_begun_anew(settings):
    async def story(db):
        for _ in range(3):
            await count(db, "factor 1", most=1, seconds=HUNDRED_YEARS)
            await forget(db, "factor 1")

    run(settings, story)


def test_a_key_may_be_as_long_as_somebody_types(settings):
    async def story(db):
        await count(db, "x" * 10_000, most=1, seconds=HUNDRED_YEARS)
        await forget(db, "x" * 10_000)

    run(settings, story)
