#!/usr/bin/env bash
# Puts each bug of harness/refkit/mutants.hpp back into the kit and lets the simulation look for it: a table, and
# "K of K mutants killed". usage: ci/mutants.sh SIM_WITH_MUTANTS [OPTION…]
set -uo pipefail
sim=$1
shift
[ $# -gt 0 ] || set -- --seeds 20000 --small 30 --pairs 0

list=$("$sim" --mutants) || exit 1
# Without a bug nothing may be found: a simulation that always fails kills nothing.
if ! clean=$({ TIMEFORMAT=%U; time "$sim" "$@" >/dev/null; } 2>&1); then
  echo "the simulation fails without any mutant" >&2
  exit 1
fi
# One that makes it go round for ever is found too; of CPU time, so that a busy machine finds nothing that is not there.
clean=${clean##*$'\n'}
cpu=$((20 + 10 * ${clean%%.*}))

killed=0 total=0
printf '%-26s %-4s %-9s %s\n' mutant bug result "found by"
while IFS=$'\t' read -r name bug _; do
  total=$((total + 1))
  if output=$(ulimit -t "$cpu"; exec timeout 900 "$sim" --mutant "$name" "$@" 2>&1 </dev/null); then
    printf '%-26s %-4s %-9s %s\n' "$name" "$bug" SURVIVES -
    continue
  fi
  killed=$((killed + 1))
  found=$(sed -nE 's/^FAILED at [^:]*: //p; s/^(an assertion failed).*/\1/p' <<<"$output" | head -1)
  seed=$(sed -nE 's/^.*replay with: [^ ]* //p' <<<"$output" | head -1)
  printf '%-26s %-4s %-9s %s (%s)\n' "$name" "$bug" killed "${found:-no end within $cpu s of CPU time}" "${seed:-no seed}"
done <<<"$list"
echo "$killed of $total mutants killed"
[ "$killed" -eq "$total" ]
