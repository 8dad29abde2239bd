#!/usr/bin/env bash
# Every scenario of a folder, as it fails and as it holds: before must end with 99, after with 0.
# usage: ci/before_after.sh FOLDER SQUALL [NAME…]
# Environment: SQUALL_ONLY=after leaves out the runs that must fail.
set -uo pipefail
source_folder=$1
squall=$(realpath "$2")
shift 2
names=("$@")
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
if [ ${#names[@]} -eq 0 ]; then
  for file in "$source_folder"/*.toml; do
    names+=("$(basename "$file" .toml)")
  done
fi
for name in "${names[@]}"; do
  if [ ! -e "$source_folder/$name.toml" ]; then
    echo "ci/before_after.sh: there is no \"$name\" in $source_folder" >&2
    exit 2
  fi
done
export PATH="${squall%/*}:$PATH" # scenarios that start squall-target by a command of their own find it
folder=$(mktemp -d)
chmod 755 "$folder" # PostgreSQL's user reads below it
trap 'rm -rf "$folder"' EXIT
held=0

# one run: its exit code, and what it said first about its verdict
once() { # NAME PROFILE WANTED
  local code=0 took
  took=$SECONDS
  timeout 180 "$squall" run "$source_folder/$1.toml" --profile "$2" --out "$folder/$1-$2" --quiet \
    >"$folder/said" 2>&1 || code=$?
  took=$((SECONDS - took))
  if [ "$code" -eq "$3" ]; then
    printf '  ✓ %-26s %-7s exit %-3s %3ss  ' "$1" "$2" "$code" "$took"
    sed -nE '/^  [a-z].*(:|met)/{s/^ *//;p;q}' "$folder/said" | cut -c1-90
    return 0
  fi
  printf '  ✗ %-26s %-7s exit %s, expected %s\n' "$1" "$2" "$code" "$3"
  sed 's/^/      /' "$folder/said"
  return 1
}

for name in "${names[@]}"; do
  both=1
  [ "${SQUALL_ONLY:-}" = after ] || once "$name" before 99 || both=0
  once "$name" after 0 || both=0
  held=$((held + both))
done
echo "$held of ${#names[@]} scenarios held"
[ "$held" -eq ${#names[@]} ]
