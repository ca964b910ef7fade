"""Texts that fill a slot of a template, in content/snippets/<name>.md: editors change them there.

A slot whose snippet is missing stops the build, and so does a snippet that no slot shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydotorg_build.artifacts import Body
from pydotorg_build.content.base import ContentType, Entry, Fault
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

# Where each is shown.
SLOTS = {
    "elections": "/nominations/elections/",
    "fellows": "/psf/fellows/",
    "sponsors": "/psf/sponsors/",
}


class Snippet(Entry, frozen=True, kw_only=True):
    """One text; the title says to editors what it is."""

    @property
    def url(self) -> str:
        return SLOTS.get(self.id, "/")


def check(snippet: Snippet) -> Iterator[Fault]:
    """Tell a text that nothing shows, and one that is empty."""
    if snippet.id not in SLOTS:
        hint = f"known: {', '.join(sorted(SLOTS))}"
        yield Fault("", f"no template has a slot {snippet.id!r}", hint)
    if not snippet.body:
        yield Fault("", "the snippet has no text", "write it below the second `---`")


def filled(name: str, site: Site) -> Body | Problem:
    """The text of a slot, or that it is missing."""
    snippet: Snippet | None = site.entry("snippets", name)
    if snippet is None:
        source = Source(f"{site.settings.content}/snippets/{name}.md")
        return Problem(source, f"the snippet `{name}` is missing", f"{SLOTS[name]} shows it")
    return snippet.body


SNIPPETS = ContentType("snippets", Snippet, files="snippets/*.md", check=check)
