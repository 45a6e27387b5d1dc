#!/usr/bin/env python3
"""Squall beside other kernels: processor time of the first two benchmarks, and the ratios.

    python3 benches/compare.py              # builds what is missing, plays 7 rounds
    python3 benches/compare.py --rounds 15 --squall target/dist/squall

All engines are played in turn, round by round, so that a slow moment of the machine meets all of
them. Each round has a seed of its own. What is taken is the processor time of the whole program,
less that of the same program for one second of virtual time: starting, reading and printing are no
part of it. Minimum and median are over the rounds, per customer or call.

The programs must do the same thing: each one's mean latency (M/M/1) must agree with theory, and
attempts and good calls (storm) with each other, within four standard errors.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ERRORS_APART = 4


def own_squall(which, name, seconds, seed):
    file = HERE / f"{name}.yaml"
    change = f"run.duration={seconds}s"
    return [which, "--quiet", "run", file, "--seed", seed, "--set", change, "--format", "json"]


def said_by_squall(name, text):
    report = json.loads(text)
    calls = report["clients"][0]["calls"]
    if name == "mm1":
        ok = next(one for one in calls["outcomes"] if one["outcome"] == "ok")
        mean = ok["latency"]["mean_ns"] / 1e9
        return {"customers": calls["started_total"], "mean_latency_s": mean}
    sent = report["edges"][0]["attempts"]["sent_total"]
    return {"calls": calls["started_total"], "attempts": sent, "good": calls["useful_total"]}


def said_by_kernel(_, text):
    words = text.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}


class Benchmark:
    def __init__(self, name, title, unit, seconds):
        self.name, self.title, self.unit, self.seconds = name, title, unit, seconds


BENCHMARKS = [
    Benchmark("mm1", "M/M/1 at a utilisation of 0.9", "customers", 120),
    Benchmark("storm", "The retry storm", "calls", 600),
]


class Engine:
    def __init__(self, name, command, read, rounds=None):
        self.name, self.command, self.read, self.rounds = name, command, read, rounds

    def play(self, benchmark, seconds, seed):
        """Processor time [s], and what the program counted."""
        words = [str(word) for word in self.command(benchmark.name, seconds, seed)]
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        text = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(words)} ended with {child.returncode}")
        return used.ru_utime + used.ru_stime, self.read(benchmark.name, text)


class Taken:
    """What the rounds of one engine took and counted."""

    def __init__(self):
        self.per_unit_ns, self.counted = [], []

    def add(self, engine, benchmark, seed):
        start, _ = engine.play(benchmark, 1, seed)
        whole, counted = engine.play(benchmark, benchmark.seconds, seed)
        self.per_unit_ns.append((whole - start) / counted[benchmark.unit] * 1e9)
        self.counted.append(counted)

    def least(self):
        return min(self.per_unit_ns)

    def median(self):
        return statistics.median(self.per_unit_ns)


def build(arguments):
    def cargo(*words):
        subprocess.run(["cargo", *words], check=True, cwd=HERE.parent)

    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "kernels" / "target"))
    cargo("build", "--release", "--locked", "--manifest-path", "benches/kernels/Cargo.toml")
    squall = arguments.squall
    if squall is None:
        cargo("build", "--profile", "dist", "--locked", "--package", "sim-cli")
        squall = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "dist/squall"
    return Path(squall).resolve(), target / "release"


def engines(arguments):
    squall, kernels = build(arguments)
    all_of_them = [Engine("squall", lambda *asked: own_squall(squall, *asked), said_by_squall)]
    for kernel in ["simrs", "simrs-lean", "odem-rs"]:
        program = kernels / kernel
        all_of_them.append(Engine(kernel, lambda *asked, program=program: [program, *asked], said_by_kernel))
    if subprocess.run([sys.executable, "-c", "import simpy"], stderr=subprocess.DEVNULL).returncode == 0:
        def simpy(name, seconds, seed):
            return [sys.executable, HERE / "simpy" / f"{name}.py", seconds, seed]

        # A round takes it half a minute.
        all_of_them.append(Engine("SimPy", simpy, said_by_kernel, rounds=1))
    else:
        print("SimPy is left out: this Python has none (pip install simpy)\n")
    return all_of_them


def agree_with_theory(taken):
    """The mean time in an M/M/1 is 1 / (μ - λ); successive times depend on each other, and so the
    variance of a mean over n customers is that of Daley (1968), divided by n."""
    rate, work = 9_000.0, 100e-6
    load = rate * work
    expected = work / (1 - load)
    waiting = load * (2 + 5 * load - 4 * load**2 + load**3) / (1 - load) ** 4 * work**2
    wrong = []
    for name, one in taken.items():
        customers = sum(run["customers"] for run in one.counted)
        mean = sum(run["customers"] * run["mean_latency_s"] for run in one.counted) / customers
        error = math.sqrt((waiting + work**2) / customers)
        print(f"  {name:10} {customers:>11,.0f} customers, mean latency {mean * 1e3:.4f} ms ± {error * 1e3:.4f}")
        if abs(mean - expected) > ERRORS_APART * error:
            wrong.append(f"{name}: mean latency {mean}, expected {expected} ± {error}")
    print(f"  theory   mean latency {expected * 1e3:.4f} ms")
    return wrong


def agree_with_each_other(taken):
    wrong, shares = [], {}
    for name, one in taken.items():
        for what in ["attempts", "good"]:
            values = [run[what] / run["calls"] for run in one.counted]
            spread = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
            shares[name, what] = statistics.mean(values), spread
        calls = sum(run["calls"] for run in one.counted)
        attempts, good = shares[name, "attempts"][0], shares[name, "good"][0]
        print(f"  {name:10} {calls:>11,.0f} calls, {attempts:.4f} attempts per call, {good:.4%} good")
    for (name, what), (mean, spread) in shares.items():
        theirs, their_spread = shares["squall", what]
        if spread is None or their_spread is None:
            continue
        if abs(mean - theirs) > ERRORS_APART * math.hypot(spread, their_spread):
            wrong.append(f"{what} per call: {name} {mean} ± {spread}, squall {theirs} ± {their_spread}")
    return wrong


def compare(benchmark, all_of_them, rounds):
    taken = {engine.name: Taken() for engine in all_of_them}
    for number in range(rounds):
        for engine in all_of_them:
            if number < (engine.rounds or rounds):
                taken[engine.name].add(engine, benchmark, 42 + number)
    print(f"{benchmark.title}: {benchmark.seconds} s of virtual time, {rounds} rounds")
    print(f"  {'':10} {'minimum':>9} {'median':>9}   ns of processor time, of {benchmark.unit}")
    for name, one in taken.items():
        print(f"  {name:10} {one.least():9.1f} {one.median():9.1f}")
    own = taken["squall"]
    for name, one in taken.items():
        if name != "squall":
            least, median = own.least() / one.least(), own.median() / one.median()
            print(f"  squall / {name}: {least:.3f} of the minima, {median:.3f} of the medians")
    check = agree_with_theory if benchmark.name == "mm1" else agree_with_each_other
    wrong = check(taken)
    print()
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is played [7]")
    parser.add_argument("--squall", help="the program; by default it is built in the profile `dist`")
    arguments = parser.parse_args()
    all_of_them = engines(arguments)
    wrong = [one for benchmark in BENCHMARKS for one in compare(benchmark, all_of_them, arguments.rounds)]
    if wrong:
        sys.exit("the programs do not do the same thing:\n  " + "\n  ".join(wrong))


if __name__ == "__main__":
    main()
