import math

from ..paint import (
    CREAM, W, Film, birds, box, cloud, disc, glints, glow, hills, kuai, palaces, person, polygon, pulse, put,
    rgb, sample, shade, sky, stroke)


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
