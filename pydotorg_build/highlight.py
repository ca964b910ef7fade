"""Code in colour: spans made by Pygments at build time; static/css/highlight.css has the colours."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.formatter import Formatter

# What people write for "no language".
PLAIN = frozenset({"", "text", "txt", "plain", "plaintext", "none"})


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
