"""How a line that is no YAML is mended, guessed from it and the one above."""

from __future__ import annotations

import re

SIGNS = "put text that holds `: ` or `#` or begins with a sign between quotes"
CURLY = re.compile(r":\s+[“”„‘’«]")
NO_FIELD = re.compile(r"\s*\w[\w-]*(?::\S.*|\s+[^:]*|)")


def yaml_hint(said: str, lines: list[str], number: int) -> str:
    """What to do about what a reader of YAML said of the line of this number (from 0).

    >>> yaml_hint("mapping values are not allowed", ["title: A", "  owner: B"], 1)
    'begin it in the column in which the line above begins'
    """
    line = lines[number] if number < len(lines) else ""
    above = next((one for one in reversed(lines[:number]) if one.strip()), "")
    if CURLY.search(line):
        return "the quotes must be straight: `\"` or `'`"
    if "expected ',' or" in said:
        return "close the bracket that is open above, or put a comma between what it holds"
    if "unexpected end of stream" in said:
        return "a quote that is open above has no end"
    if NO_FIELD.fullmatch(above) and not above.endswith(":"):
        return f"write `{above.split()[0].partition(':')[0]}: …`, with a space behind the colon"
    if _indented(line) != _indented(above) and line.strip() and not above.endswith(":"):
        return "begin it in the column in which the line above begins"
    return SIGNS


def _indented(line: str) -> int:
    """In which column a line begins; of an item of a list, what stands behind its sign."""
    return len(line) - len(line.lstrip(" ").removeprefix("- "))
