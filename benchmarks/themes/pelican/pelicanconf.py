"""Pelican's settings for the benchmark: what the others do too, and nothing besides."""

import json
from pathlib import Path

SITENAME = "Bench"
SITEURL = "https://bench.example"
DESCRIPTION = "A made-up site of many pages."
DEFAULT_LANG = "en"
TIMEZONE = "UTC"
DEFAULT_DATE_FORMAT = "%-d %B %Y"

PATH = "content/pages"
OUTPUT_PATH = "dist"
THEME = "theme"
THEME_STATIC_DIR = "."
STATIC_PATHS: list[str] = []
ARTICLE_PATHS = [""]
PAGE_PATHS: list[str] = []
USE_FOLDER_AS_CATEGORY = True
FORMATTED_FIELDS: list[str] = []
CACHE_CONTENT = False

SECTIONS = json.loads(Path(__file__).with_name("sections.json").read_text(encoding="utf-8"))

ARTICLE_URL = "{category}/{slug}/"
ARTICLE_SAVE_AS = "{category}/{slug}/index.html"
CATEGORY_URL = "{slug}/"
CATEGORY_SAVE_AS = "{slug}/index.html"
TAG_URL = "tags/{slug}/"
TAG_SAVE_AS = "tags/{slug}/index.html"
TAGS_SAVE_AS = "tags/index.html"
SITEMAP_SAVE_AS = "sitemap.xml"
AUTHOR_SAVE_AS = ""
DRAFT_SAVE_AS = ""
DIRECT_TEMPLATES = ["index", "tags", "sitemap"]

DEFAULT_PAGINATION = 20
PAGINATED_TEMPLATES = {"tag": None, "category": None}
PAGINATION_PATTERNS = (
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
)

FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
CATEGORY_FEED_RSS = "{slug}/feed.rss"
RSS_FEED_SUMMARY_ONLY = True
FEED_MAX_ITEMS = 20

MARKDOWN = {
    "extensions": ["fenced_code", "tables", "smarty", "toc", "meta", "codehilite"],
    "extension_configs": {
        "markdown.extensions.codehilite": {"css_class": "highlight", "guess_lang": False},
    },
    "output_format": "html5",
}
