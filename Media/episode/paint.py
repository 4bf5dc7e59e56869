"""The tools of the scenes: layers, light, roofs, people, fire and water.

A scene draws its still layers once; a frame moves them by whole pixels, which motion vectors are good
at, and draws over them what lives. Lengths are pixels of 1920x1080, times seconds of the scene; a film
of a larger scale has as many more pixels in each.
"""

import math

import cairo
import numpy as np

from . import story
from .sound import sample

W, H = 1920, 1080
rgb, mixed, ramp, smooth, pulse = sample.rgb, sample.mix, sample.ramp, sample.smooth, sample.pulse
GOLD, CREAM, INK = rgb("e3b54a"), rgb("fbeed2"), rgb("171326")
VERMILION, DEEP_RED, TILE = rgb("b5301f"), rgb("7c1d1a"), rgb("dd9c31")


def blend(a, b, u):
    return tuple(mixed(x, y, u) for x, y in zip(a, b))


class Film:
    """One scene: `build` draws layers, `draw` one frame."""

    width, height = W, H

    def __init__(self, scene, scale=1):
        self.scale = scale
        self.name, self.length = scene.name, story.seconds(scene)
        self.noise = np.random.Generator(np.random.PCG64(sum(map(ord, scene.name))))
        self.build()

    def frame(self, n):
        surface = self.surface(cairo.FORMAT_RGB24, self.width, self.height)
        self.draw(cairo.Context(surface), n / story.FRAMES_PER_SECOND)
        surface.flush()
        return surface

    def surface(self, form, width, height):
        surface = cairo.ImageSurface(form, math.ceil(width * self.scale), math.ceil(height * self.scale))
        surface.set_device_scale(self.scale, self.scale)
        return surface

    def layer(self, draw, width=None, height=None, opaque=False):
        form = cairo.FORMAT_RGB24 if opaque else cairo.FORMAT_ARGB32
        surface = self.surface(form, width or self.width, height or self.height)
        draw(cairo.Context(surface))
        surface.flush()
        return surface


def put(c, layer, x=0, y=0, alpha=1.0):
    c.set_source_surface(layer, round(x), round(y))
    c.paint_with_alpha(alpha) if alpha < 1 else c.paint()


def fill(c, colour, alpha=1.0):
    c.set_source_rgba(*colour, alpha)
    c.fill()


def stroke(c, colour, width, alpha=1.0):
    c.set_source_rgba(*colour, alpha)
    c.set_line_width(width)
    c.stroke()


def box(c, x, y, w, h, colour, alpha=1.0):
    c.rectangle(x, y, w, h)
    fill(c, colour, alpha)


def polygon(c, points, colour, alpha=1.0):
    c.move_to(*points[0])
    for p in points[1:]:
        c.line_to(*p)
    c.close_path()
    fill(c, colour, alpha)


def disc(c, x, y, r, colour, alpha=1.0):
    c.new_sub_path()
    c.arc(x, y, r, 0, 2 * math.pi)
    fill(c, colour, alpha)


def shade(c, x, y, w, h, stops, across=False):
    """A rectangle that runs through colours; each is rgb or rgb and alpha."""
    g = cairo.LinearGradient(x, y, x + w if across else x, y if across else y + h)
    for at, colour in stops:
        g.add_color_stop_rgba(at, *colour, *(() if len(colour) == 4 else (1.0,)))
    c.rectangle(x, y, w, h)
    c.set_source(g)
    c.fill()


def sky(c, *colours, height=H):
    shade(c, 0, 0, 2 * W, height, [(k / (len(colours) - 1), rgb(x)) for k, x in enumerate(colours)])
    box(c, 0, height, 2 * W, H, rgb(colours[-1]))


def glow(c, x, y, r, colour, alpha, core=0.0):
    g = cairo.RadialGradient(x, y, core * r, x, y, r)
    for at, share in ((0, 1), (0.3, 0.45), (0.65, 0.12), (1, 0)):
        g.add_color_stop_rgba(at, *colour, alpha * share)
    c.set_source(g)
    c.rectangle(x - r, y - r, 2 * r, 2 * r)
    c.fill()


def hills(c, base, size, colour, seed, width=W, fade=None):
    xs = np.arange(-20, width + 41, 20)
    phase = seed * 1.7
    ys = base - size * (0.6 + 0.5 * np.sin(xs / 410 + phase) + 0.3 * np.sin(xs / 173 + 2.1 * phase)
                        + 0.1 * np.sin(xs / 61 + 3.3 * phase))
    c.move_to(-20, H + 40)
    for x, y in zip(xs, ys):
        c.line_to(x, y)
    c.line_to(width + 40, H + 40)
    c.close_path()
    if fade:
        g = cairo.LinearGradient(0, base - 1.6 * size, 0, base + 60)
        g.add_color_stop_rgb(0, *colour)
        g.add_color_stop_rgb(1, *fade)
        c.set_source(g)
        c.fill()
    else:
        fill(c, colour)


def palaces(c, base, colour, places):
    """Roofs of the distance: (x, width, height, tiers)."""
    c.set_source_rgb(*colour)
    for x, w, h, tiers in places:
        sample.far_roof(c, x, base, w, h, tiers)


def roof(c, x, eaves, half, rise, ridge, lift):
    """The outline of a roof whose corners turn up."""
    c.move_to(x - half, eaves - lift)
    c.curve_to(x - 0.86 * half, eaves - 0.1 * lift, x - 0.7 * half, eaves, x - 0.45 * half, eaves)
    c.line_to(x + 0.45 * half, eaves)
    c.curve_to(x + 0.7 * half, eaves, x + 0.86 * half, eaves - 0.1 * lift, x + half, eaves - lift)
    c.curve_to(x + 0.72 * half, eaves - 0.35 * rise, x + ridge + 0.1 * half, eaves - 0.7 * rise,
               x + ridge, eaves - rise)
    c.line_to(x - ridge, eaves - rise)
    c.curve_to(x - ridge - 0.1 * half, eaves - 0.7 * rise, x - 0.72 * half, eaves - 0.35 * rise,
               x - half, eaves - lift)
    c.close_path()


def tiled_roof(c, x, eaves, half, rise, ridge, lift, tile, line, edge):
    roof(c, x, eaves, half, rise, ridge, lift)
    c.save()
    c.clip()
    shade(c, x - half, eaves - rise, 2 * half, rise, [(0, blend(tile, line, 0.5)), (1, tile)])
    for k in range(-14, 15):
        c.move_to(x + k * half / 14, eaves + 4)
        c.line_to(x + k * (ridge + 0.12 * half) / 14, eaves - rise)
    stroke(c, line, max(1.5, half / 120), 0.6)
    c.restore()
    roof(c, x, eaves, half, rise, ridge, lift)
    stroke(c, edge, max(2, half / 70))
    box(c, x - ridge - 4, eaves - rise - half / 34, 2 * ridge + 8, half / 26, edge)


def great_hall(c, x, floor, zoom, light=(1, 1, 1), roofed=True, terrace=True):
    """The hall of the linear sample, whole: its terrace stands at `floor`."""
    b = sample.Brush(c, 24.0, zoom)
    b.light = light
    c.save()
    c.translate(x, floor)
    c.scale(zoom, zoom)
    c.translate(0, -(sample.GROUND if terrace else sample.FLOOR))
    sample.draw_panels(b)
    sample.draw_front(b)
    if terrace:
        sample.draw_terrace(b)
    sample.draw_beam(b)
    for i in sorted(range(sample.SETS), key=lambda i: -abs(i - sample.HERO)):
        sample.draw_set(b, i)
    if roofed:
        sample.draw_roof(b)
    c.restore()


def bracket(c, x, y, zoom, t, light=(1, 1, 1)):
    """The set of brackets, growing on its column as in the linear sample (3 ... 9.5 s)."""
    b = sample.Brush(c, t, zoom)
    b.light = light
    c.save()
    c.translate(x, y)
    c.scale(zoom, zoom)
    c.translate(-sample.set_x(sample.HERO), 0)
    sample.draw_set(b, sample.HERO)
    c.restore()


# ---------------------------------------------------------------- people

SKIN = rgb("d9a47c")


def person(c, x, y, h, robe, sash=None, hat="knot", facing=1, pose="stand", skin=SKIN, hair=INK, lean=0.0):
    """A figure in a robe, its feet at `y`: hat is knot, wings, crown, straw or none."""
    c.save()
    c.translate(x, y)
    c.scale(h * facing, h)
    if lean:
        c.rotate(lean)
    dark = blend(robe, (0, 0, 0), 0.28)
    if pose == "kneel":
        c.move_to(-0.26, 0)
        c.curve_to(-0.28, -0.2, -0.16, -0.36, -0.06, -0.44)
        c.curve_to(0.02, -0.47, 0.1, -0.44, 0.11, -0.36)
        c.curve_to(0.14, -0.2, 0.26, -0.1, 0.28, 0)
        c.close_path()
        fill(c, robe)
        c.move_to(0.0, -0.4)
        c.curve_to(0.16, -0.36, 0.24, -0.26, 0.27, -0.17)
        c.curve_to(0.2, -0.1, 0.1, -0.12, 0.0, -0.2)
        c.close_path()
        fill(c, dark)
        top = -0.45
    else:
        c.move_to(-0.11, -0.8)
        c.curve_to(-0.16, -0.5, -0.17, -0.25, -0.21, 0)
        c.line_to(0.2, 0)
        c.curve_to(0.16, -0.25, 0.15, -0.5, 0.11, -0.8)
        c.curve_to(0.05, -0.84, -0.05, -0.84, -0.11, -0.8)
        c.close_path()
        fill(c, robe)
        if sash:
            box(c, -0.152, -0.5, 0.3, 0.035, sash)
        c.move_to(-0.04, -0.8)
        if pose == "point":
            c.line_to(0.42, -0.7)
            c.line_to(0.4, -0.58)
            c.curve_to(0.25, -0.5, 0.1, -0.54, -0.02, -0.6)
        elif pose == "hold":
            c.curve_to(0.16, -0.76, 0.26, -0.66, 0.34, -0.6)
            c.line_to(0.3, -0.46)
            c.curve_to(0.18, -0.42, 0.06, -0.5, -0.04, -0.58)
        else:
            c.curve_to(0.12, -0.72, 0.2, -0.62, 0.24, -0.54)
            c.curve_to(0.22, -0.42, 0.1, -0.36, 0.02, -0.4)
        c.close_path()
        fill(c, dark)
        if pose == "point":
            disc(c, 0.43, -0.645, 0.03, skin)
        top = -0.81
    box(c, -0.035, top - 0.05, 0.07, 0.08, blend(skin, (0, 0, 0), 0.2))
    disc(c, 0.012, top - 0.1, 0.07, skin)
    c.arc(0.0, top - 0.11, 0.075, math.pi * 0.75, math.pi * 1.85)
    c.close_path()
    fill(c, hair)
    if hat == "knot":
        disc(c, -0.015, top - 0.2, 0.035, hair)
        box(c, -0.025, top - 0.19, 0.03, 0.05, hair)
    elif hat == "wings":
        box(c, -0.08, top - 0.17, 0.15, 0.06, INK)
        c.arc(-0.02, top - 0.17, 0.06, math.pi, 2 * math.pi)
        fill(c, INK)
        for s in (-1, 1):
            c.save()
            c.translate(-0.02 + s * 0.16, top - 0.13)
            c.scale(0.1, 0.025)
            disc(c, 0, 0, 1, INK)
            c.restore()
    elif hat == "crown":
        box(c, -0.075, top - 0.18, 0.15, 0.07, INK)
        box(c, -0.075, top - 0.12, 0.15, 0.015, GOLD)
        for s in (-1, 1):
            c.move_to(-0.03 + s * 0.03, top - 0.17)
            c.curve_to(-0.03 + s * 0.02, top - 0.28, s * 0.1, top - 0.3, s * 0.09 - 0.02, top - 0.2)
            c.close_path()
            fill(c, INK)
    elif hat == "straw":
        polygon(c, [(-0.2, top - 0.1), (0.0, top - 0.27), (0.2, top - 0.1)], rgb("b98d4a"))
        polygon(c, [(0.0, top - 0.27), (0.2, top - 0.1), (0.03, top - 0.1)], rgb("8f6a34"))
    c.restore()


KUAI_ROBE, KUAI_SASH = rgb("3f6a8c"), rgb("d8b26a")


def kuai(c, x, y, h, **more):
    """Kuai Xiang: indigo robe, straw-coloured sash."""
    person(c, x, y, h, more.pop("robe", KUAI_ROBE), KUAI_SASH, **more)


# ---------------------------------------------------------------- what lives

def flames(c, x, y, w, h, t, seed, count=7, alpha=1.0):
    """Tongues of fire on a base line."""
    for depth, (colour, size) in enumerate(((rgb("c43a16"), 1.0), (rgb("ee7c1f"), 0.74), (rgb("ffd267"), 0.44))):
        for k in range(count):
            p = seed + 1.9 * k + 0.6 * depth
            cx = x + (k + 0.5) / count * w - w / 2 + 0.05 * w * math.sin(3.1 * t + p)
            tall = h * size * (0.55 + 0.45 * ((k * 0.7548 + seed) % 1)) * (0.72 + 0.26 * math.sin(5.3 * t + 2 * p) + 0.14 * math.sin(11.7 * t + 3 * p))
            wide = w / count * (1.25 + 0.6 * ((k * 0.618 + seed) % 1)) * (0.7 + 0.3 * size)
            sway = 0.18 * wide * math.sin(4.1 * t + p)
            c.move_to(cx - wide / 1.7, y - 0.12 * tall)
            c.curve_to(cx - wide / 1.5, y - 0.42 * tall, cx - 0.06 * wide + sway, y - 0.52 * tall, cx + sway * 2.4, y - tall)
            c.curve_to(cx + 0.3 * wide + sway, y - 0.56 * tall, cx + wide / 1.3, y - 0.42 * tall, cx + wide / 1.7, y - 0.12 * tall)
            c.curve_to(cx + wide / 2.2, y + 0.04 * tall, cx - wide / 2.2, y + 0.04 * tall, cx - wide / 1.7, y - 0.12 * tall)
            c.close_path()
        fill(c, colour, alpha)


def sparks(c, x, y, w, h, t, count, seed, colour=rgb("ffb64a"), size=3.0):
    for k in range(count):
        p = (k * 0.618034 + seed) % 1
        u = (t * (0.16 + 0.14 * p) + p * 7.3) % 1
        px = x + w * ((k * 0.7548 + seed) % 1 - 0.5) + 40 * math.sin(3 * t + 9 * p)
        disc(c, px, y - h * u, size * (1 - 0.6 * u), colour, 0.9 * (1 - u))


def glints(c, x, y, w, h, t, count, colour, alpha, speed=9):
    """Light on water: short level strokes, longer towards us."""
    c.set_line_cap(cairo.LINE_CAP_ROUND)
    for k in range(count):
        u = (k + 0.5) / count
        p = (k * 0.618034) % 1
        depth = u ** 1.6
        px = x + ((k * 0.7548 * w + speed * t * (0.4 + depth)) % w)
        half = (10 + 60 * depth) * (0.7 + 0.3 * math.sin(1.7 * t + 11 * p))
        c.move_to(px - half, y + depth * h)
        c.line_to(px + half, y + depth * h)
        stroke(c, colour, 1.5 + 3 * depth, alpha * (0.35 + 0.65 * abs(math.sin(0.9 * t + 7 * p))))


def birds(c, x, y, t, count=6, size=20, colour=INK, alpha=0.9):
    for k in range(count):
        px, py = x - 64 * k + 19 * (k % 3), y + 26 * ((k * 5) % 4) + 8 * math.sin(1.7 * t + k)
        up = 0.45 * size * math.sin(8 * t + 1.7 * k)
        c.move_to(px - size, py - up)
        c.curve_to(px - size / 2, py - size / 2.4 - up / 3, px - size / 4, py - 2, px, py)
        c.curve_to(px + size / 4, py - 2, px + size / 2, py - size / 2.4 - up / 3, px + size, py - up)
        c.curve_to(px + size / 2, py - 3, px + size / 4, py + 3, px, py + size / 4)
        c.curve_to(px - size / 4, py + 3, px - size / 2, py - 3, px - size, py - up)
    fill(c, colour, alpha)


def stars(c, seed, count, height, width=W):
    noise = np.random.Generator(np.random.PCG64(seed))
    for _ in range(count):
        x, y, r = noise.uniform(0, width), noise.uniform(0, height), noise.uniform(0.7, 2.2)
        disc(c, x, y, r, CREAM, noise.uniform(0.3, 0.9))


def cloud(c, x, y, size, colour, alpha):
    """祥云 as flat bars with round ends."""
    c.push_group()
    c.set_line_cap(cairo.LINE_CAP_ROUND)
    for x0, x1, dy in ((-165, 125, 0), (-75, 215, 28), (-235, 20, 56), (-20, 95, -28)):
        c.move_to(x + x0 * size, y + dy * size)
        c.line_to(x + x1 * size, y + dy * size)
    stroke(c, colour, 25 * size)
    c.pop_group_to_source()
    c.paint_with_alpha(alpha)


def lantern(c, x, y, r, t, seed, lit=1.0):
    """A red paper lantern that swings on its string."""
    angle = 0.05 * math.sin(1.3 * t + seed)
    c.save()
    c.translate(x, y)
    c.rotate(angle)
    c.move_to(0, 0)
    c.line_to(0, r)
    stroke(c, INK, 3)
    glow(c, 0, 2 * r, 3.4 * r, rgb("ff9a3c"), 0.35 * lit * (0.9 + 0.1 * math.sin(7 * t + seed)))
    c.save()
    c.translate(0, 2 * r)
    c.scale(1, 0.86)
    disc(c, 0, 0, r, rgb("d8431f"))
    c.scale(0.6, 1)
    disc(c, 0, 0, r, rgb("f08a3a"), 0.8)
    c.scale(0.45, 1)
    disc(c, 0, 0, r, rgb("ffd98a"), 0.8)
    c.restore()
    box(c, -0.4 * r, 1.1 * r, 0.8 * r, 0.12 * r, GOLD)
    box(c, -0.4 * r, 2.78 * r, 0.8 * r, 0.12 * r, GOLD)
    for k in (-1, 0, 1):
        c.move_to(0.2 * r * k, 2.9 * r)
        c.line_to(0.2 * r * k + 10 * angle * r, 3.7 * r)
    stroke(c, VERMILION, 3)
    c.restore()


def pine(c, x, y, h, colour, trunk):
    c.move_to(x, y)
    c.curve_to(x - 0.08 * h, y - 0.4 * h, x + 0.12 * h, y - 0.6 * h, x + 0.02 * h, y - h)
    stroke(c, trunk, 0.05 * h)
    for dx, dy, w in ((-0.2, 0.52, 0.3), (0.24, 0.64, 0.3), (-0.12, 0.8, 0.28), (0.08, 0.98, 0.26)):
        c.save()
        c.translate(x + dx * h, y - dy * h)
        c.scale(w * h, 0.075 * h)
        disc(c, 0, 0, 1, colour)
        disc(c, 0.3, -0.5, 0.6, colour)
        c.restore()


def willow(c, x, y, h, t, colour, count=26):
    c.set_line_cap(cairo.LINE_CAP_ROUND)
    for k in range(count):
        u = k / (count - 1)
        px, length = x - 0.5 * h + u * h, h * (0.55 + 0.4 * math.sin(2.9 * u * math.pi + 0.4) ** 2)
        top = y - 0.18 * h * math.sin(math.pi * u)
        sway = 14 * math.sin(0.9 * t + 4 * u) + 5 * math.sin(2.3 * t + 9 * u)
        c.move_to(px, top)
        c.curve_to(px + 6, top + 0.3 * length, px + 0.4 * sway, top + 0.7 * length, px + sway, top + length)
    stroke(c, colour, 4, 0.85)


# The corner tower: (half, eaves above the foot, rise, ridge) of its roofs. The cage of straw has the same.
TOWER = ((300, 250, 92, 190), (232, 392, 84, 138), (164, 520, 132, 54))


def tower(c, x, foot, zoom, tile, line, edge, wall, beam, window):
    c.save()
    c.translate(x, foot)
    c.scale(zoom, zoom)
    bottom = 0
    for k, (half, eaves, rise, ridge) in enumerate(TOWER):
        body = half * 0.74
        box(c, -body, -eaves - 6, 2 * body, eaves - bottom + 6, wall)
        box(c, -body, -eaves + 4, 2 * body, 30, beam)
        count = 5 - k
        for j in range(count):
            w = 2 * body / count
            box(c, -body + j * w + 0.18 * w, -eaves + 44, 0.64 * w, max(24, eaves - bottom - 66), window)
            box(c, -body + j * w - 4, -eaves + 4, 8, eaves - bottom, blend(wall, (0, 0, 0), 0.25))
        tiled_roof(c, 0, -eaves, half, rise, ridge, 34, tile, line, edge)
        for s in ((-1, 1) if k < 2 else (0,)):      # the gables that look out on all sides
            gx, gh = s * half * 0.5, half * (0.34 if k < 2 else 0.62)
            polygon(c, [(gx - gh, -eaves - 4), (gx, -eaves - 0.62 * gh - rise * 0.3), (gx + gh, -eaves - 4)], edge)
            polygon(c, [(gx - 0.72 * gh, -eaves - 6), (gx, -eaves - 0.44 * gh - rise * 0.3), (gx + 0.72 * gh, -eaves - 6)], beam)
        bottom = eaves + rise * 0.35
    disc(c, 0, -TOWER[2][1] - TOWER[2][2] - 26, 22, edge)
    polygon(c, [(-10, -TOWER[2][1] - TOWER[2][2] - 40), (0, -TOWER[2][1] - TOWER[2][2] - 96), (10, -TOWER[2][1] - TOWER[2][2] - 40)], edge)
    c.restore()


def cage(c, x, foot, zoom, straw, dark):
    """The same tower plaited of sorghum straw."""
    c.save()
    c.translate(x, foot)
    c.scale(zoom, zoom)
    c.set_line_cap(cairo.LINE_CAP_ROUND)
    bottom = 0
    for half, eaves, rise, ridge in TOWER:
        body = half * 0.74
        for k in range(13):
            px = -body + 2 * body * k / 12
            c.move_to(px, -bottom)
            c.line_to(px, -eaves)
        stroke(c, dark, 9)
        for k in range(13):
            px = -body + 2 * body * k / 12
            c.move_to(px - 1.5, -bottom)
            c.line_to(px - 1.5, -eaves)
        for u in (0.0, 0.5, 1.0):
            c.move_to(-body - 12, mixed(-bottom, -eaves, u))
            c.line_to(body + 12, mixed(-bottom, -eaves, u))
        stroke(c, straw, 6)
        for k in range(-9, 10):
            c.move_to(k * half / 9 * 0.96, -eaves - 30 * (abs(k) / 9) ** 4)
            c.curve_to(k * half / 9 * 0.7, -eaves - 0.4 * rise, k * ridge / 9, -eaves - 0.8 * rise,
                       k * ridge / 9, -eaves - rise)
        stroke(c, dark, 9)
        for k in range(-9, 10):
            c.move_to(k * half / 9 * 0.96, -eaves - 30 * (abs(k) / 9) ** 4)
            c.curve_to(k * half / 9 * 0.7, -eaves - 0.4 * rise, k * ridge / 9, -eaves - 0.8 * rise,
                       k * ridge / 9, -eaves - rise)
        roof(c, 0, -eaves, half, rise, ridge, 34)
        stroke(c, straw, 6)
        bottom = eaves + rise * 0.35
    top = TOWER[2][1] + TOWER[2][2]
    c.arc(0, -top - 34, 30, 0, 2 * math.pi)
    stroke(c, straw, 7)
    c.restore()


def cricket(c, x, y, size, t, colour):
    hop = max(0.0, math.sin(1.1 * t)) ** 8 * 0.25 * size
    c.save()
    c.translate(x, y - hop)
    c.scale(size, size)
    c.save()
    c.scale(0.5, 0.15)
    disc(c, 0, -1, 1, colour)
    c.restore()
    disc(c, 0.46, -0.2, 0.13, colour)
    feel = 0.08 * math.sin(6 * t)
    for x0, y0, x1, y1 in ((-0.2, -0.15, -0.5, -0.5), (-0.5, -0.5, -0.75, 0.02), (0.1, -0.1, 0.2, 0.05),
                           (0.3, -0.12, 0.45, 0.05), (0.52, -0.28, 0.95, -0.62 + feel), (0.5, -0.3, 0.75, -0.75 - feel),
                           (-0.45, -0.2, -0.85, -0.28)):
        c.move_to(x0, y0)
        c.line_to(x1, y1)
    stroke(c, colour, 0.045)
    c.restore()
