import math

from ..paint import (
    CREAM, GOLD, H, W, Film, blend, box, disc, glow, kuai, lantern, mixed, person, polygon, pulse, put, rgb,
    shade, smooth, stroke)


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
