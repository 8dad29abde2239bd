#!/usr/bin/env bash
# The main job: the meal planner before and after its fix, compared. Called by ci/run.sh demo with the squall binary.
set -uo pipefail

squall=$1
runs=$(mktemp -d "${TMPDIR:-/tmp}/squall-demo-XXXXXX")
trap 'rm -rf "$runs"' EXIT
scenario=scenarios/systems/meal-planner.toml
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

listeners() { awk 'FNR > 1 && $4 == "0A" { print $2 }' /proc/net/tcp | sort; }
folders() { find "${TMPDIR:-/tmp}" "$runs" -maxdepth 2 \( -name 'squall-*' -o -name stack \) ! -path "$runs" 2>/dev/null | sort; }
ports_before=$(listeners)
folders_before=$(folders)
started=$SECONDS

say "before: the meal planner with its two defects (squall run $scenario --profile before)"
"$squall" run "$scenario" --profile before --out "$runs/before"
before=$?
say "after: the same users against the fixed service (squall run $scenario --profile after)"
"$squall" run "$scenario" --profile after --out "$runs/after"
after=$?
say "compared (squall compare before after)"
"$squall" compare "$runs/before" "$runs/after"
compared=$?

say "what this showed"
failed=0
expect() { # text, got, wanted
  if [ "$2" = "$3" ]; then
    echo "  ok      $1: $2"
  else
    echo "  WRONG   $1: $2, expected $3"
    failed=1
  fi
}
expect "before misses its SLOs, because connections leak: exit code" "$before" 99
expect "after misses none: exit code" "$after" 0
expect "the comparison finds nothing that got worse: exit code" "$compared" 0
left=$(comm -13 <(echo "$ports_before") <(listeners) | wc -l)
expect "listening ports left behind" "$left" 0
expect "data folders left behind" "$(comm -13 <(echo "$folders_before") <(folders) | wc -l)" 0
expect "processes left behind" "$(pgrep -cf "$runs" || true)" 0
echo "  took $((SECONDS - started)) s"
exit "$failed"
