"""Contracts: what the artist promises of a vital, kept by an offset on a param inside bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bioart.clock import RATE
from bioart.errors import BioartError, nearest
from bioart.health import Vitals

Range = tuple[float, float]


class Promise(Protocol):
    """keep: a vital; between: its range; by: a param; within: what the param may reach with the offset;
    over: s; rise: +1 where more of the param raises the vital, −1 where it lowers it."""

    @property
    def name(self) -> str: ...
    @property
    def keep(self) -> str: ...
    @property
    def between(self) -> Range: ...
    @property
    def by(self) -> str: ...
    @property
    def within(self) -> Range: ...
    @property
    def over(self) -> float: ...
    @property
    def rise(self) -> int: ...


class Keeper:
    """One contract at work: an integral controller with a dead band and no wind-up.

    Outside the range the offset moves by the miss (in ranges, at most 1) times `within`'s span per `over`
    seconds. Inside it rests; past the range's middle on the side that it works for, it lets go as slowly.
    """

    def __init__(self, promise: Promise) -> None:
        if promise.keep not in Vitals().row():
            raise BioartError(
                f"contract '{promise.name}': no vital {promise.keep!r}{nearest(promise.keep, Vitals().row())}"
            )
        self.promise = promise
        self.between = promise.between
        self.offset = 0.0

    def step(self, vital: float, settled: float | None, between: Range) -> float:
        """The offset for the coming step. settled: what the param was last, the old offset included."""
        p = self.promise
        self.between = between
        low, high = between
        miss = max(low - vital, 0.0) - max(vital - high, 0.0)
        span = p.within[1] - p.within[0]
        pace = span / (RATE * p.over)
        if miss:
            width = high - low
            push = min(max(miss / width, -1.0), 1.0) if width > 0 else (1.0 if miss > 0 else -1.0)
            moved = self.offset + p.rise * push * pace
        else:
            past = vital - (low + high) / 2
            works_up = self.offset * p.rise > 0  # whether the offset raises the vital
            lets_go = self.offset != 0.0 and ((past > 0) == works_up) and past != 0.0
            back = min(abs(self.offset), pace / 4)
            moved = self.offset - (back if self.offset > 0 else -back) if lets_go else self.offset
        if settled is not None:
            # a param already outside `within` is left where it is, never pulled further out
            base = settled - self.offset
            moved = min(max(moved, min(p.within[0] - base, 0.0)), max(p.within[1] - base, 0.0))
        self.offset = min(max(moved, -span), span)
        return self.offset


class Contracts:
    """All of a piece's contracts. A won vote may have set another range for one."""

    def __init__(self, promises: Sequence[Promise] = ()) -> None:
        self.keepers = {p.name: Keeper(p) for p in promises}

    def step(
        self, vitals: Vitals, values: Mapping[str, float], ranges: Mapping[str, Range]
    ) -> dict[str, float]:
        """param → offset, those that are not 0. Two contracts on one param add up."""
        offsets: dict[str, float] = {}
        if not self.keepers:
            return offsets
        row = vitals.row()
        for name, keeper in self.keepers.items():
            p = keeper.promise
            offset = keeper.step(row[p.keep], values.get(p.by), ranges.get(name, p.between))
            if offset:
                offsets[p.by] = offsets.get(p.by, 0.0) + offset
        return offsets

    @property
    def digest(self) -> list[Any]:
        return [[n, k.offset] for n, k in self.keepers.items()]

    def state(self) -> dict[str, float]:
        return {n: k.offset for n, k in self.keepers.items()}

    def restore(self, state: Mapping[str, float]) -> None:
        for name, keeper in self.keepers.items():
            keeper.offset = float(state[name])
