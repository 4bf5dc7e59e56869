"""What is at rest: every body that an answer may have."""
import collections
import os
import re
import struct
import subprocess

STILL, MOVING = "still", "moving"  # titles: one that stays, one that is replaced


class Rest:
    """Bodies by path, of every version that a title will have."""

    def __init__(self):
        self.whole = collections.defaultdict(list)  # path → the bodies it may have

    def add_title(self, name, folder):
        """A packaged title: every track's bytes, and its segments by its index (sidx)."""
        for file in sorted(os.listdir(folder)):
            if not file.endswith(".mp4"):
                continue
            with open(os.path.join(folder, file), "rb") as opened:
                data = opened.read()
            track = file[:-4]
            self.whole[f"/{name}/{file}"].append(data)
            version = re.search(rf'URI="{re.escape(track)}/([0-9a-f]+)/init\.mp4"', self.playlist(name, track))
            for path, body in self.segments(data, f"/{name}/{track}/{version[1]}/"):
                self.whole[path].append(body)

    def playlist(self, name, track):
        return self.whole[f"/{name}/{track}.m3u8"][-1].decode()

    @staticmethod
    def segments(data, base):
        at = 0
        while True:
            size, kind = struct.unpack_from(">I4s", data, at)
            if kind == b"sidx":
                break
            at += size
        wide = data[at + 8] == 1
        yield base + "init.mp4", data[:at]
        first = struct.unpack_from(">Q" if wide else ">I", data, at + (28 if wide else 24))[0]
        table = at + (36 if wide else 28)
        count = struct.unpack_from(">H", data, table + 2)[0]
        offset = at + size + first
        for number in range(count):
            length = struct.unpack_from(">I", data, table + 4 + 12 * number)[0] & 0x7fffffff
            yield base + f"{number + 1}.m4s", data[offset:offset + length]
            offset += length


def make_source(path, seconds, seed):
    """Noise, so that segments are large without much work for the encoder."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
         f"testsrc2=s=640x360:r=25:d={seconds},noise=alls=60:allf=t:all_seed={seed}", "-f", "lavfi", "-i",
         f"sine=f={300 + seed}:d={seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "8M", "-maxrate", "8M",
         "-bufsize", "8M", "-g", "50", "-c:a", "aac", "-shortest", path], check=True)
