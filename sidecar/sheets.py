"""Rows as CSV that a spreadsheet opens as what they are: no cell of it is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

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
