"""User groups: the finder, its lists, the file for programs."""

from __future__ import annotations

import json
import re

import pytest

from pydotorg_build.snapshot import Row

GROUPS = """
-- content/user_groups/some.yaml --
- {title: Lisbon Pythons, area: europe, country: Portugal, place: Lisbon,
   website: "https://lisbon.example/"}
- {title: Porto Pythons, area: europe, country: Portugal, website: "https://porto.example/",
   approved: false}
- {title: BHAM, area: usa, country: United States, place: Alabama, website: "https://bham.example/"}
- {title: PyLadies Lisbon, area: pyladies, country: Portugal, website: "https://ladies.example/"}
"""
URL = "/community/user-groups/"


@pytest.fixture
def found(built):
    """Build the groups and some rows of a snapshot; give address and text."""

    def build(*rows):
        return built(GROUPS, *rows, nouns=("user_groups",))

    return build


def handed_in(key="12", **fields):
    data = {"title": "Évora Pythons", "area": "europe", "country": "Portugal",
            "website": "https://evora.example/", **fields}  # fmt: skip
    return Row("user_groups", key, data)


def links(page):
    return re.findall(r'<th scope="row"[^>]*><a href="([^"]+)"', page)


@pytest.mark.row("S451")
def test_a_group_is_found_by_country_without_a_script(found):
    pages = found()

    values = re.findall(r'<option value="([^"]+)"', pages[URL])
    targets = dict(
        re.findall(rf"^{URL}find/ show=(\S+) (\S+) 302$", pages["/_redirects"], re.MULTILINE)
    )
    assert values == ["europe", "usa", "pyladies", "portugal", "united-states"]
    assert targets == {value: f"{URL}{value}/" for value in values}
    assert links(pages[f"{URL}portugal/"]) == ["https://lisbon.example/", "https://ladies.example/"]


def test_the_finder_opens_with_nothing_chosen_and_a_list_with_itself_on_all_its_pages(found):
    rows = [handed_in(str(n), website=f"https://{n}.example/") for n in range(150)]

    pages = found(*rows)

    first = '<select id="show" name="show">\n<option value="">All places</option>'
    chosen = '<option value="europe" selected>'
    assert first in pages[URL]
    assert " selected" not in pages[URL]
    for url in (f"{URL}europe/", f"{URL}europe/page/2/"):
        assert first in pages[url]
        assert chosen in pages[url]


def test_a_part_of_the_world_lists_its_groups_with_their_country(found):
    pages = found()

    assert links(pages[f"{URL}europe/"]) == ["https://lisbon.example/"]
    assert ">Portugal</td>" in pages[f"{URL}europe/"]
    assert links(pages[f"{URL}pyladies/"]) == ["https://ladies.example/"]


@pytest.mark.row("S059")
def test_a_group_that_is_not_approved_is_nowhere(found):
    pages = found(handed_in(approved=False))

    told = [url for url, text in pages.items() if "Porto Pythons" in text or "Évora" in text]
    assert told == []


@pytest.mark.row("S059")
def test_a_group_that_was_handed_in_is_like_one_from_a_file(found):
    assert "https://evora.example/" in links(found(handed_in())[f"{URL}portugal/"])


def test_programs_get_all_groups_but_invented_ones(found):
    pages = found(handed_in(sample=True))

    content = json.loads(pages["/api/v3/user-groups.json"])
    assert [group["name"] for group in content["user_groups"]] == [
        "Lisbon Pythons", "PyLadies Lisbon", "BHAM",
    ]  # fmt: skip
    assert content["user_groups"][2] == {
        "name": "BHAM", "area": "usa", "country": "United States", "place": "Alabama",
        "about": "", "website": "https://bham.example/",
    }  # fmt: skip


def test_a_table_has_at_most_a_hundred_and_fifty_rows(found):
    rows = [handed_in(str(n), website=f"https://{n}.example/") for n in range(150)]

    pages = found(*rows)

    assert len(links(pages[f"{URL}europe/"])) == 150
    assert len(links(pages[f"{URL}europe/page/2/"])) == 1


def test_without_groups_the_finder_says_so(built):
    assert "No group is listed here yet." in built("", nouns=("user_groups",))[URL]
