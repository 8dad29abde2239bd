# What Squall needs from Debian 12 or Ubuntu 24.04 and newer, one list a purpose. Sourced by ci/run.sh.
# Names with "|" are alternatives, the first that the distribution has is taken.

packages_build=(
  "g++" cmake ninja-build pkg-config
  "libboost1.81-dev|libboost-dev" "libboost-json1.81-dev|libboost-json-dev" "libboost-url1.81-dev|libboost-url-dev"
  libpq-dev libhiredis-dev libssl-dev zlib1g-dev libsqlite3-dev
  libtomlplusplus-dev libcli11-dev libfmt-dev libspdlog-dev catch2
)
packages_run=(postgresql pgbouncer redis-server openssl python3)
# HdrHistogram's own tool, which must open what we write; a WebSocket server that is not ours; Prometheus' promtool.
packages_test=(default-jre-headless libhdrhistogram-java python3-websockets prometheus)
# The small services of tests/decoys and scenarios/leaks.
packages_decoys=(nodejs)
# The services of scenarios/refkit/peers; node-pg besides, where it can be had (ci/run.sh).
packages_peers=(nodejs python3-sqlalchemy python3-psycopg2 python3-psycopg python3-psycopg-pool)
# Older clangs than 16 do not read std::source_location; a machine's own "clang" may be one.
packages_lint=("clang-format-14|clang-format" "clang-tidy-16|clang-tidy-17|clang-tidy-18|clang-tidy-19|clang-tidy-20"
  "clang-16|clang-17|clang-18|clang-19|clang-20")
packages_fuzz=("clang-16|clang" "libclang-rt-16-dev|libclang-rt-dev")
packages_bench=(wrk nghttp2-client hey apache2-utils valgrind strace python3 util-linux time node-ws python3-websockets)
