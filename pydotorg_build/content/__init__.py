"""Every kind of content on the site.  A new kind is a module beside this one and a name here."""

from __future__ import annotations

from importlib import import_module

from pydotorg_build.content.base import ContentType

NAMES = (
    *(
        "pages",
        "menu",
        "redirects",
        "managers",
        "series",
        "releases",
        "download_numbers",
        "decisions",
        "home",
        "around",
    ),
    *("job_terms", "jobs", "blog_feeds", "blog_marks", "blog_entries", "banners"),
    *("sponsor_levels", "sponsor_addons", "contract_clauses", "sponsors"),
    *("elections", "nominees", "code_samples"),
    *("snippets", "people"),
    *("minutes", "workgroups", "story_categories", "stories", "user_groups", "posts"),
    *("countries", "calendars", "event_categories", "events", "invariants"),
)


def types_of(nouns: tuple[str, ...]) -> tuple[ContentType, ...]:
    """The kinds of content that a site has, by the names build.toml gives."""
    modules = [import_module(f"pydotorg_build.content.{name}") for name in nouns if name in NAMES]
    return tuple(getattr(module, module.__name__.rpartition(".")[2].upper()) for module in modules)
