"""Work groups: the active ones are listed, the others hidden."""

from __future__ import annotations

import re

import pytest

GROUPS = """
-- content/workgroups/grants.md --
---
title: Grants
description: Applications for grants.
email: grants@psf.example
mailing_list: https://lists.psf.example/grants
chairs: [Ada, Grace]
---
It reads **applications**.
-- content/workgroups/bylaws.md --
---
title: Bylaws
description: Texts of the bylaws.
---
-- content/workgroups/meta.md --
---
title: Meta
description: How groups work.
active: false
---
"""


@pytest.fixture
def pages(built):
    return built(GROUPS, nouns=("workgroups",))


@pytest.mark.row("S121", "S183")
def test_active_groups_are_listed_with_what_they_are_for(pages):
    found = re.findall(
        r'class="card-title" href="(/psf/workgroups/[^"]+)">([^<]+)</a>\s*<p>([^<]+)',
        pages["/psf/workgroups/"],
    )

    assert found == [
        ("/psf/workgroups/bylaws/", "Bylaws", "Texts of the bylaws."),
        ("/psf/workgroups/grants/", "Grants", "Applications for grants."),
    ]


@pytest.mark.row("S121", "S183")
def test_a_group_has_a_page_that_says_its_purpose_and_how_to_reach_it(pages):
    page = pages["/psf/workgroups/grants/"]

    assert "<p>It reads <strong>applications</strong>.</p>" in page
    assert '<a href="mailto:grants@psf.example">' in page
    assert '<a href="https://lists.psf.example/grants">' in page
    assert "<dt>Chairs</dt><dd><bdi>Ada</bdi>, <bdi>Grace</bdi></dd>" in page


@pytest.mark.row("S121")
def test_an_inactive_group_is_hidden_and_its_address_leads_to_the_list(pages):
    assert [url for url, text in pages.items() if "How groups work" in text] == []
    assert "/psf/workgroups/meta/ /psf/workgroups/ 302" in pages["/_redirects"]


def test_without_a_group_the_list_says_so(built):
    pages = built("", nouns=("workgroups",))

    assert "No work group is listed as active at the moment." in pages["/psf/workgroups/"]
