import math

from ..paint import (
    W, Film, box, cage, cricket, glow, kuai, lantern, palaces, person, polygon, put, rgb, shade, sky, stars,
    tiled_roof)


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
