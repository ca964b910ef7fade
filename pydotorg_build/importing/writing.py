"""Content as we write it by a program: front matter as an editor would have typed it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build.front_matter import WORDS_OF_YAML
from pydotorg_build.problems import Source

PLAIN = re.compile(r"[A-Za-z0-9/](?:[\w ./()+*=%@&;-]*[\w./()+*=%@&;-])?")


class Wanted(msgspec.Struct, frozen=True):
    """A file as it should be.  `is_same` where what is there says all of it in other words.

    `is_added` where the file is only longer, so that nothing of it is lost.
    """

    path: Path
    text: str
    source: Source
    is_same: bool = False
    is_added: bool = False


def scalar(value: Any) -> str:
    """A value as YAML has it: between quotes where it would be taken for something else.

    >>> scalar("3.14.0"), scalar(True), scalar("a: b"), scalar(["gpg", "sbom"])
    ('3.14.0', 'true', '"a: b"', '[gpg, sbom]')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return one_line(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(scalar, value))}]"
    text = str(value)
    is_plain = PLAIN.fullmatch(text) and text.lower() not in WORDS_OF_YAML
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def one_line(data: Mapping[str, Any]) -> str:
    """A small mapping in one line."""
    return f"{{{', '.join(f'{name}: {scalar(value)}' for name, value in data.items())}}}"


def markdown(data: Mapping[str, Any], body: str) -> str:
    """A file with front matter; what holds mappings has a line for each."""
    lines = ["---"]
    for name, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{name}:", *(f"- {one_line(one)}" for one in value)]
        else:
            lines.append(f"{name}: {scalar(value)}")
    return "\n".join([*lines, "---", *([body.strip()] if body.strip() else []), ""])
