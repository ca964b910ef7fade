"""The home page."""

from __future__ import annotations

import pytest

SITE = """
-- content/series/3.14.md --
---
version: 3.14
first_release: 2025-10-07
end_of_life: 2030-10-01
---
-- content/releases/3.14/3.14.2.md --
---
version: 3.14.2
date: 2025-12-01
files:
- {name: Python-3.14.2.tar.xz, size: 10}
---
-- content/releases/3.15/3.15.0a1.md --
---
version: 3.15.0a1
date: 2026-01-01
files: [{name: Python-3.15.0a1.tgz}]
---
-- content/series/3.15.md --
---
version: 3.15
first_release: 2027-10-07
end_of_life: 2031-10-01
---
"""
NOUNS = ("pages", "managers", "series", "releases")


@pytest.mark.row("S155", "S167")
def test_the_newest_stable_release_is_named_in_full(built):
    site = built(SITE, nouns=NOUNS)

    assert "Download Python 3.14.2" in site["/"]
    assert "Download Python 3.15.0a1" not in site["/"]
