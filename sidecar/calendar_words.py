"""What a calendar says of an event, as plain text: programs write HTML and things of their own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAG = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|html|i|li|ol|p|span|strong|u|ul)\b[^<>]*>", re.IGNORECASE
)
# How to join a call of Google, with its number and PIN.
CALL = re.compile(r"-::~:~[:~]*-.*?-::~:~[:~]*-", re.DOTALL)
# Of a description there is no room for more.
LONGEST = 100_000
BEFORE = {"br": "\n", "div": "\n", "li": "\n- ", "p": "\n\n", "ol": "\n", "ul": "\n"}
UNSEEN = ("head", "script", "style", "title")


def decoded(data: bytes) -> str:
    r"""A calendar as text; lines may be folded within a letter, and old programs know no UTF-8.

    >>> decoded(b"X:Gr\xc3\r\n \xb6\xc3\x9fe"), decoded(b"X:Gr\xf6\xdfe")
    ('X:Größe', 'X:Größe')
    """
    whole = re.sub(rb"\r?\n[ \t]", b"", data)
    text = whole.decode("utf-8-sig", "replace")
    others = {sign for sign in text if sign > "\x7f"}
    return whole.decode("cp1252", "replace") if others == {"\ufffd"} else text


def plain(text: str) -> str:
    r"""A description without its markup and without what its program added.

    >>> plain("<b>Talks</b> &amp; cake.<br>See <a href='https://a.example/'>here</a>.")
    'Talks & cake.\nSee here (https://a.example/).'
    >>> plain("1 < 2, <https://a.example/> & more")
    '1 < 2, <https://a.example/> & more'
    """
    text = CALL.sub("", text[:LONGEST])
    if TAG.search(text):
        reader = _Words()
        reader.feed(text)
        reader.close()
        lines = "".join(reader.words).replace("\xa0", " ").split("\n")
        text = "\n".join(line.strip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Words(HTMLParser):
    """Gathers the words of HTML, line by line, with where its links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = ""
        self._leads_to = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words.append(BEFORE.get(tag, ""))
        if tag in UNSEEN:
            self._unseen = tag
        if tag == "a":
            self._leads_to = dict(attrs).get("href") or ""
        if "://" in tag or "@" in tag:
            self.words.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""
        if tag == "p":
            self.words.append("\n\n")
        if tag == "a":
            if self._leads_to.startswith("http") and self._leads_to not in self.words:
                self.words.append(f" ({self._leads_to})")
            self._leads_to = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)
