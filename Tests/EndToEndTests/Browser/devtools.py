"""Drives headless Chromium over the DevTools protocol: JSON messages that end with a zero byte, through
a pipe (--remote-debugging-pipe). Nothing but Python's own library."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Failure(Exception):
    """What a page did not show or do."""


class Browser:
    def __init__(self, path):
        self.profile = tempfile.mkdtemp(prefix="sluice-browser-")
        ours, theirs = [os.pipe() for _ in range(2)]
        to_browser, from_browser = ours, theirs

        def wire():
            # Chromium reads from descriptor 3 and writes to 4. The copies go out of the way first.
            low, high = os.dup(to_browser[0]), os.dup(from_browser[1])
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            [path, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--hide-scrollbars", "--force-device-scale-factor=1",
             f"--user-data-dir={self.profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=wire)
        os.close(to_browser[0])
        os.close(from_browser[1])
        self.output, self.input = to_browser[1], from_browser[0]
        self.buffer = b""
        self.events = []
        self.number = 0
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    # -- The protocol.

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        number = self.number
        while True:
            answer = self.read()
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def read(self, seconds=30):
        deadline = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(deadline - time.monotonic(), 0))
            chunk = os.read(self.input, 1 << 16) if ready else b""
            if not chunk:
                raise Failure("the browser does not answer")
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def wait_for_load(self):
        while True:
            for index, event in enumerate(self.events):
                if event.get("method") == "Page.loadEventFired":
                    del self.events[:index + 1]
                    return
            self.events.append(self.read())

    # -- What people do.

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait_for_load()

    def run(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise Failure(f"{result['exceptionDetails']['exception'].get('description')}")
        return result["result"].get("value")

    def focus(self, selector):
        found = self.run(f"(e => e ? (e.focus(), true) : false)(document.querySelector({json.dumps(selector)}))")
        if not found:
            raise Failure(f"there is no {selector} on {self.run('location.pathname')}")

    def type(self, selector, text):
        self.focus(selector)
        self.run("document.activeElement.select?.()")
        self.call("Input.insertText", text=text)

    def press(self, key, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def press_enter(self):
        """Sends the form whose field has the focus."""
        self.events.clear()
        self.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", text="\r",
                  windowsVirtualKeyCode=13)
        self.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
        self.wait_for_load()

    def click(self, selector, text="", loads=True):
        """Clicks the first element of the selector whose text, or label, contains a text."""
        box = self.run(f"""(() => {{
          for (const e of document.querySelectorAll({json.dumps(selector)})) {{
            const name = e.textContent + " " + (e.getAttribute("aria-label") ?? "");
            if (!name.includes({json.dumps(text)}) || !e.checkVisibility()) continue;
            e.scrollIntoView({{ block: "center" }});
            const box = e.getClientRects()[0];
            return [box.x + box.width / 2, box.y + box.height / 2];
          }}
          return null;
        }})()""")
        if not box:
            raise Failure(f"there is no {selector} with “{text}” on {self.run('location.pathname')}")
        self.events.clear()
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
        if loads:
            self.wait_for_load()

    def text(self, selector="main"):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def expect(self, text, selector="main"):
        shown = self.text(selector)
        if text not in shown:
            raise Failure(f"“{text}” is not on {self.run('location.pathname')}:\n{shown[:2000]}")

    # -- How it looks.

    def look(self, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
