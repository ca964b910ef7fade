"""One design: a component looks alike wherever it stands, and minifying changes nothing."""

from __future__ import annotations

import re
from collections import defaultdict

import lightningcss
import pytest

from tests.browser.test_every_template import PAGES
from tests.conftest import ROOT

SHEET = ROOT / "static/css/site.css"
MACROS = ROOT / "templates/macros"
WAYS = (
    {"color_scheme": "light", "media": "screen"},
    {"color_scheme": "dark", "media": "screen"},
    {"color_scheme": "light", "media": "print"},
)
# Puts a style sheet in place of the page's own, which its policy allows to the DOM only.
WEAR = """css => {
  document.querySelectorAll("link[rel=stylesheet]").forEach((link) => { link.disabled = true; });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
# Everything a browser makes of the styles, for each element and what is drawn before and after it;
# but how a custom property is spelled, and where a picture would begin that there is not.
LOOK = """() => {
  const names = [...getComputedStyle(document.documentElement)].filter((name) => !name.startsWith("--"));
  const unplaced = names.filter((name) => !name.startsWith("background-position"));
  return [...document.querySelectorAll("*")].map((one) => [null, "::before", "::after"].map((part) => {
    const style = getComputedStyle(one, part);
    if (part && style.content === "none") return "none";
    const asked = style.backgroundImage === "none" ? unplaced : names;
    return asked.map((name) => style.getPropertyValue(name)).join("; ");
  }).join("\\n"));
}"""
DIFFERENT = f"""css => {{
  const look = {LOOK}, wear = {WEAR};
  wear(css[0]);
  const first = look();
  wear(css[1]);
  const second = look();
  const names = [...document.querySelectorAll("*")].map((one) => one.outerHTML.slice(0, 80));
  return [first.length, names.filter((_, n) => first[n] !== second[n])];
}}"""


def css(*, minify: bool) -> str:
    return str(lightningcss.bundle_css(str(SHEET), minify=minify))


@pytest.mark.row("S352")
@pytest.mark.parametrize(
    ("template", "width"),
    [
        ("home/index.html", 1280),
        ("releases/downloads.html", 360),
        ("events/month.html", 1280),
        ("styleguide/index.html", 360),
        ("styleguide/index.html", 1280),
    ],
)
def test_a_minified_style_sheet_gives_every_element_the_same_styles(visit, guide, template, width):
    path = PAGES[template]
    page = visit(
        path if path.startswith("/") else guide,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )

    found = {}
    for way in WAYS:
        page.emulate_media(**way)
        found[str(way)] = page.evaluate(DIFFERENT, [css(minify=True), css(minify=False)])

    assert all(count > 50 for count, _ in found.values())
    assert {way: different for way, (_, different) in found.items() if different} == {}


@pytest.mark.row("S352")
def test_the_site_is_served_with_the_minified_style_sheet(visit):
    page = visit("/about/")

    address = page.locator("link[rel=stylesheet]").first.get_attribute("href")
    served = page.request.get(page.url.removesuffix("/about/") + address).text()

    assert served == css(minify=True)
    assert len(served) < len(css(minify=False))


# What each is drawn by; where it stands may differ, and how wide it is.
DRAWN = ("color", "background-color", "font-size", "font-weight", "font-family", "line-height")
DRAWN += ("border-top-color", "border-top-width", "border-top-left-radius", "padding-left")
COMPONENTS = (".button:not([class*='button-'])", ".button.button-primary:not(.button-big)", ".card")
COMPONENTS += (
    ".alert-info",
    ".badge-stable",
    ".badge-prerelease",
    ".paging a:not([aria-current])",
    ".crumbs a",
)
COMPONENTS += (".site-header", ".donate", ".site-map", ".page-foot", ".table th[scope=row]")
FOUND = f"""wanted => Object.fromEntries(wanted.map((selector) => [selector,
  [...new Set([...document.querySelectorAll(selector)].map((one) => {{
    const style = getComputedStyle(one);
    return {list(DRAWN)}.map((name) => style.getPropertyValue(name)).join(" | ");
  }}))]]))"""


@pytest.mark.row("S067")
def test_a_component_looks_the_same_on_every_page(turn_to, guide):
    looks = defaultdict(set)
    for path in PAGES.values():
        page = turn_to(path if path.startswith("/") else guide, reduced_motion="reduce")
        for selector, found in page.evaluate(FOUND, list(COMPONENTS)).items():
            looks[selector].update(found)

    assert {selector: len(found) for selector, found in looks.items()} == dict.fromkeys(
        COMPONENTS, 1
    )


@pytest.mark.row("S067")
def test_a_component_is_made_by_one_macro_file():
    made = defaultdict(list)
    for file in sorted(MACROS.glob("*.html")):
        for name in re.findall(r"{% macro (\w+)\(", file.read_text(encoding="utf-8")):
            made[name].append(file.stem)

    assert {"button": ["buttons"], "cards": ["cards"], "input": ["fields"]}.items() <= made.items()
    assert {name: files for name, files in made.items() if len(files) > 1} == {}
