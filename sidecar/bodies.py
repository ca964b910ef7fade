"""What is sent and is larger than its route takes: refused, and which field of it makes it so.

Only as much is read as the route takes; what stands whole in that can be shown again.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

# What the field of a file is called, beside that of the name which the file gets.
FILE = "_file"
LARGEST = 1_000_000
# How much is looked through of what is larger: a picture that is too large is seen in it.
START = 6 * LARGEST
MOST_FIELDS = 1000
NAME = re.compile(rb"[\w-]{1,100}")
IN_PART = re.compile(rb'; name="([\w-]{1,100})"(; filename)?')
IN_JSON = re.compile(rb'"(\w{1,100})"\s*:\s*(.*?)(?=,\s*"\w{1,100}"\s*:|\Z)', re.DOTALL)
Texts = tuple[str, ...]


class Field(NamedTuple):
    """A field with what was sent of it, and its text where it is one."""

    name: str
    value: bytes
    text: str | None


class TooLarge(RequestEntityTooLarge):
    """What was sent is too large: which field of it is the largest, and what the others hold."""

    def __init__(self, most: int, sizes: Mapping[str, int], texts: Mapping[str, Texts]) -> None:
        self.field, self.texts = max(sizes, key=sizes.__getitem__, default=""), texts
        self.why = f"too large; all that is sent at once may have {most // 10**6} MB together"
        super().__init__(
            f"{called(self.field) or 'That'} is {self.why}.",
            extra=[{"key": self.field, "message": f"is {self.why}"}] if self.field else [],
        )


def called(field: str) -> str:
    """A field in words, where no page is at hand that calls it otherwise."""
    return field.replace("_", " ").capitalize()


def looked_through(kind: str, start: bytes) -> tuple[dict[str, int], dict[str, Texts]]:
    """How large each field is in the start of a body, and the texts of those that end in it.

    >>> looked_through("application/x-www-form-urlencoded", b"who=Ada+L.&note=aaaaaaaaaaaa")
    ({'who': 6, 'note': 12}, {'who': ('Ada L.',)})
    >>> looked_through("application/json", b'{"title": "A", "text": "aaaaaaaaaaaa')
    ({'title': 3, 'text': 13}, {})
    """
    sizes: dict[str, int] = {}
    texts: dict[str, Texts] = {}
    found = list(islice(READERS[kind](start), MOST_FIELDS)) if kind in READERS else []
    for place, (field, value, text) in enumerate(found):
        name = field.removesuffix(FILE)
        sizes[name] = sizes.get(name, 0) + len(value)
        if text is not None and place < len(found) - 1:
            texts[name] = (*texts.get(name, ()), text)
    return sizes, texts


def in_form(start: bytes) -> Iterator[Field]:
    """The fields of a form."""
    for piece in start.split(b"&", MOST_FIELDS):
        name, _, value = piece.partition(b"=")
        if not NAME.fullmatch(name):
            continue
        text = unquote_plus(value.decode("latin-1")) if len(value) < LARGEST else None
        yield Field(name.decode(), value, text)


def in_parts(start: bytes) -> Iterator[Field]:
    """The fields of a form with files; a file is no text."""
    for piece in start.split(b"\r\n" + start.partition(b"\r\n")[0], MOST_FIELDS):
        head, _, value = piece.partition(b"\r\n\r\n")
        if found := IN_PART.search(head[:1000]):
            text = None if found[2] else value.decode(errors="replace")
            yield Field(found[1].decode(), value, text)


def in_json(start: bytes) -> Iterator[Field]:
    """The fields of an object, as far as they can be told apart without reading it."""
    for found in IN_JSON.finditer(start):
        yield Field(found[1].decode(), found[2], None)


READERS: dict[str, Callable[[bytes], Iterator[Field]]] = {
    RequestEncodingType.URL_ENCODED: in_form,
    RequestEncodingType.MULTI_PART: in_parts,
    RequestEncodingType.JSON: in_json,
}


class Asking(Request[Any, Any, Any]):
    """A request that tells what in it was too large.

    More than LARGEST is taken only by a route that says so, and only in parts, of which some are files.
    """

    __slots__ = ("_refused",)

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body, piece by piece; one that says itself that it is too large is only begun."""
        most = self.route_handler.resolve_request_max_body_size() or LARGEST
        kind = self.content_type[0]
        if kind != RequestEncodingType.MULTI_PART:
            most = min(most, LARGEST)
        if (self.content_length or 0) > most:
            if not hasattr(self, "_refused"):
                self._refused = TooLarge(
                    most, *looked_through(kind, await self._start(min(most, START)))
                )
            raise self._refused
        try:
            async for piece in super().stream():
                yield piece
        except RequestEntityTooLarge:
            raise TooLarge(most, {}, {}) from None

    async def _start(self, most: int) -> bytes:
        start = bytearray()
        while len(start) < most:
            event: Any = await self.receive()
            start += event.get("body", b"")
            if not event.get("more_body", False):
                break
        return bytes(start[:most])
