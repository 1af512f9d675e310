#!/usr/bin/env bash
# All tests, against one stack of real parts on free ports that is stopped at the end.
# Ends with the runners' own summary lines, one for each test program.
set -euo pipefail
stack=.dev/test
log=target/test.log
started=$(date +%s)
say() { printf '[%4ds] %s\n' "$(( $(date +%s) - started ))" "$*"; }

scripts/python-clients.sh
say "building the platform and its tests (a first build takes several minutes)"
cargo build --workspace --bins --quiet
cargo test --workspace --no-run --quiet
say "starting Kafka, the registry and ClickHouse"
target/debug/saphan-dev up --dir "$stack" --free-ports
trap 'target/debug/saphan-dev reset --dir "$stack" >/dev/null 2>&1 || true' EXIT
export SAPHAN_STACK="$PWD/$stack"
say "running the tests"
status=0
cargo test --workspace --no-fail-fast 2>&1 | tee "$log" || status=$?

say "$([ "$status" -eq 0 ] && echo 'all tests passed' || echo 'some tests FAILED; the full log is target/test.log')"
# "Running tests/live.rs (…)" or "Doc-tests name", each followed by its "test result: …" line.
awk '
  /^ *Running / { name = $0; sub(/^ *Running (unittests )?/, "", name); sub(/ \(.*/, "", name) }
  /^ *Running unittests / { match($0, /deps\/[a-z_0-9]+-/); crate = substr($0, RSTART + 5, RLENGTH - 6) }
  /^ *Doc-tests / { name = "doc"; crate = $2 }
  /^test result: / {
    if ($4 > 0 || $6 > 0) { line = $0; sub(/; 0 measured.*finished in/, "; in", line)
      printf "%-18s %-22s %s\n", crate, name, line }
    passed += $4; failed += $6; ignored += $8
  }
  END { printf "test result: %s. %d passed; %d failed; %d ignored\n", failed ? "FAILED" : "ok", passed, failed, ignored }
' "$log"
exit "$status"
