"""docs/deploying.md: its files are good, and what it says of a build is so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from pydotorg_build import hosting
from pydotorg_build.cli import main
from pydotorg_build.last_build import last_build

ROOT = Path(__file__).parents[1]
DEPLOYING = (ROOT / "docs/deploying.md").read_text(encoding="utf-8")
PAGE = "-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n"


def block(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", DEPLOYING, re.DOTALL)
    return found


def run(project, *words):
    return CliRunner().invoke(main, [*words, "--config", str(project.root / "build.toml")])


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
def test_the_file_for_caddy_is_one_that_caddy_takes(tmp_path):
    (tmp_path / "Caddyfile").write_text(block("caddyfile"))
    command = ["caddy", "adapt", "--adapter", "caddyfile", "--config", tmp_path / "Caddyfile"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["apps"]["http"]["servers"]


def test_the_file_for_caddy_says_the_headers_that_the_build_says():
    text = block("caddyfile").replace('"', "")

    said = [f"{name} {value}" for name, value in hosting.EVERYWHERE]
    assert [line for line in said if line not in text] == []
    assert f"header @kept Cache-Control {hosting.FOREVER}" in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_unit_of_the_builder_is_one_that_systemd_takes(tmp_path):
    unit = tmp_path / "pydotorg.service"
    unit.write_text(block("ini"))

    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )

    ours = [line for line in done.stderr.splitlines() if "pydotorg" in line]
    assert (done.returncode, ours) == (0, [])


def test_a_build_from_a_checkout_is_the_one_of_the_guide_and_of_netlify():
    netlify = (ROOT / "netlify.toml").read_text()

    assert "-m pydotorg_build build --hash" in DEPLOYING
    assert "-m pydotorg_build build --hash" in netlify
    assert "--require-hashes -r requirements/build.txt" in DEPLOYING
    assert "requirements/build.txt" in netlify


@pytest.mark.parametrize("lost", ["dist", ".pydotorg"])
def test_a_cache_that_is_restored_in_part_changes_no_byte(built, project, lost):
    whole = built(PAGE)
    shutil.rmtree(project.root / lost)

    project.build(hash_only=True)

    assert project.pages() == whole


def test_a_report_names_the_files_to_purge(built, project, tmp_path):
    built(PAGE)
    project.write(PAGE.replace("Hello", "Bye"))
    report = tmp_path / "build.json"

    run(project, "build", "--no-search", "--report", str(report))

    assert "about/index.html" in json.loads(report.read_text())["written"]


@pytest.mark.row("S403")
def test_a_build_says_what_the_site_has_and_what_of_it_was_in_the_cache(built, project, tmp_path):
    site = built(PAGE)
    project.write(PAGE.replace("Hello", "Bye"))
    report = tmp_path / "build.json"

    done = run(project, "build", "--no-search", "--profile", "--report", str(report))

    told = json.loads(report.read_text())
    files = [path for path in project.output.rglob("*") if path.is_file()]
    assert (told["files"], told["bytes"]) == (len(files), sum(p.stat().st_size for p in files))
    assert told["pages"] == told["pages_rendered"] + told["from_cache"]
    assert told["pages"] < len(site)
    assert f"{told['pages']:,} pages, {told['files']:,} files, " in done.output
    assert last_build(project.output).pages == told["pages"]


def test_every_file_that_hosts_are_told_by_is_there_after_a_build(built):
    site = built(PAGE)

    named = re.findall(r"`dist/([\w.]+)`", DEPLOYING)
    assert sorted(named) == ["404.html", "_headers", "_redirects", "frame.json"]
    assert [name for name in named if f"/{name}" not in site] == []
