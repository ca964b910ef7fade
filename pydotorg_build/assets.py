"""The static folder: style sheets bundled, everything given a name by its content.

`static/root/` is published at the root of the site under its own names; of `static/css/` only the
sheets that build.toml names, with what they import.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pydotorg_build.artifacts import Asset
from pydotorg_build.cache import Memo
from pydotorg_build.digests import digest_bytes, digest_texts
from pydotorg_build.front_matter import Mistake, decode
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.settings import Settings

PLACE = re.compile(r" at (\S+):(\d+):(\d+)$")
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
# An escape in the word itself is read as an import of a sheet that is not there.
IMPORT = re.compile(
    r"@(?:import|[\w-]*\\[\w\\-]*)\s*(?:url\(\s*)?[\"']?([^\"'();\n]*)", re.IGNORECASE
)
HASHED = (".css", ".js", ".mjs")


class AssetRef(msgspec.Struct, frozen=True):
    """What a template needs of an asset: its address, and the digest for `integrity`."""

    url: str
    integrity: str = ""


class Assets(msgspec.Struct, frozen=True):
    """All static files as artifacts, and the addresses of those that templates may name."""

    artifacts: tuple[Asset, ...]
    refs: dict[str, AssetRef]


class AssetMaker:
    """Makes assets of the static folder's files; bundles are remembered by what they hold."""

    def __init__(self, root: Path, settings: Settings, memo: Memo, *, dev: bool) -> None:
        self._root, self._settings, self._memo, self._dev = root, settings, memo, dev
        self._names: frozenset[str] = frozenset()

    def make(self, files: Mapping[str, str]) -> Assets:
        """Make the assets of static files, given by path and digest."""
        prefix = f"{self._settings.static}/"
        below = {path.removeprefix(prefix): path for path in sorted(files)}
        self._names = frozenset(below)
        artifacts, refs = [], {}
        for name, path in below.items():
            if name.startswith("root/"):
                url = f"/{name.removeprefix('root/')}"
                artifacts.append(_asset(url, path, files[path], path))
            elif not name.endswith(".css"):
                url = self._url(name, files[path])
                artifacts.append(_asset(url, path, files[path], path))
                refs[name] = AssetRef(url, self._integrity(name, files[path], path))
        for name in self._settings.styles:
            if name in below:
                asset, refs[name] = self._style(name, files)
                artifacts.append(asset)
        return Assets(tuple(artifacts), refs)

    def _url(self, name: str, digest: str) -> str:
        if self._dev:
            return f"/assets/{name}"
        stem, dot = posixpath.splitext(name)
        return f"/assets/{stem}.{digest[:10]}{dot}"

    def _integrity(self, name: str, digest: str, path: str) -> str:
        """The digest a browser checks a script or style sheet by."""
        if self._dev or not name.endswith(HASHED):
            return ""
        return self._recall(f"sri:{digest}", lambda: sri(self._read(path)).encode()).decode()

    def _read(self, path: str) -> bytes:
        if path.startswith("memo:"):
            return self._memo.get(path.removeprefix("memo:")) or b""
        return (self._root / path).read_bytes()

    def _style(self, name: str, files: Mapping[str, str]) -> tuple[Asset, AssetRef]:
        sheets = [
            f"{path}={digest}" for path, digest in sorted(files.items()) if path.endswith(".css")
        ]
        key = f"style:{name}:{'' if self._dev else 'minified'}:{digest_texts(*sheets)}"
        content = self._recall(key, lambda: self._bundle(name))
        digest = digest_bytes(content)
        file = f"memo:{key}"
        url = self._url(name, digest)
        source = f"{self._settings.static}/{name}"
        return _asset(url, file, digest, source), AssetRef(url, self._integrity(name, digest, file))

    def _bundle(self, name: str) -> bytes:
        import lightningcss

        path = self._root / self._settings.static / name
        self._check_imports(name)
        try:
            css = lightningcss.bundle_css(str(path), minify=not self._dev)
        except Exception as error:  # noqa: BLE001 - see the next line
            # lightningcss raises a bare ValueError or OSError whose text names the place.
            what = str(error).replace(f"{self._root}/", "").removeprefix("Bundling failed: ")
            source = Source(f"{self._settings.static}/{name}")
            if place := PLACE.search(what):
                source = Source(posixpath.normpath(place[1]), int(place[2]) + 1, int(place[3]))
                what = what[: place.start()]
            message = f"this is not good CSS: {what}"
            raise Problems([Problem(source, message, "mend the style sheet")]) from None
        return str(css).encode()

    def _check_imports(self, name: str) -> None:
        """A style sheet may take in others of the static folder, and nothing else."""
        queue, problems = [name], []
        for sheet in queue:
            path = f"{self._settings.static}/{sheet}"
            try:
                text = decode((self._root / path).read_bytes())
            except Mistake as mistake:
                raise Problems([mistake.problem(path)]) from None
            text = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
            for found in IMPORT.finditer(text):
                other = posixpath.normpath(posixpath.join(posixpath.dirname(sheet), found[1]))
                if other not in self._names:
                    source = Source(path, text.count("\n", 0, found.start()) + 1)
                    hint = f"put it below {self._settings.static}/"
                    problems.append(Problem(source, f"there is no style sheet {found[1]!r}", hint))
                elif other not in queue:
                    queue.append(other)
        if problems:
            raise Problems(problems)

    def _recall(self, key: str, make: object) -> bytes:
        value = self._memo.get(key)
        if value is None:
            assert callable(make)
            value = make()
            assert isinstance(value, bytes)
            self._memo.put_all([(key, value)])
        return value


def _asset(url: str, file: str, digest: str, source: str) -> Asset:
    return Asset(url=url, file=file, digest=digest, source=Source(source))


def sri(content: bytes) -> str:
    """The `integrity` of a file, as browsers want it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
