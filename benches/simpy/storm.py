"""The retry storm in SimPy: the peer of Squall's second benchmark.

Poisson arrivals of 900/s, 100 threads, exponential work of 100 ms, a queue of 1000, a timeout of
500 ms per attempt after which the server works on, three attempts, exponential backoff from 100 ms
with full jitter, and work that takes ten times as long from 60 to 90 s.
Prints the processor time per event. Events are counted as Squall counts them: arrivals, ends of
work, timeouts that go off, and ends of backoff.

    python3 benches/simpy/storm.py [seconds]
"""

import random
import sys
import time

import simpy

ARRIVALS_PER_S = 900.0
THREADS = 100
QUEUE = 1_000
WORK_S = 0.1
TIMEOUT_S = 0.5
ATTEMPTS = 3
BACKOFF_S = 0.1
SLOW_FROM_S, SLOW_UNTIL_S, SLOW_FACTOR = 60.0, 90.0, 10.0


class Storm:
    def __init__(self, seed):
        self.env = simpy.Environment()
        self.threads = simpy.Resource(self.env, capacity=THREADS)
        self.random = random.Random(seed)
        self.events = self.good = self.failed = 0

    def arrivals(self):
        while True:
            yield self.env.timeout(self.random.expovariate(ARRIVALS_PER_S))
            self.events += 1
            self.env.process(self.call())

    def call(self):
        for attempt in range(ATTEMPTS):
            if len(self.threads.queue) < QUEUE:
                done = self.env.event()
                self.env.process(self.operation(done))
                yield done | self.env.timeout(TIMEOUT_S)
                if done.triggered:
                    self.good += 1
                    return
                self.events += 1
            if attempt + 1 < ATTEMPTS:
                yield self.env.timeout(self.random.random() * BACKOFF_S * 2**attempt)
                self.events += 1
        self.failed += 1

    def operation(self, done):
        with self.threads.request() as turn:
            yield turn
            slow = SLOW_FACTOR if SLOW_FROM_S <= self.env.now < SLOW_UNTIL_S else 1.0
            yield self.env.timeout(self.random.expovariate(1 / WORK_S) * slow)
        self.events += 1
        done.succeed()


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    storm = Storm(42)
    storm.env.process(storm.arrivals())
    before = time.process_time()
    storm.env.run(until=seconds)
    spent = time.process_time() - before
    print(
        f"simpy {simpy.__version__}: retry storm, {seconds:.0f} s, {storm.events} events, "
        f"{storm.good} good calls, {storm.failed} failed"
    )
    print(f"{spent / storm.events * 1e9:.0f} ns per event")


if __name__ == "__main__":
    main()
