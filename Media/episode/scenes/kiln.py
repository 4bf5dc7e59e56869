import math

from ..paint import (
    H, W, Film, blend, box, fill, flames, glow, kuai, person, pulse, put, ramp, rgb, shade, sparks, stroke)


class Kiln(Film):
    """The golden-tile yard: fire behind brick arches, and a tile that rings."""

    def build(self):
        self.back = self.layer(self.wall, 2200, opaque=True)
        self.tiles = self.layer(self.stacks, 2300)

    def wall(self, c):
        shade(c, 0, 0, 2200, H, [(0, rgb("1d1424")), (0.6, rgb("3a1f22")), (1, rgb("21131a"))])
        for row in range(17):
            for k in range(34):
                v = 0.5 + 0.5 * math.sin(12.9 * row + 78.2 * k)
                box(c, k * 70 - 35 * (row % 2), 120 + row * 40, 64, 34, blend(rgb("4d2b28"), rgb("6b3b30"), v))
        for k in range(3):
            x = 420 + k * 640
            c.arc(x, 560, 230, math.pi, 2 * math.pi)
            c.line_to(x + 230, 820)
            c.line_to(x - 230, 820)
            c.close_path()
            fill(c, rgb("7d4833"))
            c.arc(x, 570, 180, math.pi, 2 * math.pi)
            c.line_to(x + 180, 820)
            c.line_to(x - 180, 820)
            c.close_path()
            fill(c, rgb("1a0806"))
        box(c, 0, 810, 2200, 300, rgb("2b1a1c"))

    def stacks(self, c):
        for x, count in ((90, 8), (330, 5), (1500, 9), (1760, 6), (2010, 10)):
            for k in range(count):
                y = 1000 - k * 46
                box(c, x, y, 210, 42, rgb("6f665e"))
                box(c, x, y, 210, 9, rgb("b79a64"))
                box(c, x + 196, y + 9, 14, 33, rgb("453d3c"))

    def draw(self, c, t):
        shift = -8 * t
        put(c, self.back, shift)
        for k in range(3):
            x = 420 + k * 640 + round(shift)
            c.save()
            c.arc(x, 570, 180, math.pi, 2 * math.pi)
            c.line_to(x + 180, 820)
            c.line_to(x - 180, 820)
            c.close_path()
            c.clip()
            flames(c, x, 830, 360, 330, t + 3 * k, 1.3 * k, 6)
            c.restore()
            glow(c, x, 700, 520, rgb("ff8a32"), 0.30 + 0.04 * math.sin(5 * t + 2 * k) + 0.03 * math.sin(13 * t + k))
        sparks(c, 960, 800, 1700, 760, t, 50, 0.1)
        put(c, self.tiles, -18 * t)
        person(c, 1000, 1010, 300, rgb("4a3a36"), rgb("1c1418"), hat="straw", facing=1, pose="point", lean=0.04 * math.sin(1.1 * t))
        lift = 60 * pulse(t, 7.2, 10.4, 0.5)
        kuai(c, 1420, 1030, 400, facing=-1, pose="hold")
        box(c, 1190, 830 - lift, 170, 36, rgb("7b7066"))
        box(c, 1190, 830 - lift, 170, 8, rgb("f0c46a"))
        for at in (7.9, 9.2):
            u = ramp(t, at, at + 1.6)
            if 0 < u < 1:
                for k in range(3):
                    c.new_sub_path()
                    c.arc(1275, 845 - lift, 60 + 420 * u + 46 * k, 0, 2 * math.pi)
                    stroke(c, rgb("ffd98a"), 5, 0.7 * (1 - u) / (k + 1))
        shade(c, 0, 780, W, 300, [(0, (0, 0, 0, 0)), (1, (0.05, 0.02, 0.04, 0.75))])
