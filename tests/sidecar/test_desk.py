"""The frame of the staff desk: its menu, its way back, and who is let in."""

from __future__ import annotations

import pytest

from sidecar.desk import SECTIONS, crumbs_of, section_of, sections_for
from sidecar.permissions import Actor, Role, permissions_of


def actor(*roles, has_factor=True):
    found = permissions_of(frozenset(roles), has_factor=has_factor)
    return Actor(user=1, name="ada", roles=frozenset(roles), permissions=found)


def menu(*roles, **given):
    return [section.title for section in sections_for(actor(*roles, **given))]


@pytest.mark.row("S268")
def test_the_menu_has_what_one_may_open():
    assert "Database" in menu(Role.SUPERUSER)
    assert "Database" not in menu(Role.STAFF)
    assert "Audit log" in menu(Role.STAFF)
    assert menu(Role.SUPERUSER, has_factor=False) == []


@pytest.mark.row("S323")
def test_the_link_to_the_database_is_for_superusers_only():
    assert [role for role in Role if "Database" in menu(role)] == [Role.SUPERUSER]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/admin/", "Overview"),
        ("/admin", "Overview"),
        ("/admin/users", "Accounts"),
        ("/admin/users/7", "Accounts"),
        ("/admin/usersx", "Overview"),
    ],
)
def test_a_page_belongs_to_a_part_of_the_desk(path, title):
    assert section_of(path).title == title


def test_the_way_to_a_page_is_told():
    users = section_of("/admin/users")

    def way(*given):
        return [crumb.title for crumb in crumbs_of(*given)]

    assert way(users, "/admin/users/7", "ada") == ["Home", "Staff desk", "Accounts", "ada"]
    assert way(users, "/admin/users", "Accounts") == ["Home", "Staff desk", "Accounts"]
    assert way(SECTIONS[0], "/admin/", "Staff desk") == ["Home", "Staff desk"]


@pytest.mark.row("S266")
def test_nobody_is_let_in_who_is_not_signed_in(asked):
    assert asked("GET", "/admin/audit").status_code == 401


PAGES = ("", "users", "users/1", "announcements", "announcements/new", "settings", "audit",
         "failures", "db", "db/users", "db/users/record?id=1")  # fmt: skip


@pytest.mark.row("S266", "S326")
@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_the_desk_is_for_nobody(asked, page):
    assert asked("GET", f"/admin/{page}").status_code == 401
