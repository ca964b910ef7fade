"""build.toml: every key is documented, and nothing else is taken."""

from __future__ import annotations

import re

import pytest

from pydotorg_build.content import NAMES
from pydotorg_build.problems import Problems
from pydotorg_build.settings import TABLES, read_settings
from tests.conftest import ROOT

KEYS = [f"[{table}] {key}" for table, keys in TABLES.items() for key in keys]


@pytest.mark.row("C05")
@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_documented(key):
    assert f"| `{key}` |" in (ROOT / "docs" / "settings.md").read_text()


@pytest.mark.row("C05", "S049")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pages = 3", "build.toml:5:1: `pages` is not a key of [build]"),
        ("page_size = 0", "build.toml:5:1: `page_size` must be a larger number: at least 1, not 0"),
        ('page_size = "many"', "build.toml:5:1: `page_size` must be a whole number, not 'many'"),
        ("page_size =", "build.toml:5:12: this is not TOML: Invalid value"),
    ],
)
def test_a_faulty_line_is_told_with_its_place(tmp_path, line, told):
    file = tmp_path / "build.toml"
    file.write_text(f'[site]\nname = "x"\nurl = "https://x.example"\n[build]\n{line}\n')

    with pytest.raises(Problems) as caught:
        read_settings(file)

    assert str(caught.value).splitlines()[0] == told


def test_every_kind_of_content_is_documented():
    (listed,) = re.findall(
        r"the kinds of content: `([^`]*)`", (ROOT / "docs" / "settings.md").read_text()
    )

    assert listed.split() == list(NAMES)
