#!/usr/bin/env bash
# Every stress scenario of scenarios/refkit: the kit survives it (after, 0), and the scenario can fail (before, 99).
# usage: ci/refkit.sh SQUALL [NAME…]
exec bash "$(dirname "${BASH_SOURCE[0]}")/before_after.sh" scenarios/refkit "$@"
