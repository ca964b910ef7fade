"""The project as a package, and its files for other machines."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from pydotorg_build import __version__
from pydotorg_build.engine import LIBRARIES

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
LOCKED = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The project, installed as `pip install .` does, into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    tool = ["pip"] if importlib.util.find_spec("pip") else ["uv", "pip"]
    how = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    subprocess.run([sys.executable, "-m", *tool, "install", *how, str(ROOT)], check=True)
    return folder


@pytest.mark.slow
@pytest.mark.row("S011")
def test_an_installation_gives_the_command_and_its_version(installed):
    command = installed / "bin" / "pydotorg"
    env = os.environ | {"PYTHONPATH": str(installed)}

    done = subprocess.run(
        [command, "--version"], capture_output=True, text=True, check=True, env=env, cwd=installed
    )

    assert done.stdout == f"pydotorg, version {__version__}\n"


@pytest.mark.slow
@pytest.mark.row("S021")
@pytest.mark.parametrize("folder", ["templates", "static"])
def test_a_wheel_has_every_template_and_static_file(installed, folder):
    def files(root: Path) -> set[str]:
        return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}

    assert files(installed / "pydotorg_build" / "default" / folder) == files(ROOT / folder)


@pytest.mark.slow
@pytest.mark.row("S021")
def test_an_installation_builds_a_foreign_site_of_bare_settings_with_its_own_look(
    installed, tmp_path
):
    (tmp_path / "build.toml").write_text('[site]\nname = "Else"\nurl = "https://else.example"\n')
    page = tmp_path / "content" / "pages" / "index.md"
    page.parent.mkdir(parents=True)
    page.write_text("---\ntitle: Elsewhere\n---\nHello.\n")
    build = [installed / "bin" / "pydotorg", "build", "--no-search"]
    env = os.environ | {"PYTHONPATH": str(installed)}

    done = subprocess.run(build, capture_output=True, text=True, check=False, env=env, cwd=tmp_path)

    files = [path for path in (tmp_path / "dist").rglob("*") if path.is_file()]
    assert (done.returncode, done.stderr) == (0, "")
    assert "<h1>Elsewhere</h1>" in (tmp_path / "dist" / "index.html").read_text()
    assert [path for path in files if str(installed).encode() in path.read_bytes()] == []


@pytest.mark.slow
def test_a_wheel_has_the_fonts_that_draw_posters_and_their_licence(installed):
    fonts = {path.name for path in (installed / "pydotorg_build" / "fonts").iterdir()}

    assert fonts == {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LICENSE.txt"}


@pytest.mark.slow
def test_a_wheel_has_the_script_that_reloads_pages(installed):
    assert (installed / "pydotorg_build" / "reload.js").is_file()


@pytest.mark.slow
@pytest.mark.row("S375")
def test_a_release_is_a_wheel_and_its_source_named_by_the_version(tmp_path):
    command = re.search(r"^package:.*\n\t@\$\(BIN\)/python (.*)$", MAKEFILE, re.MULTILINE)[1]
    words = command.replace("--out-dir packages", f"--out-dir {tmp_path}").split()

    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)

    assert {path.name for path in tmp_path.iterdir()} - {".gitignore"} == {
        f"pydotorg-{__version__}-py3-none-any.whl",
        f"pydotorg-{__version__}.tar.gz",
    }
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("sidecar/")}
    assert packed == {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sidecar").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_version_is_told_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == __version__


@pytest.mark.row("S016")
@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_every_locked_version_has_its_hashes_and_no_file_names_an_index(path):
    text = path.read_text()
    entries = re.split(r"^(?=\S)", text.replace("\\\n", ""), flags=re.MULTILINE)
    locked = [entry for entry in entries if "==" in entry]

    assert [entry for entry in locked if "--hash=sha256:" not in entry] == []
    assert re.search(r"--(?:extra-)?index-url|--find-links|file:|https?:", text) is None


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_every_library_that_the_project_names_is_locked(path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {
        "dev.txt": ("dev", "verify", "sidecar"),
        "fetch.txt": ("fetch",),
        "sidecar.txt": ("sidecar",),
    }.get(path.name, ())
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]

    entries = re.split(r"^(?=\S)", path.read_text(), flags=re.MULTILINE)
    own = [entry for entry in entries if re.search(r"# .*\bpydotorg \(pyproject\.toml\)", entry)]
    assert {name_of(entry) for entry in own} == {name_of(line) for line in wanted}


def name_of(requirement: str) -> str:
    """What a line asks for: `psycopg` of `psycopg[binary,pool]>=3.3`."""
    return re.split(r"[\[<>=; ]", requirement)[0].lower().replace("_", "-")


# What is no library that one imports: the zones of `zoneinfo`, where the system has none.
ALSO = {"zoneinfo": ["tzdata"]}
# These are parts of Jinja and of Sigstore that have a name of their own.
PARTS = {"markupsafe", "sigstore-models"}


def test_what_the_program_imports_is_named_by_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for some in project["optional-dependencies"].values() for line in some]
    named = {name_of(line) for line in project["dependencies"] + extras} | PARTS
    known = packages_distributions() | ALSO

    wanted = {}
    for path in (ROOT / "pydotorg_build").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module]
            for module in modules:
                for name in known.get(module.partition(".")[0], ()):
                    wanted.setdefault(name_of(name), path.name)

    assert {"tzdata", "jinja2", "sigstore"} <= wanted.keys()
    assert {name: path for name, path in wanted.items() if name not in named} == {}


def test_the_engine_is_of_locked_libraries():
    locked = {name_of(line) for line in (ROOT / "requirements/build.txt").read_text().splitlines()}

    assert set(LIBRARIES) <= locked


def test_make_alone_lists_every_target_with_a_line_of_help():
    done = subprocess.run(["make"], capture_output=True, text=True, check=True, cwd=ROOT)

    listed = re.findall(r"^  make ([a-z0-9-]+) +\S", done.stdout, re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert sorted(listed) == sorted(phony)
