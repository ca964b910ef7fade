"""How a sponsor will look on the site: its page, and its place in the list of its level."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from litestar.datastructures import State
from msgspec.structs import replace

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import read
from pydotorg_build.content.sponsors import Sponsor
from sidecar import attachments, previews
from sidecar.clock import now
from sidecar.kinds.base import HERE
from sidecar.labels import Labels
from sidecar.sponsors.applications import Application
from sidecar.sponsors.offer import Level

PAGE, WITH_LIST = "sponsors/sponsor.html", "sidecar/sponsors/looks.html"


def faults_of(payload: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with what the page would say."""
    return previews.flaws_in("description", payload["description"])


def labels_of(state: State) -> Labels:
    """What the form of an application calls its fields."""
    pictures = attachments.addresses(state.settings, Application, {})
    given = {"act": "", "levels": (), "addons": (), "lines": (), "price": 0, "pictures": pictures,
             "mine": None, "why_fixed": ""}  # fmt: skip
    pages = ({**given, "back": back} for back in ("", HERE))
    return previews.labels_in(state, "sidecar/sponsors/form.html", "", *pages)


async def page_of(
    state: State, level: Level, payload: Mapping[str, Any], start: datetime.date | None = None,
    template: str = PAGE,
) -> str:  # fmt: skip
    """The page that an application becomes; without a first day, as if that were today."""
    day = str(start or now().date())
    data = {"title": payload["company"], "level": level.slug, "website": payload["website"],
            "start": day, "end": day}  # fmt: skip
    sponsor, faults = read(Sponsor, data)
    if sponsor is None:
        raise ValueError(f"no page of {faults}")
    shown = {"sponsor": sponsor, "level": level, "card": replace(sponsor.card(), url=HERE)}
    return await previews.render(state, template, sponsor.title, payload["description"],
                                 Application, payload, shown)  # fmt: skip
