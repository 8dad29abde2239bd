#!/usr/bin/env python3
"""Reads the runs of ci/decoys.sh, FOLDER/{decoy,fixed,leak}/NAME/TURN/run/result.json, prints what they say of leaks, and
ends with 1 where a decoy or a fixed service is called a leak, a leak is not found, or a run says nothing."""
import collections
import json
import pathlib
import sys

# Of every leak the gauge that must be found, and what must stand in the name of that which it follows.
TRUTH = {
    "one-in-a-thousand": ("postgres.connections", "wrong password"),
    "aborted-uploads": ("api.fds", "aborted upload"),
    "heap-kept": ("node.heap_used", "remember"),
}
# What a decoy with something to tell must say, and of which gauges.
MUST_SAY = {"restarts-in-the-middle": (("api.fds", "topics.open", "redis.connected_clients"), "started anew")}
CALLED = ("suspected", "confirmed")


class Run:
    """One run, as far as it got."""

    def __init__(self, folder):
        self.turn = folder.name
        self.leaks, self.problem, self.missed = [], "", []
        try:
            result = json.loads((folder / "run" / "result.json").read_text())
        except (OSError, ValueError) as error:
            self.problem = f"no result ({error.__class__.__name__}): {tail(folder / 'said')}"
            return
        self.leaks = result["leaks"]
        self.missed = [slo["expression"] for slo in result["slos"] if slo["outcome"] == "missed"]
        if result["verdict"]["outcome"] in ("invalid", "interrupted"):
            self.problem = f"{result['verdict']['outcome']}: {result['verdict']['sentence']}"
        elif result["totals"]["requests"] == 0 or any(check.startswith("error_rate") for check in self.missed):
            self.problem = f"errors: {result['totals']['errors']} of {result['totals']['requests']} requests"

    def with_verdict(self, *verdicts):
        return [leak for leak in self.leaks if leak["verdict"] in verdicts]

    def silent(self, name):
        """Gauges that do not say what they must."""
        gauges, words = MUST_SAY.get(name, ((), ""))
        said = {leak["gauge"] for leak in self.leaks if words in leak["why"]}
        return [] if self.problem else [gauge for gauge in gauges if gauge not in said]

    def finds(self, name):
        gauge, step = TRUTH[name]
        return any(
            leak["gauge"] == gauge and leak["attribution"] and step in leak["attribution"]["candidate"]
            for leak in self.with_verdict(*CALLED)
        )


def tail(path):
    try:
        return path.read_text().strip().splitlines()[-1]
    except (OSError, IndexError):
        return "nothing was said"


def described(leak):
    text = f"{leak['gauge']} {leak['verdict'].upper()}: {leak['why']}"
    if leak["attribution"]:
        text += f" [{leak['attribution']['text']}]"
    return text


def tally(findings):
    counts = collections.Counter(f"{leak['gauge']} {leak['verdict']}" for leak in findings)
    return ", ".join(f"{name} ×{count}" for name, count in sorted(counts.items()))


def show(kind, name, runs, notes):
    """One row; the number of false calls and of leaks found."""
    broken = [run for run in runs if run.problem]
    called = [run for run in runs if run.with_verdict(*CALLED)]
    found = [run for run in runs if kind == "leak" and run.finds(name)]
    silent = [run for run in runs if run.silent(name)]
    other = tally(leak for run in runs for leak in run.with_verdict("retained", "filling", "grows_but_releases", "unclear"))
    verdict = f"{len(found)} found" if kind == "leak" else f"{len(called)} called"
    missed = sum(any(check.startswith("leak") for check in run.missed) for run in runs)
    print(f"  {kind:<6}{name:<24}{len(runs):>4}  {verdict:<10}{missed:>7}{len(broken):>9}  {other}")
    for run in broken:
        notes.append(f"{kind} {name}, run {run.turn}: {run.problem}")
    for run in called if kind != "leak" else []:
        notes += [f"{kind} {name}, run {run.turn}: {described(leak)}" for leak in run.with_verdict(*CALLED)]
    for run in silent:
        notes.append(f"{kind} {name}, run {run.turn}: \"{MUST_SAY[name][1]}\" is not said of {', '.join(run.silent(name))}")
    for run in runs if kind == "leak" else []:
        if not run.finds(name):
            said = [described(leak) for leak in run.leaks if leak["gauge"] == TRUTH[name][0]] or ["no row of the gauge"]
            notes.append(f"leak {name}, run {run.turn}: not found; {said[0]}")
    return len(called), len(found), len(broken) + len(silent)


def main(folder):
    print("  kind  scenario                runs  leak      missed  no word  other than no leak")
    notes, quiet_runs, called, leaks, found, wrong = [], 0, 0, 0, 0, 0
    for kind in ("decoy", "fixed", "leak"):
        for place in sorted((folder / kind).glob("*")):
            runs = [Run(each) for each in sorted(place.iterdir(), key=lambda path: int(path.name))]
            row = show(kind, place.name, runs, notes)
            wrong += row[2]
            if kind == "leak":
                leaks, found = leaks + len(runs), found + row[1]
            else:
                quiet_runs, called = quiet_runs + len(runs), called + row[0]
    for note in notes:
        print(f"  ✗ {note}")
    print(f"{called} of {quiet_runs} decoy runs called a leak, {found} of {leaks} leaks found")
    return 0 if called == 0 and found == leaks and wrong == 0 and quiet_runs + leaks > 0 else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
