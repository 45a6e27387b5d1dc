#!/usr/bin/env bash
# Instructions that the engine takes for each call of the benchmarks, counted by callgrind: the difference
# between two lengths of a run, so that reading and writing do not count. Figures of one compiler on one kind of
# machine repeat to a few instructions, whatever else the machine does.
#
#   cargo build --profile dist && benches/instructions.sh [BINARY]
set -euo pipefail
binary=${1:-target/dist/squall}
here=$(cd "$(dirname "$0")" && pwd)
command -v valgrind >/dev/null || { echo "needs valgrind" >&2; exit 2; }

count() { # scenario duration
  # A run that does not meet its expectations counts as well.
  { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" -q run "$here/$1.yaml" --set "run.duration=$2" || true; } \
    2>&1 >/dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

per_call() { # words scenario short long calls
  local short long
  short=$(count "$2" "$3")
  long=$(count "$2" "$4")
  printf '%-24s %6d\n' "$1" $(((long - short) / $5))
}

per_call 'M/M/1, per customer' mm1 22s 42s 180000
per_call 'three tiers, per call' three-tiers 2s 22s 200000
per_call 'retry storm, per call' storm 200s 400s 180000
per_call 'health check' checks 20s 40s 100000
