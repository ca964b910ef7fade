"""Blogs at the desk: followed or not, what came of asking them, and entries that are featured."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from sidecar import blogs, publishing
from sidecar.answers import Asked, go
from sidecar.desk import show
from sidecar.forms import Nothing, read_form
from sidecar.permissions import Permission, actor_of

URL = "/admin/blogs"
ENTRIES = f"{URL}/entries"
SHOWN = 100
# /blogs/ has room for so many.
FEATURED = 4


@get(URL, permission=Permission.BLOGS_CHANGE)
async def feeds(request: Asked, state: State) -> Response[str]:
    """List the blogs: those that fail first."""
    found = await asyncio.to_thread(blogs.found, state.settings)
    async with state.db.read() as tx:
        marks = await blogs.marks(tx)
    ordered = sorted(found.feeds, key=lambda feed: (-feed.failures, feed.title.casefold()))
    return show(request, "sidecar/admin/blogs.html", "Blogs", at=found.at, feeds=ordered,
                off=marks["off"], entries_url=ENTRIES)  # fmt: skip


@post(f"{URL}/{{slug:str}}/{{act:str}}", permission=Permission.BLOGS_CHANGE)
async def switch(
    request: Asked, state: State, slug: FromPath[str], act: FromPath[str]
) -> Response[Any]:
    """Switch a blog on or off."""
    found = await asyncio.to_thread(blogs.found, state.settings)
    feed = next((one for one in found.feeds if one.slug == slug), None)
    if feed is None or act not in ("on", "off"):
        raise NotFoundException
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    await _put(request, state, "off", slug, on=act == "off")
    said = "is followed no more" if act == "off" else "is followed again"
    return go(request, URL, f"{feed.title} {said}. The next build and the next fetch know it.")


@get(ENTRIES, permission=Permission.BLOGS_CHANGE)
async def entries(request: Asked, state: State) -> Response[str]:
    """List the newest entries, and those that are featured above them."""
    every = await asyncio.to_thread(blogs.entries, state.settings)
    found = await asyncio.to_thread(blogs.found, state.settings)
    async with state.db.read() as tx:
        featured = (await blogs.marks(tx))["featured"]
    return show(
        request, "sidecar/admin/blog_entries.html", "Entries of blogs",
        featured=[row for row in every if row.key in featured],
        rows=[row for row in every if row.key not in featured][:SHOWN],
        titles={feed.slug: feed.title for feed in found.feeds}, most=FEATURED,
    )  # fmt: skip


@post(f"{ENTRIES}/{{key:str}}/{{act:str}}", permission=Permission.BLOGS_CHANGE)
async def feature(
    request: Asked, state: State, key: FromPath[str], act: FromPath[str]
) -> Response[Any]:
    """Feature an entry, or no more.  One that has left its feed can only be taken away."""
    every = await asyncio.to_thread(blogs.entries, state.settings)
    row = next((one for one in every if one.key == key), None)
    if act not in ("feature", "unfeature") or (row is None and act == "feature"):
        raise NotFoundException
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, ENTRIES, form.errors[0][1])
    await _put(request, state, "featured", key, on=act == "feature")
    said = "stands" if act == "feature" else "does not stand"
    return go(request, ENTRIES, f"The entry {said} in the block “Featured” after the next build.")


async def _put(request: Asked, state: State, mark: blogs.Mark, of: str, *, on: bool) -> None:
    """Give or take a mark; what changes is on the site soon."""
    async with state.db.write() as tx:
        if await blogs.put(tx, actor_of(request), mark, of, on=on):
            await publishing.anew(tx, "blogs")


ROUTES = (feeds, switch, entries, feature)
