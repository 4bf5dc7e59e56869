import math

from ..paint import (
    W, Film, box, cage, cloud, cricket, disc, glints, glow, hills, put, rgb, shade, sky, smooth, stars, stroke,
    tower, willow)


class Tower(Film):
    """The corner tower under the moon, and in the water."""

    def build(self):
        self.sky = self.layer(self.night, opaque=True)
        colours = (rgb("c08a34"), rgb("6e4a24"), rgb("e8bb58"), rgb("7c2a26"), rgb("2c5a6c"), rgb("f0b45a"))
        self.tower = self.layer(lambda c: tower(c, 500, 920, 0.8, *colours), 1000, 940)
        self.mirror = self.layer(lambda c: (c.translate(0, 940), c.scale(1, -1), tower(c, 500, 920, 0.8, *colours)), 1000, 940)
        self.straw = self.layer(lambda c: cage(c, 500, 920, 0.8, rgb("f6dc9c"), rgb("9a6c34")), 1000, 940)
        self.wall = self.layer(self.city_wall, 2200, 130)

    def night(self, c):
        sky(c, "0b1638", "1f3564", "4f6a94", "8a90a8", height=740)
        stars(c, 21, 150, 520)
        glow(c, 430, 250, 460, rgb("dfe9ff"), 0.75)
        disc(c, 430, 250, 92, rgb("fbf8e6"))
        hills(c, 720, 70, rgb("2c4068"), 2.7, fade=rgb("6a7c9c"))
        shade(c, 0, 740, W, 340, [(0, rgb("5a7098")), (0.3, rgb("2f4570")), (1, rgb("10193c"))])

    def city_wall(self, c):
        shade(c, 0, 20, 2200, 110, [(0, rgb("5c5468")), (1, rgb("3a3448"))])
        for k in range(74):
            box(c, 30 * k, 2, 18, 20, rgb("5c5468"))
        for k in range(3):
            for j in range(40):
                box(c, 56 * j + 28 * (k % 2), 30 + 34 * k, 2, 30, rgb("2c283c"), 0.6)

    def draw(self, c, t):
        put(c, self.sky)
        for k in range(3):
            cloud(c, 200 + 620 * k + 9 * t, 170 + 110 * (k % 2), 1.2, rgb("7c8fb4"), 0.22)
        put(c, self.wall, -100, 620)
        x = 700
        u = 1 - smooth(t, 1.4, 4.4)     # of straw first, then of wood
        put(c, self.tower, x, -290, 1 - u) if u < 1 else None
        put(c, self.straw, x, -290, u) if u > 0 else None
        # The water under the wall, in bands that waver.
        for k in range(17):
            y = 748 + 20 * k
            shift = round((1 + 0.55 * k) * math.sin(1.5 * t + 0.8 * k))
            c.save()
            c.rectangle(0, y, W, 20)
            c.clip()
            box(c, 0, y, W, 20, rgb("443f58"), 0.8 * max(0.0, 1 - k / 6))
            put(c, self.mirror, x + shift, 830, 0.62 * (1 - u) * (1 - k / 24))
            c.restore()
        glints(c, 0, 752, W, 320, t, 40, rgb("dfe9ff"), 0.32, 6)
        for k in range(12):
            half = 20 + 46 * (k / 12) + 14 * math.sin(1.9 * t + 1.7 * k)
            c.move_to(430 - half, 764 + 26 * k)
            c.line_to(430 + half, 764 + 26 * k)
            stroke(c, rgb("fbf8e6"), 4 + 3 * k / 12, 0.6 - 0.035 * k)
        glow(c, x + 500, 430, 420, rgb("ffb860"), 0.22 * (1 - u))
        willow(c, 1800, 40, 760, t, rgb("1a2a44"), 22)
        willow(c, 60, -60, 640, t + 2, rgb("16223c"), 18)
        for k in range(46):
            gx = 1180 + 17 * k
            c.move_to(gx, 1080)
            c.curve_to(gx, 1030, gx + 8, 1000, gx + 18 + 6 * math.sin(1.2 * t + k), 960 + 40 * math.sin(1.7 * k))
        stroke(c, rgb("0c1430"), 6)
        cricket(c, 1430, 1010, 110, t, rgb("0a0f24"))
