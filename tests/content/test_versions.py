"""Versions: how they are read and which is newer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydotorg_build.content.versions import STAGES, Version

NUMBERS = st.integers(min_value=0, max_value=999)
FINALS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS)
EARLY = st.builds(
    Version, NUMBERS, NUMBERS, NUMBERS, st.integers(0, len(STAGES) - 2), st.integers(0, 99)
)
VERSIONS = FINALS | EARLY


@pytest.mark.row("S077")
def test_versions_sort_as_they_were_released():
    texts = [
        "3.14.0",
        "3.10.0",
        "3.14.0rc1",
        "3.9.0",
        "3.14.0b2",
        "3.14.0a7",
        "3.14.0rc2",
        "3.9.25",
    ]

    ordered = [str(version) for version in sorted(map(Version.parse, texts))]

    assert ordered == [
        *("3.9.0", "3.9.25", "3.10.0", "3.14.0a7"),
        *("3.14.0b2", "3.14.0rc1", "3.14.0rc2", "3.14.0"),
    ]


@pytest.mark.row("S077")
@given(VERSIONS)
def test_a_version_is_read_as_it_is_written(version):
    assert Version.parse(str(version)) == version


@pytest.mark.row("S077")
@given(VERSIONS, VERSIONS)
def test_newest_first_is_the_reverse_of_the_order(one, other):
    assert (one < other) == (one.newest_first > other.newest_first)


@pytest.mark.row("S077")
@given(EARLY)
def test_a_pre_release_comes_before_what_it_leads_to_and_after_all_before(version):
    final = Version.parse(version.base)

    assert version < final
    assert version > Version(final.major, final.minor, final.micro - 1)


def test_a_series_is_read_as_its_first_version():
    assert Version.parse("3.14") == Version.parse("3.14.0")


@pytest.mark.parametrize(
    "text", ["", "3", "3.14.0.1", "3.14rc", "3.14.0-rc1", "v3.14.0", "3.14.0 "]
)
def test_what_is_not_a_version_is_refused(text):
    with pytest.raises(ValueError, match="is not a version"):
        Version.parse(text)
