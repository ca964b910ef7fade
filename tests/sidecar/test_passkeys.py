"""Passkeys: a device proves who somebody is, for one place, once, and not for another site."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from sidecar.ahead import set_right
from sidecar.clock import now
from sidecar.factors import factors_of
from sidecar.passkeys import (
    GOOD_FOR,
    Refused,
    challenge,
    find,
    keep_passkey,
    moment_of,
    note_use,
    options_to_add,
    options_to_prove,
    read_new,
    read_proof,
)
from sidecar.settings import Settings
from sidecar.tables.accounts import Factor
from tests.sidecar.authenticator import PRESENT, Device, decoded
from tests.sidecar.test_database import run, user

URL = "http://test.example"
ALONE = Settings(secret="x" * 40, url=URL)


async def enrolled(db, settings, device: Device) -> int:
    """The id of an account that has the passkey of a device."""
    async with db.write() as tx:
        tx.add(ada := user("ada"))
        await tx.flush()
        options = options_to_add(settings, "session 1", ada.id, "ada", ())
        new = read_new(settings, "session 1", device.make(options))
        assert await keep_passkey(tx, ada.id, new, "Key ring")
    return ada.id


async def proven(db, settings, answer: str, place: str = "sign-in 5") -> bool:
    async with db.write() as tx:
        factor = await find(tx, answer)
        return await note_use(tx, read_proof(settings, place, factor, answer))


def test_a_device_that_was_kept_proves_who_somebody_is(settings):
    device = Device(URL)

    async def story(db):
        ada = await enrolled(db, settings, device)
        async with db.read() as tx:
            options = options_to_prove(settings, "sign-in 5", await factors_of(tx, ada))
        return options, await proven(db, settings, device.prove(options))

    options, was_proven = run(settings, story)

    assert [decoded(c["id"]) for c in json.loads(options)["allowCredentials"]] == [device.id]
    assert was_proven


def test_an_answer_that_was_given_once_proves_nothing_more(settings):
    device = Device(URL, counts=False)

    async def story(db):
        await enrolled(db, settings, device)
        answer = device.prove(options_to_prove(settings, "sign-in 5", ()))
        return [await proven(db, settings, answer) for _ in range(2)]

    assert run(settings, story) == [True, False]


def test_a_passkey_that_was_used_while_a_clock_was_ahead_goes_on_proving(settings):
    device = Device(URL)

    async def story(db):
        await enrolled(db, settings, device)
        await proven(db, settings, device.prove(options_to_prove(settings, "sign-in 5", ())))
        ahead = now() + datetime.timedelta(days=400)
        await db.put(update(Factor).values(used=ahead))
        await set_right(db)
        return await proven(db, settings, device.prove(options_to_prove(settings, "sign-in 5", ())))

    assert run(settings, story)


def test_a_device_that_was_copied_and_counts_backwards_is_refused(settings):
    device = Device(URL)

    async def story(db):
        await enrolled(db, settings, device)
        device.uses = 8
        await proven(db, settings, device.prove(options_to_prove(settings, "sign-in 5", ())))
        device.uses = 3
        with pytest.raises(Refused):
            await proven(db, settings, device.prove(options_to_prove(settings, "sign-in 5", ())))

    run(settings, story)


def test_a_passkey_is_kept_once(settings):
    device = Device(URL)

    async def story(db):
        ada = await enrolled(db, settings, device)
        new = read_new(
            settings, "session 1",
            device.make(options_to_add(settings, "session 1", ada, "ada", ())),
        )  # fmt: skip
        async with db.write() as tx:
            was_kept = await keep_passkey(tx, ada, new, "Again")
            return was_kept, len(await factors_of(tx, ada))

    assert run(settings, story) == (False, 1)


def test_a_device_is_told_which_passkeys_an_account_has_already(settings):
    device = Device(URL)

    async def story(db):
        ada = await enrolled(db, settings, device)
        async with db.read() as tx:
            return options_to_add(settings, "session 1", ada, "ada", await factors_of(tx, ada))

    options = json.loads(run(settings, story))

    assert [decoded(c["id"]) for c in options["excludeCredentials"]] == [device.id]
    assert options["rp"] == {"id": "test.example", "name": "Python.org"}
    assert decoded(options["user"]["id"]) != b"1"


@pytest.mark.parametrize(
    ("settings_", "place", "device"),
    [
        (ALONE, "session 1", Device("https://evil.example")),
        (ALONE, "session 2", Device(URL)),
        (Settings(secret="y" * 40, url=URL), "session 1", Device(URL)),
    ],
    ids=["another site", "another session", "a challenge that is not ours"],
)
def test_an_answer_for_another_site_or_place_makes_no_passkey(settings_, place, device):
    answer = device.make(options_to_add(ALONE, "session 1", 1, "ada", ()))

    with pytest.raises(Refused):
        read_new(settings_, place, answer)


def test_a_device_that_did_not_ask_who_uses_it_says_so(settings):
    device = Device(URL)

    async def story(db):
        await enrolled(db, settings, device)
        answer = device.prove(options_to_prove(settings, "sign-in", ()), PRESENT)
        async with db.read() as tx:
            return read_proof(settings, "sign-in", await find(tx, answer), answer).is_verified

    assert run(settings, story) is False


def test_without_a_list_any_passkey_of_the_site_may_answer_if_it_asks_who_uses_it():
    options = json.loads(options_to_prove(ALONE, "sign-in", ()))

    assert options["userVerification"] == "required"
    assert options.get("allowCredentials", []) == []


def test_a_challenge_is_good_for_a_quarter_of_an_hour():
    fresh = challenge(ALONE, "session 1", now() - GOOD_FOR + datetime.timedelta(seconds=5))
    old = challenge(ALONE, "session 1", now() - GOOD_FOR - datetime.timedelta(seconds=5))

    assert moment_of(ALONE, "session 1", fresh) < now()
    with pytest.raises(Refused):
        moment_of(ALONE, "session 1", old)


@given(st.one_of(st.text(), st.recursive(st.text(), lambda j: st.dictionaries(
    st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON"]), j)).map(json.dumps)))  # fmt: skip
def test_whatever_is_sent_instead_of_an_answer_is_refused(answer):
    with pytest.raises(Refused):
        read_new(ALONE, "session 1", answer)
