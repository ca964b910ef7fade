"""How a new file of each kind begins: where it lies, and what it says before anybody wrote in it.

A line in braces is filled in by `new`: `{title}` and `{name}` by the title, `{day}`, `{month_later}`,
`{year}`, `{year_later}` by the calendar, `{one of jobs}` by what the site has already.  Where the
file ends in `+` the text is one entry, put at the end of a list.
"""

from __future__ import annotations

from typing import NamedTuple


class Beginning(NamedTuple):
    """`called` is the title where none is given; empty where it must be."""

    file: str
    called: str
    text: str


def _markdown(*lines: str, body: str = "") -> str:
    return _front_matter("title: {title}", *lines) + body


def _front_matter(*lines: str) -> str:
    return "\n".join(("---", *lines, "---", ""))


def _yaml(*lines: str) -> str:
    return "\n".join((*lines, ""))


BEGINNINGS: dict[str, Beginning] = {
    "pages": Beginning(
        "pages/{under}{name}.md",
        "New page",
        _markdown(
            "description: One sentence for search engines and lists.",
            "owner: Website maintainers",
            "updated: {day}",
            "review_by: {half_year_later}",
            "draft: true  # take this line out when the page may be seen",
        ),
    ),
    "menu": Beginning("menu.yaml+", "New entry", _yaml("title: {title}", "url: /")),
    "redirects": Beginning(
        "redirects.yaml+", "", _yaml("from: {title}", "to: /  # where it leads now")
    ),
    "managers": Beginning("managers/managers.yaml+", "New manager", _yaml("title: {title}")),
    "series": Beginning(
        "series/{title}.md",
        "",
        _front_matter(
                "version: {title}",
                "start: {day}",
                "end_of_life: {five_years_later}",
                "updated: {day}"),
    ),
    "releases": Beginning(
        "releases/{series}/{title}.md",
        "",
        _front_matter("version: {title}",
                "date: {day}",
                "draft: true",
                "files: []  # - {{name: Python-{title}.tar.xz, size: …, sha256: …}}"),
    ),
    "home": Beginning(
        "home.md", "Welcome to Python.org", _markdown("description: One sentence on this site.")
    ),
    "job_terms": Beginning(
        "job_terms.yaml+",
        "New category",
        _yaml("title: {title}", "of: category  # or type", "slug: {name}"),
    ),
    "jobs": Beginning(
        "jobs/{name}.md",
        "New job",
        _markdown(
            "company: Name of the company",
            "category: {one of job_terms}",
            "remote: true  # or `city` and `country`",
            "email: jobs@example.org",
            "date: {day}",
            "ends: {month_later}",
            "draft: true  # take this line out when the job may be seen",
        ),
    ),
    "blog_feeds": Beginning(
        "blog_feeds.yaml+",
        "New blog",
        _yaml(
            "title: {title}",
            "slug: {name}",
            "feed: https://example.org/feed.xml",
            "active: false  # take this line out when the address is right",
        ),
    ),
    "blog_entries": Beginning(
        "blog_entries/{year}.yaml+",
        "New entry",
        _yaml(
            "title: {title}",
            "feed: {one of blog_feeds}",
            "url: https://example.org/{name}/",
            "published: {day}",
        ),
    ),
    "banners": Beginning(
        "banners/{name}.yaml",
        "New announcement",
        _yaml(
            "title: {title}",
            "message: One sentence more.",
            "kind: info  # or success, warning",
            "start: {day}",
            "end: {month_later}",
            "draft: true  # take this line out when the announcement may be seen",
        ),
    ),
    "sponsor_levels": Beginning(
        "sponsor_levels.yaml+",
        "New level",
        _yaml(
            "title: {title}",
            "slug: {name}",
            "order: 100",
            "year: {year}",
            "advertised: false  # take this line out when it may be bought",
        ),
    ),
    "sponsor_addons": Beginning(
        "sponsor_addons.yaml+",
        "New add-on",
        _yaml("title: {title}", "slug: {name}", "amount: 1000", "text: What it is, in one line."),
    ),
    "contract_clauses": Beginning(
        "contract_clauses/{name}.yaml",
        "New clause",
        _yaml("title: {title}", "order: 100", "text: What both sides agree on."),
    ),
    "sponsors": Beginning(
        "sponsors/{name}.md",
        "New sponsor",
        _markdown(
            "level: {one of sponsor_levels}",
            "website: https://example.org/",
            "start: {day}",
            "end: {year_later}",
            "draft: true  # take this line out when the sponsor may be seen",
        ),
    ),
    "elections": Beginning(
        "elections/{name}.md",
        "{year} board election",
        _markdown("kind: board  # or steering-council, packaging-council", "year: {year}"),
    ),
    "nominees": Beginning(
        "nominees/{name}.md",
        "New nominee",
        _markdown("election: {one of elections}", "accepted: false"),
    ),
    "code_samples": Beginning(
        "code_samples/{name}.md",
        "New sample",
        _markdown(
            "order: 100",
            body='\n```python\nprint("Hello")\n```\n\n```text\nHello\n```\n',
        ),
    ),
    "snippets": Beginning(
        "snippets/{title}.md", "", _markdown(body="\nWhat stands in this slot.\n")
    ),
    "people": Beginning("people.yaml+", "New fellow", _yaml("title: {title}", "year: {year}")),
    "minutes": Beginning(
        "minutes/{day}.md",
        "Board meeting of {day}",
        _markdown("date: {day}", "draft: true  # take this line out when they are approved"),
    ),
    "workgroups": Beginning(
        "workgroups/{name}.md",
        "New work group",
        _markdown(
            "description: What it is for, in a sentence.",
            "chairs: []",
            "draft: true  # take this line out when the group may be seen",
        ),
    ),
    "story_categories": Beginning(
        "story_categories.yaml+", "New category", _yaml("title: {title}", "slug: {name}")
    ),
    "stories": Beginning(
        "stories/{name}.md",
        "New story",
        _markdown(
            "description: What Python did for whom, in a sentence.",
            "company: Name of the company",
            "category: {one of story_categories}",
            "date: {day}",
            "draft: true  # take this line out when the story may be seen",
        ),
    ),
    "user_groups": Beginning(
        "user_groups/{name}.yaml",
        "New user group",
        _yaml(
            "title: {title}",
            "area: europe  # or africa, asia-pacific, latin-america, usa, pyladies",
            "country: Germany",
            "website: https://example.org/",
            "approved: false  # take this line out when the group may be seen",
        ),
    ),
    "posts": Beginning(
        "posts/{name}.md",
        "New post",
        _markdown(
            "description: What it says, in a sentence.",
            "date: {day}",
            "draft: true  # take this line out when the post may be seen",
        ),
    ),
    "calendars": Beginning("calendars.yaml+", "New calendar", _yaml("title: {title}", "slug: {name}")),
    "countries": Beginning(
        "countries.yaml+", "New country", _yaml("title: {title}", "code: XX  # of ISO 3166")
    ),
    "event_categories": Beginning(
        "event_categories.yaml+", "New category", _yaml("title: {title}", "slug: {name}")
    ),
    "events": Beginning(
        "events/{name_with_year}.md",
        "",
        _markdown(
            "calendar: {one of calendars}",
            "kind: conference  # or meetup, sprint, workshop, training, other",
            "online: true  # or `venue: {{city: …, country: …}}` and its `zone`",
            "start: {month_later_in_that_year}",
            "updated: {day}",
            "draft: true  # take this line out when the event may be seen",
        ),
    ),
    "invariants": Beginning(
        "invariants.yaml+",
        "New invariant",
        _yaml("title: {title}", "check: search  # or records, kept, feeds", "word: Python"),
    ),
}  # fmt: skip
