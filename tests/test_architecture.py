"""The rules that keep the whole simple, checked on the code itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from pydotorg_build import content, engine
from pydotorg_build.content import types_of
from pydotorg_build.render import RENDERERS, make_environment

ROOT = Path(__file__).parents[1]
CODE = sorted((ROOT / "pydotorg_build").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
GIVEN = {"frame"}

# Who may import whom, the lowest first: a module may import those of its own layer and below.
LAYERS = (
    ("problems", "digests", "rules", "links", "exchange"),
    ("artifacts", "yaml_hints", "front_matter", "drawings", "stacking"),
    ("markdown", "highlight", "shortforms"),
    ("pictures",),
    ("content",),
    ("settings", "sources", "spares", "cache", "signatures"),
    ("snapshot", "sample"),
    (
        "verify",
        "site",
        "checks",
        "ledger",
        "forwarding",
        "addresses",
        "hosting",
        "feeds",
        "ical",
        "posters",
        "parallel",
        "commits",
    ),
    ("visits", "feed_reading", "calendar_reading"),
    ("reading_apart",),
    ("fetch_report", "fetch", "pulling", "smoke", "purging"),
    ("engine", "forgetting", "assets", "attachments", "templates", "load"),
    (
        "frame",
        "plan",
        "collisions",
        "once",
        "compiled",
        "beginnings",
        "meanings",
        "new",
        "schemas",
        "importing",
    ),
    ("unlinking", "template_hints", "render", "write", "outputs"),
    (
        "entries",
        "look",
        "workshop",
        "places",
        "leftovers",
        "owed",
        "search_order",
        "search",
        "rendering",
        "before",
        "swap",
        "link_check",
        "publishing",
        "why",
    ),
    ("nesting", "sheets", "reading_aloud", "invariance", "inspection", "last_build"),
    ("build", "reloads", "beside"),
    ("serve",),
    ("watch",),
    (
        "cli_options",
        "cli_building",
        "cli_checking",
        "cli_editors",
        "cli_fetching",
        "cli_deploying",
        "cli",
        "__main__",
    ),
)
SLOW = (
    "sqlalchemy",
    "litestar",
    "httpx",
    "asyncio",
    "jinja2",
    "markdown_it",
    "pygments",
    "PIL",
    "feedparser",
    "http.client",
    "sigstore",
    "pysequoia",
    "cryptography",
)


def layer_of(module: str) -> int:
    name = module.removeprefix("pydotorg_build.").partition(".")[0].replace("__init__", "problems")
    name = "markdown" if name.startswith("markdown") else name
    return next((n for n, layer in enumerate(LAYERS) if name in layer), len(LAYERS))


def imports(path: Path):
    """What a module imports when it runs; what is imported for the types alone does not count."""
    tree = ast.parse(path.read_text())
    types = [
        node
        for found in ast.walk(tree)
        if isinstance(found, ast.If) and getattr(found.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(found)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in types:
            yield node.module or ""


@pytest.mark.row("S030")
@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path):
    module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    ours = [name for name in imports(path) if name.startswith("pydotorg_build.")]

    assert layer_of(module) < len(LAYERS), "give the module a layer"
    assert [name for name in ours if layer_of(name) > layer_of(module)] == []


def test_the_layers_are_told_as_they_are():
    told = (ROOT / "ARCHITECTURE.md").read_text().split("## Who imports whom\n\n")[1]
    lines = [line.split() for line in told.partition("\n\n")[0].splitlines()]

    names = [tuple(w for w in line if w != "·") for line in lines]
    plain = {"markdown*": "markdown", "content.<noun>": "content"}
    assert tuple(tuple(plain.get(n, n) for n in line) for line in names) == LAYERS


def test_every_library_that_shapes_the_output_is_part_of_the_engine():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[><=\[]", one)[0] for one in project["dependencies"]}
    around = {"click", "granian", "watchfiles"}  # they ask, serve and watch

    assert set(engine.LIBRARIES) == (wanted - around) | {"markupsafe"}


def test_nothing_imports_the_sidecar():
    assert [
        path for path in CODE if "sidecar" in {n.partition(".")[0] for n in imports(path)}
    ] == []


@pytest.mark.parametrize(
    "command", [["--version"], ["--help"], ["build", "--help"], ["new", "--help"]]
)
def test_the_cold_command_line_imports_nothing_slow(command):
    run = [sys.executable, "-X", "importtime", "-m", "pydotorg_build", *command]

    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)

    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert loaded.isdisjoint(SLOW)


def test_a_build_without_changes_imports_nothing_slow(built, project):
    built("-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n")
    config = str(project.root / "build.toml")
    now = ["--now", "2026-11-25T12:00:00Z"]
    build = [sys.executable, "-X", "importtime", "-m", "pydotorg_build", "build", *now]

    subprocess.run([*build, "--config", config], capture_output=True, check=True, cwd=ROOT)
    done = subprocess.run(
        [*build, "--config", config], capture_output=True, text=True, check=True, cwd=ROOT
    )

    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.stdout == "nothing to do: the site is as it should be\n"
    assert loaded.isdisjoint(SLOW)


def taken_in(tree):
    """The names under which a template has macros, of others or its own."""
    for node in tree.find_all((nodes.Import, nodes.FromImport, nodes.Macro, nodes.Assign)):
        if isinstance(node, nodes.Assign):
            yield getattr(node.target, "name", "")
        elif isinstance(node, nodes.FromImport):
            yield from (name[1] if isinstance(name, tuple) else name for name in node.names)
        else:
            yield node.target if isinstance(node, nodes.Import) else node.name


@pytest.mark.row("S412", "S321")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_says_in_its_first_line_which_names_it_is_given(path):
    source = path.read_text()
    tree = make_environment(ROOT / "templates", "").parse(source)
    used = meta.find_undeclared_variables(tree) - set(taken_in(tree))

    given = set(re.findall(r"(\w+):", source.partition("#}")[0]))
    assert source.startswith("{#")
    assert used <= given | GIVEN


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_trusts_nothing_and_names_what_it_takes_in(path):
    tree = make_environment(ROOT / "templates", "").parse(path.read_text())
    taken = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)

    assert [f.name for f in tree.find_all(nodes.Filter) if f.name in {"safe", "forceescape"}] == []
    assert "{:,}" not in path.read_text()  # `grouped` gives numbers their form
    assert [t for t in tree.find_all(taken) if not isinstance(t.template, nodes.Const)] == []


@pytest.mark.row("S154")
def test_every_template_is_used():
    code = "\n".join(path.read_text() for path in (*CODE, *(ROOT / "sidecar").rglob("*.py")))
    named = "\n".join(path.read_text() for path in TEMPLATES)
    names = [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]

    pages = ("pages/page.html", "pages/wide.html")  # chosen by the page's own front matter
    unused = [n for n in names if f'"{n}"' not in code + named and n not in pages]

    assert unused == []


@pytest.mark.parametrize("name", content.NAMES)
def test_a_kind_of_content_has_one_name_in_all_its_places(name):
    (kind,) = types_of((name,))

    assert kind.name == name
    assert kind.files == "" or kind.files.partition("/")[0].partition(".")[0] == name
    assert (ROOT / "tests" / "content" / f"test_{name}.py").is_file()


def test_every_class_of_artifact_has_a_renderer_or_is_a_line_of_redirects():
    from pydotorg_build import artifacts

    classes = {
        value
        for value in vars(artifacts).values()
        if isinstance(value, type) and issubclass(value, artifacts.Artifact)
    }

    assert classes - {artifacts.Artifact, artifacts.Redirect} == set(RENDERERS)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_nothing_is_left_for_later():
    words = re.compile(r"TO" + "DO|FIX" + "ME|XX" + "X|coming soon", re.IGNORECASE)
    places = [p for p in (*CODE, *TEMPLATES) if words.search(p.read_text())]

    assert places == []


@pytest.mark.row("S294")
def test_no_test_accepts_a_failure_of_ours_but_that_of_failures_themselves():
    accepts = re.compile(r"status_code (?:==|in|!=) ?\(?[^\n]*\b500\b")
    found = [
        path.name
        for path in sorted((ROOT / "tests/sidecar").glob("*.py"))
        if accepts.search(path.read_text())
    ]

    assert found == ["test_failures.py"]
