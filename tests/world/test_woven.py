"""The woven: each giver's thread is their own, is found again, is drawn in softly and thins out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import taichi as ti

from bioart.forms import Curves, Forms, Grid, mix
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Placement
from bioart.world.braid import HIGH, KNOT, over_and_under
from bioart.world.drape import POINTS, chances, drape
from bioart.world.pods import MATERIALS
from bioart.world.silk import spin
from bioart.world.skin import Skin
from bioart.world.woven import BANNERS, DRAWN_IN, FULL, PLACES, SOFT, THREADS, TOKEN, Woven, parted

BOX = Grid((48, 72, 48), (-2.0, 0.0, -2.0), 6 / 72)
P = defaults_of(Woven)


def thread(token: int, material: str = "glass", words: str = "", at=(0.5, 0.5, 0.5)) -> Placement:  # type: ignore[no-untyped-def]
    return Placement("thread", at, 0.1, (0.9, 0.5, 0.1), f"{token:012x}", material, words=words)  # type: ignore[arg-type]


def banner(token: int, words: str) -> Placement:
    return Placement("banner", (0.5, 0.5, 0.5), 1.0, (0.2, 0.8, 1.0), f"{token:012x}", words=words)


def run(woven: Woven, first: int, last: int, **p: float) -> None:
    for k in range(first, last):
        woven.step(k, P | p)


def strand(curves: Curves, n: int) -> slice:
    return slice(int(curves.starts[n]), int(curves.starts[n + 1]))


def test_chances_are_integers_at_heart_and_even() -> None:
    many = np.array([chances(token, 0, 4) for token in range(4000)])
    assert many.min() >= 0
    assert many.max() < 1
    for column in many.T:
        assert np.histogram(column, 10, (0, 1))[0] == pytest.approx(400, abs=90)
    assert np.abs(np.corrcoef(many.T) - np.eye(4)).max() < 0.06
    assert chances(0xABCDEF012345, 3, 2) == chances(0xABCDEF012345, 3, 2) != chances(0xABCDEF012345, 4, 2)


@pytest.fixture
def limbs() -> Iterator[tuple[Skin, Any, np.ndarray]]:
    """A stem that parts into two limbs: the skin, its field, and the middles of its cells in m."""
    compute.start("cpu", 2)
    memory = Memory()
    solid = memory.field("body", "solid", ti.f32, BOX.shape)
    solid.from_numpy(np.clip(0.5 - outside(cells(), 0.2) / BOX.cell, 0, 1).astype(np.float32))
    yield Skin(BOX, solid), solid, cells()
    memory.close()


def cells() -> np.ndarray:
    axes = [o + BOX.cell * (np.arange(n) + 0.5) for o, n in zip(BOX.origin, BOX.shape, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def outside(at: np.ndarray, thick: float) -> np.ndarray:
    """Distance in m from the limbs' skin, negative inside."""

    def capsule(a: Any, b: Any) -> np.ndarray:
        a, b = np.array(a), np.array(b)
        share = np.clip(((at - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
        return np.linalg.norm(at - a - share[..., None] * (b - a), axis=-1) - thick

    parts = [((0, 0, 0), (0, 1.5, 0)), ((0, 1.5, 0), (-0.7, 4.5, 0)), ((0, 1.5, 0), (0.7, 4.2, 0.3))]
    return np.min([capsule(*part) for part in parts], axis=0)


def test_threads_lie_on_the_skin_or_hang_between_limbs(limbs: tuple[Skin, Any, np.ndarray]) -> None:
    skin, _, _ = limbs
    far, hung = [], 0
    for token in range(60):
        path = drape(BOX, skin, token * 104729, 0, (0.5, token / 60, 0.5))
        assert path.shape == (POINTS, 3)
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        assert steps.max() < 1.05 * np.median(steps) + 1e-3, "even"
        assert 0.5 < steps.sum() < 6.0
        away = outside(path, 0.2)
        assert away.min() > -0.04, "never inside"
        hung += away.max() > 0.5
        far.append(np.median(away))
    assert 0.3 < np.median(far) / BOX.cell < 1.3, "it hugs the skin"
    assert 0 <= hung < 30
    twice = [drape(BOX, skin, 5, 1, (0.2, 0.4, 0.5)) for _ in range(2)]
    assert twice[0].tobytes() == twice[1].tobytes()


def test_threads_are_lifted_as_the_body_grows(limbs: tuple[Skin, Any, np.ndarray]) -> None:
    skin, solid, middles = limbs
    woven = Woven(BOX, skin)
    for token in range(12):
        woven.place(0, thread(token * 77 + 5))
    run(woven, 0, 61)
    laid = woven.state()["paths"].copy()
    solid.from_numpy(np.clip(0.5 - outside(middles, 0.36) / BOX.cell, 0, 1).astype(np.float32))
    assert outside(laid, 0.36).min() < -0.03, "grown over"
    run(woven, 61, 61 + 30 * 12)
    lifted = woven.state()["paths"]
    assert outside(lifted, 0.36).min() > -0.03
    assert np.abs(lifted - laid).max() < 0.6
    drawn = woven.forms(500)[0]
    assert outside(drawn.at, 0.36).min() > -0.08
    assert (drawn.radius < 0.03).all(), "fine enough to leave the body to be seen"


def test_no_thread_is_pushed_under_the_ground() -> None:
    """On a bed two cells thick, that has just grown over them."""
    compute.start("cpu", 2)
    memory = Memory()
    solid = memory.field("test", "solid", ti.f32, BOX.shape)
    try:
        y = np.arange(BOX.shape[1]) + 0.5
        bed = np.clip(2.5 - y, 0, 1)[None, :, None] * np.ones((48, 1, 48))
        bed[:8] = bed[-8:] = bed[:, :, :8] = bed[:, :, -8:] = 0
        solid.from_numpy(bed.astype(np.float32))
        skin = Skin(BOX, solid)
        paths = np.concatenate([drape(BOX, skin, 77 + n, 0, (0.3, 0.0, 0.4)) for n in range(12)])
        buried = (
            np.random.default_rng(1).uniform((-1.3, 0.0, -1.3), (1.3, 0.15, 1.3), (400, 3)).astype(np.float32)
        )
        for _ in range(40):
            skin.settle(buried)
        assert paths[:, 1].min() >= 0.0
        assert buried[:, 1].min() >= 0.0
        assert np.median(buried[:, 1]) > 0.1, "up, out of the bed"
    finally:
        memory.close()


def paths_of(count: int) -> np.ndarray:
    return np.stack([drape(BOX, None, t, 0, (0.5, 0.5, 0.5)) for t in range(count)])


@pytest.mark.parametrize("material", MATERIALS)
def test_a_material_follows_its_path(material: Any) -> None:
    paths = paths_of(9)
    spun = spin(material, paths, np.ones(9), np.arange(9) / 9)
    m, n = spun.radius.shape
    assert (m, spun.at.shape, spun.shine.shape, spun.phase.shape) == (9, (9, n, 3), (9, n), (9, n))
    assert np.isfinite(spun.at).all()
    for at, path in zip(spun.at, paths, strict=True):
        near = np.linalg.norm(at[:, None] - path[None], axis=-1).min(axis=1)
        assert near.max() < 0.12
    assert (spun.radius > 0).all()
    assert spun.radius.max() < 0.016, "silk, not rope"
    assert (np.diff(spun.along) >= -1e-12).all() or material == "textile", "the light runs one way"


def test_materials_differ_in_shape_and_tokens_in_their_way() -> None:
    paths = paths_of(1)
    shapes = {m: spin(m, paths, np.ones(1), np.array([0.3])) for m in MATERIALS}
    for a, b in itertools.combinations(MATERIALS, 2):
        one, two = shapes[a], shapes[b]
        assert one.at.shape != two.at.shape or np.abs(one.at - two.at).max() > 0.02
    assert shapes["glass"].twinkle.max() > 1 > shapes["textile"].twinkle.max()
    beads = shapes["plastic"].radius
    assert beads.max() > 4 * beads.min()
    steps = np.diff(shapes["metal"].at[0], axis=0)
    long = np.linalg.norm(steps, axis=1) > 1e-9
    unit = steps[long] / np.linalg.norm(steps[long], axis=1)[:, None]
    turn = np.einsum("ij,ij->i", unit[1:], unit[:-1])
    assert (turn > 0.9999).mean() > 0.7, "straight runs"
    assert turn.min() < 0.99, "corners"
    apart = [np.linalg.norm(a[24] - b[24]) for a, b in itertools.combinations(paths_of(40), 2)]
    assert np.median(apart) > 0.8


def test_it_is_drawn_in_softly_over_its_time() -> None:
    woven = Woven(BOX)
    woven.place(0, thread(77))
    before = np.zeros(len(woven.forms(0)[0].glow))
    rises = []
    for k in range(90):
        woven.step(k, P)
        now = woven.forms(k)[0].glow
        assert np.abs(now - before).max() < 0.5
        rises.append(now.copy())
        before = now
    lit = np.array(rises) > 0.03
    first = lit.argmax(axis=0)
    assert not lit[0].any()
    assert (np.diff(first) >= -4).all(), "from one end to the other (a spark shows a little early)"
    assert 0.6 * DRAWN_IN * 30 < first[-1] <= DRAWN_IN * 30
    assert SOFT * DRAWN_IN >= 0.25
    assert lit[-1].all()


def test_a_thread_is_found_again_by_its_givers_token() -> None:
    woven = Woven(BOX)
    token = 0xDEADBEEF1234
    for k, material in enumerate(("glass", "metal", "paper")):
        woven.place(k, thread(token, material))
        woven.place(k, thread(k + 1))
    mine = woven.find("deadbeef1234")
    assert [m["material"] for m in mine] == ["glass", "metal", "paper"]
    assert mine[0]["key"] == int("deadbeef1234", 16)
    assert mine[0]["tint"] == (0.9, 0.5, 0.1)
    drawn = woven.forms(3)[0]
    assert len(set(drawn.key.tolist())) == 6
    assert sorted(k for k in drawn.key.tolist() if k & TOKEN == token) == sorted(m["key"] for m in mine)
    assert woven.find("00000000ffff") == []


def test_the_tapestry_is_bounded_and_old_threads_thin_out() -> None:
    woven = Woven(BOX)
    faint = {}
    for n in range(THREADS + 60):
        woven.place(n * 6, thread(n + 1))
        run(woven, n * 6, n * 6 + 6)
        if n >= THREADS:
            gone = n - THREADS + 2
            faint[gone] = woven.find(f"{gone:012x}")[0]["strength"]
    assert len(woven.state()["threads"]) == THREADS
    assert woven.find(f"{1:012x}") == []
    assert max(faint.values()) < 0.1, "what leaves next is hardly seen"
    strengths = [woven.find(f"{n + 1:012x}")[0]["strength"] for n in range(60, THREADS + 60)]
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(strengths))
    assert strengths[-FULL:] == [1.0] * FULL
    drawn = woven.forms((THREADS + 60) * 6 + 90)[0]
    assert drawn.glow[strand(drawn, 0)].max() < 0.15 * drawn.glow[strand(drawn, THREADS - 1)].max()
    assert drawn.radius[strand(drawn, 0)].max() < drawn.radius[strand(drawn, THREADS - 1)].max()


def test_a_new_thread_disturbs_no_other_between_two_states() -> None:
    woven = Woven(BOX)
    for _ in range(4):
        woven.place(0, thread(9))
    run(woven, 0, 100)
    before = woven.forms(99)[0]
    woven.place(100, thread(9))
    woven.step(100, P)
    after = woven.forms(100)[0]
    half = mix(Forms(curves=(before,)), Forms(curves=(after,)), 0.5).curves[0]
    for n in range(4):
        s = strand(half, n)
        assert np.abs(half.glow[s] - before.glow[s]).max() < 0.2
    assert half.glow[strand(half, 4)].max() < 0.05


def test_banners_come_are_read_and_go() -> None:
    woven = Woven(BOX)
    woven.place(0, banner(5, "breathe with me"))
    glow = []
    for k in range(int(30 * (P["stay"] + 3))):
        woven.step(k, P)
        texts = woven.forms(k)[1]
        glow.append(texts[0].glow if texts else 0.0)
    assert glow[0] < 0.1
    assert max(glow) > 0.7
    assert max(abs(a - b) for a, b in itertools.pairwise(glow)) < 0.15
    assert glow[-1] == 0.0
    read = sum(g > 0.6 for g in glow) / 30
    assert P["stay"] - 1 < read < P["stay"] + 1.5


def test_banners_have_places_of_their_own_and_wait_for_one() -> None:
    woven = Woven(BOX)
    stood: dict[str, set[Any]] = {}
    for n in range(30 * 25):
        if n < 40:
            woven.place(n, banner(n, f"word {n}"))
        woven.step(n, P)
        texts = woven.forms(n)[1]
        assert len(texts) <= len(PLACES)
        assert len(woven.state()["banners"]) <= BANNERS
        assert all(
            a.beside[0] != b.beside[0] or abs(a.beside[1] - b.beside[1]) > 3 * a.height  # type: ignore[index]
            for a, b in itertools.combinations(texts, 2)
        ), "no two on one another"
        for text in texts:
            stood.setdefault(text.words, set()).add(text.beside[0])  # type: ignore[index]
    assert [f"word {n}" for n in (0, 1, 2, 3, 39)] == [
        w for w in stood if w in "word 0word 1word 2word 3word 39"
    ]
    assert all(len(places) == 1 for places in stood.values()), "it stays where it came"
    assert texts == ()


def test_a_banner_a_second_finds_a_place_at_once() -> None:
    woven = Woven(BOX)
    for k in range(30 * 20):
        if k % 30 == 0:
            woven.place(k, banner(k, f"word {k}"))
        woven.step(k, P)
        if k % 30 == 20:
            assert f"word {k - 20}" in {t.words for t in woven.forms(k)[1]}


def test_long_words_stand_in_two_rows() -> None:
    assert parted("hope") == ("hope",)
    assert parted("for those who could not stay indoors") == ("for those who could", "not stay indoors")
    assert parted("x" * 40) == ("x" * 40,)
    woven = Woven(BOX)
    woven.place(0, banner(1, "for those who could not stay indoors"))
    run(woven, 0, 30)
    first, second = woven.forms(30)[1]
    assert first.beside[0] == second.beside[0]  # type: ignore[index]
    assert first.beside[1] - second.beside[1] > 1.5 * first.height  # type: ignore[index]
    assert first.key != second.key


def test_words_given_with_an_offering_are_shown() -> None:
    woven = Woven(BOX)
    woven.place(0, thread(3, "glass", "grandmother's window"))
    run(woven, 0, 30)
    curves, texts = woven.forms(30)
    assert len(curves.key) == 1
    assert [t.words for t in texts] == ["grandmother's window"]


def test_a_state_restored_goes_on_bit_for_bit() -> None:
    woven = Woven(BOX)
    for n in range(12):
        woven.place(n, thread(n * 31 + 1, MATERIALS[n % 6], at=(0.1, n / 12, 0.9)))
        woven.place(n, banner(n, ("呼吸", "dünne Luft", "👩‍👩‍👧 breathe")[n % 3]))
        woven.step(n, P)
    other = Woven(BOX)
    other.restore({name: value.copy() for name, value in woven.state().items()})
    for k in range(12, 60):
        woven.step(k, P)
        other.step(k, P)
    for name, value in woven.state().items():
        assert value.tobytes() == other.state()[name].tobytes(), name
    a, b = woven.forms(60), other.forms(60)
    assert a[0].glow.tobytes() == b[0].glow.tobytes()
    assert a[0].at.tobytes() == b[0].at.tobytes()
    assert a[1] == b[1]
    empty = Woven(BOX)
    empty.restore(Woven(BOX).state())
    assert empty.forms(0)[0].at.shape == (0, 3)


def test_params_are_heard() -> None:
    def shown(**p: float) -> tuple[Curves, int]:
        woven = Woven(BOX)
        woven.place(0, thread(8))
        woven.place(0, banner(8, "hope"))
        run(woven, 0, 200, **p)
        curves, texts = woven.forms(200)
        return curves, len(texts)

    plain = shown()
    assert shown(glow=0.4)[0].glow.sum() == pytest.approx(plain[0].glow.sum() / 2, rel=1e-3)
    assert np.abs(shown(breath=7.0)[0].glow - plain[0].glow).max() > 0.1
    assert (plain[1], shown(stay=8.0)[1]) == (0, 1)


ZONES = [(0.1, 0.4), (0.8, 0.1), (0.6, 0.95)]
WAYS = P | {"around": 1.0, "warp": 60.0}


def loom(**p: float) -> Woven:
    woven = Woven(BOX, None, ZONES)
    woven.step(0, WAYS | p)
    return woven


def test_what_goes_round_begins_where_it_was_given_and_passes_the_knot() -> None:
    woven = loom()
    for n in range(40):
        turn = n / 40 * 2 * math.pi
        woven.place(
            1, thread(n * 7919 + 3, at=(0.5 + 0.25 * math.cos(turn), 0.4, 0.5 + 0.25 * math.sin(turn)))
        )
    paths = woven.state()["paths"]
    away = np.hypot(paths[..., 0], paths[..., 2])
    for n, path in enumerate(paths):
        turn = n / 40 * 2 * math.pi
        assert path[0, 1] < 0.02 * BOX.size[1], "on the ground"
        assert path[0, [0, 2]] / away[n, 0] == pytest.approx([math.cos(turn), math.sin(turn)], abs=1e-4)
        assert away[n].min() < 0.08 * BOX.size[0], "through the knot"
        assert away[n].argmin() / (POINTS - 1) == pytest.approx(KNOT, abs=0.12)
    assert {row[4] for row in woven.state()["threads"].tolist()} == {-1, 1}, "both ways round"


def test_threads_that_cross_go_over_and_under_and_not_through() -> None:
    """On one turn of the belly, seen from above: those that go one way stand off those that go the other."""
    turn = np.linspace(0.0, 0.9, 48)
    at = np.stack([np.cos(turn), np.full(48, 1.0), np.sin(turn)], axis=1)[None]
    over, under = (over_and_under(BOX, at, np.array([way]), 400) for way in (1.0, -1.0))
    apart = np.linalg.norm(over - under, axis=-1)[0, 110:300]
    assert np.median(apart) > HIGH * BOX.size[1], "a thread's own width"
    signs = np.sign(np.linalg.norm(over[0, 110:300], axis=1) - np.linalg.norm(under[0, 110:300], axis=1))
    assert (np.diff(signs) != 0).sum() >= 2, "by turns"


def test_the_loom_is_strung_from_the_neighbourhoods_in_their_dyes() -> None:
    woven = loom()
    warp = woven.loom(30)
    feet = warp.at[warp.starts[:-1]]
    for n, (x, z) in enumerate(ZONES):
        mine = feet[n :: len(ZONES), ::2]
        wanted = np.array([x - 0.5, z - 0.5])
        mine = mine / np.linalg.norm(mine, axis=1, keepdims=True)
        assert (mine @ (wanted / np.linalg.norm(wanted))).mean() > 0.9, "from its side"
    assert len({tuple(row) for row in warp.tint.round(4).tolist()}) == len(ZONES)
    assert len(Woven(BOX).loom(0).key) == 0, "nothing is strung unless a piece says so"
    assert woven.loom(30).at.tobytes() == loom().loom(30).at.tobytes()
    about = woven.about()
    assert about[:, 1].min() > 0.0
    assert len(Woven(BOX).about()) == 0


def test_the_knot_shines_as_it_is_told() -> None:
    dark, lit = (loom(nexus=value).loom(90) for value in (0.0, 2.0))
    gained = (lit.glow - dark.glow).reshape(60, -1).mean(0)
    assert gained.argmax() / (len(gained) - 1) == pytest.approx(KNOT, abs=0.02)
    assert gained[0] == gained[-1] == 0.0
    woven = loom(nexus=2.0)
    woven.place(0, thread(5))
    woven.step(1, WAYS | {"nexus": 2.0})
    held = Woven(BOX, None, ZONES)
    held.restore(woven.state())
    assert held.forms(200)[0].glow.tobytes() == woven.forms(200)[0].glow.tobytes()


def test_a_thread_about_the_nexus_breathes_and_is_not_pressed_to_the_skin(
    limbs: tuple[Skin, Any, np.ndarray],
) -> None:
    woven = Woven(BOX, limbs[0], ZONES)
    woven.step(0, WAYS)
    woven.place(1, thread(77))
    laid = woven.state()["paths"].copy()
    for k in range(1, 180):
        woven.step(k, WAYS)
    assert woven.state()["paths"].tobytes() == laid.tobytes()
    moved = np.linalg.norm(woven.forms(180)[0].at - woven.forms(120)[0].at, axis=1)
    assert 0.001 < moved.max() < 0.1
