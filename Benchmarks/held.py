"""Clients that wait together, the kernel's floor for answering them, and a live title to ask (held-client.c, held-floor.c)."""
import array
import collections
import os
import re
import resource
import socket
import subprocess
import sys
import time
import urllib.request

# Of answers that came together: nanoseconds since 1970 when each arrived, CPU nanoseconds of the server from the
# first request and from the last quiet moment to the last answer, how long both were, and the answers that differ.
Round = collections.namedtuple("Round", "arrived cpu release_cpu seconds release_seconds answers")
Answer = collections.namedtuple("Answer", "status head body")


def compiled(folder):
    """The two programs, made of what lies beside this file."""
    here = os.path.dirname(os.path.abspath(__file__))
    made = [os.path.join(folder, name) for name in ("held-client", "held-floor")]
    for program in made:
        subprocess.run(["cc", "-O2", "-Wall", "-pthread", "-o", program, os.path.join(here, os.path.basename(program) + ".c")],
                       check=True)
    return made


def take_descriptors():
    """As many as this machine lets a process have."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


def cpu(pid):
    """Nanoseconds that a process has used, as clock_getcpuclockid(3) names its clock."""
    return time.clock_gettime_ns(~pid << 3 | 2)


def percentiles(values):
    """Of nanoseconds, in milliseconds."""
    values = sorted(values)
    return {name: round(values[int(share * (len(values) - 1))] / 1e6, 2)
            for name, share in [("min", 0), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1)]}


def spread(values, digits=2):
    values = sorted(values)
    return {"min": round(values[0], digits), "median": round(values[len(values) // 2], digits), "max": round(values[-1], digits)}


class Program:
    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def line(self):
        text = self.process.stdout.readline().decode()
        if not text:
            sys.exit(f"{self.process.args[0]} ended")
        return text

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Clients(Program):
    def __init__(self, program, host, port, count, pid):
        super().__init__(program, host, port, count, pid)
        self.count = count
        self.line()

    def ask(self, target, fields=""):
        """When the first asked, and when all had."""
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode()
        self.say(b"%d\n%s" % (len(request), request))
        return list(map(int, self.line().split()[1:]))

    def answers(self):
        """Waits for all."""
        start, cpu_start, quiet, cpu_quiet, end, cpu_end, different = map(int, self.line().split()[1:])
        arrived, answers = array.array("q", self.process.stdout.read(8 * self.count)), []
        for _ in range(different):
            status, head, count = self.line().split()
            data = self.process.stdout.read(int(count))
            answers.append(Answer(status, data[:int(head)], data[int(head):]))
        if any(answer.status != "200" for answer in answers):
            sys.exit(f"answers with {', '.join(answer.status for answer in answers)}")
        return Round(arrived, cpu_end - cpu_start, cpu_end - cpu_quiet, (end - start) / 1e9, (end - quiet) / 1e9, answers)


class Floor(Program):
    def __init__(self, program, threads):
        super().__init__(program, threads)
        self.port, self.threads = int(self.line()), threads

    def take(self, answer):
        data = answer.head + answer.body
        self.say(b"answer %d\n%s" % (len(data), data))

    def holds(self, count):
        """Waits until so many wait."""
        while True:
            self.say(b"held\n")
            if int(self.line()) == count:
                return
            time.sleep(0.01)

    def release(self):
        """When that was said."""
        begin = time.time_ns()
        self.say(b"release\n")
        return begin


def encode(folder, rate, seconds, bit_rate="2M"):
    """A film of so many pictures a second, a fragment for each; `bit_rate` as ffmpeg takes it."""
    path = os.path.join(folder, "source.mp4")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s=640x360:r={rate}", "-t", str(seconds),
                    "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", str(2 * rate), "-sc_threshold", "0",
                    "-b:v", bit_rate, "-maxrate", bit_rate, "-bufsize", bit_rate, "-video_track_timescale", str(1000 * rate), "-movflags",
                    "empty_moov+default_base_moof+frag_every_frame", path], check=True)
    return path


class Channel:
    """A live title with segments of 2 s and parts of 0.2 s."""

    def __init__(self, program, folder, source, *options, stdin=subprocess.DEVNULL):
        os.mkdir(os.path.join(folder, "library"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [program, "live", source, os.path.join(folder, "library"), "--name", "channel", "--port", str(self.port),
             "--part", "0.2s", "--segment", "2s", "--keep", "none", *options], stdin=stdin, stdout=subprocess.DEVNULL)

    def playlist(self):
        """The URL of the first media playlist, when there is one."""
        while self.process.poll() is None:
            try:
                main = fetch(f"http://127.0.0.1:{self.port}/channel/main.m3u8")
                track = [line for line in main.splitlines() if line and line[0] != "#"][0]
                return f"http://127.0.0.1:{self.port}/channel/{track}"
            except OSError:
                time.sleep(0.1)
        sys.exit("the packager ended")

    def close(self):
        self.process.terminate()
        self.process.wait(20)


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as reply:
        return reply.read().decode()


def hint(text):
    """Of a media playlist the URI of the next part without its numbers, and the numbers of its segment and of itself."""
    prefix, number, part = re.search(r'PRELOAD-HINT:TYPE=PART,URI="([^"]*?)(\d+)\.(\d+)\.m4s"', text).groups()
    return prefix, int(number), int(part)
