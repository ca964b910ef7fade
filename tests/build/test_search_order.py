"""The search index: the same text gives the same files, and Pagefind's own can be read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydotorg_build.search import run_pagefind
from pydotorg_build.search_order import UnknownFormError, decoded, encoded, put_in_order

VALUES = st.recursive(st.integers(0, 2**64 - 1) | st.text(), st.lists)
PAGE = (
    '<html lang="en"><main data-pagefind-body><h1 data-pagefind-filter="kind:{kind}">{kind}</h1>'
    '<p data-pagefind-filter="version:{kind}">Text of {kind}.</p></main></html>'
)
KINDS = ("job", "page", "release", "event", "story", "minutes", "blog")


@given(VALUES)
def test_what_was_written_is_read_as_it_was(value):
    written = encoded(value)

    assert decoded(written) == (value, len(written))


def test_a_form_that_is_not_known_is_not_guessed_at():
    with pytest.raises(UnknownFormError):
        decoded(bytes([0xF6]))


def made(folder):
    """The files of an index over a page of each kind."""
    for kind in KINDS:
        page = folder / "site" / kind / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(PAGE.format(kind=kind))
    run_pagefind(folder / "site", folder / "index", "en")
    put_in_order(folder / "index")
    files = (path for path in (folder / "index").rglob("*") if path.is_file())
    return {path.relative_to(folder / "index").as_posix(): path.read_bytes() for path in files}


def test_two_runs_over_the_same_pages_give_the_same_files(tmp_path):
    first, *others = (made(tmp_path / str(run)) for run in range(4))

    assert [other == first for other in others] == [True] * 3


def test_the_entry_names_the_list_and_the_list_its_filters(tmp_path):
    files = made(tmp_path)

    language = json.loads(files["pagefind-entry.json"])["languages"]["en"]
    filters = [path for path in files if path.startswith("filter/")]
    assert [path for path in files if path.endswith(".pf_meta")] == [
        f"pagefind.{language['hash']}.pf_meta"
    ]
    assert len(filters) == 2
