"""A table that a phone shows row by row: each of its cells carries the title of its column.

A style sheet that lays a table out otherwise takes its meaning from some screen readers, so its
parts say what they are.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
HEAD = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
SILENT = re.compile(r'<span (?:aria-hidden="true"|class="visually-hidden")>.*?</span>', re.DOTALL)
PART = re.compile(r"<(table|thead|tbody|tfoot|tr)\b")
CELL = re.compile(r'<(?:td|th scope="(row|col)")')
ROLES = {
    "table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tfoot": "rowgroup", "tr": "row",
    None: "cell", "row": "rowheader", "col": "columnheader",
}  # fmt: skip


def stacked(table: str, *, roles: bool = True) -> Markup:
    """The table, ready to be told row by row; public pages go without roles, which their HTML may not have.

    >>> str(stacked('<tr><th scope="col">Who</th></tr> <tr><td>Ada</td></tr>')).partition("> <")[2]
    'tr role="row"><td role="cell" data-label="Who">Ada</td></tr>'
    """
    labels = [Markup(SILENT.sub("", head)).striptags() for head in HEAD.findall(table)]

    def row(found: re.Match[str]) -> str:
        titles = iter(labels)

        def cell(begun: re.Match[str]) -> str:
            title, role = next(titles, ""), ROLES[begun[1]]
            label = f' data-label="{escape(title)}"' if title and role == "cell" else ""
            return f'{begun[0]} role="{role}"{label}' if roles else f"{begun[0]}{label}"

        return CELL.sub(cell, found[0])

    whole = ROW.sub(row, str(table))
    if not roles:
        return Markup(whole)
    return Markup(PART.sub(lambda part: f'{part[0]} role="{ROLES[part[1]]}"', whole))
