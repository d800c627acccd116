"""The film beside other tone maps, by number.

    python benchmarks/tone.py [--sheet OUT.png --pictures A.npy …]

Each is a GLSL function of linear light and is run on the graphics processor as a picture would be. `film` is
ours (shaders/lib/film.glsl); `inset` is what it was before. All are given light so scaled that middle grey,
0.18, comes out as 0.18; what they make of it unscaled is the column `grey`. Colours: the emitters of living
things (bioart/spectrum.py) and twelve saturated ones around the wheel, their greatest component from 6 EV
below middle grey to 8 EV above.

| column | says |
|---|---|
| hue | Oklab hue error, degrees: mean and worst, emitters then wheel, while chroma is above 0.04 |
| kept | how colourful (Oklab chroma over lightness) emitters still are at +1, +2, +3 EV, of their own: mean |
| pale | EV above middle grey at which half of an emitter's chroma has gone: mean |
| white | share of a cube of colours below the tone map's white that has a channel at 1 |
| crushed | share of that cube with a channel at 0 that was not |
| falls | deepest fall of luminance as light rises |
| deep | slope, d log out / d log in, at 6 EV below middle grey: how far shadows are apart |
| codes | 8-bit sRGB codes in the stops that end at -6, -4, -2, 0, +2, +4 EV |
| cost | time of one picture, of the clamp's, interleaved in this run |

With --sheet, pictures of radiance (height, width, 3 or 4, top row first, already exposed: what
`Studio.radiance` gives) are shown under all of them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.assets import folder
from bioart.develop import curve
from bioart.gpu import context
from bioart.gpu.glsl import FULL_SCREEN, Source
from bioart.spectrum import emitter_rgb

F64 = NDArray[np.float64]
GREY, CONTRAST = 0.18, 1.2
EMITTERS = {  # peak and width, nm
    "dinoflagellates": (474, 35),
    "Vargula": (473, 80),
    "V. fischeri": (490, 80),
    "V. fischeri Y1": (545, 60),
    "firefly": (562, 70),
    "red firefly": (610, 70),
    "fungi": (530, 90),
    "aequorin": (465, 75),
    "GFP": (508, 30),
}
LUMA = np.array([0.2126, 0.7152, 0.0722])

CURVE = """
vec3 naka(vec3 x) {   // the curve of `film`, per channel
    float grey = pow(0.18, 1.2), white = pow(16.0, 1.2);
    float k = 0.82 * grey * white / (0.18 * white - grey);
    x = pow(max(x, 0.0), vec3(1.2));
    return min(x / (x + k) * ((white + k) / white), 1.0);
}
"""
MAPS = {
    "clamp": "return light;",
    # E. Reinhard et al., "Photographic Tone Reproduction for Digital Images", SIGGRAPH 2002, eq. 4, white 16.
    "Reinhard, channels": "return light * (1.0 + light / 256.0) / (1.0 + light);",
    "Reinhard, luminance": """
        float y = dot(light, vec3(0.2126, 0.7152, 0.0722));
        return light * ((1.0 + y / 256.0) / (1.0 + y));""",
    # J. Hable, "Filmic Tonemapping Operators", 2010: A .15 B .50 C .10 D .20 E .02 F .30, white 11.2.
    "Hable": """
        vec4 x = 2.0 * vec4(light, 5.6);
        x = (x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.50) + 0.06) - 0.02 / 0.30;
        return x.rgb / x.a;""",
    # K. Narkowicz, "ACES Filmic Tone Mapping Curve", 2016.
    "ACES, Narkowicz": """
        vec3 x = 0.6 * light;
        return x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14);""",
    # S. Hill's fit of the ACES reference and output transforms (2016).
    "ACES, Hill": """
        const mat3 INTO = mat3(0.59719, 0.07600, 0.02840, 0.35458, 0.90834, 0.13383, 0.04823, 0.01566,
                               0.83777);
        const mat3 BACK = mat3(1.60475, -0.10208, -0.00327, -0.53108, 1.10813, -0.07276, -0.07367, -0.00605,
                               1.07602);
        vec3 x = INTO * light;
        return BACK * ((x * (x + 0.0245786) - 0.000090537) / (x * (0.983729 * x + 0.4329510) + 0.238081));""",
    # T. Sobotka's AgX (2022), as fitted by B. Wrensch (2023): matrices, -12.47 to 4.03 EV, sixth degree.
    "AgX": """
        const mat3 INTO = mat3(0.842479062, 0.042328242, 0.042375655, 0.078433600, 0.878468636, 0.078433600,
                               0.079223745, 0.079166127, 0.879142974);
        const mat3 BACK = mat3(1.196879005, -0.052896852, -0.052971636, -0.098020881, 1.151903130,
                               -0.098043450, -0.099029744, -0.098961177, 1.151073673);
        vec3 x = clamp((log2(max(INTO * light, 1e-10)) + 12.47393) / 16.5, 0.0, 1.0);
        vec3 y = ((((((15.5 * x - 40.14) * x + 31.96) * x - 6.868) * x + 0.4298) * x + 0.1191) * x - 0.00232);
        return pow(max(BACK * y, 0.0), vec3(2.2));""",
    # Khronos, "PBR Neutral Tone Mapper" (2024).
    "PBR Neutral": """
        float least = min(light.r, min(light.g, light.b));
        vec3 c = light - (least < 0.08 ? least - 6.25 * least * least : 0.04);
        float peak = max(c.r, max(c.g, c.b));
        if (peak < 0.76) return c;
        float less = 1.0 - 0.0576 / (peak - 0.52);
        return mix(c * (less / peak), vec3(less), 1.0 - 1.0 / (0.15 * (peak - less) + 1.0));""",
    "channels": "return naka(light);",
    # Hue and saturation kept to the last: only the greatest component goes along the curve.
    "ratio of greatest": """
        float most = max(light.r, max(light.g, light.b));
        return most > 0.0 ? light * (naka(vec3(most)).r / most) : vec3(0.0);""",
    # Our film until it was compared here: the curve on inset primaries, with part of the inset undone after.
    "inset": """
        const mat3 INTO = mat3(0.4385, 0.2955, 0.2805, 0.2990, 0.3765, 0.2825, 0.2625, 0.3280, 0.4370);
        const mat3 BACK = mat3(5.4475, -2.4880, -1.4579, -4.4813, 8.1468, -3.1078, 0.0338, -4.6588, 5.5657);
        return BACK * naka(INTO * light);""",
}
OURS = "film"
HEAD = "#version 410 core\n"
BODY = """
uniform sampler2D radiance;
uniform float scale;
out vec4 picture;
void main() {
    vec3 light = texelFetch(radiance, ivec2(gl_FragCoord.xy), 0).rgb * scale;
    picture = vec4(clamp(%s, 0.0, 1.0), 1.0);
}
"""


class Bench:
    """One program a tone map, one context."""

    def __init__(self, ctx: Any) -> None:
        self.ctx = ctx
        self.programs: dict[str, Any] = {}
        self.scales: dict[str, float] = {}
        self.greys: dict[str, float] = {}
        film = Source(folder("shaders"), "lib/film.glsl").text.removeprefix("#version 410 core\n")
        for name in (*MAPS, OURS):
            knee, top = curve(CONTRAST)
            call = f"film(light, {CONTRAST}, {knee}, {top})" if name == OURS else "other(light)"
            other = "vec3 other(vec3 light) {" + MAPS.get(name, "return light;") + "}\n"
            text = HEAD + film + CURVE + other + BODY % call
            self.programs[name] = ctx.program(
                vertex_shader=f"#version 410 core\n{FULL_SCREEN}", fragment_shader=text
            )
        self.quads = {n: ctx.vertex_array(p, []) for n, p in self.programs.items()}
        for name in self.programs:
            self.scales[name] = 1.0
            self.greys[name] = float(self.run(name, np.full((1, 3), GREY))[0, 1])
            low, high = 1 / 64, 64.0
            for _ in range(40):
                self.scales[name] = (low * high) ** 0.5
                dark = self.run(name, np.full((1, 3), GREY))[0, 1] < GREY
                low, high = (self.scales[name], high) if dark else (low, self.scales[name])

    def run(self, name: str, light: Any) -> F64:
        """light: (..., 3) → display light of that shape."""
        flat = np.asarray(light, np.float64).reshape(-1, 3)
        width = min(len(flat), 4096)
        rows = -(-len(flat) // width)
        padded = np.zeros((rows * width, 4), np.float32)
        padded[: len(flat), :3] = flat
        source = self.ctx.texture((width, rows), 4, padded.tobytes(), dtype="f4")
        target = self.ctx.framebuffer([self.ctx.texture((width, rows), 4, dtype="f4")])
        self.draw(name, source, target)
        out = np.frombuffer(target.color_attachments[0].read(), np.float32).reshape(-1, 4)
        for held in (source, target.color_attachments[0], target):
            held.release()
        return out[: len(flat), :3].reshape(np.shape(light)).astype(np.float64)

    def draw(self, name: str, source: Any, target: Any) -> None:
        source.use(0)
        self.programs[name]["scale"] = self.scales[name]
        target.use()
        self.quads[name].render(vertices=3)


def oklab(c: F64) -> F64:
    """Linear sRGB to Oklab (B. Ottosson, "A perceptual color space for image processing", 2020)."""
    lms = c @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    return np.asarray(
        np.cbrt(lms)
        @ np.array(
            [
                [0.2104542553, 1.9779984951, 0.0259040371],
                [0.7936177850, -2.4285922050, 0.7827717662],
                [-0.0040720468, 0.4505937099, -0.8086757660],
            ]
        )
    )


def code(light: F64) -> F64:
    high = 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    return np.asarray(255 * np.where(light < 0.0031308, 12.92 * light, high))


def measure(bench: Bench, name: str) -> dict[str, Any]:
    ev = np.arange(-6, 8.01, 0.125)
    emitters = np.array([emitter_rgb(float(p), float(w)) for p, w in EMITTERS.values()])
    wheel = np.array([_wheel(h / 12) for h in range(12)])
    out: dict[str, Any] = {"grey": bench.greys[name]}
    falls = 0.0
    for kind, colours in (("emitters", emitters), ("wheel", wheel)):
        got = bench.run(name, GREY * 2.0 ** ev[:, None, None] * colours)
        lab, own = oklab(got), oklab(colours)
        chroma, whole = np.hypot(lab[..., 1], lab[..., 2]), np.hypot(own[:, 1], own[:, 2])
        turn = np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(own[:, 2], own[:, 1])
        error = np.abs(np.degrees(np.angle(np.exp(1j * turn))))
        error = error[chroma > 0.04]
        out[f"hue {kind}"] = (float(error.mean()), float(error.max()))
        falls = max(falls, float(-np.diff(got @ LUMA, axis=0).min()))
        if kind == "emitters":
            left = chroma / np.maximum(lab[..., 0], 1e-6) / (whole / own[:, 0])
            out["kept"] = [float(left[np.nonzero(ev == e)[0][0]].mean()) for e in (1, 2, 3)]
            held = [ev[np.nonzero(left[:, k] > 0.5)[0].max()] for k in range(len(colours))]
            out["pale"] = float(np.mean(held))
    out["falls"] = falls
    side = np.linspace(0, 1, 33)
    cube = np.stack(np.meshgrid(side, side, side, indexing="ij"), -1).reshape(-1, 3)
    cube = cube[(cube > 0).any(1)]
    white, crushed, n = 0, 0, 0
    most = _white(bench, name)
    for part in 2.0 ** np.arange(-10, 0.01, 0.5) * 0.999:
        light = cube * most * part
        got = bench.run(name, light)
        white += int((got >= 1.0).any(1).sum())
        crushed += int(((got <= 0.0) & (light > 0)).any(1).sum())
        n += len(cube)
    out["white"], out["crushed"] = white / n, crushed / n
    grey = bench.run(name, (GREY * 2.0 ** np.array([-6.05, -5.95]))[:, None] * np.ones(3))[:, 1]
    out["deep"] = float(np.log2(max(grey[1], 1e-12) / max(grey[0], 1e-12)) / 0.1)
    ends = np.array([-6, -4, -2, 0, 2, 4.0])
    codes = code(
        bench.run(name, (GREY * 2.0 ** np.stack([ends - 1, ends], 1))[..., None] * np.ones(3))[..., 1]
    )
    out["codes"] = [round(float(c), 1) for c in codes[:, 1] - codes[:, 0]]
    return out


def _wheel(turn: float) -> tuple[float, float, float]:
    """A saturated colour: hue 0–1 around the sRGB wheel, 2 % of the greatest in the least."""
    r, g, b = (min(max(abs((6 * turn - s) % 6 - 3) - 1, 0.02), 1.0) for s in (0, 2, 4))
    return r, g, b


def _white(bench: Bench, name: str) -> float:
    """The least grey light that is shown as white, at most 16 (before scaling)."""
    steps = np.geomspace(0.25, 16.0, 1024)
    got = bench.run(name, steps[:, None] * np.ones(3))[:, 1]
    reached = np.nonzero(got >= 1.0 - 1e-6)[0]
    return float(steps[reached[0]] if len(reached) else 16.0)


def cost(bench: Bench, size: tuple[int, int] = (1280, 720), rounds: int = 9) -> dict[str, float]:
    light = np.random.default_rng(1).gamma(0.3, 0.5, (size[1], size[0], 4)).astype(np.float16)
    source = bench.ctx.texture(size, 4, light.tobytes(), dtype="f2")
    target = bench.ctx.framebuffer([bench.ctx.texture(size, 4, dtype="f2")])
    spent: dict[str, list[float]] = {n: [] for n in bench.programs}
    for _ in range(rounds):
        for name in bench.programs:
            bench.draw(name, source, target)
            bench.ctx.finish()
            begun = time.perf_counter()
            for _ in range(3):
                bench.draw(name, source, target)
            bench.ctx.finish()
            spent[name].append(time.perf_counter() - begun)
    first = statistics.median(spent["clamp"])
    return {n: statistics.median(s) / first for n, s in spent.items()}


def sheet(bench: Bench, pictures: list[Path], out: Path) -> None:
    """Each picture under all tone maps, four abreast."""
    from PIL import Image, ImageDraw

    tiles = []
    for path in pictures:
        light = np.load(path).astype(np.float64)[..., :3]
        for name in bench.programs:
            shown = np.rint(code(bench.run(name, light))).astype(np.uint8)
            tile = Image.fromarray(shown)
            ImageDraw.Draw(tile).text((6, 4), name, fill=(200, 200, 200))
            tiles.append(tile)
    across = 4
    width, height = tiles[0].size
    made = Image.new("RGB", (across * width, -(-len(tiles) // across) * height))
    for i, tile in enumerate(tiles):
        made.paste(tile, (i % across * width, i // across * height))
    made.save(out)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sheet", type=Path, help="write a contact sheet here")
    ask.add_argument("--pictures", type=Path, nargs="*", default=[], help="radiance as .npy, exposed")
    told = ask.parse_args()
    ctx = context.headless()
    bench = Bench(ctx)
    if told.sheet:
        sheet(bench, told.pictures, told.sheet)
        return 0
    costs = cost(bench)
    print(
        f"{'':20} {'grey':>5} {'hue, emitters':>14} {'hue, wheel':>13} {'kept':>14} {'pale':>5} {'white':>7} "
        f"{'crushed':>7} {'falls':>7} {'deep':>5} {'cost':>5}  codes"
    )
    for name in bench.programs:
        m = measure(bench, name)
        e, w = m["hue emitters"], m["hue wheel"]
        kept = " ".join(f"{k:4.2f}" for k in m["kept"])
        print(
            f"{name:20} {m['grey']:5.3f} {e[0]:6.1f} {e[1]:7.1f} {w[0]:6.1f} {w[1]:6.1f} {kept} "
            f"{m['pale']:5.1f} {100 * m['white']:6.2f}% {100 * m['crushed']:6.2f}% {m['falls']:7.4f} "
            f"{m['deep']:5.2f} {costs[name]:5.2f}  {m['codes']}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
