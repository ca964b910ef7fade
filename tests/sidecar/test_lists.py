"""Lists that staff look through: filters, order, pages; and what cannot be meant."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from pydotorg_build.render import make_environment
from sidecar.clock import now
from sidecar.lists import Column, Filter, Listing, contains, is_, look, since, until
from sidecar.tables.accounts import User
from tests.conftest import ROOT
from tests.sidecar.test_database import run, user

USERS = Listing(
    "/admin/users",
    select(User),
    (
        Column("name", "Name", User.name_key),
        Column("roles", "Roles"),
        Column("last", "Last", User.last_sign_in),
    ),
    (
        Filter("q", "Name", contains(User.name_key)),
        Filter("bio", "Bio", is_(User.bio), "choice", (("a", "A"), ("b", "B"))),
        Filter("since", "Since", since(User.created), "day"),
        Filter("until", "Until", until(User.created), "day"),
    ),
    tie=User.id,
    sort="name",
    size=2,
)
TEMPLATE = """{% import "sidecar/admin/lists.html" as lists %}
{{ lists.filters(found) }}
{% call lists.table(found, "Accounts", "Nobody registered yet.", "Nobody is called that.") %}
{% for user in found.rows %}<tr><td>{{ user.name }}</td></tr>{% endfor %}
{% endcall %}
{{ lists.paging(found) }}"""


def found(settings, **query):
    async def story(db):
        async with db.write() as tx:
            for name in ("cleo", "ada", "bea", "dora", "100%"):
                tx.add(user(name))
            await tx.flush()
            await tx.execute(update(User).where(User.name == "bea").values(last_sign_in=now()))
        async with db.read() as tx:
            return await look(tx, USERS, query)

    return run(settings, story)


def names(found):
    return [row.name for row in found.rows]


def test_a_list_begins_in_its_order_with_the_first_page(settings):
    list = found(settings)

    assert names(list) == ["100%", "ada"]
    assert (list.first, list.last, list.total) == (1, 2, 5)


@pytest.mark.row("S269")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "A"}, ["ada", "bea"]),
        ({"q": "%"}, ["100%"]),
        ({"q": "nobody"}, []),
        ({"sort": "-name"}, ["dora", "cleo"]),
        ({"sort": "-last"}, ["bea", "100%"]),
        ({"sort": "last", "page": "3"}, ["bea"]),
        ({"page": "2"}, ["bea", "cleo"]),
        ({"page": "3"}, ["dora"]),
        ({"page": "99"}, ["dora"]),
        ({"bio": "a"}, []),
        ({"since": "2020-01-01", "until": "8000-01-01"}, ["100%", "ada"]),
        ({"until": "2020-01-01"}, []),
    ],
)
def test_it_is_searched_filtered_sorted_and_paged(settings, query, expected):
    list = found(settings, **query)

    assert (names(list), list.faults) == (expected, ())


@pytest.mark.row("S423", "S456")
def test_an_empty_value_is_as_if_it_were_not_there(settings):
    list = found(settings, q="", bio=" ", since="", until="", sort="", page="")

    assert (names(list), list.faults, list.is_filtered) == (["100%", "ada"], (), False)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"page": "two"}, "There is no such page; this is the first."),
        ({"page": "9" * 99}, "There is no such page; this is the first."),
        ({"page": "²"}, "There is no such page; this is the first."),
        ({"sort": "password"}, "The list cannot be sorted by that."),
        ({"sort": "roles"}, "The list cannot be sorted by that."),
        ({"bio": "z"}, "“Bio” has no choice “z”, and was left out."),
        ({"since": "soon"}, "“Since” must be a day, as 2026-11-26, and was left out."),
        ({"since": "0001-01-01"}, "“Since” must be a day of our time, as 2026-11-26, and was left out."),
        ({"q": "a\0"}, "“Name” is too long or has invisible characters, and was left out."),
        ({"q": "a" * 201}, "“Name” is too long or has invisible characters, and was left out."),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_and_left_out(settings, query, message):
    list = found(settings, **query)

    assert [fault.message for fault in list.faults] == [message]
    assert names(list) == ["100%", "ada"]


def shown(found):
    environment = make_environment(ROOT / "templates", "")
    return environment.from_string(TEMPLATE).render(found=found)


@pytest.mark.row("S442")
def test_the_page_says_how_many_there_are_and_leads_to_the_others(settings):
    page = shown(found(settings, page="2"))

    assert "3–4 of 5" in page
    assert 'href="/admin/users" rel="prev"' in page
    assert 'href="/admin/users?page=3" rel="next"' in page


def test_what_was_asked_for_stands_in_the_form_and_in_every_link(settings):
    page = shown(found(settings, q="a", sort="-name"))

    assert 'value="a"' in page
    assert 'aria-sort="descending"' in page
    assert 'href="/admin/users?q=a&amp;sort=name"' in page


def test_an_empty_list_says_why_and_how_to_see_all(settings):
    page = shown(found(settings, q="nobody"))

    assert "Nobody is called that." in page
    assert '<a href="/admin/users">Show all</a>' in page
    assert "<table" not in page
