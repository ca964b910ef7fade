"""The application: its routes, its guards, and what it is made of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from sidecar.bearers import Uses, enforce_bearer
from sidecar.bodies import LARGEST, Asking
from sidecar.database import Database
from sidecar.doors import Doors, standing_headers
from sidecar.downloads import Downloads
from sidecar.errors import HANDLERS, refuse_huge
from sidecar.flags import enforce_open
from sidecar.moved import Moved
from sidecar.pages import Pages
from sidecar.passwords import Passwords
from sidecar.permissions import enforce
from sidecar.rates import Rates, enforce_rate
from sidecar.routes import (
    account,
    account_address,
    account_confirm,
    account_data,
    account_enrol,
    account_keys,
    account_membership,
    account_nominations,
    account_password,
    account_profile,
    account_register,
    account_security,
    account_sessions,
    account_sign_in,
    account_submissions,
    account_unsubscribe,
    account_with,
    admin,
    admin_announcements,
    admin_audit,
    admin_blogs,
    admin_cases,
    admin_db,
    admin_deleting,
    admin_downloads,
    admin_events,
    admin_failures,
    admin_letters,
    admin_mail,
    admin_memberships,
    admin_news,
    admin_nominations,
    admin_queue,
    admin_replies,
    admin_settings,
    admin_spam,
    admin_sponsor_lists,
    admin_sponsors,
    admin_suppressed,
    admin_users,
    admin_work,
    api_account,
    api_docs,
    api_keys,
    api_letters,
    api_snapshot,
    api_staff,
    api_submissions,
    api_tokens,
    health,
    mail_catcher,
    nominate,
    nominee,
    sponsor_apply,
    sponsor_assets,
    sponsor_change,
    sponsor_contracts,
    submit,
    submit_case,
    submit_draft,
    submit_event,
    submit_glance,
    submit_links,
    submit_sent,
    users,
)
from sidecar.settings import Settings
from sidecar.visitors import Visitors

ROUTES = (
    *account.ROUTES,
    *account_address.ROUTES,
    *account_confirm.ROUTES,
    *account_data.ROUTES,
    *account_password.ROUTES,
    *account_register.ROUTES,
    *account_sessions.ROUTES,
    *account_enrol.ROUTES,
    *account_membership.ROUTES,
    *account_nominations.ROUTES,
    *account_profile.ROUTES,
    *account_security.ROUTES,
    *account_keys.ROUTES,
    *account_sign_in.ROUTES,
    *account_submissions.ROUTES,
    *account_unsubscribe.ROUTES,
    *account_with.ROUTES,
    *admin.ROUTES,
    *admin_announcements.ROUTES,
    *admin_audit.ROUTES,
    *admin_blogs.ROUTES,
    *admin_queue.ROUTES,
    *admin_cases.ROUTES,
    *admin_db.ROUTES,
    *admin_deleting.ROUTES,
    *admin_downloads.ROUTES,
    *admin_events.ROUTES,
    *admin_failures.ROUTES,
    *admin_memberships.ROUTES,
    *admin_nominations.ROUTES,
    *admin_letters.ROUTES,
    *admin_mail.ROUTES,
    *admin_news.ROUTES,
    *admin_replies.ROUTES,
    *admin_settings.ROUTES,
    *admin_spam.ROUTES,
    *admin_suppressed.ROUTES,
    *admin_sponsors.ROUTES,
    *admin_sponsor_lists.ROUTES,
    *admin_users.ROUTES,
    *admin_work.ROUTES,
    *api_account.ROUTES,
    *api_docs.ROUTES,
    *api_keys.ROUTES,
    *api_letters.ROUTES,
    *api_snapshot.ROUTES,
    *api_staff.ROUTES,
    *api_submissions.ROUTES,
    *api_tokens.ROUTES,
    *health.ROUTES,
    *mail_catcher.ROUTES,
    *nominate.ROUTES,
    *nominee.ROUTES,
    *sponsor_apply.ROUTES,
    *sponsor_change.ROUTES,
    *sponsor_contracts.ROUTES,
    *sponsor_assets.ROUTES,
    *users.ROUTES,
    *submit.ROUTES,
    *submit_sent.ROUTES,
    *submit_draft.ROUTES,
    *submit_glance.ROUTES,
    *submit_links.ROUTES,
    *submit_case.ROUTES,
    *submit_event.ROUTES,
)
GUARDS = (enforce_rate, enforce_bearer, enforce, enforce_open, refuse_huge)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """All guards as one, since Litestar copies the handler for each at every request."""
    for one in GUARDS:
        await one(connection, handler)


def routed() -> Litestar:
    """The routes with what guards them; to find out what each takes is nearly all that a start costs."""
    return Litestar(
        ROUTES,
        guards=[guard],
        middleware=[Visitors()],
        exception_handlers=HANDLERS,
        request_class=Asking,
        request_max_body_size=LARGEST,
        openapi_config=None,
        # Else whatever any library notes would stand in our log, in a form of its own.
        logging_config=None,
        debug=False,
    )


def create_app(
    settings: Settings, db: Database, templates: Path, app: Litestar | None = None
) -> Doors:
    """Wire the application; whatever it depends on comes in by argument.

    `app` may be one that was `routed` before, for another database: it holds nothing of that.
    """
    app = app or routed()
    downloads = Downloads(settings, db, standing_headers(settings))
    app.state = State({
        "db": db,
        "settings": settings,
        "rates": Rates(),
        "uses": Uses(db),
        "pages": Pages(templates, Path(settings.site), settings.url),
        "passwords": Passwords(),
        "downloads": downloads,
        "moved": Moved(Path(settings.site)),
        "decoding": asyncio.Semaphore(1),
    })  # fmt: skip
    app.on_startup = [downloads.start]
    app.on_shutdown = [downloads.stop, db.close]
    # Around the whole: Litestar's own middleware never sees an address that is no route.
    return Doors(app, settings, downloads)
