"""Rows as CSV that a spreadsheet opens as what they are: no cell of it is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

# Before the first line: without it, a spreadsheet takes what is no ASCII for something else.
UTF8 = "\ufeff"
# What a spreadsheet puts between cells when it writes CSV, and when they are copied from it.
BETWEEN = (",", ";", "\t")
# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> str:
    """A value as a cell.  A text that would be a formula gets an apostrophe, which says it is none.

    >>> cell("=1+1"), cell(-3), cell("3.14.0/Python-3.14.0.tgz")
    ("'=1+1", '-3', '3.14.0/Python-3.14.0.tgz')
    """
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as lines of CSV."""
    file = io.StringIO()
    csv.writer(file).writerows([cell(value) for value in row] for row in rows)
    return file.getvalue().encode()


def begun(head: Iterable[Any]) -> bytes:
    """The first line of a sheet, which names its columns."""
    return UTF8.encode() + lines([head])


def read(text: str) -> csv.DictReader[str]:
    """The lines of a sheet by its columns, as we wrote it or as a spreadsheet did."""
    plain = text.removeprefix(UTF8)
    head = plain.partition("\n")[0]
    return csv.DictReader(io.StringIO(plain, newline=""), delimiter=max(BETWEEN, key=head.count))
