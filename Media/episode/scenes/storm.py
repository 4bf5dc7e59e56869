import math

from ..paint import (
    H, INK, KUAI_ROBE, W, Film, blend, box, disc, flames, glow, great_hall, kuai, palaces, person, put, ramp,
    rgb, shade, sky, smooth, sparks, stroke)


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
