"""What the last build of an output did, kept beside its record; it is looked at and never asked for.

The desk of a sidecar shows it, `pydotorg build --profile` prints it, and `--report` has it as JSON.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from pydotorg_build.cache import Record

FILE = "last-build.json"


class LastBuild(msgspec.Struct, frozen=True):
    """A build: the site that it left, what it made anew, and how long that took.

    `from_cache` are the pages of the site that stood as they were.
    """

    at: float
    pages: int
    files: int
    bytes: int
    rendered: int
    from_cache: int
    written: int
    removed: int
    seconds: float

    @property
    def words(self) -> str:
        """The same in a line."""
        size = f"{self.bytes / 1_000_000:,.1f} MB"
        return (
            f"{self.pages:,} pages, {self.files:,} files, {size}; {self.rendered:,} rendered, "
            f"{self.from_cache:,} from the cache, in {self.seconds:.2f} s"
        )


def look(
    record: Record, at: float, *, rendered: int, written: int, removed: int, seconds: float
) -> LastBuild:
    """Count what an output has, by its record."""
    ((pages,),) = record.rows("SELECT count(*) FROM artifact WHERE template != ''")
    ((files, size),) = record.rows("SELECT count(*), coalesce(sum(size), 0) FROM output")
    return LastBuild(
        at, pages, files, size, rendered, max(0, pages - rendered), written, removed, seconds
    )


def keep(record: Record, build: LastBuild) -> None:
    """Write it down beside the record."""
    place = record.path.with_name(FILE)
    beside = place.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(build) + b"\n")
    beside.replace(place)


def last_build(site: Path) -> LastBuild | None:
    """The last build of what is served from a folder; None where it was built elsewhere."""
    try:
        found = (site.parent / ".pydotorg" / site.name / FILE).read_bytes()
        return msgspec.json.decode(found, type=LastBuild)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None
