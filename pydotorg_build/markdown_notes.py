"""What is noted of a text while it is rendered: ids, links, pictures, and what is wrong with it."""

import re
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from pydotorg_build import markdown_html as raw_html
from pydotorg_build.markdown import Flaw, Image, Link

if TYPE_CHECKING:
    from markdown_it.token import Token

PICTURE_ATTRIBUTES = frozenset({"width", "height", "role"})
_ID = re.compile(r"[A-Za-z][\w:.-]*", re.ASCII)
_PART = re.compile("\ue002([0-9]+)\ue003")


class Notes:
    """Notes on one text.  `line` is the one that is being rendered.

    `raw` says that the text has raw HTML.  Then the whole is cleaned at the end, and our own parts,
    which the cleaning would not let pass, are put in afterwards.
    """

    def __init__(self, flaws: Iterable[Flaw], *, raw: bool, reserved: set[str]) -> None:
        self.line = 1
        self.raw = raw
        self.flaws = list(flaws)
        self.links: list[Link] = []
        self.images: list[Image] = []
        self.ids: dict[str, None] = {}
        self._reserved = reserved
        self._numbers: dict[str, int] = {}
        self._parts: list[str] = []
        self._raw_links: list[Link] = []

    def tell(self, message: str, hint: str = "", line: int | None = None) -> None:
        """Note a flaw, on the current line unless another is given."""
        self.flaws.append(Flaw(self.line if line is None else line, 0, message, hint))

    def slot(self, image: Image) -> str:
        """Note a picture; what stands for it in the HTML."""
        self.images.append(image)
        return f"\ue000{len(self.images) - 1}\ue001"

    def part(self, html: str) -> str:
        """A part of ours: as it is, or what stands for it until the rest is cleaned."""
        if not self.raw:
            return html
        self._parts.append(html)
        return f"\ue002{len(self._parts) - 1}\ue003"

    def ours(self, name: str, value: str) -> str:
        """An attribute that only our own tags may have."""
        return f' {name}="{raw_html.OURS if self.raw else ""}{escape(value)}"'

    def read_raw(self, html: str) -> None:
        """Note the links and flaws of a piece of raw HTML."""
        links, flaws = raw_html.read(html, self.line)
        self._raw_links += links
        self.flaws += flaws

    def cleaned(self, html: str) -> str:
        """The HTML with what is not allowed taken out, and our parts put in."""
        html = raw_html.clean(html)
        lines = {link.target: link.line for link in [*self._raw_links, *self.links]}
        self.links = [Link(href, lines.get(href, 0)) for href in raw_html.hrefs(html)]
        html = _PART.sub(lambda found: self._parts[int(found[1])], html)
        self.ids = dict.fromkeys(raw_html.ids(html))
        return html

    # Attributes and ids

    def attributes(self, token: "Token", *, part: bool = False) -> str:
        """What an author wrote in braces, as attributes of a tag (or of a `part`)."""
        if not token.attrs and not token.meta:
            return ""
        self.tell_refused(token)
        written = ""
        for name, value in token.attrs.items():
            if name in PICTURE_ATTRIBUTES:
                self.tell(f"the attribute `{name}` is for pictures only")
            elif name != "id":
                written += f' {name}="{escape(str(value))}"'
            elif self.claim(str(value)):
                written += f' id="{value}"' if part else self.ours("id", str(value))
        return written

    def tell_refused(self, token: "Token") -> None:
        """Tell which attributes the parser did not take."""
        for name in token.meta.get("insecure_attrs", ()):
            hint = "give it a class, and write the style in a style sheet"
            self.tell(
                f"the attribute `{name}` is not allowed",
                hint if name == "style" else "",
            )

    def claim(self, name: str) -> bool:
        """Note an id that an author gave; false if it is not one, or is taken."""
        if not _ID.fullmatch(name):
            self.tell(
                f"`{name}` cannot be an id",
                "begin with a letter; use letters and hyphens",
            )
        elif name in self.ids:
            self.tell(f"the id `{name}` is used twice")
        else:
            self.ids[name] = None
            return True
        return False

    def unique(self, base: str) -> str:
        """An id that nothing else in the text has: `base`, `base-2`, `base-3`."""
        name = base
        while name in self.ids or name in self._reserved:
            number = self._numbers[base] = self._numbers.get(base, 1) + 1
            name = f"{base}-{number}"
        self.ids[name] = None
        return name
