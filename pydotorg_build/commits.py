"""The day each file was last committed, from one `git log`, kept up by the commits since."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

from pydotorg_build.cache import Record

MARK = "\x01"


def head(root: Path) -> str:
    """The commit that is checked out; empty outside git or in a shallow clone.

    A shallow clone knows the last commit of every file only by mistake.
    """
    git = _git_folder(root)
    if git is None or (git / "shallow").exists():
        return ""
    try:
        text = (git / "HEAD").read_text().strip()
        if text.startswith("ref: "):
            return (git / text.removeprefix("ref: ")).read_text().strip()
    except OSError:
        return _ask(root, "rev-parse", "HEAD").strip()
    return text


def _git_folder(root: Path) -> Path | None:
    return next((top / ".git" for top in (root, *root.parents) if (top / ".git").is_dir()), None)


def days(root: Path, record: Record, now: str) -> dict[str, str]:
    """The day of the last commit (in UTC) of every file below `root`, for the commit `now`."""
    if not now:
        return {}
    before, known = record.get("commits", ["", {}])
    if before == now:
        return dict(known)
    since = f"{before}..{now}" if before and _is_ancestor(root, before, now) else now
    found = dict(known) if since != now else {}
    log = _ask(
        root, "log", "--reverse", f"--format={MARK}%ct", "--name-only", "--no-renames",
        "--relative", "-z", since, "--", ".",
    )  # fmt: skip
    return found | _read(log)


def last_text(root: Path, path: str) -> str:
    """What a file said when it was last committed, also one that is gone; empty if it never was."""
    last = _ask(root, "log", "-1", "--diff-filter=AM", "--format=%H", "--", path).strip()
    return _ask(root, "show", f"{last}:./{path}") if last else ""


def _read(log: str) -> dict[str, str]:
    found: dict[str, str] = {}
    day = ""
    for part in log.replace("\n", "\0").split("\0"):
        if part.startswith(MARK):
            moment = datetime.datetime.fromtimestamp(int(part[1:]), datetime.UTC)
            day = str(moment.date())
        elif part:
            found[part] = day
    return found


def _is_ancestor(root: Path, before: str, now: str) -> bool:
    command = ["git", "-C", str(root), "merge-base", "--is-ancestor", before, now]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _ask(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), "-c", "core.quotepath=off", *words]
    try:
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
