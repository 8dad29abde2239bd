#!/usr/bin/env bash
# Every pattern of scenarios/patterns, as it fails and as it holds: before must end with 99, after with 0.
# usage: ci/patterns.sh SQUALL [NAME…]
exec bash "$(dirname "${BASH_SOURCE[0]}")/before_after.sh" scenarios/patterns "$@"
