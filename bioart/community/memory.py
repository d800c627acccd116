"""What is remembered of persons, by token: bounded, ordered, and digested as it changes.

A crowd may be 20,000 strong, and a digest is wanted every step: so a memory keeps the sum of its entries'
marks instead of reading them all again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from bioart.community.chance import mark

MOST = 20_000  # tokens; beyond, whoever was heard longest ago is forgotten
_BITS = (1 << 64) - 1


class Memory:
    """One short value per token, in the order in which they were last set."""

    def __init__(self, name: str, most: int = MOST) -> None:
        self.name, self.most = name, most
        self._values: dict[str, str] = {}
        self._sum = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, token: str) -> str | None:
        return self._values.get(token)

    def oldest(self) -> tuple[str, str] | None:
        return next(iter(self._values.items()), None)

    def put(self, token: str, value: str) -> tuple[str, str] | None:
        """Set a value; returns the entry that had to be forgotten for it, if any."""
        self.drop(token)
        gone = None
        if len(self._values) >= self.most:
            gone = next(iter(self._values.items()))
            self.drop(gone[0])
        self._values[token] = value
        self._sum += mark(self.name, token, value)
        return gone

    def drop(self, token: str) -> str | None:
        value = self._values.pop(token, None)
        if value is not None:
            self._sum -= mark(self.name, token, value)
        return value

    def items(self) -> list[tuple[str, str]]:
        return list(self._values.items())

    @property
    def digest(self) -> int:
        return self._sum & _BITS

    def state(self) -> list[list[str]]:
        return [[t, v] for t, v in self._values.items()]

    def restore(self, state: Sequence[Sequence[str]]) -> None:
        self._values, self._sum = {}, 0
        for token, value in islice(state, self.most):
            self.put(token, value)


class Recent:
    """Who did a thing, and in which step last: once per person, however often they did it."""

    def __init__(self, name: str, most: int = MOST) -> None:
        self._last = Memory(name, most)
        self._steps: dict[int, int] = {}  # step → persons whose last time it was, oldest first

    def __len__(self) -> int:
        return len(self._last)

    def note(self, token: str, step: int) -> None:
        was = self._last.get(token)
        if was is not None:
            self._uncount(int(was))
        gone = self._last.put(token, str(step))
        if gone is not None:
            self._uncount(int(gone[1]))
        self._steps[step] = self._steps.get(step, 0) + 1

    def drop(self, token: str) -> None:
        """Let go of one person."""
        was = self._last.drop(token)
        if was is not None:
            self._uncount(int(was))

    def forget(self, before: int) -> None:
        """Let go of everyone whose last time was earlier than the step `before`."""
        while (first := self._last.oldest()) is not None and int(first[1]) < before:
            self._last.drop(first[0])
            self._uncount(int(first[1]))

    def steps(self) -> list[tuple[int, int]]:
        """(step, persons), oldest first."""
        return list(self._steps.items())

    def felt(self, step: int, window: int) -> float:
        """The sum over persons of what their last time still counts: 1 at once, fading evenly to 0."""
        return sum(n * (window - (step - s)) for s, n in self._steps.items() if step - s < window) / window

    def _uncount(self, step: int) -> None:
        left = self._steps[step] - 1
        if left:
            self._steps[step] = left
        else:
            del self._steps[step]

    @property
    def digest(self) -> int:
        return self._last.digest

    def state(self) -> list[list[str]]:
        return self._last.state()

    def restore(self, state: Sequence[Sequence[str]]) -> None:
        self._last.restore(state)
        self._steps = {}
        for _, value in self._last.items():
            self._steps[int(value)] = self._steps.get(int(value), 0) + 1


class Allowance:
    """What one person may place: `burst` at once, then one each `every` steps (a leaky bucket)."""

    def __init__(self, name: str, burst: int, every: int) -> None:
        self._due = Memory(name)
        self._burst, self._every = burst, every

    def take(self, token: str, step: int) -> bool:
        was = self._due.get(token)
        due = step if was is None else max(step, int(was))
        if due - step > (self._burst - 1) * self._every:
            return False
        self._due.put(token, str(due + self._every))
        while (first := self._due.oldest()) is not None and int(first[1]) <= step:
            self._due.drop(first[0])
        return True

    @property
    def digest(self) -> int:
        return self._due.digest

    def state(self) -> list[list[str]]:
        return self._due.state()

    def restore(self, state: Sequence[Sequence[str]]) -> None:
        self._due.restore(state)
