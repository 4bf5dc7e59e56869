import math

from ..paint import (
    CREAM, W, Film, blend, box, disc, hills, kuai, palaces, person, polygon, put, rgb, shade, sky, smooth,
    sparks, stroke)


def log_end(c, x, y, r, light=1.0):
    """The sawn end of a great log, with its rings."""
    disc(c, x, y, r, rgb("5b3a22"))
    disc(c, x, y, 0.94 * r, blend((0, 0, 0), rgb("d9a25c"), light))
    for k in range(16):
        u = 0.9 - 0.055 * k
        c.save()
        c.translate(x + 0.03 * r * math.sin(k), y + 0.02 * r * math.cos(2.2 * k))
        c.scale(1, 0.97)
        c.new_sub_path()
        c.arc(0, 0, u * r, 0, 2 * math.pi)
        c.restore()
        stroke(c, rgb("a46a30"), r * (0.010 if k % 3 else 0.02), 0.8)
    for angle, length in ((0.4, 0.5), (2.3, 0.35), (4.1, 0.45), (5.3, 0.3)):
        c.move_to(x + 0.08 * r * math.cos(angle), y + 0.08 * r * math.sin(angle))
        c.line_to(x + length * r * math.cos(angle), y + length * r * math.sin(angle))
    stroke(c, rgb("7a4a22"), r * 0.014)


class Yard(Film):
    """The timber yard: a log as high as two men, sawyers, the man from the court."""

    def build(self):
        self.back = self.layer(self.distance, 2200, opaque=True)
        self.stacks = self.layer(self.piles, 2300)
        self.great = self.layer(self.great_log, 1150, 1080)

    def distance(self, c):
        sky(c, "b9c7b4", "e6d9b0", "f3dfae", height=700)
        hills(c, 560, 130, rgb("a7b39a"), 2.4, 2200, rgb("d9d2a8"))
        palaces(c, 640, rgb("93937c"), ((1500, 360, 130, 2), (1900, 220, 90, 1), (1050, 260, 100, 1)))
        box(c, 0, 640, 2200, 500, rgb("c9b27e"))
        shade(c, 0, 640, 2200, 440, [(0, rgb("d6c390")), (1, rgb("8d7048"))])

    def piles(self, c):
        for bx, base, r, rows in ((1150, 760, 34, 5), (1480, 790, 40, 5), (1900, 800, 44, 6)):
            for row in range(rows):
                for k in range(rows - row):
                    log_end(c, bx + (k * 2 + row) * r, base - row * r * 1.72 - r, r, 0.9)
        for x in (1020, 1390, 1800):
            c.move_to(x, 800)
            c.line_to(x + 90, 330)
            c.line_to(x + 180, 800)
            c.move_to(x + 46, 560)
            c.line_to(x + 136, 560)
        stroke(c, rgb("6a5034"), 12)

    def great_log(self, c):
        for k in range(14):
            shade(c, 0, 300 + k * 50, 480, 52, [(0, rgb("8d6238")), (1, rgb("6b4526"))])
        log_end(c, 480, 640, 420)
        for k in range(3):
            polygon(c, [(120 + 340 * k, 1080), (190 + 340 * k, 1000), (260 + 340 * k, 1080)], rgb("4c3526"))

    def draw(self, c, t):
        put(c, self.back, -50 - 7 * t)
        put(c, self.stacks, -60 - 14 * t)
        x = 1190 - 14 * t
        polygon(c, [(x - 160, 800), (x + 330, 730), (x + 330, 762), (x - 160, 836)], rgb("9a6b3d"))
        pull = 36 * math.sin(3.4 * t)
        person(c, x - 70 + pull * 0.3, 860, 200, rgb("7b5b4a"), rgb("3a2a26"), pose="hold", lean=0.06 * math.sin(3.4 * t))
        person(c, x + 250 + pull * 0.3, 800, 190, rgb("5d6b58"), rgb("3a2a26"), facing=-1, pose="hold", lean=-0.06 * math.sin(3.4 * t))
        c.move_to(x - 20 + pull, 745)
        c.line_to(x + 200 + pull, 715)
        stroke(c, rgb("454a52"), 8)
        sparks(c, x + 90, 800, 80, -120, t, 14, 0.3, rgb("f3dca2"), 4)
        person(c, 1640 - 22 * t, 985, 330, rgb("8c2f2a"), rgb("2a1a1a"), hat="wings", facing=-1,
               pose="point" if 4.6 < t < 9.2 else "stand")
        put(c, self.great, -60 - 24 * t, 20)
        lean = 0.10 * smooth(t, 9.4, 10.6)
        kuai(c, 985 - 24 * t - 30 * smooth(t, 9.4, 10.6), 1030, 400, facing=-1, lean=-lean if lean else 0.0, pose="hold")
        for k in range(26):     # dust in the sun
            p = (k * 0.618) % 1
            disc(c, (k * 331 + 18 * t * (1 + p)) % W, 200 + 700 * p + 20 * math.sin(t + k), 2 + 2 * p, CREAM, 0.35)
