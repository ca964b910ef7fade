"""Codes of an app and recovery codes: each works once, for its owner."""

from __future__ import annotations

import asyncio
import re
import time

import pyotp
import pytest
import segno
from sqlalchemy import select

from sidecar.clock import now
from sidecar.factors import (
    begin,
    codes_left,
    factors_of,
    forget,
    keep_app,
    make_codes,
    picture_of,
    replace_codes,
    step_of,
    use_app,
    use_code,
)
from sidecar.sealing import Unreadable
from sidecar.tables.accounts import Factor, RecoveryCode
from tests.sidecar.test_database import run, user

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
APP = pyotp.TOTP(SECRET)


def code(steps: int = 0) -> str:
    """What the app shows so many half minutes from now."""
    return APP.generate_otp(int(time.time()) // 30 + steps)


@pytest.fixture(autouse=True)
def early_in_a_half_minute():
    """Codes must not change in the middle of a test."""
    left = 30 - time.time() % 30
    if left < 5:
        time.sleep(left)


async def enrolled(db, settings) -> int:
    """The id of an account with an app whose last code was one of a minute ago."""
    async with db.write() as tx:
        tx.add(ada := user("ada"))
        await tx.flush()
        assert await keep_app(tx, settings, ada.id, SECRET, code(-1), "Phone")
    return ada.id


@pytest.mark.parametrize(("steps", "is_accepted"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_the_code_of_now_and_its_neighbours_are_accepted(steps, is_accepted):
    at = now()

    found = step_of(SECRET, APP.generate_otp(int(at.timestamp()) // 30 + steps), at)

    assert (found is not None) == bool(is_accepted)


@pytest.mark.parametrize(
    "typed", ["", " ", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", "x" * 9999]
)
def test_what_is_no_code_is_refused(typed):
    assert step_of(SECRET, typed, now()) is None


def test_a_code_works_once_and_none_before_it_either(settings):
    async def story(db):
        ada = await enrolled(db, settings)
        answers = []
        for typed in (code(-1), code(), code(), code(-1), code(1)):
            async with db.write() as tx:
                answers.append(await use_app(tx, settings, ada, typed))
        return answers

    assert run(settings, story) == [False, True, False, False, True]


def test_of_two_requests_with_one_code_one_is_let_in(settings):
    async def story(db):
        ada = await enrolled(db, settings)

        async def one() -> bool:
            async with db.write() as tx:
                return await use_app(tx, settings, ada, code())

        return await asyncio.gather(one(), one(), one())

    assert sorted(run(settings, story)) == [False, False, True]


def test_a_code_of_another_account_is_not_accepted(settings):
    async def story(db):
        await enrolled(db, settings)
        async with db.write() as tx:
            tx.add(bob := user("bob"))
            await tx.flush()
            return await use_app(tx, settings, bob.id, code())

    assert run(settings, story) is False


def test_an_app_is_kept_only_once_a_code_of_it_was_typed_and_its_secret_is_sealed(settings):
    async def story(db):
        async with db.write() as tx:
            tx.add(ada := user("ada"))
            await tx.flush()
            was_kept = await keep_app(tx, settings, ada.id, SECRET, "000000", "Phone")
            none = await factors_of(tx, ada.id)
            await keep_app(tx, settings, ada.id, SECRET, code(), "Phone")
        async with db.read() as tx:
            return was_kept, len(none), await tx.scalar(select(Factor.secret))

    was_kept, none, kept = run(settings, story)

    assert (was_kept, none) == (False, 0)
    assert SECRET not in kept


def test_a_secret_moved_to_another_account_is_of_no_use(settings):
    async def story(db):
        await enrolled(db, settings)
        async with db.write() as tx:
            tx.add(eve := user("eve"))
            await tx.flush()
            stolen = await tx.scalar(select(Factor.secret))
            tx.add(Factor(user_id=eve.id, kind="totp", name="Stolen", secret=stolen))
            await tx.flush()
            return await use_app(tx, settings, eve.id, code())

    assert not run(settings, story)


def test_a_recovery_code_works_once_however_it_is_typed(settings):
    codes = make_codes()
    typed = (codes[0], codes[0], codes[1].upper().replace("-", " "), "abcd-efgh-jkmn-pqrs", "")

    async def story(db):
        ada = await enrolled(db, settings)
        async with db.write() as tx:
            await replace_codes(tx, ada, codes)
            answers = [await use_code(tx, ada, one) for one in typed]
            return (
                answers,
                await codes_left(tx, ada),
                list(await tx.scalars(select(RecoveryCode.code))),
            )

    answers, left, kept = run(settings, story)

    assert (answers, left) == ([True, False, True, False, False], 8)
    assert not {codes[2], codes[2].replace("-", "")} & set(kept)


def test_new_recovery_codes_take_the_place_of_the_old(settings):
    old, new = make_codes(), make_codes()

    async def story(db):
        ada = await enrolled(db, settings)
        async with db.write() as tx:
            await replace_codes(tx, ada, old)
            await replace_codes(tx, ada, new)
            return await use_code(tx, ada, old[0]), await use_code(tx, ada, new[0])

    assert run(settings, story) == (False, True)


def test_whoever_lost_their_factors_has_none_afterwards(settings):
    async def story(db):
        ada = await enrolled(db, settings)
        async with db.write() as tx:
            await replace_codes(tx, ada, make_codes())
            gone = await forget(tx, ada)
            return gone, await factors_of(tx, ada), await codes_left(tx, ada)

    assert run(settings, story) == (1, [], 0)


def test_what_is_shown_at_enrolment_comes_back_with_the_form_of_that_session_alone(settings):
    shown = begin(settings, 12, "ada")

    again = begin(settings, 12, "ada", shown.sealed)

    assert again == shown
    assert (
        shown.address
        == f"otpauth://totp/test.example:ada?secret={shown.secret}&issuer=test.example"
    )
    assert shown.secret not in shown.sealed
    with pytest.raises(Unreadable):
        begin(settings, 13, "ada", shown.sealed)


def test_the_picture_has_the_dark_squares_of_the_qr_code_and_a_quiet_edge():
    text = "otpauth://totp/python.org:ada?secret=JBSWY3DPEHPK3PXP&issuer=python.org"
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]

    picture = picture_of(text)

    drawn = [[0] * picture.width for _ in range(picture.width)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", picture.way):
        for n in range(int(length)):
            drawn[int(y)][int(x) + n] = 1
    assert drawn == [[int(square) for square in row] for row in rows]
    assert not any(drawn[0] + drawn[3])
