"""A form that was opened before something of what it shows was changed elsewhere, as in another tab.

<input type="hidden" name="opened" value="{{ form.typed("opened") }}">

form = marked_with(filled(values), values)        # where it is shown
form = checked(await read_form(request, Kind), values)      # where it was sent
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from pydotorg_build.content.base import Fault
from pydotorg_build.digests import digest
from sidecar.compared import Difference, Saying
from sidecar.forms import Form, ungrouped
from sidecar.labels import Labels

T = TypeVar("T", bound=msgspec.Struct)
WORDS = (
    "It was changed since you opened this form. What stands otherwise now is shown beside what you "
    "typed, which is kept: look through it, and send it again."
)
# The name of a picture that was sent, as `attachments.py` gives it.
PICTURE = re.compile(r"[0-9a-f]{64}\.[a-z]+")
Opened = Annotated[str, Meta(max_length=2000)]


def mark(values: Mapping[str, Any]) -> str:
    """What a form was opened with: each field with a few digits of what stood in it."""
    return " ".join(f"{name}:{digest([value])[:8]}" for name, value in sorted(values.items()))


def changed(opened: str, values: Mapping[str, Any]) -> list[str]:
    """The fields in which something else stands now than when the form was opened.

    >>> changed(mark({"city": "Porto", "pay_to": 1}), {"city": "Porto", "pay_to": 2})
    ['pay_to']
    """
    was = dict(pair.partition(":")[::2] for pair in opened.split())
    stands = (pair.partition(":")[::2] for pair in mark(values).split())
    return [name for name, now in stands if was.get(name, now) != now]


def checked(form: Form[T], values: Mapping[str, Any]) -> Form[T]:
    """A form that was sent, with what was changed since it was opened."""
    names = changed(form.typed("opened"), values)
    if not names:
        return form
    now = {name: values[name] for name in names}
    return replace(form.but(Fault("", WORDS)), overtaken=partial(beside, now))


def beside(now: Mapping[str, Any], form: Form[Any]) -> Saying:
    """What stands in fields now, beside what was typed; the form was shown, and knows its labels."""
    labels = Labels(form.labels, form.choices)
    rows = [
        Difference(labels.field(name), *(
            "A picture" if PICTURE.fullmatch(text) else text
            for text in (labels.words(name, value), labels.words(name, typed(form, name, value)))
        ))
        for name, value in now.items()
    ]  # fmt: skip
    return Saying(
        "Changed since you opened this form",
        ("It says now", "You typed"),
        rows,
        marks=("mark", "mark"),
    )


def typed(form: Form[Any], name: str, like: Any) -> Any:
    """What stands in a field of a form, as a value like another one.

    >>> form = Form(given={"pay_to": ("4500",)})
    >>> typed(form, "pay_to", 4000), typed(form, "pay_to", ""), typed(form, "remote", True)
    (4500, '4500', False)
    """
    if isinstance(like, bool):
        return form.ticked(name)
    if isinstance(like, int) and (number := ungrouped(form.typed(name))).isdecimal():
        return int(number)
    return form.given.get(name, ()) if isinstance(like, list | tuple) else form.typed(name)


def marked_with(form: Form[T], values: Mapping[str, Any]) -> Form[T]:
    """A form that is shown over what stands now."""
    return replace(form, given={**form.given, "opened": (mark(values),)})
