"""What a mail tells the team of: shown to whoever has its link, as long as it waits for a decision.

It works without signing in, for two weeks; the desk ends it alone.  Deciding needs the desk, which
whoever may decide is led to at once.
"""

from __future__ import annotations

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import attachments, cases, previews, versions
from sidecar.answers import Asked, go, page
from sidecar.cases import Case
from sidecar.clock import now
from sidecar.permissions import Permission, actor_of
from sidecar.weighing import weigh_before
from sidecar.workflow import WAITING

URL = "/submit/glance"


async def seen(request: Asked, tx: AsyncSession) -> Case | None:
    """The case of the link in the address."""
    return await cases.of_glance(tx, request.query_params.get("token", ""))


@get(URL, permission=Permission.PUBLIC)
async def glance(request: Asked, state: State) -> Response[str]:
    """Show it, with what was looked at in it; of its sender nothing is told."""
    async with state.db.read() as tx:
        case = await seen(request, tx)
        if case is None:
            return over(request)
        if actor_of(request).may(case.kind.moderator):
            return go(request, f"/admin/cases/{case.submission.id}")
        if case.state not in WAITING:
            return over(request)
        sayings, shown_beside = await versions.beside(
            tx, case, previews.labels_of(state, case.kind)
        )
        terms = previews.terms_of(state.settings.site, case.kind)
        facts = await weigh_before(tx, case.kind, case.revision.payload, terms)
    payloads = [one.payload for one in shown_beside]
    return page(
        request, "sidecar/submit/glance.html", case.submission.title, case=case, facts=facts,
        sayings=sayings, pictures=attachments.sent(state.settings, case.kind.form, *payloads),
        query=request.url.query,
    )  # fmt: skip


@get(f"{URL}/page", permission=Permission.PUBLIC)
async def its_page(request: Asked, state: State) -> Response[str]:
    """The page that it becomes, as the site will show it."""
    async with state.db.read() as tx:
        case = await seen(request, tx)
    if case is None or case.state not in WAITING:
        return over(request)
    html = await previews.preview(state, case.kind, case.revision.payload, now())
    return Response(html, media_type="text/html")


def over(request: Asked) -> Response[str]:
    """Nothing is shown any more."""
    return page(request, "sidecar/submit/glance_over.html", "This link shows nothing any more",
                status=410)  # fmt: skip


ROUTES = (glance, its_page)
