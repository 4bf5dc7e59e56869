"""The courtyard, all around: equirectangular pictures, drawn from points in space.

A point is (right, up, forward) in metres from the middle of the court, yaw 0 looks forward and grows to
the right. Edges are cut small and carried over to yaw and pitch, so straight walls bend as they must.
"""

import math

import cairo

from .paint import (
    CREAM, DEEP_RED, GOLD, INK, VERMILION, Film, birds, blend, box, cloud, disc, fill, flames, glow, kuai,
    lantern, person, pine, polygon, rgb, shade, sparks, stars, stroke)

W, H = 2048, 1024
TILE, TILE_LINE, TILE_EDGE = rgb("d99a30"), rgb("a4611e"), rgb("f0bf58")


def place(point, camera):
    x, y, z = (a - b for a, b in zip(point, camera))
    return math.degrees(math.atan2(x, z)), math.degrees(math.atan2(y, math.hypot(x, z)))


def spot(yaw, pitch):
    return (yaw / 360 + 0.5) * W, (0.5 - pitch / 180) * H


class Space:
    """A brush that draws in space, seen from `camera`; `turn` turns what is drawn around the court."""

    def __init__(self, context, camera, turn=0.0):
        self.c, self.camera = context, camera
        self.sin, self.cos = math.sin(math.radians(turn)), math.cos(math.radians(turn))

    def turned(self, point):
        x, y, z = point
        return x * self.cos + z * self.sin, y, z * self.cos - x * self.sin

    def trace(self, points, close):
        out, last = [], None
        pairs = list(zip(points, points[1:] + points[:1])) if close else list(zip(points, points[1:]))
        for a, b in pairs:
            steps = max(4, min(160, int(4 * math.dist(a, b))))
            for k in range(steps + 1):
                yaw, pitch = place(self.turned([p + (q - p) * k / steps for p, q in zip(a, b)]), self.camera)
                if last is not None:
                    yaw += 360 * round((last - yaw) / 360)
                last = yaw
                out.append(spot(yaw, pitch))
        return out

    def path(self, points, close=True):
        """The outline, also where it goes on beyond the left and right edges."""
        xy = self.trace(points, close)
        low, high = min(x for x, _ in xy), max(x for x, _ in xy)
        for shift in (-W, 0, W):
            if high + shift < -40 or low + shift > W + 40:
                continue
            self.c.move_to(xy[0][0] + shift, xy[0][1])
            for x, y in xy[1:]:
                self.c.line_to(x + shift, y)
            if close:
                self.c.close_path()

    def face(self, points, colour, alpha=1.0):
        self.path(points)
        fill(self.c, colour, alpha)

    def wall(self, x0, x1, y0, y1, z, colour, alpha=1.0):
        self.face([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], colour, alpha)

    def line(self, a, b, colour, width, alpha=1.0):
        self.path([a, b], close=False)
        stroke(self.c, colour, width, alpha)

    def stand(self, point, draw):
        """`draw(x, y, pixels for a metre)` where something stands upright."""
        x, y, z = self.turned(point)
        yaw, pitch = place((x, y, z), self.camera)
        far = math.dist((x, z), (self.camera[0], self.camera[2]))
        px, py = spot(yaw, pitch)
        for shift in (-W, 0, W):
            if -300 < px + shift < W + 300:
                draw(px + shift, py, H / math.pi / far)


def building(s, z, half, doors, light=1.0, terrace=1.6, height=7.0, ridge=14.0, deep=9.0):
    """A hall whose front stands at depth `z`."""
    def lit(colour):
        return tuple(a * light for a in colour)

    s.wall(-half - 2.5, half + 2.5, 0, terrace, z - 3, lit(rgb("d8cdbd")))
    for k in range(int(half) + 2):
        x = -half - 2.2 + k * (2 * half + 4.4) / (int(half) + 1)
        s.wall(x - 0.14, x + 0.14, terrace, terrace + 1.1, z - 3, lit(rgb("f0e8da")))
    s.wall(-half - 2.5, half + 2.5, terrace + 0.8, terrace + 1.0, z - 3, lit(rgb("f0e8da")))
    for k in range(5):
        s.wall(-3.2, 3.2, terrace * (1 - k / 5) - terrace / 5, terrace * (1 - k / 5), z - 3 - 0.5 * k,
               lit(rgb("efe6d6") if k % 2 else rgb("c9bda9")))
    s.wall(-half, half, terrace, height, z, lit(DEEP_RED))
    bays = doors
    w = 2 * half / bays
    for k in range(bays):
        x = -half + k * w
        for j in range(4):
            left = x + w * (0.1 + 0.2 * j)
            s.wall(left, left + 0.18 * w, terrace + 0.2, height - 1.9, z, lit(VERMILION))
            s.wall(left + 0.03 * w, left + 0.15 * w, terrace + 1.7, height - 2.1, z, lit(rgb("e9b05c")))
            s.line((left + 0.09 * w, terrace + 1.7, z), (left + 0.09 * w, height - 2.1, z), lit(DEEP_RED), 1.5)
            s.wall(left + 0.04 * w, left + 0.14 * w, terrace + 0.4, terrace + 1.4, z, lit(GOLD))
    s.wall(-half, half, height - 1.7, height - 0.9, z, lit(rgb("2f5fa8")))
    s.wall(-half, half, height - 1.45, height - 1.15, z, lit(rgb("e3b54a")))
    s.wall(-half, half, height - 0.9, height, z, lit(rgb("2f8a6a")))
    for k in range(bays * 4):
        x = -half + (k + 0.5) * half / bays / 2
        s.face([(x - 0.5, height + 0.1, z - 0.6), (x + 0.5, height + 0.1, z - 0.6), (x, height - 0.8, z - 0.2)],
               lit(rgb("3a76c4") if k % 2 else GOLD))
    for k in range(bays + 1):
        x = -half + k * w
        s.wall(x - 0.34, x + 0.34, terrace, height - 0.9, z - 0.3, lit(rgb("8e2118")))
        s.wall(x - 0.2, x + 0.08, terrace, height - 0.9, z - 0.31, lit(rgb("c43d28")))
    eaves = [(x, height + 0.2 + 1.5 * max(0, abs(x) / (half + 3) - 0.5) ** 2 * 4, z - 2.6)
             for x in [(half + 3) * k / 12 for k in range(-12, 13)]]
    top = [(half * 0.9 * k / 12, ridge, z + deep) for k in range(12, -13, -1)]
    s.face(eaves + top, lit(TILE))
    for k in range(25):
        s.line(eaves[k], top[24 - k], lit(TILE_LINE), 2)
    s.path(eaves, close=False)
    stroke(s.c, lit(TILE_EDGE), 5)
    s.path(top, close=False)
    stroke(s.c, lit(TILE_EDGE), 8)
    for side in (-1, 1):
        s.line((side * (half + 3), eaves[0][1], z - 2.6), (side * half * 0.9, ridge, z + deep), lit(TILE_EDGE), 6)
        s.face([(side * half * 0.9, ridge, z + deep), (side * half * 0.86, ridge + 1.6, z + deep),
                (side * half * 0.8, ridge, z + deep)], lit(TILE_EDGE))


def paving(s, size, colour, alpha, step=3):
    for k in range(-size, size + 1, step):
        s.line((k + 0.7, 0, -size), (k + 0.7, 0, size), colour, 1.5, alpha)
        s.line((-size, 0, k + 0.7), (size, 0, k + 0.7), colour, 1.5, alpha)


class Round(Film):
    width, height = W, H

    def build(self):
        self.still = self.layer(self.scene, opaque=True)

    def draw(self, c, t):
        c.set_source_surface(self.still)
        c.paint()
        self.live(c, t)


class Court(Round):
    """The court by day, from its middle."""

    camera = (0.0, 1.7, 0.0)

    def scene(self, c):
        shade(c, 0, 0, W, 512, [(0, rgb("3f86b8")), (0.6, rgb("a5cfd2")), (1, rgb("f4e6c0"))])
        shade(c, 0, 512, W, 512, [(0, rgb("d8c8a4")), (1, rgb("a99878"))])
        glow(c, *spot(62, 42), 300, rgb("fff4cc"), 0.9)
        disc(c, *spot(62, 42), 26, rgb("fffbe8"))
        s = Space(c, self.camera)
        paving(s, 45, rgb("8f7d62"), 0.45)
        z = self.camera[2]
        for near, far in ((z + 2.5, 27), (z - 2.5, -27)):
            s.face([(-2, 0, far), (2, 0, far), (2, 0, near), (-2, 0, near)], rgb("efe4cc"))
        for turn, half, doors, z in ((90, 16, 5, 27), (-90, 16, 5, 27), (180, 11, 3, 30), (0, 20, 7, 30)):
            side = Space(c, self.camera, turn)
            if abs(turn) == 90:
                building(side, z, half, doors, 0.92, 0.8, 5.4, 9.5, 6)
            else:
                building(side, z, half, doors, 1.0 if turn == 0 else 0.9, 2.2 if turn == 0 else 1.0,
                         8.6 if turn == 0 else 6.4, 16 if turn == 0 else 11.5)
        for turn in (45, 135, 225, 315):
            corner = Space(c, self.camera, turn)
            corner.wall(-8, 8, 0, 4.2, 33, rgb("a8402f"))
            corner.wall(-8.4, 8.4, 4.0, 5.0, 32.8, TILE)
            corner.wall(-8.4, 8.4, 4.9, 5.3, 32.7, TILE_EDGE)
        # The stair to the roofs, at yaw 118.
        stair = Space(c, self.camera, 118)
        for k in range(9):
            stair.wall(-2.2, 2.2, 0.7 * k, 0.7 * k + 0.7, 24 + 0.5 * k, rgb("efe6d6") if k % 2 else rgb("bfae96"))
        for x in (-2.5, 2.5):
            stair.face([(x - 0.2, 0, 24), (x + 0.2, 0, 24), (x + 0.2, 7.4, 28.6), (x - 0.2, 7.4, 28.6)], rgb("b5301f"))
        for turn, z in ((30, 17), (-30, 17), (152, 18), (-150, 18), (70, 18)):
            Space(c, self.camera, turn).stand((0, 0, z), lambda x, y, m: pine(c, x, y, 6.4 * m, rgb("4c7a54"), rgb("5a4030")))
        for turn in (16, -16):      # bronze vats
            Space(c, self.camera, turn).stand((0, 0, 20), lambda x, y, m: (
                disc(c, x, y - 0.8 * m, 0.9 * m, rgb("6f6a3c")), box(c, x - 1.0 * m, y - 1.6 * m, 2.0 * m, 0.3 * m, rgb("98904e"))))
        for turn, z, robe in ((-9, 12, "7d2622"), (-13, 13, "234a66"), (38, 10, "2f5d4c"), (-70, 9, "7d2622"),
                              (-76, 9.6, "2f5d4c"), (170, 11, "234a66"), (100, 12, "7d2622")):
            Space(c, self.camera, turn).stand((0, 0, z), lambda x, y, m: person(
                c, x, y, 1.8 * m, rgb(robe), INK, hat="wings", facing=-1 if turn > 0 else 1))
        Space(c, self.camera, 8).stand((0, 0, 7), lambda x, y, m: kuai(c, x, y, 1.75 * m, pose="point", facing=-1))

    def live(self, c, t):
        for k in range(5):
            x = (410 * k + 5 * t) % (W + 400) - 200
            cloud(c, round(x), 150 + 60 * (k % 3), 0.55, CREAM, 0.75)
        birds(c, 400 + 46 * t, 250 - 4 * t, t, 6, 10, rgb("3a3a4c"))
        birds(c, 1500 - 30 * t, 300, t, 4, 8, rgb("3a3a4c"))
        for yaw in (-26, 26):       # banners
            x, y = spot(yaw, -5)
            box(c, x - 2, y - 120, 4, 120, rgb("6a4022"))
            c.move_to(x, y - 118)
            for j in range(1, 7):
                c.line_to(x + 7 * j, y - 118 + 4 * math.sin(4 * t + 0.9 * j))
            for j in range(6, -1, -1):
                c.line_to(x + 7 * j, y - 70 + 4 * math.sin(4 * t + 0.9 * j + 0.6))
            c.close_path()
            fill(c, rgb("e2b03a") if yaw > 0 else VERMILION)


class Gate(Court):
    """The same court at the same time, from the gate."""

    camera = (0.0, 1.7, -19.0)


class Hall(Round):
    """Inside the hall."""

    def scene(self, c):
        camera = (0.0, 1.7, 0.0)
        shade(c, 0, 0, W, 512, [(0, rgb("1f3a38")), (0.6, rgb("2b4a48")), (1, rgb("4a1a18"))])
        shade(c, 0, 512, W, 512, [(0, rgb("4a3228")), (1, rgb("2a1c1a"))])
        s = Space(c, camera)
        paving(s, 12, rgb("7a5a3c"), 0.6, 2)
        for x in range(-10, 11, 2):     # the coffers of the ceiling
            for z in range(-10, 11, 2):
                if x == 0 and z == 0:
                    continue
                s.face([(x - 0.8, 9, z - 0.8), (x + 0.8, 9, z - 0.8), (x + 0.8, 9, z + 0.8), (x - 0.8, 9, z + 0.8)],
                       rgb("2f6f5c") if (x + z) % 4 == 0 else rgb("2b4f88"))
                s.face([(x - 0.3, 9, z), (x, 9, z - 0.3), (x + 0.3, 9, z), (x, 9, z + 0.3)], GOLD)
        shade(c, 0, 0, W, 62, [(0, rgb("2f6f5c")), (1, rgb("2f6f5c"))])
        for k in range(-11, 12, 2):
            s.line((k, 9, -12), (k, 9, 12), rgb("b58a3c"), 3)
            s.line((-12, 9, k), (12, 9, k), rgb("b58a3c"), 3)
        for turn in (0, 90, 180, -90):
            side = Space(c, camera, turn)
            side.wall(-12, 12, 0, 9, 12, rgb("5c1d1a"))
            side.wall(-12, 12, 6.6, 7.6, 12, rgb("27549c"))
            side.wall(-12, 12, 6.9, 7.3, 12, GOLD)
            side.wall(-12, 12, 7.6, 9, 12, rgb("1f5c4a"))
            for k in range(24):
                x = -11.5 + k
                side.face([(x - 0.4, 8.9, 11.8), (x + 0.4, 8.9, 11.8), (x, 7.8, 11.9)], rgb("3a76c4") if k % 2 else GOLD)
            if turn in (90, -90):
                for k in range(5):
                    side.wall(-10 + 4 * k, -7 + 4 * k, 1.2, 6.2, 12, rgb("e8b868"))
                    for j in range(1, 6):
                        side.line((-10 + 4 * k + 0.5 * j, 1.2, 12), (-10 + 4 * k + 0.5 * j, 6.2, 12), DEEP_RED, 2)
                        side.line((-10 + 4 * k, 1.2 + j * 0.83, 12), (-7 + 4 * k, 1.2 + j * 0.83, 12), DEEP_RED, 2)
        back = Space(c, camera, 180)        # the open door, and daylight
        back.wall(-3, 3, 0, 6.2, 11.9, rgb("f6e6bc"))
        back.wall(-3, 3, 0, 2.2, 11.8, rgb("d8c8a4"))
        back.wall(-3, 3, 2.2, 3.2, 11.8, rgb("b06a4c"))
        for x in (-3, 3):
            back.wall(x - 1.5 if x > 0 else x - 1.5, x + 1.5, 0, 6.2, 11.7, VERMILION)
        back.face([(-3, 0, 11.6), (3, 0, 11.6), (4.5, 0, 4), (-4.5, 0, 4)], rgb("ffe9b8"), 0.28)
        for k in range(7):                  # the screen and the throne
            s.wall(-4.2 + 1.2 * k, -3.1 + 1.2 * k, 1.4, 5.4 + 0.5 * (3 - abs(k - 3)), 11, rgb("d9a944") if k % 2 else rgb("c4922f"))
        for k in range(3):
            s.wall(-4.6 + 0.6 * k, 4.6 - 0.6 * k, 0.45 * k, 0.45 * (k + 1), 9 + 0.5 * k, blend(rgb("b07a30"), rgb("5c3420"), k / 3))
        s.wall(-1.3, 1.3, 1.3, 3.4, 10.4, rgb("e8c25a"))
        s.wall(-1.0, 1.0, 1.3, 2.1, 10.2, DEEP_RED)
        stair = Space(c, camera, 80)        # the stair, at yaw 80
        for k in range(11):
            stair.wall(-1.5, 1.5, 0.42 * k, 0.42 * k + 0.42, 7 + 0.35 * k, rgb("9a6236") if k % 2 else rgb("6e4427"))
        for x in (-1.7, 1.7):
            stair.face([(x - 0.1, 0.9, 7), (x + 0.1, 0.9, 7), (x + 0.1, 5.6, 10.9), (x - 0.1, 5.6, 10.9)], GOLD)
        for turn in (25, 60, 120, 155, -25, -62, -118, -155):
            column = Space(c, camera, turn)
            for x0, x1, colour in ((-0.5, 0.5, "7c1a14"), (-0.36, 0.26, "b5301f"), (-0.22, 0.02, "d24a30")):
                column.wall(x0, x1, 0, 8, 7.6, rgb(colour))
            for k in range(7):
                column.line((-0.4, 0.8 + k, 7.5), (0.4, 1.3 + k, 7.5), GOLD, 4)
            column.wall(-0.7, 0.7, 0, 0.3, 7.4, rgb("cfc4b4"))
        lamp = Space(c, camera, -35)        # the lamp that can be lit, at yaw -35
        lamp.wall(-0.06, 0.06, 0, 1.1, 5, rgb("8a6a34"))
        lamp.wall(-0.4, 0.4, 0, 0.12, 5, rgb("8a6a34"))
        lamp.wall(-0.34, 0.34, 1.05, 1.25, 5, GOLD)
        Space(c, camera, -48).stand((0, 0, 5.6), lambda x, y, m: kuai(c, x, y, 1.75 * m, pose="point", facing=1))

    def live(self, c, t):
        x, y = spot(-35, -4.6)
        flames(c, x, y, 9, 16, t, 0.4, 1)
        glow(c, x, y - 6, 90, rgb("ffc46a"), 0.4 + 0.05 * math.sin(7 * t))
        for k in range(24):                 # dust in the light of the door
            p = (k * 0.618) % 1
            px = (spot(180, 0)[0] + 220 * (p - 0.5) + 8 * math.sin(0.6 * t + k)) % W
            disc(c, px, 400 + 190 * ((k * 0.37) % 1) + 6 * math.sin(0.9 * t + 2 * k), 1.6, CREAM, 0.5)
        for yaw in (-12, 12, 100, -100, 150, -150):
            lantern(c, *spot(yaw, 34), 13, t, yaw, 0.8)


class Roof(Round):
    """On the ridge at dusk: roofs to the horizon."""

    def scene(self, c):
        camera = (0.0, 20.0, 0.0)
        shade(c, 0, 0, W, 512, [(0, rgb("141c48")), (0.45, rgb("4a3f78")), (0.75, rgb("c4687a")), (1, rgb("f8b878"))])
        shade(c, 0, 512, W, 512, [(0, rgb("6a4a60")), (1, rgb("2c2038"))])
        stars(c, 5, 120, 230, W)
        glow(c, *spot(-60, 3), 420, rgb("ffd08a"), 0.9)
        disc(c, *spot(-60, 3), 34, rgb("fff0c4"))
        disc(c, *spot(120, 36), 20, rgb("f4f2e4"))
        glow(c, *spot(120, 36), 130, rgb("e4e8ff"), 0.5)
        for k in range(7):
            Space(c, camera, -170 + 52 * k).stand((0, 0, 900), lambda x, y, m: polygon(
                c, [(x - 220, 516), (x - 60, 490 - 9 * (k % 3)), (x + 40, 500), (x + 120, 484), (x + 260, 516)], rgb("7c5478")))
        rows = []
        for ring, far in enumerate((150, 112, 82, 58, 40)):
            count = (20, 16, 12, 9, 6)[ring]
            for k in range(count):
                rows.append((far, 360 * k / count + 13 * ring, ring))
        for far, turn, ring in rows:
            u = ring / 4
            light = 0.42 + 0.28 * u + 0.2 * max(0.0, math.cos(math.radians(turn + 60)))
            building(Space(c, camera, turn), far, 9 + 2 * ((k := int(turn)) % 3), 3, light, 1.0, 6.0 + ring % 2, 12 + k % 4, 7)
        # Our own roof falls away on both sides of the ridge.
        s = Space(c, camera)
        for side in (-1, 1):
            s.face([(-16, 18.2, 0.5 * side), (16, 18.2, 0.5 * side), (22, 10.5, 12 * side), (-22, 10.5, 12 * side)], rgb("8a5a34"))
            for k in range(-16, 17):
                s.line((k, 18.2, 0.5 * side), (k * 1.375, 10.5, 12 * side), rgb("5c3a2c"), 4)
            s.line((-22, 10.5, 12 * side), (22, 10.5, 12 * side), rgb("d99a48"), 8)
        for side in (-1, 1):
            s.face([(side * 16, 18.2, -0.5), (side * 16, 18.2, 0.5), (side * 22, 10.5, 12), (side * 22, 10.5, -12)], rgb("7a4e30"))
        s.face([(-16, 18.3, 0.5), (16, 18.3, 0.5), (16, 18.3, 0.3), (-16, 18.3, 0.3)], rgb("d99a48"))
        s.face([(-16, 18.3, -0.5), (16, 18.3, -0.5), (16, 18.3, -0.3), (-16, 18.3, -0.3)], rgb("d99a48"))
        shade(c, 0, 920, W, 104, [(0, rgb("8a5a34")), (1, rgb("8a5a34"))])
        for x in (-8, 8):
            s.stand((x, 18.2, 0.0), lambda px, py, m: polygon(c, [
                (px - 0.6 * m, py), (px - 0.5 * m, py - 1.0 * m), (px - 0.1 * m, py - 1.7 * m), (px + 0.5 * m, py - 1.5 * m),
                (px + 0.3 * m, py - 0.9 * m), (px + 0.7 * m, py)], rgb("e0a648")))
        Space(c, camera, -52).stand((0, 18.3, 4.6), lambda x, y, m: kuai(c, x, y, 1.75 * m, facing=-1))

    def live(self, c, t):
        for k in range(4):
            cloud(c, round((520 * k + 7 * t) % (W + 400) - 200), 330 + 34 * (k % 3), 0.5, rgb("f6b08c"), 0.5)
        birds(c, 620 + 34 * t, 420 - 5 * t, t, 8, 9, rgb("2a1c3c"))
        birds(c, 1300 - 26 * t, 380, t, 5, 8, rgb("2a1c3c"))
        sparks(c, *spot(20, -14), 300, 120, 0.4 * t, 12, 0.3, rgb("ffcf8a"), 1.8)


FILMS = {"court": Court, "court-gate": Gate, "hall": Hall, "roof": Roof}
