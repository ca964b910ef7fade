"""What was counted on days that are over, from a snapshot: a page of numbers, and the same as JSON."""

from __future__ import annotations

import datetime

from pydotorg_build.artifacts import Data
from pydotorg_build.content.base import Card, Entry


class Counted(Entry, frozen=True, kw_only=True):
    """All that was counted on the days from `since` to `through`, of which the last is the newest."""

    since: datetime.date
    through: datetime.date
    sample: bool = False

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.url, date=self.through)

    def data(self, url: str, *names: str) -> Data:
        """Its numbers for programs, with the days that they are of."""
        content = {name: getattr(self, name) for name in ("since", "through", *names)}
        return Data(url=url, content=content, source=self.source, updated=self.through)
