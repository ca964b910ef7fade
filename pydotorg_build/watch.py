"""Building again whenever something changes, and serving the result while one works on it.

Three processes: this one builds and has one thread, so that it may fork; one child watches the
folders, another serves.  They talk through pipes, a line of JSON a message.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydotorg_build.beside import Place
from pydotorg_build.build import Report, build
from pydotorg_build.engine import PACKAGE, code_looks
from pydotorg_build.problems import Problem, Problems, Source, of_the_system
from pydotorg_build.workshop import Workshop

FULL_LOOK = 60.0
# For so many seconds search waits for what is saved meanwhile, and no longer.
GIVES_WAY = 10.0
# So often what serves is begun again: the sidecar lives in the same process, and may take it along.
MOST_AGAIN = 3
Say = Callable[[str], None]


@dataclass
class Child:
    """Another process of ours and the pipe between us; the pipe closes when it ends."""

    pid: int
    pipe: int
    _code: int | None = None

    def end(self) -> int:
        """End it and say how it ended; that our signal ended it is well."""
        if self._code is None:
            self._code = self._end()
        return self._code

    def _end(self) -> int:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        with suppress(OSError):
            os.close(self.pipe)
        with suppress(ChildProcessError):
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            return 0 if code == -signal.SIGTERM else code
        return 0


def watch(shop: Workshop, reopen: Callable[[], Workshop], say: Say) -> None:
    """Build, then build again on each change, until interrupted."""
    Watching(shop, reopen, say).run()


@dataclass
class Watching:
    """The loop of a watcher: what was touched, and builds of it, and word of them to a server."""

    shop: Workshop
    reopen: Callable[[], Workshop]
    say: Say
    start: Callable[[], Child] | None = None
    server: Child | None = None
    _again: int = 0
    _touched: set[str] = field(default_factory=set)
    _full: bool = True
    # Browsers wait for word of a good build: at the start, and where they show problems.
    _awaited: bool = True
    _complained: bool = False
    _failed: bool = False
    # After what no build should meet, nobody knows what state the workshop is in.
    _broke: bool = False
    _anew: bool = False
    # A signal came; where it did, a library may have swallowed what it raised.
    _ended: bool = False
    # Where the child that watches tells what was touched.
    _changes: int = -1
    # Since when search has waited; 0 where it does not.
    _waiting: float = 0.0
    # The code as this process has it in memory.
    _code: set[tuple[str, int, int]] = field(default_factory=code_looks)

    def run(self) -> int:
        """Go on until interrupted; return the exit status."""
        self._end_on_signals()
        watcher = start_watching(self.shop)
        self._changes = watcher.pipe
        try:
            if not self.shop.record.get("setup"):
                self.say("the first build: of all of python.org it takes about a minute")
            self._build()
            self.say("watching")
            while not self._ended:
                self._wait()
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            watcher.end()
            self.shop.close()
        code = self.server.end() if self.server else 0
        if self._anew:
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
        if code < 0:
            self.say(f"what serves was ended by {signal.Signals(-code).name}: begin again")
            return 128 - code
        return code

    def _end_on_signals(self) -> None:
        def end(*_: Any) -> None:
            self._ended = True
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)

    def _wait(self) -> None:
        """Wait for a change, the next moment that matters, or a full look at everything."""
        changes = self._changes
        pipes = [changes, self.server.pipe] if self.server else [changes]
        ready, _, _ = select.select(pipes, [], [], self._patience())
        if changes in ready:
            self._take(messages(changes))
        elif ready:  # the server never writes: it has ended
            self._serve_again()
        else:
            self._full = True
        self._build()

    def _serve_again(self) -> None:
        """Begin what serves again where it was killed, a few times; else end as well."""
        code = self.server.end() if self.server else 0
        if code >= 0 or not self.start or self._again == MOST_AGAIN:
            raise KeyboardInterrupt
        self._again += 1
        self.say(f"what serves was ended by {signal.Signals(-code).name}, and is begun again")
        self.server = self.start()
        self._awaited = True

    def _patience(self) -> float:
        # The moment that it was to be built for has gone by: that is no reason to hurry.
        if self._failed:
            return FULL_LOOK
        _, until = self.shop.record.get("valid", [0.0, time.time() + FULL_LOOK])
        return max(0.0, min(FULL_LOOK, float(until) - time.time()))

    def _take(self, changes: Iterable[list[str]]) -> None:
        for paths in changes:
            for path in paths:
                if Path(path).is_relative_to(self.shop.root):
                    self._touched.add(Path(path).relative_to(self.shop.root).as_posix())

    def _build(self) -> None:
        """Build what was touched; after a problem it stays touched."""
        began = time.perf_counter()
        self._failed = True
        try:
            self._look_at_code()
            if "build.toml" in self._touched or self._broke:
                self._reopen()
            touched = None if self._full else self._touched
            report = build(self.shop, time.time(), touched, self._has_more)
        except Problems as problems:
            self._tell_problems(problems.problems)
            return
        except OSError as error:
            self._broke = True
            self._tell_problems([of_the_system(error)])
            return
        except Exception as error:  # noqa: BLE001 - whoever edits is not to start it again
            self._broke = True
            self.say(traceback.format_exc())
            message = f"the builder itself failed: {type(error).__name__}: {error}"
            hint = "report it, with the lines above; the next change is built as usual"
            self._tell_problems([Problem(Source("(builder)"), message, hint)])
            return
        self._touched, self._full, self._failed = set(), False, False
        self._waiting = (self._waiting or time.monotonic()) if report.search_waits else 0.0
        self._tell_report(report, time.perf_counter() - began)

    def _has_more(self) -> bool:
        """Is something saved meanwhile, for which search waits?"""
        if self._waiting and time.monotonic() - self._waiting > GIVES_WAY:
            return False
        return bool(select.select([self._changes], [], [], 0)[0])

    def _look_at_code(self) -> None:
        """If our own code changed, only a new process has it; it begins once that can be read.

        Building on with the old code would note its work as that of the new.
        """
        now = code_looks()
        if now == self._code:
            return
        changed = sorted({name for name, *_ in now - self._code})
        if problems := [problem for name in changed for problem in _flaws(PACKAGE / name)]:
            raise Problems(problems)
        self.say("the builder itself changed; beginning anew")
        self._anew = True
        raise KeyboardInterrupt

    def _reopen(self) -> None:
        shop = self.reopen()
        self.shop.close()
        self.shop, self._full, self._broke = shop, True, False

    def _tell_problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            self.say(str(problem))
        self.say(f"{len(problems)} problem{'s' * (len(problems) != 1)}; the site is as it was")
        told = [{"place": str(p.source), "message": p.message, "hint": p.hint} for p in problems]
        self._awaited = self._complained = True
        self._tell({"kind": "problems", "problems": told})

    def _tell_report(self, report: Report, seconds: float) -> None:
        for note in report.said:
            self.say(note)
        if report.written or report.removed:
            count = f"{len(report.written)} written, {len(report.removed)} removed"
            self.say(f"{count} in {seconds * 1000:.0f} ms")
        elif self._complained:
            self.say("nothing is wrong any more")
        self._complained = False
        if self._awaited or report.written or report.removed or report.changed:
            only_css = report.written and all(path.endswith(".css") for path in report.written)
            self._awaited = False
            self._tell({"kind": "css" if only_css else "page"})

    def _tell(self, message: dict[str, Any]) -> None:
        if self.server:
            with suppress(OSError):  # it has just ended
                os.write(self.server.pipe, json.dumps(message).encode() + b"\n")


def _flaws(path: Path) -> Iterator[Problem]:
    """Why code could not be run, if it is not even Python."""
    try:
        compile(path.read_bytes(), str(path), "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        message = f"this is not Python: {getattr(error, 'msg', error)}"
        yield Problem(Source(str(path), line), message, "mend it; until then nothing is built")


def messages(pipe: int) -> Iterator[Any]:
    """The messages that wait in a pipe."""
    data = b""
    while not data.endswith(b"\n"):
        part = os.read(pipe, 1 << 16)
        if not part:
            raise KeyboardInterrupt
        data += part
    yield from (json.loads(line) for line in data.splitlines())


def start_watching(shop: Workshop) -> Child:
    """Start a process that says which files change."""
    snapshots = {str(shop.root / name) for name in shop.settings.snapshots}
    rows = {Path(name).parent for name in snapshots}
    for folder in rows:
        folder.mkdir(parents=True, exist_ok=True)
    folders = [*(shop.root / name for name in (*shop.folders(), "build.toml")), *sorted(rows)]
    watched = [str(path) for path in (*folders, PACKAGE) if path.exists()]
    ours, theirs = os.pipe()
    if pid := os.fork():
        os.close(theirs)
        return Child(pid, ours)
    os.close(ours)
    _watch_folders(watched, theirs, snapshots)
    os._exit(0)


def _watch_folders(watched: list[str], pipe: int, snapshots: set[str]) -> None:
    """Write what changes into a pipe, until the parent is gone.  Runs in a process of its own."""
    from watchfiles import Change, DefaultFilter
    from watchfiles import watch as changes_in

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()
    usual, rows = DefaultFilter(), {os.path.dirname(name) for name in snapshots}

    def is_wanted(change: Change, path: str) -> bool:
        # Beside the snapshots, the sidecar's own database changes all the time.
        return usual(change, path) and (os.path.dirname(path) not in rows or path in snapshots)

    found = changes_in(
        *watched, step=5, debounce=50, watch_filter=is_wanted, yield_on_timeout=True,
        rust_timeout=2000, raise_interrupt=False,
    )  # fmt: skip
    with suppress(BrokenPipeError):
        for changes in found:
            if os.getppid() != parent:
                return
            if changes:
                os.write(pipe, json.dumps(sorted({path for _, path in changes})).encode() + b"\n")


def serve(make: Callable[[], Workshop], host: str, port: int, say: Say) -> int:
    """Build, serve and watch; return the exit status."""
    from pydotorg_build.serve import check_address

    check_address(host, port)
    shop = make()
    place = Place(shop.root, shop.output, host, port)

    def start() -> Child:
        return _start_server(place, shop.settings.prefixes, say)

    return Watching(shop, make, say, start, start()).run()


def _start_server(place: Place, prefixes: tuple[str, ...], say: Say) -> Child:
    """Start a process that serves a folder, once the first build has ended."""
    ours, theirs = (one.detach() for one in socket.socketpair())
    if pid := os.fork():
        os.close(theirs)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        return Child(pid, ours)
    os.close(ours)
    code = 1
    try:
        code = _serve_folder(place, prefixes, theirs, say)
    finally:
        os._exit(code)


def _serve_folder(place: Place, prefixes: tuple[str, ...], pipe: int, say: Say) -> int:
    from pydotorg_build.beside import beside
    from pydotorg_build.reloads import Reloads
    from pydotorg_build.serve import make_app, run

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lines = os.fdopen(pipe)
    reloads = Reloads()

    def publish(line: str) -> None:
        message = json.loads(line)
        reloads.publish(message.pop("kind"), message)

    def pass_on() -> None:
        for line in lines:
            publish(line)
        os.kill(os.getpid(), signal.SIGTERM)

    first = lines.readline()
    if not first:
        return 0
    publish(first)

    threading.Thread(target=pass_on, daemon=True).start()
    app = make_app(lambda: place.site, reload=reloads, beside=beside(place, prefixes))
    return run(app, place.host, place.port, say)
