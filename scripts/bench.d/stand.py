"""The stand that everything is measured on: one directory, one nginx, and the programs behind it."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import progress

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOKEN = "bench-platform-token"
WEBHOOK_SECRET = "bench-webhook-secret"
CHANNEL = "bench"

# Sockets that nginx knows, each under /NAME (fastcgi_keep_conn off) and /NAME-keep (on).
SOCKETS = ["bare", "inbound", "second", "outbound", "status", "empty", "full"]
# Kept connections of each nginx worker; the bare program needs more threads than workers times this.
KEPT = 16
WORKERS = 2
THREADS = 48


class Failure(Exception):
    """A sentence for whoever runs the bench."""


def need(tool, package):
    """Names `package` if `tool` is missing."""
    return [] if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin") else [package]


def install():
    wanted = need("nginx", "nginx-light") + need("gcc", "gcc") + need("strip", "binutils")
    for header, package in [
        ("/usr/include/fcgiapp.h", "libfcgi-dev"),
        ("/usr/include/x86_64-linux-gnu/curl/curl.h", "libcurl4-openssl-dev"),
        ("/usr/include/openssl/hmac.h", "libssl-dev"),
    ]:
        found = [header, header.replace("/x86_64-linux-gnu", ""), header.replace("x86_64", "aarch64")]
        wanted += [] if any(map(os.path.exists, found)) else [package]
    if not wanted:
        return
    print("installing", *wanted, flush=True)
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
        subprocess.run([*prefix, "apt-get", *words], check=True, stdout=subprocess.DEVNULL)


def build_programs(product=None):
    """All programs, or only `product`; returns the directory they are in."""
    words = ["swift", "build", "-c", "release", "--static-swift-stdlib"]
    words += ["--product", product] if product else []
    print("building, which takes some minutes the first time:", *words, flush=True)
    environment = dict(os.environ, SLUICE_BENCH="1")
    # Into a file: what the build leaves running must not hold a pipe of ours open.
    with tempfile.NamedTemporaryFile("w+") as output:
        if progress.run_build(words, output, cwd=ROOT, env=environment):
            output.seek(0)
            raise Failure("The build failed:\n" + output.read()[-4000:])
    path = subprocess.run([*words, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return pathlib.Path(path.stdout.strip())


class Stand:
    def __init__(self, programs, directory):
        self.programs = programs
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-", dir=directory))
        self.running = []
        self.segments = set()
        self.runs = 0
        self.port, self.sink_port = free_port(), free_port()
        self.log = self.directory / "sink.log"
        self.tools = self.directory / "tools"
        self.tools.mkdir()
        for name, flags in [
            ("load", "-lcrypto"), ("idle", "-lcrypto"), ("bare", "-lfcgi -lpthread"), ("post", "-lcurl"),
            ("slowsync.so", "-shared -fPIC -ldl"),
        ]:
            source = HERE / (name.split(".")[0] + ".c")
            check(["gcc", "-O2", "-o", self.tools / name, source, *flags.split()])
        self.start_nginx()

    # Processes

    def start(self, *words, environment=None, ready=lambda: True, name=None):
        """Starts a program and waits until it is ready; it ends with the stand, at the latest."""
        name = name or pathlib.Path(words[0]).name
        output = open(self.directory / f"{name}.err", "ab")
        process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, **(environment or {})})
        process.title, process.errors = name, output.name
        self.running.append(process)
        deadline = time.monotonic() + 20
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{name} does not start:\n" + tail(output.name))
            time.sleep(0.01)
        return process

    def stop(self, process):
        """Ends a process by its own ID; what ended before it was asked to is a failure."""
        if process not in self.running:
            return
        self.running.remove(process)
        status = process.poll()
        if status is not None:
            raise Failure(f"{process.title} ended by itself, status {status}:\n" + tail(process.errors))
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for path in self.segments:
            pathlib.Path(path).unlink(missing_ok=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    # nginx

    def start_nginx(self):
        pages = "".join(
            f"""
    upstream {name} {{ server unix:{self.socket(name)}; }}
    upstream {name}-keep {{ server unix:{self.socket(name)}; keepalive {KEPT}; }}"""
            for name in SOCKETS)
        locations = "".join(
            f"""
        location /{name}{suffix}/ {{
            fastcgi_pass {name}{suffix};
            fastcgi_keep_conn {'on' if suffix else 'off'};
            include /etc/nginx/fastcgi_params;
            fastcgi_param SLUICE_CHANNEL {CHANNEL};
        }}"""
            for name in SOCKETS for suffix in ("", "-keep"))
        user = "user root root;" if os.geteuid() == 0 else ""
        path = self.directory / "nginx.conf"
        path.write_text(f"""
{user}
daemon off;
worker_processes {WORKERS};
pid {self.directory}/nginx.pid;
error_log {self.directory}/nginx.err warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {self.directory}/body;
    fastcgi_temp_path {self.directory}/fastcgi;
    proxy_temp_path {self.directory}/proxy;
    uwsgi_temp_path {self.directory}/uwsgi;
    scgi_temp_path {self.directory}/scgi;
    log_format arrival '$msec $content_length';
    {pages}
    server {{
        listen 127.0.0.1:{self.port};
        location = /alone/message {{ default_type application/json; return 200 '{{}}'; }}
        {locations}
    }}
    server {{
        listen 127.0.0.1:{self.sink_port};
        default_type application/json;
        location = /platform {{ access_log {self.log} arrival buffer=32k flush=50ms; return 200 '{{}}'; }}
        location = /provider/messages {{ return 200 '{{"id":"sb-$request_id"}}'; }}
    }}
}}
""")
        self.start("nginx", "-c", path, "-p", self.directory, name="nginx",
                   environment={"PATH": os.environ["PATH"] + ":/usr/sbin"},
                   ready=lambda: answers(socket.AF_INET, ("127.0.0.1", self.port)))

    def socket(self, name):
        return self.directory / f"{name}.sock"

    def arrivals(self):
        """How many calls the platform's stand-in has logged."""
        with open(self.log, "rb") as log:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: log.read(1 << 20), b""))

    def forget_arrivals(self):
        os.truncate(self.log, 0)

    # Sluice

    def settings(self, name, state=None, limit=20, server="", platform_port=None, channels=1):
        """Writes settings of one channel, or of several with a file each; returns their path. `state`:
        shared with others of the name."""
        state = state or name
        segment = f"/dev/shm/sluice-bench-{os.getpid()}-{state}"
        self.segments.add(segment)
        for key, value in [("token", TOKEN), ("api_key", "bench-api-key"), ("webhook_secret", WEBHOOK_SECRET)]:
            path = self.directory / key
            path.write_text(value)
            path.chmod(0o600)
        def channel(prefix, table):
            return f"""
{table}
channel_id = "1"
token = "file:{prefix}token"
webhook_url = "http://127.0.0.1:{platform_port or self.sink_port}/platform"
limit_per_second = {limit}
max_queued = 100000000
provider = "sandbox"
[{table[1:-1] + "." if table else ""}sandbox]
url = "http://127.0.0.1:{self.sink_port}/provider"
api_key = "file:{prefix}api_key"
webhook_secret = "file:{prefix}webhook_secret"
"""

        path = self.directory / f"{name}.toml"
        path.write_text(f"""
[server]
state_dir = "{self.directory}/{state}"
shared_memory = "{segment}"
{server}
{channel("", f"[channels.{CHANNEL}]")}
""")
        for number in range(channels if channels > 1 else 0):
            (self.directory / "channels").mkdir(exist_ok=True)
            (self.directory / "channels" / f"{CHANNEL}-{number}.toml").write_text(channel("../", ""))
        return path

    def serve(self, program, settings, socket_name, threads=THREADS, environment=None):
        """Starts a FastCGI program behind one of nginx's sockets. `threads`: None takes the default."""
        path = self.socket(socket_name)
        path.unlink(missing_ok=True)
        words = [self.programs / program, "--settings", settings, "--socket", path]
        return self.start(*words, *(["--threads", threads] if threads else []), environment=environment,
                          ready=lambda: answers(socket.AF_UNIX, str(path)), name=f"{program}-{socket_name}")

    def serve_bare(self):
        path = self.socket("bare")
        return self.start(self.tools / "bare", path, THREADS,
                          ready=lambda: answers(socket.AF_UNIX, str(path)))

    def relay(self, settings):
        return self.start(self.programs / "sluice-relay", "--settings", settings)

    def page(self, path):
        """Fetches a page from nginx."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != 200:
            raise Failure(f"{path} answers {response.status}: {body[:300].decode()}")
        return body

    # Load

    def load(self, location, kind="webhook", wait=True, **options):
        """Puts load on /LOCATION/; returns what the generator printed, or the process if not to wait."""
        self.runs += 1
        if self.runs > 999:
            raise Failure("There are more runs than distinct ones; start the bench again.")
        page = {"webhook": "inbound", "status": "status", "message": "message"}[kind]
        words = [
            "load", "--port", self.port, "--path", f"/{location}/{page}", "--kind", kind,
            "--secret", TOKEN if kind == "message" else WEBHOOK_SECRET, "--run", self.runs]
        for key, value in options.items():
            words += [f"--{key}", value]
        process = self.spawn(*words)
        return self.result(process) if wait else process

    def spawn(self, tool, *words):
        """Starts a generator, which prints its result as JSON and ends."""
        process = subprocess.Popen(
            [str(word) for word in (self.tools / tool, *words)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        return process

    def result(self, process):
        output, errors = process.communicate()
        self.running.remove(process)
        if process.returncode:
            raise Failure(f"The load generator says: {errors.strip()}\n" + self.errors())
        return json.loads(output)

    def errors(self):
        return "".join(f"{path.name}:\n{tail(path)}" for path in sorted(self.directory.glob("*.err")) if path.stat().st_size)


def memory_mb(process):
    """The most that the process has had resident, MB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def check(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise Failure(" ".join(map(str, words)) + "\n" + done.stdout + done.stderr)
    return done.stdout


def answers(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address)
            return True
        except OSError:
            return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(path):
    return pathlib.Path(path).read_bytes()[-2000:].decode(errors="replace")
