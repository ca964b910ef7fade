"""Old addresses: what the built site's `_redirects` says where there is neither a file nor a route.

A web server that does not read that file asks the sidecar for whatever it does not have.
"""

from __future__ import annotations

from pathlib import Path

from litestar.types import HTTPScope

from pydotorg_build import rules
from pydotorg_build.forwarding import Rules
from pydotorg_build.hosting import EVERYWHERE
from pydotorg_build.serve import Answer, follow, query_of

KEPT = {"cache-control": dict(EVERYWHERE)["Cache-Control"]}


class Moved:
    """The rules of the site that is served, read again where it was built anew."""

    def __init__(self, site: Path) -> None:
        self._site, self._file = site, site / "_redirects"
        self._rules, self._read = Rules(()), (0, 0)

    def answer(self, scope: HTTPScope) -> Answer | None:
        """What a rule says of an address; None where none does, or only that it is not there."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        self._look()
        found = self._rules.first(scope["path"], query_of(scope), is_there=False)
        if found is None or not _is_for_us(found[0]):
            return None
        answer = follow(self._site, *found, scope)
        answer.headers = KEPT | answer.headers
        return answer

    def _look(self) -> None:
        """Read the rules again where they are others: some milliseconds, once a build."""
        try:
            seen = self._file.stat()
            if (seen.st_mtime_ns, seen.st_ino) != self._read:
                self._rules = Rules(rules.redirects(self._site))
                self._read = seen.st_mtime_ns, seen.st_ino
        except OSError:
            pass  # it is being replaced, or there is none: what was read before still stands


def _is_for_us(rule: rules.Rule) -> bool:
    """Not what another server answers, and not "nothing is here", which is said by who asked."""
    return rule.status != 404 and (rule.status != 200 or rule.target.startswith("/"))
