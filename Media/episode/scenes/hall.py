import math

from ..paint import (
    CREAM, INK, VERMILION, W, Film, birds, cloud, disc, fill, glow, great_hall, kuai, palaces, person, polygon,
    put, rgb, shade, sky, smooth, stroke)


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
