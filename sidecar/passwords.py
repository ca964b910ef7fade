"""Passwords: which are good enough, and the hashes that are kept of them.

Hashing is slow on purpose.  It is done in threads, at most two at once, never inside a transaction;
who would wait longer than two seconds is asked to come again.

    stored = await passwords.hashed(given)                  # of a new password
    check = await passwords.checked(given, user.password)   # check.is_right, check.better
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from litestar.exceptions import ServiceUnavailableException

SHORTEST, LONGEST, SIGNS = 10, 256, 5
AT_ONCE, LONGEST_WAIT = 2, 2.0
BUSY = "Too many people are signing in at this moment. Try again in a few seconds."
# Of OWASP's choices the one with the least memory: the library's own would need 64 MiB each.
ARGON = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# A hash of nothing that anybody can type: checking it takes as long as checking a real one.
NOBODYS = ARGON.hash("\0")
# What is tried first everywhere, without the figures and signs people put around it.
KNOWN = frozenset(
    """
    abc abcabc abcdef abcdefg abcdefgh abcdefghij admin administrator adminadmin asdf asdfasdf
    asdfgh asdfghjkl azerty azertyuiop baseball changeme charlie default demo dragon football guest
    hello helloworld iloveyou iloveyoupython letmein login loveyou master michael monkey mustang
    mypassword newpassword nothing nopassword pass passpass passphrase passw password passwordpassword
    princess python pythonista pythonpassword pythonpython pythonrocks pythonsoftware
    pythonsoftwarefoundation pypi qazwsx qazwsxedc qwert qwerty qwertyqwerty qwertyuiop root secret
    secretpassword shadow starwars sunshine superman test testtest testing testpassword toor
    trustno unknown user username welcome welcomehome whatever wordpass zaqwsx zxcvbn zxcvbnm
    """.split()  # noqa: SIM905 (as a list it would be a hundred lines)
)
NUMBER = re.compile(r"[\d\s().+/-]*")
LOOKALIKES = str.maketrans("@4310$5!7", "aaeiossit")
T = TypeVar("T")


class Rule(NamedTuple):
    """What a password must be, in the words of the form, and whether it is: of it and own words."""

    says: str
    is_kept: Callable[[str, tuple[str, ...]], bool]


def _is_of_many_signs(password: str, _: tuple[str, ...]) -> bool:
    return len(set(password)) >= SIGNS


def _is_no_number(password: str, _: tuple[str, ...]) -> bool:
    return not NUMBER.fullmatch(password)


def _is_no_known_one(password: str, _: tuple[str, ...]) -> bool:
    """It is not "password", nor "P4ssw0rd2026!"."""
    lowered = password.casefold()
    letters = [n for n, sign in enumerate(lowered) if sign.isalpha()]
    end = letters[-1] + 1 if letters else 0
    core = lowered[letters[0] : end] if letters else ""
    return KNOWN.isdisjoint({core, core.translate(LOOKALIKES), lowered[:end].translate(LOOKALIKES)})


def _has_no_own_word(password: str, own: tuple[str, ...]) -> bool:
    """It is not a name or an address with a little around it."""
    lowered = password.casefold()
    words = {part for word in own for part in (word.casefold(), word.casefold().partition("@")[0])}
    return not any(
        len(word) >= 4 and word in lowered and len(lowered) - len(word) < 8 for word in words
    )


RULES = (
    Rule(f"at least {SHORTEST} characters", lambda password, _: len(password) >= SHORTEST),
    Rule(f"at most {LONGEST} characters", lambda password, _: len(password) <= LONGEST),
    Rule(f"at least {SIGNS} different characters", _is_of_many_signs),
    Rule("not a number or a date", _is_no_number),
    Rule("not one that is tried first, such as “Password123!”", _is_no_known_one),
    Rule("not your name or address with a little around it", _has_no_own_word),
)


class Shown(NamedTuple):
    """What a form shows of the rules, and what static/js/passwords.js checks them by."""

    says: tuple[str, ...]
    shortest: int
    longest: int
    signs: int
    known: str


SHOWN = Shown(tuple(rule.says for rule in RULES), SHORTEST, LONGEST, SIGNS, " ".join(sorted(KNOWN)))


def broken_rules(password: str, own: Iterable[str] = ()) -> list[str]:
    """The rules that a password breaks; `own` are the name, address and full name of its owner.

    >>> broken_rules("P4ssword-2026")
    ['not one that is tried first, such as “Password123!”']
    >>> broken_rules("three wet boots")
    []
    """
    words = tuple(own)
    return [rule.says for rule in RULES if not rule.is_kept(password, words)]


class Check(NamedTuple):
    """Was a password the right one?  `better` is a new hash to keep, where the old one is weak."""

    is_right: bool
    better: str = ""


def make_hash(password: str) -> str:
    """Hash a password; this takes a while."""
    return ARGON.hash(_bytes(password))


def check_hash(password: str, stored: str) -> Check:
    """Check a password against a hash of ours or one of Django's; this takes a while.

    Without a hash (nobody of that name, or no password set) it is wrong, after the same time.
    """
    if stored.startswith("pbkdf2_sha256$"):
        is_right = _is_djangos(password, stored)
        return Check(is_right, make_hash(password) if is_right else "")
    try:
        ARGON.verify(stored or NOBODYS, _bytes(password))
    except (VerificationError, InvalidHashError):
        return Check(is_right=False)
    if not stored:
        return Check(is_right=False)
    return Check(True, make_hash(password) if ARGON.check_needs_rehash(stored) else "")


def _bytes(password: str) -> bytes:
    """Keyboards write é in two ways; both are the same password."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _is_djangos(password: str, stored: str) -> bool:
    try:
        _, rounds, salt, digest = stored.split("$")
        made = hashlib.pbkdf2_hmac(
            "sha256", password.encode("utf-8", "surrogatepass"), salt.encode(), int(rounds)
        )
    except (ValueError, OverflowError):
        return False
    return hmac.compare_digest(base64.b64encode(made).decode(), digest)


class Passwords:
    """The turn that hashing takes in a process; the application's is `state.passwords`."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        # Threads of its own: each thread that ever hashed keeps the memory of one hash.
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")

    async def hashed(self, password: str) -> str:
        """The hash to keep of a password."""
        return await self._in_turn(make_hash, password)

    async def checked(self, password: str, stored: str) -> Check:
        """Is it the password that was hashed?"""
        return await self._in_turn(check_hash, password, stored)

    async def _in_turn(self, work: Callable[..., T], *given: str) -> T:
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._turns.acquire()
        except TimeoutError:
            raise ServiceUnavailableException(BUSY, headers={"Retry-After": "3"}) from None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._turns.release()
