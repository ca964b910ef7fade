"""Markdown: what each form becomes, what is refused, and that the fast parser is the plain one."""

import re
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pydotorg_build.markdown import (
    Flaw,
    Heading,
    Image,
    Link,
    MarkdownSettings,
    Prose,
    make_markdown,
    rendering_with,
)
from pydotorg_build.markdown_fast import FastMarkdown
from pydotorg_build.markdown_html import TAGS
from pydotorg_build.markdown_parser import make_fast_parser, make_parser


def plain(code: str, language: str) -> str:
    """Code without colours."""
    return code.replace("&", "&amp;").replace("<", "&lt;")


SETTINGS = MarkdownSettings()
render = make_markdown(SETTINGS, plain)
render_submitted = make_markdown(SETTINGS, plain, submitted=True)


def html(text: str) -> str:
    return render(text).html


def flaws(text: str) -> list[tuple[int, str]]:
    return [(flaw.line, flaw.message) for flaw in render(text).flaws]


# What a text becomes


@pytest.mark.row("S075")
def test_markdown_becomes_html():
    assert (
        html("Some *words* and **more**.")
        == "<p>Some <em>words</em> and <strong>more</strong>.</p>\n"
    )


def test_an_anchor_is_made_of_the_heading():
    prose = render("## What's *new*?")

    assert prose.html == (
        '<h2 id="whats-new">What’s <em>new</em>? <a class="anchor" href="#whats-new"'
        ' aria-label="Link to this section: What’s new?">#</a></h2>\n'
    )
    assert prose.ids == ("whats-new",)


def test_ids_of_equal_headings_are_counted():
    assert render("## A\n\n## A\n\n## A").ids == ("a", "a-2", "a-3")


def test_ids_are_ascii():
    assert render("## Größe & Übung\n\n## 日本").ids == ("grosse-ubung", "section")


def test_a_heading_can_be_given_an_id_and_a_class():
    assert '<h2 id="new" class="big">News ' in html("## News {#new .big}")


def test_a_heading_keeps_clear_of_an_id_that_is_given_below():
    assert render("## New\n\n## Other {#new}").ids == ("new-2", "new")


def test_contents_list_the_second_and_third_level():
    prose = render("## A `b`\n\n### B\n\n#### C")

    assert prose.toc == (Heading(2, "a-b", "A b"), Heading(3, "b", "B"))


def test_a_table_scrolls_and_its_columns_are_aligned():
    text = html("| a | b |\n|---|--:|\n| 1 | 2 |")

    assert text.startswith(
        '<div class="table" role="group" aria-label="Table" tabindex="0"><table>'
    )
    assert '<th scope="col">a</th>\n<th scope="col" class="align-right">b</th>' in text
    assert '<td class="align-right">2</td>' in text


def test_a_footnote_and_its_mark_link_to_each_other():
    prose = render("Text.[^a]\n\n[^a]: Note.")

    assert '<a href="#fn:1" id="fnref:1" aria-label="Footnote 1">1</a>' in prose.html
    assert '<li id="fn:1"><p>Note. <a class="footnote-back" href="#fnref:1"' in prose.html
    assert prose.ids == ("fnref:1", "fn:1")


def test_terms_are_defined_in_a_definition_list():
    assert html("Term\n: What it is") == "<dl>\n<dt>Term</dt>\n<dd>What it is\n</dd>\n</dl>\n"


def test_tasks_have_check_boxes_that_say_their_state():
    text = html("- [ ] open\n- [x] closed")

    assert '<input type="checkbox" disabled aria-label="to do"> open' in text
    assert '<input type="checkbox" disabled aria-label="done" checked> closed' in text


@pytest.mark.parametrize("kind", ["note", "tip", "important", "warning", "caution"])
def test_a_box_has_a_title_that_is_seen(kind):
    text = html(f"> [!{kind.upper()}]\n> Words.")

    assert text == (
        f'<aside class="alert alert-{kind}" role="note">\n'
        f'<p class="alert-title">{kind.capitalize()}</p>\n<p>Words.</p>\n</aside>\n'
    )


def test_attributes_in_braces_belong_to_what_is_before_or_below():
    text = html("{.lead lang=de}\nWort `code`{#c} [span]{.x}")

    assert text == (
        '<p lang="de" class="lead">Wort <code id="c">code</code> <span class="x">span</span></p>\n'
    )


@pytest.mark.parametrize(
    ("written", "typeset"),
    [
        ('"Python\'s" way', "“Python’s” way"),
        ("the '90s", "the ’90s"),
        ("a -- b", "a – b"),
        ("a---b", "a—b"),
        ("so...", "so…"),
        ("a --flag", "a --flag"),
        (r"\"plain\"", '"plain"'),
        ('*"quoted"*', "<em>“quoted”</em>"),
        ('`"code" -- x`', '<code>"code" -- x</code>'),
    ],
)
def test_signs_are_typeset(written, typeset):
    assert html(written) == f"<p>{typeset}</p>\n"


def test_signs_are_left_alone_on_request():
    markdown = make_markdown(MarkdownSettings(typographer=False), plain)

    assert markdown("it's -- so...").html == "<p>it's -- so...</p>\n"


def test_a_bare_address_is_a_link_without_the_full_stop_behind_it():
    prose = render("See https://example.org/a_b_c.")

    assert prose.html == (
        '<p>See <a href="https://example.org/a_b_c">https://example.org/a_b_c</a>.</p>\n'
    )


def test_links_are_noted_with_their_lines():
    prose = render("[a](/x) and\n[b](y.html#z)\n\n<https://example.org>")

    assert prose.links == (Link("/x", 1), Link("y.html#z", 2), Link("https://example.org", 4))


def test_an_excerpt_has_the_words_of_the_paragraphs():
    prose = render("## Title\n\nSome *words*, `code` and <pep:8>.\n\n- item\n")

    assert prose.text == "Some words, code and PEP 8. item"


def test_a_long_excerpt_ends_with_a_whole_word():
    prose = render("word " * 100)

    assert prose.text == "word " * 59 + "word …"


def test_prose_can_be_packed():
    prose = render("## A\n\n[b](/c) ![d](e.png)\n\n<script>")

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(prose), type=Prose) == prose


# Short forms


@pytest.mark.parametrize(
    ("short", "address", "label"),
    [
        ("pep:8", "https://peps.python.org/pep-0008/", "PEP 8"),
        ("cve:2024-0001", "https://www.cve.org/CVERecord?id=CVE-2024-0001", "CVE-2024-0001"),
        ("docs:library/json", "https://docs.python.org/3/library/json.html", "json"),
        ("docs:3.12/library/json", "https://docs.python.org/3.12/library/json.html", "json"),
        (
            "docs:library/json#json.loads",
            "https://docs.python.org/3/library/json.html#json.loads",
            "json.loads",
        ),
        ("pypi:Requests", "https://packaging.python.org/project/requests/", "Requests"),
        ("gh:123", "https://github.com/python/cpython/issues/123", "gh-123"),
        ("gh:python/peps#12", "https://github.com/python/peps/issues/12", "python/peps#12"),
    ],
)
def test_a_short_form_stands_for_an_address(short, address, label):
    assert html(f"<{short}>") == f'<p><a href="{address}">{label}</a></p>\n'


def test_a_short_form_can_be_the_target_of_a_link():
    assert html("[here](pep:8#names)") == (
        '<p><a href="https://peps.python.org/pep-0008/#names">here</a></p>\n'
    )


def test_packages_and_issues_are_where_the_settings_say():
    elsewhere = MarkdownSettings(package_index="https://p.example", repository="https://r.example")

    links = make_markdown(elsewhere, plain)("<pypi:a> <gh:1>").links

    assert links == (Link("https://p.example/project/a/", 1), Link("https://r.example/issues/1", 1))


@pytest.mark.parametrize("short", ["pep:x", "cve:24-1", "docs:/", "pypi:-", "gh:a#1"])
def test_a_malformed_short_form_is_a_flaw_and_no_link(short):
    prose = render(f"<{short}>")

    assert prose.html == f"<p>{short}</p>\n"
    assert [flaw.message for flaw in prose.flaws] == [f"`{short}` is not an address"]


# Flaws


def test_a_first_level_heading_is_a_flaw():
    assert render("# Title").flaws == (
        Flaw(
            1,
            0,
            "a text has no heading of the first level",
            "the title of the page is its heading; write `##`",
        ),
    )


def test_a_skipped_level_is_a_flaw():
    assert flaws("## A\n\n#### B") == [(3, "the heading skips a level: `####`")]


def test_headings_of_foreign_texts_are_taken_as_they_are():
    prose = make_markdown(MarkdownSettings(strict_headings=False), plain)("# A\n\n#### B")

    assert "<h1 id" in prose.html
    assert prose.flaws == ()


def test_the_line_of_a_flaw_is_that_of_the_words():
    assert flaws("a\nb\n[c](foo:d)\ne") == [(3, "addresses with `foo:` are not allowed")]


def test_an_unknown_scheme_has_a_hint():
    (flaw,) = render("[c](peps:8)").flaws

    assert flaw.hint == "did you mean `pep:`?"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java&#115;cript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//example.org",
        "file:///etc/passwd",
    ],
)
def test_no_other_scheme_comes_through(address):
    prose = render(f"[a]({address}) [b][c]\n\n[c]: {address}")

    assert prose.html == "<p>a b</p>\n"
    assert len(prose.flaws) >= 1


def test_an_attribute_that_is_not_allowed_is_told_and_dropped():
    prose = render("[a](/b){style=x onclick=y .c}")

    assert prose.html == '<p><a href="/b" class="c">a</a></p>\n'
    assert [flaw.message for flaw in prose.flaws] == [
        "the attribute `onclick` is not allowed",
        "the attribute `style` is not allowed",
    ]


def test_an_id_is_given_once():
    assert flaws("[a]{#x} [b]{#x}") == [(1, "the id `x` is used twice")]


def test_a_footnote_that_is_not_there_is_a_flaw():
    assert flaws("a[^1]") == [(1, "there is no footnote `[^1]`")]


def test_a_footnote_that_nothing_refers_to_is_a_flaw():
    assert flaws("a\n\n[^1]: b") == [(0, "nothing refers to the footnote `[^1]`")]


def test_an_unknown_box_is_a_flaw():
    assert flaws("> [!HINT]\n> a") == [(1, "there is no box `[!HINT]`")]


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x85", "\ue000", "\ue001", "\ud800"])
def test_characters_that_are_no_text_are_told_and_removed(character):
    prose = render(f"a\nb{character}c")

    assert prose.html == "<p>a\nbc</p>\n"
    assert [(flaw.line, flaw.column) for flaw in prose.flaws] == [(2, 2)]


@pytest.mark.parametrize(
    "disguise", ["&#xE000;0&#xe001;", "&#57344;0&#57345;", "<http://a/%EE%80%800>"]
)
def test_nobody_forges_the_slot_of_a_picture(disguise):
    prose = render(f"{disguise} <b>x</b>")

    assert "\ue000" not in prose.html


# Pictures


def test_a_picture_leaves_a_slot():
    prose = render("See ![a *cat*](my%20cat.png){width=300 .c} here.")

    assert prose.html == "<p>See \ue0000\ue001 here.</p>\n"
    assert prose.images == (Image("my cat.png", "a cat", "", 1, "c", 300, 0),)


def test_a_picture_alone_is_a_figure_with_its_title_as_caption():
    prose = render('![a cat](cat.png "Our *cat*")')

    assert prose.html == "<figure>\ue0000\ue001<figcaption>Our *cat*</figcaption></figure>\n"


def test_a_picture_without_text_is_a_flaw():
    assert flaws("a ![](cat.png)") == [(1, "the picture has no text")]


def test_a_picture_can_say_that_it_only_decorates():
    prose = render("![](line.png){role=presentation}")

    assert prose.flaws == ()
    assert prose.images[0].alt == ""


@pytest.mark.parametrize(
    "address", ["https://example.org/a.png", "//a/b.png", "data:image/png;base64,x"]
)
def test_a_picture_of_another_site_is_refused(address):
    prose = render(f"![a]({address})")

    assert prose.images == ()
    assert prose.html == "<figure>a</figure>\n"
    assert len(prose.flaws) == 1


# Raw HTML


def test_allowed_html_comes_through():
    text = "<details><summary>More</summary>\n\nPress <kbd>Tab</kbd>.\n\n</details>"

    prose = render(text)

    assert prose.html == (
        "<details><summary>More</summary>\n<p>Press <kbd>Tab</kbd>.</p>\n</details>"
    )
    assert prose.flaws == ()


@pytest.mark.parametrize("tag", ["script", "style", "iframe", "img", "svg", "form", "object"])
def test_other_html_is_told_and_taken_out(tag):
    prose = render(f"a\n\n<{tag}>\n\nb")

    assert f"<{tag}" not in prose.html
    assert (3, f"`<{tag}>` is not allowed in content") in flaws(f"a\n\n<{tag}>\n\nb")


def test_other_attributes_are_told_and_taken_out():
    prose = render('<b class="c" onclick="x" style="y" id="z">a</b>')

    assert prose.html == '<p><b class="c">a</b></p>\n'
    assert [flaw.message for flaw in prose.flaws] == [
        "`id` is not allowed on `<b>`",
        "`onclick` is not allowed on `<b>`",
        "`style` is not allowed on `<b>`",
    ]


@pytest.mark.parametrize(
    "address", ["javascript:x", "&#106;avascript:x", "//a.b", "/\\a.b", "pep:8"]
)
def test_html_links_nowhere_else(address):
    prose = render(f'<a href="{address}">a</a>')

    assert prose.html == "<p><a>a</a></p>\n"
    assert len(prose.flaws) == 1


def test_a_tag_that_does_not_end_takes_no_picture_into_its_attributes():
    prose = render('<div class="\n\n![x onerror=y](a.png)\n\n">z</div>\n\n<b>w</b>')

    assert "\ue000" not in prose.html
    assert prose.flaws[0].message == "the tag `<div` does not end as a tag does"


def test_our_own_parts_stay_whole_among_raw_html():
    text = "## A\n\n- [x] b[^1]\n\n```python\nc\n```\n\n![d](e.png)\n\n> [!NOTE]\n> f\n\n[^1]: g"

    with_html = html(f"{text}\n\n<b>h</b>")

    for line in html(text).splitlines():
        assert line in with_html


def test_a_link_in_raw_html_is_noted():
    assert render('a\n\n<a href="/b?c&amp;d">e</a>').links == (Link("/b?c&d", 3),)


def test_a_comment_is_left_out_without_a_word():
    assert render("a <!-- <script> --> b").flaws == ()
    assert html("a <!-- b --> c") == "<p>a  c</p>\n"


# What strangers hand in


def test_submitted_html_is_text():
    assert render_submitted("<b>a</b>").html == "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"


def test_submitted_links_are_not_vouched_for():
    assert render_submitted("[a](https://example.org)").html == (
        '<p><a href="https://example.org" rel="nofollow ugc">a</a></p>\n'
    )


@pytest.mark.parametrize(
    "text",
    ["a [b]{.visually-hidden}", "{.visually-hidden}\na", "- {% raw %}"],
)
def test_submitted_braces_are_text(text):
    braces = text[text.index("{") : text.index("}") + 1]

    assert render(text).html != render_submitted(text).html
    assert braces in render_submitted(text).html
    assert "class=" not in render_submitted(text).html


def test_a_submitted_heading_keeps_its_braces():
    assert ">A {#b .button}<" in render_submitted("## A {#b .button}").html.replace(" <", "<")


# Hostile and unusual texts


@pytest.mark.parametrize(
    "piece", ["[", "![", "[a](", "*a ", "*a **b ", "`a``", "<", "<!--", "&", "> ", "- ", "[^", "{"]
)
@pytest.mark.parametrize("markdown", [render, render_submitted])
def test_ten_times_the_signs_take_no_more_than_their_share_of_time(piece, markdown):
    few, many = 2_000, 20_000

    began = time.process_time()
    markdown(piece * few)
    short = time.process_time() - began
    began = time.process_time()
    markdown(piece * many)
    long = time.process_time() - began

    # Ten times the text, and room for noise; were it quadratic, a hundred times.
    assert long < 40 * max(short, 0.02)


def test_a_hundred_thousand_brackets_are_text():
    began = time.process_time()

    prose = render("[" * 100_000)

    assert prose.html == f"<p>{'[' * 100_000}</p>\n"
    assert time.process_time() - began < 60


@pytest.mark.parametrize("text", [">" * 1000 + "a", "- " * 500 + "a", "> - " * 300 + "a"])
def test_blocks_nested_too_deeply_are_a_flaw(text):
    assert [flaw.message for flaw in render(text).flaws] == ["blocks are nested more than 40 deep"]


def test_links_nested_without_end_are_text():
    assert render("[" * 5000 + "a" + "](b)" * 5000).flaws == ()


def test_the_same_text_is_the_same_prose():
    text = "## A\n\n[b](c) ![d](e.png)\n\n<b>f</b>"

    assert make_markdown(SETTINGS, plain)(text) == render(text)


# The fast parser is the plain parser


PIECES = (  # noqa: SIM905 - one text is shorter than a list
    '# |## |- |* |1. |> |> [!NOTE]\n> |\n|\n\n|    |\t| |word|it\'s|"q"|*|**|_|~~|`|```python\n|```\n'
    '|[|]|(|](/x)|[a](b)|[a *b*](https://python.org/x#y)|![alt](x.png "t")|![|<|<b>|</b>|<pep:8>'
    "|<div>|<!-- c -->|&amp;|&|{.c}|{#i}|{style=x}|[x]{.c}|a@b.c|<a@b.c>|---\n|===\n|--|...|\nT\n: D\n"
    "|: d|~ d|[^1]|[^1]: note|[ref]: /url 'x'\n|[ref]|- [ ] t|\\|\\*|\\\n|  \n|http://a.b/c_d|é|”|0|{|}"
    "|[a](javascript:x)|<https://a.b/%20x>"
).split("|")
TABLE = ["|", "| a | b |\n|---|--:|\n| 1 | 2 |\n", "a|b\n-|-\n"]
texts = st.lists(st.sampled_from([*PIECES, *TABLE]), max_size=40).map("".join) | st.text(
    st.sampled_from("ab *_`[]()!<>&\\\n\t{}#-+=:~|\"'.1^"), max_size=60
)


FAST_AND_PLAIN = {
    submitted: tuple(
        rendering_with(parser, SETTINGS, plain, submitted=submitted)
        for parser in (
            make_fast_parser(submitted=submitted),
            make_parser(MarkdownIt, submitted=submitted),
        )
    )
    for submitted in (False, True)
}


@pytest.mark.parametrize("submitted", [False, True])
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=texts)
def test_the_fast_parser_makes_of_any_text_what_the_plain_one_does(submitted, text):
    fast, slow = FAST_AND_PLAIN[submitted]

    assert fast(text) == slow(text)


@settings(max_examples=500, deadline=None)
@given(
    address=st.from_regex(r"(https?://)?[a-z0-9.:/?#@%~_+=&é-]{0,40}", fullmatch=True)
    | st.text(max_size=30)
)
def test_addresses_are_normalized_as_by_the_plain_parser(address):
    fast, slow = FastMarkdown(), MarkdownIt()

    assert fast.normalizeLink(address) == slow.normalizeLink(address)
    assert fast.normalizeLinkText(address) == slow.normalizeLinkText(address)


# The guide


def test_every_example_of_the_guide_is_sound_and_every_tag_is_named():
    guide = (Path(__file__).parents[2] / "docs" / "markdown.md").read_text(encoding="utf-8")
    examples = re.findall(r"^````markdown\n(.*?)^````$", guide, re.DOTALL | re.MULTILINE)
    tags = re.search(r"^> a, abbr.*wbr$", guide, re.DOTALL | re.MULTILINE)

    told = [flaw for example in examples for flaw in render(example).flaws]

    assert len(examples) > 8
    assert told == []
    assert tags is not None
    named = tags[0].replace("> ", "").replace("\n", " ").replace("h2–h6", "h2, h3, h4, h5, h6")
    assert set(named.split(", ")) == TAGS
