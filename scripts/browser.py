"""Headless Chromium over WebDriver, with nothing but the standard library (Debian: chromium, chromium-driver)."""
import base64
import json
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--mute-audio", "--hide-scrollbars",
         "--autoplay-policy=no-user-gesture-required"]


class Browser:
    """with Browser() as browser: browser.open(url); browser.run("return 1 + 1")"""

    def __init__(self, width=1280, height=720):
        # A parent may have blocked signals; chromedriver must hear when to end.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base, self.session = f"http://127.0.0.1:{port}", None
        self.profile = tempfile.TemporaryDirectory(prefix="dougong-browser-", ignore_cleanup_errors=True)
        self.flags = FLAGS + [f"--window-size={width},{height}", f"--user-data-dir={self.profile.name}"]
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)

    def call(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=90) as reply:
            return json.loads(reply.read())["value"]

    def __enter__(self):
        try:
            for _ in range(100):
                try:
                    self.call("GET", "/status")
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": self.flags}}}}
            self.session = "/session/" + self.call("POST", "/session", wanted)["sessionId"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.session:
            try:
                self.call("DELETE", self.session)
            except (urllib.error.URLError, ConnectionError):
                pass
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.profile.cleanup()

    def open(self, url):
        self.call("POST", self.session + "/url", {"url": url})

    def run(self, script, *arguments):
        return self.call("POST", self.session + "/execute/sync", {"script": script, "args": list(arguments)})

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", self.session + "/screenshot")))
