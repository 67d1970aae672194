"""How long the console's pages and what monitoring reads take of a large ledger with many channels."""

import http.client
import re
import statistics
import time

from stand import CHANNEL, Failure
from progress import Progress
import ledgers

PASSWORD = "bench-console-password"


def pages(stand, extent, figures):
    """How long console, /metrics and /readyz take of a large ledger: as a rule, and the first time."""
    channels, messages = (100, 100_000) if extent.is_quick else (1_000, 1_000_000)
    password = stand.directory / "console_password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    settings = stand.settings(
        "large", channels=channels, server=f"""overdue_seconds = 86400
relay_silence_seconds = 86400
[console]
enabled = true
password = "file:{password}"
""")
    ledger = stand.directory / "large/ledger.db"
    stand.stop(stand.serve("sluice-inbound", settings, "inbound"))
    ledgers.fill(ledger, CHANNEL, messages, 256, channels)
    ledgers.age(ledger)
    stand.forget_arrivals()
    relay = stand.relay(settings)
    while stand.arrivals() < 5 * channels:  # So that every channel has something to tell.
        time.sleep(0.1)
    stand.stop(relay)
    # Rows of fill() and age(): the last that came in, that was sent, and that was given up.
    came, sent, dead = messages - 1, messages, messages - 99
    contact = f"%2B602{came:010}"
    mid = ledgers.message_id(ledger, dead)
    addresses = {
        "metrics": "metrics",
        "readyz": "readyz",
        "overview": "console/",
        "overview_last": f"console/?page={channels // 25}",
        "channel": f"console/channels/{CHANNEL}-7",
        "queue": "console/queue",
        "messages": "console/messages",
        "channel_messages": f"console/messages?channel={CHANNEL}-7",
        "by_mid": f"console/messages?q={mid}",
        "by_external_id": f"console/messages?q=out-{sent}",
        "by_contact": f"console/messages?q={contact}",
        "by_contact_of_channel": f"console/messages?q={contact}&channel={CHANNEL}-{came % channels}",
        "by_text": "console/messages?text=nowhere",
        "trace": f"console/messages/{mid}",
        "dead": "console/dead",
        "dead_of_channel": f"console/dead?channel={CHANNEL}-1",
        "dead_of_contact": f"console/dead?contact=%2B602{dead:010}",
        "quarantine": "console/quarantine",
        "quarantine_of_channel": f"console/quarantine?channel={CHANNEL}-2",
    }
    longest = {}
    progress = Progress(f"{extent.group}: asking for them")
    visitor = Visitor(stand.port)
    for name, address in addresses.items():
        # Of a program that has just started, and nobody has asked anything yet.
        program = stand.serve("sluice-console", settings, "status", threads=None)
        if not visitor.cookie:
            visitor.sign_in()
        times = []
        for _ in range(extent.count * 4 + 1):
            start = time.perf_counter()
            size = len(visitor.page(address))
            times.append((time.perf_counter() - start) * 1000)
        stand.stop(program)
        figures.add(f"{name}_p50_ms", statistics.median(times[1:]), "ms", aim="< 50")
        figures.add(f"{name}_first_ms", times[0], "ms", aim="< 50")
        longest[name] = max(times)
        progress.report(len(longest), len(addresses), "pages")
        if name == "metrics":
            figures.add("metrics_kb", size / 1000, "kB")
    slowest = max(longest, key=longest.get)
    figures.add(f"longest_ms ({slowest})", longest[slowest], "ms")


class Visitor:
    """A browser that signs in at the console."""

    def __init__(self, port):
        self.port = port
        self.cookie = None

    def sign_in(self):
        form, _ = self.ask("GET", "console/sign-in")
        token = re.search(rb'name="csrf" value="([^"]+)"', form)[1].decode()
        self.ask("POST", "console/sign-in", f"csrf={token}&password={PASSWORD}", status=303)

    def page(self, address):
        return self.ask("GET", address)[0]

    def ask(self, method, address, form=None, status=200):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Cookie": self.cookie or ""}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, f"/status/{address}", form, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != status:
            raise Failure(f"{address} answers {response.status}: {body[:300].decode()}")
        if given := response.headers["Set-Cookie"]:
            self.cookie = given.split(";")[0]
        return body, response
