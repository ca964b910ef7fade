"""The search index: a few bundles, each made anew only when the text in it changed.

Pagefind has no incremental mode, so pages are told apart into bundles by how often they change, and
the browser merges them.  A new bundle lies under its digest and is added to what is served; then
`bundles.json`, which names the bundles, is replaced in one step.  Nothing served is ever changed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydotorg_build.digests import digest_bytes, digest_texts
from pydotorg_build.links import indexed_part
from pydotorg_build.outputs import INDEX, altered, folder_rows, folder_time, folders_of
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.workshop import GaveWay
from pydotorg_build.write import files_below

if TYPE_CHECKING:
    from pydotorg_build.workshop import Workshop

LIST = "pagefind/bundles.json"
MOST = 8
# What Pagefind adds for pages that have no search of their own.
UNUSED = ("pagefind-*ui.*", "pagefind-highlight.js")
VERSION = "5"
# Of a bundle of so many pages what is to be found is kept: making a file costs more than reading one.
KEPT = 1000
# Seconds between two looks whether Pagefind is to give way.
LOOK = 0.05
# The published files below a folder: between `folder/` and `folder0`, the next name there can be.
BELOW = "SELECT path FROM output WHERE path > ? AND path < ?"
FILES = BELOW.replace("path", "path, size, mtime, inode, digest", 1)
FOLDERS = "SELECT path, mtime FROM folder WHERE tree=? AND (path = ? OR path > ? AND path < ?)"
# After these Pagefind puts no space: the last word of a cell would be one with the first of the next.
CELL = re.compile(r"</(?:dt|th|td)>")


class Indexing:
    """Brings the search bundles of a served folder up to date.

    Raises GaveWay as soon as `has_more` says that something else is to be built first.
    """

    def __init__(self, shop: Workshop, has_more: Callable[[], bool], *, is_doubted: bool) -> None:
        self._has_more, self._is_doubted = has_more, is_doubted
        self._shop, self._record, self._served = shop, shop.record, shop.output
        self._work = shop.own / "search"

    def index(self) -> list[str]:
        """Index the bundles whose text changed; return their names."""
        wanted = self._wanted()
        if len(wanted) > MOST:
            message = f"there are {len(wanted)} search bundles, and {MOST} are the most"
            raise Problems([Problem(Source("(search)"), message, "let kinds share a bundle")])
        known: dict[str, list[str]] = self._record.get("bundles", {})
        stale = [name for name in wanted if not self._stands(name, wanted[name], known)]
        gone = known.keys() - wanted.keys()
        if not stale and not gone and _text_of(self._served / LIST) == _list_of(wanted):
            return []
        for name in stale:
            self._make(name, wanted[name])
        self._tell(wanted, known, stale)
        return stale

    def remove(self) -> list[str]:
        """Take the bundles away, where search was switched off."""
        shutil.rmtree(self._served / "pagefind", ignore_errors=True)
        self._write_down({})
        return []

    def _wanted(self) -> dict[str, str]:
        """The digest of what each bundle is to hold."""
        rows = self._record.rows
        # The record has an index of what is in a bundle, for questions that say so.
        sql = "SELECT DISTINCT bundle FROM output WHERE bundle != '' AND bundle != ?"
        names = [name for (name,) in rows(sql, INDEX)]
        pages = "SELECT path, indexed FROM output WHERE bundle=? AND bundle != '' ORDER BY path"
        sql = f"SELECT group_concat(path || '=' || indexed, char(10)) FROM ({pages})"
        made_by = (VERSION, zlib.ZLIB_RUNTIME_VERSION)
        return {name: digest_texts(*made_by, *rows(sql, name)[0])[:16] for name in sorted(names)}

    def _stands(self, name: str, digest: str, known: dict[str, list[str]]) -> bool:
        return known.get(name, [""])[0] == digest and self._is_whole(f"pagefind/{name}/{digest}")

    def _is_whole(self, folder: str) -> bool:
        """Is an index as it was written?  Its files are looked at where its folders are not."""
        root, rows, inside = str(self._served), self._record.rows, (f"{folder}/", f"{folder}0")
        tree = self._shop.trees.inode_served()
        times = rows(FOLDERS, tree, folder, *inside)
        is_as_left = times and all(folder_time(root, path) == mtime for path, mtime in times)
        if is_as_left and not self._is_doubted:
            return True
        files = rows(FILES, *inside)
        if not files or altered(files, root, by_content=self._is_doubted)[0]:
            return False
        self._note_folders([path for path, *_ in files])
        return True

    def _make(self, name: str, digest: str) -> None:
        """Run Pagefind over the pages of one bundle and put its index where it is served."""
        work = self._work / name
        shutil.rmtree(work / "index", ignore_errors=True)
        count = self._write_parts(work, name)
        language = self._shop.settings.language
        run_pagefind(work / "site", work / "index", language, self._has_more)
        _put_in_order(work / "index")
        for unused in (path for name in UNUSED for path in (work / "index").glob(name)):
            unused.unlink()
        folder = self._served / "pagefind" / name / digest
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        (work / "index").rename(folder)
        if count > KEPT:
            shutil.rmtree(work)

    def _write_parts(self, work: Path, name: str) -> int:
        """Write what is to be found of each page of a bundle, where it is not there; count them.

        What is written stands in a list, which is away while anything is changed.
        """
        site, listed = work / "site", work / "parts.json"
        made_by = [VERSION, self._shop.settings.language]
        *made_before, known = _list_in(listed)
        listed.unlink(missing_ok=True)
        if made_before != made_by:
            shutil.rmtree(site, ignore_errors=True)
            known = {}
        sql = "SELECT path, indexed FROM output WHERE bundle=? AND bundle != ''"
        wanted = dict(self._record.rows(sql, name))
        for path in known.keys() - wanted.keys():
            (site / path).unlink(missing_ok=True)
        new = [path for path, indexed in wanted.items() if known.get(path) != indexed]
        for number, path in enumerate(new):
            if number % 100 == 0 and self._has_more():
                raise GaveWay
            self._write_part(site, path)
        site.mkdir(parents=True, exist_ok=True)
        listed.write_text(json.dumps([*made_by, wanted]), encoding="utf-8")
        return len(wanted)

    def _write_part(self, site: Path, path: str) -> None:
        """Only what is to be found of a page: the index must not change with the frame."""
        part = indexed_part((self._served / path).read_text(encoding="utf-8"))
        part = CELL.sub(r"\g<0> ", part)
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        language = self._shop.settings.language
        file.write_text(
            f'<!doctype html><html lang="{language}"><body><main>{part}</main></body></html>',
            encoding="utf-8",
        )

    def _tell(
        self, wanted: dict[str, str], known: dict[str, list[str]], made: Iterable[str]
    ) -> None:
        """Name the bundles for browsers, and forget those that nobody can still be reading."""
        kept = {
            name: [digest, *[old for old in known.get(name, []) if old != digest][:1]]
            for name, digest in wanted.items()
        }
        self._drop_old(kept)
        new = self._served / (LIST + ".new")
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(_list_of(wanted), encoding="utf-8")
        new.replace(self._served / LIST)
        self._write_down(kept, made)

    def _drop_old(self, kept: dict[str, list[str]]) -> None:
        """Keep of each bundle the present one and the one before: a page may be using it."""
        root = self._served / "pagefind"
        for folder in list(root.glob("*/*")) if root.is_dir() else []:
            if folder.name not in kept.get(folder.parent.name, []):
                shutil.rmtree(folder)
        for folder in list(root.glob("*")) if root.is_dir() else []:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _write_down(self, kept: dict[str, list[str]], made: Iterable[str] = ()) -> None:
        """Note what is new or gone: what lies under a digest stays as it is, unless it was made anew.

        The other tree gets it when it is next brought up to date.
        """
        with self._record.transaction() as db:
            known = _folders(self._record.get("bundles", {}))
            stand = known - {f"pagefind/{name}/{kept[name][0]}" for name in made}
            gone = [LIST] + [
                path
                for folder in sorted(known - (_folders(kept) & stand))
                for (path,) in db.execute(BELOW, (f"{folder}/", f"{folder}0"))
            ]
            new = [
                f"{folder}/{path}"
                for folder in sorted(_folders(kept) - stand)
                for path in files_below(self._served / folder)
            ]
            new += [LIST] if (self._served / LIST).is_file() else []
            db.executemany("DELETE FROM output WHERE path=?", [(path,) for path in gone])
            rows = list(_output_rows(self._served, new))
            db.executemany("INSERT OR REPLACE INTO output VALUES(?,?,?,?,?,?,?,?,?)", rows)
            pending = [(path,) for path in {*gone, *new}]
            db.executemany("INSERT OR IGNORE INTO pending VALUES(?)", pending)
            self._note_folders(gone, new)
            self._record.put("bundles", kept)

    def _note_folders(self, *paths: Iterable[str]) -> None:
        tree, db = self._shop.trees.inode_served(), self._record.db
        folders = folders_of([path for some in paths for path in some])
        rows = [(tree, folder) for folder in folders]
        db.executemany("DELETE FROM folder WHERE tree=? AND path=?", rows)
        db.executemany("INSERT INTO folder VALUES(?,?,?)", folder_rows(self._served, folders, tree))


def _list_of(digests: Mapping[str, str]) -> str:
    """What browsers read: where each bundle lies."""
    listed = [
        {"name": name, "path": f"/pagefind/{name}/{digest}/"} for name, digest in digests.items()
    ]
    return json.dumps({"bundles": listed}) + "\n"


def _text_of(path: Path) -> str:
    """What a file says; nothing where it is not there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _list_in(path: Path) -> list[Any]:
    """What a list of parts says; of none, or one that a kill cut off, that there are none."""
    try:
        found: list[Any] = json.loads(_text_of(path))
    except ValueError:
        return [{}]
    return found


def _folders(bundles: Mapping[str, list[str]]) -> set[str]:
    """Where bundles lie, of their digests by name."""
    return {f"pagefind/{name}/{digest}" for name, digests in bundles.items() for digest in digests}


def _output_rows(served: Path, paths: Iterable[str]) -> Iterator[tuple[object, ...]]:
    for path in paths:
        seen = os.stat(served / path)
        look = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
        yield (path, "search", digest_bytes((served / path).read_bytes()), *look, INDEX, "", "")


def _put_in_order(index: Path) -> None:
    from pydotorg_build.search_order import UnknownFormError, put_in_order

    try:
        put_in_order(index)
    except UnknownFormError as error:
        message = f"Pagefind's index has a form that is not known here: {error}"
        hint = "install the version of requirements/build.txt, or build with --no-search meanwhile"
        raise Problems([Problem(Source("(search)"), message, hint)]) from None


def run_pagefind(
    site: Path, index: Path, language: str, has_more: Callable[[], bool] = lambda: False
) -> None:
    """Index a folder of pages by Pagefind's own command; it is ended to give way."""
    try:
        from pagefind_bin import get_executable
    except ImportError:
        hint = "pip install pagefind-bin, or build with --no-search"
        raise Problems([Problem(Source("(search)"), "Pagefind is not installed", hint)]) from None
    site.mkdir(parents=True, exist_ok=True)
    command = [
        str(get_executable()), "--site", str(site), "--output-path", str(index),
        "--force-language", language, "--quiet", "--exclude-selectors", ".anchor",
    ]  # fmt: skip
    status, output = _run(command, has_more)
    if status or not (index / "pagefind.js").is_file():
        said = output.strip().splitlines()[-3:]
        message = f"Pagefind ended with {status}: {' '.join(said)}"
        raise Problems([Problem(Source("(search)"), message, "build with --no-search meanwhile")])


def _run(command: list[str], has_more: Callable[[], bool]) -> tuple[int, str]:
    """Run a command, unless it is to give way; how it ended, and what it said."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, encoding="utf-8") as process:
        try:
            while True:
                try:
                    said, wrong = process.communicate(timeout=LOOK)
                except subprocess.TimeoutExpired:
                    if has_more():
                        raise GaveWay from None
                else:
                    return process.returncode, wrong or said
        except BaseException:
            process.kill()
            raise
