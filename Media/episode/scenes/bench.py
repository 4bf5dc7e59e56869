import math

from ..paint import (
    H, W, Film, box, bracket, disc, flames, glow, great_hall, hills, kuai, mixed, palaces, polygon, put, ramp,
    rgb, shade, smooth, stroke)


class Bench(Film):
    """The workshop by moonlight: a set of brackets grows without a nail."""

    def build(self):
        self.room = self.layer(self.walls, opaque=True)
        self.table = self.layer(self.bench)
        self.model = self.layer(lambda c: great_hall(c, 330, 350, 0.026, (1.0, 0.86, 0.66)), 660, 360)

    def walls(self, c):
        shade(c, 0, 0, W, H, [(0, rgb("101634")), (0.7, rgb("252347")), (1, rgb("1a1630"))])
        for k in range(9):
            box(c, k * 240, 0, 34, H, rgb("161430"))
        disc(c, 1440, 380, 304, rgb("4d3a3c"))
        disc(c, 1440, 380, 280, rgb("2f4a86"))
        c.save()
        c.arc(1440, 380, 280, 0, 2 * math.pi)
        c.clip()
        shade(c, 1160, 100, 560, 560, [(0, rgb("20346c")), (1, rgb("6a86b8"))])
        glow(c, 1500, 300, 330, rgb("dfe9ff"), 0.8)
        disc(c, 1500, 300, 82, rgb("f6f6e8"))
        hills(c, 610, 60, rgb("2a3560"), 3.1)
        palaces(c, 640, rgb("1b2148"), ((1330, 200, 80, 2), (1560, 160, 60, 1)))
        c.restore()
        for k in range(-3, 4):
            half = math.sqrt(max(0, 280 ** 2 - (k * 80) ** 2))
            c.move_to(1440 + k * 80, 380 - half)
            c.line_to(1440 + k * 80, 380 + half)
            c.move_to(1440 - half, 380 + k * 80)
            c.line_to(1440 + half, 380 + k * 80)
        stroke(c, rgb("3a2a34"), 8)
        for k, (x, h) in enumerate(((110, 250), (160, 300), (215, 220), (270, 330), (330, 270))):
            c.move_to(x, 210)
            c.line_to(x, 210 + h)
            stroke(c, rgb("3c2c38"), 10)
            polygon(c, [(x - 16, 210 + h), (x + 16, 210 + h), (x + 26, 270 + h), (x - 26, 270 + h)], rgb("4c5468"))
        box(c, 70, 196, 320, 16, rgb("4a3430"))

    def bench(self, c):
        shade(c, 0, 820, W, 60, [(0, rgb("8a5a3a")), (1, rgb("5c3a2a"))])
        box(c, 0, 880, W, 200, rgb("2c1c22"))
        for x in (200, 960, 1700):
            box(c, x, 880, 70, 200, rgb("3f2824"))
        for k in range(16):     # shavings
            c.arc(980 + 54 * k + 12 * math.sin(3 * k), 812 - 4 * (k % 3), 12 + 5 * (k % 2), 0.3, 5.2)
            stroke(c, rgb("e2b878"), 4)

    def draw(self, c, t):
        put(c, self.room)
        sway = 10 * math.sin(0.8 * t)
        c.save()
        c.arc(1440, 380, 276, 0, 2 * math.pi)
        c.clip()
        for k in range(7):      # bamboo before the moon
            x = 1220 + 26 * k + sway * (0.4 + 0.1 * k)
            c.move_to(1230, 100 + 16 * k)
            c.curve_to(x, 160 + 30 * k, x + 60, 190 + 30 * k, x + 130, 200 + 34 * k)
            stroke(c, rgb("141a38"), 9)
        c.restore()
        polygon(c, [(1200, 560), (1640, 560), (1300, 1080), (560, 1080)], rgb("9db4e8"), 0.07)
        flicker = 0.42 + 0.05 * math.sin(7 * t) + 0.03 * math.sin(17 * t)
        glow(c, 700, 640, 760, rgb("ffae52"), flicker)
        put(c, self.table)
        put(c, self.model, 1120, 490)
        box(c, 395, 640, 130, 180, rgb("9a2f22"))
        bracket(c, 460, 640, 0.27, mixed(2.2, 10.2, ramp(t, 0.4, 8.2)), (1.0, 0.86, 0.68))
        kuai(c, 900, 900, 520, facing=-1, pose="hold", lean=-0.05 - 0.04 * smooth(t, 7.6, 8.6))
        put(c, self.front_edge())
        box(c, 716, 770, 26, 50, rgb("5a4a3c"))
        flames(c, 729, 772, 24, 44, t, 0.5, 1)
        glow(c, 729, 745, 120, rgb("ffd080"), 0.5)

    def front_edge(self):
        if not hasattr(self, "edge"):
            self.edge = self.layer(lambda c: (box(c, 0, 852, W, 28, rgb("5c3a2a")), box(c, 0, 880, W, 200, rgb("24171e"))))
        return self.edge
