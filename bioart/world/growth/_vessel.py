"""Kernels of pods that stand: lattice vessels of living wall, what fills them, what runs down them and lies
about them. Shapes are functions of a place, from + − × ÷ and √ alone: the same bits on every machine."""

import taichi as ti

from bioart.world.growth._chance import wave

ROW = 9  # numbers to a pod: x, z, radius, height (cells), level, running (0–1), lean x, lean z, number
RIBS = 9  # about a vessel
ROWS = 6.0  # of windows, one above the other
WALL = 1.35  # cells, half of a wall's thickness
EDGE = 1.7  # cells over which anything ends
LYING = 1.15  # cells, the deepest that a film is made to stand
FLUID = 0.0015  # m of film that stands half as deep
PROFILE = (0.50, 0.56, 0.86, 1.0, 0.93, 0.70, 0.50, 0.66)  # a vessel's radius, from its foot to its lip


@ti.func
def _step(x: ti.f32) -> ti.f32:
    """0 below −½, 1 above ½, soft between."""
    t = ti.min(ti.max(x + 0.5, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@ti.func
def _profile(u: ti.f32) -> ti.types.vector(2, ti.f32):
    """A vessel's radius at a share of its height, and how it changes: a cubic through PROFILE."""
    last = ti.static(len(PROFILE) - 1)
    x = ti.min(ti.max(u, 0.0), 0.9999) * last
    i = int(x)
    t = x - i
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for n in ti.static(range(len(PROFILE))):
        r = ti.static(PROFILE[n])
        if n == ti.max(i - 1, 0):
            a = r
        if n == i:
            b = r
        if n == i + 1:
            c = r
        if n == ti.min(i + 2, last):
            d = r
    k1, k2, k3 = 0.5 * (c - a), a - 2.5 * b + 2.0 * c - 0.5 * d, 0.5 * (d - a) + 1.5 * (b - c)
    return ti.Vector([b + t * (k1 + t * (k2 + t * k3)), (k1 + t * (2.0 * k2 + t * 3.0 * k3)) * last])


@ti.func
def _pod(
    rows: ti.template(), n: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32, since: ti.f32, seed: ti.u32
):  # fmt: skip
    """(wall, what fills it or runs from it, light of that), 0–1, at a place in cells. since: s that it has
    fermented."""
    o = n * ROW
    radius, height, level, running = rows[o + 2], rows[o + 3], rows[o + 4], rows[o + 5]
    u = y / height
    dx = x - rows[o] - rows[o + 6] * u * u
    dz = z - rows[o + 1] - rows[o + 7] * u * u
    wall, full, light = 0.0, 0.0, 0.0
    away = ti.sqrt(dx * dx + dz * dz)
    if u < 1.12 and away < 1.04 * radius + 5.0:
        shape = _profile(u)
        stands = (0.05 + 0.93 * level + 0.07 * running) * height
        if away < shape[0] * radius - 7.5 and y > 2.5:  # within, where nobody sees
            full = _step((stands - y) / EDGE)
            light = 0.3 * full
        elif away < shape[0] * radius * 1.04 + 5.0:
            far = ti.max(away, 1e-3)
            t = 0.35 * u  # it twists as it rises
            c, s = (1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t)
            ax, az = (dx * c - dz * s) / far, (dx * s + dz * c) / far
            px, pz = 1.0, 0.0
            for _ in ti.static(range(RIBS)):
                px, pz = px * ax - pz * az, px * az + pz * ax
            slope = shape[1] * radius / height
            r = shape[0] * radius * (1.0 + 0.035 * px)
            d = (away - r) / ti.sqrt(1.0 + slope * slope)
            top = (1.0 + 0.045 * px - u) * height / EDGE
            wall = _step((WALL * (1.0 + 0.5 * _step(8.0 * (u - 0.93))) - ti.abs(d)) / EDGE) * _step(top)
            v = u * ROWS + 0.5
            row = int(v)
            side = px
            if row % 2 == 1:
                side = -px
            across = v - row - 0.5
            hole = 0.5 - 0.5 * side - 0.34 - 2.6 * across * across
            if u > 0.1 and u < 0.86:
                wall *= 1.0 - _step(hole * 7.0 * shape[0])
            wall = ti.max(wall, _step((1.6 - y) / EDGE) * _step((r + 1.5 - away) / EDGE))  # the foot
            uneven = wave(seed, 0, dx * 0.16, y * 0.16, dz * 0.16, 200 + n)
            deep = stands + 1.2 * uneven - 0.25 * d * running
            full = _step((deep - y) / EDGE) * _step((r - 2.4 - away + 0.6 * uneven) / EDGE)
            if full > 0.0:
                # It ferments: bubbles rise through it, and it is brightest where it meets the air.
                rising = wave(seed, 0, dx * 0.22, y * 0.18 - 1.3 * since, dz * 0.22, 210 + n)
                rising += 0.5 * wave(seed, 0, dx * 0.45, y * 0.4 - 2.2 * since, dz * 0.45, 220 + n)
                foam = 1.0 / (1.0 + ((deep - y) * 0.22) ** 2)
                light = full * ti.min(ti.max(0.22 + 0.5 * rising + 0.75 * foam, 0.14), 1.0)
            light *= 1.0 - 0.9 * wall
            if running > 0.01 and ti.abs(d - 0.6) < 4.5:
                # What runs over comes down outside in tongues, the farther the more there is.
                tongue = wave(seed, 0, ax * 3.1, u * 0.7, az * 3.1, 230 + n) + 0.2 * uneven
                thick = 4.0 * ti.min(ti.max(tongue + 0.55 * running - 0.5, 0.0), 0.7)
                if thick > 0.1:
                    down = _step((u - 1.0 + 1.35 * running + 0.3 * tongue) * height / 6.0)
                    over = _step((thick * down - ti.abs(d - 0.6)) / EDGE) * _step(top + 0.6)
                    over = ti.min(over, ti.min(4.0 * running, 1.0)) * _step((thick - 0.5) / 0.8)
                    runs = wave(seed, 0, ax * 9.0, y * 0.16 + 1.1 * since, az * 9.0, 240 + n)
                    light = ti.max(light, over * (0.55 + 0.45 * runs))
                    full = ti.max(full, over)
    return ti.Vector([wall, full, light])


@ti.func
def _film(film: ti.template(), x: ti.f32, z: ti.f32) -> ti.f32:
    """m of film at a place in air cells, between their middles."""
    nx, nz = ti.static(film.shape)
    u, w = ti.min(ti.max(x - 0.5, 0.0), nx - 1.001), ti.min(ti.max(z - 0.5, 0.0), nz - 1.001)
    i, k = int(u), int(w)
    a, b = u - i, w - k
    near = film[i, k] * (1.0 - a) + film[i + 1, k] * a
    return near * (1.0 - b) + (film[i, k + 1] * (1.0 - a) + film[i + 1, k + 1] * a) * b


@ti.kernel
def build(
    part: ti.template(), tip: ti.template(), rows: ti.template(), film: ti.template(), count: ti.i32,
    ci: ti.i32, ck: ti.i32, finer: ti.i32, since: ti.f32, seed: ti.u32,
):  # fmt: skip
    """part ← the pods and what lies about them, as body; tip ← what fills and leaves them.

    rows: ROW numbers to each of `count` pods. film: m by air cell; ci, ck: the body's corner in it.
    """
    nx, ny, nz = ti.static(part.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            x, y, z = ti.cast(i, ti.f32), j + 0.5, ti.cast(k, ti.f32)
            body, wet = 0.0, 0.0
            for n in range(count):
                o = n * ROW
                lean = ti.max(ti.abs(rows[o + 6]), ti.abs(rows[o + 7]))
                out = ti.max(ti.abs(x - rows[o]), ti.abs(z - rows[o + 1]))
                if out < 1.04 * rows[o + 2] + 1.3 * lean + 5.0 and y < 1.12 * rows[o + 3]:
                    e = _pod(rows, n, x, y, z, since, seed)
                    body = ti.max(body, ti.max(e[0], e[1]))
                    wet = ti.max(wet, e[2])
            if j < 2:
                h = _film(film, ci + (x + 0.5) / finer, ck + (z + 0.5) / finer)
                if h > 1e-5:
                    # Thin at first, and never a wall: a film that is ten times as deep stands twice as high.
                    uneven = wave(seed, 0, x * 0.12, 0.0, z * 0.12, 260)
                    thick = LYING * (1.0 + 0.25 * uneven) * h / (h + FLUID)
                    lies = _step((thick - y) / 1.2 + 0.1)
                    body = ti.max(body, lies)
                    # Its edge is where it meets air: there it shines; within, slow skeins of it.
                    edge = 1.0 / (1.0 + (h / 0.0006) ** 2)
                    skein = wave(seed, 0, x * 0.09 + 0.6 * uneven, 0.16 * since, z * 0.09, 270)
                    skein = 1.0 - ti.min(3.5 * ti.abs(skein), 1.0)
                    wet = ti.max(wet, lies * ti.min(0.17 + 0.65 * skein * skein + 0.3 * edge, 1.0))
            part[i, j, k] = body
            tip[i, j, k] = wet
