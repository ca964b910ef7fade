"""The same pages give the same search index: what Pagefind leaves to chance is put in order.

Pagefind writes its filters, and the values of each, in an order that differs from run to run, and
names the files by their bytes.  A bundle may be kept for ever under its address, so a second build
of the same text must not make it of other files.  What is rewritten are the filters, the list that
names them and the entry that names the list.  These are gzipped CBOR, of numbers, texts and lists.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from pydotorg_build.digests import digest_bytes

MARK = b"pagefind_dcd"
GZIP = 31
NUMBER, TEXT, LIST = 0, 3, 4
# How long a number is that does not fit beside its type.
LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}
FILTERS, SORTS = 3, 4


class UnknownFormError(ValueError):
    """An index that another version of Pagefind wrote."""


def put_in_order(index: Path) -> None:
    """Sort the filters of an index, and name their files by what is in them now."""
    entry = index / "pagefind-entry.json"
    about = json.loads(entry.read_bytes())
    for language in about["languages"].values():
        language["hash"] = _order_list(index, language["hash"])
    entry.write_text(json.dumps(about, sort_keys=True), encoding="utf-8")


def _order_list(index: Path, name: str) -> str:
    """Sort what names the filters and their files; return its new name."""
    form = "pagefind.{}.pf_meta"
    meta = _read(index / form.format(name))
    if not (isinstance(meta, list) and len(meta) > SORTS and isinstance(meta[FILTERS], list)):
        raise UnknownFormError(form.format(name))
    meta[FILTERS] = [[what, _order_filter(index, file)] for what, file in sorted(meta[FILTERS])]
    meta[SORTS] = sorted(meta[SORTS])
    return _write(index, form, name, meta)


def _order_filter(index: Path, name: str) -> str:
    form = "filter/{}.pf_filter"
    what, values = _read(index / form.format(name))
    return _write(index, form, name, [what, sorted(values)])


def _read(path: Path) -> Any:
    data = zlib.decompress(path.read_bytes(), GZIP)
    if not data.startswith(MARK):
        raise UnknownFormError(path.name)
    value, end = decoded(data, len(MARK))
    if end != len(data):
        raise UnknownFormError(path.name)
    return value


def _write(index: Path, form: str, name: str, value: Any) -> str:
    """Write a file anew under the digest of its content; return its new name, as long as before."""
    language, _, old = name.rpartition("_")
    data = MARK + encoded(value)
    new = f"{language}_{digest_bytes(data)[: len(old)]}"
    packing = zlib.compressobj(9, wbits=GZIP)
    (index / form.format(name)).unlink()
    (index / form.format(new)).write_bytes(packing.compress(data) + packing.flush())
    return new


def decoded(data: bytes, at: int = 0) -> tuple[Any, int]:
    """Read one value of CBOR, and say where it ends.

    >>> decoded(bytes.fromhex("82616118ff"))
    (['a', 255], 5)
    """
    kind, number, at = data[at] >> 5, data[at] & 31, at + 1
    if number >= 24:
        if number not in LENGTHS:
            raise UnknownFormError(f"byte {at}")
        end = at + LENGTHS[number]
        number, at = int.from_bytes(data[at:end], "big"), end
    if kind == NUMBER:
        return number, at
    if kind == TEXT:
        return data[at : at + number].decode(), at + number
    if kind != LIST:
        raise UnknownFormError(f"byte {at}")
    found = []
    for _ in range(number):
        value, at = decoded(data, at)
        found.append(value)
    return found, at


def encoded(value: Any) -> bytes:
    """Write one value as CBOR.

    >>> encoded(["a", 255]).hex()
    '82616118ff'
    """
    if isinstance(value, int):
        return _head(NUMBER, value)
    if isinstance(value, str):
        text = value.encode()
        return _head(TEXT, len(text)) + text
    return _head(LIST, len(value)) + b"".join(encoded(one) for one in value)


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    sign = next(sign for sign, length in LENGTHS.items() if number < 1 << 8 * length)
    return bytes([kind << 5 | sign]) + number.to_bytes(LENGTHS[sign], "big")
