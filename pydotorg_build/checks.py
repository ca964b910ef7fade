"""Whether the links and anchors of rendered pages lead to something that is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from pydotorg_build import rules
from pydotorg_build.links import Target
from pydotorg_build.problems import meant


class Dead(NamedTuple):
    """A target that is not there: what to say of it, and a hint."""

    target: Target
    message: str
    hint: str


def dead(
    targets: Iterable[Target],
    ids_of: Callable[[str], Iterable[str] | None],
    is_elsewhere: Callable[[str], bool],
    hint_at: Callable[[str], str],
) -> Iterator[Dead]:
    """Of some targets, those that are not there.

    `ids_of(path)` gives the ids of a file of the site, None when there is no such file;
    `is_elsewhere(path)` says whether a redirect or the sidecar answers there; `hint_at(path)`
    tells what may have been meant, if anything.
    """
    for path, anchor in targets:
        if not path.startswith("/"):
            message = f"the link to {path} leads to no host that others reach"
            yield Dead((path, anchor), message, "write the whole address, as others reach it")
            continue
        ids = ids_of(path)
        if ids is None:
            if is_elsewhere(path):
                continue
            if not path.endswith("/") and ids_of(path + "/") is not None:
                message = f"the link to {path} needs a slash at its end"
                yield Dead((path, anchor), message, f"write {path}/")
            else:
                message = f"the link to {path} leads nowhere"
                yield Dead((path, anchor), message, hint_at(path) or "mend or remove it")
        elif anchor and anchor not in ids and anchor != "top":
            known = (f"#{one}" for one in ids)
            hint = meant(f"#{anchor}", known, "it may have been a heading that changed")
            yield Dead((path, anchor), f"{path} has no anchor #{anchor}", hint)


def matcher(redirects: Collection[str], prefixes: Iterable[str]) -> Callable[[str], bool]:
    """Whether an address is answered by a redirect or lies under a prefix of the sidecar.

    >>> matcher(["/one/:id"], [])("/one/1/"), matcher(["/one/:id"], [])("/one/")
    (True, False)
    """
    exact = {url for url in redirects if not url.endswith("*")}
    named = [rules.pattern(url) for url in exact if "/:" in url]
    wild = tuple(url[:-1] for url in redirects if url.endswith("*"))
    under = tuple(prefixes)

    def is_elsewhere(path: str) -> bool:
        if path in exact or (wild and path.startswith(wild)) or path.startswith(under):
            return True
        return any(pattern.fullmatch(path) for pattern in named)

    return is_elsewhere
