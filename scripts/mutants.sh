#!/usr/bin/env bash
# Breaks the decisions of `policy` in every small way cargo-mutants knows and has policy's own tests
# find it. Fails below 95 % found, of those that compile. A mutant that hangs a test is not found.
# Takes about as many builds of the crate as there are mutants; arguments go to cargo-mutants, for
# example `scripts/mutants.sh --file crates/policy/src/filter.rs`.
set -euo pipefail
version=27.1.0
wanted=95
tools=$PWD/.dev/cargo
tool=$tools/bin/cargo-mutants
out=$PWD/target/mutants.out

if [ "$("$tool" mutants --version 2>/dev/null)" != "cargo-mutants $version" ]; then
  echo "mutants: installing cargo-mutants $version into .dev/cargo"
  env -u CARGO_TARGET_DIR cargo install cargo-mutants --quiet --locked --version "$version" --root "$tools"
fi

# Products of their own: a broken build must not take the place of a whole one.
export CARGO_TARGET_DIR=$PWD/target/mutants
# That a property fails is enough to know: no search for the smallest example, none kept.
export PROPTEST_MAX_SHRINK_ITERS=0 PROPTEST_DISABLE_FAILURE_PERSISTENCE=1

status=0
"$tool" mutants --package saphan-policy --output target --colors never "$@" || status=$?
# 2: some were missed, 3: some ran out of time. Anything else is no result.
case $status in 0 | 2 | 3) ;; *) exit "$status" ;; esac

count() { wc -l < "$out/$1.txt"; }
killed=$(count caught) missed=$(count missed) hung=$(count timeout) unviable=$(count unviable)
viable=$((killed + missed + hung))
echo "mutants: $viable viable: $killed killed, $missed missed, $hung timed out; $unviable unviable (do not compile)"
[ "$viable" -gt 0 ] || { echo "mutants: nothing was tried"; exit 1; }
tenths=$((killed * 1000 / viable))
echo "mutants: $((tenths / 10)).$((tenths % 10)) % killed, $wanted % wanted"
cat "$out/missed.txt" "$out/timeout.txt"
[ "$tenths" -ge $((wanted * 10)) ]
