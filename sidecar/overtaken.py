"""A form that was opened before something of what it shows was changed elsewhere, as in another tab.

<input type="hidden" name="opened" value="{{ form.typed("opened") }}">

form = marked_with(filled(values), values)        # where it is shown
form = checked(await read_form(request, Kind), values)      # where it was sent
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from pydotorg_build.content.base import Fault
from pydotorg_build.digests import digest
from sidecar.forms import Form

T = TypeVar("T", bound=msgspec.Struct)
WORDS = (
    "It was changed since you opened this form. What stands otherwise now: {names}. "
    "What you typed is kept: look through it, and send it again."
)
Opened = Annotated[str, Meta(max_length=2000)]


def mark(values: Mapping[str, Any]) -> str:
    """What a form was opened with: each field with a few digits of what stood in it."""
    return " ".join(f"{name}:{digest([value])[:8]}" for name, value in sorted(values.items()))


def changed(opened: str, values: Mapping[str, Any]) -> str:
    """What stands otherwise now than in the form, in words; nothing, if nothing does.

    >>> changed(mark({"city": "Porto", "pay_to": 1}), {"city": "Porto", "pay_to": 2})[43:76]
    'What stands otherwise now: pay to'
    """
    was = dict(pair.partition(":")[::2] for pair in opened.split())
    stands = (pair.partition(":")[::2] for pair in mark(values).split())
    names = [name.replace("_", " ") for name, now in stands if was.get(name, now) != now]
    return WORDS.format(names=", ".join(names)) if names else ""


def checked(form: Form[T], values: Mapping[str, Any]) -> Form[T]:
    """A form that was sent, with what was changed since it was opened."""
    words = changed(form.typed("opened"), values)
    return form.but(Fault("", words)) if words else form


def marked_with(form: Form[T], values: Mapping[str, Any]) -> Form[T]:
    """A form that is shown over what stands now."""
    return replace(form, given={**form.given, "opened": (mark(values),)})
