"""What the fast parsers of blocks and of lines share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from markdown_it.token import Token

Nesting = Literal[-1, 0, 1]


def new_token(kind: str, tag: str, nesting: Nesting) -> Token:
    """A token as its class makes it, in a third of the time."""
    token = Token.__new__(Token)
    token.type, token.tag, token.nesting = kind, tag, nesting
    token.attrs, token.meta, token.map, token.children = {}, {}, None, None
    token.content = token.markup = token.info = ""
    token.level, token.block, token.hidden = 0, False, False
    return token


def by_start(rules: list[tuple[str, Any]], starts: Mapping[str, str]) -> dict[str, tuple[Any, ...]]:
    """Which rules can begin with a character."""
    characters = {character for name, _ in rules for character in starts[name]}
    return {c: tuple(rule for name, rule in rules if c in starts[name]) for c in characters}
