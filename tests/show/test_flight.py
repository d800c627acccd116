"""The camera's paths, hand and framing, by number: smooth, closed where told, the same for a seed."""

from __future__ import annotations

import json
import math
from dataclasses import astuple
from fractions import Fraction

import numpy as np
import pytest

from bioart.camera import looking
from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.preset import Preset
from bioart.score import Score, flight, framing, handheld
from bioart.score.framing import Figure, framed, measured
from bioart.score.spline import Spline
from tests.show.presets import TEXT, piece, small_house
from tests.show.test_score import Run

RATE = 30
ORBIT = "    camera: {kind: orbit, turns: 0.25, pitch: 10}\n"
PATH = "{yaw: 10, pitch: 4, frame: 0.6}, {yaw: 130, pitch: 20, frame: 0.5}, {yaw: 250, pitch: 2, frame: 0.7}"


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    small_house(monkeypatch)


def pathed(through: str, more: str = "") -> Preset:
    """The small piece, its first act of 10 s on a path."""
    return piece(TEXT.replace(ORBIT, f"    camera: {{kind: path, through: [{through}]{more}}}\n"))


def track(score: Score, seconds: float, fps: int = 240) -> np.ndarray:
    return np.array([astuple(score.pose(Fraction(n, fps))) for n in range(round(seconds * fps))])


# -- splines -----------------------------------------------------------------------------------------


def kinks(spline: Spline, at: float, h: float = 1e-4) -> list[float]:
    """By how much place, speed and change of speed differ before and after a time."""
    after = [spline.at(at + k * h) for k in range(4)]
    before = [spline.at(at - k * h) for k in range(4)]
    speed = [(-3 * y[0] + 4 * y[1] - y[2]) / (2 * h) for y in (after, before)]
    bend = [(2 * y[0] - 5 * y[1] + 4 * y[2] - y[3]) / (h * h) for y in (after, before)]
    return [after[0] - before[0], speed[0] + speed[1], bend[0] - bend[1]]


def test_a_spline_goes_through_its_places_without_a_corner() -> None:
    times, values = [0.0, 1.0, 2.5, 3.0, 6.0], [2.0, -1.0, 4.0, 4.5, 0.0]
    spline = Spline(times, values)
    assert [spline.at(t) for t in times] == pytest.approx(values)
    for t in times[1:-1]:
        assert np.abs(kinks(spline, t)).max() < 1e-2  # of some 20/s²
    assert spline.at(1e-4) == pytest.approx(2.0, abs=1e-6)  # from rest
    assert spline.at(6.0 - 1e-4) == pytest.approx(0.0, abs=1e-6)  # to rest
    assert spline.at(50.0) == 0.0


def test_a_closed_spline_meets_itself_and_may_wind() -> None:
    spline = Spline([0.0, 1.0, 2.5], [0.0, 130.0, 240.0], lap=4.0, wind=360.0)
    for t in (0.0, 1.0, 2.5, 4.0, 8.0):
        assert np.abs(kinks(spline, 4.0 + t)).max() < 2e-2  # of some 300°/s²
    for t in np.arange(0, 4, 0.3):
        assert spline.at(t + 8.0) == pytest.approx(spline.at(t) + 720.0)


# -- paths -------------------------------------------------------------------------------------------


def test_a_path_is_at_its_places_when_it_says() -> None:
    p = pathed(
        "{yaw: 10, pitch: 4, distance: 14, height: 2}, {yaw: 90, pitch: 8, distance: 12, height: 3, at: 3 s},"
        "{yaw: 80, pitch: 2, distance: 10, height: 2}, {yaw: 60, pitch: 0, distance: 9, height: 2, at: 9 s}"
    )
    score = Score(p)
    told = [(0, 10, 4, 14, 2), (3, 90, 8, 12, 3), (6, 80, 2, 10, 2), (9, 60, 0, 9, 2), (9.9, 60, 0, 9, 2)]
    for t, *place in told:
        pose = score.pose(Fraction(str(t)))
        assert [pose.yaw, pose.pitch, pose.distance, pose.height] == pytest.approx(place)
    bend = np.diff(track(score, 10), 2, axis=0) * 240**2
    jerk = np.abs(np.diff(bend, axis=0)).max(axis=0)
    assert jerk[0] < 0.02 * 240  # °/s² from one 240th to the next: no step in the change of speed
    assert jerk[2] < 0.001 * 240


@pytest.mark.parametrize(("way", "end"), [("short", -20), ("right", 340), ("left", -20)])
def test_yaw_goes_the_short_way_unless_told(way: str, end: float) -> None:
    p = pathed(f"{{yaw: 30}}, {{yaw: 340, way: {way}}}")
    assert Score(p).pose(Fraction(999, 100)).yaw == pytest.approx(end, abs=0.1)


def test_a_closed_path_comes_round_in_place_and_speed() -> None:
    score = Score(pathed(PATH, ", loop: true"))
    for k in range(25 * RATE):
        score.pose(Fraction(k, RATE))
    act = score.acts[0]
    figure = Figure.of_plan(score.preset.world)
    ways = np.array([astuple(flight.way(act, figure, 10.0, n / 200)) for n in range(5000)])
    ways[:, 0] -= 36.0 * np.arange(5000) / 200  # it winds once in 10 s
    assert np.abs(ways[2000:4000] - ways[:2000]).max() < 1e-6
    speed = np.diff(ways, axis=0)
    assert (
        np.abs(np.diff(speed, axis=0)).max(axis=0)[2] < 3e-4
    )  # m in (5 ms)², over both seams: less than 0.1 m/s of a jump
    assert ways[:, 2].max() - ways[:, 2].min() > 3  # it does come near and go far


def test_a_loop_goes_once_round_a_closed_path_and_sways_elsewhere() -> None:
    for p, least in ((pathed(PATH, ", loop: true"), 100.0), (pathed(PATH), 8.0), (piece(), 8.0)):
        lap = Score(p).lap(Fraction(3), 6.0)
        yaws = np.unwrap([math.atan2(*np.array(lap(n / 300).forward)[[0, 2]]) for n in range(301)])
        assert np.degrees(yaws.max() - yaws.min()) > least
        first, last = lap(0.0), lap(1.0)
        assert np.abs(np.array(first.eye) - last.eye).max() < 1e-9
        ahead = np.array(lap(1e-4).eye) - first.eye
        behind = np.array(last.eye) - lap(1.0 - 1e-4).eye
        assert np.abs(ahead - behind).max() < 0.02 * np.abs(ahead).max()  # the same speed over the seam


def test_a_path_is_entered_and_left_without_a_jolt() -> None:
    text = TEXT.replace(ORBIT, "    camera: {kind: orbit, turns: 0.5}\n").replace(
        "camera: {kind: dolly, distance: 16, to_distance: 12}",
        f"camera: {{kind: path, through: [{PATH}], loop: true}}",
    )
    run = Run(piece(text))
    found = []
    for n in range(36 * 60):
        t = Fraction(n, 60)
        while run.k <= t * RATE:
            run.step()
        found.append(astuple(run.score.pose(t)))
    jolt = np.abs(np.diff(found, 2, axis=0)).max(axis=0) * 3600
    assert jolt[0] < 80  # °/s²
    assert jolt[2] < 6  # m/s²
    again = Run(piece(text))
    again.score.restore(json.loads(json.dumps(run.score.state())))
    assert again.score.pose(Fraction(36)) == run.score.pose(Fraction(36))


WRONG = [
    ("{yaw: 1}", "", r"'through' has 1 places; allowed: 2 to 24"),
    ("{yaw: 1}, {yow: 2}", "", r"x\.yaml:\d+:\d+: no key 'yow' in place 2 of .*; did you mean 'yaw'\?"),
    ("{yaw: 1}, {yaw: 2, pitch: 3}", "", r"place 1 .* lacks 'pitch', which place 2 .* tells; allowed: in"),
    ("{yaw: 1, pitch: 3}, {yaw: 2}", "", r"place 2 .* lacks 'pitch', which place 1 .* tells"),
    ("{yaw: 1}, {yaw: 2}", ", yaw: 4", r"'yaw' stands for the whole path already"),
    ("{distance: 9}, {distance: 8}", ", frame: 0.5", r"place 1 .* tells a distance and a frame"),
    ("{distance: 9, frame: 0.5}, {distance: 8, frame: 0.5}", "", r"'frame' beside 'distance'; allowed: one"),
    ("{frame: 0.5}, {frame: 0.9}", "", r"'frame': 0.9 is outside its range; allowed: 0.45 to 0.75"),
    ("{yaw: 1, at: 2 s}, {yaw: 2}", "", r"the first place has its time at 0 s"),
    ("{yaw: 1}, {yaw: 2, at: 11 s}", "", r"'at' is '11 s'; allowed: 0 s to 10 s"),
    ("{yaw: 1}, {yaw: 2, at: 3 s}, {yaw: 2, at: 2 s}", "", r"place 3 .* comes -1 s after .*; allowed: 0.5 s"),
    ("{yaw: 1}, {yaw: 2, at: 10 s}", ", loop: true", r"comes 0 s after the one before it"),
    ("{yaw: 1}, {yaw: 2, way: log}", "", r"no 'way' 'log'; allowed: left, right, short"),
    ("{pitch: 1}, {pitch: 2, way: left}", "", r"place 1 .* lacks 'yaw', which 'way' is about"),
    ("{yaw: 1}, {yaw: 2}", ", loop: yes", r"'loop' is 'yes'; allowed: true or false"),
    ("{yaw: 1}, {yaw: 2}", ", turns: 2", r"no key 'turns' in the path camera of act 'garden'"),
]  # fmt: skip


@pytest.mark.parametrize(("through", "more", "told"), WRONG)
def test_a_path_is_read_strictly(through: str, more: str, told: str) -> None:
    with pytest.raises(BioartError, match=told):
        pathed(through, more)


# -- framing -----------------------------------------------------------------------------------------

TREE = Figure(0.1, -0.2, 0.0, 5.0, 2.0, (0.3, 0.3, 0.5, 1.2, 1.8, 2.0, 1.5, 0.6))


def outline(figure: Figure, pitch: float, fov: float, share: float) -> tuple[float, float]:
    distance, aim = framed(figure, pitch, fov, share)
    camera = looking((0, aim, 0), 0.0, math.radians(pitch), distance, math.radians(fov), 1.0)
    rings = [(r * s, y, r * c) for y, r in figure.edge() for s, c in ((0, 1), (0, -1), (1, 0), (-1, 0))]
    clip = [camera.projection() @ camera.view() @ np.array([*at, 1.0]) for at in rings]
    heights = [at[1] / at[3] for at in clip]
    return min(heights), max(heights)


@pytest.mark.parametrize("pitch", [-30.0, 0.0, 8.0, 60.0])
@pytest.mark.parametrize("fov", [14.0, 32.0, 70.0])
@pytest.mark.parametrize("share", [0.45, 0.62, 0.75])
def test_a_figure_fills_its_share_and_stands_in_the_middle(pitch: float, fov: float, share: float) -> None:
    low, high = outline(TREE, pitch, fov, share)
    assert (high - low) / 2 == pytest.approx(share, rel=0.05)
    assert (high - low) / 2 <= share + 1e-9  # never more than it may have
    assert high + low == pytest.approx(0.0, abs=0.05)


def test_a_body_is_measured_by_its_cells() -> None:
    grid = Grid((20, 30, 20), (-1.0, 0.0, -1.0), 0.1)
    solid = np.zeros(grid.shape, np.float32)
    assert measured(solid, grid) is None
    solid[10:14, 2:22, 6:10] = 1.0
    solid[8:16, 18:22, 4:12] = 0.6
    solid[0, 0, 0] = 0.5  # no more than half
    found = measured(solid, grid)
    assert found is not None
    assert (found.x, found.z, found.low, found.high) == pytest.approx((0.2, -0.2, 0.2, 2.2))
    assert found.reach == pytest.approx(0.4 * math.sqrt(2))
    assert found.reaches[0] == pytest.approx(0.05 + 0.15 * (1 + math.sqrt(2)) / 2)  # sides and corners
    assert found.reaches[-1] == pytest.approx(0.05 + 0.35 * (1 + math.sqrt(2)) / 2)


@pytest.mark.parametrize(
    ("later", "settles", "fastest"), [(3.0, 3.0, 2.0), (1.4, 5.0, 0.3), (2.05, 5.0, 0.05)]
)
def test_framing_follows_the_body_softly(later: float, settles: float, fastest: float) -> None:
    """At once where it is seen first, soon where it outgrows the picture, slowly where a branch has gone."""
    seen = framing.Framing(TREE, RATE)
    assert seen.due(7)
    figures = [Figure(0.0, 0.0, 0.0, high, 0.5, (0.5,) * 8) for high in (2.0, later)]
    seen.see(0, figures[0])
    assert seen.at(0.0) == figures[0]
    highs = []
    for k in range(1, 20 * RATE):
        assert seen.due(k) == (k % 6 == 0)
        seen.see(k, figures[1] if k == RATE else None)
        highs.append(seen.at(k / RATE).high)
    assert highs[RATE - 1] == pytest.approx(2.0)
    assert highs[round((1 + settles) * RATE)] == pytest.approx(later, abs=0.06 * abs(later - 2.0) + 0.01)
    assert highs[-1] == pytest.approx(later, abs=1e-3)
    beyond = max(highs) - max(2.0, later), min(2.0, later) - min(highs)
    assert max(beyond) < 0.02 * abs(later - 2.0)  # it does not swing
    assert np.abs(np.diff(highs)).max() * RATE < fastest  # m/s
    assert np.abs(np.diff(highs, 2)).max() * RATE < fastest  # in a second it could not even reach that
    other = framing.Framing(TREE, RATE)
    other.restore(json.loads(json.dumps(seen.state())))
    for k in range(20 * RATE, 22 * RATE):
        seen.see(k, None)
        other.see(k, None)
    assert other.state() == seen.state()
    halves = [seen.at(22.0 - n / 60) for n in range(5)]
    assert all(isinstance(f, Figure) for f in halves)


def test_a_narrow_picture_is_seen_from_farther_until_the_body_fits() -> None:
    score = Score(piece())
    score.see(0, Figure(0.0, 0.0, 0.0, 2.0, 0.7, (0.7,) * 8))
    camera = score.camera(0)
    wide, square, tall = (camera.shaped(a) for a in (16 / 9, 1.0, 9 / 16))
    assert wide.distance == pytest.approx(camera.distance, rel=1e-4)
    assert square.distance == pytest.approx(camera.distance, rel=5e-3)
    assert tall.distance > square.distance
    for shaped in (wide, square, tall):
        flank = shaped.distance * 0.7 / math.sqrt(shaped.distance**2 - 0.7**2)
        assert flank < shaped.half_height * shaped.aspect
        assert shaped.shaped(shaped.aspect) == shaped  # done once
        assert 2.0 / (2 * shaped.half_height) > 0.42
    squat = Score(piece())
    squat.see(0, Figure(0.0, 0.0, 0.0, 1.0, 2.0, (2.0,) * 8))
    tall = squat.camera(0).shaped(0.3)  # both cannot be: the height wins
    height = squat.pose(0).height
    assert tall.distance == pytest.approx(framed(squat._figure(0), 10.0, 32.0, flight.FLOOR, height)[0])


def test_a_told_distance_is_kept_in_every_picture() -> None:
    text = TEXT.replace(ORBIT, "    camera: {kind: orbit, turns: 0.25, distance: 9, height: 2}\n")
    camera = Score(piece(text)).camera(0)
    assert camera.distance == camera.shaped(0.3).distance == 9.0


# -- a hand ------------------------------------------------------------------------------------------

CAMERA = looking((0.0, 2.0, 0.0), 0.3, 0.1, 12.0, 0.5, 1.5)


def moved(t: float, seed: int = 3, lap: float | None = None, hand: float = 1.0) -> np.ndarray:
    """m along the camera's axes, then ° of aim."""
    held = handheld.held(CAMERA, hand, seed, t, lap)
    axes = np.array([CAMERA.right, CAMERA.up, CAMERA.forward])
    step = axes @ (np.array(held.eye) - CAMERA.eye)
    aim = axes @ np.array(held.forward)
    roll = np.array(held.up) @ np.array(CAMERA.right)
    return np.array([*step, *np.degrees([math.atan2(aim[0], aim[2]), math.asin(aim[1]), math.asin(roll)])])


def test_a_hand_moves_as_far_as_it_says_and_slowly() -> None:
    way = np.array([moved(n / 20) for n in range(4096)])
    assert np.abs(way[:, :3]).max() < 0.03
    assert np.abs(way[:, 3:]).max() < 0.5
    assert (way.std(axis=0)[:3] > 0.003).all()
    assert (way.std(axis=0)[3:] > 0.05).all()
    power = np.abs(np.fft.rfft(way * np.hanning(4096)[:, None], axis=0)) ** 2
    hz = np.fft.rfftfreq(4096, 1 / 20)
    assert power[hz > 0.75].sum() < 1e-4 * power.sum()
    assert np.abs(np.mean(way, axis=0)[:3]).max() < 0.004


def test_a_hand_is_the_seeds_own_and_none_is_none() -> None:
    assert (moved(7.3) == moved(7.3)).all()
    assert np.abs(moved(7.3) - moved(7.3, seed=4)).max() > 1e-3
    assert handheld.held(CAMERA, 0.0, 3, 7.3) is CAMERA
    half, full = moved(7.3, hand=0.5), moved(7.3)
    assert half == pytest.approx(full / 2, abs=1e-3)
    held = handheld.held(CAMERA, 1.0, 3, 2.2)
    assert np.dot(held.forward, held.up) == pytest.approx(0.0, abs=1e-12)
    assert np.linalg.norm(held.up) == pytest.approx(1.0)


@pytest.mark.parametrize("lap", [1.0, 4.0, 7.5])
def test_a_hand_comes_round_in_a_loop(lap: float) -> None:
    assert moved(lap, lap=lap) == pytest.approx(moved(0.0, lap=lap), abs=1e-9)
    speed = [(moved(t + 1e-4, lap=lap) - moved(t, lap=lap)) * 1e4 for t in (0.0, lap - 1e-4)]
    assert np.abs(speed[0] - speed[1]).max() < 5e-3
