"""What every letter is made of."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

SITE = "https://www.python.org"
LINK = f"{SITE}/account/token/ExampleExampleExample"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a letter is given.  Nothing typed by a stranger goes to an address nobody confirmed."""


class Known(NamedTuple):
    """A letter: what it is given, and an example of that.

    One of `is_security` is about the safety of an account: it always goes, and always says what
    its file does.  One of `is_bulk` goes to many at once.
    """

    given: type[Letter]
    sample: Letter
    is_security: bool = True
    is_bulk: bool = False
