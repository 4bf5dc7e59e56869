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

# https://www.w3.org/TR/webdriver2/#keyboard-actions
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "ArrowLeft": "\ue012", "ArrowUp": "\ue013",
        "ArrowRight": "\ue014", "ArrowDown": "\ue015", "Shift": "\ue008"}


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
        try:
            with urllib.request.urlopen(request, timeout=90) as reply:
                return json.loads(reply.read())["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.loads(error.read())["value"]["message"].splitlines()[0]) from None

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

    def tell(self, command, **parameters):
        """A command of the Chrome DevTools Protocol."""
        return self.call("POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def shape(self, megabits=None, latency=50):
        """Shapes the link; without a rate there is none."""
        rate = megabits * 1e6 / 8 if megabits else 0
        self.tell("Network.enable")
        self.tell("Network.emulateNetworkConditions", offline=megabits is None, latency=latency, downloadThroughput=rate,
                  uploadThroughput=rate)

    def press(self, *keys):
        """Keys as a keyboard sends them, each with its name in KEYS or its character."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keyboard", "actions": actions})

    def drag(self, *points, moment=40):
        """A mouse that goes down at the first point (x, y), along the others, and up; with one point, a click."""
        moves = [{"type": "pointerMove", "duration": moment, "x": round(x), "y": round(y)} for x, y in points]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self.act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions})

    def act(self, source):
        self.call("POST", self.session + "/actions", {"actions": [source]})

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", self.session + "/screenshot")))
