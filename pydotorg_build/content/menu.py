"""The menu, from content/menu.yaml; it is shown by the frame of every page."""

from __future__ import annotations

import msgspec

from pydotorg_build.content.base import Card, ContentType, Entry


class MenuItem(msgspec.Struct, frozen=True):
    """One line of the menu and what is below it."""

    title: str
    url: str
    children: tuple[MenuItem, ...] = ()


class MenuEntry(Entry, frozen=True, kw_only=True):
    """One of the menu's main lines."""

    address: str = msgspec.field(name="url")
    children: tuple[MenuItem, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.source.line:06}"

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.address)

    def as_item(self) -> MenuItem:
        """The line as templates see it."""
        return MenuItem(self.title, self.address, self.children)


def in_order(card: Card) -> str:
    """The order of the file."""
    return card.id


MENU = ContentType("menu", MenuEntry, files="menu.yaml", order=in_order)
