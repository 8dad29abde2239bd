#!/usr/bin/env bash
# clang-format on every source, clang-tidy on the sources that changed. Called by ci/run.sh lint.
set -euo pipefail

all=${1:-}
since=${SQUALL_LINT_SINCE:-HEAD~1}
format=$(command -v clang-format-14 || command -v clang-format)
# The first of those that read our C++ (ci/packages.sh), else what there is.
first_of() {
  local version
  for version in -16 -17 -18 -19 -20 ''; do
    command -v "$1$version" && return
  done
}
tidy=$(first_of clang-tidy)
compiler=$(first_of clang++)

mapfile -t sources < <(git ls-files '*.cpp' '*.hpp')
"$format" --dry-run --Werror "${sources[@]}"
echo "lint: ${#sources[@]} files formatted as .clang-format says"

if [ "$all" = --all ] || ! git rev-parse -q --verify "$since" >/dev/null; then
  mapfile -t changed < <(git ls-files 'harness/*.cpp' 'reporters/*.cpp')
else
  mapfile -t changed < <(git diff --name-only --diff-filter=AMR "$since" -- 'harness/*.cpp' 'reporters/*.cpp')
fi
if [ ${#changed[@]} -eq 0 ]; then
  echo "lint: no source changed since $since, clang-tidy has nothing to read"
  exit 0
fi
# A build folder of its own: clang cannot read GCC's precompiled headers.
cmake --fresh -S . -B build/tidy -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
  -DBUILD_TESTING=OFF >/dev/null
printf '%s\n' "${changed[@]}" | xargs -P "$(nproc)" -n 4 "$tidy" -p build/tidy --quiet --warnings-as-errors='*'
echo "lint: ${#changed[@]} sources read by clang-tidy"
