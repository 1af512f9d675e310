#!/usr/bin/env bash
# All tests, against one stack of real parts on free ports that is stopped at the end.
set -euo pipefail
stack=.dev/test
started=$(date +%s)
say() { printf '[%3ds] %s\n' "$(( $(date +%s) - started ))" "$*"; }

scripts/python-clients.sh
say "building the platform and its tests (a first build takes several minutes)"
cargo build --workspace --bins --quiet
cargo test --workspace --no-run --quiet
say "starting Kafka, the registry and ClickHouse"
target/debug/saphan-dev up --dir "$stack" --free-ports
trap 'target/debug/saphan-dev down --dir "$stack" >/dev/null 2>&1; target/debug/saphan-dev reset --dir "$stack" >/dev/null 2>&1' EXIT
export SAPHAN_STACK="$PWD/$stack"
say "running the tests"
cargo test --workspace
say "all tests passed"
