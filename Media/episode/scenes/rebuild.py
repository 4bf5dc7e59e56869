import math

from ..paint import (
    CREAM, H, INK, Film, birds, box, cloud, disc, great_hall, hills, kuai, palaces, person, polygon, put, ramp,
    rgb, sample, shade, sky, smooth, stroke)


class Rebuild(Film):
    """Nineteen years later: scaffolding, cranes, a grey-haired master."""

    def build(self):
        self.back = self.layer(self.morning, 2100, opaque=True)
        self.bare = self.layer(self.frame_only)
        self.whole = self.layer(lambda c: great_hall(c, 1080, 900, 0.066))
        self.poles = self.layer(self.scaffold)

    def morning(self, c):
        sky(c, "86b7c4", "cfe0c8", "fae6b8", height=820)
        hills(c, 700, 160, rgb("a8c0b4"), 5.1, 2100, rgb("e8e2bc"))
        palaces(c, 830, rgb("b98e74"), ((180, 360, 130, 1), (1850, 420, 160, 2)))
        shade(c, 0, 820, 2100, 260, [(0, rgb("dccba6")), (1, rgb("93806a"))])

    def frame_only(self, c):
        great_hall(c, 1080, 900, 0.066, roofed=False)

    def scaffold(self, c):
        for k in range(17):
            c.move_to(430 + 82 * k, 900)
            c.line_to(424 + 82 * k, 330 + 14 * abs(k - 8))
        for k in range(6):
            c.move_to(400, 420 + 88 * k)
            c.line_to(1770, 414 + 88 * k)
        stroke(c, rgb("a98a4e"), 8)
        for k in range(8):
            c.move_to(430 + 164 * k, 860)
            c.line_to(594 + 164 * k, 420)
        stroke(c, rgb("8a6e3c"), 5)

    def draw(self, c, t):
        put(c, self.back, -60 - 5 * t)
        cloud(c, 300 + 5 * t, 200, 1.2, CREAM, 0.6)
        birds(c, 200 + 150 * t, 260 - 6 * t, 0.5 * t, 5, 30, rgb("f8f4ea"), 1.0)
        put(c, self.bare)
        u = smooth(t, 3.0, 9.0)     # tile by tile, from the middle outwards
        if u > 0:
            half = 900 * u
            c.save()
            c.rectangle(1080 - half, 0, 2 * half, H)
            c.clip()
            put(c, self.whole)
            c.restore()
        put(c, self.poles, 0, 0, 1 - 0.85 * smooth(t, 6.6, 9.6))
        for k in range(6):
            y = 508 + 88 * (k % 3) - 6
            x = 520 + 210 * k + 24 * math.sin(0.7 * t + k)
            person(c, x, y, 84, (rgb("7b5b4a"), rgb("4a6a6c"))[k % 2], INK, hat="straw", facing=1 if k % 2 else -1, pose="hold") if t < 9 else None
        load = 300 * ramp(t, 1.0, 7.0)
        c.move_to(1640, 300)
        c.line_to(1640, 790 - load)
        stroke(c, rgb("5a4a34"), 4)
        polygon(c, [(1530, 790 - load), (1750, 780 - load), (1750, 812 - load), (1530, 822 - load)], rgb("9a6b3d"))
        kuai(c, 300, 1060, 560, pose="point", facing=1, hair=rgb("b9b4b0"), lean=0.03 * math.sin(0.9 * t))
        box(c, 250, 690, 190, 120, rgb("f1e4c4"))
        c.set_source_rgb(*rgb("8a3a2a"))
        sample.far_roof(c, 345, 795, 130, 70, 2)
        person(c, 690, 1070, 380, rgb("6b7f5c"), rgb("3a2a26"), facing=-1, pose="stand")
        for k in range(22):     # blossom
            p = (k * 0.618) % 1
            x = (k * 391 + 60 * t * (0.6 + p)) % 2000 - 40
            y = (p * 1100 + 70 * t * (0.7 + p)) % 1120 - 20
            disc(c, x + 16 * math.sin(2 * t + k), y, 6 + 3 * p, rgb("f6c4c0"), 0.9)
