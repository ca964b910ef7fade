"""Invented entries, so that the site can be seen whole without a sidecar: `pydotorg sample`.

They are made from a number and a day, and so are the same for everybody who gives the same ones;
people and companies do not exist, and every entry says that it is a sample.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.sample.blogs import blogs
from pydotorg_build.sample.community import banners, posts, user_groups
from pydotorg_build.sample.decisions import decisions
from pydotorg_build.sample.downloads import downloads
from pydotorg_build.sample.drawn import Drawn
from pydotorg_build.sample.elections import elections
from pydotorg_build.sample.events import events
from pydotorg_build.sample.jobs import jobs
from pydotorg_build.sample.sponsors import sponsors
from pydotorg_build.sample.stories import stories
from pydotorg_build.snapshot import Row, Snapshots, add_file, add_rows, writing

# Elections bring their nominees, and blogs their entries.
SAMPLES: dict[str, Callable[[random.Random, datetime.date], Iterator[Row | Drawn]]] = {
    "jobs": jobs,
    "events": events,
    "stories": stories,
    "sponsors": sponsors,
    "elections": elections,
    "blog_feeds": blogs,
    "posts": posts,
    "user_groups": user_groups,
    "banners": banners,
    "download_numbers": downloads,
    "decisions": decisions,
}


def samples(seed: int, today: datetime.date) -> Iterator[Row | Drawn]:
    """All samples; each kind has chances of its own, so that one more kind changes no other."""
    for kind, make in SAMPLES.items():
        yield from make(random.Random(f"{seed} {kind}"), today)  # noqa: S311 - guards nothing


def write_sample(root: Path, name: str, seed: int, today: datetime.date) -> int:
    """Write the samples as a snapshot; return how many.  A real snapshot is never overwritten."""
    _must_be_a_sample(root, name)
    made = list(samples(seed, today))
    rows = [one for one in made if isinstance(one, Row)]
    with writing(root / name, is_sample="1", seed=str(seed), day=today.isoformat()) as db:
        add_rows(db, rows)
        for picture in made:
            if isinstance(picture, Drawn):
                add_file(db, picture.name, picture.bytes)
    return len(rows)


def remove_sample(root: Path, name: str) -> None:
    """Take a snapshot of samples away; a real one is refused."""
    _must_be_a_sample(root, name)
    (root / name).unlink(missing_ok=True)


def _must_be_a_sample(root: Path, name: str) -> None:
    snapshots = Snapshots(root, [name])
    meta = snapshots.meta(name)
    snapshots.close()
    if meta and not meta.get("is_sample"):
        hint = "move it away first, if it is not wanted any more"
        raise Problems([Problem(Source(name), "is a snapshot of a sidecar, not a sample", hint)])
