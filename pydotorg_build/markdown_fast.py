"""markdown-it, made faster without changing what it makes of a text.

The parser tries every rule at every line and at every sign.  Most rules can only begin with certain
characters, so here the next character says which are worth trying.  A test compares what comes of
any text with what the parser makes of it as it is.
"""

from types import SimpleNamespace

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkTitle
from markdown_it.rules_core import StateCore

from pydotorg_build.markdown_fast_blocks import Blocks
from pydotorg_build.markdown_fast_lines import NORMAL, Inlines, link_label


class FastMarkdown(MarkdownIt):
    """The parser.  After all rules are in place, `freeze` it: it takes no more."""

    def freeze(self) -> None:
        """Sort the rules by what they begin with."""
        names = self.core.ruler.get_active_rules()
        rules = dict(zip(names, self.core.ruler.getRules(""), strict=True))
        if attributes := rules.get("attr"):

            def attributes_if_any(state: StateCore) -> None:
                if "{" in state.src:
                    attributes(state)

            self.core.ruler.at("attr", attributes_if_any)
        self.block = Blocks(self.block)
        self.inline = Inlines(self.inline)
        self.helpers = SimpleNamespace(  # type: ignore[assignment]
            parseLinkLabel=link_label,
            parseLinkDestination=parseLinkDestination,
            parseLinkTitle=parseLinkTitle,
        )

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        """Percent-encode an address; most need none."""
        return url if NORMAL.fullmatch(url) else super().normalizeLink(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        """Decode an address for reading; most have nothing to decode."""
        return link if NORMAL.fullmatch(link) else super().normalizeLinkText(link)
