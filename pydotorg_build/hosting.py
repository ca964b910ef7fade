"""What a host is told, and what search engines are: `_redirects`, `_headers`, the sitemap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from pydotorg_build.artifacts import Redirect
from pydotorg_build.forwarding import in_order
from pydotorg_build.settings import Settings

POLICY = (
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "upgrade-insecure-requests",
)
CSP = "; ".join(POLICY)
EVERYWHERE = (
    ("Content-Security-Policy", CSP),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800"),
)
FOREVER = "public, max-age=31536000, immutable"
FOR_PROGRAMS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
PLACES = (
    ("/assets/*", (("Cache-Control", FOREVER),)),
    ("/pagefind/*", (("Cache-Control", FOREVER),)),
    ("/pagefind/bundles.json", (("Cache-Control", "public, max-age=60"),)),
    ("/404.html", (("Cache-Control", "public, max-age=10"),)),
    ("/api/*", FOR_PROGRAMS),
    ("/*.json", FOR_PROGRAMS),
    ("/*feed.json", (("Content-Type", "application/feed+json"),)),
    ("/*SHA256SUMS", (("Content-Type", "text/plain; charset=utf-8"), *FOR_PROGRAMS)),
    ("/*.rss", (("Content-Type", "application/rss+xml; charset=utf-8"), *FOR_PROGRAMS)),
    ("/*.atom", (("Content-Type", "application/atom+xml; charset=utf-8"), *FOR_PROGRAMS)),
    (
        "/*.ics",
        (
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Content-Disposition", "attachment"),
            *FOR_PROGRAMS,
        ),
    ),
    ("/*.opml", (("Content-Type", "text/x-opml; charset=utf-8"), *FOR_PROGRAMS)),
)
# A program gets JSON, and is told which versions of the interface there are.
NO_SUCH_API = "/api/* /api/404.json 404"
SITEMAP_SIZE = 40_000
SECTIONS = 30


def headers(sections: Iterable[str], *, noindex: bool, dev: bool) -> str:
    """`_headers`: security for all, how long each may be kept, and the keys a cache is purged by."""
    lines = [*_block("/*", EVERYWHERE)]
    if noindex:
        lines += _block("/*", (("X-Robots-Tag", "noindex, nofollow"),))
    for place, rules in PLACES:
        if not (dev and ("Cache-Control", FOREVER) in rules):
            lines += _block(place, rules)
    lines += _block("/", (("Surrogate-Key", "site home"),))
    for section in sections:
        lines += _block(f"/{section}/*", (("Surrogate-Key", f"site {section}"),))
    return "\n".join(lines) + "\n"


def _block(place: str, rules: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield place
    yield from (f"  {name}: {value}" for name, value in rules)


def redirects(every: Iterable[Redirect], settings: Settings) -> str:
    """`_redirects`, the exact before the wide, and last what the sidecar answers, or nobody.

    Where a rule stands in for the sidecar, the sidecar comes first.
    """
    passed = {
        f"{p}*": f"{p}* {settings.sidecar}{p}:splat 200"
        for p in sorted(settings.prefixes)
        if settings.sidecar
    }
    lines = []
    for redirect in in_order(every):
        if redirect.url in passed:
            lines.append(passed.pop(redirect.url))
        lines.append(_line(redirect))
    lines += passed.values()
    if "around" in settings.nouns:
        lines.append(NO_SUCH_API)
    return "\n".join(lines) + "\n"


def _line(redirect: Redirect) -> str:
    query = [f"{name}={value}" for name, value in sorted(redirect.query.items())]
    target = redirect.target or "/404.html"
    return " ".join((redirect.url, *query, target, str(redirect.status)))


def sitemaps(pages: Iterable[tuple[str, str]], base: str) -> dict[str, str]:
    """The sitemap of (address, day or `-`), in parts and an index where it is long."""
    lines = [_entry(base + url, day) for url, day in sorted(pages)]
    if len(lines) <= SITEMAP_SIZE:
        return {"/sitemap.xml": _xml("urlset", lines)}
    parts = [lines[n : n + SITEMAP_SIZE] for n in range(0, len(lines), SITEMAP_SIZE)]
    files = {f"/sitemap-{n}.xml": _xml("urlset", part) for n, part in enumerate(parts, 1)}
    index = [f"<sitemap><loc>{escape(base + url)}</loc></sitemap>" for url in files]
    return {"/sitemap.xml": _xml("sitemapindex", index)} | files


def _entry(url: str, day: str) -> str:
    changed = "" if day == "-" else f"<lastmod>{day}</lastmod>"
    return f"<url><loc>{escape(url)}</loc>{changed}</url>"


def _xml(root: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<{root} xmlns="{space}">\n{body}\n</{root}>\n'
