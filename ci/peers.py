#!/usr/bin/env python3
"""The same traffic on four services and their connection pools (scenarios/refkit/peers), one after the other and over
again (A B C D A B C D …), and a table of the medians. Called by ci/run.sh peers.

usage: ci/peers.py SQUALL [--rounds N] [--service NAME…]
"""
import argparse
import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path("scenarios/refkit/peers")
SERVICES = ["squall", "node-pg", "sqlalchemy", "psycopg"]
TITLES = {"squall": "squall-target", "node-pg": "node-postgres", "sqlalchemy": "SQLAlchemy", "psycopg": "psycopg_pool"}


class Run:
    """What one run's result.json says."""

    def __init__(self, path):
        result = json.loads(path.read_text())
        self.steps = {step["name"]: step for step in result["steps"]}
        self.gauges = {gauge["name"]: gauge for gauge in result["gauges"]}
        self.requests = result["totals"]["requests"]
        self.outcome = result["verdict"]["outcome"]

    def rate(self, step):
        return self.steps[step]["requests_per_second"]

    def milliseconds(self, step, percentile):
        return 1000 * self.steps[step]["response"][f"{percentile}_seconds"]

    def errors(self, *steps):
        return sum(self.steps[step]["errors"] for step in steps)

    def opened(self):
        return self.gauges["pool.dials"]["last"]

    def cpu(self):
        """Microseconds a request, of the service alone."""
        used = self.gauges["api.cpu_seconds"]
        return 1e6 * (used["max"] - used["min"]) / self.requests


# scenario → columns: heading, value of a run, how it is written
TABLES = {
    "capacity": [
        ("requests/s", lambda run: run.rate("meals"), "{:,.0f}"),
        ("p50 ms", lambda run: run.milliseconds("meals", "p50"), "{:.2f}"),
        ("p99 ms", lambda run: run.milliseconds("meals", "p99"), "{:.2f}"),
        ("errors", lambda run: run.errors("meals"), "{:.0f}"),
        ("opened", Run.opened, "{:.0f}"),
        ("CPU µs/request", Run.cpu, "{:,.0f}"),
    ],
    "mix": [
        ("meals p50 ms", lambda run: run.milliseconds("meals", "p50"), "{:.2f}"),
        ("p99 ms", lambda run: run.milliseconds("meals", "p99"), "{:.1f}"),
        ("crowd p50 ms", lambda run: run.milliseconds("in a crowd", "p50"), "{:.1f}"),
        ("p99 ms", lambda run: run.milliseconds("in a crowd", "p99"), "{:.1f}"),
        ("slow query p99 ms", lambda run: run.milliseconds("slow query", "p99"), "{:.1f}"),
        ("errors", lambda run: run.errors("login", "meals", "in a crowd", "slow query"), "{:.0f}"),
        ("opened", Run.opened, "{:.0f}"),
        ("CPU µs/request", Run.cpu, "{:,.0f}"),
    ],
    "spike": [
        ("opened", Run.opened, "{:.0f}"),
        ("first spike p50 ms", lambda run: run.milliseconds("first spike", "p50"), "{:.0f}"),
        ("max ms", lambda run: run.milliseconds("first spike", "max"), "{:.0f}"),
        ("second spike p50 ms", lambda run: run.milliseconds("second spike", "p50"), "{:.0f}"),
        ("max ms", lambda run: run.milliseconds("second spike", "max"), "{:.0f}"),
        ("errors", lambda run: run.errors("first spike", "second spike"), "{:.0f}"),
    ],
}


def measure(squall, scenario, service, folder):
    command = [squall, "run", FOLDER / f"{scenario}.toml", "--profile", service, "--out", folder, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    result = folder / "result.json"
    if done.returncode not in (0, 99) or not result.exists():
        sys.exit(f"{scenario} on {service} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Run(result)


def print_table(scenario, runs, services):
    columns = TABLES[scenario]
    rows = [["", *(heading for heading, _, _ in columns)]]
    for service in services:
        values = [[value(run) for run in runs[service]] for _, value, _ in columns]
        rows.append([TITLES[service],
                     *(form.format(statistics.median(each)) for each, (_, _, form) in zip(values, columns))])
    widths = [max(len(row[at]) for row in rows) for at in range(len(columns) + 1)]
    print(f"\n{scenario} ({FOLDER}/{scenario}.toml), median of {len(runs[services[0]])}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) if at == 0 else cell.rjust(width)
                               for at, (cell, width) in enumerate(zip(row, widths))))
    for service in services:
        missed = sum(run.outcome != "passed" for run in runs[service])
        if missed:
            print(f"  {TITLES[service]}: {missed} of {len(runs[service])} runs missed an SLO")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("squall", type=pathlib.Path)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--service", nargs="+", choices=SERVICES, default=SERVICES)
    given = arguments.parse_args()
    if given.rounds < 1:
        arguments.error("--rounds must be at least 1")
    squall = given.squall.resolve()
    os.environ["PATH"] = f"{squall.parent}:{os.environ['PATH']}"  # the scenarios start squall-target from there
    with tempfile.TemporaryDirectory() as temporary:
        os.chmod(temporary, 0o755)  # PostgreSQL's user reads below it
        for scenario in TABLES:
            runs = collections.defaultdict(list)
            for turn in range(given.rounds):
                for service in given.service:
                    print(f"{scenario} {turn + 1}/{given.rounds}: {service}", file=sys.stderr)
                    folder = pathlib.Path(temporary) / f"{scenario}-{service}-{turn}"
                    runs[service].append(measure(squall, scenario, service, folder))
            print_table(scenario, runs, given.service)


if __name__ == "__main__":
    main()
