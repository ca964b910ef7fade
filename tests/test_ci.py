"""One command is what CI runs, and what it runs is what is promised."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
CI = yaml.load((ROOT / ".github/workflows/ci.yml").read_text(), yaml.BaseLoader)
RELEASE = yaml.load((ROOT / ".github/workflows/release.yml").read_text(), yaml.BaseLoader)
STEPS = [step for job in CI["jobs"].values() for step in job["steps"]]


def recipe(target: str) -> str:
    """What a target of the Makefile runs, and what it wants first."""
    found = re.search(rf"^{target}:(.*)\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
    assert found
    return found[1].partition("##")[0] + found[2]


@pytest.mark.row("S480")
def test_what_must_pass_is_lint_types_tests_the_build_and_its_links():
    assert recipe("ci").split() == ["lint", "types", "test", "build", "check"]
    assert "ruff check" in recipe("lint")
    assert "ruff format --check" in recipe("lint")
    assert "zizmor" in recipe("lint")
    assert "mypy" in recipe("types")
    assert "pytest" in recipe("test")
    assert "pydotorg build" in recipe("build")
    assert "pydotorg check" in recipe("check")


@pytest.mark.row("S367", "S016")
def test_ci_runs_the_one_command_that_anybody_can_run():
    commands = [step["run"] for step in CI["jobs"]["ci"]["steps"] if "run" in step]

    assert commands == [".ci/run"]
    assert CI["jobs"]["coverage"]["steps"][2]["run"] == "make coverage"
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "make ci"


@pytest.mark.row("S368", "S369", "S278")
def test_one_job_without_containers_runs_on_every_pull_request():
    assert {"pull_request", "merge_group"} <= CI["on"].keys()
    assert CI["on"]["pull_request"] == ""
    assert not CI["jobs"]["ci"].keys() & {"container", "services", "if"}


@pytest.mark.row("S374")
def test_one_check_says_that_all_others_passed():
    gate = CI["jobs"]["passed"]

    assert set(gate["needs"]) == CI["jobs"].keys() - {"passed"}
    assert gate["if"] == "always()"
    failed = "contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')"
    assert gate["steps"] == [{"run": f"test '${{{{ {failed} }}}}' = false"}]


@pytest.mark.row("S372")
def test_the_tests_that_ci_runs_build_the_real_site_and_hold_every_page_to_its_claims():
    words = ["$(READY)", "@$(IN_MEMORY)", "$(BIN)/python", "-m", "pytest"]
    words += ["-n", "$(WORKERS)", "--dist", "worksteal"]
    assert recipe("test").split() == words
    assert (ROOT / "tests/test_whole_site.py").is_file()


def test_the_command_of_ci_is_one_that_a_shell_can_read():
    done = subprocess.run(
        ["bash", "-n", ROOT / ".ci/run"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.row("S370")
def test_ci_looks_at_the_built_site_with_a_real_browser_or_says_that_it_did_not():
    run = (ROOT / ".ci/run").read_text()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]
    options = settings.get("ini_options", settings)

    # `make ci` leaves out no kind of test, and spreading them none of the browser's.
    assert "test" in recipe("ci").split()
    assert not any("not slow" in str(one) for one in (recipe("test"), options.get("addopts", "")))
    assert "apt-get install -y -qq --no-install-recommends chromium" in run
    assert "SKIPPED: the browser tests" in run
    assert len(list((ROOT / "tests/browser").glob("test_*.py"))) > 10
    assert CI["jobs"].keys() == {"ci", "coverage", "audit", "passed"}


@pytest.mark.row("S371", "S280")
def test_the_report_of_the_lines_that_no_test_runs_is_kept_and_there_is_a_floor():
    steps = CI["jobs"]["coverage"]["steps"]
    kept = next(step for step in steps if "upload-artifact@" in step.get("uses", ""))
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]

    assert "--cov-report=term" in recipe("coverage")
    assert settings["report"]["fail_under"] >= 80
    assert kept["with"]["path"] == settings["html"]["directory"]
    assert kept["if"] == "always()"


@pytest.mark.row("S373")
def test_the_workflows_have_no_known_weakness_and_new_libraries_are_looked_at():
    zizmor = Path(sys.executable).with_name("zizmor")
    scan = [zizmor, "--offline", "--no-progress", ".github"]

    done = subprocess.run(scan, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, "No findings" in done.stdout + done.stderr) == (0, True)
    used = [step.get("uses", "") for step in CI["jobs"]["audit"]["steps"]]
    assert any(one.startswith("actions/dependency-review-action@") for one in used)
    assert CI["jobs"]["audit"]["if"] == "github.event_name == 'pull_request'"


@pytest.mark.row("S373")
def test_what_others_made_is_named_by_its_commit_and_not_by_a_tag_that_moves():
    steps = [
        step for flow in (CI, RELEASE) for job in flow["jobs"].values() for step in job["steps"]
    ]

    used = {step["uses"] for step in steps if "uses" in step}

    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)] == []


def test_ci_may_read_and_nothing_else():
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]

    assert CI["permissions"] == {"contents": "read"}
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}
    assert not any("secrets." in str(step) for step in STEPS)


@pytest.mark.row("S379")
def test_new_versions_of_what_is_used_are_proposed_together():
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())

    found = {one["package-ecosystem"]: list(one["groups"]) for one in settings["updates"]}

    assert found == {"github-actions": ["actions"], "pip": ["python"]}


@pytest.mark.row("S380")
def test_the_notes_of_a_release_tell_what_is_new_from_what_is_mended_and_from_content():
    settings = yaml.safe_load((ROOT / ".github/release.yml").read_text())["changelog"]

    found = {one["title"]: one["labels"] for one in settings["categories"]}

    assert found == {
        "New": ["feature"],
        "Mended": ["bug"],
        "Content": ["content"],
        "Also changed": ["*"],
    }


def test_a_release_is_made_of_a_tag_that_is_the_version_and_after_all_has_passed():
    (job,) = RELEASE["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]

    assert RELEASE["on"] == {"push": {"tags": ["v*"]}}
    assert commands[0] == ".ci/run"
    assert '"$GITHUB_REF_NAME" = "v$(' in commands[1]
    assert [command.split()[:3] for command in commands[2:]] == [
        ["make", "package"],
        ["gh", "release", "create"],
    ]


@pytest.mark.row("S376")
def test_the_changelog_is_kept_newest_first_and_in_sentences():
    title, *rest = (ROOT / "CHANGELOG.md").read_text().strip().split("\n## ")
    lines = [line for part in rest for line in part.splitlines()[1:] if line]

    assert title.strip() == "# Changelog"
    assert rest[0].startswith("Unreleased\n")
    assert [line for line in lines if not re.fullmatch(r"(- |  ).*", line)] == []
    assert [line for line in lines if not line.endswith((".", ";", ":"))] == []


@pytest.mark.row("S377")
def test_the_guide_says_what_a_title_of_a_change_looks_like():
    guide = (ROOT / "CONTRIBUTING.md").read_text()

    assert "`search: finds by kind and version`" in guide


def made(command: list[str]) -> str:
    """What make says, as it would if no make had started these tests."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env=plain
    ).stdout


@pytest.mark.row("S473", "S475")
@pytest.mark.parametrize(
    ("words", "run"),
    [
        ([], ".venv/bin/pydotorg serve --port 8000"),
        (["LOG=log.txt", "PORT=9000"], ".venv/bin/pydotorg serve --port 9000 >log.txt 2>&1"),
    ],
)
def test_one_command_starts_what_one_works_with_and_may_write_into_a_file(words, run):
    make = ["make", "--dry-run", "--assume-old=.venv/ready", "dev", *words]

    said = made(make)

    # Samples are made first, where there is no snapshot.
    assert said.strip().splitlines()[-1] == run


@pytest.mark.row("S481")
def test_make_lists_every_target_with_a_line_of_what_it_does():
    said = made(["make"])

    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()
    listed = dict(line.split(maxsplit=2)[1:] for line in said.splitlines())
    assert sorted(listed) == sorted(targets)


@pytest.mark.row("S188")
def test_one_command_builds_styles_scripts_pictures_search_and_pages_without_node():
    assert recipe("build").split() == ["$(READY)", "@$(BIN)/pydotorg", "build"]
    assert [p for name in ("package.json", "node_modules") for p in ROOT.glob(name)] == []


# Which tests a target runs


def collected(*words: str, **environ: str) -> str:
    """What pytest says of the tests that it would run, or runs."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environ},
    )
    return done.stdout


@pytest.mark.row("S020", "S281")
def test_the_tests_of_build_and_sidecar_are_run_and_counted_and_what_is_skipped_is_said():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]

    said = collected("tests/browser/test_search_off.py", "tests/content/test_redirects.py", PATH="")

    assert settings["testpaths"] == ["tests", "pydotorg_build", "sidecar"]
    assert "-rs" in settings["addopts"].split()
    assert re.search(r"^\d+ passed, \d+ skipped in ", said, re.MULTILINE)
    assert re.search(r"^SKIPPED \[\d+\] .*there is no chromium$", said, re.MULTILINE)


@pytest.mark.row("S277")
def test_the_fast_tests_want_no_service():
    said = collected("--collect-only", "-m", "not slow", "tests/sidecar/test_mail.py",
                     "tests/browser")  # fmt: skip

    assert '-m "not slow"' in recipe("test-fast")
    assert "test_mail_is_sent_once_its_transaction_stands[sqlite]" in said
    assert "postgresql" not in said
    assert "tests/browser" not in said


@pytest.mark.row("S279")
def test_the_browser_is_that_of_the_machine_or_the_tests_are_skipped_visibly():
    said = collected("tests/browser/test_search_off.py", PATH="")

    assert recipe("test-e2e").split()[-1] == "tests/browser"
    assert "chromium" in (ROOT / ".ci/run").read_text()
    assert "playwright install" not in MAKEFILE + (ROOT / ".ci/run").read_text()
    assert "there is no chromium" in said
    assert "passed" not in said


def test_no_folder_with_tests_is_gone_by(request):
    passed_by = request.config.getini("norecursedirs")
    folders = {part for path in (ROOT / "tests").rglob("test_*.py") for part in path.parts}

    assert {f for f in folders for pattern in passed_by if fnmatch(f, pattern)} == set()
