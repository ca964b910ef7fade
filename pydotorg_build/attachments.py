"""The pictures and documents that bodies show and link to: found, checked and given an address."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Artifact, Asset, Beside, Body, Data, Feed, Page, Poster
from pydotorg_build.cache import Untrusted, pack
from pydotorg_build.pictures import Picture, PictureFile
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.markdown import Image, Link, Prose
    from pydotorg_build.site import Site
    from pydotorg_build.workshop import Workshop


class _Known(msgspec.Struct, frozen=True):
    """What the memo keeps of an image: its forms with the keys of their bytes, or what is wrong."""

    width: int = 0
    height: int = 0
    variants: tuple[tuple[str, int, int, str], ...] = ()
    flaw: str = ""
    hint: str = ""


Pictures = tuple[Picture, ...]
NO_PICTURE = Picture(0, 0, ())
# How many rendered bodies are held.
PROSES = 64


class Found(msgspec.Struct):
    """What an artifact's bodies bring with them; pictures by `key_of` their body."""

    pictures: dict[str, Pictures] = msgspec.field(default_factory=dict)
    assets: list[Asset | Poster] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)


def key_of(body: Body) -> str:
    """What a body's pictures are known by: the same text elsewhere may show others."""
    return f"{posixpath.dirname(body.path)}:{body.digest}"


def bodies_of(artifact: Artifact) -> Iterator[Body]:
    """The bodies that an artifact shows."""
    if isinstance(artifact, Page):
        yield from (body for body in artifact.bodies.values() if body)
    elif isinstance(artifact, Feed):
        yield from (item.body for item in artifact.items if item.body)


class Attachments:
    """Resolves what bodies refer to.  Pictures are made once for each digest of their bytes."""

    def __init__(self, shop: Workshop, engine: str) -> None:
        # The memo is asked of the shop each time: it is another one after work was spread.
        self._shop, self._root, self._settings = shop, shop.root, shop.settings
        self._snapshots, self._engine = shop.snapshots, engine
        self._proses: dict[str, Prose] = {}
        self._made: dict[str, bytes] = {}

    def prose(self, body: Body) -> Prose:
        """A rendered body."""
        from pydotorg_build.markdown import Prose

        # A page is planned and soon rendered where its plan stands: the second asks again.
        if body.digest not in self._proses:
            if len(self._proses) == PROSES:
                self._proses.clear()
            found = msgspec.msgpack.decode(self.recall(body.digest), type=Prose)
            self._proses[body.digest] = found
        return self._proses[body.digest]

    def expect(self, artifacts: Iterable[Artifact]) -> None:
        """Bring the rendered bodies of some artifacts with one question, unless they are many."""
        from pydotorg_build.markdown import Prose

        wanted = {body.digest for artifact in artifacts for body in bodies_of(artifact)}
        if len(wanted) <= PROSES:
            rows = self._shop.memo.rows_in("SELECT key, value FROM memo WHERE key IN ({})", wanted)
            self._proses = {key: msgspec.msgpack.decode(raw, type=Prose) for key, raw in rows}

    def recall(self, key: str) -> bytes:
        """A value of the memo; it was put there before planning began."""
        value = self._made.get(key) or self._shop.memo.get(key)
        if value is None:
            raise Untrusted(key)
        return value

    def take_made(self) -> tuple[tuple[str, bytes], ...]:
        """What was made since the last time, for the memo: it is only written by one process."""
        made, self._made = tuple(self._made.items()), {}
        return made

    def of(self, artifact: Artifact, site: Site) -> Found:
        """The pictures and documents of one artifact."""
        found = Found()
        for name, beside in artifact.pictures.items() if isinstance(artifact, Page | Data) else ():
            found.pictures[name] = self._beside(beside, site, found)
        for body in bodies_of(artifact):
            prose = self.prose(body)
            if prose.images:
                pictures = self._pictures(body, prose.images, site, found)
                found.pictures[key_of(body)] = pictures
            if isinstance(artifact, Page):
                self._documents(artifact, body, prose.links, site, found)
        if isinstance(artifact, Page) and (poster := poster_of(artifact)):
            found.assets.append(poster)
        return found

    def _beside(self, beside: Beside, site: Site, found: Found) -> Pictures:
        """The picture that an entry names in one of its fields; none where it is no good."""
        path = self._resolve(beside.source.path, beside.ref)
        known = self._known(path, digest) if path and (digest := site.file(path)) else None
        if known and not known.flaw:
            return (self._publish(path, digest, known, found),)
        message, hint = f"there is no picture `{beside.ref}`", self._hint(path)
        if known:
            message, hint = f"`{beside.ref}`: {known.flaw}", known.hint
        found.problems.append(Problem(beside.source, message, hint))
        return ()

    def _pictures(self, body: Body, images: Iterable[Image], site: Site, found: Found) -> Pictures:
        """The pictures of a body, in its order; one that is no good has no forms."""
        pictures = []
        for image in images:
            path = self._resolve(body.path, image.ref)
            digest = site.file(path) if path else ""
            if not digest:
                source = Source(body.path, image.line + body.line - 1)
                message = f"there is no picture `{image.ref}`"
                found.problems.append(Problem(source, message, self._hint(path)))
                pictures.append(NO_PICTURE)
                continue
            known = self._known(path, digest)
            if known.flaw:
                source = Source(body.path, image.line + body.line - 1)
                found.problems.append(Problem(source, f"`{image.ref}`: {known.flaw}", known.hint))
                pictures.append(NO_PICTURE)
                continue
            pictures.append(self._publish(path, digest, known, found))
        return tuple(pictures)

    def _resolve(self, entry: str, ref: str) -> str:
        """Where a file lies: from the root, below the static folder; else beside the entry's file.

        Empty for one outside both.  What a row of a snapshot shows lies in the snapshot.
        """
        if not ref.startswith("/") and self._snapshots.holds(entry):
            return self._snapshots.file_of(entry, ref)
        if ref.startswith("/"):
            path = posixpath.normpath(self._settings.static + ref)
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(entry), ref))
        inside = (f"{self._settings.content}/", f"{self._settings.static}/")
        return path if path.startswith(inside) else ""

    def _hint(self, path: str) -> str:
        """How a picture that should lie there is mended."""
        if self._snapshots.holds(path):
            return "the snapshot lacks it: send the picture again, or take it out of the text"
        return f"put it at {path}" if path else "it must lie in the content or static folder"

    def _known(self, path: str, digest: str) -> _Known:
        from pydotorg_build import pictures

        key = f"picture:{self._engine}:{digest}:{posixpath.splitext(path)[1].lower()}"
        value = self._made.get(key) or self._shop.memo.get(key)
        if value is not None:
            return msgspec.msgpack.decode(value, type=_Known)
        known, rows = _make(pictures, self._read(path), path, digest)
        self._made |= {**dict(rows), key: pack(known)}
        return known

    def _read(self, path: str) -> bytes:
        is_row = self._snapshots.holds(path)
        return self._snapshots.read(path) if is_row else (self._root / path).read_bytes()

    def _publish(self, path: str, digest: str, known: _Known, found: Found) -> Picture:
        stem = posixpath.splitext(posixpath.basename(path))[0]
        files = []
        for form, width, height, key in known.variants:
            suffix = {"jpeg": "jpg"}.get(form, form)
            url = f"/assets/img/{_safe(stem)}.{digest[:10]}-{width}.{suffix}"
            files.append(PictureFile(form, width, height, url))
            source = Source(path)
            asset = Asset(url=url, file=f"memo:{key}", digest=key.rpartition(":")[2], source=source)
            found.assets.append(asset)
        return Picture(known.width, known.height, tuple(files))

    def _documents(
        self, page: Page, body: Body, links: Iterable[Link], site: Site, found: Found
    ) -> None:
        """Publish the files beside a body that it links to, where the link will look for them."""
        for link in links:
            target = link.target.partition("#")[0].partition("?")[0]
            if not target or target.startswith("/") or ":" in target or target.endswith("/"):
                continue
            path = self._resolve(body.path, target)
            if not path or path.endswith((".md", ".yaml", ".yml")):
                continue
            if digest := site.file(path):
                url = posixpath.normpath(posixpath.join(posixpath.dirname(page.url), target))
                asset = Asset(url=url, file=path, digest=digest, source=Source(path))
                if asset not in found.assets:
                    found.assets.append(asset)


def _make(
    pictures: Any, data: bytes, path: str, digest: str
) -> tuple[_Known, list[tuple[str, bytes]]]:
    """Make every form of an image, or say what is wrong with it."""
    info = pictures.read_picture(data, posixpath.basename(path))
    if isinstance(info, pictures.Flaw):
        return _Known(flaw=info.message, hint=info.hint), []
    variants, rows = [], []
    for variant in pictures.make_variants(data):
        key = f"variant:{digest}:{variant.format}-{variant.width}"
        variants.append((variant.format, variant.width, variant.height, key))
        rows.append((key, variant.bytes))
    return _Known(info.width, info.height, tuple(variants)), rows


def _safe(stem: str) -> str:
    """A file's name as part of an address."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in stem).strip("-") or "picture"


def poster_of(page: Page) -> Poster | None:
    """The poster that a page has of its own."""
    poster = getattr(page.data.get("meta"), "poster", None)
    return msgspec.structs.replace(poster, source=page.source) if poster else None
