"""What went wrong, for a person as a page and for a program as JSON of one shape.

{"error": {"status": 404, "message": "…", "fields": {"name": "…"}}}
"""

from __future__ import annotations

import traceback
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import structlog
from litestar import Response
from litestar.background_tasks import BackgroundTask
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotFoundException, SerializationException
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR, HTTP_503_SERVICE_UNAVAILABLE
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from sidecar.clients import Asked
from sidecar.failures import keep
from sidecar.permissions import FactorNeeded, ProveAgain
from sidecar.returns import own_address
from sidecar.workflow import Refused

WORDS = {
    401: "Sign in first.",
    403: "You may not do this.",
    404: "There is nothing at this address.",
    405: "This address cannot be asked in that way.",
    409: "Somebody changed this a moment before you. Look again.",
    429: "You asked too often. Try again in a minute.",
    500: "Something went wrong here. It was written down; try again in a moment.",
    503: "The database cannot be reached at the moment. Nothing was lost; try again soon.",
}
# Where a second factor is set up; it is told, and nobody is led there without a word.
FACTORS = "/account/security#factors"
# The first is ours; the others are files of the site.
VERSIONS = ("v1", "v2", "v3")
# The databases count no further.
LARGEST = 2**31 - 1
log = structlog.get_logger()


async def refuse_huge(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: no record has a number that its database could not hold."""
    numbers = (value for value in connection.path_params.values() if isinstance(value, int))
    if any(abs(number) > LARGEST for number in numbers):
        raise NotFoundException


def show_refusal(request: Asked, error: HTTPException) -> Response[Any]:
    """What a route refused; headers such as Retry-After and Allow stay.

    A browser that asks for a page too early is led to where it proves who it is, and back.
    """
    if error.status_code == 404 and (moved := request.app.state.moved.answer(request.scope)):
        kind = moved.headers.get("content-type", "text/plain")
        return Response(
            moved.body, status_code=moved.status, headers=moved.headers, media_type=kind
        )
    way = way_on(request, error)
    if way and way.address != FACTORS and is_page(request):
        return Redirect(way.address, status_code=303)
    status = error.status_code
    # 503 as an HTTPException is a route's own, in its own words: the database's comes otherwise.
    is_ours = status < 500 or status == HTTP_503_SERVICE_UNAVAILABLE
    words = error.detail if is_ours and error.detail else WORDS.get(status, WORDS[500])
    fields = fields_of(error)
    if status in (404, 405):
        words = WORDS[status]
    if status == 404 and request.url.path.startswith("/api/"):
        words = f"{words} Versions of the interface: {', '.join(VERSIONS)}."
    if isinstance(error.__cause__, SerializationException):
        words = f"The body cannot be read: {words}."
    if fields and status != 413:
        words = f"Not as it should be: {', '.join(sorted(fields))}."
    return _answer(
        request, status, words, dict(error.headers or {}), fields, way, is_failure=not is_ours
    )


def fields_of(error: HTTPException) -> dict[str, str]:
    """What is wrong with each field of what a program sent."""
    faults = error.extra if isinstance(error.extra, list) else []
    said = {str(fault.get("key", "")): str(fault["message"]) for fault in faults
            if isinstance(fault, dict) and "message" in fault}  # fmt: skip
    # Of what is not there at all, Litestar says only its name.
    return {key: "Nothing was sent" if words == repr(key) else words for key, words in said.items()}


class Way(NamedTuple):
    """Where somebody who was refused may go on."""

    address: str
    words: str


def way_on(request: Asked, error: HTTPException) -> Way | None:
    """What opens the door that was closed, if anything does; it leads back here."""
    if isinstance(error, FactorNeeded):
        return Way(FACTORS, "To your second factors")
    back = quote(place_of(request))
    if isinstance(error, ProveAgain):
        return Way(f"/account/step-up?then={back}", "Confirm that it is you")
    return Way(f"/account/sign-in?then={back}", "Sign in") if error.status_code == 401 else None


def is_page(request: Asked) -> bool:
    """Does a browser ask for a page?  A form is not: it cannot be sent again by being led there."""
    accepts = "text/html" in request.headers.get("accept", "")
    return request.method == "GET" and accepts and not wants_json(request)


def place_of(request: Asked) -> str:
    """The page that was asked for; of a form, the page it stood on."""
    url = request.url if request.method == "GET" else urlsplit(request.headers.get("referer", ""))
    return own_address(url.path + (f"?{url.query}" if url.query else ""), "/account/")


def show_failure(request: Asked, error: Exception) -> Response[Any]:
    """What nobody foresaw: the visitor is told nothing of it, the log all, and staff its place."""
    log.error("failure", request=request.scope["state"].get("request_id"), exc_info=error)
    answer = _answer(
        request, HTTP_500_INTERNAL_SERVER_ERROR, WORDS[500], {}, trace=trace_of(request, error)
    )
    place = f"{request.method} {request.scope.get('path_template') or 'no route'}"
    answer.background = BackgroundTask(keep, request.app.state.db, place, error)
    return answer


def trace_of(request: Asked, error: Exception) -> str:
    """Where it failed, for whoever works on the program; nobody else is shown that."""
    is_shown = not request.app.state.settings.is_production
    return "".join(traceback.format_exception(error)) if is_shown else ""


def show_too_deep(request: Asked, _: RecursionError) -> Response[Any]:
    """JSON that was nested deeper than anybody means it; the parser gives up like this."""
    return _answer(request, 400, "This is nested too deeply.", {})


def show_refused_step(request: Asked, error: Refused) -> Response[Any]:
    """A step that the table of steps does not allow now; it names those that it does."""
    return _answer(request, 409, str(error), {})


def show_race(request: Asked, _: StaleDataError) -> Response[Any]:
    """Two changed one record; the second is told."""
    return _answer(request, 409, WORDS[409], {})


def show_database(request: Asked, error: SQLAlchemyError) -> Response[Any]:
    """The database is down, full or read-only, or has no connection left."""
    log.error("database", request=request.scope["state"].get("request_id"), exc_info=error)
    return _answer(request, HTTP_503_SERVICE_UNAVAILABLE, WORDS[503], {"retry-after": "10"})


def wants_json(request: Asked) -> bool:
    """Is it a program that asks?"""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or (
        "application/json" in accept and "text/html" not in accept
    )


def _answer(
    request: Asked, status: int, words: str, headers: dict[str, str],
    fields: dict[str, str] | None = None, way: Way | None = None, trace: str = "",
    is_failure: bool = True,
) -> Response[Any]:  # fmt: skip
    if wants_json(request):
        content = {"error": {"status": status, "message": words, "fields": fields or {}}}
        return Response(content, status_code=status, headers=headers)
    number = request.scope["state"].get("request_id", "")
    page = request.app.state.pages.render(
        "sidecar/refused.html", title=_title(status), words=words,
        request_id=number if is_failure and status >= 500 else "",
        way=way, trace=trace,
    )  # fmt: skip
    return Response(page, status_code=status, headers=headers, media_type="text/html")


def _title(status: int) -> str:
    titles = {401: "Sign in first", 403: "Not allowed", 404: "Not found", 409: "Look again",
              413: "Too large", 429: "Too many requests", 503: "Not at the moment"}  # fmt: skip
    return titles.get(status, "That did not work")


HANDLERS: dict[int | type[Exception], Any] = {
    HTTPException: show_refusal,
    Refused: show_refused_step,
    StaleDataError: show_race,
    OperationalError: show_database,
    InterfaceError: show_database,
    PoolTimeout: show_database,
    RecursionError: show_too_deep,
    Exception: show_failure,
}
