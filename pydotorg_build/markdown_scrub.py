"""Takes out of a text the characters that it may not have, before anything else reads it."""

import re

from pydotorg_build.markdown import Flaw

# The build's own marks, in HTML on its way to the page: nobody else may write them.
MARKS = "\ue000-\ue00f"
_UNWANTED = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{MARKS}]")
# The same marks as character references, and as an address that is shown decoded.
_DISGUISED = re.compile(
    r"&\#(?:x0*e00[0-9a-f](?![0-9a-f])|0*573(?:4[4-9]|5[0-9])(?![0-9]));?|%ee%80%8[0-9a-f]",
    re.IGNORECASE,
)
_HINT = "take it out; it was probably pasted along with the text"


def scrub(text: str) -> tuple[str, tuple[Flaw, ...]]:
    """The text without control and private-use characters, and a flaw for each that it had."""
    flaws: list[Flaw] = []
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _UNWANTED.search(text):
        flaws += [_flaw(text, match) for match in _UNWANTED.finditer(text)]
        text = _UNWANTED.sub("", text)
    if ("&#" in text or "%" in text) and _DISGUISED.search(text):
        flaws += [_flaw(text, match) for match in _DISGUISED.finditer(text)]
        # Replaced, not removed: what is left could close up to another one.
        text = _DISGUISED.sub("\ufffd", text)
    return text, tuple(flaws)


def _flaw(text: str, match: re.Match[str]) -> Flaw:
    line = text.count("\n", 0, match.start()) + 1
    column = match.start() - text.rfind("\n", 0, match.start())
    found = match[0]
    name = f"U+{ord(found):04X}" if len(found) == 1 else found
    return Flaw(line, column, f"the character {name} is not allowed in content", _HINT)
