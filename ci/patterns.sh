#!/usr/bin/env bash
# Every pattern of scenarios/patterns, as it fails and as it holds: before must end with 99, after with 0.
# usage: ci/patterns.sh SQUALL [NAME…]
set -uo pipefail
squall=$1
shift
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for file in scenarios/patterns/*.toml; do
    names+=("$(basename "$file" .toml)")
  done
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
wrong=0

# one run: its exit code, and what it said first about its verdict
once() { # NAME PROFILE WANTED
  local code=0 took
  took=$SECONDS
  timeout 180 "$squall" run "scenarios/patterns/$1.toml" --profile "$2" --out "$folder/$1-$2" --quiet \
    >"$folder/said" 2>&1 || code=$?
  took=$((SECONDS - took))
  if [ "$code" -eq "$3" ]; then
    printf '  ✓ %-26s %-7s exit %-3s %3ss  ' "$1" "$2" "$code" "$took"
    sed -nE '/^  [a-z].*(:|met)/{s/^ *//;p;q}' "$folder/said" | cut -c1-90
  else
    wrong=$((wrong + 1))
    printf '  ✗ %-26s %-7s exit %s, expected %s\n' "$1" "$2" "$code" "$3"
    sed 's/^/      /' "$folder/said"
  fi
}

for name in "${names[@]}"; do
  once "$name" before 99
  once "$name" after 0
done
[ "$wrong" -eq 0 ] || echo "$wrong runs did not end as they must" >&2
exit "$((wrong > 0))"
