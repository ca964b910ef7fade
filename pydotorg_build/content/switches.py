"""What goes when a kind of content is switched off: `off` in build.toml.

Its parts go with it, its addresses are on no menu, and links to them become plain text.
"""

from __future__ import annotations

# Kinds that are nothing without another.
PARTS: dict[str, tuple[str, ...]] = {
    "blog_feeds": ("blog_entries", "blog_marks"),
    "elections": ("nominees",),
    "events": ("calendars", "event_categories"),
    "jobs": ("job_terms",),
    "series": ("releases", "managers", "download_numbers"),
    "sponsors": ("sponsor_levels", "sponsor_addons", "contract_clauses"),
    "stories": ("story_categories",),
}
# Where a kind has its addresses.
PLACES: dict[str, tuple[str, ...]] = {
    "banners": (),
    "blog_feeds": ("/blogs/",),
    "code_samples": ("/about/samples/",),
    "countries": (),
    "elections": ("/nominations/",),
    "events": ("/events/",),
    "invariants": (),
    "jobs": ("/jobs/",),
    "menu": (),
    "minutes": ("/psf/records/board/minutes/",),
    "people": ("/psf/fellows/",),
    "posts": ("/community/posts/",),
    "redirects": (),
    "series": ("/downloads/", "/doc/versions/", "/api/v1/", "/api/v2/", "/api/v3/"),
    "sponsors": ("/psf/sponsors/", "/api/v3/sponsors.json"),
    "stories": ("/success-stories/",),
    "user_groups": ("/community/user-groups/", "/api/v3/user-groups.json"),
    "workgroups": ("/psf/workgroups/",),
}


def with_parts(off: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds that are switched off, and what goes with them.

    >>> with_parts(("jobs",))
    ('jobs', 'job_terms')
    """
    return tuple(name for kind in off for name in (kind, *PARTS.get(kind, ())))


def places_of(off: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses that are not there."""
    return tuple(place for kind in off for place in PLACES.get(kind, ()))
