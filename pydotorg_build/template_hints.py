"""What may be meant where a template is faulty: names it could have used, marks it lacks."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from pydotorg_build.problems import meant

# As Jinja says it of an object, by the name of its class; and of a name that is not given.
NO_ATTRIBUTE = re.compile(r"'([\w.]+)\.(\w+) object' has no attribute '(\w+)'")
NO_NAME = re.compile(r"'(\w+)' is undefined")
NO_FILTER = re.compile(r"No filter named '(\w+)'")
# What Jinja says begins so, and what mends it.
MARKS = {
    "Unexpected end of template": "a `{% if %}`, `{% for %}` or `{% block %}` lacks its end",
    "Encountered unknown tag 'end": "this ends what is not open, or something in it lacks its own end",
    "Encountered unknown tag": "there are `if`, `for`, `set`, `block`, `macro` and the like",
    "unexpected '}'": "close with as many braces as you opened: `{{ … }}`",
    "expected token 'end of": "one thing stands between the marks: `{{ name }}`, `{% if name %}`",
    "Missing end of": "close it: `#}` for what is not shown, `{% endraw %}` for what is raw",
    "expected name or number": "after a dot stands the name of a field, as `{{ page.title }}`",
    "`once` ": "take it out of `{% once %}`: what stands there is the same on every page",
    "block ": "each block has a name of its own",
}


def syntax_hint(message: str, filters: Iterable[str]) -> str:
    """How a fault of form is mended.

    >>> syntax_hint("No filter named 'uper'.", ["lower", "upper"])
    'did you mean `upper`?'
    """
    if unknown := NO_FILTER.match(message):
        return meant(unknown[1], filters, "those of this site stand in pydotorg_build/render.py")
    known = (hint for said, hint in MARKS.items() if message.startswith(said))
    return next(known, "see https://jinja.palletsprojects.com/templates/")


def names_hint(message: str, given: Iterable[str]) -> str:
    """What there is instead of a name that is not: of the object that was asked, or of all given."""
    if asked := NO_ATTRIBUTE.search(message):
        kind = getattr(sys.modules.get(asked[1]), asked[2], object)
        names = [name for name in dir(kind) if not name.startswith("_")]
        return meant(asked[3], names, f"it has: {', '.join(names)}")
    names = sorted(given)
    missing = NO_NAME.search(message)
    known = f"it has: {', '.join(names)}"
    return meant(missing[1], names, known) if missing else known
