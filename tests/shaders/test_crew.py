"""Many hands: the same answers in the same order, faults told, and nobody who waits for one that waits."""

from __future__ import annotations

import threading

import pytest

from bioart.gpu import crew


@pytest.fixture(params=[1, 2, 8])
def hands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(crew, "_crew", [])
    monkeypatch.setattr(crew, "hands", lambda: request.param)
    return int(request.param)


def test_answers_come_in_the_order_of_the_things(hands: int) -> None:
    assert crew.each(lambda x: x * x, range(100)) == [x * x for x in range(100)]
    assert crew.each(lambda x: x, []) == []


def test_work_that_is_shared_out_again_comes_to_an_end(hands: int) -> None:
    def inner(n: int) -> int:
        return sum(crew.each(lambda x: x + n, range(20)))

    assert crew.each(inner, range(30)) == [sum(range(20)) + 20 * n for n in range(30)]


def test_a_fault_is_told_when_nobody_works_any_more(hands: int) -> None:
    working, at = [0], threading.Lock()

    def work(n: int) -> None:
        with at:
            working[0] += 1
        try:
            if n == 3:
                raise ValueError("the fourth")
        finally:
            with at:
                working[0] -= 1

    with pytest.raises(ValueError, match="the fourth"):
        crew.each(work, range(50))
    assert working == [0]
    assert crew.each(lambda x: x, range(3)) == [0, 1, 2], "and the next call is as good"


@pytest.mark.parametrize("length", [0, 1, 5, 144])
def test_slabs_are_the_whole_and_do_not_overlap(hands: int, length: int) -> None:
    rows = [i for part in crew.slabs(length) for i in range(length)[part]]
    assert rows == list(range(length))


def test_it_has_all_its_threads_from_the_first_time_on(hands: int) -> None:
    crew.each(lambda x: x, range(2))
    first = [set(pool._threads) for pool in crew._crew]
    assert sum(map(len, first)) == hands - 1
    for _ in range(20):
        crew.each(lambda x: x, range(50))
    assert [set(pool._threads) for pool in crew._crew] == first
