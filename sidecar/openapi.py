"""The descriptions of the JSON interface: one for everybody, one for staff.

Each is made of the routes themselves, of an application that is never run; so a description tells
what the routes do, and nothing of the pages for people.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, Reference, SecurityScheme, Server, Tag

from sidecar.api import TAGS
from sidecar.routes import (
    api_account,
    api_keys,
    api_letters,
    api_staff,
    api_submissions,
    api_tokens,
)

PUBLIC = (*api_account.ROUTES, *api_keys.ROUTES, *api_submissions.ROUTES, *api_tokens.ROUTES)
STAFF = (*api_staff.ROUTES, *api_letters.ROUTES)
ABOUT = (
    "What an account may do by programs. Everything about releases is files, at /api/v3/. "
    "A key is made at /account/keys and sent in the header Authorization, as Bearer pyk_…"
)
SCHEMES: dict[str, SecurityScheme | Reference] = {
    "key": SecurityScheme(type="http", scheme="bearer", description="A key, as pyk_…"),
    "token": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT",
                            description="An access token of /api/v1/token"),
}  # fmt: skip


@lru_cache
def document(url: str, *, is_for_staff: bool = False) -> dict[str, Any]:
    """The description for everybody, or that for staff."""
    routes = STAFF if is_for_staff else PUBLIC
    tags = {tag for route in routes for tag in route.tags or ()}
    config = OpenAPIConfig(
        title="Python.org for staff" if is_for_staff else "Python.org", version="1",
        description=ABOUT, use_handler_docstrings=True, create_examples=False,
        servers=[Server(url)], license=License("Apache-2.0", identifier="Apache-2.0"),
        tags=[Tag(name, words) for name, words in TAGS.items() if name in tags],
        components=Components(security_schemes=SCHEMES),
    )  # fmt: skip
    schema = Litestar(routes, openapi_config=config).openapi_schema.to_schema()
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return found


def operations(found: dict[str, Any]) -> list[dict[str, Any]]:
    """All that can be asked, for a page: method, path and description of each."""
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, item in found["paths"].items()
        for method, operation in item.items()
    ]
