#!/usr/bin/env python3
"""Prints the frame number that the sample episode shows in each picture.

    Media/frame-number.py PICTURE...

A picture is a screenshot or a frame at any scale (from 480x270 up), as long as it is the whole
16:9 picture and nothing covers the strip. Needs only ffmpeg, which reads every format.
Prints one number a line, in the order of the arguments; exits with 1 at the first picture it can't read.
The strip (see README.md): 21 cells of 32x32 from (3104, 2080) of 3840x2160:
white, black, 16 bits with the highest first (white is 1), odd parity, black, white.
"""

import subprocess
import sys

STRIP_X, STRIP_Y, CELL, CELLS, BITS = 3104, 2080, 32, 21, 16
WIDTH, HEIGHT = 1920, 1080          # every picture is brought to this size first
SCALE = 3840 // WIDTH
MINIMUM_CONTRAST = 80               # between the darkest and the lightest cell, of 255


def fail(path, what):
    sys.exit(f"frame-number: {path}: {what}")


def cells(path):
    """The mean brightness (0...255) of the middle of each cell."""
    probe = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                            "stream=width,height", "-of", "csv=p=0", path],
                           capture_output=True, text=True)
    if probe.returncode != 0:
        fail(path, "not a picture that ffprobe can read: " + probe.stderr.strip())
    width, height = (int(x) for x in probe.stdout.strip().split(",")[:2])
    if abs(width * 9 - height * 16) > 16 * 9:
        fail(path, f"{width}x{height} is not 16:9; give the whole picture without bars or controls")
    crop = f"crop={CELLS * CELL // SCALE}:{CELL // SCALE}:{STRIP_X // SCALE}:{STRIP_Y // SCALE}"
    picture = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-frames:v", "1", "-vf",
                              f"scale={WIDTH}:{HEIGHT}:flags=bilinear,format=gray,{crop}",
                              "-f", "rawvideo", "pipe:1"], capture_output=True)
    side, stride = CELL // SCALE, CELLS * CELL // SCALE
    if len(picture.stdout) != side * stride:
        fail(path, "ffmpeg gave no picture: " + picture.stderr.decode(errors="replace").strip())
    middle = range(side // 4, side - side // 4)
    return [sum(picture.stdout[y * stride + k * side + x] for y in middle for x in middle)
            / len(middle) ** 2 for k in range(CELLS)]


def frame_number(path):
    levels = cells(path)
    low, high = min(levels), max(levels)
    if high - low < MINIMUM_CONTRAST:
        fail(path, f"no strip at its place: brightness runs only from {low:.0f} to {high:.0f}")
    read = [int(level > (low + high) / 2) for level in levels]
    bits, parity = read[2:2 + BITS], read[2 + BITS]
    if read[:2] != [1, 0] or read[-2:] != [0, 1]:
        fail(path, f"no strip at its place: read {''.join(map(str, read))}, expected 10…01")
    if (sum(bits) + parity) % 2 != 1:
        fail(path, f"the strip is damaged: {''.join(map(str, read))} has even parity")
    return int("".join(map(str, bits)), 2)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__.strip())
    for picture_path in sys.argv[1:]:
        print(frame_number(picture_path))
