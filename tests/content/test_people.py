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


def test_the_addresses_it_had_lead_to_it(built):
    pages = built(SITE + "- {title: Zoe Adams, year: 2001}\n", nouns=NOUNS)

    assert "/psf/members/ /psf/fellows/ 301" in pages["/_redirects"]
    assert "/psf/fellows-roster/ /psf/fellows/ 301" in pages["/_redirects"]
