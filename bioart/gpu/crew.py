"""Many hands on one piece of work: NumPy and SciPy let go of the interpreter while they count.

What each hand does writes its own place, so the bits are the same for any number of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bioart.gpu import compute

MOST = 8  # beyond that memory is what is waited for

T = TypeVar("T")
R = TypeVar("R")

_crew: list[ThreadPoolExecutor] = []


def hands() -> int:
    """How many work side by side, the caller among them: as many threads as compute has, at most MOST."""
    return max(1, min(int(compute.started().get("threads", os.cpu_count() or 1)), MOST))


def slabs(length: int) -> list[slice]:
    """A length in as many parts as there are hands; fewer where there is less than one for each."""
    n = min(hands(), max(length, 1))
    return [slice(length * i // n, length * (i + 1) // n) for i in range(n)]


def each(work: Callable[[T], R], things: Iterable[T], first: Callable[[], object] = lambda: None) -> list[R]:
    """work(thing) of every thing, side by side, in the things' order. The caller works too and waits for
    nobody who has not begun, so that work may itself be shared out. first: what the caller does before that,
    for only it may (OpenGL).

    What one of them raises is raised here, once nobody works any more.
    """
    left = list(things)
    done: dict[int, R] = {}
    at, lock = iter(range(len(left))), threading.Lock()

    def take() -> None:
        while True:
            with lock:
                i = next(at, None)
            if i is None:
                return
            done[i] = work(left[i])

    begun = [_others().submit(take) for _ in range(min(hands(), len(left)) - 1)]
    try:
        first()
        take()
    finally:
        for other in begun:
            if not other.cancel():
                other.exception()  # waits
    for other in begun:
        if not other.cancelled():
            other.result()
    return [done[i] for i in range(len(left))]


def together(*works: Callable[[], Any], first: Callable[[], object] = lambda: None) -> list[Any]:
    """The answers of different works that are done side by side, as `each` does them."""
    return each(_do, works, first)


def _do(work: Callable[[], Any]) -> Any:
    return work()


def _others() -> ThreadPoolExecutor:
    """Everybody but the caller, all there from the first time on: a process that runs gets no new threads."""
    if not _crew:
        count = max(1, hands() - 1)
        pool = ThreadPoolExecutor(count, "crew")
        here = threading.Barrier(count + 1)
        for _ in range(count):
            pool.submit(here.wait)
        here.wait()
        _crew.append(pool)
    return _crew[0]
