"""Old addresses, as the host is told of them."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems

LINES = """
-- content/redirects.yaml --
- {from: /old/*, to: "https://new.example/:splat"}
- {from: /old/one/, to: /search/}
- {from: /gone/, status: 410}
"""


@pytest.mark.row("C07")
def test_exact_addresses_come_before_wide_ones(built):
    site = built(LINES, nouns=("pages", "redirects"))

    assert site["/_redirects"].splitlines() == [
        "/gone/ /404.html 410",
        "/old/one/ /search/ 301",
        "/old/* https://new.example/:splat 301",
        "/api/* /api/404.json 404",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{from: old/, to: /search/}", "`from` must begin with `/`"),
        ("{from: /a*b, to: /search/}", "`*` may only stand at the end of `from`"),
        ("{from: /a/*, to: '/b/:splat/'}", "`:splat` may only stand at the end of `to`"),
        ("{from: /a/, to: '/b/:splat'}", "`:splat` is what `*` stands for, and `from` has none"),
        ("{from: /a/, to: /a/}", "this leads to itself"),
        ("{from: /a/, status: 410, to: /b/}", "`to` is wanted, except with status 410"),
        ("{from: /a/, to: 'javascript:x'}", "`to` must be a path from `/` or an address"),
        ("{from: /a/, status: 418, to: /b/}", "`status` must be one of 301, 302, 307, 308, 410"),
    ],
)
def test_a_line_that_cannot_be_served_is_refused(built, line, told):
    with pytest.raises(Problems) as caught:
        built(f"-- content/redirects.yaml --\n- {line}\n", nouns=("pages", "redirects"))

    assert str(caught.value).startswith("content/redirects.yaml:1:")
    assert told in str(caught.value)
