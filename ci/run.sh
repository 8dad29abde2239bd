#!/usr/bin/env bash
# One verb a check; see --help. Every verb installs and builds what it needs first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source ci/packages.sh

usage() {
  cat <<'TEXT'
usage: ci/run.sh VERB [ARGUMENT…]

  demo            build, then run the meal planner before and after its fix and compare the two
  patterns [NAME…] build, then every pattern of scenarios/patterns: it must fail before and hold after
  refkit [NAME…]  build, then the stress scenarios of scenarios/refkit: the reference kit must survive each, and each must
                  fail where the kit is broken
  peers [ARGS]    build, then the same traffic on three other services and their pools, side by side (ARGS: --rounds N)
  decoys [RUNS]   build, then services that only look as if they leaked, RUNS times each (default 1), and some that do:
                  none of the first may be called a leak, and every leak must be found (also decoys RUNS NAME…)
  test [ARGS]     build, then all tests (ARGS go to ctest, e.g. -L unit or -R scenario)
  setup           install what is missing (Debian and Ubuntu packages)
  build [PRESET]  configure and build: release (default), dev, asan, tsan
  lint [--all]    clang-format on everything, clang-tidy on what changed since $SQUALL_LINT_SINCE (default HEAD~1)
  layers          the include rules of harness/README.md
  asan            unit and simulation tests under AddressSanitizer and UndefinedBehaviorSanitizer
  tsan            unit and simulation tests under ThreadSanitizer
  mutants         known bugs of pools, put back into the reference kit one at a time: its simulation must find each
  nightly [SEED]  what is too long for every commit: millions of simulated lives from this seed on (default: another every
                  day), a million acquisitions that break off anywhere on PostgreSQL and on SQLite, and the mutants
  fuzz [SECONDS]  every fuzz target for so long (default 60), under AddressSanitizer and UndefinedBehaviorSanitizer
  calibrate [--write] [SERIES]  the leak estimators against series of known truth (default 2000 of each kind);
                  --write puts the figures into what results and reports say
  bench-refkit    what the reference kit costs, in mutexes, posts and atomic operations of the same run
  bench [ARGS]    side by side with wrk, h2load, ab and hey (ARGS: --quick, or only these works; tests/bench/README.md)
  clean           remove build/ and squall-runs/

Environment: SQUALL_JOBS parallel compilations (default: all cores), SQUALL_SKIP_SETUP=1 install nothing.
TEXT
}

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
jobs() { echo "${SQUALL_JOBS:-$(nproc)}"; }

# The first of "a|b" that is installed or can be; prints nothing when none exists.
choose_package() {
  local name
  for name in ${1//|/ }; do
    if dpkg -s "$name" >/dev/null 2>&1 || [ -n "$(apt-cache policy "$name" 2>/dev/null | sed -n 's/.*Candidate: \([^(].*\)/\1/p')" ]; then
      echo "$name"
      return
    fi
  done
}

installed() {
  local name
  for name in ${1//|/ }; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' && return 0
  done
  return 1
}

# A program of that name counts as its package: PostgreSQL and Redis may come from elsewhere.
provided() {
  case "$1" in
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ;;
    pgbouncer) [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null ;;
    redis-server | cmake | python3 | openssl | g++) command -v "$1" >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    nodejs) command -v node >/dev/null ;;
    *) return 1 ;;
  esac
}

install_packages() {
  [ "${SQUALL_SKIP_SETUP:-}" = 1 ] && return
  local missing=() wanted name as_root=()
  for wanted in "$@"; do
    installed "$wanted" || provided "$wanted" || missing+=("$wanted")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    echo "This machine has no apt-get. Install what these Debian packages hold, then run again with SQUALL_SKIP_SETUP=1:" >&2
    printf '  %s\n' "${missing[@]//|/ or }" >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      echo "Missing packages, and no root to install them. Ask for:" >&2
      echo "  apt-get install ${missing[*]//|*/}" >&2
      exit 1
    fi
  fi
  say "installing ${missing[*]//|*/}"
  # Debian starts a cluster and servers on installation; this run needs the programs only.
  "${as_root[@]}" apt-get update -qq
  local chosen=()
  for wanted in "${missing[@]}"; do
    name=$(choose_package "$wanted")
    if [ -z "$name" ]; then
      echo "No package called ${wanted//|/ or } is to be had here; Debian 12 or Ubuntu 24.04 and newer have it." >&2
      exit 1
    fi
    chosen+=("$name")
  done
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${chosen[@]}" >&2
}

verb_setup() { install_packages "${packages_build[@]}" "${packages_run[@]}"; }

verb_build() {
  local preset=${1:-release} launcher=()
  verb_setup
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  say "building ($preset)"
  mkdir -p "build/$preset"
  if ! cmake --preset "$preset" "${launcher[@]}" >"build/$preset/configure.log" 2>&1; then
    cat "build/$preset/configure.log" >&2
    exit 1
  fi
  cmake --build "build/$preset" -j "$(jobs)" "${@:2}"
}

verb_test() {
  install_packages "${packages_test[@]}"
  verb_build release
  say "testing"
  local log=build/release/test.log status=0
  ctest --test-dir build/release --output-on-failure "$@" | tee "$log" || status=$?
  # "100% tests passed, 0 tests failed out of 31", as one plain closing line.
  sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log" |
    while read -r failed total; do echo "$((total - failed)) passed, $failed failed"; done | tee build/release/summary.txt
  return "$status"
}

verb_patterns() {
  verb_build release
  bash ci/patterns.sh build/release/bin/squall "$@"
}

verb_refkit() {
  verb_build release
  bash ci/refkit.sh build/release/bin/squall "$@"
}

# node-postgres from Debian where it can be installed; beside a nodejs from elsewhere it cannot, and comes from npm.
install_node_postgres() {
  export NODE_PATH=/usr/share/nodejs:$PWD/build/peers/node_modules
  node -e 'require("pg")' 2>/dev/null && return
  if [ "${SQUALL_SKIP_SETUP:-}" != 1 ]; then
    if apt-get install -s --no-install-recommends node-pg >/dev/null 2>&1; then
      install_packages node-pg
    else
      say "installing pg (npm, into build/peers)"
      npm install --prefix build/peers --no-save --no-audit --no-fund pg@8 >&2
    fi
  fi
  node -e 'require("pg")'
}

verb_peers() {
  install_packages "${packages_peers[@]}"
  install_node_postgres
  verb_build release
  python3 ci/peers.py build/release/bin/squall "$@"
}

verb_decoys() {
  install_packages "${packages_decoys[@]}"
  verb_build release
  bash ci/decoys.sh build/release/bin/squall "$@"
}

verb_demo() {
  verb_build release
  bash ci/demo.sh build/release/bin/squall
}

sanitized() {
  local preset=$1
  verb_build "$preset" --target unit_tests
  say "unit and simulation tests ($preset)"
  ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 TSAN_OPTIONS=halt_on_error=1 \
    ctest --test-dir "build/$preset" --output-on-failure -L 'unit|golden|sim' -j "$(jobs)"
}
verb_asan() { sanitized asan; }
verb_tsan() { sanitized tsan; }

# What a target finds stays in build/fuzz/findings; the inputs that it learned stay in build/fuzz/corpus.
verb_fuzz() {
  local seconds=${1:-60} compiler target name
  install_packages "${packages_build[@]}" "${packages_fuzz[@]}"
  compiler=$(compgen -c clang++ | grep -E '^clang\+\+(-[0-9]+)?$' | sort -V | tail -1)
  say "building (fuzz)"
  cmake --preset fuzz -DCMAKE_CXX_COMPILER="$compiler" >/dev/null
  cmake --build build/fuzz -j "$(jobs)" --target fuzz_targets
  mkdir -p build/fuzz/findings
  for target in build/fuzz/bin/fuzz_*; do
    name=${target##*/fuzz_}
    mkdir -p "build/fuzz/corpus/$name"
    say "fuzzing $name for $seconds s"
    if ! "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/findings/$name-" "build/fuzz/corpus/$name" $(fuzz_seeds "$name") \
      >"build/fuzz/$name.log" 2>&1; then
      tail -40 "build/fuzz/$name.log"
      echo "the input is in build/fuzz/findings; $target FILE runs it again" >&2
      return 1
    fi
    sed -nE 's/^stat::number_of_executed_units: *([0-9]+)$/\1 inputs, nothing found/p' "build/fuzz/$name.log"
  done
}
# Inputs to begin with.
fuzz_seeds() {
  case "$1" in
    scenario) echo scenarios scenarios/systems ;;
    answer | rpc) echo "tests/fuzz/seeds/$1" ;;
  esac
}

verb_calibrate() {
  local write=()
  if [ "${1:-}" = --write ]; then
    write=(--write harness/analysis/self_test_figures.inc)
    shift
  fi
  verb_build release --target squall_calibrate
  build/release/bin/squall_calibrate "${write[@]}" "$@"
}

verb_mutants() {
  verb_build release --target sim_refkit_mutants
  bash ci/mutants.sh build/release/bin/sim_refkit_mutants "$@"
}

verb_nightly() {
  local first=${1:-$(date +%Y%m%d)0000000}
  verb_build release --target sim_refkit sim_refkit_mutants integration_refkit
  say "simulated lives from seed $first on"
  build/release/bin/sim_refkit --first "$first" --seeds 2000000 --small 300
  say "a million acquisitions"
  SQUALL_TEST_SEED=$first SQUALL_ACQUISITIONS=1000000 build/release/bin/integration_refkit "callers that break off*"
  verb_mutants
}

verb_bench() {
  install_packages "${packages_bench[@]}"
  verb_build release --target bench_programs
  python3 tests/bench/run.py --bin build/release/bin --out build/bench "$@"
}

verb_bench_refkit() {
  verb_build release --target bench_refkit
  build/release/bin/bench_refkit "$@"
}

verb_layers() { python3 ci/check_layers.py; }

verb_lint() {
  install_packages "${packages_build[@]}" "${packages_lint[@]}"
  bash ci/lint.sh "$@"
}

verb_clean() { rm -rf build squall-runs; }

case "${1:---help}" in
  -h | --help | help) usage ;;
  setup | build | test | demo | patterns | refkit | peers | decoys | lint | layers | asan | tsan | fuzz | nightly | calibrate | mutants | bench | bench-refkit | clean) verb=${1//-/_}; shift; "verb_$verb" "$@" ;;
  *) echo "ci/run.sh: unknown verb \"$1\"" >&2; usage >&2; exit 1 ;;
esac
