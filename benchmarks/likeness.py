"""Whether the contenders made the same site: the same addresses, and in a page the same elements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import Page

ELEMENT = re.compile(r"<(h[1-6]|p|li|ul|ol|pre|table|tr|td|th|em|strong|blockquote)[\s>]")
LINK = re.compile(r'<a [^>]*href="/')
ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
OWN = frozenset({"404.html"})


@dataclass(frozen=True)
class Made:
    """What a contender made: its pages, all its files, and the elements of some articles."""

    pages: frozenset[str]
    files: int
    size: int
    elements: Mapping[str, Counter[str]]


def made(output: Path, sample: Iterable[Page]) -> Made:
    """Look at what a contender made."""
    files = [path for path in output.rglob("*") if path.is_file()]
    names = (path.relative_to(output).as_posix() for path in files if path.suffix == ".html")
    return Made(
        pages=frozenset(names) - OWN,
        files=len(files),
        size=sum(path.stat().st_size for path in files),
        elements={page.url: _elements(output, page) for page in sample},
    )


def _elements(output: Path, page: Page) -> Counter[str]:
    html = (output / page.url.strip("/") / "index.html").read_text(encoding="utf-8")
    article = ARTICLE.search(html)
    text = article[0] if article else ""
    return Counter(ELEMENT.findall(text)) + Counter(a=len(LINK.findall(text)))


def differences(one: Made, two: Made) -> list[str]:
    """How two contenders' sites differ, in words; nothing when they are alike."""
    found = [f"only the first has {name}" for name in sorted(one.pages - two.pages)[:5]]
    found += [f"only the second has {name}" for name in sorted(two.pages - one.pages)[:5]]
    for url, elements in one.elements.items():
        other = two.elements[url]
        unlike = {tag for tag in elements | other if elements[tag] != other[tag]}
        found += [f"{url}: {elements[tag]} and {other[tag]} <{tag}>" for tag in sorted(unlike)]
    return found
