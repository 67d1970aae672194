"""Goes through the console as an operator does, by mouse and keyboard, and looks at every page on a phone
and a desk, light and dark.

usage: console.py CHROMIUM BASE-URL PASSWORD FAILED-CONTACT PICTURES
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from devtools import Browser, Failure  # noqa: E402

LOOKS = [(360, 740, "light"), (360, 740, "dark"), (1280, 900, "light"), (1280, 900, "dark")]


def main(chromium, base, password, contact, pictures):
    os.makedirs(pictures, exist_ok=True)
    with open(os.path.join(os.path.dirname(__file__), "audit.js")) as file:
        audit = file.read()
    browser = Browser(chromium)
    problems = []

    def look_at(name):
        for width, height, scheme in LOOKS:
            browser.look(width, height, scheme)
            found = browser.run(audit)
            problems.extend(f"{name}, {width} pixels, {scheme}: {problem}" for problem in found)
            browser.screenshot(f"{pictures}/{name}-{width}-{scheme}.png")

    try:
        browser.look(*LOOKS[2])
        browser.open(base + "/dead")
        browser.expect("Sign in")
        look_at("sign-in")
        browser.type("input[type=password]", "not the password")
        browser.press_enter()
        browser.expect("This is not the password")
        look_at("sign-in-refused")
        browser.type("input[type=password]", password)
        browser.press_enter()
        browser.expect("Dead letters", "h1")  # Where it was to go.

        # By keyboard: the first stop skips what every page begins with.
        browser.press("Tab", 9)
        if browser.run("document.activeElement.className") != "skip":
            raise Failure("the first Tab does not reach the skip link")

        for place in ("Overview", "Queue", "Messages", "Quarantine", "Dead letters"):
            browser.click("nav a", place)
            browser.expect(place, "h1")
            look_at(place.lower().replace(" ", "-"))

        # Why did this message not arrive?
        browser.click("nav a", "Messages")
        browser.type("input[name=q]", contact)
        browser.press_enter()
        browser.expect(contact)
        browser.click("tbody th a")
        browser.expect("Failed", ".verdict")
        look_at("trace")

        browser.click("main button", "Replay")
        browser.expect("1 dead letter queued anew")

        # And again, once it has failed anew, which takes a moment.
        browser.click("nav a", "Dead letters")
        browser.click("tbody summary", "Drop", loads=False)
        browser.click("tbody button", "Drop")
        browser.expect("1 dead letter dropped")

        browser.click("nav a", "Quarantine")
        browser.click("tbody button", "Replay")
        browser.expect("still not understood")
        browser.click("main summary", "Replay all", loads=False)
        look_at("quarantine-replay-all")
        browser.click("main button", "Replay all")
        browser.expect("2 stay: not understood")

        browser.click("nav a", "Overview")
        browser.click("tbody th a")
        browser.click("button", "Pause calls to the provider")
        browser.expect("Paused.")
        browser.expect("provider paused", ".lead")
        look_at("channel")
        browser.click("button", "Resume calls to the provider")
        browser.expect("Resumed.")

        browser.click("button", "Sign out")
        browser.open(base + "/queue")
        browser.expect("Sign in", "h1")
        problems += [
            f"the browser complains: {event['params']['entry']['text']}" for event in browser.events
            if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error"
        ]
    except Failure as failure:
        problems.append(str(failure))
        browser.screenshot(f"{pictures}/failure.png")
    finally:
        browser.close()
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
