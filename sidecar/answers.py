"""What a route answers with: a page, or the way to another one with a word about what was done.

    return page(request, "sidecar/account/keys.html", "API keys", keys=keys)
    return go("/account/", "Your profile was changed.")

A page has the token of its forms, the notice left by the page before, and who is reading it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from pydotorg_build.content.base import Crumb
from sidecar.clients import Asked as Asked  # noqa: PLC0414 (routes take it from here)
from sidecar.doors import standing_headers
from sidecar.forms import Form, browser_cookie, token_for
from sidecar.permissions import actor_of
from sidecar.sessions import cookie, in_cookie
from sidecar.settings import Settings

NOTICED = datetime.timedelta(minutes=1)


def page(
    request: Asked, template: str, title: str, *, status: int = 0,
    crumbs: tuple[Crumb, ...] = (), form: Form[Any] | None = None, said: str = "", **data: Any,
) -> Response[str]:  # fmt: skip
    """A page.  Where it shows a form that came back, its status is that of the form.

    `said` is why something could not be done: 409, unless it is the form that was wrong.
    """
    settings: Settings = request.app.state.settings
    known = in_cookie(request, "form")
    cookies = [] if known else [browser_cookie(settings)]
    notice = unquote(in_cookie(request, "notice"))
    if notice:
        cookies.append(notice_cookie(settings, ""))
    token = token_for(settings, known or str(cookies[0].value))
    given = {"form": form or Form(), "form_token": token, "notice": notice, "said": said, **data}
    for _ in range(2 if any_wrong(given.values()) else 1):
        html = request.app.state.pages.render(
            template, title, url=request.url.path, crumbs=crumbs, actor=actor_of(request), **given
        )
    refused = 409 if said and not (form and form.faults) else 0
    code = status or refused or (form.status if form else 200)
    # An address with a token in it is told to no other site.  With "no-referrer" browsers would
    # send the form of the page with the origin "null", which is refused.
    headers = {"Referrer-Policy": "same-origin"} if "token" in request.query_params else {}
    return Response(
        html, status_code=code, media_type="text/html", cookies=cookies, headers=headers
    )


def framed(request: Asked, html: str) -> Response[str]:
    """A page that a page of ours shows within itself; no other site may."""
    standing = dict(standing_headers(request.app.state.settings))
    policy = standing[b"content-security-policy"].decode()
    headers = {
        "Content-Security-Policy": policy.replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        ),
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(html, media_type="text/html", headers=headers)


def come_back_to(answer: Response[Any]) -> Response[Any]:
    """Let a browser keep a form that it shows, with what is typed into it: without that, Firefox
    gives nothing back to whoever leaves the form and comes back to it.
    """
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def any_wrong(given: Iterable[Any]) -> bool:
    """Came a form back?  Its page is rendered twice: its fields are below the summary that tells
    what is wrong by the words of their labels, so the first time these words are only gathered.
    """
    return any(isinstance(one, Form) and one.faults for one in given)


def go(request: Asked, address: str, notice: str = "", *cookies: Cookie) -> Redirect:
    """Lead to another page after a form was taken; it says what was done."""
    told = [notice_cookie(request.app.state.settings, notice)] if notice else []
    return Redirect(address, status_code=303, cookies=[*told, *cookies])


def notice_cookie(settings: Settings, notice: str) -> Cookie:
    """What the next page tells, once; it is words of ours, and nobody else can set the cookie."""
    return cookie(settings, "notice", quote(notice), NOTICED)
