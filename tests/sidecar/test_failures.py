"""What nobody foresaw is kept for staff, and nothing of what people typed."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.params import FromPath
from sqlalchemy import select

from sidecar.database import open_database
from sidecar.errors import HANDLERS
from sidecar.failures import MOST, keep
from sidecar.pages import Pages
from sidecar.schema import prepare
from sidecar.tables.work import Failure
from tests.conftest import ROOT
from tests.sidecar.test_database import run


async def kept(db) -> list[Failure]:
    async with db.read() as tx:
        return list(await tx.scalars(select(Failure).order_by(Failure.id)))


async def fail(db, words, place="POST /submit/{kind}"):
    try:
        raise ValueError(words)
    except ValueError as error:
        await keep(db, place, error)


def test_a_failure_is_kept_once_with_how_often_it_came(settings):
    async def story(db):
        for words in ("ada@a.example", "bea@a.example"):
            await fail(db, words)
        return await kept(db)

    (failure,) = run(settings, story)

    assert (failure.kind, failure.place, failure.count) == ("ValueError", "POST /submit/{kind}", 2)
    assert failure.trace.startswith("tests/sidecar/test_failures.py:")


def test_what_an_exception_says_is_not_kept(settings):
    async def story(db):
        await fail(db, "ada@a.example")
        return await kept(db)

    (failure,) = run(settings, story)

    assert not any("ada" in str(value) for value in vars(failure).values())


def test_only_the_newest_kinds_are_kept(settings):
    async def story(db):
        async with db.write() as tx:
            tx.add_all(Failure(key=str(n), kind="E", place="", trace="") for n in range(MOST))
        await fail(db, "")
        return await kept(db)

    found = run(settings, story)

    assert (len(found), found[-1].kind) == (MOST, "ValueError")


@pytest.mark.row("S337", "S050")
@pytest.mark.parametrize("env", ["development", "production"])
def test_a_page_that_fails_is_kept_and_shows_where_only_to_whoever_works_on_it(settings, env):
    @get("/broken/{secret:str}")
    async def broken(secret: FromPath[str]) -> None:
        raise ZeroDivisionError(secret)

    async def story():
        prepare(settings.database_url)
        db = open_database(settings)
        there = msgspec.structs.replace(settings, env=env)
        state = State(
            {
                "db": db,
                "settings": there,
                "pages": Pages(ROOT / "templates", ROOT, "http://test.example"),
            }
        )
        app = Litestar([broken], exception_handlers=HANDLERS, state=state)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.url) as client:
            answer = await client.get("/broken/abcdefgh", headers={"accept": "text/html"})
        failures = await kept(db)
        await db.close()
        return answer, failures

    answer, (failure,) = asyncio.run(story())

    assert answer.status_code == 500
    assert ("ZeroDivisionError: abcdefgh" in answer.text) is (env == "development")
    assert ("Traceback" in answer.text) is (env == "development")
    assert (failure.kind, failure.place) == ("ZeroDivisionError", "GET /broken/{secret}")
