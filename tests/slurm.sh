#!/usr/bin/env bash
# Proves on one host that a Slurm job array gives the bytes of the whole sweep: installs Debian's
# packages if it may, starts munged, slurmctld and slurmd without systemd in a folder of their own,
# submits what `squall sweep emit slurm` writes, and compares.
#
#   tests/slurm.sh [PATH OF squall]
#
# Needs root, and Debian or a relative of it. Exit code 77 says that Slurm is not to be had here.
set -euo pipefail

squall=$(realpath "${1:-target/debug/squall}")
[ "$(id -u)" = 0 ] || { echo "slurm.sh: must be root to start slurmd" >&2; exit 77; }
if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  apt-get install -y -qq --no-install-recommends munge slurmctld slurmd slurm-client >/dev/null 2>&1 \
    || { echo "slurm.sh: the packages munge, slurmctld and slurmd cannot be installed" >&2; exit 77; }
fi

home=$(mktemp -d)
pids=()
finish() {
  local code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne 77 ]; then tail -n 20 "$home"/*.log "$home"/work/shares/*.log >&2 2>/dev/null || true; fi
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$home"
  exit "$code"
}
trap finish EXIT

host=$(hostname -s)
# Other daemons of the same kind may run here.
port=$((20000 + RANDOM % 20000))
mkdir -p "$home"/{state,spool,work,bin}
chmod 755 "$home"
ln -s "$squall" "$home/bin/squall"
export PATH="$home/bin:$PATH" SLURM_CONF="$home/slurm.conf"

cat >"$home/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$home/munge.socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$home/state
SlurmdSpoolDir=$home/spool
SlurmctldPidFile=$home/slurmctld.pid
SlurmdPidFile=$home/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=2048 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF

( umask 077; head -c 1024 /dev/urandom >"$home/munge.key" )
munged --force --foreground --socket="$home/munge.socket" --key-file="$home/munge.key" \
  --pid-file="$home/munge.pid" --seed-file="$home/munge.seed" --log-file="$home/munged.log" >"$home/munged.out" 2>&1 &
pids+=($!)
for _ in $(seq 50); do [ -S "$home/munge.socket" ] && break; sleep 0.1; done
slurmctld -D -c >"$home/slurmctld.log" 2>&1 &
pids+=($!)
slurmd -D -N "$host" >"$home/slurmd.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do
  [ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && break
  sleep 0.2
done
if [ "$(sinfo -h -o %t 2>/dev/null)" != idle ]; then
  tail -n 5 "$home"/*.log >&2
  echo "slurm.sh: the daemons of Slurm do not come up on this host" >&2
  exit 77
fi

cd "$home/work"
squall -q new storm.yaml --from payments-slowdown
axes=(--vary policies.naive.retry.max_attempts=1,2,3 --vary clients.shoppers.arrivals.poisson.rate=300/s,400/s
  --set run.duration=20s --set run.warmup=5s --set 'faults={}' --set 'expect={}' -n 1)
squall -q sweep storm.yaml "${axes[@]}" -o whole >/dev/null
squall -q sweep plan storm.yaml "${axes[@]}" -o plan.json
squall sweep emit slurm plan.json --shards 3 --cpus 1 --memory 256 -o shares >job.sh
merge=$(sh job.sh | tail -n 1)
# The merge waits for the shares.
for _ in $(seq 600); do
  state=$(squeue -h -j "$merge" -o %T 2>/dev/null || true)
  [ -z "$state" ] && break
  sleep 0.2
done
for file in report.json report.md report.html cells.csv; do
  cmp "whole/$file" "shares/$file"
done
[ "$(ls shares/*.jsonl | wc -l)" = 3 ]
echo "slurm.sh: $(slurmctld -V): a job array of 3 shares gives the bytes of the whole sweep"
