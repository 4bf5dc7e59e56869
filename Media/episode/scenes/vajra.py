import math

from ..paint import (
    CREAM, DEEP_RED, GOLD, H, INK, VERMILION, Film, box, cloud, disc, fill, glow, great_hall, kuai, person,
    polygon, pulse, put, ramp, rgb, sample, shade, sky, smooth, stroke, tiled_roof)


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
