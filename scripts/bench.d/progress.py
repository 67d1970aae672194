"""How far something is that takes a while, for whoever waits."""

import re
import subprocess
import sys
import time


def seconds(count):
    return f"{count:.0f} s" if count < 60 else f"{count // 60:.0f} min {count % 60:02.0f} s"


class Progress:
    """Says every few seconds what is being done, how far it is, and about how long it will take yet."""

    def __init__(self, what):
        self.what = what
        self.start = time.monotonic()
        self.pause = 2 if sys.stdout.isatty() else 10
        self.next = self.start + 2

    def report(self, done, total, unit=""):
        """`total` of 0: nobody knows."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + self.pause
        words = [seconds(now - self.start)]
        if total:
            words.insert(0, f"{done:,} of {total:,}{unit and ' ' + unit}")
        # Of the first few of many nothing can be told.
        if total and total / 20 <= done < total:
            words.append(f"about {seconds((now - self.start) * (total - done) / done)} left")
        print(f"  {self.what}: {', '.join(words)}", flush=True)


def run_build(words, output, **options):
    """Runs a build, its output going to a file; by that it is known how far it is. Returns its status."""
    progress = Progress("building")
    with subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, **options) as build:
        while True:
            try:
                return build.wait(1)
            except subprocess.TimeoutExpired:
                with open(output.name, "rb") as log:
                    steps = re.findall(rb"\[(\d+)/(\d+)\]", log.read())
                progress.report(*map(int, steps[-1] if steps else (0, 0)), "steps")
