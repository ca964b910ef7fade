"""Which corrections of a text that is shown may be published without a decision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.corrections import WORDS, is_plain, is_small

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=8).filter(is_plain)
TEXTS = st.lists(LETTERS, min_size=1, max_size=40, unique=True)
FORBIDDEN = st.sampled_from(
    ["3", "1,000", "www.evil.example", "https://evil.example", "a@b.example", "not", "No", "don't",
     "isn’t", "never", "[here](x)", "<b>", "٣", "½", "ｗｗｗ．ｅｖｉｌ．ｅｘａｍｐｌｅ", "a\u202eb",
     "evil.example", "#", "`rm`", "without"]
)  # fmt: skip


def body(words, **more):
    return {"title": "Baker", "text": " ".join(words), **more}


@given(TEXTS, st.data())
def test_five_other_words_are_small_and_six_are_not(words, data):
    count = data.draw(st.integers(0, len(words)))
    new = [word + "ly" for word in words[:count]] + words[count:]

    assert is_small(body(words), body(new)) is (count <= WORDS)


@given(TEXTS, FORBIDDEN, st.data())
def test_no_number_link_address_or_denial_comes_or_goes_unread(words, forbidden, data):
    at = data.draw(st.integers(0, len(words)))
    new = [*words[:at], forbidden, *words[at:]]

    assert not is_small(body(words), body(new))
    assert not is_small(body(new), body(words))


@given(TEXTS, st.sampled_from(["title", "apply_url", "pay_from", "company"]), LETTERS)
def test_any_other_field_waits_for_a_decision(words, name, other):
    assert not is_small(body(words), {**body(words), name: f"{other} otherwise"})


@given(TEXTS)
def test_a_word_that_only_joins_two_to_an_address_is_seen(words):
    before = [*words, "evil", ".example"]

    assert not is_small(body(before), body([*words, "evil.example"]))


@pytest.mark.parametrize("size", [5001, 50_000])
def test_a_text_that_is_too_long_to_compare_waits_for_a_decision(size):
    assert not is_small(body(["word"] * size), body(["word"] * size + ["more"]))
