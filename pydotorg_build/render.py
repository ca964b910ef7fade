"""Artifacts in, bytes out: one function for each class of artifact."""

from __future__ import annotations

import datetime
import re
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from markupsafe import Markup

from pydotorg_build.artifacts import Asset, Body, Calendar, Data, Feed, Page, Poster
from pydotorg_build.attachments import Attachments, key_of
from pydotorg_build.compiled import Compiled
from pydotorg_build.content.bars import grouped
from pydotorg_build.content.release_files import COUNTED, FTP
from pydotorg_build.frame import Frame
from pydotorg_build.once import Once
from pydotorg_build.pictures import Picture, PictureFile
from pydotorg_build.plan import Planned
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.stacking import stacked
from pydotorg_build.template_hints import names_hint, syntax_hint
from pydotorg_build.unlinking import unlinked

if TYPE_CHECKING:
    from pydotorg_build.markdown import Heading, Prose

OBJECT = re.compile(r"'[\w.]+\.(\w+) object'")
SLOT = re.compile("\ue000(\\d+)\ue001")


class Shown(NamedTuple):
    """A rendered body as templates see it."""

    html: Markup
    toc: tuple[Heading, ...]
    text: str


class Renderer:
    """Renders artifacts with one frame, one folder of templates and what bodies refer to."""

    def __init__(
        self, frame: Frame, root: Path, templates: str, work: Path, attachments: Attachments
    ) -> None:
        self.frame, self._root, self._attachments = frame, root, attachments
        self.environment = make_environment(
            root / templates, frame.url, work / "jinja", counts=frame.counts
        )
        self._templates = templates
        self.malformed: dict[str, Problem] = {}

    def render(self, planned: Planned) -> bytes:
        """Render one artifact."""
        return RENDERERS[type(planned.artifact)](planned.artifact, planned, self)

    def shown(self, body: Body, pictures: Mapping[str, tuple[Picture, ...]]) -> Shown | None:
        """A body with its pictures in place."""
        if not body:
            return None
        prose = self._attachments.prose(body)
        return Shown(Markup(with_pictures(prose, pictures.get(key_of(body), ()))),
                     prose.toc, prose.text)  # fmt: skip

    def file(self, name: str) -> bytes:
        """The bytes of an asset's file."""
        if name.startswith("memo:"):
            return self._attachments.recall(name.removeprefix("memo:"))
        return (self._root / name).read_bytes()

    def place_of(self, template: str) -> str:
        """Where editors find a template; nothing where it is the program's own, or of an error."""
        ours = Path(self._templates).is_absolute() or template.startswith("errors/")
        return "" if ours else f"{self._templates}/{template}"

    def template_problem(self, error: Exception, page: Page) -> Problem:
        """Where in a template something went wrong, and what it was given."""
        if isinstance(error, TemplateNotFound):
            message = f"there is no template {error.name!r}"
            return Problem(page.source, message, f"put it below {self._templates}/")
        if isinstance(error, TemplateSyntaxError):
            place = Source(f"{self._templates}/{error.name}", error.lineno)
            message = str(error.message).removesuffix(".")
            return Problem(place, message, syntax_hint(message, self.environment.filters))
        place = Source(f"{self._templates}/{page.template}")
        for step in traceback.extract_tb(error.__traceback__):
            if step.filename.startswith(str(self._root / self._templates)):
                name = Path(step.filename).relative_to(self._root).as_posix()
                place = Source(name, step.lineno or 0)
        hint = names_hint(str(error), page.data)
        return Problem(place, _said(error), f"{hint} (rendering {page.url} from {page.source})")


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the template takes in itself without end"
    if isinstance(error, TemplateError):
        return OBJECT.sub(r"`\1`", str(error))
    return f"{type(error).__name__}: {error}"


def with_pictures(prose: Prose, pictures: tuple[Picture, ...]) -> str:
    """Put pictures where a body shows them."""
    if not prose.images:
        return prose.html
    from pydotorg_build.pictures import picture_html

    def put(match: re.Match[str]) -> str:
        number = int(match[1])
        return picture_html(pictures[number], prose.images[number])

    return SLOT.sub(put, prose.html)


class Templates(Environment):
    """Jinja's, for templates that have no globals of their own."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of all, as they are: a layer for each costs every import of macros a walk over it."""
        return super().make_globals(d) if d else self.globals


def make_environment(
    templates: Path, base: str, cache: Path | None = None, *, counts: bool = False
) -> Environment:
    """Templates see their page's data and these filters; a name they do not have is an error."""
    if cache:
        cache.mkdir(parents=True, exist_ok=True)
    environment = Templates(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=[Once],
        bytecode_cache=Compiled(f"{base} {counts}", cache),
    )
    environment.filters |= {
        "day": day,
        "filesize": filesize,
        "grouped": grouped,
        "json": to_json,
        "picture": picture,
        "stacked": stacked,
        "absolute": lambda path: path if "://" in path else base + path,
        "counted": counted if counts else str,
    }
    return environment


def counted(url: str) -> str:
    """The address of a download through the sidecar, which counts it; another's stays as it is.

    >>> counted("https://www.python.org/ftp/python/3.14.0/Python-3.14.0.tar.xz")
    '/d/3.14.0/Python-3.14.0.tar.xz'
    """
    return url.replace(FTP, COUNTED, 1) if url.startswith(FTP) else url


@lru_cache(maxsize=4096)
def day(value: datetime.date | str) -> str:
    """A day in full, or a month, where no more is told.

    >>> day(datetime.date(2026, 11, 23)), day("2026-11-23"), day("2030-10")
    ('23 November 2026', '23 November 2026', 'October 2030')
    """
    if isinstance(value, str):
        if len(value) == len("2030-10"):
            return f"{datetime.date.fromisoformat(f'{value}-01'):%B %Y}"
        value = datetime.date.fromisoformat(value)
    return f"{value.day} {value:%B %Y}"


def filesize(count: int) -> str:
    """A number of bytes in the unit people would use.

    >>> filesize(23595844)
    '22.5 MiB'
    """
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def picture(shown: Picture, alt: str, width: int = 0, classes: str = "") -> Markup:
    """A picture of an entry, in all its forms; `width` is how wide it is shown, in pixels."""
    from pydotorg_build.markdown import Image
    from pydotorg_build.pictures import picture_html

    image = Image("", alt, "", 0, classes, min(width, shown.width))
    return Markup(picture_html(shown, image))


def to_json(value: Any) -> Markup:
    """Data inside a script element that is not run; nothing in it can end that element."""
    text = msgspec.json.encode(value, order="deterministic").decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def render_page(page: Page, planned: Planned, renderer: Renderer) -> bytes:
    bodies = {name: renderer.shown(body, planned.pictures) for name, body in page.bodies.items()}
    given: dict[str, Any] = {**page.data, **bodies, "frame": renderer.frame}
    given["template"] = renderer.place_of(page.template)
    found = {name: planned.pictures.get(name, ()) for name in page.pictures}
    if pictures := {name: files[0] for name, files in found.items() if files}:
        given["pictures"] = pictures
    if page.template in renderer.malformed:
        # It is read anew for each page, and there may be thousands.
        raise Problems([renderer.malformed[page.template]])
    try:
        template = renderer.environment.get_template(page.template)
        text = template.render(given)
    except TemplateSyntaxError as error:
        problem = renderer.malformed[page.template] = renderer.template_problem(error, page)
        raise Problems([problem]) from error
    except Exception as error:
        raise Problems([renderer.template_problem(error, page)]) from error
    if renderer.frame.off:
        text = unlinked(text, page.url, renderer.frame.off)
    return text.encode()


def render_feed(feed: Feed, planned: Planned, renderer: Renderer) -> bytes:
    from pydotorg_build.feeds import render_feed as render

    def html_of(body: Body) -> str:
        shown = renderer.shown(body, planned.pictures)
        return str(shown.html) if shown else ""

    return render(feed, renderer.frame.url, html_of)


def render_calendar(calendar: Calendar, _: Planned, renderer: Renderer) -> bytes:
    from pydotorg_build.ical import render_calendar as render

    return render(calendar, renderer.frame.url)


def render_data(data: Data, planned: Planned, renderer: Renderer) -> bytes:
    content = data.content
    if isinstance(content, str):
        return content.encode()
    if data.pictures:
        pictures = {name: _forms(planned.pictures[name], renderer.frame.url)
                    for name in data.pictures}  # fmt: skip
        content = msgspec.structs.replace(content, pictures=pictures)
    return msgspec.json.encode(content) + b"\n"


def _forms(pictures: tuple[Picture, ...], base: str) -> tuple[PictureFile, ...]:
    """A picture in all its forms, with addresses that other sites can show."""
    forms = (form for picture in pictures for form in picture.variants)
    return tuple(msgspec.structs.replace(form, url=base + form.url) for form in forms)


def render_asset(asset: Asset, _: Planned, renderer: Renderer) -> bytes:
    return renderer.file(asset.file)


def render_poster(poster: Poster, _: Planned, __: Renderer) -> bytes:
    from pydotorg_build.posters import draw

    return draw(poster)


RENDERERS: dict[type, Callable[[Any, Planned, Renderer], bytes]] = {
    Page: render_page,
    Feed: render_feed,
    Calendar: render_calendar,
    Data: render_data,
    Asset: render_asset,
    Poster: render_poster,
}


def clock() -> float:
    return time.perf_counter()
