"""The scenes of Kuai Xiang, one class each."""

import math

import cairo

from .paint import (
    CREAM, DEEP_RED, GOLD, H, INK, KUAI_ROBE, TILE, TOWER, VERMILION, W, Film, birds, blend, box, bracket,
    cage, cloud, cricket, disc, fill, flames, glints, glow, great_hall, hills, kuai, lantern, mixed,
    palaces, person, pine, polygon, pulse, put, ramp, rgb, roof, sample, shade, sky, smooth, sparks, stars,
    stroke, tiled_roof, tower, willow)


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


def raft(c, y, count, size, length):
    """Logs bound side by side, seen from the bank: their ends at the right."""
    for k in range(count):
        top = y + k * size * 0.62
        shade(c, 0, top, length, size, [(0, rgb("b98a56")), (0.4, rgb("8a5c33")), (1, rgb("4a2d1d"))])
        disc(c, length, top + size / 2, size / 2, rgb("e0b477"))
        c.arc(length, top + size / 2, size / 3.2, 0, 2 * math.pi)
        stroke(c, rgb("9a6a38"), 3)
    for x in (0.15, 0.5, 0.85):
        box(c, x * length, y - 4, 14, size * (0.62 * (count - 1) + 1) + 8, rgb("d8c28c"))


class River(Film):
    """Dawn on the Grand Canal; rafts of logs; the walls of Beijing."""

    def build(self):
        self.sky = self.layer(lambda c: sky(c, "2d3a66", "7a5f86", "e08f7c", "f9c487", height=640), opaque=True)
        self.far = self.layer(lambda c: (hills(c, 610, 150, rgb("8b6a8c"), 1.0, 2300, rgb("e9a98a"))), 2300)
        self.near = self.layer(self.town, 2400)
        self.water = self.layer(lambda c: shade(c, 0, 0, W, 460, [
            (0, rgb("f3b98a")), (0.2, rgb("c98a86")), (0.6, rgb("6c5a80")), (1, rgb("33355f"))]), W, 460)
        self.back = self.layer(lambda c: raft(c, 20, 2, 26, 520), 560, 90)
        self.front = self.layer(self.raft, 1500, 560)
        self.bank = self.layer(self.reeds, 2500, 420)

    def town(self, c):
        colour = rgb("57406a")
        box(c, 0, 590, 2400, 60, colour)
        for k in range(120):
            box(c, k * 20, 582, 12, 10, colour)
        palaces(c, 592, colour, ((380, 260, 110, 2), (1500, 340, 140, 2), (2050, 240, 100, 1)))
        box(c, 0, 636, 2400, 10, rgb("e7a98b"), 0.5)

    def raft(self, c):
        raft(c, 330, 4, 62, 1380)
        kuai(c, 1130, 372, 300, hat="knot", pose="stand")
        c.move_to(1206, 120)
        c.line_to(1168, 520)
        stroke(c, rgb("3b2a26"), 9)
        person(c, 420, 370, 250, rgb("5c4a52"), rgb("2e2530"), hat="straw", facing=1, pose="hold")
        polygon(c, [(560, 335), (640, 220), (800, 220), (880, 335)], rgb("6b4b34"))
        polygon(c, [(545, 235), (650, 180), (790, 180), (895, 235)], rgb("a87d45"))

    def reeds(self, c):
        for k in range(150):
            x = 17 * k + 9 * math.sin(5 * k)
            top = 130 + 90 * math.sin(1.9 * k) + 60 * math.sin(0.13 * k)
            c.move_to(x, 420)
            c.curve_to(x, 330, x + 12, 260, x + 26 + 8 * math.sin(k), top)
        stroke(c, rgb("231c38"), 7)
        for k in range(0, 150, 3):
            x = 17 * k + 9 * math.sin(5 * k)
            top = 130 + 90 * math.sin(1.9 * k) + 60 * math.sin(0.13 * k)
            c.save()
            c.translate(x + 26, top)
            c.rotate(0.3)
            c.scale(8, 34)
            disc(c, 0, 0, 1, rgb("3a2a3c"))
            c.restore()

    def draw(self, c, t):
        put(c, self.sky)
        y = 600 - 14 * t
        glow(c, 1330, y, 560, rgb("ffd9a0"), 0.8)
        disc(c, 1330, round(y), 84, rgb("fff0cf"))
        cloud(c, 300 + 3 * round(t), 210, 1.3, rgb("f2b79c"), 0.4)
        cloud(c, 1500 - 4 * round(t), 320, 1.0, rgb("f6c6a0"), 0.45)
        birds(c, 500 + 60 * t, 300 - 8 * t, t, 6, 18, rgb("3a2d50"))
        put(c, self.far, -6 * t)
        put(c, self.near, -14 * t)
        put(c, self.water, 0, 640)
        glints(c, 0, 652, W, 400, t, 46, rgb("ffdfae"), 0.5, 12)
        for k in range(9):
            u = k / 9
            half = 26 + 90 * u + 18 * math.sin(2.1 * t + 1.9 * k)
            c.move_to(1330 - half, 660 + 34 * k)
            c.line_to(1330 + half, 660 + 34 * k)
            stroke(c, rgb("fff0cf"), 5 + 6 * u, 0.6 - 0.4 * u)
        put(c, self.back, 1150 + 16 * t, 676 + 2 * math.sin(1.2 * t))
        bob = round(4 * math.sin(1.1 * t))
        put(c, self.front, -420 + 36 * t, 420 + bob)
        for k in range(5):
            c.move_to(-420 + 36 * t + 100 + 260 * k, 950 + 14 * (k % 2))
            c.rel_line_to(150, 0)
        stroke(c, rgb("ffdfae"), 5, 0.5)
        put(c, self.bank, -30 * t, 720)
        a = pulse(t, 1.0, 6.0, 0.8)
        if a > 0:
            sample.text(c, "蒯祥", 150, 330, 190, CREAM, a, bold=True, spacing=20)
            sample.text(c, "KUAI XIANG", 160, 410, 48, CREAM, a, spacing=16)


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


class Cricket(Film):
    """Night market: lanterns, an old man, and a cage like a tower."""

    def build(self):
        self.back = self.layer(self.street, 2200, opaque=True)
        self.cage = self.layer(lambda c: cage(c, 400, 960, 1.28, rgb("edc980"), rgb("8a5f2c")), 800, 1000)

    def street(self, c):
        sky(c, "0d1030", "241c48", "4a2b50", height=760)
        stars(c, 7, 90, 420, 2200)
        palaces(c, 560, rgb("1a1536"), ((300, 420, 150, 2), (1100, 360, 130, 1), (1800, 460, 170, 2)))
        for k in range(6):
            x = 30 + k * 380
            box(c, x, 500, 330, 330, rgb("2c1d3a"))
            tiled_roof(c, x + 165, 510, 220, 90, 150, 30, rgb("3a2a4c"), rgb("1f1630"), rgb("4c3860"))
            for j in range(3):
                box(c, x + 30 + j * 100, 590, 70, 150, rgb("f0a24a") if (k + j) % 3 else rgb("6a3a3a"))
                box(c, x + 62 + j * 100, 590, 6, 150, rgb("2c1d3a"))
                box(c, x + 30 + j * 100, 660, 70, 6, rgb("2c1d3a"))
        shade(c, 0, 800, 2200, 280, [(0, rgb("3a2440")), (1, rgb("150f22"))])

    def draw(self, c, t):
        put(c, self.back, -40 - 9 * t)
        for k in range(7):
            lantern(c, 130 + 290 * k - 14 * t, 120 + 40 * (k % 2), 40, t, k)
        for k in range(4):
            x = (260 + 520 * k + (24 if k % 2 else -24) * t) % 2200 - 140
            person(c, x, 850, 210, rgb("241a34"), hat=("straw", "knot")[k % 2], facing=1 if k % 2 else -1,
                   skin=rgb("7c5a58"))
        glow(c, 1290, 620, 700, rgb("ff9f45"), 0.40 + 0.03 * math.sin(6 * t))
        person(c, 500, 1060, 620, rgb("6b5648"), rgb("3a2c28"), hat="straw", facing=1, pose="kneel", hair=rgb("c9c4ba"))
        polygon(c, [(560, 800), (590, 800), (584, 900), (566, 880)], rgb("d9d4c8"))
        for k, (x, y) in enumerate(((180, 930), (270, 960), (700, 965))):
            cage(c, x, y, 0.17, rgb("c79a55"), rgb("6a4a26"))
        put(c, self.cage, 890 - 6 * t, 60)
        cricket(c, 1290 - 6 * t, 940, 90, t, rgb("2a1a12"))
        kuai(c, 1760 - 10 * t, 1090, 640, facing=-1, pose="hold")
        box(c, 0, 1050, W, 30, rgb("120c1c"))


class Court(Film):
    """The audience: red columns, the throne, the hall in the emperor's hands."""

    def build(self):
        self.back = self.layer(self.throne, 2100, opaque=True)
        self.columns = self.layer(self.pillars, 2600)
        self.model = self.layer(lambda c: great_hall(c, 170, 120, 0.0125), 340, 130)
        self.row = self.layer(self.ministers, 2400, 420)

    def throne(self, c):
        shade(c, 0, 0, 2100, H, [(0, rgb("2a0f18")), (0.55, rgb("5e1f1c")), (1, rgb("3a1418"))])
        for k in range(22):
            for j in range(3):
                box(c, k * 100, j * 76, 92, 68, rgb("2c5a4c") if (k + j) % 2 else rgb("27406f"))
                disc(c, k * 100 + 46, j * 76 + 34, 20, GOLD)
        x = 1050
        for k in range(7):      # the screen of gold
            px = x - 420 + 120 * k
            box(c, px, 300 - 60 * (3 - abs(k - 3)) / 3, 112, 420, rgb("b98730"))
            box(c, px + 10, 312 - 60 * (3 - abs(k - 3)) / 3, 92, 396, rgb("d9a944"))
            for j in range(4):
                c.arc(px + 56, 360 + 90 * j, 26, 0.4, 5.6)
                stroke(c, rgb("a06a1e"), 7)
        for k in range(5):
            w = 620 + 150 * k
            box(c, x - w / 2, 720 + 34 * k, w, 34, blend(rgb("b07a30"), rgb("5c3420"), k / 5))
            box(c, x - w / 2, 720 + 34 * k, w, 6, GOLD)
        box(c, 0, 890, 2100, 200, rgb("3c2620"))
        for k in range(-9, 10):
            c.move_to(x + 120 * k, 890)
            c.line_to(x + 330 * k, 1080)
        for k in range(4):
            c.move_to(0, 900 + 18 * k * k)
            c.line_to(2100, 900 + 18 * k * k)
        stroke(c, rgb("6e4a30"), 3)
        polygon(c, [(x - 110, 890), (x + 110, 890), (x + 330, 1080), (x - 330, 1080)], rgb("8f2a22"))
        box(c, x - 130, 520, 260, 210, rgb("caa03e"))
        for s in (-1, 1):
            polygon(c, [(x + s * 130, 540), (x + s * 176, 600), (x + s * 150, 730), (x + s * 130, 730)], rgb("a87a28"))

    def pillars(self, c):
        for x in (60, 420, 2060, 2420):
            shade(c, x - 62, 0, 124, 950, [(0, rgb("5a120f")), (0.35, rgb("c23a24")), (0.6, rgb("a32c1c")), (1, rgb("4a0e10"))], True)
            for k in range(9):
                c.arc(x + 26 * math.sin(1.3 * k), 90 + 96 * k, 36, 0.6 + k, 4.2 + k)
                stroke(c, rgb("e0b04c"), 9, 0.8)
            shade(c, x - 86, 930, 172, 46, [(0, rgb("d9cfc0")), (1, rgb("8f857c"))])

    def ministers(self, c):
        for s, start in ((1, 20), (-1, 2380)):
            for k in range(6):
                person(c, start + s * 130 * k, 400 - 14 * k, 380 - 22 * k, (rgb("7d2622"), rgb("234a66"), rgb("2f5d4c"))[k % 3],
                       INK, hat="wings", facing=s)

    def draw(self, c, t):
        put(c, self.back, -90 - round(20 * math.sin(0.2 * t)))
        x = 960 - round(20 * math.sin(0.2 * t))
        glow(c, x, 520, 640, rgb("ffcf70"), 0.35)
        person(c, x, 740, 330, rgb("e2b03a"), rgb("8a3a22"), hat="crown", pose="hold", facing=1)
        lift = 16 * math.sin(0.8 * t)
        put(c, self.model, x + 20 + 8 * math.sin(0.5 * t), 470 + lift)
        for k in range(3):
            a = 0.10 + 0.03 * math.sin(0.7 * t + 2 * k)
            px = 250 + 560 * k + 10 * t
            polygon(c, [(px, 0), (px + 150, 0), (px - 180, 1080), (px - 480, 1080)], rgb("ffdf9a"), a)
        put(c, self.row, -240 - 4 * t, 600)
        kuai(c, 960 + 2 * t, 1050, 470, pose="kneel", facing=1, lean=0.06 * pulse(t, 4.8, 7.2, 0.5) + 0.05 * pulse(t, 9.2, 12.2, 0.5))
        put(c, self.columns, -330 - 7 * t)
        for s in (0, 1):        # incense
            for k in range(7):
                u = ((0.11 * t + k / 7 + 0.3 * s) % 1)
                disc(c, x + (-330, 330)[s] + 30 * math.sin(5 * u + t * 0.6 + s), 720 - 420 * u, 8 + 30 * u, rgb("e8dcc8"), 0.10 * (1 - u))


def gate(c, x, y, w, h, leaf=rgb("a32a1e"), stud=GOLD):
    box(c, x, y, w, h, leaf)
    for j in range(9):
        for k in range(9):
            cx, cy = x + (k + 0.5) * w / 9, y + (j + 0.5) * h / 9
            disc(c, cx + 3, cy + 4, w / 30, blend(leaf, (0, 0, 0), 0.5))
            disc(c, cx, cy, w / 30, stud)
            disc(c, cx - 3, cy - 4, w / 80, CREAM, 0.7)


class Sill(Film):
    """Night at the gate: the threshold is too short."""

    def build(self):
        self.back = self.layer(self.gates, 2100, opaque=True)
        self.front = self.layer(self.beam, 2200)

    def gates(self, c):
        shade(c, 0, 0, 2100, H, [(0, rgb("0c1230")), (1, rgb("1d1a38"))])
        for s in (0, 1):
            gate(c, 330 + 740 * s, 130, 700, 760, rgb("4a1a2c"), rgb("8d7a4e"))
            disc(c, 980 + 140 * s, 540, 44, rgb("7c6a44"))
            c.arc(980 + 140 * s, 566, 34, 0, math.pi)
            stroke(c, rgb("a08a58"), 10)
        for x in (190, 1790):
            shade(c, x, 0, 140, 960, [(0, rgb("1c0c1c")), (0.4, rgb("52203a")), (1, rgb("180a18"))], True)
        box(c, 0, 0, 2100, 110, rgb("1a2c44"))
        for k in range(24):
            disc(c, 44 + 90 * k, 56, 26, rgb("51603c") if k % 2 else rgb("6b5a2e"))
        shade(c, 0, 930, 2100, 150, [(0, rgb("2a2a48")), (1, rgb("15142c"))])

    def beam(self, c):
        shade(c, 330, 780, 1180, 150, [(0, rgb("8a5638")), (0.25, rgb("6b3f2c")), (1, rgb("351f24"))])
        for k in range(9):
            c.move_to(340, 800 + 14 * k)
            c.curve_to(700, 790 + 15 * k, 1100, 812 + 13 * k, 1500, 800 + 14 * k)
        stroke(c, rgb("4c2c22"), 3, 0.7)
        c.save()
        c.translate(1510, 855)
        c.scale(0.32, 1)
        disc(c, 0, 0, 75, rgb("e9c07e"))
        disc(c, 0, 0, 44, rgb("c99552"))
        disc(c, 0, 0, 20, rgb("e0b06a"))
        c.restore()
        for k in range(60):
            u = (k * 0.618) % 1
            disc(c, 1530 + 190 * u, 930 - 26 * (1 - abs(2 * u - 1)) * ((k * 0.37) % 1), 5, rgb("e8c78c"))

    def draw(self, c, t):
        x = -60 - 6 * t
        put(c, self.back, x)
        polygon(c, [(1250, 0), (1760, 0), (1500, 1080), (560, 1080)], rgb("a9c0f0"), 0.10)
        if t < 3.2:             # somebody runs, a saw on his shoulder
            px = 1280 + 300 * t
            person(c, px, 940 - 10 * abs(math.sin(8 * t)), 430, rgb("07060f"), hat="wings", lean=0.16, skin=rgb("0d0b18"))
            polygon(c, [(px - 170, 560), (px + 150, 500), (px + 150, 530), (px - 160, 620)], rgb("0d0d1c"))
        put(c, self.front, x)
        a = smooth(t, 2.6, 4.2)
        flick = 0.05 * math.sin(7 * t) + 0.03 * math.sin(17 * t)
        lx = mixed(300, 1180, smooth(t, 2.2, 5.4)) + x + 60
        glow(c, lx + 130, 720, 620, rgb("ffad55"), a * (0.5 + flick))
        kuai(c, lx, 1040, 470, pose="stand" if t < 5.6 else "kneel", facing=1)
        if a > 0:
            lantern(c, lx + 130, 700 if t < 5.6 else 800, 32, t, 0.4, a)
        u = pulse(t, 6.0, 9.6, 0.6)     # the foot that is missing
        if u > 0:
            gx = 1530 + x
            for px in (gx, gx + 230):
                c.move_to(px, 760)
                c.line_to(px, 700)
            c.move_to(gx, 730)
            c.line_to(gx + 230, 730)
            stroke(c, rgb("ffdf9a"), 5, u)
            c.set_dash([16, 12])
            c.rectangle(gx, 780, 230, 150)
            stroke(c, rgb("ffdf9a"), 4, 0.7 * u)
            c.set_dash([])
        dawn = smooth(t, 9.5, 13.3)
        shade(c, 0, 0, W, H, [(0, (0.95, 0.6, 0.5, 0.12 * dawn)), (1, (0.9, 0.5, 0.3, 0.02 * dawn))])


def dragon(c, x, y, s, facing, body=rgb("8a5638"), gold=rgb("e9b94e")):
    """A dragon's head carved on the end of a beam, a pearl before its mouth."""
    c.save()
    c.translate(x, y)
    c.scale(s * facing, s)
    c.move_to(-0.3, -0.5)
    c.curve_to(0.1, -0.72, 0.45, -0.6, 0.6, -0.36)
    c.curve_to(0.85, -0.4, 1.05, -0.3, 1.0, -0.12)
    c.curve_to(0.85, -0.04, 0.72, -0.02, 0.62, 0.02)
    c.curve_to(0.8, 0.1, 0.95, 0.14, 0.9, 0.26)
    c.curve_to(0.6, 0.42, 0.2, 0.5, -0.3, 0.5)
    c.close_path()
    fill(c, body)
    c.move_to(-0.1, -0.5)
    c.curve_to(-0.2, -0.8, -0.5, -0.86, -0.62, -0.74)
    c.move_to(0.12, -0.58)
    c.curve_to(0.02, -0.86, -0.26, -0.98, -0.42, -0.9)
    c.move_to(0.94, -0.2)
    c.curve_to(1.3, -0.34, 1.2, -0.66, 1.42, -0.62)
    c.move_to(-0.28, 0.1)
    c.curve_to(-0.02, 0.2, 0.2, 0.3, 0.5, 0.28)
    stroke(c, gold, 0.07)
    for k in range(3):
        c.arc(-0.16 + 0.16 * k, 0.0 - 0.06 * k, 0.13, 0.5, 3.9)
        stroke(c, gold, 0.045)
    disc(c, 0.42, -0.3, 0.1, CREAM)
    disc(c, 0.45, -0.3, 0.05, INK)
    disc(c, 1.2, 0.04, 0.15, gold)
    disc(c, 1.16, 0.0, 0.05, CREAM)
    c.restore()


class Vajra(Film):
    """Morning: dragon heads at both ends; the sill lifts; the carriage rolls through."""

    def build(self):
        self.back = self.layer(self.beyond, 2200, opaque=True)
        self.frame_layer = self.layer(self.door, 2100)
        self.beam = self.layer(self.sill, 1500, 330)

    def beyond(self, c):
        sky(c, "5fa0c0", "bfd8c4", "f8e2ae", height=760)
        cloud(c, 500, 220, 1.2, CREAM, 0.7)
        cloud(c, 1500, 160, 1.5, CREAM, 0.6)
        great_hall(c, 1080, 860, 0.058)
        shade(c, 0, 850, 2200, 230, [(0, rgb("dccba6")), (1, rgb("9c8a74"))])

    def door(self, c):
        for s, x in ((0, 0), (1, 1700)):
            shade(c, x, 0, 400, H, [(0, rgb("6e1916")), (0.5, rgb("b5301f")), (1, rgb("6e1916"))], True)
        polygon(c, [(400, 60), (560, 140), (560, 900), (400, 1000)], rgb("8f2419"))
        polygon(c, [(1700, 60), (1540, 140), (1540, 900), (1700, 1000)], rgb("8f2419"))
        for j in range(8):
            for k in range(3):
                for s in (0, 1):
                    px = (430 + 44 * k, 1670 - 44 * k)[s]
                    disc(c, px, 150 + 96 * j + 8 * k * (4 - j) / 3, 12, GOLD)
        sample.painted_beam(sample.Brush(c, 24.0, 1.0), 0, 0, 2100, 120, 0)
        shade(c, 0, 985, 2100, 95, [(0, rgb("c9bda8")), (1, rgb("8f8375"))])

    def sill(self, c):
        shade(c, 170, 130, 1160, 130, [(0, rgb("b0703f")), (0.3, rgb("8a5634")), (1, rgb("4c2f24"))])
        for k in range(9):
            c.arc(310 + 110 * k, 195, 30, 0.5 + k, 4.4 + k)
            stroke(c, GOLD, 7)
        dragon(c, 1290, 195, 140, 1)
        dragon(c, 210, 195, 140, -1)

    def draw(self, c, t):
        put(c, self.back, -100 - 6 * t)
        for k in range(5):
            person(c, 520 + 250 * k - 6 * t, 900, 150, (rgb("7d2622"), rgb("234a66"))[k % 2], INK, hat="wings", facing=1)
        roll = -1000 + 2700 * ramp(t, 5.2, 10.6)
        if t > 5.2:             # parasols, the carriage, its bearers
            for k in range(3):
                px = roll + 620 + 160 * k
                person(c, px, 985, 260, rgb("c9a23c"), DEEP_RED, hat="knot", lean=0.03 * math.sin(6 * t + k))
                c.move_to(px + 50, 900)
                c.line_to(px + 50, 520)
                stroke(c, rgb("5a3a20"), 7)
                polygon(c, [(px - 40, 560), (px + 50, 500), (px + 140, 560)], (rgb("e2b03a"), VERMILION)[k % 2])
                box(c, px - 40, 560, 180, 34, (rgb("c08a2a"), DEEP_RED)[k % 2])
            tiled_roof(c, roll + 330, 640, 230, 90, 120, 34, rgb("e2b03a"), rgb("a8701f"), rgb("f3cf6a"))
            box(c, roll + 170, 640, 320, 210, rgb("a32a1e"))
            box(c, roll + 250, 670, 160, 130, rgb("f3cf7a"))
            person(c, roll + 330, 830, 170, rgb("e2b03a"), hat="crown")
            box(c, roll + 140, 840, 380, 34, rgb("7c4a22"))
            for s in (-1, 1):
                wx, wy = roll + 330 + s * 120, 920
                c.new_sub_path()
                c.arc(wx, wy, 78, 0, 2 * math.pi)
                stroke(c, rgb("5a3216"), 18)
                for k in range(8):
                    a = 2.4 * t + k * math.pi / 4
                    c.move_to(wx, wy)
                    c.line_to(wx + 74 * math.cos(a), wy + 74 * math.sin(a))
                stroke(c, rgb("7c4a22"), 9)
        put(c, self.frame_layer, -90)
        up = smooth(t, 2.4, 4.6)
        put(c, self.beam, 210 - 40 * up, 800 - 330 * up, 1.0 if t < 5.0 else max(0.0, 1 - (t - 5.0) / 0.6))
        glow(c, 950, 860 - 330 * up, 700, rgb("ffe2a0"), 0.35 * pulse(t, 2.2, 5.4, 0.8))
        kuai(c, 250, 1060, 470, pose="point" if 2.2 < t < 5.4 else "stand", facing=1, lean=0.08 * pulse(t, 6.4, 9.6, 0.6))


class Hall(Film):
    """New Year's Day: the hall in the light of the morning."""

    def build(self):
        self.sky = self.layer(lambda c: sky(c, "3a6f9c", "9cc0bc", "f6dba0", "fbc27c", height=900), opaque=True)
        self.hall = self.layer(self.palace, W, 1300)
        self.people = self.layer(self.crowd, 2300, 300)

    def palace(self, c):
        for s in (-1, 1):
            palaces(c, 960, rgb("a0604c"), ((960 + s * 760, 360, 170, 2),))
        great_hall(c, 960, 1010, 0.0835)
        shade(c, 0, 1008, W, 300, [(0, rgb("e8d2a6")), (1, rgb("a98f78"))])
        polygon(c, [(850, 1010), (1070, 1010), (1330, 1300), (590, 1300)], rgb("a32a1e"))

    def crowd(self, c):
        for row in range(3):
            for k in range(20 - 2 * row):
                if 7 - row < k < 11 - row:
                    continue
                person(c, 40 + 118 * k + 50 * (row % 2), 150 + 60 * row, 150 + 26 * row, (rgb("7d2622"), rgb("234a66"), rgb("2f5d4c"))[(k + row) % 3],
                       INK, hat="wings", facing=1 if k < 10 else -1)

    def draw(self, c, t):
        put(c, self.sky)
        y = 560 - 16 * t
        for k in range(16):     # rays
            a = k * math.pi / 8 + 0.03 * t
            polygon(c, [(960, y), (960 + 1500 * math.cos(a), y + 1500 * math.sin(a)),
                        (960 + 1500 * math.cos(a + 0.16), y + 1500 * math.sin(a + 0.16))], rgb("fff0c8"), 0.14)
        glow(c, 960, y, 720, rgb("ffe6a8"), 0.8)
        disc(c, 960, round(y), 120, rgb("fff4d8"))
        cloud(c, 260 + 6 * t, 190, 1.3, CREAM, 0.6)
        cloud(c, 1640 - 6 * t, 240, 1.1, CREAM, 0.6)
        birds(c, -100 + 260 * t, 330 - 14 * t, t, 9, 17, rgb("4a3a50"))
        rise = round(60 - 60 * smooth(t, 0, 7))
        put(c, self.hall, 0, rise)
        glow(c, 960, 810 + rise, 420, rgb("ffcf70"), 0.5 * smooth(t, 0.8, 3.4))
        for s in (-1, 1):       # banners
            for k in range(3):
                x, y0 = 960 + s * (330 + 190 * k), 700 + 30 * k
                c.move_to(x, 1060)
                c.line_to(x, y0)
                stroke(c, rgb("6a4022"), 8)
                c.move_to(x, y0)
                for j in range(1, 7):
                    c.line_to(x + s * 14 * j, y0 + 8 * math.sin(4 * t + 0.9 * j + k))
                for j in range(6, -1, -1):
                    c.line_to(x + s * 14 * j, y0 + 150 + 10 * math.sin(4 * t + 0.9 * j + k + 0.6))
                c.close_path()
                fill(c, (rgb("e2b03a"), VERMILION, rgb("2f6d97"))[k])
        put(c, self.people, -190, 830 + 14 * smooth(t, 1.8, 3.2) - 14 * smooth(t, 4.4, 6))
        kuai(c, 960, 1075, 250, pose="stand", facing=1)


class Storm(Film):
    """Lightning, fire, and the rain that comes too late."""

    def build(self):
        self.back = self.layer(self.night, 2100, opaque=True)
        self.hall = self.layer(lambda c: (great_hall(c, 960, 900, 0.072, (0.34, 0.27, 0.42)),
                                          shade(c, 0, 898, W, 200, [(0, rgb("3a2a3c")), (1, rgb("15101e"))])))
        self.black = self.layer(lambda c: great_hall(c, 960, 900, 0.072, (0.10, 0.05, 0.06)))

    def night(self, c):
        sky(c, "0a0c20", "1d1a38", "3c2440", height=900)
        for k in range(9):
            c.save()
            c.translate(150 + 240 * k, 120 + 60 * math.sin(2.2 * k))
            c.scale(260, 90)
            disc(c, 0, 0, 1, rgb("141430"))
            disc(c, 0.4, -0.3, 0.7, rgb("191838"))
            c.restore()
        palaces(c, 900, rgb("120e22"), ((150, 420, 170, 2), (1800, 460, 180, 2)))

    def bolt(self, c, x, seed, alpha):
        c.move_to(x, 0)
        y, px = 0, x
        for k in range(9):
            y += 30
            px += 46 * math.sin(7.7 * k + seed)
            c.line_to(px, y)
        c.line_to(960, 300)
        stroke(c, rgb("cfe0ff"), 9, alpha)

    def draw(self, c, t):
        put(c, self.back, -60 - 5 * t)
        fire = smooth(t, 2.5, 5.5)
        low = 1 - 0.35 * smooth(t, 7.6, 10.6)
        if fire > 0:
            glow(c, 960, 560, 900, rgb("ff6a20"), fire * low * (0.62 + 0.05 * math.sin(6 * t)))
            flames(c, 960, 560, 1150, 430 * fire * low, t, 0.7, 11, 0.85)
        put(c, self.hall)
        if fire > 0:
            put(c, self.black, 0, 0, 0.75 * smooth(t, 4.0, 8.0))
            glow(c, 960, 620, 620, rgb("ff7a24"), 0.5 * fire * low)
            flames(c, 960, 640, 1010, 330 * fire * low, t + 5, 2.2, 15)
            flames(c, 960, 816, 830, 210 * fire * low, t + 2, 4.0, 17)
            sparks(c, 960, 760, 1300, 760, 1.7 * t, 90, 0.4)
            for k in range(10):
                u = (0.09 * t + k / 10) % 1
                disc(c, 760 + 60 * k + 160 * u, 420 - 420 * u, 60 + 130 * u, rgb("1a1420"), 0.34 * fire * (1 - u))
        for at, x in ((0.55, 700), (2.4, 1180)):
            a = ramp(t, at, at + 0.04) * (1 - ramp(t, at + 0.1, at + 0.5))
            if a > 0:
                self.bolt(c, x, at * 9, a)
                box(c, 0, 0, W, H, rgb("dfe8ff"), 0.42 * a)
        for k in range(6):      # they carry water
            s = 1 if k % 2 else -1
            px = (330 * k + s * 170 * t) % 2300 - 180
            if fire > 0.2:
                person(c, px, 980 + 12 * (k % 3) - 8 * abs(math.sin(9 * t + k)), 190, rgb("16101c"), hat="knot", facing=s, pose="hold", skin=rgb("5a3324"), lean=0.10)
                box(c, px + s * 60 - 16, 870 + 12 * (k % 3), 32, 34, rgb("2a1a14"))
        kuai(c, 400 + 4 * t, 1090, 470, robe=blend(KUAI_ROBE, INK, 0.45), facing=1, pose="point" if t > 2.6 else "stand", skin=rgb("c07a4a"))
        rain = smooth(t, 6.4, 8.6)
        if rain > 0:
            for k in range(150):
                p = (k * 0.618034) % 1
                x = (k * 0.7548 * W * 1.1 - 160 * t) % (W + 200) - 60
                y = (p * 1300 + 1500 * t * (0.8 + 0.4 * p)) % 1240 - 120
                c.move_to(x, y)
                c.line_to(x - 9, y + 56)
            stroke(c, rgb("b8c8e8"), 2.2, 0.42 * rain)


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


class Home(Film):
    """By the lake: white walls, a willow, children."""

    def build(self):
        self.back = self.layer(self.lake, 2100, opaque=True)
        self.village = self.layer(self.houses, 2200)

    def lake(self, c):
        sky(c, "6f9fb0", "c7d6bc", "f8dfa8", "f9c98a", height=620)
        hills(c, 590, 170, rgb("8fae9f"), 1.9, 2100, rgb("dcd8ae"))
        hills(c, 610, 90, rgb("6d9486"), 4.3, 2100, rgb("c9ce9e"))
        shade(c, 0, 610, 2100, 470, [(0, rgb("f0d6a0")), (0.3, rgb("a9c4b0")), (1, rgb("4f8490"))])

    def houses(self, c):
        for x, y, w, h in ((60, 520, 330, 240), (330, 470, 360, 290), (1890, 560, 300, 200)):
            polygon(c, [(x, y + h), (x, y), (x + 0.12 * w, y - 40), (x + 0.88 * w, y - 40), (x + w, y), (x + w, y + h)], rgb("f2ece0"))
            tiled_roof(c, x + w / 2, y - 26, 0.62 * w, 80, 0.4 * w, 26, rgb("4a5058"), rgb("2c3138"), rgb("363b44"))
            box(c, x + 0.14 * w, y + 70, 0.2 * w, 80, rgb("5a4034"))
            box(c, x + 0.6 * w, y + 90, 0.24 * w, h - 90, rgb("4a3228"))
        box(c, 0, 756, 820, 40, rgb("a89c88"))
        polygon(c, [(0, 790), (860, 790), (1000, 1080), (0, 1080)], rgb("8fa070"))
        polygon(c, [(0, 850), (700, 850), (860, 1080), (0, 1080)], rgb("7d9160"))

    def draw(self, c, t):
        put(c, self.back, -40 - 4 * t)
        glow(c, 1360, 400, 520, rgb("fff0c0"), 0.7)
        disc(c, 1360, round(400 + 6 * t), 78, rgb("fff4d4"))
        glints(c, 0, 622, W, 440, t, 44, rgb("fff2cc"), 0.55, 7)
        bx = 1240 + 12 * t
        polygon(c, [(bx - 170, 730), (bx + 190, 730), (bx + 130, 780), (bx - 120, 780)], rgb("4a3a34"))
        polygon(c, [(bx - 20, 724), (bx - 20, 470), (bx + 150, 560), (bx + 140, 724)], rgb("d9b27a"))
        for k in range(4):
            c.move_to(bx - 20, 724 - 60 * k)
            c.line_to(bx + 142, 724 - 40 * k)
        stroke(c, rgb("8a6a44"), 4)
        person(c, bx - 90, 736, 130, rgb("5a4a48"), hat="straw", pose="hold")
        birds(c, 700 + 50 * t, 330 - 5 * t, 0.6 * t, 4, 24, rgb("f8f4ea"), 1.0)
        put(c, self.village, -30 - 10 * t)
        c.move_to(1010 - 10 * t, 1080)
        c.curve_to(980 - 10 * t, 800, 1060 - 10 * t, 500, 900 - 10 * t, 240)
        stroke(c, rgb("5a4634"), 46)
        willow(c, 880 - 10 * t, 230, 620, t, rgb("6f8f4c"))
        person(c, 330, 1050, 440, rgb("5c7386"), rgb("d8b26a"), hat="knot", hair=rgb("d5d0c8"), facing=1, pose="hold")
        box(c, 470, 740, 40, 110, rgb("9a2f22"))
        bracket(c, 490, 760, 0.085, mixed(2.5, 10, ramp(t, 2.0, 8.5)))
        for k, (x, h, colour) in enumerate(((640, 250, rgb("c0563c")), (740, 220, rgb("4a7a6c")), (850, 270, rgb("b98a3c")))):
            hop = 14 * max(0.0, math.sin(3.2 * t + 2 * k)) ** 3
            person(c, x, 1060 - hop, h, colour, CREAM, facing=-1, pose=("stand", "point", "hold")[k])
        for k in range(7):      # lotus
            x, y = 1180 + 120 * k - 22 * t, 960 + 40 * math.sin(2.1 * k)
            c.save()
            c.translate(x, y)
            c.scale(74, 20)
            disc(c, 0, 0, 1, rgb("3f7a5c"))
            c.restore()
            if k % 2:
                for j in range(-2, 3):
                    c.save()
                    c.translate(x + 10, y - 30)
                    c.rotate(0.42 * j + 0.03 * math.sin(t + k))
                    c.scale(12, 36)
                    disc(c, 0, -0.6, 1, blend(rgb("f7c6cc"), rgb("e88f9c"), abs(j) / 3))
                    c.restore()


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


FILMS = {kind.__name__.lower(): kind for kind in (
    River, Yard, Kiln, Bench, Cricket, Court, Sill, Vajra, Hall, Storm, Rebuild, Home, Tower)}
