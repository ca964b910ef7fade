"""Work spread over processes, which are forked with one thread; file operations over threads."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
WORTH_IT = 200
WORTH_A_PROCESS = 4000

# What the forked processes find in their memory: it need not be sent to them.
_work: tuple[Callable[[Any], Iterable[Any]], Callable[[int], None], Sequence[Any]] | None = None


def spread(
    work: Callable[[Sequence[T]], Iterable[R]],
    items: Sequence[T],
    jobs: int,
    forked: Callable[[int], None],
) -> Iterator[R]:
    """Do work on items, a run of them at once, in as many processes as it is worth.

    Results come in the order of the items, and are sent back by pickle.  `forked` is called first
    in each new process, with its number from 0.
    """
    if jobs < 2 or len(items) < WORTH_IT:
        yield from work(items)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    global _work  # noqa: PLW0603 - see above
    _work = (work, forked, items)
    size = max(20, min(250, len(items) // (jobs * 8)))
    spans = [(start, min(start + size, len(items))) for start in range(0, len(items), size)]
    context = get_context("fork")
    begun = context.Value("i", 0)
    gc.collect()
    gc.freeze()
    try:
        with ProcessPoolExecutor(jobs, context, _start, (os.getpid(), begun)) as pool:
            for results in pool.map(_run, spans):
                yield from results
    finally:
        gc.unfreeze()
        _work = None


def meanwhile(work: Callable[[], R], count: int, jobs: int) -> Callable[[], R]:
    """Begin work of `count` steps in a process of its own, when that is worth it.

    What is returned waits for the result.  The work may use no store: no handle crosses a fork.
    """
    if jobs < 2 or count < WORTH_A_PROCESS:
        return work
    import pickle

    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if not child:
        try:
            _end_with(parent)
            with open(writing, "wb") as pipe:
                pickle.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(writing)

    def result() -> R:
        with open(reading, "rb") as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        # It says nothing when it was killed, or when it met an error: that is then met here too.
        return pickle.loads(said) if said else work()  # noqa: S301 - of our own process

    return result


def at_once(function: Callable[[T], R], items: Sequence[T], jobs: int) -> list[R]:
    """Apply a function that only asks the system for something, on threads when items are many.

    They have ended when this returns, so that forking is safe again.
    """
    if jobs < 2 or len(items) < WORTH_IT:
        return list(map(function, items))
    from concurrent.futures import ThreadPoolExecutor

    size = -(-len(items) // jobs)
    # Neighbours stay together: two threads in one folder would wait for each other.
    spans = [items[start : start + size] for start in range(0, len(items), size)]
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda span: list(map(function, span)), spans)
        return [result for results in found for result in results]


def _start(parent: int, begun: Any) -> None:
    assert _work is not None
    _end_with(parent)
    with begun.get_lock():
        number = begun.value
        begun.value += 1
    _work[1](number)
    gc.disable()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed: it has the parent's lock too."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def _run(span: tuple[int, int]) -> list[Any]:
    assert _work is not None
    return list(_work[0](_work[2][span[0] : span[1]]))


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
