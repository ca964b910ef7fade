"""Code in colour: spans made by Pygments at build time, and the style sheet that goes with them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.formatter import Formatter

# What people write for "no language".
PLAIN = frozenset({"", "text", "txt", "plain", "plaintext", "none"})
# Two styles whose every colour can be read on their background (WCAG AA); a test measures them.
LIGHT, DARK = "default", "github-dark"
_SCOPES = (
    ("", LIGHT, ""),
    (':root[data-theme="dark"] ', DARK, ""),
    (':root:not([data-theme="light"]) ', DARK, "@media (prefers-color-scheme: dark)"),
)


def highlight_code(code: str, language: str) -> str:
    """The inside of `<code>`: text and spans with Pygments' short class names."""
    from pygments import highlight
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(language, stripnl=False)
    return str(highlight(code, lexer, _formatter()))


@cache
def _formatter() -> "Formatter[str]":
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(nowrap=True)


@cache
def known_languages() -> frozenset[str]:
    """The names of languages that can stand after three backticks."""
    from pygments.lexers import get_all_lexers

    return frozenset(
        alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
    )


def highlight_css() -> str:
    """The style sheet: light, and dark where the reader or their system asks for it."""
    parts = []
    for scope, style, condition in _SCOPES:
        rules = "\n".join(_rules(scope, style))
        parts.append(f"{condition} {{\n{rules}\n}}\n" if condition else f"{rules}\n")
    return "\n".join(parts)


def _rules(scope: str, style: str) -> Iterator[str]:
    """The rules of one style; classes that look the same share one."""
    from pygments.styles import get_style_by_name
    from pygments.token import STANDARD_TYPES, Token, Whitespace

    found = get_style_by_name(style)
    text = colour(found.style_for_token(Token)["color"] or _TEXT[style])
    yield f"{scope}.code {{ background: {found.background_color}; color: {text} }}"
    classes: dict[str, list[str]] = {}
    for kind, look in found:
        name = STANDARD_TYPES.get(kind)
        declarations = _declarations(look)
        if name and declarations and kind is not Whitespace:
            classes.setdefault(declarations, []).append(f"{scope}.code .{name}")
    for declarations, selectors in classes.items():
        yield f"{', '.join(selectors)} {{ {declarations} }}"


# For a style that leaves the colour of plain text to the page.
_TEXT = {LIGHT: "1f2328", DARK: "e6edf3"}


def _declarations(look: Mapping[str, object]) -> str:
    declared = [f"color: {colour(look['color'])}"] if look["color"] else []
    declared += ["font-weight: bold"] if look["bold"] else []
    declared += ["font-style: italic"] if look["italic"] else []
    declared += ["text-decoration: underline"] if look["underline"] else []
    return "; ".join(declared)


def colour(digits: object) -> str:
    """A colour as CSS writes it."""
    return f"#{digits}"
