"""The generators that are measured: how each one's site is laid out, and how it is built."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import corpus
from corpus import Corpus

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
OUTPUT = "dist"
VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


@dataclass(frozen=True)
class Contender:
    """A generator.

    `lay` writes what its site has besides the theme; `command` is given the folder of the installed
    others; `state` and `left` are the folders and files it leaves in a site, besides its output.
    """

    name: str
    lay: Callable[[Corpus, Path], None]
    command: Callable[[Path], tuple[str, ...]]
    version: Callable[[Path], tuple[str, ...]]
    style: str
    state: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def clear(self, site: Path) -> None:
        """Make the next build a cold one."""
        for name in (OUTPUT, *self.state):
            shutil.rmtree(site / name, ignore_errors=True)
        for name in self.left:
            (site / name).unlink(missing_ok=True)


def _lay_hugo(made: Corpus, site: Path) -> None:
    pages = site / "content" / "pages"
    corpus.write(made, pages, corpus.yaml_head)
    corpus.write_indexes(made, pages, "_index.md")
    (site / "data").mkdir()
    (site / "data" / "menu.yaml").write_text(corpus.menu(made), encoding="utf-8")


def _lay_pelican(made: Corpus, site: Path) -> None:
    corpus.write(made, site / "content" / "pages", corpus.pelican_head)
    (site / "sections.json").write_text(corpus.sections_by_slug(made), encoding="utf-8")


def _lay_ours(made: Corpus, site: Path) -> None:
    pages = site / "content" / "pages"
    corpus.write(made, pages, corpus.yaml_head)
    corpus.write_indexes(made, pages, "index.md", home="list: false\n")
    (site / "content" / "menu.yaml").write_text(corpus.menu(made), encoding="utf-8")


def _pelican(installed: Path) -> str:
    return str(installed / "bin" / "pelican")


def _hugo(installed: Path) -> str:
    """Hugo's own program, without the Python that the package puts before it."""
    return str(next(installed.glob("lib/python*/site-packages/hugo/binaries/hugo*")))


def ours(*more: str) -> tuple[str, ...]:
    """Our build command."""
    python = PROJECT / ".venv" / "bin" / "python"
    program = str(python) if python.exists() else sys.executable
    return (program, "-m", "pydotorg_build", "build", "--config", "build.toml", *more)


HUGO = Contender(
    "hugo",
    _lay_hugo,
    lambda installed: (_hugo(installed), "build", "--quiet"),
    lambda installed: (_hugo(installed), "version"),
    style="static/css/site.css",
    state=("resources",),
    left=(".hugo_build.lock",),
)
PELICAN = Contender(
    "pelican",
    _lay_pelican,
    lambda installed: (_pelican(installed), "--quiet", "--settings", "pelicanconf.py"),
    lambda installed: (_pelican(installed), "--version"),
    style="theme/static/css/site.css",
    state=("__pycache__",),
)
OURS = Contender(
    "pydotorg",
    _lay_ours,
    lambda _: ours(),
    lambda _: (ours()[0], "-m", "pydotorg_build", "--version"),
    style="static/css/site.css",
    state=(".pydotorg",),
)
CONTENDERS = {one.name: one for one in (HUGO, PELICAN, OURS)}


def lay_site(contender: Contender, made: Corpus, site: Path) -> None:
    """Make a contender's site, unless it is there and nobody touched its sources."""
    contender.clear(site)
    stamp = site.with_suffix(".stamp")
    wanted = recipe(contender)
    if stamp.exists() and stamp.read_text() == f"{wanted} {corpus.digest(site)}":
        return
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(HERE / "themes" / contender.name, site)
    contender.lay(made, site)
    style = site / contender.style
    style.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "themes" / "site.css", style)
    stamp.write_text(f"{wanted} {corpus.digest(site)}")


def recipe(contender: Contender) -> str:
    """The digest of what a site is made of: corpus, theme and settings."""
    makers = "".join(
        (HERE / name).read_text(encoding="utf-8")
        for name in ("prose.py", "corpus.py", "contenders.py", "themes/site.css")
    )
    theme = corpus.digest(HERE / "themes" / contender.name)
    return hashlib.sha256((makers + theme).encode()).hexdigest()


def install(work: Path) -> Path:
    """The environment of the others, with the versions of requirements.txt."""
    folder, wanted = work / "venv", HERE / "requirements.txt"
    done = folder / "installed.txt"
    if not (done.exists() and done.read_bytes() == wanted.read_bytes()):
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--requirement", str(wanted)], check=True)
        shutil.copyfile(wanted, done)
    return folder


def version_of(contender: Contender, installed: Path) -> str:
    """What a generator says it is."""
    command = contender.version(installed)
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=PROJECT)
    found = VERSION.search(done.stdout)
    return found[0] if found else done.stdout.strip()


def environment() -> None:
    """Let our package be found from a site's folder, where it is not installed."""
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
