#!/usr/bin/env bash
# Processor time of one health check of ten thousand instances, each asked every 2 s from its own node: the
# difference between two lengths of a run, the least of several rounds.
#
#   cargo build --profile dist && benches/checks.sh [BINARY] [ROUNDS]
set -euo pipefail
binary=${1:-target/dist/squall}
rounds=${2:-5}
here=$(cd "$(dirname "$0")" && pwd)

milliseconds() { # duration
  local least=999999 took TIMEFORMAT='%3U'
  for _ in $(seq "$rounds"); do
    took=$( { time "$binary" -q run "$here/checks.yaml" --set "run.duration=$1" >/dev/null; } 2>&1)
    took=$((10#${took/./}))
    least=$((took < least ? took : least))
  done
  echo "$least"
}

# A million checks lie between the two.
short=$(milliseconds 20s)
long=$(milliseconds 220s)
echo "$((long - short)) ns a check"
