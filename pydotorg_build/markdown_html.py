"""Raw HTML in content: what is allowed of it, what is told as a flaw, and the cleaning itself."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from pydotorg_build.markdown import Flaw, Link
from pydotorg_build.shortforms import PLAIN_SCHEMES, SCHEME

if TYPE_CHECKING:
    from nh3 import Cleaner

TAGS = frozenset(
    "a abbr aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div"  # noqa: SIM905 - words
    " dl dt em figcaption figure h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp"
    " section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var"
    " wbr".split()
)
EVERYWHERE = frozenset({"class", "lang", "dir"})
ATTRIBUTES = {
    "a": {"href"},
    "abbr": {"title"},
    "details": {"open"},
    "dfn": {"title"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
# Attributes that only our own tags have.  Their values bear a mark until the cleaning is done.
_OURS = frozenset({"id", "role", "aria-label", "tabindex"})
OURS = "\ue004"
_MARKS = re.compile("[\ue000-\ue00f]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(
    r"""<([a-z][a-z0-9-]*+)((?:\s++[^\s=>"'/]++(?:\s*+=\s*+(?:"[^"]*"|'[^']*'|[^\s>"']*+))?+)*+)""",
    re.IGNORECASE,
)
_TAG_END = re.compile(r"\s*/?>")
_DECLARATION = re.compile(r"<[!?]")
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?""")
# An address without a scheme that yet leads to another host, as browsers read it.
_OTHER_HOST = re.compile(r"[\0-\x20]*[/\\][\t\r\n]*[/\\]")
# As the cleaner writes tags: values in double quotes, nothing else in between.
_HREF = re.compile(r'<a(?: [a-z-]+="[^"]*")*? href="([^"]*)"')
_ID = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")*? id="([^"]*)"')


def clean(html: str) -> str:
    """The body with only what is allowed in it."""
    return _cleaner().clean(html)


@cache
def _cleaner() -> "Cleaner":
    from nh3 import Cleaner

    return Cleaner(
        tags={*TAGS, "h1"},
        clean_content_tags={"script", "style"},
        attributes={"*": {*EVERYWHERE, *_OURS}, **ATTRIBUTES},
        attribute_filter=_keep,
        url_schemes=set(PLAIN_SCHEMES),
        link_rel=None,
    )


def _keep(tag: str, name: str, value: str) -> str | None:
    """Take our mark off what is ours, and any slot out of what is not (an open quote has some)."""
    if name in _OURS:
        return value.removeprefix(OURS) if value.startswith(OURS) else None
    if name == "href" and _OTHER_HOST.match(value):
        return None
    return _MARKS.sub("", value)


def hrefs(html: str) -> list[str]:
    """Where the links of cleaned HTML lead."""
    return [unescape(href) for href in _HREF.findall(html)]


def ids(html: str) -> list[str]:
    """The ids in cleaned HTML."""
    return [unescape(name) for name in _ID.findall(html)]


def read(html: str, line: int) -> tuple[list[Link], list[Flaw]]:
    """The links of a piece of raw HTML that begins at `line`, and what is not allowed in it."""
    links: list[Link] = []
    flaws: list[Flaw] = []
    html = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), html)
    for found in _DECLARATION.finditer(html):
        here = line + html.count("\n", 0, found.start())
        flaws.append(Flaw(here, 0, f"`{found[0]}` is not allowed in content"))
    for tag in _TAG.finditer(html):
        here = line + html.count("\n", 0, tag.start())
        name = tag[1].lower()
        if name not in TAGS:
            hint = _HINTS.get(name, "")
            flaws.append(Flaw(here, 0, f"`<{name}>` is not allowed in content", hint))
            continue
        if not _TAG_END.match(html, tag.end()):
            flaws.append(Flaw(here, 0, f"the tag `<{name}` does not end as a tag does"))
        for attribute, value in _attributes_of(tag[2]):
            if attribute not in EVERYWHERE | ATTRIBUTES.get(name, set()):
                message = f"`{attribute}` is not allowed on `<{name}>`"
                flaws.append(Flaw(here, 0, message))
            elif attribute == "href" and not _leads_somewhere(value):
                hint = "short forms are for links in Markdown: `[text](pep:8)`"
                flaws.append(Flaw(here, 0, f"the address `{value}` is not allowed", hint))
            elif attribute == "href":
                links.append(Link(value, here))
    return links, flaws


def _attributes_of(text: str) -> Iterator[tuple[str, str]]:
    for found in _ATTRIBUTE.finditer(text):
        yield found[1].lower(), unescape(found[2] or found[3] or found[4] or "")


def _leads_somewhere(address: str) -> bool:
    scheme = SCHEME.match(address.strip())
    if scheme is not None:
        return scheme[1].lower() in PLAIN_SCHEMES
    return not _OTHER_HOST.match(address)


_HINTS = {
    "h1": "the title of the page is its heading; begin with `##`",
    "img": "write `![what it shows](picture.png)`",
    "input": "a list of tasks is written `- [ ] what to do`",
    "script": "scripts belong in the static folder and in a template",
    "style": "styles belong in the static folder",
}
