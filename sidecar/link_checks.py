"""Whether the addresses that a submission names answer: asked by the worker, and never nearby ones.

The visitor of the builder connects only to addresses of the public internet, which it checks after
each redirect too; ports other than those of the web, slow and large answers are not put up with.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete

from pydotorg_build.visits import Limits, NoAnswer, Visitor
from sidecar import cases
from sidecar.queue import Work, task
from sidecar.tables.cases import CaseCheck

LIMITS = Limits(total=5.0, wait=5.0, most=1_000_000, redirects=5, ports=frozenset({80, 443}))
MOST = 10
# An address alone in its field, or in a text: there it ends before a space or a bracket.
WHOLE = re.compile(r"https?://\S+")
WITHIN = re.compile(r"""https?://[^\s<>()\[\]"'`\\]+""", re.IGNORECASE)
AFTER = ".,;:!?*_~|"
AGENT = "python.org link check"


def links_in(payload: Mapping[str, Any]) -> Iterator[str]:
    """The addresses that fields hold, and after these all that stand within texts.

    >>> list(links_in({"text": "An [owl](https://owl.example/a).", "url": "https://owl.example/"}))
    ['https://owl.example/', 'https://owl.example/a']
    """
    texts = [value for value in payload.values() if isinstance(value, str)]
    fields = [text for text in texts if WHOLE.fullmatch(text)]
    yield from fields
    for text in texts:
        if text not in fields:
            yield from (found.rstrip(AFTER) for found in WITHIN.findall(text))


def ask(visitor: Visitor, url: str) -> tuple[bool, str]:
    """Whether an address answers, and what is said of that."""
    try:
        answer = visitor.ask(url)
    except NoAnswer as reason:
        return False, str(reason)
    if answer.status != 200:
        return False, f"it answers with {answer.status}"
    return True, "it answers" + (f", from {answer.url}" if answer.url != url else "")


@task("case.links", tries=3)
async def look_at_links(work: Work) -> None:
    """Ask the addresses of a submission, and keep what they said in place of what was."""
    number = int(work.payload["case"])
    async with work.db.read() as tx:
        case = await cases.load(tx, number)
    if case is None:
        return
    urls = list(dict.fromkeys(links_in(case.revision.payload)))[:MOST]
    visitor = Visitor(AGENT, LIMITS)
    said = await asyncio.gather(*(asyncio.to_thread(ask, visitor, url) for url in urls))
    async with work.finishing() as tx:
        await tx.execute(delete(CaseCheck).where(CaseCheck.submission_id == number))
        tx.add_all(
            CaseCheck(submission_id=number, url=url, is_good=is_good, says=words)
            for url, (is_good, words) in zip(urls, said, strict=True)
        )
