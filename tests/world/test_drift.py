"""Drift: spores go with the air and into the mouths, motes rise and go out; softly, bounded, replayable."""

import hashlib
import math

import numpy as np
import pytest
import taichi as ti

from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.world.drift import EMBER, KINDLE, MOTES, PLACES, Drift

AIR = Grid((16, 20, 16), (0.0, 0.0, 0.0), 0.375)
HOME = Grid((48, 72, 48), (1.0, 0.0, 1.0), 4 / 48)
COUNT = 1500
STILL = {"wander": 0.0, "thirst": 0.0}


@pytest.fixture
def memory():
    lease = Memory()
    yield lease
    lease.close()


@pytest.fixture
def wind():
    lease = Memory()
    yield [lease.field("test", n, ti.f32, AIR.shape) for n in "uvw"]
    lease.close()


def go(drift, wind, steps, springs=(), mouths=(), **over):
    p = {**defaults_of(Drift), **over}
    for k in steps:
        drift.step(k, p, wind, 0.1, springs, mouths)


def moved(before, after):
    same = (before.key == after.key) & (before.glow > 0) & (after.glow > 0)
    return (after.at - before.at)[same]


def test_spores_go_with_the_air(memory, wind):
    """A solid turn about the middle: midpoint steps keep the radius; a uniform wind moves all alike."""
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    wind[0].fill(0.5)
    wind[2].fill(-0.2)
    before = drift.points()[0]
    go(drift, wind, range(1), follow=0.8, **STILL)
    after = drift.points()[0]
    step = moved(before, after)
    assert len(step) > 300
    assert np.allclose(step, [0.5 * 0.1 * 0.8, 0.0, -0.2 * 0.1 * 0.8], atol=2e-6)

    c = (np.arange(16) + 0.5) * 0.375 - 3.0
    wind[0].from_numpy(np.broadcast_to(-c[None, None, :], AIR.shape).astype(np.float32))
    wind[2].from_numpy(np.broadcast_to(c[:, None, None], AIR.shape).astype(np.float32))
    first = drift.points()[0]
    go(drift, wind, range(1, 21), follow=1.0, **STILL)
    last = drift.points()[0]
    inner = np.hypot(first.at[:, 0] - 3, first.at[:, 2] - 3) < 2.3
    kept = (first.key == last.key) & inner
    r0, r1 = (np.hypot(q.at[kept, 0] - 3, q.at[kept, 2] - 3) for q in (first, last))
    assert kept.sum() > 100
    assert np.abs(r1 - r0).max() < 1e-3
    turned = np.arctan2(last.at[kept, 2] - 3, last.at[kept, 0] - 3) - np.arctan2(
        first.at[kept, 2] - 3, first.at[kept, 0] - 3
    )
    assert np.allclose((turned + math.pi) % (2 * math.pi) - math.pi, 2.0, atol=0.01)


def test_mouths_draw_spores_in_and_springs_bear_them(memory, wind):
    spring, mouth = (2.0, 4.0, 3.0), (4.0, 2.0, 3.0)
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    before = drift.points()[0]
    d0 = np.linalg.norm(before.at - mouth, axis=1)
    go(drift, wind, range(10), (spring,), (mouth,), wander=0.0)
    after = drift.points()[0]
    near = (before.key == after.key) & (d0 < 0.8) & (d0 > 0.3)
    pull = (np.linalg.norm(after.at - mouth, axis=1) - d0)[near]
    assert len(pull) > 2
    assert pull.max() < 0.0
    go(drift, wind, range(10, 330), (spring,), (mouth,), near=1.0, wander=0.0)
    at = drift.points()[0].at
    assert (np.abs(at - spring).max(axis=1) <= 0.2501).mean() > 0.7  # nothing moves them on


def test_spores_lie_on_veils_along_the_wind(memory, wind):
    """Thick in some places and thin in others, and what is thick goes on farther along x than across."""
    drift = Drift(memory, AIR, HOME, 1, count=40_000)
    at = drift.points()[0].at
    low, high = at.min(0), at.max(0)
    counts, _ = np.histogramdd(at, bins=[12, 24, 24], range=list(zip(low, high, strict=True)))
    mean = counts.mean()
    assert counts.std() > 2.0 * math.sqrt(mean)  # strewn evenly it is the root of the mean
    off = counts - mean

    def alike(axis):
        a, b = np.moveaxis(off, axis, 0)[:-1], np.moveaxis(off, axis, 0)[1:]
        return float((a * b).mean() / off.var())

    assert alike(0) > max(alike(1), alike(2))


def test_points_are_sound_and_change_softly(memory, wind):
    wind[0].fill(1.5)
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    before = None
    for k in range(120):
        go(drift, wind, range(k, k + 1), ((2.0, 4.0, 3.0),), ((4.0, 2.0, 3.0),))
        if k % 40 == 5:
            drift.burst((3.0, 2.0, 3.0), (1.0, 0.6, 0.2), 1.0, "00ff12345678")
        for points in drift.points():
            assert points.at.dtype == points.glow.dtype == np.float32
            assert points.key.dtype == np.int64
            assert np.isfinite(points.at).all()
            assert (points.glow >= 0).all()
            assert (points.radius[points.glow > 0] > 0).all()
            assert (points.tint >= 0).all()
        spores = drift.points()[0]
        assert np.unique(spores.key).size == COUNT
        if before is not None:
            same = spores.key == before.key
            assert np.abs(spores.glow - before.glow)[same].max() < 0.16  # fades last half a second
            assert np.abs(spores.at - before.at)[same].max() < 0.2
            assert (before.glow[~same] < 0.05).all()  # none goes out at once
            assert (spores.glow[~same] < 0.05).all()  # none is born bright
        before = spores
    assert ((before.glow > 0.02).sum()) > 500
    lit = before.glow > 0.02
    assert before.at[lit].min() > -0.1
    assert (before.at[lit] < np.array(AIR.size) + 0.1).all()


def test_amount_thins_them_out(memory, wind):
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    counts = []
    for k, amount in enumerate((1.0, 0.5, 0.0)):
        go(drift, wind, range(k, k + 1), amount=amount)
        counts.append(int((drift.points()[0].glow > 0).sum()))
    assert counts[0] > counts[1] > counts[2] == 0


def test_motes_rise_live_three_to_six_seconds_and_go_out(memory, wind):
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    drift.burst((3.0, 1.0, 3.0), (0.2, 0.5, 0.9), 1.0, "abcdef012345")
    glows, keys, heights = [], None, []
    for k in range(230):
        go(drift, wind, range(k, k + 1))
        motes = drift.points()[1]
        glows.append(motes.glow.copy())
        lit = motes.glow > 0
        if k == 60:
            keys = set(motes.key[lit].tolist())
            assert lit.sum() == 32
            share = (motes.tint[lit] - [0.2, 0.5, 0.9]) / (np.array(EMBER) - [0.2, 0.5, 0.9])
            assert np.allclose(share, share[:, :1], atol=1e-4)
            assert ((share > 0.34) & (share < 0.86)).all()
            own, motes_at = motes.radius[lit], motes.at[lit]
            assert own.max() > 2.0 * np.median(own)  # most are specks
            spread = np.linalg.svd(motes_at - motes_at.mean(0), compute_uv=False)
            assert spread[0] > 2.0 * spread[1]  # a plume and no ball
        if lit.any():
            heights.append(float(motes.at[lit, 1].mean()))
    assert keys is not None
    assert len(keys) == 32
    assert heights[60] > heights[5] + 0.3
    series = np.array(glows)
    assert (series > 0).sum(axis=0).max() <= 6.0 * 30 + 1
    assert (series > 0).sum(axis=0)[:32].min() >= 3.0 * 30 - 1
    assert series[-1].max() == 0.0
    assert np.diff(series, axis=0).max() < 1.5 / (0.5 * 30) + 1e-3  # half a second to full


def test_motes_are_bounded_and_the_oldest_give_way(memory, wind):
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    for k in range(12):
        for n in range(500):
            drift.burst((3.0, 1.0, 3.0), (1.0, 1.0, 1.0), 1.0, f"{n:012x}")
        go(drift, wind, range(k, k + 1))
    go(drift, wind, range(12, 60))
    motes = drift.points()[1]
    assert motes.key.shape == (MOTES,)
    lit = motes.glow > 0
    assert np.unique(motes.key[lit]).size == lit.sum() > 3000


def test_more_places_than_it_takes(memory, wind):
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    go(drift, wind, range(2), [(3.0, 1.0, 3.0)] * (PLACES + 9), [(1.0, 1.0, 1.0)] * (PLACES + 9))
    spores = drift.points()[0]
    assert spores.key.shape == (COUNT,)
    assert np.isfinite(spores.at).all()


def test_what_cannot_burst_is_an_error(memory):
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    with pytest.raises(BioartError, match="finite"):
        drift.burst((math.nan, 0, 0), (1, 1, 1), 1.0, "00")
    with pytest.raises(BioartError, match="hexadecimal"):
        drift.burst((0, 0, 0), (1, 1, 1), 1.0, "someone")
    with pytest.raises(BioartError, match="allowed: 1"):
        Drift(memory, AIR, HOME, 1, count=0)


def digest(drift):
    told = hashlib.blake2b(digest_size=16)
    for name, held in sorted(drift.state().items()):
        told.update(name.encode() + held.to_numpy().tobytes())
    for points in drift.points():
        for part in (points.at, points.radius, points.tint, points.glow, points.key):
            told.update(part.tobytes())
    told.update(repr(drift.scalars()).encode())
    return told.hexdigest()


def test_a_restored_drift_goes_on_with_the_same_bits(memory, wind):
    wind[0].fill(0.7)
    wind[1].fill(0.2)
    places = (((2.0, 4.0, 3.0),), ((4.0, 2.0, 3.0),))

    def play(drift, steps):
        for k in steps:
            if k % 5 == 0:
                drift.burst((3.0, 1.0, 3.0), (1.0, 0.5, 0.2), 0.5, f"{k:x}")
            go(drift, wind, range(k, k + 1), *places)
        return digest(drift)

    drift = Drift(memory, AIR, HOME, 6, count=COUNT)
    play(drift, range(40))
    drift.burst((3.0, 1.0, 3.0), (1.0, 0.5, 0.2), 0.5, "77")  # still waiting when the snapshot is taken
    fields = {name: held.to_numpy() for name, held in drift.state().items()}
    scalars, shown = drift.scalars(), digest(drift)
    expected = play(drift, range(40, 80))
    memory.close()
    again = Drift(memory, AIR, HOME, 6, count=COUNT)
    for name, held in again.state().items():
        held.from_numpy(fields[name])
    again.restore(scalars)
    assert digest(again) == shown
    assert play(again, range(40, 80)) == expected
    memory.close()
    other = Drift(memory, AIR, HOME, 7, count=COUNT)
    assert play(other, range(80)) != expected


def test_spores_take_up_the_airs_flashes_softly_and_carry_them_on(memory, wind):
    """Lit within KINDLE s where the air flashes, blue, and dark again within DIE after they left."""
    flash = memory.field("test", "flash", ti.f32, AIR.shape)
    field = np.zeros(AIR.shape, np.float32)
    field[:8] = 1.0
    flash.from_numpy(field)
    drift = Drift(memory, AIR, HOME, 1, count=COUNT)
    p = {**defaults_of(Drift), **STILL}

    def lit(steps):
        for k in steps:
            drift.step(k, p, wind, 0.1, flashes=(flash, 1.0))
        return drift.state()["lit"].to_numpy()

    at = drift.points()[0].at
    inside, outside = at[:, 0] < 2.6, at[:, 0] > 3.4
    dark = drift.points()[0]
    half = lit(range(6))[inside]
    assert half.max() <= 6 / 30 / KINDLE + 1e-6
    full = lit(range(6, 30))
    assert np.quantile(full[inside], 0.1) > 1.4  # a few were born again
    assert np.quantile(full[outside], 0.9) == 0.0
    shown = drift.points()[0]
    same = (shown.key == dark.key) & inside & (dark.glow > 0.05) & (full > 1.4)
    assert np.quantile(shown.glow[same] - dark.glow[same], 0.05) > 0.3
    assert np.quantile(shown.tint[same, 2] / shown.tint[same, 0], 0.05) > 4  # blue
    flash.fill(0.0)
    assert np.median(lit(range(30, 45))[inside]) > 0.5  # it is carried on for a while
    assert lit(range(45, 110)).max() == 0.0


def test_a_well_fed_body_breathes_fine_spores_out():  # type: ignore[no-untyped-def]
    p = defaults_of(Drift)
    springs = ((0.0, 1.0, 0.0), (0.5, 1.5, 0.0))
    puffs = [puff for k in range(30) for puff in Drift.breath(k, p, springs, 0.5, 0.1)]
    assert {at for at, _, _ in puffs} == set(springs)
    assert sum(much for _, _, much in puffs) == pytest.approx(0.5 * p["shed"] * 3.0)  # 3 s of the world
    assert not any(Drift.breath(k, p, springs, 0.0, 0.1) for k in range(30)), "a starving body keeps them"
    assert not any(Drift.breath(k, p, (), 1.0, 0.1) for k in range(30))
