"""Which units of the site must be planned anew, and what they publish.

A unit is the smallest thing that is planned: one entry, one group of a kind, or what a whole kind
publishes together.  A unit stands as long as all its answers are the same.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydotorg_build.artifacts import Artifact, Asset, Page, Poster, Redirect
from pydotorg_build.attachments import Attachments, Pictures
from pydotorg_build.cache import Record, pack, unpack
from pydotorg_build.content.base import ContentType, Published
from pydotorg_build.digests import digest, digest_texts
from pydotorg_build.problems import Problem
from pydotorg_build.site import Asking, Site, scope_of

SEGMENT = re.compile(r"(?!\.)[A-Za-z0-9._~+@=:,-]{1,200}(?<!\.)")
OURS = re.compile(
    r"/_headers|/_redirects|/frame\.json|/build\.json|/sitemap(-\d+)?\.xml|/pagefind/.*"
)


@dataclass(slots=True)
class Planned:
    """An artifact, who publishes it, and the digest of all that its bytes are made of.

    The digest is empty where the plan is known to stand: then it is in the record.
    """

    artifact: Artifact
    unit: str
    digest: str = ""
    pictures: Mapping[str, Pictures] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def path(self) -> str:
        """The file it is written to, below the output; empty for what is not a file."""
        return path_of(self.artifact)


class Row(NamedTuple):
    """What is written down of an artifact."""

    url: str
    unit: str
    path: str
    fold: str
    type: str
    template: str
    updated: str
    line: bytes | None
    source: str

    @classmethod
    def of(cls, one: Planned) -> Row:
        """The row of an artifact; of a redirect, the whole of it."""
        artifact = one.artifact
        line = pack(artifact) if isinstance(artifact, Redirect) else None
        return cls(
            artifact.url, one.unit, one.path, fold_of(artifact), type(artifact).__name__,
            template_of(artifact), updated_of(artifact), line, str(artifact.source),
        )  # fmt: skip


@dataclass(slots=True)
class Unit:
    """What was planned of one unit, and between which moments that stands.

    `planned` is gone once it was rendered; what is written down of it stays.  `asked` are its
    questions with the digests of the answers as they are written down: packed, since they were a
    third of the memory of a large plan.
    """

    key: str
    planned: list[Planned]
    problems: list[Problem] = field(default_factory=list)
    asked: bytes = b""
    since: float = -math.inf
    until: float = math.inf
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, key: str, asking: Asking, planned: list[Planned], problems: list[Problem]) -> Unit:
        """A unit, with what it asked."""
        asked = [(scope_of(question), pack(question), asking.asked[question])
                 for question in asking.asked]  # fmt: skip
        return cls(key, planned, problems, pack(asked), asking.since, asking.until)

    def __post_init__(self) -> None:
        self.rows = [Row.of(one) for one in self.planned]


@dataclass
class Changes:
    """What differs from the last build, and so what may be stale."""

    everything: bool = False
    scopes: set[str] = field(default_factory=set)
    added: set[tuple[str, str]] = field(default_factory=set)
    removed: set[tuple[str, str]] = field(default_factory=set)
    groups: set[tuple[str, str]] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
    reasons: dict[str, str] = field(default_factory=dict)


def path_of(artifact: Artifact) -> str:
    """The file that an artifact is written to."""
    if isinstance(artifact, Redirect):
        return ""
    return artifact.url.lstrip("/") + ("index.html" if artifact.url.endswith("/") else "")


class Planner:
    """Plans units with the publishing functions of the site's kinds."""

    def __init__(self, site: Site, types: Iterable[ContentType], attachments: Attachments) -> None:
        self._site = site
        self._types = {kind.name: kind for kind in types}
        self.attachments = attachments

    def unit(self, key: str) -> Unit:
        """Plan one unit, and note what it asked."""
        with self._site.asking() as asking:
            planned, problems = self._attached(key, list(self._publish(key)))
        for one in planned:
            one.digest = digest_of(one)
        problems += [p for one in planned if (p := wrong_address(one.artifact))]
        return Unit.of(key, asking, planned, problems)

    def again(self, keys: Iterable[str]) -> dict[str, tuple[list[Planned], list[Problem]]]:
        """What units publish whose plan stands; nothing is noted."""
        with self._site.asking(is_noted=False):
            found = {key: list(self._publish(key)) for key in keys}
            self.attachments.expect(
                thing for things in found.values() for thing in things
                if isinstance(thing, Artifact)
            )  # fmt: skip
            return {key: self._attached(key, things) for key, things in found.items()}

    def _attached(
        self, key: str, found: Iterable[Artifact | Problem]
    ) -> tuple[list[Planned], list[Problem]]:
        """What a unit publishes with all that its bodies bring, and what is wrong with it."""
        found = list(found)
        problems = [thing for thing in found if isinstance(thing, Problem)]
        planned: list[Planned] = []
        for artifact in found:
            if isinstance(artifact, Artifact):
                planned += self._attach(key, artifact, problems)
        return planned, problems

    def static(self, assets: Iterable[Artifact]) -> Unit:
        """The unit of the static folder, and of what the frame of all pages names."""
        planned = [Planned(asset, "static", digest(asset)) for asset in assets]
        problems = [p for one in planned if (p := wrong_address(one.artifact))]
        return Unit("static", planned, problems)

    def _publish(self, key: str) -> Published:
        level, _, rest = key.partition(":")
        name, _, id = rest.partition(":")
        kind = self._types[name]
        if level == "all":
            yield from kind.of_all(self._site)
        elif level == "group":
            yield from kind.of_group(id, self._site)
        elif (entry := self._site.entry(name, id)) is not None:
            yield from kind.of_one(entry, self._site)

    def _attach(self, key: str, artifact: Artifact, problems: list[Problem]) -> Iterator[Planned]:
        found = self.attachments.of(artifact, self._site)
        problems += found.problems
        yield Planned(artifact, key, pictures=found.pictures)
        for asset in found.assets:
            yield Planned(asset, key)


def digest_of(one: Planned) -> str:
    """Digest what an artifact is planned with."""
    if isinstance(one.artifact, Asset | Poster):
        return digest(one.artifact)
    return digest_texts(digest(one.artifact), digest(one.pictures))


def wrong_address(artifact: Artifact) -> Problem | None:
    """An address must be one that every host and file system can serve, below the output."""
    if OURS.fullmatch(artifact.url) and artifact.source.path != "(site)":
        message = f"{artifact.url} is made by the build itself"
        return Problem(artifact.source, message, "name this otherwise")
    url = artifact.url.removesuffix("*") if isinstance(artifact, Redirect) else artifact.url
    if isinstance(artifact, Redirect):
        good = url.startswith("/") and url.isprintable() and not re.search(r"\s|/\.\.?(/|$)", url)
    else:
        parts = url.removeprefix("/").removesuffix("/").split("/") if url != "/" else []
        good = url.startswith("/") and all(
            SEGMENT.fullmatch(part) or part == ".well-known" for part in parts
        )
        good = good and len(url) <= 1000
    if good:
        return None
    hint = "use letters, digits, `-` and `_`; no dot at either end of a name"
    return Problem(artifact.source, f"{artifact.url!r} cannot be an address", hint)


def stale_units(
    record: Record, site: Site, changes: Changes, every: Callable[[], Iterable[str]], now: float
) -> dict[str, str]:
    """The units to plan anew, each with the reason."""
    if changes.everything:
        return dict.fromkeys(every(), changes.reasons.get("everything", "no cache"))
    stale: dict[str, str] = {}
    for kind, id in sorted(changes.added):
        stale[f"one:{kind}:{id}"] = "new"
    known = {f"group:{kind}:{group}" for kind, group in changes.groups}
    there = {key for (key,) in record.rows_in("SELECT key FROM unit WHERE key IN ({})", known)}
    stale |= dict.fromkeys(sorted(known - there), "new group")
    for (key,) in record.rows("SELECT key FROM unit WHERE since > ? OR until <= ?", now, now):
        stale.setdefault(key, "the clock")
    return _only_units(stale | _by_answers(record, site, changes, stale))


def units_to_render(record: Record, changes: Changes, altered: set[str]) -> dict[str, str]:
    """The units whose files may be others though their plan stands, each with the reason."""
    if changes.everything:
        return {}
    return _only_units(_by_templates(record, changes) | _by_outputs(record, altered))


LEVELS = frozenset({"one", "group", "all"})


def _only_units(found: Mapping[str, str]) -> dict[str, str]:
    """Without what is made in each build anyway: the frame, static files, those of the site."""
    return {key: why for key, why in found.items() if key.partition(":")[0] in LEVELS}


def _by_templates(record: Record, changes: Changes) -> dict[str, str]:
    sql = "SELECT DISTINCT unit, template FROM artifact WHERE template IN ({})"
    rows = record.rows_in(sql, sorted(changes.templates))
    return {unit: f"template {template}" for unit, template in rows}


def _by_outputs(record: Record, altered: set[str]) -> dict[str, str]:
    sql = "SELECT DISTINCT unit, path FROM artifact WHERE path IN ({})"
    rows = record.rows_in(sql, sorted(altered))
    return {unit: f"output {path} is missing or altered" for unit, path in rows}


def _by_answers(
    record: Record, site: Site, changes: Changes, stale: Mapping[str, str]
) -> dict[str, str]:
    sql = "SELECT unit, question, digest FROM asked WHERE scope IN ({})"
    found: dict[str, str] = {}
    answers: dict[bytes, str] = {}
    for unit, raw, before in record.rows_in(sql, sorted(changes.scopes)):
        if unit in stale or unit in found:
            continue
        if raw not in answers:
            answers[raw] = site.answer(tuple(unpack(raw)))
        if answers[raw] != before:
            found[unit] = " ".join(unpack(raw))
    return found


def fold_of(artifact: Artifact) -> str:
    """What must be unique: the address, without regard to case."""
    if isinstance(artifact, Redirect) and artifact.query:
        query = "&".join(f"{k}={v}" for k, v in sorted(artifact.query.items()))
        return f"{artifact.url.casefold()}?{query}"
    url = artifact.url.casefold()
    return url if isinstance(artifact, Redirect) else url.removesuffix("index.html")


def template_of(artifact: Artifact) -> str:
    return artifact.template if isinstance(artifact, Page) else ""


def updated_of(artifact: Artifact) -> str:
    """When the data of a page that search engines may list changed last."""
    if not isinstance(artifact, Page) or not artifact.listed:
        return ""
    day: datetime.date | None = artifact.updated
    return str(day) if day else "-"


def question_rows(unit: Unit) -> Iterator[tuple[str, str, bytes, str]]:
    """What the record keeps of a unit's questions."""
    for scope, question, answer in unpack(unit.asked) if unit.asked else ():
        yield unit.key, scope, question, answer
