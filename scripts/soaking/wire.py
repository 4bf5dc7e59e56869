"""One connection of a client, byte by byte."""
import asyncio
import socket
import struct


class Wrong(Exception):
    """Something that must not be."""


class Reply:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body


class Wire:
    """One connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port, receive=None):
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        plain.setblocking(False)
        if receive:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        try:
            await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
            return cls(*await asyncio.open_connection(sock=plain, limit=1 << 18))
        except BaseException:
            plain.close()
            raise

    def send(self, path, *fields, method="GET"):
        lines = [f"{method} {path} HTTP/1.1", "Host: soak", *fields]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def head(self):
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = text.split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:-2])}
        return int(lines[0].split(" ")[1]), fields

    async def reply(self, has_body=True, pause=0.0, into=None):
        """`into` has what was received even if the rest never comes."""
        status, fields = await self.head()
        body = into if into is not None else bytearray()
        count = int(fields.get("content-length", 0)) if has_body and status not in (204, 304) else 0
        if into is not None and status not in (200, 206):
            body = bytearray()
        end = len(body) + count
        while len(body) < end:
            piece = await self.reader.read(min(end - len(body), 16384 if pause else 262144))
            if not piece:
                raise asyncio.IncompleteReadError(bytes(body), end)
            body += piece
            if pause:
                await asyncio.sleep(pause)
        return Reply(status, fields, bytes(body) if into is None else body)

    def reset(self):
        plain = self.writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass
