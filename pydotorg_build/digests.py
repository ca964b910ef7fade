"""Digests: the same value gives the same one, in every process and on every machine."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, get_args

import msgspec

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_PLAIN = frozenset({str, int, bool, float, bytes, type(None), datetime.date})
# A field of days may hold a moment, which is a day too.
_NO_MOMENTS = _PLAIN - {datetime.date}
# Stands in every moment as MessagePack writes it, and in no text.
_MOMENT = b"\xff"


def digest_bytes(*parts: bytes) -> str:
    """Digest some bytes (128 bits, as 32 hexadecimal digits)."""
    told = [piece for part in parts for piece in (len(part).to_bytes(8, "little"), part)]
    return hashlib.blake2b(b"".join(told), digest_size=16).hexdigest()


def digest(value: Any) -> str:
    """Digest any data: structs, containers, numbers, texts, dates.

    The type of a value counts, since two classes with equal fields encode alike; and so do time
    zones by their names, since one moment in two zones does too.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    data = _ENCODER.encode(value)
    zones = ",".join(_zones(value)) if _MOMENT in data else ""
    return digest_bytes(type(value).__qualname__.encode(), data, zones.encode())


def _zones(value: Any) -> list[str]:
    """The zone of every moment in a value, in an order that does not depend on chance."""
    found: list[str] = []
    queue = [value]
    while queue:  # no recursion: this is done for every list of releases that has moments
        one = queue.pop()
        if isinstance(one, datetime.datetime):
            found.append(str(one.tzinfo))
        else:
            queue += [part for part in _parts(one) if type(part) not in _PLAIN]
    return found


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, msgspec.Struct):
        return _parts_of(type(value))(value)
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=_ENCODER.encode)
    return ()


@cache
def _parts_of(struct: type[msgspec.Struct]) -> Callable[[Any], Iterable[Any]]:
    """What gives those fields of a struct that a moment may stand in, by their types."""
    try:
        fields = msgspec.structs.fields(struct)
    except NameError:  # one of the types is only there for the type checker
        return msgspec.structs.astuple
    names = [field.name for field in fields if _may_hold(field.type)]
    return lambda value: [getattr(value, name) for name in names]


def _may_hold(kind: Any) -> bool:
    """May a value of this type have a moment in it?"""
    inner = get_args(kind)
    return any(map(_may_hold, inner)) if inner else kind not in _NO_MOMENTS and kind is not Ellipsis


def digest_texts(*texts: str) -> str:
    """Digest some texts, in this order."""
    return digest_bytes(*[text.encode() for text in texts])
