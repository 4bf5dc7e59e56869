"""Clients of every kind, and what they hold the origin to."""
import asyncio
import collections
import hashlib
import random
import re

from .rest import MOVING, STILL
from .wire import Reply, Wire, Wrong

try:
    import h2.config
    import h2.connection
    import h2.events
    import h2.settings
except ImportError:
    h2 = None


class Herd:
    def __init__(self, origin, rest, count, seed, pause):
        self.origin, self.rest, self.count, self.seed, self.pause = origin, rest, count, seed, pause
        self.paths = sorted(rest.whole)
        self.still = [path for path in self.paths if path.startswith(f"/{STILL}/")]
        self.segments = [path for path in self.still if path.endswith(".m4s")]
        self.large = [path for path in self.still if path.endswith(".mp4") and path.count("/") == 2]
        self.counts = collections.Counter()
        self.byte_count = 0
        self.wrong = []
        self.is_over = False
        self.may_break = False  # while the origin is being killed

    async def run(self):
        await asyncio.gather(*(self.client(random.Random(self.seed * 100_003 + number)) for number in range(self.count)))

    async def client(self, chance):
        ways = [(self.keeps, 6), (self.ranges, 6), (self.conditional, 2), (self.pipelines, 3), (self.reads_slowly, 2),
                (self.leaves, 4), (self.half_closes, 2), (self.trickles, 1), (self.idles, 1), (self.talks_nonsense, 1),
                (self.resumes, 3)] + ([(self.speaks_http2, 6)] if h2 else [])
        names, weights = zip(*ways)
        while not self.is_over:
            way = chance.choices(names, weights)[0]
            wire = None
            await asyncio.sleep(self.pause * chance.random())
            try:
                wire = await Wire.open(self.origin.port, 8192 if way == self.reads_slowly else None)
                await way(wire, chance)
                self.counts[way.__name__] += 1
            except (OSError, asyncio.IncompleteReadError) as error:
                if not self.may_break:
                    self.wrong.append(f"{way.__name__}: the connection ended: {error!r}")
                self.counts["broken"] += 1
                await asyncio.sleep(0.05)
            except (Wrong, ValueError, KeyError) as error:
                self.wrong.append(f"{way.__name__}: {error}")
            finally:
                if wire:
                    await wire.close()
            if len(self.wrong) > 20:
                self.is_over = True

    def check(self, path, reply, allowed, selection=None):
        """`selection` makes of a whole body the part that was asked for."""
        self.counts[reply.status] += 1
        self.byte_count += len(reply.body)
        if path.startswith(f"/{MOVING}/"):
            allowed = allowed + (404, 410, 503)
        if reply.status not in allowed:
            raise Wrong(f"{path} is answered {reply.status}, not one of {allowed}")
        if reply.status == 200 or (reply.status == 206 and selection):
            select = selection if reply.status == 206 else lambda body: body
            if all(select(body) != reply.body for body in self.rest.whole[path]):
                digest = hashlib.sha256(reply.body).hexdigest()
                raise Wrong(f"{path}: {len(reply.body)} bytes ({digest}) that are not at rest")

    # MARK: The well-behaved

    async def keeps(self, wire, chance):
        for _ in range(chance.randint(1, 30)):
            path, method = chance.choice(self.paths), chance.choice(["GET"] * 9 + ["HEAD"])
            wire.send(path, *chance.choice([(), ("Accept-Encoding: identity",)]), method=method)
            reply = await wire.reply(has_body=method == "GET")
            if method == "GET":
                self.check(path, reply, (200,))

    async def ranges(self, wire, chance):
        for _ in range(chance.randint(1, 20)):
            path = chance.choice(self.paths)
            longest = max(len(body) for body in self.rest.whole[path])
            first = chance.randrange(longest + 10)
            last = first + chance.choice([0, 1, 1000, 100_000, longest])
            field, select = chance.choice([
                (f"bytes={first}-{last}", lambda body: body[first:last + 1]),
                (f"bytes={first}-", lambda body: body[first:]),
                (f"bytes=-{last}", lambda body: body[-last:] if last else body[:0]),
            ])
            wire.send(path, f"Range: {field}")
            self.check(path, await wire.reply(), (206, 416), select)

    async def conditional(self, wire, chance):
        for _ in range(chance.randint(1, 10)):
            path = chance.choice(self.still)
            wire.send(path, method="HEAD")
            reply = await wire.reply(has_body=False)
            wire.send(path, f"If-None-Match: {reply.fields['etag']}")
            self.check(path, await wire.reply(), (304,))

    async def pipelines(self, wire, chance):
        for _ in range(chance.randint(1, 5)):
            paths = [chance.choice(self.paths) for _ in range(chance.randint(2, 12))]
            for path in paths:
                wire.send(path)
            for path in paths:
                self.check(path, await wire.reply(), (200,))

    async def speaks_http2(self, wire, chance):
        """Streams side by side, some given up; windows of many sizes."""
        client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        client.initiate_connection()
        names = h2.settings.SettingCodes
        client.update_settings({names.INITIAL_WINDOW_SIZE: chance.choice([1000, 65_535, 1 << 20, 1 << 24]),
                                names.HEADER_TABLE_SIZE: chance.choice([0, 100, 4096, 65_536])})
        if chance.random() < 0.7:
            client.increment_flow_control_window(1 << 26)
        left, most, open_streams = chance.randint(1, 100), chance.choice([1, 5, 32]), {}
        while left or open_streams:
            while left and len(open_streams) < most:
                left -= 1
                self.open_stream(client, open_streams, chance)
            if chance.random() < 0.02:
                given_up = chance.choice(list(open_streams))
                client.reset_stream(given_up, 8)
                del open_streams[given_up]
            if chance.random() < 0.01:
                client.ping(b"how long")
            wire.writer.write(client.data_to_send())
            if not open_streams:
                continue
            data = await wire.reader.read(chance.choice([1000, 65_536, 1 << 20]))
            if not data:
                raise asyncio.IncompleteReadError(b"", None)
            for event in client.receive_data(data):
                self.take(event, client, open_streams)

    def open_stream(self, client, open_streams, chance):
        path, method, selection = chance.choice(self.paths), chance.choice(["GET"] * 9 + ["HEAD"]), None
        fields = [(":method", method), (":scheme", "http"), (":authority", "soak"), (":path", path)]
        if method == "GET" and chance.random() < 0.3:
            first = chance.randrange(max(len(body) for body in self.rest.whole[path]))
            last = first + chance.choice([0, 1000, 100_000])
            fields.append(("range", f"bytes={first}-{last}"))
            selection = (lambda first, last: lambda body: body[first:last + 1])(first, last)
        if chance.random() < 0.3:
            fields.append(("priority", chance.choice(["u=0", "u=7", "u=3, i", "i"])))
        number = client.get_next_available_stream_id()
        client.send_headers(number, fields, end_stream=True)
        open_streams[number] = (path, method, selection, Reply(0, {}, bytearray()))

    def take(self, event, client, open_streams):
        if isinstance(event, h2.events.ConnectionTerminated):
            raise Wrong(f"GOAWAY {event.error_code!r}")
        path, method, selection, reply = open_streams.get(getattr(event, "stream_id", None), (None,) * 4)
        if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
            client.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if not path:
            return
        if isinstance(event, h2.events.StreamReset):
            raise Wrong(f"{path}: RST_STREAM {event.error_code!r}")
        if isinstance(event, h2.events.ResponseReceived):
            reply.status = int(dict(event.headers).get(":status") or dict(event.headers)[b":status"])
        elif isinstance(event, h2.events.DataReceived):
            reply.body += event.data
        elif isinstance(event, h2.events.StreamEnded):
            del open_streams[event.stream_id]
            if method == "GET":
                self.check(path, reply, (206, 416) if selection else (200,), selection)

    async def half_closes(self, wire, chance):
        paths = [chance.choice(self.paths) for _ in range(chance.randint(1, 4))]
        for path in paths:
            wire.send(path)
        wire.writer.write_eof()
        for path in paths:
            self.check(path, await wire.reply(), (200,))
        if await wire.reader.read(1):
            raise Wrong("something follows the last answer")

    async def resumes(self, wire, chance):
        """A download that goes on where it was broken off, by itself or by the origin's end."""
        path, body, tag, tries = chance.choice(self.large), bytearray(), None, 0
        expected = self.rest.whole[path][0]
        while len(body) < len(expected):
            stops = chance.random() < 0.5 and tries < 4
            try:
                other = await Wire.open(self.origin.port)
                try:
                    wire_fields = [f"Range: bytes={len(body)}-", f"If-Range: {tag}"] if tag else []
                    other.send(path, *wire_fields)
                    if stops:
                        status, fields = await other.head()
                        if status != (206 if tag else 200):
                            raise Wrong(f"{path} resumed is answered {status}")
                        body += await other.reader.read(chance.randint(1, 1 << 20))
                    else:
                        reply = await other.reply(into=body)
                        if reply.status != (206 if tag else 200):
                            raise Wrong(f"{path} resumed is answered {reply.status}")
                        fields = reply.fields
                    tag = fields["etag"]
                finally:
                    other.reset() if stops else await other.close()
            except (OSError, asyncio.IncompleteReadError):
                if not self.may_break:
                    raise
                # What has come is kept; if that is nothing of the first answer, it begins anew.
                if tag is None:
                    body.clear()
                self.counts["resumed"] += 1
                await asyncio.sleep(0.1)
                if self.is_over:
                    return
            tries += 1
        self.byte_count += len(body)
        if body != expected:
            raise Wrong(f"{path}: resumed {tries} times, and not what is at rest")

    # MARK: The others

    async def reads_slowly(self, wire, chance):
        path = chance.choice(self.segments)
        wire.send(path)
        self.check(path, await wire.reply(pause=0.01), (200,))

    async def leaves(self, wire, chance):
        wire.send(chance.choice(self.paths))
        await wire.reader.read(chance.choice([1, 500, 50_000]))
        if chance.random() < 0.5:
            wire.reset()

    async def trickles(self, wire, chance):
        path = chance.choice(self.still)
        try:
            for byte in f"GET {path} HTTP/1.1\r\nHost: soak\r\n\r\n".encode():
                wire.writer.write(bytes([byte]))
                await asyncio.sleep(0.001)
            self.check(path, await wire.reply(), (200, 408))
        except (OSError, asyncio.IncompleteReadError):
            self.counts["too slow"] += 1  # on a busy machine a head may take longer than ten seconds

    async def idles(self, wire, chance):
        await asyncio.sleep(chance.random())

    async def talks_nonsense(self, wire, chance):
        text = chance.choice([b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", bytes(chance.randbytes(400)) + b"\r\n\r\n",
                              b"GET / HTTP/1.1\r\n\r\n", b"GET /../x HTTP/1.1\r\nHost: a\r\n\r\n"])
        wire.writer.write(text)
        wire.writer.write_eof()
        answer = await wire.reader.read(-1)
        if answer and not re.match(rb"HTTP/1\.1 [45]\d\d ", answer):
            raise Wrong(f"{text[:40]!r} is answered {answer[:40]!r}")
