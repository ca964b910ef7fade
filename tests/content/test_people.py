"""The fellows of the PSF."""

from __future__ import annotations

import re

SITE = """
-- content/snippets/fellows.md --
---
title: Introduction
---
A fellow is one for life.
-- content/people.yaml --
"""
NOUNS = ("snippets", "people")


def names(page):
    return re.findall(r"<li>([^<]+?) <span", page)


def test_fellows_stand_in_the_order_of_their_family_names_whatever_the_sign_on_a_letter(built):
    people = """- {title: Zoe Adams, year: 2001}
- {title: Ada Žukov, year: 2010, status: emeritus}
- {title: Ng Swee Meng, year: 2020, sort: Ng}
- {title: Bob Zander, year: 2002, status: deceased}
"""

    page = built(SITE + people, nouns=NOUNS)["/psf/fellows/"]

    assert names(page) == ["Zoe Adams", "Ng Swee Meng", "Bob Zander", "Ada Žukov"]
    assert "2010, emeritus" in page
    assert "(died)" in page
    assert "A fellow is one for life." in page


def test_a_page_has_at_most_150_and_only_the_first_the_introduction(built):
    people = "".join(f"- {{title: Ada Nr{n:03}, year: 2001}}\n" for n in range(301))

    pages = built(SITE + people, nouns=NOUNS)

    urls = ("/psf/fellows/", "/psf/fellows/page/2/", "/psf/fellows/page/3/")
    assert [len(names(pages[url])) for url in urls] == [150, 150, 1]
    assert ["for life" in pages[url] for url in urls] == [True, False, False]


def test_pages_that_are_left_out_between_others_are_shown_by_a_sign(built):
    people = "".join(f"- {{title: Ada Nr{n:03}, year: 2001}}\n" for n in range(601))

    pages = built(SITE + people, nouns=NOUNS)

    def numbers(url):
        return " ".join(re.findall(r"(?<=>)(?:\d|…)(?=<)", pages[url].partition('"paging"')[2]))

    assert numbers("/psf/fellows/") == "1 2 3 … 5"
    assert numbers("/psf/fellows/page/2/") == "1 2 3 4 5"
    assert numbers("/psf/fellows/page/5/") == "1 … 3 4 5"


def test_where_there_is_none_no_number_is_told(built):
    page = built(SITE + "[]\n", nouns=NOUNS)["/psf/fellows/"]

    assert '<h2 id="list">Fellows by name</h2>' in page
    assert "No fellow is recorded here yet." in page


def test_the_addresses_it_had_lead_to_it(built):
    pages = built(SITE + "- {title: Zoe Adams, year: 2001}\n", nouns=NOUNS)

    assert "/psf/members/ /psf/fellows/ 301" in pages["/_redirects"]
    assert "/psf/fellows-roster/ /psf/fellows/ 301" in pages["/_redirects"]
