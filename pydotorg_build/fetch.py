"""`pydotorg fetch`: brings what the active blogs wrote into data/fetched.sqlite.

A blog that fails stops no other, and keeps the entries it had.  What is known of each feed from one
run to the next (validators, where it moved, that it is gone) lies in .pydotorg/fetch.json; without
that file everything is just asked in full.
"""

from __future__ import annotations

import datetime
import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from pydotorg_build import __version__, front_matter
from pydotorg_build.content import blog_marks, blog_subscriptions
from pydotorg_build.content.blog_feeds import BLOG_FEEDS, BlogFeed, check
from pydotorg_build.content.read import read
from pydotorg_build.feed_reading import NoFeed, told
from pydotorg_build.fetch_report import Fetched, Known, Report
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.reading_apart import read_apart
from pydotorg_build.settings import Settings
from pydotorg_build.snapshot import Row, Snapshots, add_rows, writing
from pydotorg_build.visits import Answer, Limits, NoAnswer, Visitor

FETCHED = "data/fetched.sqlite"
# What was found of each feed, for the desk of the sidecar.
FOUND = "data/feeds.json"
KIND = "blog_entries"
# How many entries of one feed are kept.
MOST = 20
# Changes when feeds are read otherwise than before: then none may answer that it is unchanged.
READER = "1"
Rows = Mapping[str, Mapping[str, Any]]


class State(msgspec.Struct, frozen=True):
    """What is remembered of all feeds, by their addresses."""

    reader: str = READER
    feeds: dict[str, Known] = {}


def fetch(
    root: Path,
    settings: Settings,
    now: datetime.datetime,
    limits: Limits | None = None,
    only: Sequence[str] = (),
    stale: datetime.timedelta = datetime.timedelta(0),
) -> Report:
    """Ask the active feeds, or `only` these, and keep what they said.

    One that was asked less than `stale` ago is not asked again.
    """
    if FETCHED not in settings.snapshots:
        hint = f'add "{FETCHED}" to `snapshots` in [build]'
        raise Problems([Problem(Source("build.toml"), f"{FETCHED} is not on the site", hint)])
    blogs = active_blogs(root, settings.content)
    off = switched_off(root, settings.snapshots)
    wanted = [blog for blog in _chosen(blogs, only) if blog.slug not in off]
    with _alone(root / ".pydotorg"):
        state = _read_state(root / ".pydotorg/fetch.json")
        due = _second(now - stale)
        wanted = [one for one in wanted if state.feeds.get(one.feed, Known()).asked <= due]
        before = _rows_before(root)
        agent = f"pydotorg/{__version__} (+{settings.url}{blog_subscriptions.URL})"
        visitor = Visitor(agent, limits or Limits())
        with ThreadPoolExecutor(visitor.limits.at_once) as pool:
            found = list(
                pool.map(
                    lambda blog: _one(
                        blog, visitor, state.feeds.get(blog.feed, Known()),
                        before.get(blog.slug, {}), now,
                    ),
                    wanted,
                )
            )  # fmt: skip
        after: dict[str, Rows] = {blog.slug: before.get(blog.slug, {}) for blog in blogs}
        after |= {one.slug: rows for one, rows in found}
        _write_rows(root / FETCHED, before, after)
        known = state.feeds | {one.feed: one.known for one, _ in found}
        kept = {blog.feed: known[blog.feed] for blog in blogs if blog.feed in known}
        _write_state(root / ".pydotorg/fetch.json", State(feeds=kept))
        told = [
            {"slug": blog.slug, "title": blog.title, "feed": blog.feed, "official": blog.official,
             "entries": len(after[blog.slug]), **_told_of(kept.get(blog.feed, Known()))}
            for blog in blogs
        ]  # fmt: skip
        _write_json(root / FOUND, {"at": _second(now), "feeds": told})
    return Report(_second(now), tuple(one for one, _ in found))


def active_blogs(root: Path, content: str) -> list[BlogFeed]:
    """The active blogs of content/blog_feeds.yaml; raise Problems for what is wrong in it."""
    name = f"{content}/{BLOG_FEEDS.files}"
    try:
        document = front_matter.read_yaml(front_matter.decode((root / name).read_bytes()))
    except FileNotFoundError:
        raise Problems([Problem(Source(name), "there is no such file")]) from None
    except front_matter.Mistake as mistake:
        raise Problems([mistake.problem(name)]) from None
    problems: list[Problem] = []
    blogs: dict[str, BlogFeed] = {}
    for n, fields in enumerate(document.data or []):
        source = Source(name, *front_matter.mark_of(document, f"[{n}]"))
        entry, faults = read(BlogFeed, fields, source=source)
        faults = faults or list(check(entry)) if entry else faults
        problems += [
            Problem(Source(name, *front_matter.mark_of(document, f"[{n}].{fault.name}")),
                    fault.message, fault.hint)
            for fault in faults
        ]  # fmt: skip
        if entry and entry.active:
            blogs[entry.slug] = entry
    if problems:
        raise Problems(problems)
    return list(blogs.values())


def switched_off(root: Path, names: Iterable[str]) -> set[str]:
    """The blogs that staff switched off at the desk, by their slugs."""
    snapshots = Snapshots(root, names)
    try:
        rows = [row.data for name in names for row in snapshots.rows(name, blog_marks.KIND)]
    finally:
        snapshots.close()
    return {str(data["of"]) for data in rows if data.get("mark") == "off" and "of" in data}


def _told_of(known: Known) -> dict[str, Any]:
    """What the desk is told of a feed."""
    return {name: getattr(known, name) for name in ("asked", "good", "failures", "why")}


def _chosen(blogs: Sequence[BlogFeed], only: Sequence[str]) -> list[BlogFeed]:
    unknown = sorted(set(only) - {blog.slug for blog in blogs})
    if unknown:
        hint = "give the slug of one in content/blog_feeds.yaml that is active"
        raise Problems(Problem(Source("--only"), f"there is no blog `{s}`", hint) for s in unknown)
    return [blog for blog in blogs if not only or blog.slug in only]


# -- one feed


def _one(
    blog: BlogFeed, visitor: Visitor, known: Known, before: Rows, now: datetime.datetime
) -> tuple[Fetched, Rows]:
    """Ask one feed; give what came of it, and the rows it has from now on."""
    if known.gone:
        return _told(blog, "gone", before, known), before
    try:
        # Only what is still here can be unchanged.
        validators = {"etag": known.etag, "modified": known.modified} if before else {}
        answer = visitor.ask(known.moved or blog.feed, **validators)
        if answer.status == 410:
            gone = _asked(known, now, gone=True, why="it says that it is gone for good")
            return _told(blog, "gone", before, gone), before
        return _answered(blog, answer, known, before, now, visitor.limits.work)
    except (NoAnswer, NoFeed) as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 (no feed may stop the others, whatever is in it)
        why = f"it cannot be read: {type(error).__name__}"
    # Where it moved to may be what fails: the next run asks the address that editors wrote.
    failed = _asked(known, now, why=why, failures=known.failures + 1, moved="")
    return _told(blog, "failed", before, failed), before


def _answered(
    blog: BlogFeed, answer: Answer, known: Known, before: Rows, now: datetime.datetime, work: int
) -> tuple[Fetched, Rows]:
    moved = answer.moved or known.moved
    good = _asked(known, now, moved=moved, good=_second(now), failures=0, why="")
    if answer.status == 304:
        if not before:
            raise NoAnswer("it says that nothing changed, and nothing was known of it")
        return _told(blog, "same", before, good), before
    reading = read_apart(work, answer.body, blog.slug, answer.url, now, MOST, answer.type)
    good = msgspec.structs.replace(good, etag=answer.etag, modified=answer.modified)
    fresh = len(reading.rows.keys() - before.keys())
    left_out = tuple(told(reading.left_out))
    outcome: Literal["new", "same"] = "new" if fresh else "same"
    return (
        _told(blog, outcome, reading.rows, good, fresh=fresh, left_out=left_out),
        reading.rows,
    )


def _asked(known: Known, now: datetime.datetime, **changes: Any) -> Known:
    return msgspec.structs.replace(known, asked=_second(now), **changes)


def _told(blog: BlogFeed, outcome: Any, rows: Rows, known: Known, **more: Any) -> Fetched:
    return Fetched(
        slug=blog.slug, feed=blog.feed, outcome=outcome, source=blog.source, entries=len(rows),
        why=known.why, known=known, **more,
    )  # fmt: skip


def _second(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).replace(microsecond=0).isoformat()[:19] + "Z"


# -- what is kept


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no two runs write at one time."""
    folder.mkdir(exist_ok=True)
    with (folder / "fetch.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = Problem(Source("(fetch)"), "another fetch is running", "wait for its end")
            raise Problems([problem]) from None
        yield


def _read_state(path: Path) -> State:
    """What is known from before; a damaged file, or one of another reader, is nothing."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return State()
    return state if state.reader == READER else State()


def _write_state(path: Path, state: State) -> None:
    _write_json(path, state)


def _write_json(path: Path, state: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    text = msgspec.json.format(msgspec.json.encode(state, order="deterministic"), indent=1)
    new.write_bytes(text + b"\n")
    new.replace(path)


def _rows_before(root: Path) -> dict[str, dict[str, Mapping[str, Any]]]:
    """The rows of the last run: blog, key, fields."""
    snapshots = Snapshots(root, (FETCHED,))
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    try:
        for row in snapshots.rows(FETCHED, KIND):
            rows.setdefault(row.data["feed"], {})[row.key] = row.data
    finally:
        snapshots.close()
    return rows


def _write_rows(path: Path, before: Mapping[str, Rows], after: Mapping[str, Rows]) -> None:
    """Replace the file in one step, unless it would say the same."""
    after = {slug: rows for slug, rows in after.items() if rows}
    if path.exists() and after == before:
        return
    rows = (Row(KIND, key, data) for rows in after.values() for key, data in rows.items())
    with writing(path) as db:
        add_rows(db, sorted(rows, key=lambda row: row.key))
