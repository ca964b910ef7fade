"""Parts of templates that depend on the frame alone."""

from __future__ import annotations

TEMPLATE = """
-- templates/pages/page.html --
{# meta: Meta, page: PageEntry #}
{% once %}<nav>{{ frame.name }}: {% for item in frame.menu %}{{ item.title }} {% endfor %}</nav>
{% endonce %}
<h1>{{ page.title }}</h1>
"""
PAGES = """
-- content/menu.yaml --
- {title: R&D, url: /about/}
-- content/pages/about/a.md --
---
title: A
---
-- content/pages/about/b.md --
---
title: B
---
"""


def test_what_is_made_once_is_the_same_on_every_page_and_escaped(built):
    pages = built(TEMPLATE + PAGES, nouns=("pages", "menu"))

    nav = "<nav>Test: R&amp;D </nav>\n"
    assert [pages[f"/about/{name}/"].strip() for name in "ab"] == [
        f"{nav}<h1>A</h1>", f"{nav}<h1>B</h1>",
    ]  # fmt: skip


def test_a_change_of_the_frame_reaches_what_is_made_once(built, project):
    built(TEMPLATE + PAGES, nouns=("pages", "menu"))

    project.write("-- content/menu.yaml --\n- {title: New, url: /about/}\n")
    project.build()

    assert "<nav>Test: New </nav>" in project.pages()["/about/a/"]
