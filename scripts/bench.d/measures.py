"""What is measured, one function a group; each takes the stand, the extent and the figures."""

import os
import random
import shutil
import statistics
import time

from stand import CHANNEL, WEBHOOK_SECRET, Failure, build_programs, check, free_port, memory_mb
from pages import pages
from progress import Progress
import requests_by_hand
import ledgers

# Bytes of every request's body, whatever it goes to.
BODY = 256


def accept(stand, extent, figures):
    """What accepting costs, beside nginx alone and a bare libfcgi program, all on one nginx."""
    settings = stand.settings("main", server="first_attempt_seconds = 0")
    stand.serve_bare()
    programs = [
        stand.serve("sluice-inbound", settings, "inbound"),
        stand.serve("sluice-outbound", settings, "outbound")]
    candidates = {
        "nginx": ("alone", "message"), "bare": ("bare", "webhook"), "bare_keep": ("bare-keep", "webhook"),
        "inbound": ("inbound", "webhook"), "inbound_keep": ("inbound-keep", "webhook"),
        "outbound": ("outbound", "message"), "outbound_keep": ("outbound-keep", "message")}
    rounds = {name: [] for name in candidates}
    for _ in extent.rounds():
        for name, (location, kind) in candidates.items():
            rounds[name].append(
                stand.load(
                    location, kind, size=BODY, seconds=extent.seconds, reserve=60_000,
                    repeat=int(location in ("alone", "bare", "bare-keep"))))
    for name, results in rounds.items():
        base = None if name in ("nginx", "bare", "bare_keep") else "bare_keep" if name.endswith("_keep") else "bare"
        figures.add_rounds(
            f"{name}_rps", [r["rps"] for r in results], "requests/s",
            base and [r["rps"] for r in rounds[base]], base and f"{base}_rps")
        for percentile in ("p50", "p99"):
            figures.add_rounds(f"{name}_{percentile}_ms", [r[f"{percentile}_ms"] for r in results], "ms")

    # Three programs write one ledger at once, each as fast as it can.
    programs.append(stand.serve("sluice-inbound", settings, "second"))
    results = []
    for _ in extent.rounds("writers"):
        others = [
            stand.load("outbound", "message", wait=False, size=BODY, seconds=extent.seconds + 1, connections=8),
            stand.load("second", wait=False, size=BODY, seconds=extent.seconds + 1, connections=8)]
        time.sleep(0.7)
        results.append(stand.load("inbound", size=BODY, seconds=extent.seconds))
        for other in others:
            stand.result(other)
    alone = rounds["inbound"]
    figures.add_rounds("inbound_three_writers_rps", [r["rps"] for r in results], "requests/s")
    figures.add(
        "inbound_three_writers_p99_ms", statistics.median(r["p99_ms"] for r in results), "ms",
        statistics.median(r["p99_ms"] for r in results) / statistics.median(r["p99_ms"] for r in alone),
        "inbound_p99_ms")
    figures.add("inbound_three_writers_longest_ms", max(r["max_ms"] for r in results), "ms")
    for program in programs:
        stand.stop(program)


def slow_disk(stand, extent, figures):
    """Durable requests a second where every sync takes 5 ms more: what group commit is for."""
    settings = stand.settings("slow")
    program = stand.serve(
        "sluice-inbound", settings, "inbound", threads=96,
        environment={"LD_PRELOAD": str(stand.tools / "slowsync.so"), "SLOWSYNC_US": "5000"})
    results = [
        stand.load("inbound", size=BODY, seconds=extent.seconds, connections=64) for _ in extent.rounds()]
    if min(r["p50_ms"] for r in results) < 5:
        raise Failure("Half of the requests took less than the 5 ms that a sync is made to take.")
    figures.add_rounds("slow_disk_rps", [r["rps"] for r in results], "requests/s", aim=">= 4000")
    for percentile in ("p50", "p99"):
        figures.add_rounds(f"slow_disk_{percentile}_ms", [r[f"{percentile}_ms"] for r in results], "ms")
    stand.stop(program)


def relay(stand, extent, figures):
    """Deliveries a second from a full queue, beside libcurl doing nothing else; and right after a flood,
    when the relay has to file what was accepted, too."""
    count = 6_000 if extent.is_quick else 30_000
    settings = stand.settings("relay", limit=1_000_000)
    state = stand.directory / "relay"
    fresh, queued = stand.directory / "relay.fresh", stand.directory / "relay.queued"
    program = stand.serve("sluice-inbound", settings, "inbound")
    stand.load("inbound", size=BODY, count=count, connections=32)
    stand.stop(program)
    shutil.copytree(state, fresh, ignore=shutil.ignore_patterns("wake"))
    # Its own threads file what is there, a while after a request.
    program = stand.serve("sluice-inbound", settings, "inbound")
    stand.load("inbound", size=BODY, count=1, connections=1)
    while ledgers.unfiled(state / "ledger.db"):
        time.sleep(0.1)
    stand.stop(program)
    shutil.copytree(state, queued, ignore=shutil.ignore_patterns("wake"))
    relays, floods, bares, memory = [], [], [], []
    for _ in extent.rounds():
        for full, total, rates in [(queued, count + 1, relays), (fresh, count, floods)]:
            shutil.rmtree(state)
            shutil.copytree(full, state)
            stand.forget_arrivals()
            program = stand.relay(settings)
            rate, body = arrival_rate(stand, total, cut=0 if full == fresh else 0.1)
            rates.append(rate)
            memory.append(memory_mb(program))
            stand.stop(program)
            if (arrived := stand.arrivals()) != total:
                raise Failure(f"The relay delivered {arrived} times what were {total} messages.")
        stand.forget_arrivals()
        check([stand.tools / "post", f"http://127.0.0.1:{stand.sink_port}/platform", count, 128, body])
        bares.append(arrival_rate(stand, count)[0])
    figures.add_rounds("curl_rps", bares, "calls/s")
    figures.add_rounds("relay_rps", relays, "calls/s", bares, "curl_rps", aim="ratio >= 0.5")
    figures.add_rounds("relay_after_flood_rps", floods, "calls/s", bares, "curl_rps")
    figures.add("relay_rss_mb", max(memory), "MB", aim="<= 16")
    shutil.rmtree(fresh)
    shutil.rmtree(queued)


def arrival_rate(stand, count, patience=180, cut=0.1):
    """Waits for `count` calls; returns their rate, that part of start and end left out, and the body's
    length."""
    deadline = time.monotonic() + patience
    while (arrived := stand.arrivals()) < count:
        if time.monotonic() > deadline:
            raise Failure(f"Only {arrived} of {count} calls arrived within {patience} s.\n" + stand.errors())
        time.sleep(0.1)
    # Each of nginx's workers flushes its own part of the log.
    lines = sorted(line.split() for line in stand.log.read_bytes().splitlines())[:count]
    first, last = int(count * cut), int((count - 1) * (1 - cut))
    return (last - first) / max(float(lines[last][0]) - float(lines[first][0]), 0.001), int(lines[0][1])


def idle(stand, extent, figures):
    """From a webhook to the platform's request, one at a time, at the limit of 20 a second."""
    port = free_port()
    settings = stand.settings("idle", platform_port=port)
    programs = [stand.serve("sluice-inbound", settings, "inbound", threads=None), stand.relay(settings)]
    time.sleep(2)  # A fresh segment admits nothing for its first second.
    count = 50 if extent.is_quick else 250
    print(f"  idle: {count} messages at 20 a second, about {count / 20 + 1:.0f} s", flush=True)
    stand.runs += 1
    result = stand.result(stand.spawn(
        "idle", stand.port, "/inbound/inbound", WEBHOOK_SECRET, port, count, 80, stand.runs))
    figures.add("idle_after_answer_p50_ms", result["answered_p50_ms"], "ms", aim="< 10")
    figures.add("idle_after_answer_p99_ms", result["answered_p99_ms"], "ms")
    figures.add("idle_after_sending_p50_ms", result["sent_p50_ms"], "ms", aim="< 10")
    figures.add("idle_after_sending_p99_ms", result["sent_p99_ms"], "ms")
    for program in programs:
        stand.stop(program)


def apart(stand, extent, figures):
    """What a flood of webhooks does to the platform's calls."""
    settings = stand.settings("apart", server="first_attempt_seconds = 0")
    programs = [
        stand.serve("sluice-inbound", settings, "inbound", threads=96),
        stand.serve("sluice-outbound", settings, "outbound", threads=None)]
    calm, flooded, floods = [], [], []
    seconds = max(extent.seconds * 2, 4)
    for _ in extent.rounds():
        calm.append(stand.load("outbound", "message", size=BODY, seconds=seconds / 2, rate=50, connections=4))
        flood = stand.load("inbound", wait=False, size=BODY, seconds=seconds + 1.5, connections=64)
        time.sleep(1)
        flooded.append(stand.load("outbound", "message", size=BODY, seconds=seconds, rate=50, connections=4))
        floods.append(stand.result(flood))
    base = [r["p99_ms"] for r in calm]
    figures.add_rounds("apart_flood_rps", [r["rps"] for r in floods], "requests/s")
    figures.add_rounds("apart_calm_message_p99_ms", base, "ms")
    figures.add_rounds("apart_message_p50_ms", [r["p50_ms"] for r in flooded], "ms")
    figures.add_rounds(
        "apart_message_p99_ms", [r["p99_ms"] for r in flooded], "ms", base, "apart_calm_message_p99_ms", "< 50")
    for program in programs:
        stand.stop(program)


def small(stand, extent, figures):
    """Size on disk, in memory under load with default settings, and one CGI request."""
    for path in sorted(stand.programs.glob("sluice*")):
        if path.is_file() and os.access(path, os.X_OK):
            stripped = stand.directory / "stripped"
            check(["strip", "-o", stripped, path])
            figures.add(
                f"{path.name.replace('-', '_')}_size_mb", stripped.stat().st_size / 1e6, "MB", aim="<= 20")

    # First attempts are on: they bring libcurl into the process.
    settings = stand.settings("small")
    for program, kind in [("inbound", "webhook"), ("outbound", "message"), ("status", "status")]:
        process = stand.serve(f"sluice-{program}", settings, program, threads=None)
        stand.load(program, kind, size=BODY, seconds=extent.seconds)
        figures.add(f"{program}_rss_mb", memory_mb(process), "MB", aim="<= 16")
        stand.stop(process)

    cgi(stand, extent, figures)


def cgi(stand, extent, figures):
    """One webhook by plain CGI, from exec to exit, on a ledger that nobody else has open: each process
    then reads the whole write-ahead log, so there are enough of them for it to reach its full length."""
    settings = stand.settings("cgi")
    program = str(stand.programs / "sluice-inbound")
    body_path, answer = stand.directory / "cgi.body", stand.directory / "cgi.answer"
    files = [
        (os.POSIX_SPAWN_OPEN, 0, str(body_path), os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(answer), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    times = []
    progress, count = Progress("small: plain CGI"), 100 if extent.is_quick else 800
    for index in range(count):
        progress.report(index, count, "requests")
        body, variables = requests_by_hand.webhook(index, BODY, WEBHOOK_SECRET)
        body_path.write_bytes(body)
        variables |= {"SLUICE_SETTINGS": str(settings), "SLUICE_CHANNEL": CHANNEL}
        start = time.perf_counter()
        child = os.posix_spawn(program, [program], variables, file_actions=files)
        _, status = os.waitpid(child, 0)
        times.append((time.perf_counter() - start) * 1000)
        if status or not answer.read_bytes().startswith(b"Status: 200"):
            raise Failure(f"The CGI request failed, status {status}:\n{answer.read_text()}")
    figures.add("cgi_p50_ms", statistics.median(times), "ms", aim="<= 15")
    figures.add("cgi_p99_ms", sorted(times)[int((len(times) - 1) * 0.99)], "ms")


def webhooks(stand, extent, figures):
    """CPU of a webhook's proof and of reading it, for each provider, on average over its fixtures."""
    program = build_programs("sluice-webhook-cost") / "sluice-webhook-cost"
    rounds = {}
    for _ in extent.rounds():
        for line in check([program]).splitlines():
            label, *costs = line.split()
            rounds.setdefault(label, []).append([float(cost) for cost in costs])
    for label, costs in rounds.items():
        for name, times in zip(("proof", "parse"), zip(*costs)):
            figures.add_rounds(f"webhook_{label.replace('-', '_')}_{name}_us", times, "us CPU", aim="<= 60")


def flat(stand, extent, figures):
    """What a long queue costs: accepting and leasing, beside a short one."""
    count = 100_000 if extent.is_quick else 1_000_000
    leases = 3_000 if extent.is_quick else 10_000
    empty = stand.settings("empty", limit=1_000_000)
    full = stand.settings("full", limit=1_000_000)
    programs = [
        stand.serve("sluice-inbound", empty, "empty"), stand.serve("sluice-inbound", full, "full")]
    schema = stand.directory / "schema.db"
    stand.stop(programs.pop())
    ledgers.copy(stand.directory / "full/ledger.db", schema)
    ledgers.fill(stand.directory / "full/ledger.db", CHANNEL, count, BODY)
    programs.append(stand.serve("sluice-inbound", full, "full"))
    rates = {"empty": [], "full": []}
    for _ in extent.rounds():
        for name, results in rates.items():
            results.append(stand.load(name, size=BODY, seconds=extent.seconds)["rps"])
    for program in programs:
        stand.stop(program)
    figures.add_rounds("accept_queue_empty_rps", rates["empty"], "requests/s")
    figures.add_rounds(
        "accept_queue_full_rps", rates["full"], "requests/s", rates["empty"], "accept_queue_empty_rps")
    cost = statistics.median(a / b for a, b in zip(rates["empty"], rates["full"]))
    figures.add("accept_cost_of_queue", cost, "times", aim="<= 1.3")

    rates = {"empty": [], "full": []}
    for _ in extent.rounds():
        for name, results in rates.items():
            if name == "empty":
                shutil.rmtree(stand.directory / "empty")
                (stand.directory / "empty").mkdir(0o700)
                ledgers.copy(schema, stand.directory / "empty/ledger.db")
                ledgers.fill(stand.directory / "empty/ledger.db", CHANNEL, leases, BODY)
            stand.forget_arrivals()
            program = stand.relay({"empty": empty, "full": full}[name])
            results.append(arrival_rate(stand, leases)[0])
            stand.stop(program)
    figures.add_rounds("lease_queue_empty_rps", rates["empty"], "calls/s")
    figures.add_rounds(
        "lease_queue_full_rps", rates["full"], "calls/s", rates["empty"], "lease_queue_empty_rps")
    cost = statistics.median(a / b for a, b in zip(rates["empty"], rates["full"]))
    figures.add("lease_cost_of_queue", cost, "times", aim="<= 1.3")


def counters(stand, extent, figures):
    """What counting and timing cost accepting."""
    rounds = {"without": [], "with": []}
    programs = {}
    sockets = {"without": "second", "with": "inbound"}
    for name, socket in sockets.items():
        settings = stand.settings(f"counters-{name}", server=f"counters = {str(name == 'with').lower()}")
        programs[name] = stand.serve("sluice-inbound", settings, socket)
    for number in extent.rounds():
        # At once: whatever else the machine does, it does to both. Who begins has a moment to itself, so
        # they take turns.
        before = {name: cpu_seconds(program) for name, program in programs.items()}
        loads = {
            name: stand.load(sockets[name], wait=False, size=BODY, seconds=extent.seconds, connections=16)
            for name in sorted(sockets, reverse=number % 2 == 0)}
        for name, load in loads.items():
            result = stand.result(load)
            spent = cpu_seconds(programs[name]) - before[name]
            rounds[name].append((result["rps"], spent / result["requests"] * 1e6))
    for program in programs.values():
        stand.stop(program)
    for place, figure, unit, aim in [
        (0, "rps", "requests/s", "ratio >= 0.97"), (1, "cpu_us", "us/request", "ratio <= 1.03")]:
        base = [r[place] for r in rounds["without"]]
        figures.add_rounds(f"counters_without_{figure}", base, unit)
        figures.add_rounds(
            f"counters_with_{figure}", [r[place] for r in rounds["with"]], unit, base,
            f"counters_without_{figure}", aim)


def cpu_seconds(process):
    """What a process has used of the processor."""
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def disk(stand, extent, figures):
    """What a sync costs on the disk under the ledgers: context for everything durable."""
    times = []
    with open(stand.directory / "sync", "wb") as file:
        for _ in range(100):
            file.write(random.randbytes(16_384))
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    figures.add("sync_p50_ms", statistics.median(times), "ms")


ALL = [disk, accept, slow_disk, relay, idle, apart, small, webhooks, flat, counters, pages]
