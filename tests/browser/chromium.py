"""A headless Chromium, driven by the Chrome DevTools Protocol over a pair of pipes.

Protocol: https://chromedevtools.github.io/devtools-protocol/ (documents of JSON, each ended by a zero byte).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import signal
import tempfile
import time
from pathlib import Path

PATIENCE = 60.0
"""Seconds to wait for one answer; a busy machine is slow, a hung browser does not come back."""

FLAGS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    *("--hide-scrollbars", "--force-device-scale-factor=1"),
)


class Chromium:
    """One browser with a profile of its own; `page(file)` opens a file in a tab of its own."""

    def __init__(self, program: Path) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        theirs_in, self._to = _above(os.pipe())
        self._from, theirs_out = _above(os.pipe())
        # As root, in a container, the browser cannot put itself into a sandbox.
        flags = [*FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else []), f"--user-data-dir={self._profile.name}"]
        self._pid = os.posix_spawn(
            program,
            [str(program), *flags, "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
            setpgroup=0,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._number = 0
        self.events: list[dict] = []

    def call(self, method: str, session: str | None = None, **parameters: object) -> dict:
        """The result of a method; events that come before it are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def _read(self) -> dict:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], PATIENCE)
            chunk = os.read(self._from, 1 << 20) if ready else b""
            assert chunk, "the browser does not answer"
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def page(self, file: Path) -> Page:
        """A new tab that has loaded the file."""
        return Page(self, file)

    def close(self) -> None:
        """Ends the browser and removes its profile."""
        os.close(self._to)
        os.close(self._from)
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._profile.cleanup()


class Page:
    """A tab. `requests` are the addresses that it asked for, `complaints` what it wrote to its console."""

    def __init__(self, browser: Chromium, file: Path) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._target = target
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=file.resolve().as_uri())
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def call(self, method: str, **parameters: object) -> dict:
        """The result of a method of this tab."""
        return self._browser.call(method, self._session, **parameters)

    def evaluate(self, expression: str) -> object:
        """The value of a JavaScript expression, awaited where it is a promise."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression: str) -> None:
        """Waits until the expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.evaluate(expression):
            assert time.monotonic() < deadline, f"never: {expression}"
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        """What a reader sees of an element."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def choose(self, file: Path) -> None:
        """Gives the file to the page's file field."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        field = self.call("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=field, files=[str(file.resolve())])

    def type(self, selector: str, text: str) -> None:
        """Types into a field, as a keyboard or the clipboard would."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """One key, such as Tab."""
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode={"Tab": 9}.get(key, 0)
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def screenshot(self, file: Path, *, width: int = 1000, dark: bool = False) -> None:
        """A picture of the whole page."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _events(self, *methods: str) -> list[dict]:
        self.evaluate("1")
        return [
            event["params"]
            for event in self._browser.events
            if event.get("sessionId") == self._session and event["method"] in methods
        ]

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for, without what the browser itself stopped."""
        stopped = {event["requestId"] for event in self._events("Network.loadingFailed") if "blockedReason" in event}
        return [
            event["request"]["url"]
            for event in self._events("Network.requestWillBeSent")
            if event["requestId"] not in stopped
        ]

    @property
    def complaints(self) -> list[str]:
        """What the browser complained of: breaches of the page's policy, errors of its script."""
        logged = [event["entry"]["text"] for event in self._events("Log.entryAdded")]
        thrown = [str(event["exceptionDetails"]) for event in self._events("Runtime.exceptionThrown")]
        return logged + thrown

    def close(self) -> None:
        """Closes the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)


def _above(ends: tuple[int, int]) -> tuple[int, int]:
    """The same pipe with numbers that the browser's own 3 and 4 do not collide with; not inherited."""
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
