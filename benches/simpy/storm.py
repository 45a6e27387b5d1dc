"""The retry storm in SimPy: the peer of Squall's second benchmark.

Poisson arrivals of 900/s, 100 threads, exponential work of 100 ms, a queue of 1000, a timeout of
500 ms per attempt after which the server works on, three attempts, exponential backoff from 100 ms
with full jitter, and work that takes ten times as long from 60 to 90 s.

    python3 benches/simpy/storm.py [SECONDS [SEED]]
"""

import random
import sys

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
        self.calls = self.attempts = self.good = 0

    def arrivals(self):
        while True:
            yield self.env.timeout(self.random.expovariate(ARRIVALS_PER_S))
            self.calls += 1
            self.env.process(self.call())

    def call(self):
        for attempt in range(ATTEMPTS):
            self.attempts += 1
            if len(self.threads.queue) < QUEUE:
                done = self.env.event()
                self.env.process(self.operation(done))
                yield done | self.env.timeout(TIMEOUT_S)
                if done.triggered:
                    self.good += 1
                    return
            if attempt + 1 < ATTEMPTS:
                yield self.env.timeout(self.random.random() * BACKOFF_S * 2**attempt)

    def operation(self, done):
        with self.threads.request() as turn:
            yield turn
            slow = SLOW_FACTOR if SLOW_FROM_S <= self.env.now < SLOW_UNTIL_S else 1.0
            yield self.env.timeout(self.random.expovariate(1 / WORK_S) * slow)
        done.succeed()


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 42
    storm = Storm(seed)
    storm.env.process(storm.arrivals())
    storm.env.run(until=seconds)
    print(f"calls {storm.calls} attempts {storm.attempts} good {storm.good}")


if __name__ == "__main__":
    main()
