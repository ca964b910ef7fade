"""What a column may hold beside what its type says: the rules of the form that fills it.

Whoever mends a record by hand types by the same rules as whoever typed it first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import msgspec
from sqlalchemy.orm import Mapper

from pydotorg_build.content.banners import Banner
from pydotorg_build.content.read import read
from sidecar.memberships import Details
from sidecar.nominees import Standing
from sidecar.people import EmailAddress, NewAccount
from sidecar.profiles import Profile

FORMS: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "announcements": (Banner,),
    "memberships": (Details,),
    "nominees": (Standing,),
    "users": (NewAccount, Profile),
}
# What no form says more of: no text that a person wrote is longer.
LONGEST = 20_000


def rules_of(table: str) -> dict[str, Any]:
    """The types of a table's columns, as its forms have them; an address is one in every table."""
    types = {
        field.name: field.type
        for form in FORMS.get(table, ())
        for field in msgspec.structs.fields(form)
    }
    return {"email": EmailAddress, **types}


def choices_of(mapper: Mapper[Any], column: str, rule: Any) -> dict[str, str]:
    """What a column may hold, where its table or form says so: what is sent, and what is read."""
    if told := mapper.columns[column].info.get("choices"):
        return dict(told)
    words = get_args(rule) if get_origin(rule) is Literal else ()
    for constraint in mapper.local_table.constraints:  # type: ignore[attr-defined]
        if constraint.info.get("column") == column:
            words = tuple(constraint.info["choices"])
    return {word: word for word in words}


def broken(name: str, rule: Any, text: str) -> Iterator[str]:
    """What is wrong with a text by the rule of its form, in the words of that."""
    form = msgspec.defstruct("Record", [(name, rule)], kw_only=True)
    for fault in read(form, {name: text})[1]:
        yield fault.message.removeprefix(f"`{name}` ")
