"""Three tiers in SimPy: the peer of Squall's third benchmark.

A gateway calls one of ten instances, which calls two distinct ones of twenty in parallel; random
balancing, 200 threads each, a timeout of 500 ms and up to three attempts on every edge, 10,000
calls/s. Prints the processor time per call.

    python3 benches/simpy/three_tiers.py [calls]
"""

import random
import sys
import time

import simpy

RATE = 10_000.0
TIMEOUT_S = 0.5
ATTEMPTS = 3


class Shop:
    def __init__(self, env):
        self.env = env
        self.rng = random.Random(42)
        self.gateway = [simpy.Resource(env, capacity=200)]
        self.middle = [simpy.Resource(env, capacity=200) for _ in range(10)]
        self.back = [simpy.Resource(env, capacity=200) for _ in range(20)]

    def edge(self, start):
        """Attempts until one answers in time."""
        for attempt in range(ATTEMPTS):
            answer = self.env.process(start())
            expiry = self.env.timeout(TIMEOUT_S)
            yield answer | expiry
            if answer.triggered:
                return True
            yield self.env.timeout(self.rng.random() * 0.1 * 2**attempt)
        return False

    def serve_back(self, instance):
        with instance.request() as turn:
            yield turn
            yield self.env.timeout(self.rng.expovariate(1 / 0.003))

    def serve_middle(self, instance):
        with instance.request() as turn:
            yield turn
            yield self.env.timeout(self.rng.expovariate(1 / 0.002))
            chosen = self.rng.sample(self.back, 2)
            branches = [
                self.env.process(self.edge(lambda one=one: self.serve_back(one)))
                for one in chosen
            ]
            yield simpy.AllOf(self.env, branches)

    def serve_gateway(self, instance):
        with instance.request() as turn:
            yield turn
            yield self.env.timeout(self.rng.expovariate(1 / 0.001))
            yield from self.edge(lambda: self.serve_middle(self.rng.choice(self.middle)))

    def arrivals(self, calls):
        for _ in range(calls):
            yield self.env.timeout(self.rng.expovariate(RATE))
            self.env.process(self.edge(lambda: self.serve_gateway(self.gateway[0])))


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    env = simpy.Environment()
    env.process(Shop(env).arrivals(calls))
    before = time.process_time()
    env.run()
    spent = time.process_time() - before
    print(f"simpy {simpy.__version__}: three tiers, {calls} calls")
    print(f"{spent / calls * 1e9:.0f} ns per call")


if __name__ == "__main__":
    main()
