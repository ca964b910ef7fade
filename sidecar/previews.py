"""What is handed in, as the site will show it: the real templates, filled before anything is public."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar.datastructures import State
from markupsafe import Markup

from pydotorg_build.content.base import Entry, Fault
from pydotorg_build.markdown import MarkdownSettings, Prose, make_markdown
from pydotorg_build.render import Shown
from sidecar import attachments, posters
from sidecar.clock import now
from sidecar.forms import Form
from sidecar.kinds.base import HERE, Handed, Kind, entry_of
from sidecar.labels import Labels

Terms = dict[str, list[dict[str, str]]]


@cache
def _markdown() -> Any:
    return make_markdown(MarkdownSettings(), submitted=True)


def prose_of(text: str) -> Prose:
    """A text of a stranger as HTML: no raw HTML, and links are not vouched for."""
    prose: Prose = _markdown()(text)
    return prose


def faults_of(site: str, kind: Kind, payload: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with a payload that the types of its form do not say."""
    own = list(kind.check(payload, terms_of(site, kind), now()))
    _, faults = entry_of(kind, payload, now())
    if own:  # the entry would say the same in the words of files
        faults = [fault for fault in faults if fault.name.partition("[")[0] not in kind.names]
    flaws = flaws_in("text", str(payload.get("text", "")))
    return [*own, *(_of_form(kind, fault) for fault in faults), *flaws]


def flaws_in(name: str, text: str) -> list[Fault]:
    """What is wrong with the Markdown of a field."""
    return [Fault(name, f"line {flaw.line}: {flaw.message}", flaw.hint)
            for flaw in prose_of(text).flaws]  # fmt: skip


def _of_form(kind: Kind, fault: Fault) -> Fault:
    """A fault of the entry at the field of the form that it comes from."""
    name = kind.names.get(fault.name.partition("[")[0], fault.name)
    known = name if name in kind.form.__struct_fields__ else ""
    return Fault(known, fault.message, fault.hint)


async def preview(
    state: State, kind: Kind, payload: Mapping[str, Any], at: datetime.datetime
) -> str:
    """The page that a payload becomes; it must have no faults."""
    return await _filled(state, kind, kind.preview, payload, _entry(kind, payload, at))


async def looks(
    state: State, kind: Kind, payload: Mapping[str, Any], at: datetime.datetime,
    facts: Sequence[Any],
) -> str:  # fmt: skip
    """The page, with how it looks in lists, feeds and elsewhere, and what was found in it."""
    if kind.look is None:
        return await preview(state, kind, payload, at)
    entry = _entry(kind, payload, at)
    look = kind.look(entry, terms_of(state.settings.site, kind), state.pages.name)
    drawn = posters.address(state.settings, look.poster) if look.poster else ""
    around = {"called": kind.title, "look": look, "drawn": drawn, "facts": facts}
    return await _filled(state, kind, kind.looks, payload, entry, **around)


def _entry(kind: Kind, payload: Mapping[str, Any], at: datetime.datetime) -> Entry:
    entry, faults = entry_of(kind, payload, at)
    if entry is None or faults:
        raise ValueError(f"no page of {faults}")
    return entry


async def _filled(
    state: State, kind: Kind, template: str, payload: Mapping[str, Any], entry: Any, **around: Any
) -> str:
    data = {**kind.shown(entry, terms_of(state.settings.site, kind)), **around}
    text = str(payload.get("text", ""))
    return await render(state, template, entry.title, text, kind.form, payload, data)


async def render(
    state: State, template: str, title: str, text: str, form: type[Handed],
    payload: Mapping[str, Any], data: Mapping[str, Any],
) -> str:  # fmt: skip
    """A page of the site with a stranger's text as its body, and the pictures of a payload."""
    async with state.db.read() as tx:
        pictures = await attachments.pictures(tx, state.settings, form, payload)
    around = {"pictures": pictures} if pictures else {}
    prose = prose_of(text)
    body = Shown(Markup(prose.html), prose.toc, prose.text)
    html: str = state.pages.render(template, title, body=body, **data, **around)
    return html


def terms_of(site: str, kind: Kind) -> Terms:
    """What a kind is sorted by, as the site that is served has it; nothing where there is none."""
    path = Path(site) / kind.terms
    try:
        return msgspec.json.decode(path.read_bytes(), type=Terms)
    except (OSError, msgspec.DecodeError):
        return {}


def choices(site: str, kind: Kind) -> dict[str, list[tuple[str, str]]]:
    """What a kind is sorted by, as pairs of what is sent and what is read."""
    return {
        name: [(one["slug"], one["title"]) for one in found]
        for name, found in terms_of(site, kind).items()
    }


def labels_of(state: State, kind: Kind) -> Labels:
    """The labels of the form of a kind, with the titles that the site gives to what it sorts by."""
    terms = choices(state.settings.site, kind)
    given = {"kind": kind, "act": "", "terms": terms, "notes": (), "is_filled": False,
             "pictures": attachments.addresses(state.settings, kind.form, {}), **kind.beside({})}  # fmt: skip
    # A first form has fields that a change has not, and it has others.
    return labels_in(
        state, kind.template, str(terms), {**given, "back": ""}, {**given, "back": HERE}
    )


def labels_in(state: State, template: str, of: str, *pages: Mapping[str, Any]) -> Labels:
    """The labels that a form tells while its pages are shown empty; nowhere else says them.

    They are read once for each `of`.
    """
    made: dict[tuple[str, str], Labels] = state.pages.made
    if (template, of) not in made:
        form: Form[Any] = Form()
        for given in pages:
            state.pages.render(
                template, "", form=form, form_token="", notice="", challenge="", wait="", **given
            )
        made[template, of] = Labels(form.labels, form.choices)
    return made[template, of]
