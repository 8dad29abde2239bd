#!/usr/bin/env bash
# Leak verdicts on real small services: nothing that only looks like a leak is called one (tests/decoys, and the fixed
# twins of scenarios/leaks), and what leaks is found. ci/decoys_table.py judges.
# usage: ci/decoys.sh SQUALL [RUNS [NAME…]]    RUNS: of each decoy (default 1); of each leak a quarter as many
# Environment: SQUALL_DECOY_JOBS runs at the same time (default 2).
set -uo pipefail
squall=$(realpath "$1")
runs=${2:-1}
shift $(($# < 2 ? $# : 2))
names=("$@")
jobs=${SQUALL_DECOY_JOBS:-2}
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
if ! [[ $runs =~ ^[1-9][0-9]*$ ]]; then
  echo "ci/decoys.sh: \"$runs\" is not a number of runs" >&2
  exit 2
fi
for name in "${names[@]}"; do
  if [ ! -e "tests/decoys/$name.toml" ] && [ ! -e "scenarios/leaks/$name.toml" ]; then
    echo "ci/decoys.sh: there is no \"$name\" in tests/decoys and scenarios/leaks" >&2
    exit 2
  fi
done
command -v node >/dev/null || { echo "ci/decoys.sh: no node; install the package nodejs" >&2; exit 2; }

folder=$(mktemp -d)
chmod 755 "$folder" # PostgreSQL's user reads below it
finish() {
  trap - EXIT
  trap '' INT TERM # a second one must not break this off
  local mine
  mapfile -t mine < <(jobs -p)
  [ ${#mine[@]} -eq 0 ] || kill "${mine[@]}" 2>/dev/null
  wait
  rm -rf "$folder"
  exit "$1"
}
trap 'finish 130' INT TERM
trap 'finish $?' EXIT

wanted() { # NAME
  local name
  [ ${#names[@]} -eq 0 ] && return
  for name in "${names[@]}"; do
    [ "$name" = "$1" ] && return
  done
  return 1
}

# one run in the background, when there is room: FOLDER, then squall's arguments
begin() {
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
    wait -n
  done
  mkdir -p "$1"
  timeout -k 10 300 "$squall" run "${@:2}" --out "$1/run" --quiet >"$1/said" 2>&1 &
}

for ((turn = 1; turn <= runs; ++turn)); do
  for file in tests/decoys/*.toml; do
    name=$(basename "$file" .toml)
    ! wanted "$name" || begin "$folder/decoy/$name/$turn" "$file" --seed "$turn"
  done
  # The first, fifth, ninth … turn.
  for file in scenarios/leaks/*.toml; do
    name=$(basename "$file" .toml)
    [ $((turn % 4)) -eq 1 ] && wanted "$name" || continue
    begin "$folder/fixed/$name/$turn" "$file" --seed "$turn" --profile after
    begin "$folder/leak/$name/$turn" "$file" --seed "$turn" --profile before
  done
done
wait

python3 ci/decoys_table.py "$folder"
code=$?
if [ "$code" -ne 0 ]; then
  trap - EXIT
  echo "the runs are in $folder" >&2
fi
exit "$code"
