"""The origin, its memory and its descriptors."""
import asyncio
import os
import re
import resource
import subprocess


class Origin:
    def __init__(self, binary, library, port, memory, log):
        self.command = [binary, "serve", library, "--port", str(port), "--metrics", f"127.0.0.1:{port + 1}",
                        "--memory", memory, "--access-log", os.devnull]
        self.port, self.log, self.process = port, log, None

    async def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.1)
        raise SystemExit("soak: the origin does not listen")

    def figures(self):
        """Bytes in memory, open descriptors."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            pages = int(file.read().split()[1])
        return pages * resource.getpagesize(), len(os.listdir(f"/proc/{self.process.pid}/fd"))

    async def metric(self, name):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port + 1)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\r\n")
        text = (await reader.read(-1)).decode()
        writer.close()
        return int(re.search(rf"^{name} (\d+)$", text, re.M)[1])
