"""Passwords: which are good enough, how they are hashed, and what happens when many come at once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import threading
import time
import unicodedata

import pytest
from argon2 import PasswordHasher
from litestar.exceptions import ServiceUnavailableException

from sidecar import passwords
from sidecar.passwords import RULES, Passwords, broken_rules, check_hash, make_hash
from tests.conftest import ROOT


def djangos(password: str, rounds: int = 1000) -> str:
    """A hash as Django keeps it."""
    made = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", rounds)
    return f"pbkdf2_sha256${rounds}$salt${base64.b64encode(made).decode()}"


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("nine sign", 0),
        ("x1" * 129, 1),
        ("aabbaabbaabb", 2),
        ("24.12.2001 42", 3),
        ("Password123!", 4),
        ("p@$$w0rd2026", 4),
        ("@dmin1234567", 4),
        ("qwertyuiop", 4),
        ("margaret1234", 5),
        ("m.hamilton!!", 5),
    ],
)
def test_a_weak_password_breaks_the_rule_that_says_why(password, rule):
    found = broken_rules(password, ("margaret", "m.hamilton@example.org", ""))

    assert RULES[rule].says in found


@pytest.mark.parametrize(
    "password",
    [
        "three wet boots",
        "correct horse battery staple",
        "Tr0ub4dor&3xy",
        "пароль на каждый день",
        "margaret has a password of her own",
        ":-)*&^%$#@~",
        "n3w! " * 51,
    ],
)
def test_a_password_of_some_length_is_good_whatever_its_characters(password):
    assert broken_rules(password, ("margaret", "m.hamilton@example.org")) == []


@pytest.mark.row("S035")
def test_a_hash_is_of_the_measured_cost_and_holds_nothing_of_the_password():
    stored = make_hash("three wet boots")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "boots" not in stored
    assert stored != make_hash("three wet boots")


@pytest.mark.row("S035")
@pytest.mark.parametrize("password", ["three wet boots", "x" * 200, "é" * 40, "\ud800 lone"])
def test_the_right_password_is_right_and_another_is_not(password):
    stored = make_hash(password)

    assert check_hash(password, stored) == (True, "")
    assert check_hash(password + "x", stored) == (False, "")


def test_an_accent_typed_in_either_way_is_the_same_password():
    stored = make_hash(unicodedata.normalize("NFC", "café au lait"))

    assert check_hash(unicodedata.normalize("NFD", "café au lait"), stored).is_right


@pytest.mark.row("S319", "S320")
def test_hashes_are_made_and_checked_in_one_place():
    code = sorted((ROOT / "sidecar").rglob("*.py"))

    knowing = [p.name for p in code if re.search(r"argon2|pbkdf2|scrypt|bcrypt", p.read_text())]

    assert knowing == ["passwords.py"]
    # passlib has had no release since 2020.
    locked = (ROOT / "requirements/sidecar.txt").read_text()
    assert "\nargon2-cffi==" in locked
    assert "passlib" not in locked


def test_a_hash_of_django_is_accepted_and_a_better_one_is_given():
    right = check_hash("three wet boots", djangos("three wet boots"))

    assert right.is_right
    assert check_hash("three wet boots", right.better) == (True, "")
    assert check_hash("three dry boots", djangos("three wet boots")) == (False, "")


def test_a_hash_of_less_cost_is_made_anew():
    weak = PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1).hash("three wet boots")

    better = check_hash("three wet boots", weak).better

    assert better.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "stored", ["", "!", "pbkdf2_sha256$x$y", "pbkdf2_sha256$-1$a$b", "md5$1$2"]
)
def test_without_a_hash_that_can_be_read_every_password_is_wrong(stored):
    assert check_hash("\0", stored) == (False, "")


@pytest.mark.row("S047")
def test_nobody_takes_as_long_as_somebody():
    stored = make_hash("three wet boots")

    def seconds(of: str) -> float:
        began = time.perf_counter()
        for _ in range(5):
            check_hash("three dry boots", of)
        return time.perf_counter() - began

    assert seconds("") > seconds(stored) / 3


def test_at_most_two_are_hashed_at_once(monkeypatch):
    now, most = 0, 0

    def count(_: str) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        time.sleep(0.02)
        now -= 1
        return ""

    monkeypatch.setattr(passwords, "make_hash", count)

    async def many() -> None:
        turns = Passwords()
        await asyncio.gather(*(turns.hashed("x") for _ in range(8)))

    asyncio.run(many())

    assert most == 2


def test_the_same_two_threads_hash_for_good(monkeypatch):
    monkeypatch.setattr(passwords, "make_hash", lambda _: threading.current_thread().name)

    async def many() -> set[str]:
        turns = Passwords()
        return {await turns.hashed("x") for _ in range(20)}

    assert asyncio.run(many()) <= {"passwords_0", "passwords_1"}


def test_who_would_wait_too_long_is_asked_to_come_again(monkeypatch):
    monkeypatch.setattr(passwords, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(passwords, "make_hash", lambda _: time.sleep(0.2))

    async def many() -> list[object]:
        turns = Passwords()
        return await asyncio.gather(*(turns.hashed("x") for _ in range(3)), return_exceptions=True)

    answers = asyncio.run(many())

    (refused,) = [answer for answer in answers if answer is not None]
    assert isinstance(refused, ServiceUnavailableException)
    assert (refused.status_code, refused.headers) == (503, {"Retry-After": "3"})
