"""Whether an address is of a service whose addresses live for minutes: by disposable.txt beside this."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sidecar.fairness import domain_of

LIST = Path(__file__).with_name("disposable.txt")


@cache
def domains() -> frozenset[str]:
    """All domains of the list."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def is_disposable(address: str) -> bool:
    """Is the domain of an address, or one that it is below, on the list?

    >>> is_disposable("a@mailinator.com"), is_disposable("a@eu.mailinator.com")
    (True, True)
    >>> is_disposable("a@notmailinator.com")
    False
    """
    parts = domain_of(address).split(".")
    return any(".".join(parts[n:]) in domains() for n in range(len(parts)))
