"""Which artifacts are stale, and their bytes: rendered into staged files, links noted."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.artifacts import Page, Poster
from pydotorg_build.attachments import bodies_of
from pydotorg_build.cache import pack
from pydotorg_build.digests import digest_bytes, digest_texts
from pydotorg_build.links import Links, indexed_part, links_in, of_absolute
from pydotorg_build.plan import Planned, Planner, Unit, digest_of, template_of
from pydotorg_build.problems import Problem, Problems
from pydotorg_build.render import Renderer
from pydotorg_build.sources import Stamp

if TYPE_CHECKING:
    from pydotorg_build.artifacts import Body
    from pydotorg_build.frame import Frame
    from pydotorg_build.look import Look
    from pydotorg_build.markdown import Prose
    from pydotorg_build.workshop import Workshop


# So many units are planned together: what is known of them is a few questions.
AT_ONCE = 32


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one artifact.  `staged` is the path of its new file; empty when it is as before.

    `data` is the digest of all that it was planned with.
    """

    path: str
    url: str
    template: str = ""
    fingerprint: str
    data: str
    digest: str = ""
    staged: str = ""
    stamp: Stamp = Stamp(0, 0, 0)
    targets: bytes = b""
    ids: bytes = b""
    bundle: str = ""
    indexed: str = ""
    seconds: float = 0
    problems: tuple[Problem, ...] = ()


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a unit, and what was made on the way that is to be remembered."""

    unit: Unit
    rendered: tuple[Rendered, ...]
    memo: tuple[tuple[str, bytes], ...] = ()


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a unit that was only rendered again."""

    key: str
    problems: tuple[Problem, ...]
    rendered: tuple[Rendered, ...]


@dataclass(frozen=True)
class _Job:
    planned: Planned
    before: str


class Rendering:
    """Renders what is stale.  It is made before work is spread, so every process has it.

    `altered` are the published files that are known not to say what was written.
    """

    def __init__(self, shop: Workshop, look: Look, frame: Frame, planner: Planner) -> None:
        self._shop, self._look, self.frame, self._planner = shop, look, frame, planner
        self.altered: set[str] = set()
        shop.spares.look()
        settings = shop.settings
        self._renderer = Renderer(
            frame, shop.root, settings.templates, shop.state, planner.attachments
        )

    def forked(self, number: int) -> None:
        """Forget the connections that belong to the process this one was made of."""
        self._shop.forked(number)

    def stale(self, planned: Iterable[Planned]) -> list[_Job]:
        """The artifacts whose file is not on disk, or has another fingerprint."""
        wanted = {one.path: one for one in planned if one.path}
        sql = "SELECT path, fingerprint, digest, data FROM output WHERE path IN ({})"
        rows = self._shop.record.rows_in(sql, wanted)
        known = {path: row for path, *row in rows}
        jobs = []
        for path, one in wanted.items():
            fingerprint, digest, data = known.get(path, ("", "", ""))
            # Where the plan stands, it was planned with the same as before.
            one.digest = one.digest or data or digest_of(one)
            one.fingerprint = self._fingerprint(one)
            if path in self.altered:
                digest = ""
            elif fingerprint == one.fingerprint:
                continue
            jobs.append(_Job(one, digest))
        return jobs

    def _fingerprint(self, one: Planned) -> str:
        look = self._look
        if isinstance(one.artifact, Page):
            closure = look.closures.get(one.artifact.template, "")
            return digest_texts(look.engine, look.frame, closure, one.digest)
        if isinstance(one.artifact, Poster):
            # Its address has the digest of its texts.
            return digest_texts(look.posters, one.artifact.url)
        return digest_texts(look.engine, self._shop.settings.url, one.digest)

    def render(self, job: _Job) -> Rendered:
        """Render one artifact; what is wrong with it is in the result."""
        began = time.perf_counter()
        one = job.planned
        try:
            content = self._renderer.render(one)
        except Problems as problems:
            return Rendered(
                path=one.path, url=one.artifact.url, template=template_of(one.artifact),
                fingerprint=one.fingerprint, data=one.digest, problems=tuple(problems.problems),
            )  # fmt: skip
        digest = digest_bytes(content)
        links, bundle, indexed = self._read(one, content)
        staged, look = "", Stamp(0, 0, 0)
        if digest != job.before:
            staged, look = self._shop.spares.stage(content)
        return Rendered(
            path=one.path,
            url=one.artifact.url,
            template=template_of(one.artifact),
            fingerprint=one.fingerprint,
            data=one.digest,
            digest=digest,
            staged=staged,
            stamp=look,
            targets=pack(links.targets),
            ids=pack(links.ids),
            bundle=bundle,
            indexed=indexed,
            seconds=time.perf_counter() - began,
        )

    def _read(self, one: Planned, content: bytes) -> tuple[Links, str, str]:
        """The links of a page; in which bundle search finds it, and the digest of what it finds."""
        if not isinstance(one.artifact, Page):
            return Links(), "", ""
        html, page = content.decode(), one.artifact
        # Where links were taken out, a body is not what it was when it was read.
        bodies = [] if self.frame.off else list(bodies_of(page))
        proses = [self._planner.attachments.prose(body) for body in bodies]
        links = links_in(html, page.url, [(prose.html, prose.found) for prose in proses])
        links = self._with_absolute(links, page, zip(bodies, proses, strict=True))
        part = indexed_part(html) if page.bundle else ""
        is_indexed = part and self._shop.settings.search
        return links, page.bundle if part else "", digest_texts(part) if is_indexed else ""

    def _with_absolute(
        self, links: Links, page: Page, written: Iterable[tuple[Body, Prose]]
    ) -> Links:
        """Besides, where the absolute links of a page's texts lead.

        On a page of ours, those of what strangers wrote are theirs.
        """
        holds, site = self._shop.snapshots.holds, self._shop.settings.url
        is_theirs = holds(page.source.path)
        found = {
            target: None
            for body, prose in written
            if is_theirs or not holds(body.path)
            for link in prose.found.absolute
            if (target := of_absolute(link, site))
        }
        targets = dict.fromkeys(links.targets) | found
        return Links(tuple(targets), links.ids) if found else links

    def make(self, key: str) -> Made:
        """Plan one unit anew, and render what is stale of it.

        Where something is wrong already, only what can be rendered all the same is: for its links.
        """
        unit = self._planner.unit(key)
        holds = self._shop.snapshots.holds
        is_good = all(holds(problem.source.path) for problem in unit.problems)
        every = (self.render(job) for job in self.stale(unit.planned))
        rendered = tuple(one for one in every if is_good or not one.problems)
        unit.planned = []
        return Made(unit=unit, rendered=rendered, memo=self._planner.attachments.take_made())

    def render_again(self, keys: Sequence[str]) -> Iterator[Again]:
        """Render what is stale of units whose plan stands: what they publish is as it was."""
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            self._look.entries.fetch_ahead(part)
            plans = self._planner.again(part)
            jobs: dict[str, list[_Job]] = {key: [] for key in plans}
            for job in self.stale(one for planned, _ in plans.values() for one in planned):
                jobs[job.planned.unit].append(job)
            for key, (_, problems) in plans.items():
                rendered = tuple(self.render(job) for job in jobs[key])
                yield Again(key=key, problems=tuple(problems), rendered=rendered)
