"""A contract on paper: its words as data, and of these a PDF and a DOCX.  Nothing here is markup.

What anybody typed reaches typst as JSON in `sys.inputs` and Word as text of runs, so it can neither
read a file nor change the look.  The same words give the same bytes.
"""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydotorg_build.content.bars import grouped
from sidecar.workflow import Refused

SECONDS = 20
# The first day that a ZIP archive knows.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
# What typst says of text that its fonts cannot show.
LACKS = re.compile(r'the text `"(.*?)"` could not be displayed')
Words = Mapping[str, Any]
Run = dict[str, Any]


def words_of(
    *, company: str, payload: Mapping[str, Any], terms: Mapping[str, Any], price: int,
    start: datetime.date, end: datetime.date, revision: int, reference: str,
    renews: datetime.date | None = None,
) -> dict[str, Any]:  # fmt: skip
    """All that a contract says.  One that `renews` names the first day of the one before."""
    agreed = agreed_on(company, terms, price, start, end)
    place = [payload[name] for name in ("address", "postal_code", "city", "country")]
    facts = {
        "Sponsor": company,
        "Address": ", ".join(part.replace("\n", ", ") for part in place if part),
        "Incorporated in": payload.get("incorporated_in") or payload["country"],
        "Contact": payload["contact_name"],
        **agreed,
    }
    if renews:
        facts["Renews"] = f"the agreement that began on {_in_words(renews)}"
    return {
        "title": "Sponsorship agreement", "reference": f"{reference}, revision {revision}",
        "facts": list(facts.items()), "benefits": benefits_of(terms),
        "clauses": [{"title": one["title"], "blocks": list(blocks_of(one["text"]))}
                    for one in terms["clauses"]],
    }  # fmt: skip


def agreed_on(
    company: str, terms: Mapping[str, Any], price: int, start: datetime.date | None,
    end: datetime.date | None,
) -> dict[str, str]:  # fmt: skip
    """What both sides sign, as a contract names it: with whom, for what, how much and how long."""
    return {
        "Sponsor": company, "Level": terms["level"]["title"] if terms.get("level") else "none",
        "Fee": f"{grouped(price)} US dollars a year",
        "From": _in_words(start), "Until": _in_words(end),
    }  # fmt: skip


def benefits_of(terms: Mapping[str, Any]) -> list[str]:
    """What the level and the add-ons bring, a line each."""
    level = terms.get("level")
    return [*(level["benefits"] if level else ()), *(one["title"] for one in terms["addons"])]


def _in_words(day: datetime.date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "no day"


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable(["image", "link", "autolink"])


def blocks_of(text: str) -> Iterator[dict[str, Any]]:
    """A clause as paragraphs and items of lists, each of runs.

    >>> next(blocks_of("A **b**"))["runs"]
    [{'text': 'A ', 'bold': False}, {'text': 'b', 'bold': True}]
    """
    depth = 0
    for token in _markdown().parse(text):
        if token.type in ("list_item_open", "list_item_close"):
            depth += 1 if token.type.endswith("open") else -1
        elif token.type == "inline":
            yield {"kind": "item" if depth else "text", "runs": list(_runs(token.children or []))}
        elif token.type in ("code_block", "fence", "html_block"):
            yield {"kind": "text", "runs": [{"text": token.content, "bold": False}]}


def _runs(tokens: list[Any]) -> Iterator[Run]:
    bold = False
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            bold = token.type == "strong_open"
        elif token.type in ("softbreak", "hardbreak"):
            yield {"text": " ", "bold": bold}
        elif token.content:
            yield {"text": token.content, "bold": bold}


async def as_pdf(words: Words) -> bytes:
    """The words as a PDF, made by a process of its own that is killed when it takes too long."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sidecar.sponsors.typeset", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            made, said = await child.communicate(json.dumps(words).encode())
    except TimeoutError:
        raise Refused("The contract could not be set in time. Try again.") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        if lacks := LACKS.search(said.decode("utf-8", "replace")):
            raise Refused(
                f"The contract has no letters for “{lacks[1]}”. Ask for it in Latin letters."
            )
        told = said.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
        raise Refused(f"The contract could not be set: {told}")
    return made


def as_docx(words: Words) -> bytes:
    """The words as a document for Word; the file is the same whenever it is made."""
    from docx import Document

    document = Document()
    made = datetime.datetime(*LONG_AGO, tzinfo=datetime.UTC)
    about = document.core_properties
    about.author, about.title, about.comments = "", words["title"], ""
    about.created = about.modified = made
    document.add_heading(words["title"], 0)
    document.add_paragraph(words["reference"])
    table = document.add_table(rows=0, cols=2)
    for name, value in words["facts"]:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
    if words["benefits"]:
        document.add_heading("Benefits", 1)
    for line in words["benefits"]:
        document.add_paragraph(line, style="List Bullet")
    for number, clause in enumerate(words["clauses"], 1):
        document.add_heading(f"{number}. {clause['title']}", 1)
        for block in clause["blocks"]:
            style = "List Bullet" if block["kind"] == "item" else None
            paragraph = document.add_paragraph(style=style)
            for run in block["runs"]:
                paragraph.add_run(run["text"]).bold = run["bold"]
    for side in ("For the Foundation", "For the Sponsor"):
        document.add_paragraph(f"\n{side}: ______________________________  Date: ____________")
    out = io.BytesIO()
    document.save(out)
    return _undated(out.getvalue())


def _undated(archive: bytes) -> bytes:
    """The same archive without the moments at which its parts were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(out, "w") as made:
        for name in sorted(given.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            made.writestr(zipfile.ZipInfo(name, LONG_AGO), given.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
