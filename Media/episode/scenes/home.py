import math

from ..paint import (
    CREAM, W, Film, birds, blend, box, bracket, disc, glints, glow, hills, mixed, person, polygon, put, ramp,
    rgb, shade, sky, stroke, tiled_roof, willow)


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
