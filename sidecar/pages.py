"""Pages in the site's look: the builder's templates, with the frame of the site that is served.

The frame is read anew when the site is built again.  Where no site is built, pages are plain.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build.assets import AssetRef
from pydotorg_build.content.base import Crumb, Meta, named_poster
from pydotorg_build.frame import Frame
from pydotorg_build.render import make_environment


class Pages:
    """Renders templates.  One is made when the application starts.

    `made` keeps what was read off a page, as long as its frame stands.
    """

    def __init__(self, templates: Path, site: Path, url: str) -> None:
        self._templates, self._file, self._url = templates, site / "frame.json", url
        self._seen = -1
        self.made: dict[tuple[str, str], Any] = {}
        self._take(self._plain())

    @property
    def name(self) -> str:
        """What the site is called."""
        self._look()
        return self._frame.name

    def render(
        self, template: str, title: str, *, url: str = "/account/",
        crumbs: tuple[Crumb, ...] = (), **data: Any,
    ) -> str:  # fmt: skip
        """A page as HTML; it is nobody's but the visitor's, and no search engine's."""
        self._look()
        meta = Meta(title=title, url=url, crumbs=crumbs, noindex=True)
        return self._environment.get_template(template).render(
            data | {"meta": meta, "frame": self._frame}
        )

    def _look(self) -> None:
        """Take the frame again where the site was built anew."""
        try:
            seen = self._file.stat().st_mtime_ns
            if seen != self._seen:
                self._take(msgspec.json.decode(self._file.read_bytes(), type=Frame))
                self._seen = seen
        except (OSError, msgspec.DecodeError):
            pass  # it is being replaced, or there is none: what was taken before still stands

    def _take(self, frame: Frame) -> None:
        # What templates make once holds for one frame, so another has an environment of its own.
        self._frame = frame
        self.made.clear()
        self._environment = make_environment(self._templates, frame.url)

    def _plain(self) -> Frame:
        return Frame(
            name="Python.org", url=self._url, description="", language="en",
            package_index="https://packaging.python.org", repository="", branch="main", menu=(),
            assets=defaultdict(lambda: AssetRef("", "")),
            posters={"": named_poster("Python.org", "Python.org")},
        )  # fmt: skip
