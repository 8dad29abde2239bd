#!/usr/bin/env python3
"""Squall beside its peers, in one run: A B A B, one core for the generator and one for the server, medians.

Writes results.md and results.json into the folder given by --out. Figures: operations per second, CPU seconds per
100,000 operations (of the generator's process, start and end included), instructions and system calls per operation,
resident memory. Nothing is judged here but the ratios against the targets of TARGETS.
"""
import argparse
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from postgres_cluster import Cluster

HERE = Path(__file__).resolve().parent
PORT = 9600
REDIS_PORT = PORT + 1
WEBSOCKET_PORT = PORT + 2
URL = f"http://127.0.0.1:{PORT}/"
GENERATOR_CORE, SERVER_CORE = "0", "1"


@dataclass
class Figures:
    """What one run of a generator came to."""
    operations: float
    seconds: float
    cpu_seconds: float
    rss_kib: int
    extra: dict = field(default_factory=dict)

    @property
    def rate(self):
        return self.operations / self.seconds

    @property
    def cpu_per_100k(self):
        return self.cpu_seconds / self.operations * 1e5


def run_command(command, cores=GENERATOR_CORE, env=None, timeout=180):
    """Output, CPU seconds and peak memory (KiB) of a command and the children that it waited for.

    A process begins with the peak of the one that it was forked from: the memory is asked of a small one, time(1).
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.NamedTemporaryFile("r") as peak:
        process = subprocess.Popen(["/usr/bin/time", "-q", "-f", "%M", "-o", peak.name, "taskset", "-c", cores,
                                    *map(str, command)], stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                                   env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + timeout
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
                os.wait4(process.pid, 0)
                raise RuntimeError(f"{command[0]} took longer than {timeout} s")
            time.sleep(0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
        rss_kib = int(peak.read())
    return text, process.returncode, usage.ru_utime + usage.ru_stime, rss_kib


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"no {pattern!r} in:\n{text[-2000:]}")
    return float(found.group(1))


@contextlib.contextmanager
def started(command):
    """A server on its core, ended with the block."""
    server = subprocess.Popen(["taskset", "-c", SERVER_CORE, *map(str, command)])
    try:
        time.sleep(0.3)
        if server.poll() is not None:
            sys.exit(f"run.py: {command[0]} did not start")
        yield
    finally:
        server.kill()
        server.wait()


class Bench:
    def __init__(self, options):
        self.bin = Path(options.bin)
        self.out = Path(options.out)
        self.seconds = 3 if options.quick else 6
        self.rounds = 3 if options.quick else 5
        self.rows = []
        self.out.mkdir(parents=True, exist_ok=True)

    # ---- generators -------------------------------------------------------------------------------------------------

    def squall(self, scenario, seconds=None, cores=GENERATOR_CORE, threads=1, prefix=(), sets=(), env=None):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder) / "run"
            command = [*prefix, self.bin / "squall", "run", HERE / "scenarios" / f"{scenario}.toml", "--out", folder,
                       "--threads", threads, "--quiet", "--for", f"{seconds or self.seconds}s", *sets]
            ports = {"BENCH_PORT": str(PORT), "BENCH_REDIS_PORT": str(REDIS_PORT),
                     "BENCH_WEBSOCKET_PORT": str(WEBSOCKET_PORT)}
            text, _, cpu, rss = run_command(command, cores, {**ports, **(env or {})}, timeout=400)
            try:
                result = json.loads((folder / "result.json").read_text())
            except FileNotFoundError:
                raise RuntimeError(f"squall left no result:\n{text[-2000:]}") from None
        totals, steps = result["totals"], result["all_steps"]
        figures = Figures(totals["requests"], totals["load_seconds"], cpu, rss, {
            "errors": totals["errors"], "dropped": totals["iterations_dropped"],
            "started": totals["iterations_started"], "users": totals["users_max"],
            "first_step": result["steps"][0]["requests"],
            "p50_ms": steps["response"]["p50_seconds"] * 1e3, "lag_p99_us": steps["send_lag"]["p99_seconds"] * 1e6,
            "text": text})
        return figures

    def wrk(self, connections=64, headers=(), seconds=None, prefix=()):
        seconds = seconds or self.seconds
        command = [*prefix, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
        for header in headers:
            command += ["-H", header]
        text, _, cpu, rss = run_command([*command, URL])
        return Figures(number(r"(\d+) requests in", text), number(r"requests in ([\d.]+)s", text), cpu, rss)

    def h2load(self, prefix=(), seconds=None):
        seconds = seconds or self.seconds
        text, _, cpu, rss = run_command([*prefix, "h2load", "--h1", "-t1", "-c64", "-D", seconds, URL])
        rate = number(r"finished in [\d.]+m?s, ([\d.]+) req/s", text)
        return Figures(rate * seconds, seconds, cpu, rss)

    def ab(self, keep=True):
        text, _, cpu, rss = run_command(["ab", *(["-k"] if keep else []), "-q", "-c64", f"-t{self.seconds}",
                                         "-n100000000", URL])
        return Figures(number(r"Complete requests:\s+(\d+)", text), number(r"Time taken for tests:\s+([\d.]+)", text),
                       cpu, rss)

    def squall_postgres(self, database, users, profile=()):
        return self.squall("postgres", sets=["--set", f"user.client.arrival.closed={users}", *profile],
                           env={"BENCH_DATABASE": database})

    def pgbench(self, cluster, port, clients, *how):
        command = [cluster.bin / "pgbench", "-S", "-n", "-h", "127.0.0.1", "-p", port, "-U", "bench", "-c", clients,
                   "-j", 1, "-T", self.seconds, *how, "postgres"]
        text, _, cpu, rss = run_command(command)
        done = number(r"transactions actually processed: (\d+)", text)
        return Figures(done, self.seconds, cpu, rss)

    def hey(self):
        text, _, cpu, rss = run_command(["hey", "-cpus", "1", "-c", "64", "-z", f"{self.seconds}s", URL])
        rate = number(r"Requests/sec:\s+([\d.]+)", text)
        seconds = number(r"Total:\s+([\d.]+) secs", text)
        return Figures(rate * seconds, seconds, cpu, rss)

    def limit(self):
        text, _, cpu, rss = run_command([self.bin / "bench_limit", PORT, 64, self.seconds])
        requests = number(r"(\d+) requests", text)
        return Figures(requests, requests / number(r"([\d.]+)/s", text), cpu, rss)

    def redis_benchmark(self, pipeline=1):
        requests = self.seconds * (60_000 if pipeline == 1 else 400_000)
        text, _, cpu, rss = run_command(["redis-benchmark", "-p", REDIS_PORT, "-c", "50", "-n", requests, "-t", "get",
                                         "-P", pipeline, "--csv"])
        rate = number(r'"GET[^"]*","([\d.]+)"', text)
        return Figures(requests, requests / rate, cpu, rss)

    def websocket_squall(self):
        figures = self.squall("websocket_cycle")
        figures.operations = figures.extra["first_step"]  # the echo and the close are counted apart
        return figures

    def websocket_peer(self, *program, env=None):
        text, _, cpu, rss = run_command([*program, f"ws://127.0.0.1:{WEBSOCKET_PORT}/", 64, self.seconds], env=env)
        return Figures(number(r"(\d+) cycles", text), number(r"cycles in ([\d.]+) s", text), cpu, rss)

    # ---- rows -------------------------------------------------------------------------------------------------------

    def pair(self, work, peer, ours, theirs, cpu_at_most, rate_at_least):
        """Alternates the two; the row's ratios are medians of the paired ratios."""
        a, b = [], []
        for round_ in range(self.rounds):
            for who, into in ((ours, a), (theirs, b)) if round_ % 2 == 0 else ((theirs, b), (ours, a)):
                into.append(who())
        rate = statistics.median(x.rate / y.rate for x, y in zip(a, b))
        cpu = statistics.median(x.cpu_per_100k / y.cpu_per_100k for x, y in zip(a, b))
        median = lambda runs, what: statistics.median(getattr(run, what) for run in runs)
        self.rows.append({
            "work": work, "peer": peer,
            "rate": median(a, "rate"), "peer_rate": median(b, "rate"), "rate_ratio": rate,
            "cpu_per_100k": median(a, "cpu_per_100k"), "peer_cpu_per_100k": median(b, "cpu_per_100k"), "cpu_ratio": cpu,
            "rss_mib": median(a, "rss_kib") / 1024, "peer_rss_mib": median(b, "rss_kib") / 1024,
            "target": f"CPU ≤ {cpu_at_most} ×, rate ≥ {rate_at_least} ×",
            "held": cpu <= cpu_at_most and rate >= rate_at_least})
        self.tell()

    def single(self, work, value, target, held):
        self.rows.append({"work": work, "value": value, "target": target, "held": held})
        self.tell()

    def tell(self):
        row = self.rows[-1]
        text = row.get("value") or (f"CPU {row['cpu_ratio']:.2f} ×, rate {row['rate_ratio']:.2f} ×")
        print(f"{'held  ' if row['held'] else 'MISSED'}  {row['work']}"
              f"{' vs ' + row['peer'] if 'peer' in row else ''}: {text} (target {row['target']})", flush=True)

    # ---- works ------------------------------------------------------------------------------------------------------

    def keep_alive(self):
        ours = lambda: self.squall("keep_alive")
        work = "keep-alive, 64 connections"
        self.pair(work, "wrk", ours, self.wrk, 0.80, 1.20)
        self.pair(work, "h2load --h1", ours, self.h2load, 0.80, 1.20)
        self.pair(work, "ab -k", ours, self.ab, 0.88, 1.05)
        self.pair(work, "hey", ours, self.hey, 0.20, 5)
        self.pair(work, "bare epoll (limit)", ours, self.limit, 1.25, 0.80)

    def new_connection(self):
        ours = lambda: self.squall("new_connection")
        work = "new connection each request, 64 at once"
        self.pair(work, "wrk", ours, lambda: self.wrk(headers=["Connection: close"]), 0.95, 1.05)
        self.pair(work, "ab", ours, lambda: self.ab(keep=False), 0.95, 1.05)

    def postgres(self):
        with Cluster(SERVER_CORE, PORT + 10) as cluster:
            for clients, cpu, rate in ((16, 0.85, 0.97), (64, 0.80, 0.95)):
                self.pair(f"prepared SELECT, {clients} clients", "pgbench -M prepared",
                          lambda clients=clients: self.squall_postgres(cluster.url(), clients),
                          lambda clients=clients: self.pgbench(cluster, cluster.port, clients, "-M", "prepared"),
                          cpu, rate)
            self.pair("simple SELECT, 16 clients", "pgbench -M simple",
                      lambda: self.squall_postgres(cluster.url(), 16, ["--profile", "simple"]),
                      lambda: self.pgbench(cluster, cluster.port, 16), 0.85, 0.97)
            for where, bouncer, cpu, rate in (("PgBouncer", True, 0.45, 1.9), ("PostgreSQL", False, 0.70, 1.0)):
                port = cluster.bouncer_port if bouncer else cluster.port
                self.pair(f"new connection each SELECT, {where}, 16 clients", "pgbench -C",
                          lambda bouncer=bouncer: self.squall_postgres(cluster.url(bouncer), 16,
                                                                       ["--profile", "connect"]),
                          lambda port=port: self.pgbench(cluster, port, 16, "-C"), cpu, rate)

    def open_loop(self):
        runs = [self.squall("open_loop") for _ in range(self.rounds)]
        delivered = statistics.median(run.operations / (20_000 * run.seconds) for run in runs)
        lag = statistics.median(run.extra["lag_p99_us"] for run in runs)
        p50 = statistics.median(run.extra["p50_ms"] for run in runs)
        cpu = statistics.median(run.cpu_per_100k for run in runs)
        self.single("open loop, 20,000/s, exact pacing: offered rate delivered", f"{delivered:.2%}", "≥ 99.9%",
                    delivered >= 0.999)
        self.single("same: send lag p99", f"{lag:.0f} µs", "≤ 200 µs", lag <= 200)
        self.single("same: response time p50 (wrk2's was 1.14 ms on another machine)", f"{p50:.3f} ms", "≤ 0.285 ms",
                    p50 <= 0.285)
        self.single("same: CPU s / 100k", f"{cpu:.2f}", "(told)", True)

    def threads(self):
        one, two = [], []
        for _ in range(self.rounds):
            one.append(self.squall("keep_alive", cores="0,1", threads=1))
            two.append(self.squall("keep_alive", cores="0,1", threads=2))
        ratio = statistics.median(b.rate / a.rate for a, b in zip(one, two))
        self.single("two engine threads beside the server on two cores, against one", f"{ratio:.2f} ×", "≥ 1.6 ×",
                    ratio >= 1.6)

    def memory(self):
        ours = self.squall("ten_thousand")
        theirs = self.wrk(connections=10_000)
        ratio = ours.rss_kib / theirs.rss_kib
        self.single("memory of 10,000 HTTP users, against wrk",
                    f"{ratio:.2f} × ({ours.rss_kib / 1024:.0f} MiB, wrk {theirs.rss_kib / 1024:.0f} MiB)", "≤ 0.60 ×",
                    ratio <= 0.60)
        few = self.squall("keep_alive", seconds=2)
        many = self.squall("sleepers", seconds=40)
        each = (many.rss_kib - few.rss_kib) * 1024 / 100_000
        reached = "" if many.operations >= 100_000 else f" (only {many.operations:.0f} users had started)"
        self.single("memory of a sleeping user, at 100,000", f"{each / 1024:.2f} KiB{reached}", "≤ 1.5 KiB",
                    each <= 1.5 * 1024 and not reached)

    def redis(self):
        """Against a private Redis beside the generator, on the server's core."""
        with tempfile.TemporaryDirectory() as folder:
            server = subprocess.Popen(["taskset", "-c", SERVER_CORE, "redis-server", "--port", str(REDIS_PORT), "--bind",
                                       "127.0.0.1", "--save", "", "--dir", folder],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                time.sleep(0.5)
                if server.poll() is not None:
                    sys.exit("run.py: redis-server did not start")
                self.pair("Redis GET, 50 connections", "redis-benchmark", lambda: self.squall("redis_get"),
                          self.redis_benchmark, 0.65, 1.45)

                def commands():
                    figures = self.squall("redis_pipeline")
                    figures.operations *= 16
                    return figures
                self.pair("Redis GET, 50 connections, pipelines of 16", "redis-benchmark -P 16", commands,
                          lambda: self.redis_benchmark(16), 0.70, 1.20)
            finally:
                server.terminate()
                server.wait()

    def websocket(self):
        with started([self.bin / "bench_websocket_server", WEBSOCKET_PORT]):
            work = "WebSocket: connect, message, echo, close, 64 at once"
            self.pair(work, "node ws", self.websocket_squall,
                      lambda: self.websocket_peer("node", HERE / "websocket_cycle.js",
                                                  env={"NODE_PATH": "/usr/share/nodejs"}), 0.22, 4.5)
            # Debian's own, whatever other Python comes first on the path.
            self.pair(work, "python websockets", self.websocket_squall,
                      lambda: self.websocket_peer("/usr/bin/python3", HERE / "websocket_cycle.py"), 0.17, 5.5)
            few = self.squall("websocket_held", seconds=3, sets=["--set", "user.holder.arrival.closed=64"])
            many = self.squall("websocket_held", seconds=20)
            each = (many.rss_kib - few.rss_kib) * 1024 / (10_000 - 64)
            held = many.extra["first_step"] - many.extra["errors"]
            reached = "" if held >= 10_000 else f" (only {held} were open)"
            self.single("memory of a held WebSocket user, at 10,000", f"{each / 1024:.2f} KiB{reached}", "≤ 3 KiB",
                        each <= 3 * 1024 and not reached)

    def difference(self, count, run):
        """(count of a long run − count of a short one) / (operations of the one − those of the other)."""
        short, long = run(2), run(6)
        return (count(long) - count(short)) / (long.operations - short.operations)

    def per_operation(self):
        if shutil.which("valgrind"):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "callgrind"
                prefix = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file}"]

                def counted(run):
                    figures = run()
                    figures.extra["instructions"] = number(r"(?m)^(?:summary|totals): (\d+)", file.read_text())
                    return figures
                ours = self.difference(lambda run: run.extra["instructions"],
                                       lambda s: counted(lambda: self.squall("keep_alive", s, prefix=prefix)))
                theirs = self.difference(lambda run: run.extra["instructions"],
                                         lambda s: counted(lambda: self.wrk(seconds=s, prefix=prefix)))
            self.single(f"user instructions per request (wrk: {theirs:.0f})", f"{ours:.0f}", "≤ 4000", ours <= 4000)
        if shutil.which("strace"):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "strace"

                def traced(seconds):
                    figures = self.squall("keep_alive", seconds, prefix=["strace", "-f", "-c", "-o", str(file)])
                    figures.extra["calls"] = number(r"(?m)^100\.00\s+[\d.]+\s+(?:\d+\s+)?(\d+)\s.*total$",
                                                    file.read_text())
                    return figures
                calls = self.difference(lambda run: run.extra["calls"], traced)
            self.single("system calls per request", f"{calls:.2f}", "≤ 2.2", calls <= 2.2)

    def all(self, only):
        works = {"keep_alive": self.keep_alive, "new_connection": self.new_connection, "open_loop": self.open_loop,
                 "threads": self.threads, "per_operation": self.per_operation, "memory": self.memory,
                 "postgres": self.postgres, "redis": self.redis, "websocket": self.websocket}
        unknown = set(only) - set(works)
        if unknown:
            sys.exit(f"run.py: unknown work {', '.join(unknown)}; known are {', '.join(works)}")
        with started([self.bin / "bench_server", PORT]):
            for name, work in works.items():
                if not only or name in only:
                    try:
                        work()
                    except RuntimeError as error:
                        self.single(name, f"could not be measured: {str(error).splitlines()[0]}", "", False)

    # ---- report -----------------------------------------------------------------------------------------------------

    def report(self):
        (self.out / "results.json").write_text(json.dumps({"machine": machine(), "rows": self.rows}, indent=2) + "\n")
        lines = [f"Machine: {machine()}. Medians of {self.rounds} alternating runs of {self.seconds} s.", "",
                 "| work | peer | rate | peer's | ratio | CPU s / 100k | peer's | ratio | RSS MiB | peer's | target | |",
                 "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|---|"]
        for row in self.rows:
            if "peer" in row:
                lines.append(
                    f"| {row['work']} | {row['peer']} | {row['rate']:,.0f}/s | {row['peer_rate']:,.0f}/s "
                    f"| **{row['rate_ratio']:.2f}** | {row['cpu_per_100k']:.2f} | {row['peer_cpu_per_100k']:.2f} "
                    f"| **{row['cpu_ratio']:.2f}** | {row['rss_mib']:.0f} | {row['peer_rss_mib']:.0f} "
                    f"| {row['target']} | {'held' if row['held'] else 'missed'} |")
        lines += ["", "| what | measured | target | |", "|---|---:|---|---|"]
        for row in self.rows:
            if "peer" not in row:
                lines.append(f"| {row['work']} | {row['value']} | {row['target']} | "
                             f"{'held' if row['held'] else 'missed'} |")
        (self.out / "results.md").write_text("\n".join(lines) + "\n")
        held = sum(row["held"] for row in self.rows)
        print(f"{held} of {len(self.rows)} rows held; {self.out}/results.md")


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 "unknown CPU")
    return f"{os.cpu_count()} cores, {model}, Linux {os.uname().release}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of squall, bench_server and bench_limit")
    parser.add_argument("--out", required=True, help="folder for results.md and results.json")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 3 s instead of 5 of 6 s")
    parser.add_argument("work", nargs="*", help="only these works")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if os.cpu_count() < 2:
        sys.exit("run.py: two cores are needed, one for the generator and one for the server")
    bench = Bench(options)
    bench.all(options.work)
    bench.report()


if __name__ == "__main__":
    main()
