"""What fields and their choices are called: the words of the form that asks for them.

labels = previews.labels_of(state, KINDS["job"])
labels.field("per"), labels.words("per", "year")            # Pay is for, a year
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from pydotorg_build.content.bars import grouped
from sidecar.bodies import called


class Labels(NamedTuple):
    """The words of each field, and of what can be chosen in it."""

    fields: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    def field(self, name: str) -> str:
        """What a field is called; one that its form has no more, by its name.

        >>> labels = Labels({"per": "Pay is for"}, {"per": {"year": "a year"}})
        >>> labels.field("per"), labels.field("old_name")
        ('Pay is for', 'Old name')
        """
        return self.fields.get(name) or called(name)

    def words(self, name: str, value: Any) -> str:
        """What stands in a field, as people read it; a number that was left empty is 0.

        What is offered no more has no title: it is read by its words.

        >>> labels = Labels({}, {"types": {"full-time": "Full time"}, "per": {"year": "a year"}})
        >>> labels.words("types", ["full-time", "old-type"]), labels.words("per", "year")
        ('Full time, old type', 'a year')
        >>> [labels.words("any", value) for value in (True, ["a-b", "c"], None, 0, 4500, False)]
        ['yes', 'a-b, c', '', '', '4,500', 'no']
        """
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not value:
            return ""
        if isinstance(value, int):
            return grouped(value)
        title = partial(self._title, self.choices.get(name))
        return ", ".join(map(title, value if isinstance(value, list | tuple) else [value]))

    def _title(self, offered: Mapping[str, str] | None, value: Any) -> str:
        text = str(value)
        return offered.get(text) or text.replace("-", " ") if offered else text
