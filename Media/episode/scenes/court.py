import math

from ..paint import (
    GOLD, H, INK, Film, blend, box, disc, glow, great_hall, kuai, person, polygon, pulse, put, rgb, shade,
    stroke)


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
