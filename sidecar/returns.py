"""Where somebody is led to after a form: an address of ours, never one of another site."""

from __future__ import annotations

from urllib.parse import urlsplit

# Browsers take a backslash for a slash, and leave out these signs before they look at an address.
ODD = frozenset("\\\t\r\n")
LONGEST = 2000


def own_address(given: str, otherwise: str = "/") -> str:
    """The address that was asked for, if it is a path of this site.

    >>> own_address("/account/keys/?page=2")
    '/account/keys/?page=2'
    >>> own_address("//evil.example/"), own_address("https://evil.example/")
    ('/', '/')
    """
    is_path = given.startswith("/") and not given.startswith("//") and len(given) <= LONGEST
    if not is_path or any(sign in ODD or not sign.isprintable() for sign in given):
        return otherwise
    try:
        parts = urlsplit(given)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else given
