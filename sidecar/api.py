"""What all of the JSON interface has in common: one shape of errors, pages with links, descriptions.

    @get("/api/v1/keys", permission=Permission.KEYS_CHANGE,
         **told("Keys", "List your keys", KeyPage, KEY_PAGE))

Routes below /api/v1/ are in the public description; those below /api/v1/staff/ are in one of their
own, which only staff see; pages for people are in none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar.exceptions import SerializationException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from pydotorg_build.content.base import Fault as Wrong
from pydotorg_build.content.read import read
from sidecar.clients import Asked

V1 = "/api/v1"
STAFF = f"{V1}/staff"
MOST = 100
WORDS = {
    400: ("Something in what was sent is not as it should be.", "Not as it should be: name."),
    401: ("No key was sent, or it counts no more.", "Sign in first."),
    403: ("The key or its owner may not do this.", "Your account may not do this."),
    404: ("There is no such thing.", "There is nothing at this address."),
    409: ("It cannot be done as things are.", "You have 20 keys; revoke one first."),
    429: ("Asked too often; Retry-After says when to ask again.", "You asked too often."),
    503: (
        "It cannot be done at the moment; ask again later.",
        "Nothing can be written at the moment.",
    ),
}
TAGS = {
    "Account": "Who a key belongs to.",
    "Keys": "Your keys. A key is shown once, when it is made.",
    "Submissions": "What you handed in, and where it is on its way.",
    "Tokens": "Short-lived tokens in place of a key, and how they are renewed.",
    "Service": "Whether it works, and what it can do.",
    "Staff": "For those who look after the site.",
}
# One line that people read: no control characters, which PostgreSQL could not keep either.
ONE_LINE = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]+$"
SAID = {"must be": "one line of text"}
Line = Annotated[str, Meta(min_length=1, max_length=100, pattern=ONE_LINE, extra=SAID)]
PageNumber = Annotated[int, QueryParameter(ge=1, le=1_000_000, description="Which page, from 1.")]
PageSize = Annotated[int, QueryParameter(ge=1, le=MOST, description=f"How many, {MOST} at most.")]


class Fault(Struct, frozen=True):
    """What went wrong."""

    status: int
    message: str
    fields: dict[str, str]


class Failure(Struct, frozen=True):
    """The one shape of all errors; `fields` says what is wrong with each field that was sent."""

    error: Fault


class Links(Struct, frozen=True):
    """Where the other pages are; empty where there is none."""

    first: str
    prev: str
    next: str
    last: str


def links(path: str, page: int, size: int, total: int) -> Links:
    """The addresses of the pages around one.

    >>> links("/api/v1/keys", 2, 10, 35).next
    '/api/v1/keys?page=3&page_size=10'
    """
    last = max(1, -(-total // size))

    def to(number: int) -> str:
        return f"{path}?{urlencode({'page': number, 'page_size': size})}"

    return Links(
        first=to(1), prev=to(page - 1) if 1 < page <= last + 1 else "",
        next=to(page + 1) if page < last else "", last=to(last),
    )  # fmt: skip


def wrong(*faults: Wrong) -> ValidationException:
    """A refusal that names every field."""
    return ValidationException(
        extra=[{"key": fault.name, "message": fault.message} for fault in faults]
    )


def all_at_once(
    kind: type[Struct], also: Callable[[Asked, Mapping[str, Any]], Iterable[Wrong]] | None = None
) -> Callable[[Asked], Awaitable[None]]:
    """Before a route reads a body of a kind: tell all that is wrong with it; the library tells one.

    `also` tells what else is wrong, of what was sent as it was sent.
    """

    async def look(request: Asked) -> None:
        try:
            given = await request.json()
        except SerializationException:
            return  # the route tells it
        if not isinstance(given, dict):
            return
        # Fields within a field are told by the route, which knows what they are.
        faults = [fault for fault in read(kind, given)[1] if "." not in fault.name]
        named = {fault.name for fault in faults}
        faults += [one for one in (also(request, given) if also else ()) if one.name not in named]
        if faults:
            raise wrong(*faults)

    return look


def told(
    tag: str, summary: str, kind: Any = None, example: Any = None, *, status: int = 200,
    failures: tuple[int, ...] = (400, 401, 403, 429), is_public: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """How a route is described: what it answers, by an example, and what it may refuse."""
    responses: dict[int, ResponseSpec] = {
        code: ResponseSpec(Failure, description=WORDS[code][0], generate_examples=False,
                           examples=[Example(value=failure(code))])
        for code in failures
    }  # fmt: skip
    if kind is not None:
        shown = [Example(value=example)]
        responses[status] = ResponseSpec(kind, description=summary, generate_examples=False,
                                         examples=shown)  # fmt: skip
    return {
        "summary": summary, "tags": [tag], "responses": responses, "status_code": status,
        "security": [{}] if is_public else [{"key": []}, {"token": []}],
    }  # fmt: skip


def failure(code: int) -> dict[str, Any]:
    """An example of a failure."""
    fields = {"name": "Expected `str` of length >= 1"} if code == 400 else {}
    return {"error": {"status": code, "message": WORDS[code][1], "fields": fields}}
