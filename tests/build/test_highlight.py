"""Code in colour: what is made of a fence, and that its colours can be read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pygments.token import STANDARD_TYPES

from pydotorg_build.highlight import highlight_code
from pydotorg_build.markdown import Flaw, MarkdownSettings, make_markdown

CSS = Path(__file__).parents[2] / "static" / "css"
# Names, signs and what is of no kind of its own have the colour of text.
PLAIN = {"", "w", "esc", "x", "n", "ni", "nl", "nx", "py", "l", "ld", "o", "p", "pm", "g"}

render = make_markdown(MarkdownSettings())


@pytest.mark.row("S157")
def test_code_is_coloured_by_the_build_and_is_whole_without_a_script():
    prose = render("```python\nx = 1\n```")

    assert prose.html == (
        '<div class="code" data-language="python"><pre tabindex="0"><code class="language-python">'
        '<span class="n">x</span> <span class="o">=</span> <span class="mi">1</span>\n'
        "</code></pre></div>\n"
    )


def test_a_session_is_highlighted():
    assert '<span class="gp">&gt;&gt;&gt; </span>' in render("```pycon\n>>> 1\n1\n```").html


@pytest.mark.parametrize("fence", ["```\na < b\n```", "```text\na < b\n```", "    a < b"])
def test_code_without_a_language_is_plain(fence):
    prose = render(fence)

    assert prose.html == (
        '<div class="code"><pre tabindex="0"><code>a &lt; b\n</code></pre></div>\n'
    )
    assert prose.flaws == ()


def test_an_unknown_language_is_a_flaw_and_its_code_is_shown():
    prose = render("a\n\n```pyhton\n<b>\n```")

    assert prose.flaws == (Flaw(3, 0, "there is no language `pyhton`", "did you mean `python`?"),)
    assert "<code>&lt;b&gt;\n</code>" in prose.html


def test_a_fence_can_be_given_a_class_and_an_id():
    assert render("{.wide #x}\n```python\n1\n```\n\n<b>a</b>").html.startswith(
        '<div id="x" class="code wide" data-language="python">'
    )


def test_whoever_renders_may_bring_their_own_colours():
    markdown = make_markdown(MarkdownSettings(), lambda code, language: f"{language}:{code}")

    assert '<code class="language-c">c:1\n</code>' in markdown("```C\n1\n```").html


@pytest.mark.parametrize("code", ["</code><script>", "'\"&<>", "\n\n x\n\n"])
def test_nothing_in_code_is_html_and_nothing_is_lost(code):
    import html

    coloured = highlight_code(code, "python")

    assert html.unescape(re.sub(r"</?span[^>]*>", "", coloured)).rstrip("\n") == code.rstrip("\n")


def test_pygments_is_not_imported_before_there_is_code():
    program = (
        "import sys; from pydotorg_build.markdown import make_markdown, MarkdownSettings as S;"
        "make_markdown(S())('a *b* `c`');"
        "print([m for m in ('pygments', 'nh3', 'PIL', 'asyncio') if m in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert told.stdout == b"[]\n"


# The style sheet


def pairs(sheet: str) -> dict[str, tuple[str, str]]:
    """The colours of a sheet that are one in light and another in dark, by their names."""
    found = re.findall(
        r"--([\w-]+): light-dark\((#\w{3,6}), (#\w{3,6})\);", (CSS / sheet).read_text()
    )
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """How bright a colour is, as WCAG 2 has it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


# Code lies on `surface`, and on the home page on `raised`.
@pytest.mark.parametrize("ground", ["surface", "raised"])
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_can_be_read_on_its_background(theme, ground):
    background = pairs("tokens.css")[ground][theme]
    colours = {name: pair[theme] for name, pair in pairs("highlight.css").items()}

    contrasts = {name: contrast(colour, background) for name, colour in colours.items()}

    assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}
    assert len(contrasts) == 7


def test_every_rule_is_for_a_class_that_pygments_gives_and_the_rest_is_plain_on_purpose():
    given = set(STANDARD_TYPES.values())

    named = set(re.findall(r"\.(\w+)", (CSS / "highlight.css").read_text())) - {"code"}

    assert named - given == set()
    assert given - named == PLAIN


def test_every_colour_of_the_sheet_is_used():
    sheet = (CSS / "highlight.css").read_text()

    declared = set(re.findall(r"--(\w+):", sheet))

    assert declared - set(re.findall(r"color: var\(--(\w+)\)", sheet)) == set()
