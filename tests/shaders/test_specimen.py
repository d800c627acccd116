"""The look specimen: every param acts, forms land where projection says, nothing grows or is missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scenes import AIR, BODY, CAMERA, ball, whole

from bioart.assets import folder
from bioart.camera import Camera, looking
from bioart.forms import Channel, Curves, Forms, Grid, Points, Text, Volume
from bioart.gpu import glsl
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.looks.specimen import Specimen
from bioart.param import defaults_of, params_of
from bioart.spectrum import Emitter


@pytest.fixture(scope="module")
def drawn(ctx: Any) -> Iterator[Any]:
    """Draw forms with params over the defaults; the radiance as (height, width, 4), first row lowest."""
    scene, look = Scene(ctx), Specimen(ctx, "draft")
    view = View(ctx, 96, 96)

    def draw(forms: Forms, camera: Camera = CAMERA, t: float = 1.0, **over: float) -> np.ndarray:
        p = {**defaults_of(Specimen), **over}
        scene.upload(forms)
        look.prepare(scene, p, t)
        look.draw(scene, camera, view, p, t)
        return np.frombuffer(view.radiance.read(), np.float16).reshape(96, 96, 4).astype(np.float32)

    draw.look, draw.scene = look, scene  # type: ignore[attr-defined]
    yield draw
    view.close()
    look.close()
    scene.close()


def at_pixel(camera: Camera, place: tuple[float, float, float], size: int = 96) -> np.ndarray:
    clip = camera.projection() @ camera.view() @ np.array([*place, 1.0])
    return (clip[:2] / clip[3] * 0.5 + 0.5) * size


@pytest.mark.parametrize("name", sorted(params_of(Specimen)))
def test_every_param_is_heard(drawn: Any, name: str) -> None:
    param = params_of(Specimen)[name]
    forms, quiet = whole(), {"reflection": 1.0, "rim": 1.0}
    before = drawn(forms, **quiet)
    other = param.low if abs(param.low - param.default) > abs(param.high - param.default) else param.high
    after = drawn(forms, **{**quiet, name: other})
    assert np.isfinite(after).all()
    assert np.abs(after - before).max() > 2e-3, f"look.{name} does nothing"


def test_params_are_uniforms_or_read_once_a_frame(drawn: Any) -> None:
    """Of the params, these shape what `prepare` works out; every other one is an active uniform."""
    look = drawn.look
    programs = (
        look.march,
        *look.bodies.values(),
        *look.edges.values(),
        *look.air_passes.values(),
        look.join,
        *look.shapes.programs.values(),
    )
    uniforms = {name for p in programs for name in p if not name.startswith("gl_")}
    assert set(params_of(Specimen)) - uniforms == {
        *("warmth", "key_turn", "key_height"),
        *("rim_warmth", "rim_turn", "rim_height"),
    }


@pytest.mark.parametrize("tangent", [-0.25, 0.3])
@pytest.mark.parametrize("cell", [(3, 5, 18), (19, 20, 4)])
def test_a_lit_voxel_appears_where_the_projection_says(drawn: Any, tangent: float, cell: Any) -> None:
    """One block of flesh off all symmetry: a wrong order of axes or an unsheared ray moves it far."""
    solid = np.zeros(BODY.shape, np.float32)
    x, y, z = cell
    solid[x : x + 2, y : y + 2, z : z + 2] = 1
    forms = Forms(
        Volume((Channel("solid", BODY, solid), Channel("light0", BODY, solid)), (Emitter("light0", 490, 30),))
    )
    camera = CAMERA.shifted(tangent)
    picture = drawn(forms, camera, detail=0.0, haze=0.0, smog=0.0, reflection=0.0)
    rows, columns = np.nonzero(picture[..., 3] > 0.5)
    middle = tuple(BODY.origin[i] + (cell[i] + 1) * BODY.cell for i in range(3))
    assert len(rows) >= 4
    assert np.allclose([columns.mean() + 0.5, rows.mean() + 0.5], at_pixel(camera, middle), atol=1.0)


def test_a_mote_a_strand_and_words_appear_where_the_projection_says(drawn: Any) -> None:
    place = (0.4, 1.3, 0.2)
    a, one = np.array([place], np.float32), np.ones(1, np.float32)
    around = np.array([[-0.15, 0, 0], [0, 0, 0], [0.15, 0, 0]], np.float32) + a
    mote = Points("m", a, 0.03 * one, np.ones((1, 3), np.float32), one, np.zeros(1, np.int64))
    strand = Curves(
        "s", around, np.array([0, 3]), np.full(3, 0.03, np.float32), np.ones((1, 3), np.float32),
        np.ones(3, np.float32), np.zeros(1, np.int64),
    )  # fmt: skip
    for forms in (
        Forms(points=(mote,)),
        Forms(curves=(strand,)),
        Forms(texts=(Text(1, "oxo", place, 0.2, (1, 1, 1), 1.0),)),
    ):
        for camera in (CAMERA, CAMERA.shifted(0.3)):
            light = drawn(forms, camera)[..., :3].sum(-1)
            y, x = np.mgrid[:96, :96] + 0.5
            middle = np.array([(light * x).sum(), (light * y).sum()]) / light.sum()
            assert light.max() > 0.1
            assert np.allclose(middle, at_pixel(camera, place), atol=1.6)


def test_flesh_hides_what_is_behind_it(drawn: Any) -> None:
    behind = np.array(CAMERA.target) + 1.5 * np.array(CAMERA.forward)
    mote = Points(
        "m", behind[None].astype(np.float32), np.full(1, 0.05, np.float32), np.ones((1, 3), np.float32),
        np.full(1, 50, np.float32), np.zeros(1, np.int64),
    )  # fmt: skip
    body = Forms(Volume((Channel("solid", BODY, ball(0.7, (0.0, 1.0, 0.0))),)))
    assert np.array_equal(drawn(body + Forms(points=(mote,))), drawn(body))
    assert not np.array_equal(drawn(Forms(points=(mote,))), drawn(Forms()))


def test_what_was_made_is_smooth_and_so_is_flesh_without_cups(drawn: Any) -> None:
    """Light's unevenness from pixel to pixel, against its mean, on either side of a ball of which one half
    was made: relief and polyps are on the grown half alone, and without cups on neither."""
    x = BODY.origin[0] + (np.arange(BODY.shape[0]) + 0.5) * BODY.cell
    half = np.broadcast_to((x > 0.0)[:, None, None], BODY.shape).astype(np.float32)
    solid = ball()
    forms = Forms(
        Volume(
            (Channel("solid", BODY, solid), Channel("light0", BODY, solid), Channel("synthetic", BODY, half)),
            (Emitter("light0", 490, 30),),
        )
    )

    def unevenness(**over: float) -> list[float]:
        light = drawn(forms, looking((0.0, 1.0, 0.0), 0.0, 0.0, 6.4, 0.3, 1.0), smog=0.0, haze=0.0, **over)
        told = []
        for part in (light[40:56, 34:46, 1], light[40:56, 50:62, 1]):
            told.append(float(np.abs(np.diff(np.diff(part, axis=0), axis=0)).mean() / part.mean()))
        return told

    grown, made = unevenness()
    assert made < 0.4 * grown
    assert unevenness(cups=0.0)[0] < 0.4 * grown


def test_a_second_lamp_where_the_key_light_stands_lights_as_it_does(drawn: Any) -> None:
    """Half the key light and half the second lamp from one side are one; flesh, smog, strands and mirror."""
    one, stands = (
        {"key": 2.0, "reflection": 1.0},
        {"rim_warmth": 4600.0, "rim_turn": 205.0, "rim_height": 52.0},
    )
    alone = drawn(whole(), **one)
    both = drawn(whole(), **{**one, **stands, "key": 1.0, "rim": 1.0})
    assert np.abs(alone - drawn(whole(), **{**one, "key": 1.0})).max() > 0.1
    assert np.allclose(both, alone, rtol=4e-3, atol=4e-3)


def test_a_second_lamp_throws_the_bodys_shadow_through_smog_and_another_way(drawn: Any) -> None:
    """A ball in smog, lit from one side and from the other: what one leaves dark the other lights."""
    body = (
        Channel("solid", BODY, ball(0.5, (0.0, 1.0, 0.0))),
        Channel("smog", AIR, np.ones(AIR.shape, np.float32)),
    )
    quiet = {"key": 0.0, "fill": 0.0, "reflection": 0.0, "rim": 2.0, "rim_height": 10.0, "wisps": 0.0}
    turn = float(np.degrees(np.arctan2(CAMERA.right[0], CAMERA.right[2]))) % 360.0
    right = drawn(Forms(Volume(body)), rim_turn=turn, **quiet)[40:56, :, :3].sum((0, 2))
    left = drawn(Forms(Volume(body)), rim_turn=(turn + 180.0) % 360.0, **quiet)[40:56, :, :3].sum((0, 2))
    assert right[66:80].mean() > 1.3 * left[66:80].mean()
    assert left[16:30].mean() > 1.3 * right[16:30].mean()


@pytest.mark.parametrize("quality", ["draft", "live", "final"])
def test_strands_before_flesh_cross_its_edge_and_those_behind_it_do_not_shine_through(
    ctx: Any, quality: str
) -> None:
    """A broad bright strand from side to side, before a ball and behind it."""
    body = Forms(Volume((Channel("solid", BODY, ball(0.6, (0.0, 1.0, 0.0))),)))
    right, forward = np.array(CAMERA.right), np.array(CAMERA.forward)

    def strand(off: float) -> Forms:
        along = np.array(CAMERA.target) + off * forward + np.linspace(-1, 1, 9)[:, None] * right
        return Forms(
            curves=(
                Curves("s", along.astype(np.float32), np.array([0, 9]), np.full(9, 0.06, np.float32),
                       np.ones((1, 3), np.float32), np.full(9, 3, np.float32), np.zeros(1, np.int64)),
            )
        )  # fmt: skip

    scene, look, view = Scene(ctx), Specimen(ctx, quality), View(ctx, 96, 96)
    p = {**defaults_of(Specimen), "haze": 0.0, "reflection": 0.0, "detail": 0.0}

    def row(forms: Forms) -> np.ndarray:
        scene.upload(forms)
        look.prepare(scene, p, 1.0)
        look.draw(scene, CAMERA, view, p, 1.0)
        rows = np.frombuffer(view.radiance.read(), np.float16).reshape(96, 96, 4)[46:50]
        return rows.astype(np.float32).mean(0)

    alone, before, behind, bare = (
        row(strand(-1.2)),
        row(body + strand(-1.2)),
        row(body + strand(1.2)),
        row(body),
    )
    light, drawn = alone[:, 0], alone[:, 0] > 0.5 * alone[:, 0].max()
    assert before[drawn, 0].min() > 0.7 * light[drawn].min()  # no dark seam where it passes the edge
    inside = np.convolve(bare[:, 3] > 0.99, np.ones(5), "same") == 5
    assert inside.sum() > 10
    assert np.allclose(behind[inside], bare[inside], atol=1e-3)
    for thing in (view, look, scene):
        thing.close()


def test_nothing_is_black_and_hides_nothing(drawn: Any) -> None:
    assert drawn(Forms(), haze=0.0).max() == 0.0
    assert drawn(Forms())[..., 3].max() < 0.1  # clean air has its haze, a faint one


@pytest.mark.parametrize(
    "absent", ["solid", "tip", "network", "age", "light0", "smog", "spores", "spill", "flash"]
)
def test_an_absent_channel_reads_zero(drawn: Any, absent: str) -> None:
    full = whole()
    kept = tuple(c for c in full.volume.channels if c.name != absent)
    zeros = tuple(
        replace(c, values=np.zeros_like(c.values)) if c.name == absent else c for c in full.volume.channels
    )
    without = drawn(replace(full, volume=replace(full.volume, channels=kept)))
    assert np.isfinite(without).all()
    assert np.array_equal(without, drawn(replace(full, volume=replace(full.volume, channels=zeros))))
    assert not np.array_equal(without, drawn(full))


def test_smog_hides_the_body_and_turns_its_light_brown(drawn: Any) -> None:
    def air(share: float) -> np.ndarray:
        body = (*whole().volume.channels[:6], Channel("smog", AIR, np.full(AIR.shape, share, np.float32)))
        picture = drawn(Forms(Volume(body, whole().volume.emitters)), key=0.0, fill=0.0)
        return picture[30:50, 40:56, :3].mean((0, 1))

    clean, thick = air(0.0), air(1.0)
    assert thick.sum() < 0.6 * clean.sum()
    assert thick[2] / thick[0] < 0.7 * clean[2] / clean[0]


@pytest.mark.parametrize("quality", ["draft", "live", "final"])
def test_nothing_is_allocated_after_the_first_frame(ctx: Any, alive: Any, quality: str) -> None:
    scene, look = Scene(ctx), Specimen(ctx, quality)
    views = [View(ctx, 32, 32), View(ctx, 32, 32)]
    p = defaults_of(Specimen)

    def frame(i: int) -> None:
        scene.upload(whole())
        look.prepare(scene, p, i / 24)
        for view in views:
            look.draw(scene, CAMERA.shifted(0.1 * (i % 3 - 1)), view, p, i / 24)

    held = alive()
    for i in range(2):
        frame(i)
    first = alive()
    for i in range(50 if quality == "draft" else 5):
        frame(i)
    assert alive() == first
    for thing in (*views, look, scene):
        thing.close()
    assert alive() <= held


def test_a_larger_body_replaces_the_textures_of_the_one_before(ctx: Any) -> None:
    scene = Scene(ctx)
    for n in (4, 6, 4):
        grid = Grid((n, n + 1, n + 2), (0, 0, 0), 0.1)
        scene.upload(Forms(Volume((Channel("solid", grid, np.full(grid.shape, 0.5, np.float32)),))))
        assert scene.pack("solid").texture.size == (n + 2, n + 1, n)
    assert len(scene._textures) == 1
    scene.close()


def test_a_grid_is_read_with_z_fastest(ctx: Any) -> None:
    """lib/volume.glsl against NumPy: what is linear in x, y and z comes back, each in its place."""
    grid = Grid((5, 7, 9), (1.0, -2.0, 0.5), 0.25)
    at = [grid.origin[i] + (np.arange(grid.shape[i]) + 0.5) * grid.cell for i in range(3)]
    values = at[0][:, None, None] + 10 * at[1][None, :, None] + 100 * at[2][None, None, :]
    scene = Scene(ctx)
    scene.upload(Forms(Volume((Channel("a", grid, values.astype(np.float32), full=2.0),))))
    pack = scene.pack("missing", "a")
    assert pack.present == (False, True)
    volume = (folder("shaders") / "lib/volume.glsl").read_text(encoding="utf-8")
    prog = ctx.program(
        vertex_shader="#version 410 core\n" + glsl.FULL_SCREEN,
        fragment_shader="#version 410 core\n"
        + volume
        + "uniform sampler3D v; uniform vec3 p, o, s; out vec4 c;"
        + "void main() { c = texture(v, in_box(p, o, s)); }",
    )
    out = ctx.framebuffer([ctx.texture((1, 1), 4, dtype="f4")])
    out.use()
    pack.texture.use(0)
    for place in ((1.3, -1.2, 1.1), (1.9, -0.6, 2.2), (1.2, -1.7, 0.8)):
        glsl.put(prog, v=0, p=place, o=grid.origin, s=grid.size)
        ctx.vertex_array(prog, []).render(vertices=3)
        got = np.frombuffer(out.color_attachments[0].read(), np.float32)
        assert got[0] == 0.0
        assert got[1] == pytest.approx((place[0] + 10 * place[1] + 100 * place[2]) / 2, rel=1e-3)
    scene.close()


def test_a_channel_of_another_grid_is_read_at_the_packs_own_cells(ctx: Any) -> None:
    """As a take may have it: smog, even in its coarse air, is as even on the body's cells."""
    scene = Scene(ctx)
    scene.upload(whole())
    pack = scene.pack("solid", "smog")
    values = np.frombuffer(pack.texture.read(), np.float32).reshape(*BODY.shape, 2)
    assert pack.grid == BODY
    assert np.array_equal(values[..., 0], ball())
    assert values[:, 4:, :, 1] == pytest.approx(0.25, abs=1e-6)  # below, the air ends
    scene.close()
