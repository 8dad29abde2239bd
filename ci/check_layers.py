#!/usr/bin/env python3
"""Fails on an include that the house forbids. The rules are harness/README.md's table, in one place: RULES."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# room -> rooms of ours that it may include
RULES = {
    "base": [],
    "wire": ["base"],
    "scenario": ["base", "refkit"],
    "plan": ["base", "scenario"],
    "arrivals": ["base"],
    "measure": ["base"],
    "result": ["base"],
    "analysis": ["base", "measure", "result"],
    "slo": ["base", "measure", "analysis"],
    "drivers": ["base", "wire", "measure", "plan", "scenario"],
    "probes": ["base", "wire", "plan", "scenario"],
    "stack": ["base", "wire", "plan", "scenario"],
    "engine": ["base", "wire", "scenario", "plan", "arrivals", "measure", "drivers", "probes", "stack", "analysis",
               "slo", "result"],
    "refkit": ["base", "wire"],
    "target": ["base", "wire", "refkit", "scenario"],
    "reporters": ["base", "result"],
    "cli": ["base", "wire", "scenario", "plan", "engine", "analysis", "slo", "result", "stack", "measure", "reporters"],
}
# room -> room -> the headers that it may include of it, when not all: plain values, so that nobody who reads scenarios
# sees how the kit behaves
ONLY = {"scenario": {"refkit": re.compile(r"_params\.hpp$")}}
# library header -> rooms that may see it
LIBRARIES = {
    r"toml(\+\+|plusplus)?/": ["scenario"],
    r"boost/asio|boost/beast": ["wire", "drivers", "probes", "stack", "engine", "refkit", "target", "cli"],
    r"libpq|postgresql/": ["wire", "drivers", "probes", "refkit"],
    r"hiredis/": ["wire", "drivers", "probes", "refkit"],
    r"CLI/": ["cli", "target"],
    r"sqlite3": ["refkit", "target"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "harness" else parts[0]


def problems_of(path):
    room = room_of(path)
    if room not in RULES:
        yield f"{path.relative_to(ROOT)}: no room of this name is known; add it to ci/check_layers.py and harness/README.md"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        where = f"{path.relative_to(ROOT)}:{number}"
        if quote == '"':
            included = header.split("/")[0]
            if "/" not in header or included not in RULES:
                yield f'{where}: include "{header}" by its path from harness/ ("room/file.hpp")'
            elif included != room and included not in RULES[room]:
                yield f"{where}: {room} may not include {included}; it may see: {', '.join(RULES[room]) or 'nothing of ours'}"
            elif (only := ONLY.get(room, {}).get(included)) and not only.search(header):
                yield f"{where}: {room} may see of {included} only headers that match {only.pattern}"
        for pattern, rooms in LIBRARIES.items():
            if re.match(pattern, header) and room not in rooms:
                yield f"{where}: only {', '.join(rooms)} may see <{header}>"


def main():
    files = [path for top in ("harness", "reporters") for path in sorted((ROOT / top).rglob("*.[ch]pp"))]
    if not files:
        print("layers: no sources found; run from a checkout", file=sys.stderr)
        return 1
    problems = [problem for path in files for problem in problems_of(path)]
    for problem in problems:
        print(problem)
    print(f"layers: {len(files)} files, {len(problems)} forbidden includes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
